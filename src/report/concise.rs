//! One line a finding, for editors, `grep` and people in a hurry.

use std::fmt::Write as _;

use super::{Report, clean};

/// `path:line:column: severity[rule] message` for each finding that is shown.
pub fn write(report: &Report<'_>) -> String {
    let mut text = String::new();
    for finding in report.shown() {
        let place = report.place(finding.primary.span);
        let message = clean::line(&finding.message);
        let _ = writeln!(text, "{place}: {}[{}] {message}", finding.severity, finding.rule);
    }
    text
}
