//! What GitHub's runner sees in a log: `ActionCommand.TryParseV2` and `TryParse` of actions/runner, read from their source.

use std::collections::BTreeMap;

/// A command as the runner takes it.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) name: String,
    pub(super) properties: BTreeMap<String, String>,
    pub(super) data: String,
}

/// The commands of a log. Names that the runner does not know count, too: it may come to know them.
pub(super) fn read(log: &str) -> Vec<Command> {
    let lines = log.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']);
    lines.filter_map(|line| second(line).or_else(|| first(line))).collect()
}

/// `::name key=value,key=value::data`, spaces before it aside.
fn second(line: &str) -> Option<Command> {
    let rest = line.trim_start().strip_prefix("::")?;
    let (info, data) = rest.split_once("::")?;
    let (name, properties) = info.split_once(' ').unwrap_or((info, ""));
    let pairs = properties.trim().split(',').filter_map(|pair| pair.split_once('='));
    let property = |text: &str| {
        let text = text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",");
        text.replace("%25", "%")
    };
    Some(Command {
        name: name.to_owned(),
        properties: pairs.map(|(key, value)| (key.to_owned(), property(value))).collect(),
        data: data.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%"),
    })
}

/// `##[name key=value;key=value]data`, anywhere in the line.
fn first(line: &str) -> Option<Command> {
    let (info, data) = line.split_once("##[")?.1.split_once(']')?;
    Some(Command { name: format!("##{info}"), properties: BTreeMap::new(), data: data.to_owned() })
}
