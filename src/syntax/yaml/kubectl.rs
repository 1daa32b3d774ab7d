//! What kubectl refuses though YAML 1.2 allows it: its reader is libyaml's YAML 1.1 and then JSON.
//!
//! Each case was seen with sigs.k8s.io/yaml over go.yaml.in/yaml/v2 2.4.

use crate::source::Span;
use crate::syntax::Issue;
use crate::syntax::scalar::Value;
use crate::syntax::tree::{Entry, Kind, Ref, Style, Text, Tree};

use super::{RULE, character};

/// The issues of a tree of manifests, at most `limit`.
pub(super) fn issues(tree: &Tree, limit: usize) -> Vec<Issue> {
    let mut issues = Vec::new();
    let has_separator = ["\u{85}", "\u{2028}", "\u{2029}"].iter().any(|mark| tree.text.contains(mark));
    for node in tree.nodes().map(|id| tree.at(id)) {
        if issues.len() >= limit {
            return issues;
        }
        match node.kind() {
            Kind::Scalar(style, text) => {
                scalar(node, style, text, &mut issues);
                if has_separator && style == Style::Plain {
                    separator(node, &mut issues);
                }
            }
            Kind::Mapping(is_flow) => mapping(node, is_flow, &mut issues),
            Kind::Sequence(false) => dashes(node, &mut issues),
            _ => {}
        }
    }
    blank_lines(tree, &mut issues);
    issues.truncate(limit);
    issues
}

fn refuse(issues: &mut Vec<Issue>, message: &str, span: Span, help: &str) {
    issues.push(Issue::new(RULE, format!("{message}: kubectl refuses the document"), span).with_help(help));
}

fn scalar(node: Ref<'_>, style: Style, text: Text, issues: &mut Vec<Issue>) {
    match style {
        Style::Double if matches!(text, Text::Cooked(..)) => escapes(node, issues),
        Style::Literal | Style::Folded => tab_in_block(node, issues),
        _ => {}
    }
    match node.value() {
        Value::Invalid => refuse(issues, "the tag does not fit the text", node.span(), "remove the tag"),
        // A mapping looks after its own, because a key may be infinite.
        _ if node.parent().is_some_and(|parent| matches!(parent.kind(), Kind::Mapping(_))) => {}
        value => finite(node, value, issues),
    }
}

fn finite(node: Ref<'_>, value: Value<'_>, issues: &mut Vec<Issue>) {
    if matches!(value, Value::Float(value) if !value.is_finite()) {
        refuse(issues, "JSON has no infinity and no NaN", node.span(), "write a number, or quote the text");
    }
}

/// Escapes of YAML 1.2 and JSON that YAML 1.1 does not have: `\/` and halves of a surrogate pair.
fn escapes(node: Ref<'_>, issues: &mut Vec<Issue>) {
    let span = node.inner_span();
    let source = &node.tree.text[span.range()];
    let mut at = 0;
    while let Some(found) = source[at..].find('\\') {
        at += found;
        let rest = &source[at + 1..];
        let is_surrogate = rest.get(..3).is_some_and(|mark| {
            mark.starts_with('u')
                && matches!(mark.as_bytes()[1], b'd' | b'D')
                && matches!(mark.as_bytes()[2], b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F')
        });
        if is_surrogate || rest.starts_with('/') {
            let length = if is_surrogate { 6 } else { 2 };
            let place = Span::new(span.file, span.range().start + at, span.range().start + at + length);
            refuse(issues, "YAML 1.1 has no such escape", place, "write the character itself");
            return;
        }
        at += 1 + rest.chars().next().map_or(0, char::len_utf8);
    }
}

/// A tab where the indentation of a block is still to be found.
fn tab_in_block(node: Ref<'_>, issues: &mut Vec<Issue>) {
    let header = node.header_span().map(|header| &node.tree.text[header.range()]);
    if header.is_none_or(|header| header.contains(|mark: char| mark.is_ascii_digit())) {
        return;
    }
    let body = node.inner_span();
    let mut at = body.range().start;
    for line in node.tree.text[body.range()].split_inclusive('\n') {
        let text = line.trim_start_matches(' ');
        if text.starts_with('\t') {
            let place = character(body.file, &node.tree.text, at + line.len() - text.len());
            refuse(
                issues,
                "a tab before the text of a block",
                place,
                "indent with blanks, or say the indentation (`|2`)",
            );
            return;
        }
        if !text.trim().is_empty() {
            return;
        }
        at += line.len();
    }
}

/// Characters that end a line in YAML 1.1 and do not in 1.2.
fn separator(node: Ref<'_>, issues: &mut Vec<Issue>) {
    let span = node.span();
    let source = &node.tree.text[span.range()];
    if let Some(at) = source.find(['\u{85}', '\u{2028}', '\u{2029}']) {
        let place = character(span.file, &node.tree.text, span.range().start + at);
        refuse(issues, "an invisible line separator in a text without quotes", place, "remove the character");
    }
}

fn mapping(node: Ref<'_>, is_flow: bool, issues: &mut Vec<Issue>) {
    let is_pair = is_flow && !node.tree.text[node.span().range()].starts_with('{');
    for Entry { key, value } in node.written_entries() {
        if key.is_merge_key() {
            merge(value, issues);
            continue;
        }
        if matches!(value.kind(), Kind::Scalar(..)) {
            finite(value, value.value(), issues);
        }
        let colon = is_pair && key.str().is_some_and(|text| text.starts_with(':'));
        if colon {
            refuse(issues, "a text that starts with `:` in a flow sequence", key.span(), "quote the text");
            continue;
        }
        match key.value() {
            Value::Collection => {
                let is_template = node.tree.text[key.span().range()].starts_with('{');
                let help =
                    if is_template { "quote a template expression" } else { "write a text as the key" };
                refuse(issues, "a mapping or sequence as a key", key.span(), help);
            }
            Value::Null => {
                refuse(issues, "a key that is null", key.span(), "quote the key, or give it a name")
            }
            Value::UInt(_) => refuse(issues, "a number beyond 63 bits as a key", key.span(), "quote the key"),
            _ => {}
        }
    }
}

fn merge(value: Ref<'_>, issues: &mut Vec<Issue>) {
    let is_fit = match value.target().map(|target| target.kind()) {
        Some(Kind::Mapping(_)) | None => true,
        Some(Kind::Sequence(_)) => value.items().all(Ref::is_mapping),
        _ => false,
    };
    if !is_fit {
        refuse(
            issues,
            "a merge key takes a mapping, or a sequence of mappings",
            value.span(),
            "name an anchored mapping",
        );
    }
}

/// A tab right after the `-` of an item.
fn dashes(node: Ref<'_>, issues: &mut Vec<Issue>) {
    let text = &node.tree.text;
    for item in node.children() {
        let start = item.props().and_then(|props| {
            let spans = [props.tag_span, props.anchor_span];
            spans.into_iter().flatten().map(|(start, _)| start).min()
        });
        let start = start.unwrap_or(item.span().start).min(item.span().start) as usize;
        let before = text[..start].trim_end_matches([' ', '\t']);
        if before.ends_with('-') && text[before.len()..start].starts_with('\t') {
            let place = Span::new(item.span().file, before.len(), before.len() + 1);
            refuse(issues, "a tab after the `-` of an item", place, "write a blank after the `-`");
        }
    }
}

/// A line of nothing but blanks that starts with a tab, where no quoted text and no brackets hold it.
fn blank_lines(tree: &Tree, issues: &mut Vec<Issue>) {
    let text = &tree.text;
    let starts_with_tab = text.match_indices("\n\t").map(|(newline, _)| newline + 1);
    let is_blank = |at: &usize| text[*at..].lines().next().is_some_and(|line| line.trim().is_empty());
    let found: Vec<usize> = starts_with_tab.filter(is_blank).take(100).collect();
    if found.is_empty() {
        return;
    }
    let holds = |node: Ref<'_>| match node.kind() {
        Kind::Scalar(style, _) => style != Style::Plain,
        Kind::Sequence(is_flow) | Kind::Mapping(is_flow) => is_flow,
        Kind::Alias(_) => false,
    };
    let nodes = tree.nodes().map(|id| tree.at(id));
    let spans: Vec<Span> = nodes.filter(|node| holds(*node)).map(Ref::span).collect();
    for at in found {
        let place = Span::new(tree.file, at, at + 1);
        if !spans.iter().any(|span| span.contains(place)) {
            refuse(issues, "a tab on a blank line", place, "remove the tab");
        }
    }
}
