//! Exact edits of YAML and JSON: the bytes that change one value, and no other.
//!
//! Each function computes edits from the tree, applies them, reads the result and compares every value with what was
//! meant. An edit that would change anything else is not given out: the answer is `None`.

mod gate;
mod render;

use std::ops::Range;

use crate::finding::Edit;
use crate::source::Span;

use super::tree::{Entry, Format, Kind, Ref, Style, Tree};

use gate::Change;
use render::Layout;

/// A value to write.
#[derive(Clone, Debug, PartialEq)]
pub enum New {
    /// `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// Text, quoted where it must be.
    Str(String),
    /// A sequence.
    Sequence(Vec<New>),
    /// A mapping, in this order.
    Mapping(Vec<(String, New)>),
}

impl From<&str> for New {
    fn from(text: &str) -> New {
        New::Str(text.to_owned())
    }
}

impl From<i64> for New {
    fn from(value: i64) -> New {
        New::Int(value)
    }
}

impl From<bool> for New {
    fn from(value: bool) -> New {
        New::Bool(value)
    }
}

/// Where among its siblings a new entry or item goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before all others.
    First,
    /// After all others.
    Last,
    /// After the sibling of this index, as they are written, from 0.
    After(usize),
}

impl Place {
    /// The index that the new one will have among `count` siblings; `None` past their end.
    fn index(self, count: usize) -> Option<usize> {
        match self {
            Place::First => Some(0),
            Place::Last => Some(count),
            Place::After(index) => (index < count).then_some(index + 1),
        }
    }
}

/// The text with the edits applied; `None` when they overlap or do not fit it.
pub fn apply(text: &str, edits: &[Edit]) -> Option<String> {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = String::with_capacity(text.len() + 64);
    let mut from = 0;
    for edit in edits {
        out.push_str(text.get(from..edit.span.range().start)?);
        out.push_str(&edit.text);
        from = edit.span.range().end;
    }
    out.push_str(text.get(from..)?);
    Some(out)
}

/// True when edits of several calls do not get in each other's way, and the text reads as well after all of them.
pub fn reads_after(tree: &Tree, edits: &[Edit]) -> bool {
    edits.is_empty() || gate::reads(tree, edits)
}

/// Writes another value in the place of a scalar or an alias. The quotes stay of the same kind where they can.
pub fn replace_scalar(node: Ref<'_>, value: &New) -> Option<Vec<Edit>> {
    let style = match node.kind() {
        Kind::Scalar(style, _) => style,
        Kind::Alias(_) => Style::Plain,
        Kind::Sequence(_) | Kind::Mapping(_) => return None,
    };
    let text = render::inline(value, node.tree.format, style);
    let span = node.span();
    let before = &node.tree.text[..span.range().start];
    let is_glued = span.is_empty() && before.ends_with([':', '-', '?']);
    let text = if is_glued { format!(" {text}") } else { text };
    gate::pass(node.tree, vec![Edit { span, text }], &Change::Replace { node: node.id, value })
}

/// Writes a new entry into a mapping that has no such key.
pub fn insert_entry(mapping: Ref<'_>, place: Place, key: &str, value: &New) -> Option<Vec<Edit>> {
    let Kind::Mapping(is_flow) = mapping.kind() else { return None };
    let parts: Vec<Range<usize>> = mapping.written_entries().map(entry_range).collect();
    if mapping.written_entries().any(|entry| entry.key.key_text().is_some_and(|text| text == key)) {
        return None;
    }
    let at = place.index(parts.len())?;
    let layout = Layout::of(mapping.tree);
    let edits = match is_flow {
        true => insert_flow(mapping, &parts, at, |indent| layout.flow_entry(key, value, indent))?,
        false => insert_block(mapping, &parts, at, |indent| layout.block_entry(key, value, indent))?,
    };
    gate::pass(mapping.tree, edits, &Change::Insert { holder: mapping.id, at, key: Some(key), value })
}

/// Writes a new item into a sequence.
pub fn insert_item(sequence: Ref<'_>, place: Place, value: &New) -> Option<Vec<Edit>> {
    let Kind::Sequence(is_flow) = sequence.kind() else { return None };
    let parts = item_ranges(sequence)?;
    let at = place.index(parts.len())?;
    let layout = Layout::of(sequence.tree);
    let edits = match is_flow {
        true => insert_flow(sequence, &parts, at, |indent| layout.flow_value(value, indent))?,
        false => insert_block(sequence, &parts, at, |indent| layout.block_item(value, indent))?,
    };
    gate::pass(sequence.tree, edits, &Change::Insert { holder: sequence.id, at, key: None, value })
}

/// Removes the entry of a key, with its line. The comments above it stay.
pub fn remove_entry(mapping: Ref<'_>, key: &str) -> Option<Vec<Edit>> {
    let Kind::Mapping(is_flow) = mapping.kind() else { return None };
    let at =
        mapping.written_entries().position(|entry| entry.key.key_text().is_some_and(|text| text == key))?;
    let parts: Vec<Range<usize>> = mapping.written_entries().map(entry_range).collect();
    remove(mapping, is_flow, &parts, at)
}

/// Removes the item of this index, from 0, with its line. The comments above it stay.
pub fn remove_item(sequence: Ref<'_>, at: usize) -> Option<Vec<Edit>> {
    let Kind::Sequence(is_flow) = sequence.kind() else { return None };
    let parts = item_ranges(sequence)?;
    remove(sequence, is_flow, &parts, at)
}

fn remove(holder: Ref<'_>, is_flow: bool, parts: &[Range<usize>], at: usize) -> Option<Vec<Edit>> {
    let edits = match is_flow {
        true => remove_flow(holder, parts, at)?,
        false => remove_block(holder, parts, at)?,
    };
    gate::pass(holder.tree, edits, &Change::Remove { holder: holder.id, at })
}

/// Bytes of a node with its tag and anchor.
fn whole(node: Ref<'_>) -> Range<usize> {
    let span = node.span().range();
    let props = node.props().map(|props| [props.tag_span, props.anchor_span]);
    let first = props.into_iter().flatten().flatten().map(|(start, _)| start as usize).min();
    first.unwrap_or(span.start).min(span.start)..span.end
}

/// Bytes of an entry from its `?`, tag, anchor or key on.
fn entry_range(entry: Entry<'_>) -> Range<usize> {
    let text = &entry.key.tree.text;
    let start = whole(entry.key).start;
    let before = text[..start].trim_end_matches([' ', '\t']);
    let is_explicit = before.ends_with('?') && before[..before.len() - 1].ends_with([' ', '\n', '\t', '-']);
    let start = if is_explicit { before.len() - 1 } else { start };
    start..whole(entry.value).end.max(start)
}

/// Bytes of the items; in the block form from their `-` on.
fn item_ranges(sequence: Ref<'_>) -> Option<Vec<Range<usize>>> {
    let text = &sequence.tree.text;
    let is_flow = matches!(sequence.kind(), Kind::Sequence(true));
    let mut from = sequence.span().range().start;
    let mut ranges = Vec::new();
    for item in sequence.children() {
        let range = whole(item);
        let start = if is_flow { range.start } else { dash(text, from, range.start)? };
        from = range.end;
        ranges.push(start..range.end);
    }
    Some(ranges)
}

/// The `-` between the end of the item before and the start of an item.
fn dash(text: &str, from: usize, to: usize) -> Option<usize> {
    let mut at = from;
    while at < to {
        match text.as_bytes()[at] {
            b'-' => return Some(at),
            b'#' => at += text[at..].find('\n')?,
            _ => at += 1,
        }
    }
    None
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind(['\n', '\r']).map_or(0, |newline| newline + 1)
}

/// The end of the line that holds `at`, before its line end.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find(['\n', '\r']).map_or(text.len(), |newline| at + newline)
}

/// The offset after the line end at `at`.
fn after_line_end(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    at + if rest.starts_with("\r\n") { 2 } else { usize::from(!rest.is_empty()) }
}

/// Blanks that bring a line to the column of `at`.
fn indent_of(text: &str, at: usize) -> String {
    let before = text[line_start(text, at)..at].trim_start_matches('\u{feff}');
    " ".repeat(before.chars().count())
}

/// True when only blanks stand before `at` on its line.
fn is_line_start(text: &str, at: usize) -> bool {
    text[line_start(text, at)..at].chars().all(|character| matches!(character, ' ' | '\t' | '\u{feff}'))
}

fn insert(tree: &Tree, at: usize, text: String) -> Edit {
    Edit { span: Span::at(tree.file, at), text }
}

fn cut(tree: &Tree, range: Range<usize>) -> Edit {
    Edit { span: Span::new(tree.file, range.start, range.end), text: String::new() }
}

fn insert_block(
    holder: Ref<'_>,
    parts: &[Range<usize>],
    at: usize,
    render: impl Fn(&str) -> String,
) -> Option<Vec<Edit>> {
    let (tree, text) = (holder.tree, &holder.tree.text);
    let eol = Layout::of(tree).eol;
    let indent = indent_of(text, parts.first()?.start);
    let Some(before) = at.checked_sub(1) else {
        return Some(vec![insert(tree, parts[0].start, format!("{}{eol}{indent}", render(&indent)))]);
    };
    let end = line_end(text, parts[before].end);
    Some(vec![insert(tree, end, format!("{eol}{indent}{}", render(&indent)))])
}

fn insert_flow(
    holder: Ref<'_>,
    parts: &[Range<usize>],
    at: usize,
    render: impl Fn(&str) -> String,
) -> Option<Vec<Edit>> {
    let (tree, text) = (holder.tree, &holder.tree.text);
    let layout = Layout::of(tree);
    let eol = layout.eol;
    let span = holder.span().range();
    if !text[span.clone()].starts_with(['{', '[']) {
        return None;
    }
    let Some(first) = parts.first() else {
        let inside = span.start + 1;
        if tree.format == Format::Yaml || !layout.is_spread {
            return Some(vec![insert(tree, inside, render(""))]);
        }
        let line = line_start(text, span.start);
        let outer: String = text[line..].chars().take_while(|blank| matches!(blank, ' ' | '\t')).collect();
        let inner = format!("{outer}{}", layout.unit);
        let body = format!("{eol}{inner}{}{eol}{outer}", render(&inner));
        return Some(vec![Edit { span: Span::new(tree.file, inside, span.end - 1), text: body }]);
    };
    let indent = text[line_start(text, first.start)..first.start].to_owned();
    let is_spread = is_line_start(text, first.start);
    let Some(before) = at.checked_sub(1).map(|before| &parts[before]) else {
        let separator = if is_spread { format!(",{eol}{indent}") } else { ", ".to_owned() };
        return Some(vec![insert(tree, first.start, format!("{}{separator}", render(&indent)))]);
    };
    if !is_spread {
        return Some(vec![insert(tree, before.end, format!(", {}", render("")))]);
    }
    let end = line_end(text, before.end);
    let rest = text[before.end..end].trim_start();
    let (comma, after) = match rest.strip_prefix(',') {
        Some(after) => (true, after.trim_start()),
        None => (false, rest),
    };
    let is_alone = after.is_empty() || after.starts_with('#') || after.starts_with("//");
    let body = render(&indent);
    match (is_alone, comma) {
        (true, true) => {
            let is_last = at == parts.len();
            let comma = if is_last && tree.format == Format::Json { "" } else { "," };
            Some(vec![insert(tree, end, format!("{eol}{indent}{body}{comma}"))])
        }
        (true, false) if end > before.end => Some(vec![
            insert(tree, before.end, ",".to_owned()),
            insert(tree, end, format!("{eol}{indent}{body}")),
        ]),
        _ => Some(vec![insert(tree, before.end, format!(",{eol}{indent}{body}"))]),
    }
}

fn remove_block(holder: Ref<'_>, parts: &[Range<usize>], at: usize) -> Option<Vec<Edit>> {
    let (tree, text) = (holder.tree, &holder.tree.text);
    let part = parts.get(at)?;
    if parts.len() == 1 {
        return Some(vec![empty(holder, part)]);
    }
    let end = line_end(text, part.end);
    if !is_line_start(text, part.start) {
        // `- a: 1` with more entries below: the next one takes its place.
        let next = parts.get(at + 1)?;
        let between = text.get(end..next.start)?.trim();
        return between.is_empty().then(|| vec![cut(tree, part.start..next.start)]);
    }
    let start = line_start(text, part.start);
    let start = if text[start..].starts_with('\u{feff}') { start + '\u{feff}'.len_utf8() } else { start };
    let after = after_line_end(text, end);
    if after == end {
        // The last line of a file without a line end: the one before it becomes so.
        let before = text[..start].trim_end_matches(['\n', '\r']).len();
        let before =
            text[..start].strip_suffix("\r\n").or(text[..start].strip_suffix('\n')).map_or(before, str::len);
        return Some(vec![cut(tree, before..end)]);
    }
    Some(vec![cut(tree, start..after)])
}

/// What is left of a block collection whose only part goes: `{}` or `[]`, after its key where nothing stands between.
fn empty(holder: Ref<'_>, part: &Range<usize>) -> Edit {
    let (tree, text) = (holder.tree, &holder.tree.text);
    let brackets = if holder.is_mapping() { "{}" } else { "[]" };
    let before = text[..part.start].trim_end();
    let is_after_key = before.ends_with(':') && holder.parent().is_some();
    let (start, brackets) = match is_after_key {
        true => (before.len(), format!(" {brackets}")),
        false => (part.start, brackets.to_owned()),
    };
    Edit { span: Span::new(tree.file, start, part.end), text: brackets }
}

fn remove_flow(holder: Ref<'_>, parts: &[Range<usize>], at: usize) -> Option<Vec<Edit>> {
    let (tree, text) = (holder.tree, &holder.tree.text);
    let part = parts.get(at)?;
    let span = holder.span().range();
    let is_last = at + 1 == parts.len();
    if parts.len() == 1 {
        let inside = span.start + 1..span.end - 1;
        let has_comment = tree.comments.iter().any(|comment| inside.contains(&(comment.start as usize)));
        return (!has_comment).then(|| vec![cut(tree, inside)]);
    }
    let end = line_end(text, part.end);
    let rest = text[part.end..end].trim_start();
    let has_comma = rest.starts_with(',');
    let after = rest.trim_start_matches(',').trim_start();
    let is_alone = is_line_start(text, part.start)
        && (has_comma || is_last)
        && (after.is_empty() || after.starts_with('#') || after.starts_with("//"));
    if !is_alone {
        return Some(vec![match parts.get(at + 1) {
            Some(next) => cut(tree, part.start..next.start),
            None => cut(tree, parts[at - 1].end..part.end),
        }]);
    }
    let lines = cut(tree, line_start(text, part.start)..after_line_end(text, end));
    if !is_last || has_comma {
        return Some(vec![lines]);
    }
    // The comma before the last one would be left without a follower.
    let before = parts[at - 1].end;
    let comma = before + text[before..part.start].find(',')?;
    Some(vec![cut(tree, comma..comma + 1), lines])
}

#[cfg(test)]
mod tests;
