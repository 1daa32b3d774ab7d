//! Names that a finding keeps while the file around it changes: for baselines, SARIF and JSON.
//!
//! A fingerprint is made of the rule, the path, the text of the primary line without its spacing, and a number that
//! tells equal ones apart. Lines and columns are not in it.

use rustc_hash::FxHashMap;

use crate::finding::Finding;
use crate::source::Sources;

/// Bytes of a line that count; of a longer line only what is pointed at does.
const LONGEST: usize = 1024;

/// The fingerprints of findings, which must be in the order of [`check`](crate::check::check): sixteen hexadecimal
/// digits each.
pub fn of_all(sources: &Sources, findings: &[Finding]) -> Vec<String> {
    let mut seen: FxHashMap<u64, u64> = FxHashMap::default();
    let fingerprint = |finding: &Finding| {
        let hash = of_place(sources, finding);
        let number = seen.entry(hash).or_default();
        let fingerprint = fold(hash, &number.to_le_bytes());
        *number += 1;
        format!("{fingerprint:016x}")
    };
    findings.iter().map(fingerprint).collect()
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
