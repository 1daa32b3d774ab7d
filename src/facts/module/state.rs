//! What code keeps in its own process or on its own disk, where another process does not see it: sessions, uploads, files
//! that are databases.
//!
//! The libraries' names, options and defaults are those of their own pages on npm, seen on 2026-11-20.

use super::{Call, FileFacts, Path, Value, ValueId, When};
use crate::source::Span;

/// Something that one process keeps for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Who keeps it: `express-session`.
    pub library: &'static str,
    /// What is kept.
    pub what: KeptWhat,
    /// Where on the disk; `None`: in memory.
    pub path: Option<Path>,
    /// When the code sets it up.
    pub reached: When,
    /// Bytes of the call.
    pub span: Span,
}

/// What a process keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptWhat {
    /// Sessions of users.
    Sessions,
    /// Files that users send.
    Uploads,
    /// A database in a file.
    Database,
}

/// Libraries that keep something, by the module that is imported.
const MODULES: [&str; 18] = [
    "express-session",
    "@fastify/session",
    "session-file-store",
    "multer",
    "@nestjs/platform-express",
    "sqlite3",
    "better-sqlite3",
    "sequelize",
    "sequelize-typescript",
    "typeorm",
    "@nestjs/typeorm",
    "knex",
    "nedb",
    "@seald-io/nedb",
    "nedb-promises",
    "lowdb/node",
    "lowdb/adapters/FileSync",
    "level",
];

/// What the code of a file keeps for its own process, in the order of the calls.
pub fn kept(facts: &FileFacts) -> Vec<Kept> {
    if !facts.imports_any(|module| MODULES.contains(&module)) {
        return Vec::new();
    }
    facts.calls.iter().filter_map(|call| of_call(facts, call)).collect()
}

/// `new sqlite3.Database(…)` where `sqlite3` is `require('sqlite3').verbose()`, as its documentation writes it.
fn is_verbose_sqlite(facts: &FileFacts, call: &Call) -> bool {
    let Some((object, "Database")) = facts.method(call) else { return false };
    let Value::Call(made) = facts.value(facts.resolve(object)) else { return false };
    facts
        .module_path(facts.call(made).callee)
        .is_some_and(|(module, member)| module == "sqlite3" && member == "verbose")
}

fn of_call(facts: &FileFacts, call: &Call) -> Option<Kept> {
    let found = |library, what, path: Option<Path>| Kept {
        library,
        what,
        path,
        reached: facts.when(call.at.start),
        span: facts.span(call.at),
    };
    let first = facts.argument(call, 0);
    let in_file = |library, path: Option<Path>| {
        let path = path.filter(is_lasting)?;
        Some(found(library, KeptWhat::Database, Some(path)))
    };
    let option = |keys: [&str; 2]| {
        let options = keys.iter().try_fold(first?, |options, key| match *key {
            "" => Some(options),
            key => facts.entry(options, key).ok()?,
        })?;
        Path::of(facts, options)
    };
    if let Some((_, "register")) = facts.method(call) {
        let module = first.and_then(|plugin| facts.module_path(plugin));
        let is_session =
            module.is_some_and(|(module, member)| module == "@fastify/session" && member.is_empty());
        let in_memory = is_session && is_in_memory(facts, facts.argument(call, 1));
        return in_memory.then(|| found("@fastify/session", KeptWhat::Sessions, None));
    }
    if call.constructs && is_verbose_sqlite(facts, call) {
        return in_file("sqlite3", first.and_then(|path| Path::of(facts, path)));
    }
    let (module, member) = facts.module_path(call.callee)?;
    match (module, member.as_str(), call.constructs) {
        ("express-session", "", false) if is_in_memory(facts, first) => {
            Some(found("express-session", KeptWhat::Sessions, None))
        }
        ("session-file-store", "", false) => {
            Some(found("session-file-store", KeptWhat::Sessions, Some(Path::Written("sessions".to_owned()))))
        }
        ("multer", "" | "diskStorage", false)
        | ("@nestjs/platform-express", "FileInterceptor" | "FilesInterceptor", false) => {
            let options = if module == "multer" { first } else { facts.argument(call, 1) };
            let path = uploads(facts, options?).filter(is_lasting).filter(|_| !removes(facts))?;
            Some(found("multer", KeptWhat::Uploads, Some(path)))
        }
        ("sqlite3", "Database", true) => in_file("sqlite3", first.and_then(|path| Path::of(facts, path))),
        ("better-sqlite3", "", true) => {
            in_file("better-sqlite3", first.and_then(|path| Path::of(facts, path)))
        }
        ("sequelize" | "sequelize-typescript", "" | "Sequelize", true) => {
            in_file("sequelize", option(["storage", ""]).filter(|_| says(facts, first, "dialect")))
        }
        ("typeorm", "DataSource", true) | ("@nestjs/typeorm", "TypeOrmModule.forRoot", false) => {
            in_file("typeorm", option(["database", ""]).filter(|_| says(facts, first, "type")))
        }
        ("knex", "" | "knex", false) => {
            in_file("knex", option(["connection", "filename"]).filter(|_| says(facts, first, "client")))
        }
        ("nedb" | "@seald-io/nedb", "", true) | ("nedb-promises", "create", false) => {
            in_file("nedb", option(["filename", ""]))
        }
        ("lowdb/node", "JSONFile" | "JSONFileSync", true)
        | ("lowdb/node", "JSONFilePreset", false)
        | ("lowdb/adapters/FileSync", "", true) => {
            in_file("lowdb", first.and_then(|path| Path::of(facts, path)))
        }
        ("level", "Level", true) | ("level", "", false) => {
            in_file("level", first.and_then(|path| Path::of(facts, path)))
        }
        _ => None,
    }
}

/// True when sessions are put into no store but the memory of the process.
fn is_in_memory(facts: &FileFacts, options: Option<ValueId>) -> bool {
    let Some(options) = options else { return true };
    // A store may be given later: `options.store = …`.
    let given_later = facts.assignments.iter().any(|assignment| {
        matches!(facts.value(assignment.target), Value::Member { property, .. } if facts.name(property) == "store")
    });
    match facts.entry(options, "store") {
        Ok(None) => !given_later,
        Ok(Some(store)) => {
            let Some((_, made)) = facts.call_of(store) else { return false };
            let by = facts.module_path(made.callee);
            by.is_some_and(|(module, member)| module == "express-session" && member == "MemoryStore")
        }
        Err(_) => false,
    }
}

/// `{ dest }`, or a `destination` that is written out or that a function hands on.
fn uploads(facts: &FileFacts, options: ValueId) -> Option<Path> {
    if let Ok(Some(folder)) = facts.entry(options, "dest") {
        return Path::of(facts, folder);
    }
    let folder = facts.entry(options, "destination").ok()??;
    let Some(function) = facts.function_of(folder) else { return Path::of(facts, folder) };
    let calls = &facts.calls[facts.function(function).calls.range()];
    calls.iter().find_map(|call| {
        let none = facts.argument(call, 0).is_some_and(|first| facts.value(first) == Value::Null);
        Path::of(facts, facts.argument(call, 1).filter(|_| none)?)
    })
}

/// True for a file that takes files away again: then they are only passed through.
fn removes(facts: &FileFacts) -> bool {
    let names = ["unlink", "unlinkSync", "rm", "rmSync", "remove", "removeSync"];
    facts.calls.iter().any(|call| match facts.value(call.callee) {
        Value::Member { property: name, .. } | Value::Ident(name) => names.contains(&facts.name(name)),
        _ => false,
    })
}

/// True for an object whose `key` says SQLite.
fn says(facts: &FileFacts, options: Option<ValueId>, key: &str) -> bool {
    let said =
        options.and_then(|options| facts.entry(options, key).ok()?).and_then(|value| facts.text_of(value));
    said.is_some_and(|said| said.contains("sqlite"))
}

/// True for a file that is meant to stay: neither in memory nor among temporary ones.
fn is_lasting(path: &Path) -> bool {
    path.text().is_none_or(|path| {
        let passing = ["/tmp", "/var/tmp", "/dev/", ":memory:", "file::memory:"];
        !path.is_empty() && !passing.iter().any(|start| path.starts_with(start))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::read;
    use super::*;
    use crate::source::FileId;
    use crate::syntax::script::Dialect;

    fn found(text: &str) -> Vec<(&'static str, Option<String>)> {
        let facts = read(FileId(0), Arc::from(text), Dialect::TypeScript).tree;
        let path = |kept: &Kept| kept.path.as_ref().and_then(|path| path.text().map(str::to_owned));
        kept(&facts).iter().map(|kept| (kept.library, path(kept))).collect()
    }

    #[test]
    fn what_is_kept_is_known_by_its_library() {
        let at = |path: &str| Some(path.to_owned());
        for (text, expected) in [
            (
                "const session = require('express-session'); app.use(session({ secret: s }))",
                ("express-session", None),
            ),
            ("import s from 'express-session'; s({ store: new s.MemoryStore() })", ("express-session", None)),
            ("import s from '@fastify/session'; app.register(s, { secret: x })", ("@fastify/session", None)),
            ("const up = require('multer')({ dest: 'uploads/' })", ("multer", at("uploads/"))),
            (
                "import multer from 'multer'; multer.diskStorage({ destination: (a, b, done) => done(null, './files') })",
                ("multer", at("./files")),
            ),
            ("const D = require('better-sqlite3'); new D('a.db')", ("better-sqlite3", at("a.db"))),
            (
                "import {Sequelize} from 'sequelize'; new Sequelize({dialect:'sqlite', storage:'a.db'})",
                ("sequelize", at("a.db")),
            ),
            ("require('knex')({client:'sqlite3', connection:{filename:'./k.db'}})", ("knex", at("./k.db"))),
        ] {
            assert_eq!(found(text), [expected], "{text}");
        }
        for text in [
            "const session = require('express-session'); session({ store: new RedisStore() })",
            "const session = require('express-session'); const o = { secret: s }; o.store = x; session(o)",
            "const session = require('express-session'); session({ ...options })",
            "require('multer')({ dest: '/tmp/up' }); require('multer')({ storage: multer.memoryStorage() })",
            "const up = require('multer')({ dest: 'up' }); fs.unlink(file.path, f)",
            "const D = require('better-sqlite3'); new D(':memory:')",
            "import {Sequelize} from 'sequelize'; new Sequelize({dialect:'postgres', storage:'a.db'})",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
