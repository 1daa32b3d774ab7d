//! Shows the lines that a finding points at, across files, with what is to be said of them. ariadne draws; it never
//! sees the files themselves, but windows that are cut to a bearable width, free of control characters, and padded
//! with empty lines so that its line numbers are the file's.

use std::fmt::Write as _;
use std::ops::Range;

use ariadne::{CharSet, Color, Config, IndexType, LabelAttach, ReportKind, Source};

use super::{Report, clean};
use crate::finding::{Finding, Label, Severity};
use crate::source::{FileId, Sources, Span};

/// Columns of a line that are shown at most.
const WIDTH: usize = 160;
/// Columns before the place that are shown of a line that is wider.
const LEAD: usize = 40;
/// Stands around the number of a window in what ariadne takes for its name. [`clean`] lets no other through.
const NAME: char = '\u{1}';

/// What is shown of one file, or of one place in a line that is too wide.
struct Window {
    file: FileId,
    /// The place that the window's head names.
    head: Span,
    /// Numbers (from 0) and texts of its lines, in order.
    lines: Vec<(usize, String)>,
    places: Vec<Place>,
}

/// A label in a window.
struct Place {
    line: usize,
    /// Characters of the window's line.
    columns: Range<usize>,
    message: String,
    is_primary: bool,
}

/// Draws the primary and the related labels of a finding. The result ends with a line end.
pub(super) fn draw(report: &Report<'_>, finding: &Finding, coloured: bool) -> String {
    let sources = report.sources;
    let primary = &finding.primary;
    let mut labels: Vec<(&Label, bool)> = std::iter::once((primary, true)).collect();
    labels.extend(finding.related.iter().map(|label| (label, false)));
    // The primary's file comes first, then the others by path; in each the labels follow the lines.
    labels.sort_by_key(|(label, is_primary)| {
        let path = &sources.file(label.span.file).path;
        (label.span.file != primary.span.file, path.clone(), label.span.start, !is_primary)
    });
    let mut windows: Vec<Window> = Vec::new();
    for (label, is_primary) in labels {
        place(sources, &mut windows, label, is_primary);
    }
    let drawn = render(&windows, finding.severity, coloured);
    named(report, &windows, primary.span, &drawn)
}

/// Puts a label into the window of its file, or into one of its own when its line is too wide.
fn place(sources: &Sources, windows: &mut Vec<Window>, label: &Label, is_primary: bool) {
    let file = sources.file(label.span.file);
    let lines = file.lines();
    let start = floor(file.text(), label.span.start as usize);
    let end = floor(file.text(), label.span.end as usize).max(start);
    let line = lines.line_of(start as u32);
    let range = lines.line_range(file.text(), line);
    let cut =
        cut(file.text(), range.clone(), start.min(range.end)..end.min(range.end).max(start.min(range.end)));
    let message = clean::line(&label.message);
    let place = Place { line, columns: cut.columns, message, is_primary };
    let same = |window: &&mut Window| {
        window.file == label.span.file
            && !cut.is_cut
            && window.lines.last().is_some_and(|(last, text)| *last < line || *text == cut.text)
    };
    match windows.last_mut().filter(same) {
        Some(window) => {
            if window.lines.last().is_none_or(|(last, _)| *last != line) {
                window.lines.push((line, cut.text));
            }
            if is_primary {
                window.head = label.span;
            }
            window.places.push(place);
        }
        None => windows.push(Window {
            file: label.span.file,
            head: label.span,
            lines: vec![(line, cut.text)],
            places: vec![place],
        }),
    }
}

/// The last character boundary at or before `offset`.
pub(super) fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// A line as it is shown, with the columns of the bytes that are pointed at.
pub(super) struct Cut {
    pub(super) text: String,
    pub(super) columns: Range<usize>,
    pub(super) is_cut: bool,
}

/// The part of a line that is shown for a place in it: all of it, unless it is too wide.
pub(super) fn cut(text: &str, line: Range<usize>, place: Range<usize>) -> Cut {
    let mark = text[line.clone()].len() - text[line.clone()].trim_start_matches('\u{feff}').len();
    let line = line.start + mark..line.end;
    let place = place.start.max(line.start)..place.end.max(line.start);
    let before = &text[line.start..place.start];
    let fits = text[line.clone()].chars().nth(WIDTH).is_none();
    let lead = if fits { before.len() } else { tail(before, LEAD) };
    let from = place.start - lead;
    let mut shown = String::new();
    let elided = usize::from(from > line.start);
    if elided == 1 {
        shown.push('…');
    }
    let mut rest = text[from..line.end].chars();
    shown.extend(
        rest.by_ref().take(WIDTH).map(|each| if each == '\t' { each } else { clean::character(each) }),
    );
    if rest.next().is_some() {
        shown.push('…');
    }
    let start = elided + text[from..place.start].chars().count();
    let length = text[place].chars().take(WIDTH).count();
    let end = (start + length).min(shown.chars().count());
    Cut { columns: start.min(end)..end, text: shown, is_cut: !fits }
}

/// Bytes of the last `count` characters of `text`.
fn tail(text: &str, count: usize) -> usize {
    text.chars().rev().take(count).map(char::len_utf8).sum()
}

/// What ariadne asks for the windows' texts, by their numbers.
struct Windows(Vec<Source<String>>);

impl ariadne::Cache<usize> for Windows {
    type Storage = String;

    fn fetch(&mut self, id: &usize) -> Result<&Source<String>, impl std::fmt::Debug> {
        self.0.get(*id).ok_or("no such window")
    }

    fn display<'a>(&self, id: &'a usize) -> Option<impl std::fmt::Display + 'a> {
        Some(format!("{NAME}{id}{NAME}"))
    }
}

fn render(windows: &[Window], severity: Severity, coloured: bool) -> String {
    let mut texts = Vec::with_capacity(windows.len());
    let mut labels = Vec::new();
    for (id, window) in windows.iter().enumerate() {
        let (text, starts) = padded(&window.lines);
        for place in &window.places {
            let at = window.lines.iter().position(|(line, _)| *line == place.line).unwrap_or(0);
            // ariadne loses an empty place at the end of a window: it takes the next character, if need be the line end.
            let end = place.columns.end.max(place.columns.start + 1);
            let range = starts[at] + place.columns.start..starts[at] + end;
            let mut label = ariadne::Label::new((id, range)).with_order(labels.len() as i32);
            label = label.with_color(if place.is_primary { colour(severity) } else { Color::Cyan });
            // Without a message ariadne underlines nothing; the empty one's line is taken out again.
            label = label.with_message(&place.message);
            labels.push(label);
        }
        texts.push(Source::from(text));
    }
    let config = Config::new()
        .with_color(coloured)
        .with_compact(false)
        .with_index_type(IndexType::Char)
        .with_char_set(CharSet::Unicode)
        .with_label_attach(LabelAttach::Start)
        .with_tab_width(4);
    let report = ariadne::Report::build(ReportKind::Custom("", colour(severity)), (0, 0..0));
    let report = report.with_config(config).with_labels(labels).finish();
    let mut drawn = Vec::new();
    // Writing into memory cannot fail, and every window is there.
    let _ = report.write(Windows(texts), &mut drawn);
    String::from_utf8_lossy(&drawn).into_owned()
}

fn colour(severity: Severity) -> Color {
    match severity {
        Severity::Error => Color::Red,
        Severity::Warning => Color::Yellow,
        Severity::Info => Color::Blue,
    }
}

/// The window's lines at their numbers, and the character at which each begins.
fn padded(lines: &[(usize, String)]) -> (String, Vec<usize>) {
    let mut text = String::new();
    let mut starts = Vec::with_capacity(lines.len());
    let (mut number, mut characters) = (0, 0);
    for (line, shown) in lines {
        let empty = line - number;
        text.extend(std::iter::repeat_n('\n', empty));
        characters += empty;
        starts.push(characters);
        text.push_str(shown);
        text.push('\n');
        characters += shown.chars().count() + 1;
        number = line + 1;
    }
    (text, starts)
}

/// ariadne's drawing without its frame (headline, the head that repeats the finding's own place, lines that hold
/// nothing but the gutter), and with our own places in the other heads: on a line that was cut it counts columns of
/// what is shown.
fn named(report: &Report<'_>, windows: &[Window], primary: Span, drawn: &str) -> String {
    let headline = report.place(primary);
    let mut text = String::with_capacity(drawn.len());
    let mut lines = drawn.lines().skip(1).enumerate().peekable();
    while let Some((number, line)) = lines.next() {
        let mut parts = line.splitn(3, NAME);
        let (Some(before), Some(id), Some(after)) = (parts.next(), parts.next(), parts.next()) else {
            let bare = bare(line);
            if !is_frame(&bare) {
                text.push_str(line.trim_end());
                text.push('\n');
            } else if bare.contains('╰') && lines.peek().is_none_or(|(_, next)| !next.contains('╰')) {
                straighten(&mut text);
            }
            continue;
        };
        let window = id.parse().ok().and_then(|id: usize| windows.get(id));
        let Some(place) = window.map(|window| report.place(window.head)) else { continue };
        if number > 0 || place != headline {
            let after = after.trim_start_matches(|each: char| each == ':' || each.is_ascii_digit());
            let _ = writeln!(text, "{before}{place}{after}");
        }
    }
    text
}

/// A line of ariadne's without its colours.
fn bare(line: &str) -> String {
    let mut is_escape = false;
    let visible = |each: &char| {
        let was_escape = is_escape;
        is_escape = if was_escape { *each != 'm' } else { *each == '\u{1b}' };
        !was_escape && !is_escape
    };
    line.chars().filter(visible).collect()
}

/// True for a line of ariadne's that says nothing.
fn is_frame(bare: &str) -> bool {
    bare.chars().all(|each| matches!(each, ' ' | '│' | '┆' | '─' | '╯' | '╰'))
}

/// Takes the branch out of an underline that just lost the label hanging from it.
fn straighten(text: &mut String) {
    let line = text.trim_end_matches('\n').rfind('\n').map_or(0, |at| at + 1);
    let is_underline = bare(&text[line..]).trim_start().starts_with('│');
    if is_underline && text[line..].matches('┬').count() == 1 {
        let straight = text[line..].replace('┬', "─");
        text.truncate(line);
        text.push_str(&straight);
    }
}
