//! The report for programs: version 1 of the format that `docs/schema.json` describes. Lines and columns count from
//! 1, columns in characters; `byte` counts from 0 in the file as it is stored (after decoding, for UTF-16).

use serde::Serialize;

use super::Report;
use super::checklist::{AppJson, in_json};
use crate::finding::{Edit, Finding, Fix, Label, NewFile, Safety, Severity, SuppressedBy};
use crate::fingerprint::Fingerprint;
use crate::model::Note;
use crate::source::{SourceFile, Sources, Span};

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    summary: SummaryJson,
    findings: Vec<FindingJson<'a>>,
    checklist: Vec<AppJson<'a>>,
    notes: Vec<NoteJson<'a>>,
}

/// How many findings count: those that are suppressed or merged do not. It stands first, on lines of its own, so that
/// a shell script can read it.
#[derive(Serialize)]
struct SummaryJson {
    errors: usize,
    warnings: usize,
    infos: usize,
}

#[derive(Serialize)]
struct FindingJson<'a> {
    rule: &'a str,
    severity: Severity,
    message: &'a str,
    help: Option<&'a str>,
    location: Location<'a>,
    related: Vec<RelatedJson<'a>>,
    app: Option<&'a str>,
    fingerprint: Fingerprint,
    fixes: Vec<FixJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed_by: Option<SuppressedBy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merged_into: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Location<'a> {
    path: &'a str,
    start: Point,
    end: Point,
}

#[derive(Serialize)]
struct Point {
    line: u32,
    column: u32,
    byte: u32,
}

#[derive(Serialize)]
struct RelatedJson<'a> {
    #[serde(flatten)]
    location: Location<'a>,
    message: &'a str,
}

#[derive(Serialize)]
struct FixJson<'a> {
    title: &'a str,
    safety: Safety,
    edits: Vec<EditJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    creates: Vec<NewFileJson<'a>>,
}

#[derive(Serialize)]
struct NewFileJson<'a> {
    path: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct EditJson<'a> {
    #[serde(flatten)]
    location: Location<'a>,
    text: &'a str,
}

#[derive(Serialize)]
struct NoteJson<'a> {
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location<'a>>,
}

/// The report as one JSON document. Findings that are suppressed or merged are in it and say so.
pub fn write(report: &Report<'_>) -> String {
    let findings = report.findings.iter().filter(|finding| finding.severity >= report.least);
    let notes = report.notes();
    let counts = report.counts();
    let document = Document {
        version: 1,
        summary: SummaryJson { errors: counts.errors, warnings: counts.warnings, infos: counts.infos },
        findings: findings.map(|finding| finding_json(report.sources, finding)).collect(),
        checklist: in_json(report.sources, report.checklist),
        notes: notes.iter().map(|note| note_json(report.sources, note)).collect(),
    };
    // Plain structs of texts and numbers always serialise.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

fn finding_json<'a>(sources: &'a Sources, finding: &'a Finding) -> FindingJson<'a> {
    let related =
        |label: &'a Label| RelatedJson { location: location(sources, label.span), message: &label.message };
    FindingJson {
        rule: finding.rule,
        severity: finding.severity,
        message: &finding.message,
        help: finding.help.as_deref(),
        location: location(sources, finding.primary.span),
        related: finding.related.iter().map(related).collect(),
        app: finding.app.as_deref(),
        fingerprint: finding.fingerprint,
        fixes: finding.fixes.iter().map(|fix| fix_json(sources, fix)).collect(),
        suppressed: finding.suppressed.as_ref().map(|suppression| suppression.reason.as_str()),
        suppressed_by: finding.suppressed.as_ref().map(|suppression| suppression.by),
        merged_into: finding.merged_into,
    }
}

fn fix_json<'a>(sources: &'a Sources, fix: &'a Fix) -> FixJson<'a> {
    let edit = |edit: &'a Edit| EditJson { location: location(sources, edit.span), text: &edit.text };
    let edits = fix.edits.iter().map(edit).collect();
    let file = |file: &'a NewFile| NewFileJson { path: file.path.as_str(), text: &file.text };
    FixJson { title: &fix.title, safety: fix.safety, edits, creates: fix.creates.iter().map(file).collect() }
}

fn note_json<'a>(sources: &'a Sources, note: &'a Note) -> NoteJson<'a> {
    NoteJson { message: &note.message, location: note.span.map(|span| location(sources, span)) }
}

pub(super) fn location(sources: &Sources, span: Span) -> Location<'_> {
    let file = sources.file(span.file);
    Location { path: file.path.as_str(), start: point(file, span.start), end: point(file, span.end) }
}

fn point(file: &SourceFile, byte: u32) -> Point {
    let position = file.position(byte);
    Point { line: position.line, column: position.column, byte }
}
