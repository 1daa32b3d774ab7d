//! `plimsoll checklist`: how the items of production practice stand for each app.

use std::io::{self, Write};

use clap::{Args, ValueEnum};

use super::output::print;
use super::{ColorChoice, FAILED, ReadArgs};
use crate::check::check;
use crate::checklist::checklist;
use crate::date::Date;
use crate::report::checklist as report;
use crate::report::paint::Paint;

#[derive(Args, Debug)]
pub(super) struct ChecklistArgs {
    #[command(flatten)]
    read: ReadArgs,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Day of end-of-life judgements, YYYY-MM-DD; that of the configuration, else today
    #[arg(long, value_name = "DATE")]
    as_of: Option<Date>,
    /// When to colour
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table, for people
    Table,
    /// A table in Markdown, for pages
    Markdown,
    /// For programs; docs/schema.json describes it
    Json,
}

pub(super) fn run(args: &ChecklistArgs) -> io::Result<u8> {
    let mut reading = args.read.read()?;
    let config = reading.config(args.as_of);
    let rules = reading.configuration.rule_set();
    let project = reading.project();
    let outcome = check(&project, &rules, &config);
    let apps = checklist(&project, &outcome, config.as_of);
    let (sources, prefix) = (&project.sources, reading.prefix.as_str());
    let text = match args.format {
        Format::Table => report::table(sources, &apps, prefix, Paint { coloured: args.color.on_stdout() }),
        Format::Markdown => report::markdown(sources, &apps, prefix),
        Format::Json => report::json(sources, &apps),
    };
    print(&text)?;
    for failure in &outcome.failures {
        writeln!(io::stderr(), "error: rule {} failed: {}", failure.rule, failure.message)?;
    }
    Ok(if outcome.failures.is_empty() { 0 } else { FAILED })
}
