//! Configuration files of pm2: which programs it keeps alive, and how many processes of each.

use super::{FileFacts, Imported, Value, ValueId};
use crate::source::Spanned;
use crate::syntax::tree::{Ref, Tree};

/// A program that pm2 keeps alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedApp {
    /// The file that it runs, when it is written out.
    pub script: Option<String>,
    /// Its processes, when they are more than one.
    pub workers: Option<Spanned<Workers>>,
}

/// Processes of the same program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Workers {
    /// So many.
    Count(u32),
    /// As many as the machine has CPUs.
    PerCpu,
}

impl Workers {
    /// Reads a number of instances as pm2 does; `None` for one process, or what is no number.
    pub fn of(text: &str) -> Option<Workers> {
        match text.trim() {
            "max" | "0" | "-1" => Some(Workers::PerCpu),
            number => number.parse().ok().filter(|count| *count > 1).map(Workers::Count),
        }
    }
}

/// The apps of an ecosystem file, each with its bytes. Empty when it has none that are written out.
pub fn managed(facts: &FileFacts) -> Vec<Spanned<ManagedApp>> {
    let exported =
        facts.exports.iter().find(|export| matches!(export.name, Imported::Whole | Imported::Default));
    let Some(exported) = exported.map(|export| export.value) else { return Vec::new() };
    let root = facts.resolve(exported);
    let list = match facts.value(root) {
        Value::Object(_) => match facts.entry(root, "apps") {
            Ok(Some(apps)) => facts.resolve(apps),
            _ => return Vec::new(),
        },
        _ => root,
    };
    let Value::List(items) = facts.value(list) else { return Vec::new() };
    facts.items[items.range()].iter().filter_map(|item| app(facts, *item)).collect()
}

/// The same of a configuration file in JSON or YAML: a list of apps, an object with one, or a single app.
pub fn managed_data(tree: &Tree) -> Vec<Spanned<ManagedApp>> {
    let Some(root) = tree.root() else { return Vec::new() };
    let list = root.get("apps").unwrap_or(root);
    let apps: Vec<Ref<'_>> = if list.is_sequence() { list.items().collect() } else { vec![list] };
    let read = |app: Ref<'_>| {
        let script = app.get("script").and_then(|script| script.str()).map(str::to_owned);
        let instances = app.get("instances");
        let workers =
            instances.and_then(|count| Some(Spanned::new(Workers::of(count.str()?)?, count.span())));
        Spanned::new(ManagedApp { script, workers }, app.span())
    };
    apps.into_iter().filter(|app| app.is_mapping() && app.get("script").is_some()).map(read).collect()
}

fn app(facts: &FileFacts, item: ValueId) -> Option<Spanned<ManagedApp>> {
    let item = facts.resolve(item);
    let Value::Object(_) = facts.value(item) else { return None };
    let script = facts.entry(item, "script").ok().flatten().and_then(|script| facts.text_of(script));
    let instances = facts.entry(item, "instances").ok().flatten().map(|instances| facts.resolve(instances));
    let workers = instances.and_then(|id| {
        let workers = match facts.value(id) {
            Value::Text(text) => Workers::of(facts.name(text)),
            Value::Number(number) => Workers::of(&number.to_string()),
            _ => None,
        };
        Some(Spanned::new(workers?, facts.value_span(id)))
    });
    let app = ManagedApp { script: script.map(str::to_owned), workers };
    Some(Spanned::new(app, facts.value_span(item)))
}
