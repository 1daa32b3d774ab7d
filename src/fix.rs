//! Applies what findings offer. [`mend`] chooses fixes that do not get in each other's way, applies them, reads the
//! project again, and goes on until nothing is left that may be applied. It writes no file: the texts go back to
//! whoever asked.
//!
//! A fix that would bring a finding of its own is not applied, whatever its rule promised.

mod choose;

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::check::Outcome;
use crate::discover::Discovery;
use crate::finding::{Edit, Finding, Fix, Safety};
use crate::model::Project;
use crate::source::{FileId, ProjectPath, Sources};
use crate::syntax::edit;
use choose::{Chosen, choose};

/// Rounds after which applying ends. One fix can make room for another; a longer row is a fault of the rules.
const MOST_ROUNDS: usize = 10;

/// Which fixes may be applied.
#[derive(Clone, Debug, Default)]
pub struct Allowed {
    /// Those too that a person has to look at.
    pub unsafe_fixes: bool,
    /// Those of these rules only; empty for all.
    pub rules: Vec<String>,
    /// Those only of findings in these files and folders; empty for all.
    pub paths: Vec<ProjectPath>,
}

impl Allowed {
    /// The best fix of a finding that may be applied.
    fn fix<'f>(&self, sources: &Sources, finding: &'f Finding) -> Option<&'f Fix> {
        let path = &sources.file(finding.primary.span.file).path;
        let is_named = self.rules.iter().any(|rule| rule == finding.rule);
        let is_asked_for = (self.rules.is_empty() || is_named)
            && (self.paths.is_empty() || self.paths.iter().any(|asked| path.is_in(asked)));
        if finding.suppressed.is_some() || !is_asked_for {
            return None;
        }
        finding.fixes.iter().find(|fix| match fix.safety {
            Safety::Safe => true,
            Safety::Unsafe => self.unsafe_fixes,
            Safety::Asked => self.unsafe_fixes && is_named,
        })
    }
}

/// A fix that was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The rule whose finding it removed.
    pub rule: &'static str,
    /// What it did.
    pub title: String,
    /// The file of the finding.
    pub path: ProjectPath,
    /// The line of the finding, from 1, as it was in the round that mended it.
    pub line: u32,
}

/// A project after its fixes.
#[derive(Debug)]
pub struct Mended {
    /// The files that are other than they were, or new.
    pub texts: BTreeMap<ProjectPath, String>,
    /// What was done, in order.
    pub applied: Vec<Applied>,
    /// The project as it is then.
    pub project: Project,
    /// What is left to say of it.
    pub outcome: Outcome,
}

/// Applies the fixes that are offered by the findings of `judge`, which reads files and checks them, as far as they are allowed.
pub fn mend(
    mut discovery: Discovery,
    allowed: &Allowed,
    judge: impl Fn(Discovery) -> (Project, Outcome),
) -> Mended {
    let mut texts = BTreeMap::new();
    let mut applied = Vec::new();
    let (mut project, mut outcome) = judge(discovery.clone());
    for _ in 0..MOST_ROUNDS {
        let chosen = choose(&project.sources, &outcome.findings, allowed);
        let Some(round) = Round::take(&discovery, &project, &outcome, chosen, &judge) else { break };
        applied.extend(round.applied);
        texts.extend(round.texts);
        (discovery, project, outcome) = (round.discovery, round.project, round.outcome);
    }
    Mended { texts, applied, project, outcome }
}

/// What one round of fixes made.
struct Round {
    discovery: Discovery,
    project: Project,
    outcome: Outcome,
    texts: BTreeMap<ProjectPath, String>,
    applied: Vec<Applied>,
}

impl Round {
    /// Applies all chosen fixes at once. When that brings a finding, the guilty ones are found by halves and left out.
    fn take(
        discovery: &Discovery,
        project: &Project,
        outcome: &Outcome,
        chosen: Vec<Chosen<'_>>,
        judge: &impl Fn(Discovery) -> (Project, Outcome),
    ) -> Option<Round> {
        let mut open = vec![chosen];
        while let Some(fixes) = open.pop() {
            if fixes.is_empty() {
                continue;
            }
            let round = Round::of(discovery, project, &fixes, judge);
            if !brings_any(project, outcome, &round) {
                return Some(round);
            }
            let mut first = fixes;
            let second = first.split_off(first.len() / 2);
            if !first.is_empty() {
                open.extend([second, first]);
            }
        }
        None
    }

    fn of(
        discovery: &Discovery,
        project: &Project,
        fixes: &[Chosen<'_>],
        judge: &impl Fn(Discovery) -> (Project, Outcome),
    ) -> Round {
        let mut discovery = discovery.clone();
        let edits = fixes.iter().flat_map(|chosen| &chosen.fix.edits);
        let mut texts = edited(&project.sources, edits);
        for file in fixes.iter().flat_map(|chosen| &chosen.fix.creates) {
            texts.insert(file.path.clone(), file.text.clone());
        }
        for (path, text) in &texts {
            discovery.put(path.clone(), text.clone());
        }
        let applied = fixes.iter().map(|chosen| chosen.applied(&project.sources)).collect();
        let (project, outcome) = judge(discovery.clone());
        Round { discovery, project, outcome, texts, applied }
    }
}

/// The texts of the files that edits are in, after them. The edits do not overlap.
pub fn edited<'e>(
    sources: &Sources,
    edits: impl IntoIterator<Item = &'e Edit>,
) -> BTreeMap<ProjectPath, String> {
    let mut by_file: BTreeMap<FileId, Vec<Edit>> = BTreeMap::new();
    for edit in edits {
        by_file.entry(edit.span.file).or_default().push(edit.clone());
    }
    let text = |(file, edits): (FileId, Vec<Edit>)| {
        let file = sources.file(file);
        Some((file.path.clone(), edit::apply(file.text(), &edits)?))
    };
    by_file.into_iter().filter_map(text).collect()
}

/// True when a file has more findings of some rule than before.
fn brings_any(project: &Project, before: &Outcome, round: &Round) -> bool {
    let count = |project: &Project, outcome: &Outcome| {
        let mut counts: FxHashMap<(&'static str, ProjectPath), usize> = FxHashMap::default();
        for finding in &outcome.findings {
            let path = project.sources.file(finding.primary.span.file).path.clone();
            *counts.entry((finding.rule, path)).or_default() += 1;
        }
        counts
    };
    let before = count(project, before);
    let after = count(&round.project, &round.outcome);
    after.into_iter().any(|(key, count)| count > before.get(&key).copied().unwrap_or(0))
}

#[cfg(test)]
mod tests;
