//! Imports whose file code computes, and that still lie in one folder: `require("./routes/" + name)`, or each of
//! `glob.sync(__dirname + "/routes/*.js")`.

use super::{Bytes, FileFacts, Import, Value, ValueAt};

/// A folder that holds all that a computed import may load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFolder {
    /// The folder, relative to that of the file.
    pub path: String,
    /// True when folders within it count too.
    pub deep: bool,
}

/// The folder of an import whose specifier is computed, when what is written shows it.
pub fn import_folder(facts: &FileFacts, import: &Import) -> Option<ImportFolder> {
    let written = facts.text_at(import.specifier_at);
    of_literal(written).or_else(|| beside_file(written)).or_else(|| of_list(facts, import.specifier_at))
}

/// `` `./routes/${name}` `` and `"./routes/" + name`.
fn of_literal(written: &str) -> Option<ImportFolder> {
    let inside = written.strip_prefix(['\'', '"', '`'])?;
    let fixed = inside.split(['\'', '"', '`']).next()?.split("${").next()?;
    let relative = fixed.starts_with("./") || fixed.starts_with("../");
    let (folder, _) = fixed.rsplit_once('/').filter(|_| relative)?;
    named(folder, true)
}

/// `path.join(__dirname, "routes", name)` and `__dirname + "/routes/**/*.js"`.
fn beside_file(written: &str) -> Option<ImportFolder> {
    let (_, mut rest) = written.split_once("__dirname")?;
    let mut path = ".".to_owned();
    loop {
        rest = rest.trim_start_matches([' ', ',', '+', '\n', '\r', '\t', '/', '`']);
        let Some(quote) = rest.chars().next().filter(|first| matches!(first, '\'' | '"')) else { break };
        let (text, after) = rest[1..].split_once(quote)?;
        let fixed = text.split(['*', '{', '(', '[', '?', '+']).next()?;
        path.push('/');
        if fixed.len() < text.len() {
            path.push_str(fixed.rsplit_once('/').map_or("", |(folder, _)| folder).trim_start_matches('/'));
            return named(&path, text.contains("**"));
        }
        path.push_str(fixed.trim_matches('/'));
        rest = after;
    }
    named(&path, true)
}

/// The elements of a list that is read from a folder, one of which the import takes: a parameter of `forEach` and the like.
fn of_list(facts: &FileFacts, specifier: Bytes) -> Option<ImportFolder> {
    let is_it = |value: &&ValueAt| value.at == specifier && matches!(value.value, Value::Ident(_));
    let Value::Ident(name) = facts.values.iter().find(is_it)?.value else { return None };
    let Value::Parameter(function, 0) = facts.value(facts.lookup(name)?) else { return None };
    let (call, 0) = facts.function(function).passed_to? else { return None };
    let (list, _) = facts.method(facts.call(call))?;
    let text = facts.text_at_value(list);
    let lists = ["glob", "readdir", "fg.", "walk"].iter().any(|word| text.contains(word));
    beside_file(text).filter(|_| lists)
}

/// A folder below the file's own; in that itself only what lies directly in it.
fn named(path: &str, deep: bool) -> Option<ImportFolder> {
    let up = path.split('/').filter(|part| *part == "..").count();
    let down = path.split('/').filter(|part| !matches!(*part, "." | ".." | "")).count();
    (up == 0 || down > 0).then(|| ImportFolder { path: path.to_owned(), deep: deep && down > 0 })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::source::FileId;
    use crate::syntax::script::Dialect;

    #[test]
    fn computed_imports_lie_in_folders() {
        for (text, expected) in [
            ("require(`./routes/${name}`)", Some(("./routes", true))),
            ("require('../jobs/' + name)", Some(("../jobs", true))),
            ("require(path.join(__dirname, 'routes', name))", Some(("./routes", true))),
            ("require(path.join(__dirname, name))", Some((".", false))),
            (
                "glob.sync(__dirname + '/routes/**/*.+(ts|js)').map(file => require(file))",
                Some(("./routes", true)),
            ),
            (
                "glob.sync(path.join(__dirname, 'api', '*.js')).forEach(f => require(f))",
                Some(("./api/", false)),
            ),
            ("names.forEach(name => require(name))", None),
            ("require(name)", None),
            ("require(`${base}/routes`)", None),
            ("require('../' + name)", None),
        ] {
            let facts = super::super::read(FileId(0), Arc::from(text), Dialect::JavaScript).tree;
            let found = import_folder(&facts, facts.imports.last().unwrap());
            let found = found.as_ref().map(|folder| (folder.path.as_str(), folder.deep));
            assert_eq!(found, expected, "{text}");
        }
    }
}
