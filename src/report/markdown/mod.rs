//! The report for the summary of a job and for the comment on a change: how the checklist stands, then the findings by
//! rule, the worst first.

pub(super) mod text;

use std::fmt::Write as _;

use super::{Report, checklist, count};
use crate::finding::{Finding, Severity};
use crate::rules::find;
use crate::source::Span;
use text::{code, prose};

/// Bytes of the whole: GitHub shows no summary of more than 1 MiB.
const MOST_BYTES: usize = 900_000;
/// Bytes of the checklists.
const MOST_CHECKLIST: usize = 300_000;
/// Findings of a rule that are seen without opening anything.
const OPEN: usize = 5;
/// Related places of a finding, and notes, that are shown.
const MOST_RELATED: usize = 10;
const MOST_NOTES: usize = 50;

/// The whole report.
pub fn write(report: &Report<'_>) -> String {
    let mut text = format!("## plimsoll: {}{}\n\n", report.headline(), report.suppressed());
    write_checklist(report, &mut text);
    let mut left = 0;
    for (place, findings) in report.by_rule() {
        // What comes behind something that had no room has less weight than that: it is left out as well.
        if left > 0 {
            left += findings.len();
        } else {
            left = group(report, place, &findings, &mut text);
        }
    }
    if left > 0 {
        let findings = count(left, "finding is", "findings are");
        let _ = writeln!(text, "{findings} left out: there is no room for more here.\n");
    }
    write_notes(report, &mut text);
    text
}

fn write_checklist(report: &Report<'_>, text: &mut String) {
    for (at, app) in report.checklist.iter().enumerate() {
        let table = checklist::markdown(report.sources, std::slice::from_ref(app), report.prefix);
        if text.len() + table.len() > MOST_CHECKLIST {
            let apps = count(report.checklist.len() - at, "more app has", "more apps have");
            let _ = writeln!(text, "{apps} no room here: `plimsoll checklist` shows all.\n");
            return;
        }
        text.push_str(&table);
    }
}

/// Writes the findings of a rule, and says how many had no room.
fn group(
    report: &Report<'_>,
    (severity, rule): (Severity, &str),
    findings: &[&Finding],
    text: &mut String,
) -> usize {
    let mark = match severity {
        Severity::Error => "❌",
        Severity::Warning => "⚠️",
        Severity::Info => "ℹ️",
    };
    let (name, title) = match find(rule) {
        Some(rule) => (format!("[`{}`]({})", rule.id, rule.url()), format!(": {}", prose(rule.title))),
        None => (code(rule), String::new()),
    };
    let _ = writeln!(text, "### {mark} {severity} {name}{title}\n");
    let help = findings[0].help.as_deref();
    let is_shared = findings.len() > 1 && findings.iter().all(|finding| finding.help.as_deref() == help);
    if let Some(help) = help.filter(|_| is_shared) {
        let _ = writeln!(text, "*Instead:* {}\n", prose(help));
    }
    for (at, finding) in findings.iter().enumerate() {
        let item = item(report, finding, !is_shared);
        if text.len() + item.len() > MOST_BYTES {
            end(at, findings.len(), text);
            return findings.len() - at;
        }
        if at == OPEN {
            let more = findings.len() - OPEN;
            let _ = writeln!(text, "\n<details><summary>{more} more</summary>\n");
        }
        text.push_str(&item);
    }
    end(findings.len(), findings.len(), text);
    0
}

/// Closes a group of which `written` findings were written.
fn end(written: usize, all: usize, text: &mut String) {
    if written > OPEN && all > OPEN {
        text.push_str("\n</details>\n");
    }
    text.push('\n');
}

fn item(report: &Report<'_>, finding: &Finding, with_help: bool) -> String {
    let mut item = format!("- {} {}\n", place(report, finding.primary.span), prose(&finding.message));
    if let Some(help) = finding.help.as_ref().filter(|_| with_help) {
        let _ = writeln!(item, "  - *Instead:* {}", prose(help));
    }
    for label in finding.related.iter().take(MOST_RELATED) {
        let place = place(report, label.span);
        let _ = writeln!(item, "  - {place} {}", prose(&label.message));
    }
    if finding.related.len() > MOST_RELATED {
        let more = count(finding.related.len() - MOST_RELATED, "more place", "more places");
        let _ = writeln!(item, "  - and {more}");
    }
    item
}

fn place(report: &Report<'_>, span: Span) -> String {
    let file = report.sources.file(span.file);
    code(&format!("{}:{}", report.path(span.file), file.position(span.start).line))
}

fn write_notes(report: &Report<'_>, text: &mut String) {
    let notes = report.notes();
    if notes.is_empty() {
        return;
    }
    let _ = writeln!(text, "<details><summary>{}</summary>\n", count(notes.len(), "note", "notes"));
    for note in notes.iter().take(MOST_NOTES) {
        let place = note.span.map(|span| format!(" {}", place(report, span))).unwrap_or_default();
        let _ = writeln!(text, "- note:{place} {}", prose(&note.message));
    }
    if notes.len() > MOST_NOTES {
        let _ = writeln!(text, "- and {} more", notes.len() - MOST_NOTES);
    }
    text.push_str("\n</details>\n");
}
