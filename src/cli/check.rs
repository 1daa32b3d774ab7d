//! `plimsoll check`: read a project, judge it, print what was found.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{ColorChoice, FAILED, ReadArgs, today};
use crate::check::{Config, Outcome, check};
use crate::date::Date;
use crate::finding::{Finding, Severity};
use crate::model::{Project, read};
use crate::report::paint::Paint;
use crate::report::{Report, concise, human, json};
use crate::rules::{RuleSet, Status, find};

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
    /// Accepted so that scripts can already say it: there is no configuration file yet
    #[arg(long, hide = true)]
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

pub(super) fn run(args: &CheckArgs) -> io::Result<u8> {
    let reading = args.read.read()?;
    let project = Project::link(read::read(reading.discovery));
    let config =
        Config { as_of: args.as_of.unwrap_or_else(today), ignore_comments: !args.no_ignore_comments };
    let mut outcome = check(&project, &RuleSet::default(), &config);
    let is_asked_for = |finding: &Finding| {
        let path = &project.sources.file(finding.primary.span.file).path;
        reading.only.is_empty() || reading.only.iter().any(|asked| path.is_in(asked))
    };
    outcome.findings.retain(is_asked_for);
    let report = Report {
        least: args.severity,
        prefix: &reading.prefix,
        ..Report::new(&project.sources, &project.notes, &outcome)
    };
    args.print(&report)?;
    Ok(status(&outcome, args.fail_on))
}

impl CheckArgs {
    fn print(&self, report: &Report<'_>) -> io::Result<()> {
        let coloured = self.output.is_none() && self.color.on_stdout();
        let text = match self.format {
            Format::Human => human::write(report, Paint { coloured }),
            Format::Concise => concise::write(report),
            Format::Json => json::write(report),
        };
        match &self.output {
            Some(path) => fs::write(path, text)
                .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display()))),
            None => {
                let mut out = io::stdout().lock();
                out.write_all(text.as_bytes())?;
                out.flush()
            }
        }
    }
}

/// 1 when a finding counts: not suppressed, not a note of another, of a rule that is no preview. A check that failed
/// leaves the answer incomplete, which is worse.
fn status(outcome: &Outcome, fail_on: Severity) -> u8 {
    if !outcome.failures.is_empty() {
        return FAILED;
    }
    let counts = |finding: &&Finding| {
        let preview = find(finding.rule).is_some_and(|rule| rule.status == Status::Preview);
        finding.suppressed.is_none()
            && finding.merged_into.is_none()
            && finding.severity >= fail_on
            && !preview
    };
    u8::from(outcome.findings.iter().any(|finding| counts(&finding)))
}
