//! What people and programs are told: one module per format. Formats read findings and sources and decide nothing;
//! whatever comes from the files or paths of the project passes [`clean::line`] before it reaches a terminal.

pub mod checklist;
pub mod checkstyle;
pub mod clean;
pub mod concise;
pub mod diff;
mod excerpt;
pub mod explain;
pub mod github;
pub mod gitlab;
pub mod html;
pub mod human;
pub mod json;
pub mod junit;
pub mod map;
pub mod markdown;
pub mod paint;
pub mod rules;
pub mod sarif;
pub mod weigh;
mod words;
mod xml;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::check::{Failure, Outcome};
use crate::checklist::AppChecklist;
use crate::finding::{Finding, Severity};
use crate::model::Note;
use crate::source::{FileId, Position, Sources, Span};

/// What there is to report, and how much of it is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The files that findings point into.
    pub sources: &'a Sources,
    /// The findings, those included that nobody is to be shown.
    pub findings: &'a [Finding],
    /// What a person should know of the reading.
    pub notes: &'a [Note],
    /// What a person should know of the checking.
    pub remarks: &'a [Note],
    /// How the items of the checklist stand; only some formats show them.
    pub checklist: &'a [AppChecklist],
    /// Checks that failed.
    pub failures: &'a [Failure],
    /// The least severity that is shown.
    pub least: Severity,
    /// What people are shown before each path (`services/`), so that it can be opened from where they stand.
    pub prefix: &'a str,
}

/// How many findings there are of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Of severity error.
    pub errors: usize,
    /// Of severity warning.
    pub warnings: usize,
    /// Of severity info.
    pub infos: usize,
}

impl<'a> Report<'a> {
    /// A report on everything that checking a project gave.
    pub fn new(sources: &'a Sources, notes: &'a [Note], outcome: &'a Outcome) -> Report<'a> {
        Report {
            sources,
            findings: &outcome.findings,
            notes,
            remarks: &outcome.notes,
            checklist: &[],
            failures: &outcome.failures,
            least: Severity::Info,
            prefix: "",
        }
    }

    /// The findings that people are shown and that the exit status counts: neither suppressed nor merged into
    /// another, and bad enough.
    pub fn shown(&self) -> impl Iterator<Item = &'a Finding> {
        let least = self.least;
        self.findings.iter().filter(move |finding| finding.is_open() && finding.severity >= least)
    }

    /// How many are shown.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for finding in self.shown() {
            match finding.severity {
                Severity::Error => counts.errors += 1,
                Severity::Warning => counts.warnings += 1,
                Severity::Info => counts.infos += 1,
            }
        }
        counts
    }

    /// `2 errors, 1 warning in 3 files`, or `no findings`.
    fn headline(&self) -> String {
        let Counts { errors, warnings, infos } = self.counts();
        let counts =
            [(errors, "error", "errors"), (warnings, "warning", "warnings"), (infos, "info", "infos")];
        let counts = counts.iter().filter(|(number, ..)| *number > 0);
        let counts: Vec<String> = counts.map(|(number, one, many)| count(*number, one, many)).collect();
        if counts.is_empty() {
            return "no findings".to_owned();
        }
        let mut files: Vec<_> = self.shown().map(|finding| finding.primary.span.file).collect();
        files.sort_unstable();
        files.dedup();
        format!("{} in {}", counts.join(", "), count(files.len(), "file", "files"))
    }

    /// ` (1 suppressed)`, or nothing.
    fn suppressed(&self) -> String {
        match self.findings.iter().filter(|finding| finding.suppressed.is_some()).count() {
            0 => String::new(),
            suppressed => format!(" ({suppressed} suppressed)"),
        }
    }

    /// The findings that are shown, the worst first; of equally bad ones first one of each rule and file, so that what
    /// is cut off at the end says little new.
    fn ranked(&self) -> Vec<&'a Finding> {
        let mut seen = FxHashSet::default();
        let mut ranked: Vec<(bool, &Finding)> = self
            .shown()
            .map(|finding| (!seen.insert((finding.rule, finding.primary.span.file)), finding))
            .collect();
        ranked.sort_by_key(|(again, finding)| (Reverse(finding.severity), *again));
        ranked.into_iter().map(|(_, finding)| finding).collect()
    }

    /// The findings of each severity and rule, in the order of the first of each.
    fn by_rule(&self) -> Vec<((Severity, &'static str), Vec<&'a Finding>)> {
        let mut groups: Vec<((Severity, &'static str), Vec<&Finding>)> = Vec::new();
        let mut places = FxHashMap::default();
        for finding in self.ranked() {
            let key = (finding.severity, finding.rule);
            let at = *places.entry(key).or_insert(groups.len());
            if at == groups.len() {
                groups.push((key, Vec::new()));
            }
            groups[at].1.push(finding);
        }
        groups
    }

    /// The findings that are shown, by the paths of their files as [`Report::path`] gives them.
    fn shown_by_path(&self) -> BTreeMap<String, Vec<&'a Finding>> {
        let mut by_path: BTreeMap<String, Vec<&Finding>> = BTreeMap::new();
        for finding in self.shown() {
            by_path.entry(self.path(finding.primary.span.file)).or_default().push(finding);
        }
        by_path
    }

    /// All notes, those on failed checks first.
    pub fn notes(&self) -> Vec<Note> {
        let failure = |failure: &Failure| Note {
            span: None,
            message: format!(
                "rule {} failed on {} (a fault of plimsoll, please report it): {}",
                failure.rule, failure.subject, failure.message
            ),
        };
        let failures = self.failures.iter().map(failure);
        failures.chain(self.notes.iter().cloned()).chain(self.remarks.iter().cloned()).collect()
    }

    /// The path of a file as seen from the working directory, for programs: nothing in it is made harmless.
    fn path(&self, file: FileId) -> String {
        format!("{}{}", self.prefix, self.sources.file(file).path)
    }

    /// `path:line:column` of the start of a span, fit for a terminal.
    fn place(&self, span: Span) -> String {
        let Position { line, column } = self.sources.file(span.file).position(span.start);
        clean::line(&format!("{}:{line}:{column}", self.path(span.file)))
    }
}

/// The message of a finding with its help, for programs that have one text for both.
fn told(finding: &Finding) -> String {
    match &finding.help {
        Some(help) => format!("{}\nhelp: {help}", finding.message),
        None => finding.message.clone(),
    }
}

/// `1 error`, `2 errors`.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
