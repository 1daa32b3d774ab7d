//! `plimsoll check`: read a project, judge it, print what was found.

use std::io::{self, Write};

use clap::Args;

use super::fix::{self, HowArgs};
use super::old::{OldArgs, leave_unconcerned};
use super::output::{Around, OutputArgs};
use super::read::Reading;
use super::{FAILED, ReadArgs};
use crate::check::{Config, Outcome, check};
use crate::checklist::{AppChecklist, checklist};
use crate::date::Date;
use crate::finding::{Finding, Severity};
use crate::model::Project;
use crate::report::{Report, clean, diff};
use crate::rules::{Status, find};
use crate::since::Before;

#[derive(Args, Debug)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    output: OutputArgs,
    /// Least severity that is printed
    #[arg(long, value_name = "LEVEL", default_value_t = Severity::Info)]
    severity: Severity,
    /// Least severity that makes the exit status 1: error, when neither this nor the configuration says another
    #[arg(long, value_name = "LEVEL")]
    fail_on: Option<Severity>,
    /// Day of end-of-life judgements, YYYY-MM-DD; that of the configuration, else today
    #[arg(long, value_name = "DATE")]
    as_of: Option<Date>,
    /// Mend what can be mended, and report the rest
    #[arg(long)]
    fix: bool,
    #[command(flatten)]
    how: HowArgs,
    /// Judge as if there were no comments that suppress findings
    #[arg(long)]
    no_ignore_comments: bool,
    #[command(flatten)]
    old: OldArgs,
}

pub(super) fn run(args: &CheckArgs) -> io::Result<u8> {
    let mut reading = args.read.read()?;
    let config = Config { ignore_comments: !args.no_ignore_comments, ..reading.config(args.as_of) };
    let rules = reading.configuration.rule_set();
    if args.fix || args.how.diff {
        let allowed = fix::allowed(&args.how, Vec::new(), &reading);
        let mended = fix::mended(&reading, &allowed, &rules, &config);
        if args.how.diff {
            let (paint, is_terminal) = (args.output.paint(), args.output.is_terminal());
            args.output.write(&diff::write(&reading.discovery.sources, &mended.texts, paint, is_terminal))?;
            return Ok(u8::from(!mended.texts.is_empty()));
        }
        fix::write(&reading, &mended)?;
        io::stderr().write_all(fix::said(&reading, &mended, &args.how).as_bytes())?;
        let mut outcome = mended.outcome;
        args.old.baseline(&reading, &config.place, &mended.project, &rules, &mut outcome)?;
        let checklist = args.checklist(&mended.project, &outcome, &config);
        return args.report(&reading, &mended.project, outcome, &checklist);
    }
    let before = args.old.before(&reading);
    let project = reading.project();
    let mut outcome = check(&project, &rules, &config);
    args.old.baseline(&reading, &config.place, &project, &rules, &mut outcome)?;
    // Before anything is left out: what is not printed is broken all the same.
    let checklist = args.checklist(&project, &outcome, &config);
    match before {
        None => {}
        Some(Err(note)) => {
            if !args.output.shows_notes() {
                writeln!(io::stderr(), "note: {}", clean::line(&note.message))?;
            }
            outcome.notes.push(note);
        }
        Some(Ok(discovery)) => {
            let before = Project::told(discovery, &reading.configuration.told);
            let judged = check(&before, &rules, &config);
            leave_unconcerned(&project, Before { sources: &before.sources, outcome: &judged }, &mut outcome);
        }
    }
    args.report(&reading, &project, outcome, &checklist)
}

impl CheckArgs {
    /// How the checklist stands, when it is printed.
    fn checklist(&self, project: &Project, outcome: &Outcome, config: &Config) -> Vec<AppChecklist> {
        match self.output.shows_checklist() {
            true => checklist(project, outcome, config.as_of),
            false => Vec::new(),
        }
    }

    /// Prints what was asked for, and says what the exit status is.
    fn report(
        &self,
        reading: &Reading,
        project: &Project,
        mut outcome: Outcome,
        checklist: &[AppChecklist],
    ) -> io::Result<u8> {
        let path = |finding: &Finding| &project.sources.file(finding.primary.span.file).path;
        outcome.findings.retain(|finding| reading.asks_for(path(finding)));
        let report = Report {
            checklist,
            least: self.severity,
            prefix: &reading.prefix,
            ..Report::new(&project.sources, &project.notes, &outcome)
        };
        match self.output.report(&report, Around { project, root: reading.root.as_deref() }) {
            // Whoever read has seen enough: what was found stays found.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            done => done?,
        }
        let fail_on = self.fail_on.or(reading.configuration.fail_on).unwrap_or(Severity::Error);
        Ok(status(&outcome, fail_on))
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
        finding.is_open() && finding.severity >= fail_on && !preview
    };
    u8::from(outcome.findings.iter().any(|finding| counts(&finding)))
}
