//! What is done with findings that are not new: those of the baseline, and those that no change has part in.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::read::{Reading, named};
use crate::baseline::{self, Baseline};
use crate::check::Outcome;
use crate::discover::Discovery;
use crate::git;
use crate::model::{Note, Project};
use crate::report::count;
use crate::rules::RuleSet;
use crate::since::{self, Before};

/// What is done with findings that are not new.
#[derive(Args, Debug)]
pub(super) struct OldArgs {
    /// Print only what changed since this branch or commit parted from here: findings that are new since, and those
    /// that point at changed lines
    #[arg(long, value_name = "REF")]
    changed_since: Option<String>,
    /// Do not count the findings in this file [default: plimsoll.baseline.json in the root, when there is one]
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Count all findings, whatever the baseline says
    #[arg(long, conflicts_with_all = ["baseline", "write_baseline"])]
    no_baseline: bool,
    /// Write all findings to the baseline, in the place of what it holds, so that only new ones count from now on
    #[arg(long, conflicts_with_all = ["changed_since", "fix", "diff"])]
    write_baseline: bool,
}

/// Leaves out what no change since then is answerable for, and says how much that is.
pub(super) fn leave_unconcerned(project: &Project, before: Before<'_>, outcome: &mut Outcome) {
    let concerned = since::concerned(&project.sources, &outcome.findings, before);
    let all = outcome.findings.iter().filter(|finding| finding.is_open()).count();
    let mut concerned = concerned.into_iter();
    outcome.findings.retain(|_| concerned.next() == Some(true));
    let left = all - outcome.findings.iter().filter(|finding| finding.is_open()).count();
    if left > 0 {
        let message = format!(
            "{} not printed: nothing that changed has part in it",
            count(left, "finding is", "findings are")
        );
        outcome.notes.push(Note { span: None, message });
    }
}

impl OldArgs {
    /// The files as they were, where that is asked for; a note when it cannot be known.
    pub(super) fn before(&self, reading: &Reading) -> Option<Result<Discovery, Note>> {
        let reference = self.changed_since.as_deref()?;
        let earlier = match &reading.root {
            Some(root) => git::earlier(root, reference, reading.discovery.reads())
                .map_err(|trouble| trouble.to_string()),
            None => Err("standard input has no history".to_owned()),
        };
        Some(match earlier {
            Ok(earlier) => Ok(reading.discovery.as_it_was(earlier.files)),
            Err(why) => {
                let message = format!(
                    "all findings are printed, because what changed since {reference} is not known: {why}"
                );
                Err(Note { span: None, message })
            }
        })
    }

    /// Writes the baseline where that is asked for, and takes what is in it out of the count.
    pub(super) fn baseline(
        &self,
        reading: &Reading,
        project: &Project,
        rules: &RuleSet,
        outcome: &mut Outcome,
    ) -> io::Result<()> {
        let Some(root) = reading.root.as_ref().filter(|_| !self.no_baseline) else { return Ok(()) };
        let path = self.baseline.clone().unwrap_or_else(|| root.join(baseline::NAME));
        let baseline = if self.write_baseline {
            if !reading.only.is_empty() {
                return Err(io::Error::other("the baseline is written for a whole project: name its folder"));
            }
            let baseline = Baseline::of(&project.sources, outcome);
            fs::write(&path, baseline.text()).map_err(|error| named(&path, &error))?;
            writeln!(io::stderr(), "{} in {}", count(baseline.len(), "finding", "findings"), path.display())?;
            baseline
        } else {
            let text = match fs::read_to_string(&path) {
                Ok(text) => text,
                Err(error) if error.kind() == io::ErrorKind::NotFound && self.baseline.is_none() => {
                    return Ok(());
                }
                Err(error) => return Err(named(&path, &error)),
            };
            Baseline::read(&text)
                .map_err(|fault| named(&path, &io::Error::new(io::ErrorKind::InvalidData, fault)))?
        };
        let gone = baseline.apply(outcome, rules);
        outcome.notes.extend(gone.filter(|_| reading.only.is_empty()));
        Ok(())
    }
}
