//! What a configuration says, as types. What does not fit its shape was told already and is passed over here.

use super::judge::{is_off, named, text};
use super::{Configuration, Setting};
use crate::check::exception::{self, Exceptions, Ignore, Override};
use crate::finding::Severity;
use crate::model::purpose::Purpose;
use crate::model::told::{Globs, OwnBase, Told};
use crate::rules::Rule;
use crate::rules::page::{OptionKind, OptionSpec, OptionValue};
use crate::syntax::Issue;
use crate::syntax::tree::Ref;

pub(super) fn configuration(root: Ref<'_>, prefix: &str, issues: &mut Vec<Issue>) -> Configuration {
    let mut globs = Compiler { prefix, issues };
    Configuration {
        as_of: root.get("as-of").and_then(text).and_then(|day| day.parse().ok()),
        fail_on: root.get("fail-on").and_then(text).and_then(|level| level.parse().ok()),
        exclude: texts(root.get("exclude")).iter().filter_map(|glob| beneath(glob, prefix)).collect(),
        exceptions: Exceptions {
            overrides: items(root, "overrides").filter_map(|item| overridden(item, &mut globs)).collect(),
            ignores: items(root, "ignore").filter_map(|item| ignored(item, &mut globs)).collect(),
        },
        told: Told {
            targets: items(root, "targets").filter_map(|item| target(item, &mut globs)).collect(),
            purposes: items(root, "purposes").filter_map(|item| purpose(item, &mut globs)).collect(),
            bases: items(root, "base-images").filter_map(base).collect(),
        },
        profiles: texts(root.get("profiles")).into_iter().map(str::to_owned).collect(),
        rules: root.get("rules").map(rules).unwrap_or_default(),
    }
}

/// Compiles globs, and says which ones are none.
struct Compiler<'i> {
    prefix: &'i str,
    issues: &'i mut Vec<Issue>,
}

impl Compiler<'_> {
    /// The globs of a list, or the one of a text.
    fn globs(&mut self, node: Ref<'_>) -> Option<Globs> {
        let written = if node.is_sequence() { texts(Some(node)) } else { text(node).into_iter().collect() };
        match Globs::new(written, self.prefix) {
            Ok(globs) => Some(globs),
            Err(message) => {
                let (rule, span) = ("project/configuration", node.span());
                self.issues.push(Issue { rule, message, span, help: None, related: Vec::new() });
                None
            }
        }
    }
}

fn items<'t>(root: Ref<'t>, key: &str) -> impl Iterator<Item = Ref<'t>> {
    root.get(key).into_iter().flat_map(Ref::items)
}

fn texts(node: Option<Ref<'_>>) -> Vec<&str> {
    node.into_iter().flat_map(Ref::items).filter_map(text).collect()
}

fn owned(item: Ref<'_>, key: &str) -> Option<String> {
    item.get(key).and_then(text).map(str::to_owned)
}

/// A glob of the configuration's folder as one of the root below it; `None` when it names nothing in there.
fn beneath(glob: &str, prefix: &str) -> Option<String> {
    if prefix.is_empty() || !glob.trim_end_matches('/').contains('/') || glob.starts_with("**/") {
        return Some(glob.to_owned());
    }
    glob.trim_start_matches('/').strip_prefix(prefix).map(|rest| format!("/{rest}"))
}

fn rules(node: Ref<'_>) -> Vec<(&'static Rule, Setting)> {
    let mut rules = Vec::new();
    for entry in node.entries() {
        for rule in named(text(entry.key).unwrap_or_default()) {
            rules.push((rule, setting(rule, entry.value)));
        }
    }
    rules
}

fn setting(rule: &Rule, node: Ref<'_>) -> Setting {
    if !node.is_mapping() {
        let severity = text(node).and_then(|level| level.parse().ok());
        return Setting { is_off: is_off(node), severity, ..Setting::default() };
    }
    let options = rule.page().map_or(&[] as &[OptionSpec], |page| &page.front.options);
    let set = options.iter().filter_map(|option| {
        Some((option.name.clone(), option_value(node.get(&option.name)?, option.kind)?))
    });
    let severity = node.get("severity").and_then(text).and_then(|level| level.parse().ok());
    Setting { is_off: false, severity, options: set.collect() }
}

fn option_value(node: Ref<'_>, kind: OptionKind) -> Option<OptionValue> {
    Some(match kind {
        OptionKind::Bool => OptionValue::Bool(node.as_bool()?),
        OptionKind::Integer => OptionValue::Integer(node.as_i64()?),
        OptionKind::Text => OptionValue::Text(text(node)?.to_owned()),
        OptionKind::List => OptionValue::List(texts(Some(node)).into_iter().map(str::to_owned).collect()),
    })
}

fn overridden(item: Ref<'_>, globs: &mut Compiler<'_>) -> Option<Override> {
    let mut rules = Vec::new();
    for entry in item.get("rules")?.entries() {
        let severity = text(entry.value).and_then(|level| level.parse::<Severity>().ok());
        let setting = match severity {
            _ if is_off(entry.value) => exception::Setting::Off,
            Some(severity) => exception::Setting::Severity(severity),
            None => continue,
        };
        rules.extend(named(text(entry.key).unwrap_or_default()).into_iter().map(|rule| (rule.id, setting)));
    }
    Some(Override { paths: globs.globs(item.get("paths")?)?, rules })
}

fn ignored(item: Ref<'_>, globs: &mut Compiler<'_>) -> Option<Ignore> {
    let until = match item.get("until") {
        // A day that cannot be read would otherwise accept the finding for ever.
        Some(until) => Some(text(until)?.parse().ok()?),
        None => None,
    };
    let path = match item.get("path") {
        Some(path) => Some(globs.globs(path)?),
        None => None,
    };
    Some(Ignore {
        rules: named(text(item.get("rule")?)?).iter().map(|rule| rule.id).collect(),
        reason: owned(item, "reason").filter(|reason| !reason.trim().is_empty())?,
        path,
        app: owned(item, "app"),
        object: owned(item, "object"),
        container: owned(item, "container"),
        until,
        span: item.span(),
    })
}

fn target(item: Ref<'_>, globs: &mut Compiler<'_>) -> Option<(Globs, String)> {
    Some((globs.globs(item.get("dockerfile")?)?, owned(item, "stage")?))
}

fn purpose(item: Ref<'_>, globs: &mut Compiler<'_>) -> Option<(Globs, Purpose, crate::source::Span)> {
    let purpose = item.get("purpose")?;
    Some((globs.globs(item.get("paths")?)?, Purpose::of_word(text(purpose)?)?, purpose.span()))
}

fn base(item: Ref<'_>) -> Option<OwnBase> {
    Some(OwnBase::new(text(item.get("image")?)?, text(item.get("like")?)?, item.get("user").and_then(text)))
}
