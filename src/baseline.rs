//! The baseline: findings that were there when a team began, which are not counted until somebody mends them.
//!
//! An entry is found by its fingerprint (see [`fingerprint`](crate::fingerprint)), so that lines may move. The other
//! fields are for those who read the file.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use crate::check::Outcome;
use crate::finding::{Severity, SuppressedBy, Suppression};
use crate::fingerprint::Fingerprint;
use crate::model::Note;
use crate::rules::RuleSet;
use crate::source::Sources;

/// The name of the file, in the root of a project or above it.
pub const NAME: &str = "plimsoll.baseline.json";

/// Version of the format. One of another version is not read: its fingerprints may be made in another way.
const VERSION: u32 = 1;

/// Rules that a note on what is gone names at most.
const MOST_NAMED: usize = 5;

/// Findings that are not counted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Baseline {
    version: u32,
    findings: BTreeSet<Entry>,
}

/// A finding that is not counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Entry {
    path: String,
    rule: String,
    severity: Severity,
    fingerprint: Fingerprint,
    message: String,
}

impl Baseline {
    /// All that nobody accepted yet, an entry for each thing that a finding is about. Weaker findings that are notes of
    /// another are among them: they are no news when the stronger one is mended. `place` is that of the
    /// [check](crate::check::Config::place).
    pub fn of(sources: &Sources, place: &str, outcome: &Outcome) -> Baseline {
        let open = outcome.findings.iter().filter(|finding| finding.suppressed.is_none());
        let entries = open.flat_map(|finding| {
            let others = finding.others.iter().map(|other| (other.span, other.fingerprint));
            let all = std::iter::once((finding.primary.span, finding.fingerprint)).chain(others);
            all.map(|(span, fingerprint)| Entry {
                path: format!("{place}{}", sources.file(span.file).path.as_str()),
                rule: finding.rule.to_owned(),
                severity: finding.severity,
                fingerprint,
                message: finding.message.clone(),
            })
        });
        Baseline { version: VERSION, findings: entries.collect() }
    }

    /// Keeps of an older baseline what stands in files that `is_judged` does not say, because this run does not know them.
    pub fn keep(&mut self, older: Baseline, is_judged: impl Fn(&str) -> bool) {
        self.findings.extend(older.findings.into_iter().filter(|entry| !is_judged(&entry.path)));
    }

    /// Reads a baseline.
    ///
    /// # Errors
    /// What is wrong in it, with line and column.
    pub fn read(text: &str) -> Result<Baseline, String> {
        let baseline: Baseline = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if baseline.version != VERSION {
            let version = baseline.version;
            return Err(format!(
                "a baseline of version {version}; this program reads version {VERSION}: write it anew"
            ));
        }
        Ok(baseline)
    }

    /// The text of the file: a line for each finding, by path and rule, so that branches can be merged.
    pub fn text(&self) -> String {
        let mut text = format!("{{\n  \"version\": {},\n  \"findings\": [", self.version);
        for (at, entry) in self.findings.iter().enumerate() {
            text.push_str(if at == 0 { "\n    " } else { ",\n    " });
            // A struct of texts always serialises.
            text.push_str(&serde_json::to_string(entry).unwrap_or_default());
        }
        text.push_str(if self.findings.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
        text
    }

    /// How many findings there are in it.
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// True when there is none in it.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// Takes its findings out of the count, unless they are about more or worse than they were. The note is on entries
    /// that are gone, of rules that were asked and of files that `is_judged` says.
    pub fn apply(
        &self,
        outcome: &mut Outcome,
        rules: &RuleSet,
        is_judged: impl Fn(&str) -> bool,
    ) -> Option<Note> {
        let accepted: FxHashMap<Fingerprint, Severity> =
            self.findings.iter().map(|entry| (entry.fingerprint, entry.severity)).collect();
        let mut there: FxHashSet<Fingerprint> = FxHashSet::default();
        for finding in &mut outcome.findings {
            there.extend(finding.fingerprints());
            let severity = finding.severity;
            let is_old = |name: Fingerprint| accepted.get(&name).is_some_and(|then| severity <= *then);
            if finding.is_open() && finding.fingerprints().all(is_old) {
                let reason = "it is in the baseline".to_owned();
                finding.suppressed = Some(Suppression { by: SuppressedBy::Baseline, reason });
            }
        }
        let is_gone = |entry: &&Entry| {
            let was_asked = crate::rules::find(&entry.rule).is_none_or(|rule| rules.get(rule.id).is_some());
            was_asked && is_judged(&entry.path) && !there.contains(&entry.fingerprint)
        };
        note(&self.findings.iter().filter(is_gone).collect::<Vec<_>>())
    }
}

fn note(gone: &[&Entry]) -> Option<Note> {
    let mut named: Vec<String> =
        gone.iter().take(MOST_NAMED).map(|entry| format!("{} in {}", entry.rule, entry.path)).collect();
    if gone.len() > MOST_NAMED {
        named.push(format!("{} more", gone.len() - MOST_NAMED));
    }
    let message = match gone.len() {
        0 => return None,
        1 => format!("a finding of the baseline is gone: {}", named.join(", ")),
        all => format!("{all} findings of the baseline are gone: {}", named.join(", ")),
    };
    Some(Note {
        span: None,
        message: format!("{message}; `plimsoll check --write-baseline` takes them out of it"),
    })
}
