//! Workflow commands, which GitHub's runner reads from the log of a job and shows as annotations beside the lines.
//!
//! The runner takes a line for a command when it begins with `::` (spaces aside) or has `##[` anywhere; the properties
//! end at the second `::`. Of each type it keeps ten of a step, so the worst come first and the tenth counts the rest.

use std::fmt::Write as _;

use super::{Report, clean, count};
use crate::finding::{Finding, Severity};
use crate::source::Span;

/// Annotations of one type that the runner keeps of a step.
const MOST: usize = 10;
/// Related places that one annotation names.
const MOST_RELATED: usize = 10;

/// Annotations, notes, and how many findings there are.
pub fn write(report: &Report<'_>) -> String {
    let mut text = String::new();
    let ranked = report.ranked();
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        let of_it: Vec<&Finding> =
            ranked.iter().copied().filter(|finding| finding.severity == severity).collect();
        let shown = if of_it.len() > MOST { MOST - 1 } else { of_it.len() };
        for finding in &of_it[..shown] {
            annotation(report, finding, &mut text);
        }
        let left = of_it.len() - shown;
        if left > 0 {
            let (one, many) = words(severity);
            let more =
                format!("{} more {}: see the summary of this job", left, if left == 1 { one } else { many });
            let _ = writeln!(text, "::{} title=plimsoll::{more}", command(severity));
        }
    }
    for note in report.notes() {
        let place = note.span.map(|span| format!("{}: ", report.place(span))).unwrap_or_default();
        let _ = writeln!(text, "{}", log(&format!("note: {place}{}", note.message)));
    }
    let _ = writeln!(text, "{}{}", report.headline(), report.suppressed());
    text
}

/// The name of the command: what people call an info, GitHub calls a notice.
fn command(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    }
}

fn words(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Error => ("error", "errors"),
        Severity::Warning => ("warning", "warnings"),
        Severity::Info => ("info", "infos"),
    }
}

fn annotation(report: &Report<'_>, finding: &Finding, text: &mut String) {
    let mut message = clean::line(&finding.message);
    if let Some(help) = &finding.help {
        let _ = write!(message, "\nInstead: {}", clean::line(help));
    }
    for label in finding.related.iter().take(MOST_RELATED) {
        let file = report.sources.file(label.span.file);
        let line = file.position(label.span.start).line;
        let place = clean::line(&format!("{}:{line}", report.path(label.span.file)));
        let _ = write!(message, "\n{place}");
        if !label.message.is_empty() {
            let _ = write!(message, ": {}", clean::line(&label.message));
        }
    }
    if finding.related.len() > MOST_RELATED {
        let more = finding.related.len() - MOST_RELATED;
        let _ = write!(message, "\nand {}", count(more, "more place", "more places"));
    }
    let _ = writeln!(
        text,
        "::{} {},title={}::{}",
        command(finding.severity),
        place(report, finding.primary.span),
        property(finding.rule),
        data(&message)
    );
}

/// File and lines; columns only within one line, because GitHub refuses those of several.
fn place(report: &Report<'_>, span: Span) -> String {
    let file = report.sources.file(span.file);
    let text = file.text();
    // Behind the last line end there is no line, and a span that ends behind one has no part in the next line.
    let last = text.strip_suffix('\n').map_or(text, |text| text.trim_end_matches('\r')).len() as u32;
    let covered = text.get(span.range()).unwrap_or("").trim_end_matches(['\r', '\n']).len() as u32;
    let start = file.position(span.start.min(last));
    let end = file.position((span.start + covered).min(last));
    let mut place = format!("file={},line={}", property(&path(report, span)), start.line);
    let _ = write!(place, ",endLine={}", end.line);
    if start.line == end.line {
        let _ = write!(place, ",col={},endColumn={}", start.column, end.column);
    }
    place
}

/// The path as the runner is to find it. Only what a log would obey is not in it: no file of that name gets an annotation.
fn path(report: &Report<'_>, span: Span) -> String {
    let print = |each: char| if matches!(each, '\n' | '\r') { each } else { clean::character(each) };
    report.path(span.file).chars().map(print).collect()
}

/// What stands behind the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A line of the log that is no command: it begins with a word of ours.
fn log(text: &str) -> String {
    clean::line(text).replace("##[", "# #[")
}
