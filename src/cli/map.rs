//! `plimsoll map`: what belongs together, and why.

use std::io;

use clap::{Args, ValueEnum};

use super::output::print;
use super::{ColorChoice, ReadArgs};
use crate::report::map;
use crate::report::paint::Paint;

#[derive(Args, Debug)]
pub(super) struct MapArgs {
    #[command(flatten)]
    read: ReadArgs,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Tree)]
    format: Format,
    /// When to colour
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A tree, for people
    Tree,
    /// A Mermaid flowchart, for pages that draw it
    Mermaid,
    /// For programs; docs/schema.json describes it
    Json,
}

pub(super) fn run(args: &MapArgs) -> io::Result<u8> {
    let mut reading = args.read.read()?;
    let project = reading.project();
    let map = map::draw(&project);
    let text = match args.format {
        Format::Tree => map::tree(&map, &reading.prefix, Paint { coloured: args.color.on_stdout() }),
        Format::Mermaid => map::mermaid(&map),
        Format::Json => map::json(&map),
    };
    print(&text)?;
    Ok(0)
}
