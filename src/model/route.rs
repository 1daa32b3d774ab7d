//! The routes of a program: what all of its files serve together, and whether a path is among them.

use super::port::{Imports, exported, imported};
use super::reach::Program;
use crate::facts::module::{self, FileFacts, Listen, Route, Taker};
use crate::facts::{Found, Why};
use crate::source::Sources;

/// Files that one handler is followed through at most.
const FILES: usize = 4;
/// Frameworks whose routes are read.
const FRAMEWORKS: [&str; 9] =
    ["express", "koa", "fastify", "hono", "restify", "@nestjs/core", "@hapi/hapi", "hapi", "polka"];

/// Whether a program answers requests of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// A route of this path is registered.
    Yes,
    /// No route fits it, and nothing else could answer.
    No,
    /// It cannot be told.
    Unknown(Why),
}

/// The routes of all files. `rest` is an error when something else may answer too.
pub(super) fn routes<'f>(
    files: &[&'f FileFacts],
    listens: &[Listen],
    packages: &dyn Fn(&str) -> bool,
    imports: &Imports<'f>,
) -> Found<Route> {
    let mut found = Found::default();
    let mut prefix = Ok(None);
    for facts in files {
        let routes = module::routes(facts);
        found.items.extend(routes.items);
        found.rest = found.rest.and(routes.rest);
        if module::loads_server(facts)
            || module::imports_module(facts)
            || module::takers(facts).into_iter().any(|taker| takes(facts, taker, imports))
        {
            found.rest = Err(Why::Dynamic);
        }
        prefix = match (prefix, module::global_prefix(facts)) {
            (Ok(before), Ok(None)) => Ok(before),
            (Ok(_), other) => other,
            (error, _) => error,
        };
    }
    match prefix {
        Ok(None) => {}
        Ok(Some(prefix)) => put_before(&mut found, &prefix),
        Err(why) => found.rest = Err(why),
    }
    let framework = FRAMEWORKS.iter().any(|name| packages(name));
    let known = |listen: &Listen| listen.server.is_some() || framework;
    if listens.is_empty() || !listens.iter().all(known) || !framework {
        found.rest = found.rest.and(Err(Why::Unsupported));
    }
    found
}

fn put_before(found: &mut Found<Route>, prefix: &str) {
    let prefix = format!("/{}", prefix.trim_matches('/'));
    for route in found.items.iter_mut().filter(|route| route.value.prefixed) {
        let rest = if route.value.path == "/" { "" } else { route.value.path.as_str() };
        route.value.path = format!("{prefix}{rest}");
    }
}

/// Whether a handler of another file may answer anything.
fn takes<'f>(facts: &'f FileFacts, taker: Taker, imports: &Imports<'f>) -> bool {
    let (mut facts, mut taker) = (facts, taker);
    for _ in 0..FILES {
        let Taker::Import(import, value) = taker else { return true };
        let names = imported(facts, value).map(|(_, names)| names).unwrap_or_default();
        let Some(next) = imports(facts, import) else { return true };
        let Some(value) = exported(next, &names) else { return true };
        match module::taker(next, value) {
            None => return false,
            Some(other) => (facts, taker) = (next, other),
        }
    }
    true
}

impl Program {
    /// Whether it answers requests of a path, without its query. Routers may be mounted below other paths, so
    /// a route counts when it fits the end of the path and something is mounted before it; and a path of which a word
    /// stands anywhere in the code is never said to be missing.
    pub fn answers(&self, sources: &Sources, path: &str) -> Answers {
        let answers = self.serves(path);
        let wanted = segments(path);
        let word = wanted.iter().rev().find(|word| !word.is_empty());
        let mentioned = |word: &&str| self.mentions(sources, &[*word]);
        match answers {
            Answers::No if word.is_some_and(mentioned) => Answers::Unknown(Why::Ambiguous),
            _ => answers,
        }
    }

    /// The same by the routes alone.
    pub fn serves(&self, path: &str) -> Answers {
        let wanted: Vec<&str> = segments(path);
        let serves =
            |route: &Route| route.method != "use" && !matches!(route.method.as_str(), "post" | "put");
        let mounts: Vec<Vec<&str>> = self
            .routes
            .items
            .iter()
            .filter(|route| route.value.method == "use")
            .map(|route| segments(&route.value.path))
            .collect();
        let fits = |route: &Route| {
            let pattern = segments(&route.path);
            (0..=wanted.len()).any(|start| {
                let below = &wanted[..start];
                let mounted = below.is_empty() || mounts.iter().any(|mount| ends_with(below, mount));
                mounted && matches(&pattern, &wanted[start..])
            })
        };
        if let Some(exact) = self.routes.items.iter().find(|route| serves(&route.value) && fits(&route.value))
        {
            let plain = exact.value.path.trim_end_matches('/') == path.trim_end_matches('/');
            return if plain { Answers::Yes } else { Answers::Unknown(Why::Ambiguous) };
        }
        match self.routes.rest.and(self.reached.complete()) {
            Err(why) => Answers::Unknown(why),
            Ok(()) => Answers::No,
        }
    }
}

fn segments(path: &str) -> Vec<&str> {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    path.split('/').filter(|part| !part.is_empty()).collect()
}

/// True for a path whose end may be this mount.
fn ends_with(path: &[&str], mount: &[&str]) -> bool {
    path.len() >= mount.len() && !mount.is_empty() && matches(mount, &path[path.len() - mount.len()..])
}

/// True when a route's segments may fit those of a path: parameters and wildcards fit anything.
fn matches(pattern: &[&str], path: &[&str]) -> bool {
    let is_wild = |part: &&str| part.contains('*') || part.contains('(') || part.ends_with('?');
    if let Some(wild) = pattern.iter().position(is_wild) {
        return path.len() >= wild && matches(&pattern[..wild], &path[..wild]);
    }
    pattern.len() == path.len()
        && pattern.iter().zip(path).all(|(pattern, part)| {
            pattern == part || pattern.contains([':', '{', '[']) || pattern.eq_ignore_ascii_case(part)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Project;
    use crate::source::ProjectPath;

    /// What a program of one Express file with these lines says to `/healthz`.
    fn answers(lines: &str) -> Answers {
        let code =
            format!("const express = require('express');\nconst app = express();\n{lines}\napp.listen(1);");
        let files = [
            ("Dockerfile", "FROM node:24\nWORKDIR /app\nCOPY . .\nCMD [\"node\", \"a.js\"]\n"),
            ("package.json", "{}"),
            ("a.js", &code),
            ("b.js", "const r = require('express').Router();\nr.get('/', f);\nmodule.exports = r;\n"),
            ("c.js", "module.exports = (request, response) => response.end();\n"),
            ("d.js", "module.exports = (request, response, next) => next();\n"),
        ];
        let files = files.map(|(path, text)| (ProjectPath::new(path).unwrap(), text.to_owned()));
        let project = Project::from_texts(files);
        project.runs[0].program.as_ref().unwrap().answers(&project.sources, "/healthz")
    }

    #[test]
    fn a_path_is_missing_only_when_nothing_could_answer() {
        assert_eq!(answers("app.get('/healthz', f);"), Answers::Yes);
        for lines in [
            "",
            "app.get('/', f);",
            "app.get('/users/:id', f);",
            "app.use(express.json()); app.use(require('cors')());",
            "app.use(require('./b'));",
            "app.use('/users', require('./b'));",
            "app.use(require('./d'));",
            "app.use((request, response, next) => next());",
            "app.use((request, response) => response.status(404).end());",
            "app.post('/:any', f);",
        ] {
            assert_eq!(answers(lines), Answers::No, "{lines}");
        }
        for lines in [
            "app.get('/:page', f);",
            "app.get('*', f);",
            "app.get(path, f);",
            "app.get(/health/, f);",
            "app.use(express.static('public'));",
            "app.use(require('./c'));",
            "app.use(require('./missing'));",
            "app.use(require('some-middleware')());",
            "app.use((request, response) => response.end());",
            "app.use('/healthz', require('./b'));",
            "const known = { '/healthz': f };",
            "require('http-proxy');",
        ] {
            assert!(matches!(answers(lines), Answers::Unknown(_)), "{lines}");
        }
    }
}
