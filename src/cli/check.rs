//! `plimsoll check`: read a project, judge it, print what was found.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{ColorChoice, ReadArgs, today};
use crate::check::{Outcome, Settings, check};
use crate::date::Date;
use crate::discover::{Discovery, Options, discover};
use crate::finding::Severity;
use crate::model::Project;
use crate::report;
use crate::source::ProjectPath;

#[derive(Args, Debug)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    read: ReadArgs,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Least severity that is printed
    #[arg(long, value_name = "LEVEL", default_value_t = Severity::Info)]
    severity: Severity,
    /// Least severity that makes the exit status 1
    #[arg(long, value_name = "LEVEL", default_value_t = Severity::Error)]
    fail_on: Severity,
    /// Day of end-of-life judgements, YYYY-MM-DD; today when not given
    #[arg(long, value_name = "DATE")]
    as_of: Option<Date>,
    /// Do not read plimsoll.yaml
    #[arg(long)]
    no_config: bool,
    /// Judge as if there were no comments that suppress findings
    #[arg(long)]
    no_ignore_comments: bool,
    /// When to colour
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// With the lines of the files, for people
    Human,
    /// One line per finding
    Concise,
    /// For programs; docs/schema.json describes it
    Json,
}
