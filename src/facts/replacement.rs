//! What does the same as a package and is in Node.js already, or lighter: a list that others keep, of which rows were taken over
//! whose replacement needs no judgement, or whose difference is said. `scripts/make-replacements` makes the table.
//!
//! Packages of [`super::heavy`] are not in it: what is said of them depends on how they are used.

use std::sync::LazyLock;

use super::base_images::NodeVersion;
use super::table::{Table, cell};

/// What replaces a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// The package.
    pub package: &'static str,
    /// What replaces it: `Array.isArray`, `tinyglobby`.
    pub name: &'static str,
    /// What that is.
    pub kind: Kind,
    /// Members of the package that it is for; none: for all of it.
    pub only: Vec<&'static str>,
    /// Members of the package that it has nothing for: `hex`; `v4(…)` is one that is called with arguments.
    pub lacks: Vec<&'static str>,
    /// What is different, in words.
    pub note: Option<&'static str>,
    /// Where it is documented.
    pub link: Option<&'static str>,
}

/// What replaces a package is built into Node.js, or another package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// In Node.js.
    Builtin {
        /// The first version that has it, by line and minor.
        since: NodeVersion,
    },
    /// A lighter package.
    Package {
        /// Bytes of an install of it and all it needs.
        bytes: u64,
    },
}

static REPLACEMENTS: LazyLock<Table> =
    LazyLock::new(|| Table::read("replacement", include_str!("replacement.tsv")));

/// The table, for `plimsoll facts`.
pub fn table() -> &'static Table {
    &REPLACEMENTS
}

/// What replaces a package.
pub fn of(package: &str) -> Option<Replacement> {
    let at = REPLACEMENTS.rows.binary_search_by(|row| cell(row, 0).unwrap_or("").cmp(package)).ok()?;
    read(&REPLACEMENTS.rows[at])
}

fn read(row: &[Option<&'static str>]) -> Option<Replacement> {
    let kind = match cell(row, 1)? {
        "builtin" => Kind::Builtin { since: NodeVersion::parse(cell(row, 3)?)? },
        "package" => Kind::Package { bytes: cell(row, 7)?.parse().ok()? },
        _ => return None,
    };
    let members = |at| cell(row, at).map_or_else(Vec::new, |members| members.split(' ').collect());
    Some(Replacement {
        package: cell(row, 0)?,
        name: cell(row, 2)?,
        kind,
        only: members(4),
        lacks: members(5),
        note: cell(row, 8),
        link: cell(row, 9),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::heavy;

    #[test]
    fn every_row_is_readable_and_in_its_place() {
        let table = table();
        assert!(table.rows.len() > 150 && table.seen.is_some() && !table.source.is_empty());
        assert!(table.rows.is_sorted_by(|a, b| a[0] < b[0]), "sorted, each package once");
        for row in &table.rows {
            let found = read(row).unwrap_or_else(|| panic!("{row:?}"));
            assert_eq!((of(found.package), row.len()), (Some(found.clone()), 10), "{row:?}");
            assert!(found.link.is_some_and(|link| link.starts_with("https://")), "{row:?}");
            assert_eq!(heavy::of(found.package).count(), 0, "{row:?}: our own rows say it better");
            if let Kind::Package { bytes } = found.kind {
                let before: u64 = cell(row, 6).unwrap().parse().unwrap();
                assert!(bytes + 100_000 < before, "{row:?}");
            }
        }
        assert_eq!(of("express"), None);
    }
}
