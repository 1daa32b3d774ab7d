//! `plimsoll rules`: the list of all rules.

use std::io::{self, Write};

use clap::{Args, ValueEnum};

use super::ColorChoice;
use crate::report::paint::Paint;
use crate::report::rules;
use crate::rules::all;

#[derive(Args, Debug)]
pub(super) struct RulesArgs {
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// When to colour
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table
    Human,
    /// For programs; docs/schema.json describes it
    Json,
}

pub(super) fn run(args: &RulesArgs) -> io::Result<u8> {
    let text = match args.format {
        Format::Human => rules::table(all(), Paint { coloured: args.color.on_stdout() }),
        Format::Json => rules::json(all()),
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(0)
}
