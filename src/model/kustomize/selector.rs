//! Which objects a patch is for: `target` with its patterns and selectors.

use regex::{Regex, RegexBuilder};

use super::resource::{Resource, text_of};
use crate::facts::object::value::Value;

/// Longest pattern that is tried, and how large it may get when it is made ready.
const MAX_PATTERN: usize = 1_000;
const MAX_COMPILED: usize = 1 << 20;

/// A pattern that a whole text must fit; made ready once for all objects.
pub(super) enum Pattern {
    Any,
    Literal(String),
    Regex(Regex),
    /// One that cannot be read fits nothing.
    Broken,
}

impl Pattern {
    pub(super) fn new(text: &str) -> Pattern {
        if text.is_empty() {
            return Pattern::Any;
        }
        if text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/')) {
            return Pattern::Literal(text.to_owned());
        }
        if text.len() > MAX_PATTERN {
            return Pattern::Broken;
        }
        let built = RegexBuilder::new(&format!("^(?:{text})$")).size_limit(MAX_COMPILED).build();
        built.map_or(Pattern::Broken, Pattern::Regex)
    }

    fn fits(&self, text: &str) -> bool {
        match self {
            Pattern::Any => true,
            Pattern::Literal(literal) => literal == text,
            Pattern::Regex(regex) => regex.is_match(text),
            Pattern::Broken => false,
        }
    }
}

/// `target` of a patch, or `select` of a replacement; an empty one picks every object.
pub(super) struct Selector<'v> {
    target: &'v Value,
    namespace: Pattern,
    name: Pattern,
    group: Pattern,
    version: Pattern,
    kind: Pattern,
}

impl<'v> Selector<'v> {
    pub(super) fn new(target: &'v Value) -> Selector<'v> {
        let pattern = |key: &str| Pattern::new(text_of(target.get(key)));
        Selector {
            target,
            namespace: pattern("namespace"),
            name: pattern("name"),
            group: pattern("group"),
            version: pattern("version"),
            kind: pattern("kind"),
        }
    }

    /// True when it picks the object, by what it is or was called.
    pub(super) fn picks(&self, resource: &Resource) -> bool {
        let (current, original) = (resource.id(), resource.original_id());
        let map = |key: &str| resource.root.at(&["metadata", key]);
        (self.namespace.fits(&original.namespace) || self.namespace.fits(&current.namespace))
            && (self.name.fits(&original.name) || self.name.fits(&current.name))
            && self.group.fits(&current.group)
            && self.version.fits(&current.version)
            && self.kind.fits(&current.kind)
            && holds(text_of(self.target.get("labelSelector")), map("labels"))
            && holds(text_of(self.target.get("annotationSelector")), map("annotations"))
    }
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
