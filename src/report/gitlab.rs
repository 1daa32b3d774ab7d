//! A report of GitLab's Code Quality: the array of `artifacts:reports:codequality`
//! (<https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>).
//!
//! GitLab drops what has the fingerprint of another, and calls a violation new when its fingerprint is not in the report of
//! the target branch; so they are unique and stay when lines move. Notes have no place in the format.

use serde::Serialize;

use super::{Report, told};
use crate::finding::{Finding, Severity};
use crate::fingerprint::Fingerprint;

#[derive(Serialize)]
struct Violation<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: Fingerprint,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    /// From the working directory, which GitLab takes for the root of the repository.
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// The findings that are shown; an empty array when there are none.
pub fn write(report: &Report<'_>) -> String {
    let violations: Vec<Violation<'_>> = report.shown().map(|finding| violation(report, finding)).collect();
    // Plain structs of texts and numbers always serialise.
    serde_json::to_string_pretty(&violations).unwrap_or_default() + "\n"
}

fn violation<'a>(report: &Report<'_>, finding: &'a Finding) -> Violation<'a> {
    let span = finding.primary.span;
    let file = report.sources.file(span.file);
    Violation {
        description: told(finding),
        check_name: finding.rule,
        fingerprint: finding.fingerprint,
        severity: match finding.severity {
            Severity::Error => "critical",
            Severity::Warning => "major",
            Severity::Info => "info",
        },
        location: Location {
            path: report.path(span.file),
            lines: Lines { begin: file.position(span.start).line, end: file.position(span.end).line },
        },
    }
}
