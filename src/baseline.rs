//! The baseline: findings that were there when a team began, which are not counted until somebody mends them.
//!
//! An entry is found by its fingerprint (see [`fingerprint`](crate::fingerprint)), so that lines may move. The other
//! fields are for those who read the file.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use crate::check::Outcome;
use crate::finding::{SuppressedBy, Suppression};
use crate::fingerprint::Fingerprint;
use crate::model::Note;
use crate::rules::RuleSet;
use crate::source::Sources;

/// The name of the file, in the root of a project.
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
    fingerprint: String,
    message: String,
}

impl Baseline {
    /// All that is open now.
    pub fn of(sources: &Sources, outcome: &Outcome) -> Baseline {
        let open = outcome.findings.iter().filter(|finding| finding.is_open());
        let entries = open.map(|finding| Entry {
            path: sources.file(finding.primary.span.file).path.as_str().to_owned(),
            rule: finding.rule.to_owned(),
            fingerprint: finding.fingerprint.to_string(),
            message: finding.message.clone(),
        });
        Baseline { version: VERSION, findings: entries.collect() }
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
        for entry in &baseline.findings {
            entry.fingerprint.parse::<Fingerprint>()?;
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

    /// Takes its findings out of the count. The note is on those that are gone, if their rules were asked.
    pub fn apply(&self, outcome: &mut Outcome, rules: &RuleSet) -> Option<Note> {
        let accepted: FxHashSet<&str> =
            self.findings.iter().map(|entry| entry.fingerprint.as_str()).collect();
        let mut there: FxHashSet<String> = FxHashSet::default();
        for finding in &mut outcome.findings {
            let fingerprint = finding.fingerprint.to_string();
            if finding.is_open() && accepted.contains(fingerprint.as_str()) {
                let reason = "it is in the baseline".to_owned();
                finding.suppressed = Some(Suppression { by: SuppressedBy::Baseline, reason });
            }
            there.insert(fingerprint);
        }
        let is_gone = |entry: &&Entry| {
            let was_asked = crate::rules::find(&entry.rule).is_none_or(|rule| rules.get(rule.id).is_some());
            was_asked && !there.contains(&entry.fingerprint)
        };
        let gone: Vec<&Entry> = self.findings.iter().filter(is_gone).collect();
        note(&gone)
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
