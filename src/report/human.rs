//! The report for people at a terminal: each finding with its lines, what to do, and at the end how many there are.

use std::fmt::Write as _;

use super::paint::Paint;
use super::{Report, clean, excerpt};
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
    let head = format!("{}{}\n", paint.bold(report.headline()), report.suppressed());
    let Some(worst) = report.shown().max_by_key(|finding| finding.severity) else { return head };
    let more = paint.dim(format!("`plimsoll explain {}` tells why", worst.rule));
    format!("{head}{more}\n")
}
