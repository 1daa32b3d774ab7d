//! Names that a finding keeps while the file around it changes: for baselines, SARIF and JSON.
//!
//! A fingerprint is made of the rule, the path as seen from the root of the repository, the text that is pointed at without its
//! spacing, and a number that tells equal ones apart. Lines and columns are not in it, nor is what else stands in the line: a
//! dependency keeps its finding when its version changes.

use std::fmt;
use std::str::FromStr;

use rustc_hash::FxHashMap;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::finding::Finding;
use crate::source::{Sources, Span};

/// Bytes of a text that count.
const LONGEST: usize = 1024;

/// The name of a finding, written as sixteen hexadecimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(u64);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Fingerprint {
    type Err = String;

    fn from_str(text: &str) -> Result<Fingerprint, String> {
        let is_one = text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let digits = is_one.then(|| u64::from_str_radix(text, 16).ok()).flatten();
        digits
            .map(Fingerprint)
            .ok_or_else(|| format!("{text:?} is no fingerprint: sixteen hexadecimal digits"))
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fingerprint, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Gives findings their fingerprints. They must be all of a project and in the order of
/// [`check`](crate::check::check), which calls this. `place` leads from the root of the repository to that of the
/// project: empty, or ending in `/`.
pub fn set_all(sources: &Sources, place: &str, findings: &mut [Finding]) {
    let mut seen: FxHashMap<u64, u64> = FxHashMap::default();
    let mut name = |rule: &str, span: Span| {
        let hash = of_place(sources, place, rule, span);
        let number = seen.entry(hash).or_default();
        *number += 1;
        Fingerprint(fold(hash, &(*number - 1).to_le_bytes()))
    };
    for finding in findings {
        finding.fingerprint = name(finding.rule, finding.primary.span);
        for other in &mut finding.others {
            other.fingerprint = name(finding.rule, other.span);
        }
    }
}

fn of_place(sources: &Sources, place: &str, rule: &str, span: Span) -> u64 {
    let file = sources.file(span.file);
    let line = || file.lines().line_range(file.text(), file.lines().line_of(span.start));
    let text = if span.is_empty() { &file.text()[line()] } else { sources.text(span) };
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = text[..end].trim_start_matches('\u{feff}');
    let mut hash = fold(START, rule.as_bytes());
    hash = fold(fold(hash, &[0]), place.as_bytes());
    hash = fold(hash, file.path.as_str().as_bytes());
    for word in text.split_whitespace() {
        hash = fold(fold(hash, &[0]), word.as_bytes());
    }
    hash
}

/// Start and step of 64-bit FNV-1a, which is fixed for ever, unlike the hashes of a standard library.
const START: u64 = 0xcbf2_9ce4_8422_2325;

fn fold(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
