//! YAML read into a [`Tree`]: every document that can be read is, whatever stands before or after it.

mod kubectl;
mod padding;
mod reader;
mod written;

use std::sync::Arc;

use crate::source::{FileId, Span};

use super::limits::Limits;
use super::tree::{NodeId, Schema, Tree};
use super::{Issue, Parsed, json, view};

use padding::Padding;

/// The rule that reports what is wrong in YAML.
pub const RULE: &str = "yaml/syntax";

/// Reads a stream of YAML documents.
pub fn parse(file: FileId, text: Arc<str>, schema: Schema) -> Parsed<Tree> {
    parse_within(file, text, schema, &Limits::default())
}

/// [`parse`] with other limits.
pub fn parse_within(file: FileId, text: Arc<str>, schema: Schema, limits: &Limits) -> Parsed<Tree> {
    let mut parsed = read(file, text, schema, limits);
    let duplicates = view::untangle(&mut parsed.tree);
    parsed.issues.extend(duplicates.into_iter().take(limits.errors).map(|duplicate| {
        let second = parsed.tree.at(duplicate.second);
        equal_keys(RULE, &parsed.tree, second.str().unwrap_or_default(), duplicate.first, duplicate.second)
    }));
    if schema == Schema::Kubernetes {
        let issues = kubectl::issues(&parsed.tree, limits.errors);
        parsed.issues.extend(issues);
    }
    parsed.issues.sort_by_key(|issue| issue.span.start);
    parsed
}

/// Reads manifests: YAML, or JSON when the text starts with `{`, as kubectl does. JSON that is not JSON but still
/// YAML (comments, single quotes, several documents) is read as YAML.
pub fn parse_manifest(file: FileId, text: Arc<str>) -> Parsed<Tree> {
    let starts_as_json = text.trim_start_matches('\u{feff}').trim_start().starts_with('{');
    if starts_as_json {
        let parsed = json::parse(file, text.clone(), json::Dialect::Strict);
        if parsed.issues.is_empty() {
            return parsed;
        }
        let as_yaml = parse(file, text, Schema::Kubernetes);
        let is_yaml = as_yaml.tree.documents.iter().all(|document| document.complete);
        return if is_yaml { as_yaml } else { parsed };
    }
    parse(file, text, Schema::Kubernetes)
}

/// The issue of a key that its mapping holds before.
pub(super) fn equal_keys(rule: &'static str, tree: &Tree, key: &str, first: NodeId, second: NodeId) -> Issue {
    let message = format!("key {key:?} is written twice in one mapping: only the last one counts");
    let mut issue =
        Issue::new(rule, message, tree.at(second).span()).with_help("remove one of the two entries");
    issue.related.push(tree.at(first).span());
    issue
}

/// Reads, and reads again where a quoted text that goes on with too little indentation can be mended.
fn read(file: FileId, text: Arc<str>, schema: Schema, limits: &Limits) -> Parsed<Tree> {
    if let Some(issue) = limits.refuse(file, &text) {
        let tree = super::tree::Builder::new(file, text, super::tree::Format::Yaml, schema).finish();
        return Parsed { tree, issues: vec![issue] };
    }
    let first = reader::read(file, text.clone(), schema, limits, &Padding::default());
    if first.under_indented.is_empty() || schema == Schema::Core {
        return first.parsed;
    }
    let errors = first.parsed.issues.len();
    let mended = mend(file, &text, schema, limits, first.under_indented);
    match mended {
        Some(mended) if mended.issues.len() < errors => mended,
        _ => first.parsed,
    }
}

/// The text read with the lines padded that a quoted text goes on with, until nothing is left to pad.
fn mend(
    file: FileId,
    text: &Arc<str>,
    schema: Schema,
    limits: &Limits,
    mut places: Vec<reader::UnderIndented>,
) -> Option<Parsed<Tree>> {
    /// Bytes that may be read again in all, so that a hostile file costs no more than a large one.
    const BUDGET: usize = 32 << 20;
    let rounds = (BUDGET / text.len().max(1)).clamp(2, 64);
    let mut padding = Padding::default();
    let mut best = None;
    for _ in 0..rounds {
        let before = padding.len();
        for place in &places {
            padding.add(text, place.after, place.at);
        }
        if padding.len() == before {
            break;
        }
        let read = reader::read(file, text.clone(), schema, limits, &padding);
        places = read.under_indented;
        best = Some(read.parsed);
        if places.is_empty() {
            break;
        }
    }
    best
}

/// The span of the character at `offset`; empty at a line end and at the end of the text.
fn character(file: FileId, text: &str, offset: usize) -> Span {
    let mut start = offset.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let visible = text[start..].chars().next().filter(|character| !matches!(character, '\n' | '\r'));
    Span::new(file, start, start + visible.map_or(0, char::len_utf8))
}

#[cfg(test)]
mod tests;
