//! Packages that others load when they are there, though no code of the project names them.

use std::sync::LazyLock;

use super::table::{Table, cell};

static LOADS: LazyLock<Table> = LazyLock::new(|| Table::read("loads", include_str!("loads.tsv")));

/// The table, for `plimsoll facts`.
pub fn table() -> &'static Table {
    &LOADS
}

/// The packages that may load this one by themselves.
pub fn loaders_of(package: &str) -> impl Iterator<Item = &'static str> {
    let loads = move |row: &&Vec<Option<&'static str>>| {
        cell(row, 1).is_some_and(|loaded| loaded.split('|').any(|name| name == package))
    };
    LOADS.rows.iter().filter(loads).filter_map(|row| cell(row, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drivers_and_engines_have_their_loaders() {
        let loaders = |name: &str| loaders_of(name).collect::<Vec<_>>().join(" ");
        assert_eq!(loaders("tedious"), "sequelize knex");
        assert_eq!(loaders("sharp"), "next");
        assert_eq!(loaders("express"), "");
        assert!(table().seen.is_some());
    }
}
