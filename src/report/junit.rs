//! JUnit XML, for systems that show no reports but those of tests: the elements and attributes of the strictest of its
//! schemas, `junit-10.xsd` of Jenkins' xUnit plugin, without times and hosts.
//!
//! * A suite for each file that has findings, a failed case for each of them. Every finding that is shown is a failure,
//!   infos too: a case that passes is read by nobody, and `--severity` leaves out what nobody wants. `type` is the severity.
//! * GitLab takes two cases of one `classname` and `name` for the same, ignores the second, and compares by them with
//!   the target branch; so names hold no line, and the second of the same name gets a number
//!   (<https://docs.gitlab.com/ci/testing/unit_test_reports/>).
//! * The suite `plimsoll` is always there, because readers fail on a report without a case: one case that passes, or an error
//!   for each rule that failed. Its output is the notes.

use std::fmt::Write as _;

use rustc_hash::FxHashMap;

use super::{Report, xml};
use crate::finding::Finding;
use crate::model::Note;
use crate::source::{Position, Span};

/// The findings that are shown, as tests that failed.
pub fn write(report: &Report<'_>) -> String {
    let failures = report.shown().count();
    let errors = report.failures.len();
    let tests = failures + errors.max(1);
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let _ = writeln!(
        text,
        "<testsuites name=\"plimsoll\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">"
    );
    own_suite(report, &mut text);
    for (path, findings) in report.shown_by_path() {
        file_suite(report, &path, &findings, &mut text);
    }
    text.push_str("</testsuites>\n");
    text
}

fn own_suite(report: &Report<'_>, text: &mut String) {
    begin_suite("plimsoll", report.failures.len().max(1), 0, report.failures.len(), text);
    if report.failures.is_empty() {
        text.push_str("    <testcase classname=\"plimsoll\" name=\"no rule failed\"/>\n");
    }
    for failure in report.failures {
        let name = xml::attribute(&format!("{} on {}", failure.rule, failure.subject));
        let message = xml::attribute(&failure.message);
        let _ = writeln!(text, "    <testcase classname=\"plimsoll\" name=\"{name}\">");
        let _ = writeln!(text, "      <error type=\"failed\" message=\"{message}\">{message}</error>");
        text.push_str("    </testcase>\n");
    }
    let notes: Vec<String> =
        report.notes.iter().chain(report.remarks).map(|note| note_line(report, note)).collect();
    if !notes.is_empty() {
        let _ = writeln!(text, "    <system-out>{}</system-out>", xml::text(&notes.join("\n")));
    }
    text.push_str("  </testsuite>\n");
}

fn file_suite(report: &Report<'_>, path: &str, findings: &[&Finding], text: &mut String) {
    begin_suite(path, findings.len(), findings.len(), 0, text);
    let class = xml::attribute(path);
    let mut seen: FxHashMap<String, usize> = FxHashMap::default();
    for finding in findings {
        let mut name = format!("{}: {}", finding.rule, finding.message);
        let times = seen.entry(name.clone()).or_default();
        *times += 1;
        if *times > 1 {
            let _ = write!(name, " ({times})");
        }
        let _ = writeln!(text, "    <testcase classname=\"{class}\" name=\"{}\">", xml::attribute(&name));
        let message = xml::attribute(&finding.message);
        let body = xml::text(&body(report, finding));
        let severity = finding.severity;
        let _ = writeln!(text, "      <failure type=\"{severity}\" message=\"{message}\">{body}</failure>");
        text.push_str("    </testcase>\n");
    }
    text.push_str("  </testsuite>\n");
}

fn begin_suite(name: &str, tests: usize, failures: usize, errors: usize, text: &mut String) {
    let name = xml::attribute(name);
    let _ = writeln!(
        text,
        "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">"
    );
}

/// The place with the message, the other places that have part in it, what to write instead, and the app.
fn body(report: &Report<'_>, finding: &Finding) -> String {
    let place = |span| place(report, span);
    let mut body = format!(
        "{}: {}[{}] {}",
        place(finding.primary.span),
        finding.severity,
        finding.rule,
        finding.message
    );
    for label in &finding.related {
        let _ = write!(body, "\n{}: {}", place(label.span), label.message);
    }
    if let Some(help) = &finding.help {
        let _ = write!(body, "\nhelp: {help}");
    }
    if let Some(app) = &finding.app {
        let _ = write!(body, "\napp: {app}");
    }
    body
}

fn note_line(report: &Report<'_>, note: &Note) -> String {
    let place = note.span.map(|span| format!("{}: ", place(report, span))).unwrap_or_default();
    format!("{place}{}", note.message)
}

/// `path:line:column`, with nothing in it made harmless.
fn place(report: &Report<'_>, span: Span) -> String {
    let Position { line, column } = report.sources.file(span.file).position(span.start);
    format!("{}:{line}:{column}", report.path(span.file))
}
