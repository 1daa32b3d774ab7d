//! Secrets in ConfigMaps, as values and in the files that they hold.

use crate::facts::secret::{self, Secret};
use crate::finding::Severity;
use crate::model::Object;
use crate::rules::{Cx, Sink};

pub(crate) fn check(_: &Cx<'_>, object: &Object, sink: &mut Sink) {
    let Some(map) = object.facts.config_map() else { return };
    let map_name = object.facts.name().known().map_or_else(String::new, |name| format!(" {name}"));
    for entry in &map.data.items {
        let (key, text) = &entry.value;
        let Some(text) = text.known() else { continue };
        let Some((name, found)) = secret_in(&key.value, text) else { continue };
        let what = match found {
            Secret::Recognised(what) => format!("{name} holds {what}"),
            Secret::Named => format!("{name} is a secret"),
            Secret::WellKnown => format!("{name} holds a value that everybody knows"),
        };
        let severity = if found == Secret::WellKnown { Severity::Warning } else { Severity::Error };
        sink.report(
            key.span,
            format!("{what}, and ConfigMap{map_name} shows it to all who may read settings"),
        )
        .severity(severity)
        .help("move it to a Secret that is not in the repository, and change it: it was public");
    }
}

/// The first secret of an entry: its name, the key or a setting in the file that the entry holds, and what it is.
fn secret_in<'t>(key: &'t str, text: &'t str) -> Option<(&'t str, Secret)> {
    if !text.trim_end().contains('\n') {
        return secret::of_variable(key, text).map(|found| (key, found));
    }
    let by_form = || Some((key, secret::in_text(text)?.1));
    let separator = match key.rsplit('.').next().unwrap_or(key) {
        "env" | "properties" | "ini" | "cfg" | "toml" => '=',
        "yaml" | "yml" | "json" => ':',
        _ => return by_form(),
    };
    by_form().or_else(|| text.lines().find_map(|line| setting(line, separator)))
}

/// The secret that a line of a file of settings sets.
fn setting(line: &str, separator: char) -> Option<(&str, Secret)> {
    let line = line.trim().trim_end_matches(',');
    if line.starts_with(['#', ';', '!']) || line.starts_with("//") {
        return None;
    }
    let (name, value) = line.split_once(separator)?;
    let name = name.trim().trim_start_matches("export ").trim_matches(['"', '\'']);
    let value = value.trim();
    // What holds brackets or blanks is code or a sentence.
    let is_plain = !name.contains(char::is_whitespace) && !value.contains(['(', '{', '[', ' ', '|', '>']);
    secret::of_variable(name, value).filter(|_| is_plain).map(|found| (name, found))
}
