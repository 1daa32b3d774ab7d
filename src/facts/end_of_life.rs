//! Until when releases get fixes: lines of Node.js, Debian, Ubuntu and Alpine Linux.
//!
//! The tables lie beside this file, each with its source and the day it was seen. What they do not hold is not known:
//! no rule of thumb fills a gap.

use std::sync::LazyLock;

use super::table::{Table, cell};
use crate::date::Date;

/// How long a release is looked after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Support {
    /// The day of its release.
    pub released: Option<Date>,
    /// For Node.js, the day from which it is a long-term line.
    pub lts_from: Option<Date>,
    /// The last day of regular support: for Node.js and Alpine the end of life.
    pub end: Date,
    /// The last day of long-term support by volunteers, where there is such (Debian LTS).
    pub lts_end: Option<Date>,
    /// Where the dates are from.
    pub source: &'static str,
    /// The day on which the source was read.
    pub seen: Option<Date>,
}

impl Support {
    /// The last day on which fixes come from anyone, extended support that is paid for excepted.
    pub fn last_day(&self) -> Date {
        self.lts_end.map_or(self.end, |end| end.max(self.end))
    }

    /// True when no fixes come any more on `day`.
    pub fn is_over(&self, day: Date) -> bool {
        day > self.last_day()
    }
}

static NODE: LazyLock<Table> = LazyLock::new(|| Table::read("node", include_str!("end_of_life/node.tsv")));
static DEBIAN: LazyLock<Table> =
    LazyLock::new(|| Table::read("debian", include_str!("end_of_life/debian.tsv")));
static UBUNTU: LazyLock<Table> =
    LazyLock::new(|| Table::read("ubuntu", include_str!("end_of_life/ubuntu.tsv")));
static ALPINE: LazyLock<Table> =
    LazyLock::new(|| Table::read("alpine", include_str!("end_of_life/alpine.tsv")));

/// All tables, for `plimsoll facts`.
pub fn tables() -> [&'static Table; 4] {
    [&NODE, &DEBIAN, &UBUNTU, &ALPINE]
}

/// The columns of a table that hold dates.
struct Columns {
    released: usize,
    lts_from: Option<usize>,
    end: usize,
    lts_end: Option<usize>,
}

fn find(table: &Table, name: &str, keys: &[usize], columns: &Columns) -> Option<Support> {
    let row = table.rows.iter().find(|row| keys.iter().any(|key| cell(row, *key) == Some(name)))?;
    let date = |column: usize| cell(row, column).and_then(|text| text.parse().ok());
    Some(Support {
        released: date(columns.released),
        lts_from: columns.lts_from.and_then(date),
        end: date(columns.end)?,
        lts_end: columns.lts_end.and_then(date),
        source: table.source,
        seen: table.seen,
    })
}

/// A line of Node.js, by its major version.
pub fn node(major: u32) -> Option<Support> {
    find(&NODE, &major.to_string(), &[0], &Columns { released: 1, lts_from: Some(2), end: 4, lts_end: None })
}

/// A release of Debian, by codename (`bookworm`) or version (`12`).
pub fn debian(release: &str) -> Option<Support> {
    find(&DEBIAN, release, &[0, 1], &Columns { released: 2, lts_from: None, end: 3, lts_end: Some(4) })
}

/// A release of Ubuntu, by version (`24.04`) or codename (`noble`).
pub fn ubuntu(release: &str) -> Option<Support> {
    find(&UBUNTU, release, &[0, 1], &Columns { released: 2, lts_from: None, end: 3, lts_end: None })
}

/// A release of Alpine Linux, by its first two numbers (`3.22`).
pub fn alpine(release: &str) -> Option<Support> {
    find(&ALPINE, release, &[0], &Columns { released: 1, lts_from: None, end: 2, lts_end: None })
}

/// The majors of Node.js that get fixes on `day`, oldest first.
pub fn supported_node(day: Date) -> Vec<u32> {
    let majors = NODE.rows.iter().filter_map(|row| cell(row, 0)?.parse().ok());
    let alive = |major: &u32| {
        node(*major).is_some_and(|line| !line.is_over(day) && line.released.is_some_and(|from| from <= day))
    };
    majors.filter(alive).collect()
}

/// The release of Alpine Linux (`alpine`), Debian or Ubuntu that gets fixes for longest on `day`, by its version.
pub fn newest_release(distribution: &str, day: Date) -> Option<(&'static str, Support)> {
    let (table, column) = match distribution {
        "alpine" => (&ALPINE, 0),
        "debian" => (&DEBIAN, 1),
        "ubuntu" => (&UBUNTU, 0),
        _ => return None,
    };
    let support = |release: &str| match distribution {
        "alpine" => alpine(release),
        "debian" => debian(release),
        _ => ubuntu(release),
    };
    let names = table.rows.iter().filter_map(|row| cell(row, column));
    let found = names.filter_map(|name| Some((name, support(name)?)));
    let is_out = |support: &Support| support.released.is_some_and(|released| released <= day);
    found.filter(|(_, support)| is_out(support)).max_by_key(|(_, support)| support.last_day())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn node_lines_end_when_the_schedule_says() {
        let today = day("2026-11-20");
        assert!(node(20).unwrap().is_over(today));
        assert!(!node(20).unwrap().is_over(day("2026-04-30")));
        assert!(node(20).unwrap().is_over(day("2026-05-01")));
        assert_eq!(node(27).unwrap().lts_from, None);
        assert_eq!(node(99), None);
        assert_eq!(supported_node(today), [22, 24, 26]);
    }

    #[test]
    fn debian_has_two_ends() {
        let bookworm = debian("bookworm").unwrap();
        assert_eq!((bookworm.end, bookworm.lts_end), (day("2026-07-11"), Some(day("2028-06-30"))));
        assert!(!bookworm.is_over(day("2026-11-20")));
        assert_eq!(debian("12"), Some(bookworm));
        assert!(debian("bullseye").unwrap().is_over(day("2026-11-20")));
    }

    #[test]
    fn the_newest_release_is_out() {
        let newest = |name, today: &str| newest_release(name, day(today)).map(|(release, _)| release);
        assert_eq!(newest("alpine", "2026-11-20"), Some("3.23"));
        assert_eq!(newest("debian", "2025-01-01"), Some("12"));
        assert_eq!(newest("ubuntu", "2026-11-20"), Some("26.04"));
    }

    #[test]
    fn every_row_is_readable_and_every_table_has_a_source() {
        for table in tables() {
            assert!(table.seen.is_some() && !table.source.is_empty(), "{}", table.name);
            assert!(table.rows.len() >= 7);
            for row in &table.rows {
                let name = cell(row, 0).unwrap();
                let found = match table.name {
                    "node" => node(name.parse().unwrap()),
                    "debian" => debian(name),
                    "ubuntu" => ubuntu(name),
                    _ => alpine(name),
                };
                let support = found.unwrap_or_else(|| panic!("{} {name}", table.name));
                assert!(support.released.unwrap() < support.end);
            }
        }
        assert_eq!(alpine("3.24"), None, "its end was not in the source");
        assert_eq!(ubuntu("noble").unwrap().end, day("2029-05-31"));
    }
}
