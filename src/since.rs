//! Which findings a change is answerable for: those that it brought, and those that have part in what it touched.
//!
//! The project is judged as it was, too. A finding that was not there then was brought, wherever it stands: whoever takes
//! `USER node` out of a Dockerfile is told of the image that runs as root now, at the `FROM` that nobody edited.

use rustc_hash::FxHashMap;
use similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::check::Outcome;
use crate::finding::{Finding, Severity};
use crate::fingerprint::Fingerprint;
use crate::source::{FileId, Sources, Span};

/// A project as it was.
#[derive(Clone, Copy, Debug)]
pub struct Before<'a> {
    /// Its files.
    pub sources: &'a Sources,
    /// What was to be said of it.
    pub outcome: &'a Outcome,
}

/// For each finding whether it was brought or touched since then.
pub fn concerned(sources: &Sources, findings: &[Finding], before: Before<'_>) -> Vec<bool> {
    // What was suppressed and is no longer is news; what was a note of a stronger finding is none.
    let known: FxHashMap<Fingerprint, Severity> = (before.outcome.findings.iter())
        .filter(|finding| finding.suppressed.is_none())
        .flat_map(|finding| finding.fingerprints().map(|name| (name, finding.severity)))
        .collect();
    let mut touched = Touched { sources, before: before.sources, lines: FxHashMap::default() };
    let concerned = |finding: &Finding| {
        let is_known = |name: Fingerprint| known.get(&name).is_some_and(|then| finding.severity <= *then);
        let is_new = !finding.fingerprints().all(is_known);
        let labels = std::iter::once(&finding.primary).chain(&finding.related);
        is_new || labels.into_iter().any(|label| touched.holds(label.span))
    };
    findings.iter().map(concerned).collect()
}

/// The lines that are not as they were, worked out for each file when it is first asked for.
struct Touched<'a> {
    sources: &'a Sources,
    before: &'a Sources,
    lines: FxHashMap<FileId, Lines>,
}

enum Lines {
    All,
    /// Ranges of lines from 0, half open, in order.
    Some(Vec<(usize, usize)>),
}

impl Touched<'_> {
    fn holds(&mut self, span: Span) -> bool {
        let (sources, before) = (self.sources, self.before);
        let file = sources.file(span.file);
        let ranges =
            match self.lines.entry(span.file).or_insert_with(|| touched_lines(sources, before, span.file)) {
                Lines::All => return true,
                Lines::Some(ranges) => ranges,
            };
        let first = file.lines().line_of(span.start);
        let last = file.lines().line_of(span.end.max(span.start + 1) - 1);
        ranges.iter().any(|(start, end)| *start <= last && first < *end)
    }
}

fn touched_lines(sources: &Sources, before: &Sources, file: FileId) -> Lines {
    let file = sources.file(file);
    let Some(then) = before.find(&file.path) else { return Lines::All };
    let (old, new) = (before.file(then).text(), file.text());
    if old == new {
        return Lines::Some(Vec::new());
    }
    let old: Vec<&str> = old.split('\n').collect();
    let new: Vec<&str> = new.split('\n').collect();
    let operations = capture_diff_slices(Algorithm::Myers, &old, &new);
    let changed = operations.iter().filter(|operation| operation.tag() != DiffTag::Equal);
    let ranges = changed.map(|operation| operation.new_range()).filter(|range| !range.is_empty());
    Lines::Some(ranges.map(|range| (range.start, range.end)).collect())
}
