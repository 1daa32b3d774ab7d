//! SARIF 2.1.0, for code scanning and viewers.
//!
//! The format is that of the OASIS specification (sections in comments), bounded by what GitHub takes of a file: 25,000
//! results of a run and 1,000 places of a result, else it refuses the upload
//! (<https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads/results-exceed-limit>).
//! Nothing in it depends on the clock, the machine or the folder that the project lies in.
//!
//! * `partialFingerprints` has `plimsoll/v1` alone. GitHub compares `primaryLocationLineHash`, which its upload action
//!   computes of the files when it is missing, and warns of when it is another than its own.
//! * GitHub does not know `suppressions`: what is suppressed would be an open alert there. [`write_open`] leaves it out.
//! * There are no snippets: what stands in the files stays there.
//! * Fixes that make files cannot be said (3.56), and those that have to be asked for are not offered.

mod place;
mod rule;

use std::cmp::Reverse;

use serde::Serialize;

use self::place::{ArtifactLocation, Place, Region};
use self::rule::Descriptor;
use super::{Report, count, told};
use crate::finding::{Finding, Fix, Label, Safety, Severity, SuppressedBy};
use crate::fingerprint::Fingerprint;
use crate::source::{FileId, Span};

/// Results that GitHub takes of one run.
const MOST_RESULTS: usize = 25_000;
/// Places that it takes of one result.
const MOST_PLACES: usize = 1_000;

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool,
    invocations: [Invocation<'a>; 1],
    original_uri_base_ids: BaseIds,
    column_kind: &'static str,
    results: Vec<ResultJson<'a>>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
struct BaseIds {
    #[serde(rename = "%SRCROOT%")]
    source_root: Described,
}

#[derive(Serialize)]
struct Described {
    description: Message,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation<'a> {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Notification<'a> {
    descriptor: Reference<'static>,
    #[serde(skip_serializing_if = "Option::is_none")]
    associated_rule: Option<Reference<'a>>,
    level: &'static str,
    message: Message,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Place>,
}

#[derive(Serialize)]
struct Reference<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultJson<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: [Place; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Place>,
    partial_fingerprints: Fingerprints,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<FixJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<SuppressionJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<Properties<'a>>,
}

#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "plimsoll/v1")]
    first: Fingerprint,
}

#[derive(Serialize)]
struct SuppressionJson<'a> {
    kind: &'static str,
    justification: &'a str,
}

#[derive(Serialize)]
struct Properties<'a> {
    app: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FixJson {
    description: Message,
    artifact_changes: Vec<Change>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    artifact_location: ArtifactLocation,
    replacements: Vec<Replacement>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    #[serde(skip_serializing_if = "Option::is_none")]
    inserted_content: Option<Content>,
}

/// Text that is written as it is.
#[derive(Serialize)]
struct Content {
    text: String,
}

/// Text that viewers read links and placeholders from.
#[derive(Serialize)]
struct Message {
    text: String,
}

/// The report as SARIF. What is suppressed is in it and says by whom and why; findings merged into others are not.
pub fn write(report: &Report<'_>) -> String {
    document(report, |finding| finding.merged_into.is_none())
}

/// The same without what is suppressed, for readers that do not know of suppressions (GitHub).
pub fn write_open(report: &Report<'_>) -> String {
    document(report, Finding::is_open)
}

fn document(report: &Report<'_>, wanted: impl Fn(&Finding) -> bool) -> String {
    let all = report.findings.iter().filter(|finding| finding.severity >= report.least && wanted(finding));
    let findings = worst(all.collect());
    let mut rules: Vec<&'static str> = findings.kept.iter().map(|finding| finding.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    let run = Run {
        tool: Tool {
            driver: Driver {
                name: env!("CARGO_PKG_NAME"),
                semantic_version: env!("CARGO_PKG_VERSION"),
                information_uri: env!("CARGO_PKG_REPOSITORY"),
                rules: rules.iter().map(|rule| Descriptor::of(rule)).collect(),
            },
        },
        invocations: [invocation(report, &findings, &rules)],
        original_uri_base_ids: BaseIds {
            source_root: Described { description: message("the folder that plimsoll was started in") },
        },
        column_kind: "unicodeCodePoints",
        results: findings.kept.iter().map(|finding| result(report, finding, &rules)).collect(),
    };
    let log = Log { schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] };
    // Plain structs of texts and numbers always serialise.
    serde_json::to_string_pretty(&log).unwrap_or_default() + "\n"
}

/// The findings that the file has, and how many more there would be.
struct Kept<'a> {
    kept: Vec<&'a Finding>,
    left_out: usize,
}

/// As many as may be, in their order: what is suppressed goes first, then what is least severe.
fn worst(findings: Vec<&Finding>) -> Kept<'_> {
    let left_out = findings.len().saturating_sub(MOST_RESULTS);
    if left_out == 0 {
        return Kept { kept: findings, left_out };
    }
    let mut ranked: Vec<usize> = (0..findings.len()).collect();
    ranked.sort_by_key(|at| (findings[*at].suppressed.is_some(), Reverse(findings[*at].severity)));
    ranked.truncate(MOST_RESULTS);
    ranked.sort_unstable();
    Kept { kept: ranked.into_iter().map(|at| findings[at]).collect(), left_out }
}

fn invocation<'a>(report: &Report<'a>, findings: &Kept<'_>, rules: &[&'static str]) -> Invocation<'a> {
    let note = |id, level, text: &str| Notification {
        descriptor: Reference { id, index: None },
        associated_rule: None,
        level,
        message: message(text),
        locations: Vec::new(),
    };
    let mut notifications: Vec<Notification<'_>> = Vec::new();
    for failure in report.failures {
        let text = format!("the rule failed on {}: {}", failure.subject, failure.message);
        let rule = Reference { id: failure.rule, index: rules.binary_search(&failure.rule).ok() };
        notifications
            .push(Notification { associated_rule: Some(rule), ..note("rule-failed", "error", &text) });
    }
    for said in report.notes.iter().chain(report.remarks) {
        let locations = said.span.map(|span| place(report, span, "", None)).into_iter().collect();
        notifications.push(Notification { locations, ..note("note", "note", &said.message) });
    }
    let places: usize =
        findings.kept.iter().map(|one| (one.related.len() + 1).saturating_sub(MOST_PLACES)).sum();
    for (number, one, many) in [
        (findings.left_out, "finding is", "findings are"),
        (places, "related place is", "related places are"),
    ] {
        if number > 0 {
            let text = format!("{} not in this file: readers take no more", count(number, one, many));
            notifications.push(note("left-out", "warning", &text));
        }
    }
    Invocation {
        execution_successful: report.failures.is_empty(),
        tool_execution_notifications: notifications,
    }
}

fn result<'a>(report: &Report<'_>, finding: &'a Finding, rules: &[&'static str]) -> ResultJson<'a> {
    let Label { span, message: said } = &finding.primary;
    let related = finding.related.iter().take(MOST_PLACES - 1).zip(1..);
    let fixes = finding.fixes.iter().enumerate();
    // The schema wants fixes to differ.
    let fixes = fixes.filter(|(at, fix)| !finding.fixes[..*at].contains(fix)).map(|(_, fix)| fix);
    let suppression = finding.suppressed.iter().map(|suppression| SuppressionJson {
        kind: match suppression.by {
            SuppressedBy::Comment => "inSource",
            SuppressedBy::Configuration | SuppressedBy::Baseline => "external",
        },
        justification: &suppression.reason,
    });
    ResultJson {
        rule_id: finding.rule,
        rule_index: rules.binary_search(&finding.rule).unwrap_or_default(),
        level: level(finding.severity),
        message: message(&told(finding)),
        locations: [place(report, *span, said, None)],
        related_locations: related
            .map(|(label, id)| place(report, label.span, &label.message, Some(id)))
            .collect(),
        partial_fingerprints: Fingerprints { first: finding.fingerprint },
        fixes: fixes.filter_map(|fix| fix_json(report, fix)).collect(),
        suppressions: suppression.collect(),
        properties: finding.app.as_deref().map(|app| Properties { app }),
    }
}

/// The words of SARIF for a severity.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn place(report: &Report<'_>, span: Span, said: &str, id: Option<u32>) -> Place {
    let artifact = ArtifactLocation::of(&report.path(span.file));
    let said = (!said.is_empty()).then(|| message(said));
    Place::new(id, artifact, Region::of(report.sources.file(span.file), span), said)
}

fn fix_json(report: &Report<'_>, fix: &Fix) -> Option<FixJson> {
    if !fix.creates.is_empty() || fix.edits.is_empty() || fix.safety == Safety::Asked {
        return None;
    }
    let mut changes: Vec<(FileId, Change)> = Vec::new();
    for edit in &fix.edits {
        let file = edit.span.file;
        let at = changes.iter().position(|(of, _)| *of == file).unwrap_or_else(|| {
            let artifact_location = ArtifactLocation::of(&report.path(file));
            changes.push((file, Change { artifact_location, replacements: Vec::new() }));
            changes.len() - 1
        });
        let inserted_content = (!edit.text.is_empty()).then(|| Content { text: edit.text.clone() });
        let deleted_region = Region::of(report.sources.file(file), edit.span);
        changes[at].1.replacements.push(Replacement { deleted_region, inserted_content });
    }
    let artifact_changes = changes.into_iter().map(|(_, change)| change).collect();
    Some(FixJson { description: message(&fix.title), artifact_changes })
}

/// A message that reads as `text`: braces are doubled, because single ones are placeholders (3.11.5), and the bracket that
/// would end the text of a link is escaped, because `[text](address)` is one in plain text too (3.11.6).
fn message(text: &str) -> Message {
    let mut plain = String::with_capacity(text.len());
    let mut backslashes = 0;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '{' | '}' => plain.push(character),
            ']' if backslashes % 2 == 0 && characters.peek() == Some(&'(') => plain.push('\\'),
            _ => {}
        }
        plain.push(character);
        backslashes = if character == '\\' { backslashes + 1 } else { 0 };
    }
    Message { text: plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_hold_no_placeholder_and_no_link() {
        let plain = |text: &str| message(text).text;
        assert_eq!(plain("a {0} ${{X}} []"), "a {{0}} ${{{{X}}}} []");
        assert_eq!(plain("[a](b) [c] (d)"), "[a\\](b) [c] (d)");
        assert_eq!(plain("[a\\](b) [a\\\\](b)"), "[a\\](b) [a\\\\\\](b)");
    }
}
