//! Judges a configuration by its [shape](super::shape): unknown keys, values of another kind, rules that there are not.

use super::shape::{Key, SEVERITIES, Shape};
use crate::date::Date;
use crate::rules::page::{OptionKind, OptionSpec};
use crate::rules::{self, Rule};
use crate::source::Span;
use crate::syntax::Issue;
use crate::syntax::scalar::Value;
use crate::syntax::tree::Ref;

/// The rule under which everything wrong with a configuration is reported.
const RULE: &str = "project/configuration";
/// How alike two words have to be for one to be offered for the other: Jaro-Winkler, 1 for the same.
const ALIKE: f64 = 0.8;

/// What is wrong with a value, and with what is in it. The depth is that of the shape.
pub(super) fn judge(node: Ref<'_>, shape: Shape, issues: &mut Vec<Issue>) {
    match shape {
        Shape::Text if is_scalar(node) => {}
        Shape::Text => wrong(node, "text", issues),
        Shape::Day if text(node).is_some_and(|day| day.parse::<Date>().is_ok()) => {}
        Shape::Day => wrong(node, "a day, YYYY-MM-DD", issues),
        Shape::Word(words) => word(node, words, issues),
        Shape::Rule => drop(rule(node, issues)),
        Shape::Profile => word(node, &profiles(), issues),
        Shape::List(of) if node.is_sequence() => node.items().for_each(|item| judge(item, *of, issues)),
        Shape::List(_) => wrong(node, "a list", issues),
        Shape::Keys(keys) if node.is_mapping() => mapping(node, keys, issues),
        Shape::Settings(with_options) if node.is_mapping() => settings(node, with_options, issues),
        Shape::Keys(_) | Shape::Settings(_) => wrong(node, "a mapping", issues),
    }
}

/// The profiles that there are: the sets of rules that have to be asked for.
pub(super) fn profiles() -> Vec<&'static str> {
    let mut profiles: Vec<&str> =
        rules::all().iter().map(|rule| rule.set).filter(|set| *set != "default").collect();
    profiles.sort_unstable();
    profiles.dedup();
    profiles
}

/// The text of a scalar, whatever it means.
pub(super) fn text(node: Ref<'_>) -> Option<&str> {
    node.target().filter(|at| is_scalar(*at))?.str()
}

fn is_scalar(node: Ref<'_>) -> bool {
    !matches!(node.value(), Value::Null | Value::Collection | Value::Invalid)
}

fn issue(span: Span, message: String, help: Option<String>, issues: &mut Vec<Issue>) {
    issues.push(Issue { rule: RULE, message, span, help, related: Vec::new() });
}

fn wrong(node: Ref<'_>, wanted: &str, issues: &mut Vec<Issue>) {
    issue(node.span(), format!("this must be {wanted}: it is passed over"), None, issues);
}

/// The word most like `given`, as a help.
pub(super) fn nearest<'w>(given: &str, words: impl IntoIterator<Item = &'w str>) -> Option<String> {
    let likeness = |word: &str| strsim::jaro_winkler(given, word);
    let best = words.into_iter().max_by(|one, two| likeness(one).total_cmp(&likeness(two)))?;
    (likeness(best) >= ALIKE).then(|| format!("did you mean `{best}`?"))
}

fn word(node: Ref<'_>, words: &[&str], issues: &mut Vec<Issue>) {
    let Some(given) = text(node) else { return wrong(node, &words.join(", "), issues) };
    if !words.contains(&given) {
        let message = format!("{given:?} is none of {}: it is passed over", words.join(", "));
        issue(node.span(), message, nearest(given, words.iter().copied()), issues);
    }
}

fn mapping(node: Ref<'_>, keys: &[Key], issues: &mut Vec<Issue>) {
    for entry in node.entries() {
        let name = entry.key.key_text().unwrap_or_default();
        match keys.iter().find(|key| key.name == name) {
            Some(key) => judge(entry.value, key.shape, issues),
            None => {
                let message = format!("there is no key {name:?} here: it is passed over");
                let known = keys.iter().map(|key| key.name);
                let help = nearest(&name, known.clone());
                let all = || format!("the keys are {}", known.collect::<Vec<_>>().join(", "));
                issue(entry.key.span(), message, help.or_else(|| Some(all())), issues);
            }
        }
    }
    for key in keys.iter().filter(|key| key.is_required && node.get(key.name).is_none()) {
        let message = format!("`{}` is missing: the entry is passed over", key.name);
        issue(node.span(), message, Some(key.doc.to_owned()), issues);
    }
}

/// The rules of an id, or of `family/*`.
pub(super) fn named(id: &str) -> Vec<&'static Rule> {
    match id.strip_suffix("/*") {
        Some(family) => rules::all().iter().filter(|rule| rule.family() == family).collect(),
        None => rules::find(id).into_iter().collect(),
    }
}

fn rule(node: Ref<'_>, issues: &mut Vec<Issue>) -> Vec<&'static Rule> {
    let id = text(node).unwrap_or_default();
    let found = named(id);
    if found.is_empty() {
        let help = nearest(id, rules::all().iter().map(|rule| rule.id));
        issue(node.span(), format!("there is no rule {id:?}: this is passed over"), help, issues);
    }
    found
}

fn settings(node: Ref<'_>, with_options: bool, issues: &mut Vec<Issue>) {
    for entry in node.entries() {
        let found = rule(entry.key, issues);
        if found.is_empty() {
            continue;
        }
        match entry.value.is_mapping() && with_options {
            true => setting(entry.value, &found, issues),
            false if is_off(entry.value) => {}
            false => word(entry.value, &["off", "info", "warning", "error"], issues),
        }
    }
}

/// `off`, which is text to YAML 1.2, and `false`, which it is to YAML 1.1.
pub(super) fn is_off(node: Ref<'_>) -> bool {
    text(node) == Some("off") || node.as_bool() == Some(false)
}

fn setting(node: Ref<'_>, found: &[&'static Rule], issues: &mut Vec<Issue>) {
    let options: &[OptionSpec] = match found {
        [only] => only.page().map_or(&[], |page| &page.front.options),
        _ => &[],
    };
    for entry in node.entries() {
        let name = entry.key.key_text().unwrap_or_default();
        if name == "severity" {
            word(entry.value, &SEVERITIES, issues);
            continue;
        }
        match options.iter().find(|option| option.name == name) {
            Some(option) => option_value(entry.value, option, issues),
            None => {
                let message = format!("the rule has no option {name:?}: it is passed over");
                let known = options.iter().map(|option| option.name.as_str()).chain(["severity"]);
                issue(entry.key.span(), message, nearest(&name, known), issues);
            }
        }
    }
}

fn option_value(node: Ref<'_>, option: &OptionSpec, issues: &mut Vec<Issue>) {
    match option.kind {
        OptionKind::Bool if node.as_bool().is_some() => {}
        OptionKind::Integer if node.as_i64().is_some() => {}
        OptionKind::List => judge(node, Shape::List(&Shape::Text), issues),
        OptionKind::Text => judge(node, Shape::Text, issues),
        OptionKind::Bool => wrong(node, "true or false", issues),
        OptionKind::Integer => wrong(node, "a whole number", issues),
    }
}
