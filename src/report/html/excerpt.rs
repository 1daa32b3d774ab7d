//! The lines that a finding points at, with the labelled bytes marked and the words that belong to them below.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use super::Report;
use super::text::{escaped, prose, text};
use crate::finding::{Finding, Label};
use crate::report::count;
use crate::report::excerpt::{cut, floor};
use crate::source::{FileId, SourceFile};

/// Labels of a finding whose lines are shown.
const MOST_LABELS: usize = 12;
/// Lines of a label that are shown.
const MOST_LINES: usize = 6;

/// A line, or a part of one that is too wide.
struct Row {
    text: String,
    marks: Vec<Mark>,
}

/// What is marked in a row.
struct Mark {
    /// Characters of the row.
    columns: Range<usize>,
    is_primary: bool,
    /// What is said of it; empty for nothing, and but for the last line of a label.
    message: String,
}

/// The rows of a file by line (from 0) and, of lines that are too wide, the byte that is looked at.
type Rows = BTreeMap<(usize, usize), Row>;

pub(super) fn write(report: &Report<'_>, finding: &Finding, main: &mut String) {
    let primary = &finding.primary;
    let mut files: Vec<(FileId, Rows)> = vec![(primary.span.file, Rows::new())];
    let related = finding.related.iter().take(MOST_LABELS - 1).map(|label| (label, false));
    for (label, is_primary) in std::iter::once((primary, true)).chain(related) {
        let file = label.span.file;
        let at = files.iter().position(|(known, _)| *known == file).unwrap_or_else(|| {
            files.push((file, Rows::new()));
            files.len() - 1
        });
        add(report.sources.file(file), label, is_primary, &mut files[at].1);
    }
    for (at, (file, rows)) in files.iter_mut().enumerate() {
        let source = report.sources.file(*file);
        surround(source, rows);
        main.push_str("<figure>\n");
        if at > 0 {
            let _ = writeln!(main, "<figcaption>{}</figcaption>", text(&report.path(*file)));
        }
        draw(rows, main);
        main.push_str("</figure>\n");
    }
    let left = finding.related.len().saturating_sub(MOST_LABELS - 1);
    if left > 0 {
        let _ = writeln!(main, "<p class=\"quiet\">and {}</p>", count(left, "more place", "more places"));
    }
}

/// Marks a label in its lines.
fn add(file: &SourceFile, label: &Label, is_primary: bool, rows: &mut Rows) {
    let text = file.text();
    let start = floor(text, label.span.start as usize);
    let end = floor(text, label.span.end as usize).max(start);
    let first = file.lines().line_of(start as u32);
    // A span that ends behind a line end has no part in the next line.
    let last = file.lines().line_of(floor(text, end.saturating_sub(1).max(start)) as u32);
    let last = last.clamp(first, first + MOST_LINES - 1);
    for number in first..=last {
        let line = file.lines().line_range(text, number);
        let place = start.clamp(line.start, line.end)..end.clamp(line.start, line.end);
        let cut = cut(text, line, place.clone());
        let key = (number, if cut.is_cut { place.start } else { 0 });
        let row = rows.entry(key).or_insert_with(|| Row { text: cut.text, marks: Vec::new() });
        let message = if number == last { label.message.clone() } else { String::new() };
        row.marks.push(Mark { columns: cut.columns, is_primary, message });
    }
}

/// Adds the line before and the line after each that is shown.
fn surround(file: &SourceFile, rows: &mut Rows) {
    let shown: Vec<usize> = rows.keys().map(|(number, _)| *number).collect();
    let near = shown.iter().flat_map(|number| [number.checked_sub(1), Some(number + 1)]).flatten();
    for number in near {
        let line = file.lines().line_range(file.text(), number);
        let is_shown = rows.range((number, 0)..=(number, usize::MAX)).next().is_some();
        if !is_shown && !line.is_empty() {
            let text = cut(file.text(), line.clone(), line.start..line.start).text;
            rows.insert((number, 0), Row { text, marks: Vec::new() });
        }
    }
}

fn draw(rows: &Rows, main: &mut String) {
    main.push_str("<pre tabindex=\"0\">");
    let mut before = None;
    for ((number, _), row) in rows {
        if before.is_some_and(|before| *number > before + 1) {
            main.push_str("<span class=\"gap\">⋯</span>\n");
        }
        before = Some(*number);
        let _ = write!(main, "<span class=\"n\">{}</span>", number + 1);
        draw_text(row, main);
        main.push('\n');
        for mark in row.marks.iter().filter(|mark| !mark.message.is_empty()) {
            let class = class(mark.is_primary);
            let _ = writeln!(main, "<span class=\"say {class}\">{}</span>", prose(&mark.message));
        }
    }
    main.push_str("</pre>\n");
}

fn class(is_primary: bool) -> &'static str {
    if is_primary { "p" } else { "r" }
}

/// The text with its marks. Where they overlap, the primary one is seen.
fn draw_text(row: &Row, main: &mut String) {
    let mut characters: Vec<char> = row.text.chars().collect();
    // An empty place is shown as the character behind it, at the end of a line as a space.
    let wide = |columns: &Range<usize>| columns.start..columns.end.max(columns.start + 1);
    if row.marks.iter().any(|mark| wide(&mark.columns).end > characters.len()) {
        characters.push(' ');
    }
    let at = |column: usize| {
        let covering = row.marks.iter().filter(|mark| wide(&mark.columns).contains(&column));
        covering.map(|mark| mark.is_primary).max()
    };
    let marked: Vec<(char, Option<bool>)> =
        characters.into_iter().enumerate().map(|(column, each)| (each, at(column))).collect();
    for run in marked.chunk_by(|a, b| a.1 == b.1) {
        let text: String = run.iter().map(|(each, _)| each).collect();
        match run[0].1 {
            None => main.push_str(&escaped(&text)),
            Some(is_primary) => {
                let _ = write!(main, "<mark class=\"{}\">{}</mark>", class(is_primary), escaped(&text));
            }
        }
    }
}
