//! What a fix would change, as the lines that go and those that come.

use std::fmt::Write as _;

use similar::{ChangeTag, TextDiff};

use super::Report;
use super::text::{escaped, prose, text};
use crate::finding::{Edit, Fix, Safety};
use crate::report::{clean, count};
use crate::source::{SourceFile, Span};
use crate::syntax::edit::apply;

/// Lines of a fix that are shown.
const MOST: usize = 60;

pub(super) fn write(report: &Report<'_>, fix: &Fix, main: &mut String) {
    let how = match fix.safety {
        Safety::Safe => "<code>plimsoll fix</code> does it",
        Safety::Unsafe => "<code>plimsoll fix --unsafe-fixes</code> does it: look at it",
        Safety::Asked => "<code>plimsoll fix</code> does it when asked for by rule",
    };
    let _ = write!(
        main,
        "<details class=\"fix\"><summary>Fix: {}</summary>\n<p class=\"quiet\">{how}</p>\n",
        prose(&fix.title)
    );
    let mut lines = Vec::new();
    for group in groups(report, &fix.edits) {
        let file = report.sources.file(group[0].span.file);
        lines.push((' ', report.path(group[0].span.file), true));
        changed(file, &group, &mut lines);
    }
    for new in &fix.creates {
        lines.push((' ', format!("{}{} (new)", report.prefix, new.path), true));
        lines.extend(new.text.lines().take(MOST).map(|line| ('+', line.to_owned(), false)));
    }
    main.push_str("<pre tabindex=\"0\">");
    for (sign, line, is_head) in lines.iter().take(MOST) {
        let line = clean::line(line);
        let _ = match (sign, is_head) {
            (_, true) => writeln!(main, "<b>{}</b>", text(&line)),
            ('-', _) => writeln!(main, "<del>- {}</del>", escaped(&line)),
            ('+', _) => writeln!(main, "<ins>+ {}</ins>", escaped(&line)),
            _ => writeln!(main, "  {}", escaped(&line)),
        };
    }
    main.push_str("</pre>\n");
    if lines.len() > MOST {
        let more = count(lines.len() - MOST, "more line", "more lines");
        let _ = writeln!(main, "<p class=\"quiet\">and {more}</p>");
    }
    main.push_str("</details>\n");
}

/// The edits that touch lines which stand together, in the order of files and lines.
fn groups(report: &Report<'_>, edits: &[Edit]) -> Vec<Vec<Edit>> {
    let mut edits = edits.to_vec();
    edits.sort();
    let mut groups: Vec<Vec<Edit>> = Vec::new();
    for edit in edits {
        let line = |offset: u32| report.sources.file(edit.span.file).lines().line_of(offset);
        let is_near = |last: &Edit| {
            last.span.file == edit.span.file && line(edit.span.start) <= line(last.span.end) + 1
        };
        match groups.last_mut() {
            Some(group) if group.last().is_some_and(is_near) => group.push(edit),
            _ => groups.push(vec![edit]),
        }
    }
    groups
}

/// The lines of a group before and after.
fn changed(file: &SourceFile, group: &[Edit], lines: &mut Vec<(char, String, bool)>) {
    let index = file.lines();
    let whole = file.text();
    let first = group.iter().map(|edit| edit.span.start).min().unwrap_or(0);
    let last = group.iter().map(|edit| edit.span.end).max().unwrap_or(0);
    let start = index.line_range(whole, index.line_of(first)).start;
    let end = index.line_range(whole, index.line_of(last)).end;
    let Some(before) = whole.get(start..end) else { return };
    let moved = group.iter().map(|edit| Edit {
        span: Span::new(edit.span.file, edit.span.range().start - start, edit.span.range().end - start),
        text: edit.text.clone(),
    });
    let Some(after) = apply(before, &moved.collect::<Vec<_>>()) else { return };
    let diff = TextDiff::from_lines(before, after.as_str());
    for change in diff.iter_all_changes() {
        let sign = match change.tag() {
            ChangeTag::Equal => ' ',
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
        };
        lines.push((sign, change.value().to_owned(), false));
    }
}
