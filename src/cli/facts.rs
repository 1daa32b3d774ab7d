//! `plimsoll facts`: the tables that judgements stand on, with their sources.

use std::io;

use clap::Args;

use super::output::print;
use crate::facts::table::Table;
use crate::facts::{base_images, end_of_life, heavy, loads, native, replacement, size};
use crate::model::chain;
use crate::report::count;

#[derive(Args, Debug)]
pub(super) struct FactsArgs {
    /// Name of a table; all tables are listed when it is left out
    table: Option<String>,
}

fn tables() -> Vec<&'static Table> {
    let single = [heavy::table(), loads::table(), native::table(), replacement::table(), size::table()];
    base_images::tables().into_iter().chain(end_of_life::tables()).chain(single).collect()
}

/// What the measured table of signals is called.
const SIGNALS: &str = "signals";

pub(super) fn run(args: &FactsArgs) -> io::Result<u8> {
    let text = match &args.table {
        None => list(),
        Some(name) if name == SIGNALS => signals(),
        Some(name) => match tables().into_iter().find(|table| table.name == name) {
            Some(table) => rows(table),
            None => {
                let message = format!("there is no table {name:?}: `plimsoll facts` lists them");
                return Err(io::Error::new(io::ErrorKind::NotFound, message));
            }
        },
    };
    print(&text)?;
    Ok(0)
}

fn list() -> String {
    let of_table = |table: &Table| {
        let day = table.seen.map_or_else(String::new, |day| format!(", seen {day}"));
        let rows = count(table.rows.len(), "row", "rows");
        format!("{}: {rows}\n    {}{day}\n", table.name, table.source)
    };
    let rows = count(chain::ROWS.len(), "row", "rows");
    let signals = format!("{SIGNALS}: {rows}\n    measured; each row names its source\n");
    tables().into_iter().map(of_table).chain([signals]).collect()
}

/// The rows as they are in the repository: cells parted by tabs, `-` for none.
fn rows(table: &Table) -> String {
    let day = table.seen.map_or_else(String::new, |day| format!("; seen {day}"));
    let mut text = format!("# source: {}{day}\n", table.source);
    for row in &table.rows {
        let cells: Vec<&str> = row.iter().map(|cell| cell.unwrap_or("-")).collect();
        text.push_str(&cells.join("\t"));
        text.push('\n');
    }
    text
}

fn signals() -> String {
    let row = |row: &&chain::Row| format!("{}\t{}\t{}\t{}\n", row.id, row.program, row.result, row.source);
    chain::ROWS.iter().map(row).collect()
}
