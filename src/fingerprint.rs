//! Names that a finding keeps while the file around it changes: for baselines, SARIF and JSON.
//!
//! A fingerprint is made of the rule, the path, the text of the primary line without its spacing, and a number that
//! tells equal ones apart. Lines and columns are not in it.

use std::fmt;
use std::str::FromStr;

use rustc_hash::FxHashMap;
use serde::{Serialize, Serializer};

use crate::finding::Finding;
use crate::source::Sources;

/// Bytes of a line that count; of a longer line only what is pointed at does.
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

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Gives findings their fingerprints. They must be all of a project and in the order of
/// [`check`](crate::check::check), which calls this.
pub fn set_all(sources: &Sources, findings: &mut [Finding]) {
    let mut seen: FxHashMap<u64, u64> = FxHashMap::default();
    for finding in findings {
        let hash = of_place(sources, finding);
        let number = seen.entry(hash).or_default();
        finding.fingerprint = Fingerprint(fold(hash, &number.to_le_bytes()));
        *number += 1;
    }
}

fn of_place(sources: &Sources, finding: &Finding) -> u64 {
    let span = finding.primary.span;
    let file = sources.file(span.file);
    let line = file.lines().line_range(file.text(), file.lines().line_of(span.start));
    let mut text = if line.len() <= LONGEST { &file.text()[line] } else { sources.text(span) };
    if text.len() > LONGEST {
        text = text.get(..LONGEST).unwrap_or("");
    }
    let mut hash = fold(START, finding.rule.as_bytes());
    hash = fold(fold(hash, &[0]), file.path.as_str().as_bytes());
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
