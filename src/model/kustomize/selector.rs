//! Which objects a patch is for: `target` with its patterns and selectors.

use regex::RegexBuilder;

use super::resource::{Resource, text_of};
use crate::facts::object::value::Value;

/// Longest pattern that is tried, and how large it may get when it is made ready.
const MAX_PATTERN: usize = 1_000;
const MAX_COMPILED: usize = 1 << 20;

/// True when the whole text fits the pattern; a pattern that cannot be read fits nothing.
pub(super) fn matches_whole(pattern: &str, text: &str) -> bool {
    if pattern == text {
        return true;
    }
    if pattern.len() > MAX_PATTERN {
        return false;
    }
    let built = RegexBuilder::new(&format!("^(?:{pattern})$")).size_limit(MAX_COMPILED).build();
    built.is_ok_and(|regex| regex.is_match(text))
}

/// True when `target` picks the object; an empty target picks all.
pub(super) fn picks(target: &Value, resource: &Resource) -> bool {
    let (current, original) = (resource.id(), resource.original_id());
    let fits = |key: &str, texts: &[&str]| {
        let pattern = text_of(target.get(key));
        pattern.is_empty() || texts.iter().any(|text| matches_whole(pattern, text))
    };
    fits("namespace", &[&original.namespace, &current.namespace])
        && fits("name", &[&original.name, &current.name])
        && fits("group", &[&current.group])
        && fits("version", &[&current.version])
        && fits("kind", &[&current.kind])
        && holds(text_of(target.get("labelSelector")), resource.root.at(&["metadata", "labels"]))
        && holds(text_of(target.get("annotationSelector")), resource.root.at(&["metadata", "annotations"]))
}

/// True when a selector of Kubernetes (`a=b,c!=d,e in (f,g),!h`) holds for a mapping.
fn holds(selector: &str, map: Option<&Value>) -> bool {
    requirements(selector).iter().all(|requirement| holds_one(requirement, map))
}

/// The parts between commas that are not inside of parentheses.
fn requirements(selector: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, character) in selector.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&selector[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&selector[start..]);
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

fn holds_one(requirement: &str, map: Option<&Value>) -> bool {
    let value_of = |key: &str| map.and_then(|map| map.get(key.trim())).map(|value| text_of(Some(value)));
    if let Some((key, values)) = requirement.split_once(" notin ") {
        return !value_of(key).is_some_and(|value| among(value, values));
    }
    if let Some((key, values)) = requirement.split_once(" in ") {
        return value_of(key).is_some_and(|value| among(value, values));
    }
    if let Some((key, value)) = requirement.split_once("!=") {
        return value_of(key) != Some(value.trim());
    }
    if let Some((key, value)) = requirement.split_once('=') {
        return value_of(key) == Some(value.trim_start_matches('=').trim());
    }
    match requirement.strip_prefix('!') {
        Some(key) => value_of(key).is_none(),
        None => value_of(requirement).is_some(),
    }
}

fn among(value: &str, list: &str) -> bool {
    list.trim().trim_start_matches('(').trim_end_matches(')').split(',').any(|item| item.trim() == value)
}
