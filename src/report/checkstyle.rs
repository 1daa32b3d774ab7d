//! The XML of Checkstyle, which most readers of warnings know (Jenkins' Warnings plugin, reviewdog, SonarQube's importers):
//! the elements and attributes of Checkstyle's own `XMLLogger`. Notes and related places have no place in it.

use std::fmt::Write as _;

use super::{Report, told, xml};
use crate::source::Position;

/// The findings that are shown, under their files.
pub fn write(report: &Report<'_>) -> String {
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"4.3\">\n".to_owned();
    for (path, findings) in report.shown_by_path() {
        let _ = writeln!(text, "  <file name=\"{}\">", xml::attribute(&path));
        for finding in findings {
            let span = finding.primary.span;
            let Position { line, column } = report.sources.file(span.file).position(span.start);
            let source = xml::attribute(&format!("plimsoll.{}", finding.rule));
            let message = xml::attribute(&told(finding));
            let severity = finding.severity;
            let _ = writeln!(
                text,
                "    <error line=\"{line}\" column=\"{column}\" severity=\"{severity}\" message=\"{message}\" source=\"{source}\"/>"
            );
        }
        text.push_str("  </file>\n");
    }
    text.push_str("</checkstyle>\n");
    text
}
