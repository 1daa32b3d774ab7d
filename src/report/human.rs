//! The report for people at a terminal: each finding with its lines, what to do, and at the end how many there are.

use std::fmt::Write as _;

use super::paint::Paint;
use super::{Counts, Report, clean, count, excerpt};
use crate::finding::{Finding, Safety};
use crate::model::Note;

/// The whole report.
pub fn write(report: &Report<'_>, paint: Paint) -> String {
    let mut text = String::new();
    for finding in report.shown() {
        write_finding(report, finding, paint, &mut text);
        text.push('\n');
    }
    let notes = report.notes();
    for note in &notes {
        write_note(report, note, paint, &mut text);
    }
    if !notes.is_empty() {
        text.push('\n');
    }
    text.push_str(&summary(report, paint));
    text
}

fn write_finding(report: &Report<'_>, finding: &Finding, paint: Paint, text: &mut String) {
    let place = paint.bold(report.place(finding.primary.span));
    let severity = paint.severity(finding.severity, finding.severity);
    let rule = paint.dim(format!("[{}]", finding.rule));
    let _ = writeln!(text, "{place}: {severity}{rule} {}", paint.bold(clean::line(&finding.message)));
    text.push_str(&excerpt::draw(report, finding, paint.coloured));
    if let Some(help) = &finding.help {
        let _ = writeln!(text, "  {} {}", paint.help("help:"), clean::line(help));
    }
    if let Some(fix) = finding.fixes.first() {
        let how = match fix.safety {
            Safety::Safe => "fix:",
            Safety::Unsafe => "fix (look at it):",
            Safety::Asked => "fix (only when asked for by rule):",
        };
        let _ = writeln!(text, "  {} {}", paint.help(how), clean::line(&fix.title));
    }
}

fn write_note(report: &Report<'_>, note: &Note, paint: Paint, text: &mut String) {
    let place = note.span.map(|span| format!("{}: ", report.place(span))).unwrap_or_default();
    let _ = writeln!(text, "{place}{} {}", paint.dim("note:"), clean::line(&note.message));
}

/// `2 errors, 1 warning in 3 files (1 suppressed)`, and how to learn more.
fn summary(report: &Report<'_>, paint: Paint) -> String {
    let Counts { errors, warnings, infos } = report.counts();
    let suppressed = report.findings.iter().filter(|finding| finding.suppressed.is_some()).count();
    let suppressed = if suppressed > 0 { format!(" ({suppressed} suppressed)") } else { String::new() };
    if errors + warnings + infos == 0 {
        return format!("{}{suppressed}\n", paint.bold("no findings"));
    }
    let mut files: Vec<_> = report.shown().map(|finding| finding.primary.span.file).collect();
    files.sort_unstable();
    files.dedup();
    let counts = [(errors, "error", "errors"), (warnings, "warning", "warnings"), (infos, "info", "infos")];
    let counts = counts.iter().filter(|(number, ..)| *number > 0);
    let counts: Vec<String> = counts.map(|(number, one, many)| count(*number, one, many)).collect();
    let files = count(files.len(), "file", "files");
    let head = paint.bold(format!("{} in {files}", counts.join(", ")));
    let rule = report.shown().max_by_key(|finding| finding.severity).map_or("RULE", |finding| finding.rule);
    let more = paint.dim(format!("`plimsoll explain {rule}` tells why"));
    format!("{head}{suppressed}\n{more}\n")
}
