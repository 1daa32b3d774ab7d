//! What is done with findings that are not new: those of the baseline, and those that no change has part in.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::output::write_file;
use super::read::{Reading, named, repository_of};
use crate::baseline::{self, Baseline};
use crate::check::Outcome;
use crate::discover::Discovery;
use crate::git;
use crate::model::{Note, Project};
use crate::report::count;
use crate::rules::RuleSet;
use crate::since::{self, Before};
use crate::source::ProjectPath;

/// What is done with findings that are not new.
#[derive(Args, Debug)]
pub(super) struct OldArgs {
    /// Print only what changed since this branch or commit parted from here: findings that are new since, and those
    /// that point at changed lines
    #[arg(long, value_name = "REF", conflicts_with_all = ["fix", "diff"])]
    changed_since: Option<String>,
    /// Do not count the findings in this file [default: the plimsoll.baseline.json of the folder or of those above it]
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

    /// Writes the baseline where that is asked for, and takes what is in it out of the count. What a person should know of
    /// it goes to the notes. `place` is that of the [check](crate::check::Config::place).
    pub(super) fn baseline(
        &self,
        reading: &Reading,
        place: &str,
        project: &Project,
        rules: &RuleSet,
        outcome: &mut Outcome,
    ) -> io::Result<()> {
        let Some(root) = reading.root.as_ref().filter(|_| !self.no_baseline) else { return Ok(()) };
        if self.write_baseline && !reading.only.is_empty() {
            return Err(io::Error::other("the baseline is written for a whole folder: name that"));
        }
        // Entries of files that this run leaves out are neither gone nor to be forgotten.
        let is_judged = |path: &str| {
            let Some(path) = path.strip_prefix(place).and_then(ProjectPath::new) else { return false };
            reading.asks_for(&path)
                && (project.sources.find(&path).is_some() || !root.join(path.as_str()).exists())
        };
        let path = self.baseline.clone().or_else(|| found(root)).unwrap_or_else(|| root.join(baseline::NAME));
        let older = match fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() => Some(read(&path)),
            Ok(_) => return Err(io::Error::other(format!("{}: this is no file", path.display()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(named(&path, &error)),
        };
        let baseline = match older {
            older if self.write_baseline => {
                let mut baseline = Baseline::of(&project.sources, place, outcome);
                // One that cannot be read is written anew.
                older.into_iter().flatten().for_each(|older| baseline.keep(older, is_judged));
                write_file(&path, &baseline.text())?;
                let entries = count(baseline.len(), "finding", "findings");
                writeln!(io::stderr(), "{entries} in {}", path.display())?;
                baseline
            }
            Some(older) => older?,
            None if self.baseline.is_some() => {
                return Err(named(&path, &io::Error::new(io::ErrorKind::NotFound, "there is no such file")));
            }
            None => return Ok(()),
        };
        let gone = baseline.apply(outcome, rules, is_judged);
        outcome.notes.extend(gone);
        Ok(())
    }
}

/// The baseline of a project: in its root or above, up to the root of the repository.
fn found(root: &Path) -> Option<PathBuf> {
    let direct = root.join(baseline::NAME);
    if direct.exists() {
        return Some(direct);
    }
    let real = root.canonicalize().ok()?;
    let repository = repository_of(&real)?;
    let inside = real.ancestors().take_while(|folder| folder.starts_with(repository));
    inside.map(|folder| folder.join(baseline::NAME)).find(|path| path.exists())
}

fn read(path: &Path) -> io::Result<Baseline> {
    let text = fs::read_to_string(path).map_err(|error| named(path, &error))?;
    let fault = |fault| named(path, &io::Error::new(io::ErrorKind::InvalidData, fault));
    Baseline::read(text.trim_start_matches('\u{feff}')).map_err(fault)
}
