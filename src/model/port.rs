//! Port and address of a server whose code takes them from another module: `config.port`, `import { PORT } from "./config"`.

use crate::facts::Fact;
use crate::facts::module::{self, FileFacts, ImportId, Imported, Listen, Value, ValueId};

/// Modules that one port is followed through at most.
const MODULES: usize = 6;
/// Members that stand behind each other at most: `config.server.http.port`.
const MEMBERS: usize = 8;

/// Gives the facts of the file that an import of a file leads to.
pub(super) type Imports<'f> = dyn Fn(&FileFacts, ImportId) -> Option<&'f FileFacts> + 'f;

/// Follows port and address to where they are written, when that is another file.
pub(super) fn follow<'f>(listen: &mut Listen, facts: &'f FileFacts, imports: &Imports<'f>) {
    let port = listen.port_value.and_then(|value| through(facts, value, imports, module::port));
    if let Some(port) = port {
        (listen.port, listen.variable) = port;
    }
    let host = listen.host_value.and_then(|value| through(facts, value, imports, module::host));
    if let Some(host) = host {
        (listen.host, listen.host_variable) = host;
    }
}

/// What a value is, and the variable that may set another.
type Told<T, V> = (Fact<T>, Option<V>);

/// What a value is in the first module that tells.
fn through<'f, T, V>(
    facts: &'f FileFacts,
    value: ValueId,
    imports: &Imports<'f>,
    read: fn(&FileFacts, ValueId) -> Told<T, V>,
) -> Option<Told<T, V>> {
    let (mut facts, mut value) = (facts, value);
    for _ in 0..MODULES {
        let found = read(facts, value);
        if found.0.known().is_some() || found.1.is_some() {
            return Some(found);
        }
        let (import, names) = imported(facts, value)?;
        let next = imports(facts, import)?;
        (facts, value) = (next, exported(next, &names)?);
    }
    None
}

/// The import that a value is taken from, and the names on the way to it, the outermost last.
pub(super) fn imported(facts: &FileFacts, value: ValueId) -> Option<(ImportId, Vec<String>)> {
    let mut names = Vec::new();
    let mut at = facts.resolve(facts.unconverted(value));
    for _ in 0..MEMBERS {
        let import = match facts.value(at) {
            Value::Member { object, property } => {
                names.push(facts.name(property).to_owned());
                at = facts.resolve(object);
                continue;
            }
            Value::Import(import, Imported::Named(name)) => {
                names.push(facts.name(name).to_owned());
                import
            }
            Value::Import(import, _) => import,
            Value::Call(call) => facts.import_of_call(call)?,
            _ => return None,
        };
        names.reverse();
        return Some((import, names));
    }
    None
}

/// The value that a module exports under these names. A default export's name may be left out, as interop does.
pub(super) fn exported(facts: &FileFacts, names: &[String]) -> Option<ValueId> {
    let Some((first, rest)) = names.split_first() else {
        let whole = facts.exports.iter().find(|export| !matches!(export.name, Imported::Named(_)))?;
        return Some(whole.value);
    };
    let named = facts.exports.iter().find(|export| match export.name {
        Imported::Named(name) => facts.name(name) == first,
        _ => false,
    });
    if let Some(export) = named {
        return descend(facts, export.value, rest);
    }
    let whole = facts.exports.iter().find(|export| !matches!(export.name, Imported::Named(_)))?;
    let rest = if first == "default" { rest } else { names };
    descend(facts, whole.value, rest)
}

fn descend(facts: &FileFacts, value: ValueId, names: &[String]) -> Option<ValueId> {
    names.iter().try_fold(value, |at, name| facts.entry(at, name).ok().flatten())
}

#[cfg(test)]
mod tests {
    use crate::model::Project;
    use crate::source::ProjectPath;

    /// Port and variable of the server of `a.js`.
    fn port(code: &str, config: &str) -> (Option<u16>, Option<String>) {
        let files = [
            ("Dockerfile", "FROM node:24\nWORKDIR /app\nCOPY . .\nCMD [\"node\", \"a.js\"]\n"),
            ("package.json", "{}"),
            ("a.js", code),
            ("config.js", config),
        ];
        let files = files.map(|(path, text)| (ProjectPath::new(path).unwrap(), text.to_owned()));
        let project = Project::from_texts(files);
        let listen = &project.runs[0].program.as_ref().unwrap().listens[0];
        (listen.port.known().copied(), listen.variable.clone().map(|variable| variable.value))
    }

    #[test]
    fn ports_are_followed_into_other_modules() {
        let express = "require('express')().listen";
        let variable = Some("PORT".to_owned());
        for (code, config, wanted) in [
            ("require('./config').port", "module.exports = { port: 8080 };", (Some(8080), None)),
            (
                "require('./config').port",
                "exports.port = process.env.PORT || 8080;",
                (Some(8080), variable.clone()),
            ),
            (
                "require('./config').server.port",
                "const server = { port: Number(process.env.PORT) };\nmodule.exports = { server };",
                (None, variable.clone()),
            ),
            ("require('./config').port", "module.exports = { ...other, port };", (None, None)),
            ("require('./missing').port", "", (None, None)),
        ] {
            assert_eq!(port(&format!("{express}({code});"), config), wanted, "{code} {config}");
        }
        let code = "import express from 'express';\nimport { PORT as port } from './config.js';\nimport all from './config.js';\n";
        let config = "export const PORT = 7000;\nexport default { web: { port: 7001 } };";
        for (listen, wanted) in [("port", 7000), ("all.web.port", 7001)] {
            assert_eq!(
                port(&format!("{code}express().listen({listen});"), config).0,
                Some(wanted),
                "{listen}"
            );
        }
    }
}
