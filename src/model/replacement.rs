//! Which of the listed replacements of a package holds for the Node that it runs on, and for how it is used.

use super::advice::is_only;
use super::imports::Imports;
use super::{Project, Run};
use crate::facts::base_images::NodeVersion;
use crate::facts::end_of_life::supported_node;
use crate::facts::module::Usage;
use crate::facts::replacement::{self, Kind, Replacement};

impl Project {
    /// What does the same as a dependency that these runs ship, with these imports of it. None where their Node does not have that,
    /// where it is not known to be all that is used, and where no code is seen to import the package: it may be a program there.
    pub fn replacement(&self, package: &str, imports: &Imports, runs: &[&Run]) -> Option<Replacement> {
        let found = replacement::of(package)?;
        let is_there = match found.kind {
            Kind::Package { .. } => true,
            Kind::Builtin { since } => runs.iter().all(|run| has(run.node(), since)),
        };
        let is_known = || imports.complete && imports.usage.rest.is_ok();
        let is_all = found.only.is_empty() || is_known() && is_only(&imports.usage, &found.only);
        let is_same = found.lacks.is_empty() || is_known() && !uses_any(&imports.usage, &found.lacks);
        let may_go = || !self.holds_phantom(package);
        (!imports.places.is_empty() && is_there && is_all && is_same && may_go()).then_some(found)
    }

    /// True when code imports what nobody asks for, and this package is what brings that.
    fn holds_phantom(&self, package: &str) -> bool {
        let mut phantoms = self.packages.iter().flat_map(|owner| self.phantoms(owner));
        phantoms.any(|phantom| phantom.way.first().is_some_and(|first| first == package))
    }
}

/// True when one of these members is used, as far as its name or what follows it tells; `v4(…)` when it is called with arguments.
fn uses_any(usage: &Usage, members: &[&str]) -> bool {
    let given = |member: &str| usage.given.contains(member);
    let is_used = |name: &str| usage.members.iter().any(|used| used.split('.').any(|part| part == name));
    members.iter().any(|member| member.strip_suffix("(…)").map_or_else(|| is_used(member), given))
}

/// True when a Node has what came with another. Of a line whose minor moves it is the newest; of a Node that is not known
/// only that is known to be there which is in every line that got fixes when the table was made.
fn has(node: Option<NodeVersion>, since: NodeVersion) -> bool {
    let oldest = || supported_node(replacement::table().seen?).first().copied();
    let known = node.and_then(|node| Some((node.major?, node.minor.unwrap_or(u32::MAX))));
    let node = known.or_else(|| Some((oldest()?, 0)));
    node.is_some_and(|node| node >= (since.major.unwrap_or(0), since.minor.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::ProjectPath;

    /// The replacement of a package in a service on an image, with some code.
    fn replaced(package: &str, image: &str, code: &str) -> Option<&'static str> {
        let docker = format!("FROM {image}\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD [\"node\", \"a.js\"]\n");
        let files = [("Dockerfile", docker.as_str()), ("package.json", r#"{"name": "web"}"#), ("a.js", code)];
        let files = files.map(|(path, text)| (ProjectPath::new(path).unwrap(), text.to_owned()));
        let project = Project::from_texts(files);
        let runs: Vec<&Run> = project.runs.iter().collect();
        project.replacement(package, &project.imports_of(package, &runs), &runs).map(|found| found.name)
    }

    #[test]
    fn what_this_node_lacks_replaces_nothing() {
        let of = |package, image| replaced(package, image, &format!("require('{package}')(1);"));
        assert_eq!(of("strip-ansi", "node:16"), Some("util.stripVTControlCharacters"));
        assert_eq!(of("strip-ansi", "node:16.11.0"), Some("util.stripVTControlCharacters"));
        assert_eq!(of("strip-ansi", "node:16.10-slim"), None);
        assert_eq!(of("strip-ansi", "node:14"), None);
        // A line that is not known: 22 was the oldest with fixes.
        assert_eq!(of("chalk", "node:lts"), Some("util.styleText"));
        assert_eq!(of("escape-string-regexp", "node:lts"), None);
        assert_eq!(of("escape-string-regexp", "node:24"), Some("RegExp.escape"));
        assert_eq!(of("glob", "node:14"), Some("tinyglobby"));
        assert_eq!(of("express", "node:24"), None);
        assert_eq!(replaced("glob", "node:14", ""), None, "nobody imports it");
    }

    #[test]
    fn what_brings_a_package_that_code_imports_stays() {
        let of = |code: &str| {
            let manifest = r#"{"dependencies": {"isomorphic-fetch": "3"}}"#;
            let lock = r#"{"lockfileVersion": 3, "packages": {"": {"dependencies": {"isomorphic-fetch": "3"}},
                "node_modules/isomorphic-fetch": {"version": "3.0.0", "dependencies": {"node-fetch": "2"}},
                "node_modules/node-fetch": {"version": "2.7.0"}}}"#;
            let docker = "FROM node:24\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD [\"node\", \"a.js\"]\n";
            let files = [
                ("Dockerfile", docker),
                ("package.json", manifest),
                ("package-lock.json", lock),
                ("a.js", code),
            ];
            let files = files.map(|(path, text)| (ProjectPath::new(path).unwrap(), text.to_owned()));
            let project = Project::from_texts(files);
            let runs: Vec<&Run> = project.runs.iter().collect();
            let imports = project.imports_of("isomorphic-fetch", &runs);
            project.replacement("isomorphic-fetch", &imports, &runs).map(|found| found.name)
        };
        assert_eq!(of("require('isomorphic-fetch');"), Some("fetch"));
        assert_eq!(of("require('isomorphic-fetch'); const f = require('node-fetch'); f('x');"), None);
    }

    #[test]
    fn what_a_replacement_lacks_is_not_used() {
        let of = |code: &str| replaced("chalk", "node:24", code);
        assert_eq!(of("const c = require('chalk'); c.red.bold('x');"), Some("util.styleText"));
        for code in ["c.hex('#f00')('x');", "c.bold.rgb(1, 2, 3)('x');", "c.level = 0;", "print(c);"] {
            assert_eq!(of(&format!("const c = require('chalk'); {code}")), None, "{code}");
        }
    }

    #[test]
    fn what_replaces_a_part_replaces_the_package_where_that_is_all() {
        let of = |code| replaced("uuid", "node:24", code);
        assert_eq!(of("const { v4 } = require('uuid'); v4();"), Some("crypto.randomUUID"));
        assert_eq!(of("import { v4 as id } from 'uuid'; id();"), Some("crypto.randomUUID"));
        assert_eq!(of("const { v4 } = require('uuid'); v4({ random: bytes });"), None);
        assert_eq!(of("const { v4, v5 } = require('uuid'); v4(); v5('a', 'b');"), None);
        assert_eq!(of("console.log(require('uuid'));"), None);
        assert_eq!(of(""), None);
        assert_eq!(of("const { v4 } = require('uuid'); v4(); require(process.argv[2]);"), None);
    }
}
