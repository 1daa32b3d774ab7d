//! Packages with compiled code that is bound to the C library of the system they were installed on.

use std::sync::LazyLock;

use super::lock::{Lock, LockedPackage, Reach};
use super::table::{Table, cell};

static NATIVE: LazyLock<Table> = LazyLock::new(|| Table::read("native", include_str!("native.tsv")));

/// The table, for `plimsoll facts`.
pub fn table() -> &'static Table {
    &NATIVE
}

/// The names of packages that a lock file installs for one C library alone, among those that are reached.
pub fn bound_to_libc(lock: &Lock, reach: &Reach) -> Vec<String> {
    let reached = lock.packages.iter().zip(&reach.packages).filter(|(_, reached)| **reached);
    let mut names: Vec<String> =
        reached.filter(|(package, _)| is_bound(package)).map(|(package, _)| package.name.clone()).collect();
    names.sort();
    names.dedup();
    names
}

fn is_bound(package: &LockedPackage) -> bool {
    let major = || package.version.as_deref()?.split('.').next()?.parse::<u32>().ok();
    let Some(row) = NATIVE.rows.iter().find(|row| cell(row, 0) == Some(package.name.as_str())) else {
        return false;
    };
    match cell(row, 1).and_then(|from| from.parse::<u32>().ok()) {
        Some(from) => major().is_some_and(|major| major < from),
        None => true,
    }
}
