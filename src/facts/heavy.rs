//! Packages that weigh much more than what they are used for needs, with what does the same for less.
//!
//! Bytes are those of one install of one version on one day, and are said to be so: what an image really holds its lock file
//! knows. A row has a condition on how the code uses the package; where nobody knows that, only rows that hold always
//! may be spoken of.

use std::sync::LazyLock;

use super::table::{Table, cell};
use crate::date::Date;

/// A package that is heavier than it need be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heavy {
    /// Its name.
    pub package: &'static str,
    /// When the advice holds.
    pub when: When,
    /// The first major of Node.js that the alternative needs.
    pub since_node: Option<u32>,
    /// Bytes of an install of it and all it needs.
    pub bytes: u64,
    /// The version that was measured.
    pub version: &'static str,
    /// What to use instead, in words.
    pub instead: &'static str,
    /// The day on which it was measured.
    pub seen: Option<Date>,
}

/// How the code must use a package for the advice to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// In whatever way.
    Always,
    /// One of these members is used.
    Used(Vec<&'static str>),
    /// None of these members is used.
    Unused(Vec<&'static str>),
    /// These members are used, and no other: some of them, or all.
    Only(Vec<&'static str>),
    /// At most three members of this member are used.
    Few(&'static str),
    /// Nothing that runs imports or starts it, and an image without what is for development would not have it. Of the packages
    /// that ask for it these do so for builds alone.
    Idle(Vec<&'static str>),
}

/// Members of [`When::Few`] up to which parts are lighter than the whole.
pub const FEW: usize = 3;

static PACKAGES: LazyLock<Table> = LazyLock::new(|| Table::read("heavy", include_str!("heavy/packages.tsv")));

/// The table, for `plimsoll facts`.
pub fn table() -> &'static Table {
    &PACKAGES
}

/// What is known of a package, one row for each way of using it.
pub fn of(package: &str) -> impl Iterator<Item = Heavy> {
    PACKAGES.rows.iter().filter(move |row| cell(row, 0) == Some(package)).filter_map(|row| read(row))
}

fn read(row: &[Option<&'static str>]) -> Option<Heavy> {
    let members = || cell(row, 2).map_or_else(Vec::new, |members| members.split(' ').collect());
    Some(Heavy {
        package: cell(row, 0)?,
        when: match cell(row, 1)? {
            "always" => When::Always,
            "used" => When::Used(members()),
            "unused" => When::Unused(members()),
            "only" => When::Only(members()),
            "few" => When::Few(cell(row, 2)?),
            "idle" => When::Idle(members()),
            _ => return None,
        },
        since_node: cell(row, 3).and_then(|major| major.parse().ok()),
        bytes: cell(row, 4)?.parse().ok()?,
        version: cell(row, 5)?,
        instead: cell(row, 6)?,
        seen: cell(row, 7).and_then(|day| day.parse().ok()).or(PACKAGES.seen),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_readable() {
        assert!(PACKAGES.rows.len() >= 40 && !PACKAGES.source.is_empty());
        for row in &PACKAGES.rows {
            let heavy = read(row).unwrap_or_else(|| panic!("{row:?}"));
            assert!(heavy.bytes > 1_000_000 && heavy.seen.is_some() && !heavy.instead.is_empty(), "{row:?}");
        }
        assert_eq!(of("geoip-lite").count(), 2);
        assert_eq!(of("express").count(), 0);
    }
}
