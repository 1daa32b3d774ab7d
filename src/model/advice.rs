//! What does the same for less: whether the advice on a heavy package holds for how the code uses it, and for the Node
//! that it runs on.

use super::development::programs_of;
use super::imports::Imports;
use super::use_of::{LOADERS, tells_peers};
use super::{Package, Project, Run};
use crate::facts::heavy::{self, FEW, Heavy, When};
use crate::facts::lock::{Edge, EdgeKind};
use crate::facts::module::Usage;

/// A heavy package with the advice that holds, and how it is used.
#[derive(Clone, Debug)]
pub struct Advice<'i> {
    /// The row of the table.
    pub heavy: Heavy,
    /// Who uses it, and what of it.
    pub imports: &'i Imports,
}

impl Project {
    /// The advice on a dependency that some runs ship: by the name of its package, and the name that code imports it by, with
    /// these imports of it. None where it would break the code, where the code cannot be followed to the end, or where the
    /// package stays when nobody else uses it.
    pub fn advice<'i>(
        &self,
        package: &str,
        imported: &str,
        imports: &'i Imports,
        runs: &[&Run],
    ) -> Option<Advice<'i>> {
        let heavy = heavy::of(package).find(|heavy| self.holds(heavy, imported, imports, runs))?;
        let is_brought = |run: &&Run| {
            let saving = run.image.and_then(|image| self.saving(image, imported));
            saving.is_some_and(|saving| saving.packages == 0)
        };
        (!runs.iter().all(is_brought)).then_some(Advice { heavy, imports })
    }

    fn holds(&self, heavy: &Heavy, imported: &str, imports: &Imports, runs: &[&Run]) -> bool {
        let is_old = |run: &&Run| {
            let major = run.node().and_then(|version| version.major);
            heavy.since_node.is_some_and(|since| major.is_some_and(|major| major < since))
        };
        if runs.is_empty() || runs.iter().any(is_old) {
            return false;
        }
        let is_known = imports.complete && imports.usage.rest.is_ok();
        match &heavy.when {
            When::Always => true,
            When::Used(members) => imports.usage.uses(members),
            When::Unused(members) => is_known && !imports.usage.uses(members),
            When::Only(members) => is_known && is_only(&imports.usage, members),
            When::Few(member) => is_known && (1..=FEW).contains(&parts(imports, member)),
            When::Idle(builders) => {
                is_known
                    && imports.places.is_empty()
                    && runs.iter().all(|run| self.is_idle(run, imported, builders))
            }
        }
    }

    /// True where nothing that starts names a package, no package but those of the build asks for it, and an image that leaves
    /// out what is for development is known to do without it.
    fn is_idle(&self, run: &Run, name: &str, builders: &[&str]) -> bool {
        let Some(package) = run.image.and_then(|image| self.image(image).package) else { return false };
        let package = self.package(package);
        let is_unnamed = run.program.as_ref().is_some_and(|program| {
            // What serves files of node_modules may serve those of any package.
            let text = |file| self.sources.file(file).text();
            program
                .files
                .iter()
                .all(|file| !text(*file).contains("node_modules") && !is_named(text(*file), name))
        });
        let is_of_builds = package.facts.scripts.items.iter().all(|script| {
            let words =
                BUILDS.iter().any(|word| script.value.name.value.split([':', '-']).any(|part| part == *word));
            words || !names_program(&script.value.text.text, name)
        });
        !LOADERS.iter().any(|loader| package.facts.dependency(loader).is_some())
            && is_unnamed
            && is_of_builds
            && !self.is_asked_for(package, name, builders)
            && self.ships_without(package, run, &[name])
    }

    /// True unless the lock file tells that no installed package, but these, needs another or may load it.
    fn is_asked_for(&self, package: &Package, name: &str, but: &[&str]) -> bool {
        let Some((lock, reach)) = self.locked(package, false) else { return true };
        let reached = lock.packages.iter().zip(&reach.packages).filter(|(_, reached)| **reached);
        let mut others = reached.filter(|(locked, _)| !but.contains(&locked.name.as_str()));
        let asks = |edge: &Edge| edge.name == name && edge.kind != EdgeKind::Development;
        !tells_peers(lock) || others.any(|(locked, _)| locked.edges.iter().any(asks))
    }
}

/// Words in the names of scripts that make what is shipped, or that people run where they work.
const BUILDS: [&str; 14] = [
    "build",
    "prebuild",
    "postbuild",
    "bundle",
    "compile",
    "generate",
    "codegen",
    "dev",
    "watch",
    "test",
    "lint",
    "typecheck",
    "studio",
    "css",
];

/// True when a text of a program names a package as one loads or starts it: `'prisma'`, `'prisma migrate'`, `npx prisma`.
/// A variable of that name, and a file next to it, are not it.
fn is_named(text: &str, package: &str) -> bool {
    let ends =
        |rest: &str| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '-' || next == '_');
    let names = || std::iter::once(package).chain(programs_of(package));
    names().flat_map(|name| text.match_indices(name)).any(|(at, name)| {
        let before = &text[..at];
        let is_begun = before.ends_with(['\'', '"', '`'])
            || ["npx ", "exec ", "dlx ", "yarn ", "bunx "].iter().any(|word| before.ends_with(word));
        is_begun && ends(&text[at + name.len()..])
    })
}

/// True when a command of a script has the name of a package as a word, or that of a program it brings.
fn names_program(command: &str, name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    let is_it = |word: &str| word == name || word == last || programs_of(name).any(|program| program == word);
    command
        .split(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | ';' | '&' | '|' | '(' | ')'))
        .any(is_it)
}

/// True when something is used, and nothing but these members of it.
pub(super) fn is_only(usage: &Usage, members: &[&str]) -> bool {
    let is_listed = |used: &String| members.contains(&used.split('.').next().unwrap_or(used));
    !usage.members.is_empty() && usage.members.iter().all(is_listed)
}

impl Advice<'_> {
    /// In words, why the package is more than is needed.
    pub fn reason(&self) -> String {
        match &self.heavy.when {
            When::Always => "what does the same is lighter".to_owned(),
            When::Used(members) => format!("for `{}`, which lighter ones have", members.join("`, `")),
            When::Unused(_) if self.imports.usage.members.is_empty() => "nothing of it is used".to_owned(),
            When::Unused(members) => match members[..] {
                [member] => format!("`{member}` is never used"),
                // What its objects do is not seen.
                _ => "the package itself is asked for nothing that lighter ones lack".to_owned(),
            },
            When::Only(_) => match heads(&self.imports.usage)[..] {
                [member] => format!("`{member}` is all that is used of it"),
                ref members => format!("no more than `{}` is used of it", members.join("`, `")),
            },
            When::Idle(_) => "nothing that runs there imports or starts it".to_owned(),
            When::Few(member) => match parts(self.imports, member) {
                1 => "one part of it is used".to_owned(),
                count => format!("{count} parts of it are used"),
            },
        }
    }
}

/// How many members of a member are used.
fn parts(imports: &Imports, member: &str) -> usize {
    let of = |used: &&String| used.split_once('.').is_some_and(|(head, _)| head == member);
    imports.usage.members.iter().filter(of).count()
}

/// The members that are used, without what is used of these; the package itself when it is called.
fn heads(usage: &Usage) -> Vec<&str> {
    let mut heads: Vec<&str> =
        usage.members.iter().map(|used| used.split('.').next().unwrap_or(used)).collect();
    heads.dedup();
    heads
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::source::ProjectPath;

    const EVERY: &str = "every";

    /// The advice for a service whose only heavy dependency is the package of a row, on a Node, with some code.
    fn advised(heavy: &Heavy, node: u32, code: &str, script: &str) -> Option<When> {
        advised_beside(heavy, "{}", node, code, script)
    }

    /// The same beside another dependency, of which the lock file has this entry.
    fn advised_beside(heavy: &Heavy, other: &str, node: u32, code: &str, script: &str) -> Option<When> {
        let name = heavy.package;
        let entries = format!(r#""dependencies": {{"{name}": "{0}", "other": "1"}}"#, heavy.version);
        let manifest = format!(r#"{{"name": "web", "scripts": {{{script}}}, {entries}}}"#);
        let lock = format!(
            r#"{{"name": "web", "lockfileVersion": 3, "packages": {{
                "": {{"name": "web", {entries}}}, "node_modules/other": {other},
                "node_modules/{name}": {{"version": "{0}"}}}}}}"#,
            heavy.version
        );
        let docker = format!(
            "FROM node:{node}-slim\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci --omit=dev\n\
             COPY server.js ./\nCMD [\"node\", \"server.js\"]\n"
        );
        let server = format!("{code}\nrequire('node:http').createServer().listen(3000);\n");
        let files = [
            ("Dockerfile", docker),
            ("package.json", manifest),
            ("package-lock.json", lock),
            ("server.js", server),
        ];
        let files = files.map(|(path, text)| (ProjectPath::new(path).unwrap(), text));
        let project = Project::from_texts(files);
        let package = &project.packages[0];
        let runs: Vec<&Run> =
            project.runs.iter().filter(|run| project.ships_packages_of(package, run)).collect();
        assert_eq!(runs.len(), 1, "{name}: the service is no run");
        let imports = project.imports_of(name, &runs);
        let advice = project.advice(name, name, &imports, &runs)?;
        assert!(!advice.reason().is_empty(), "{name}");
        Some(advice.heavy.when)
    }

    /// Code that uses members of a package, or of a member of it.
    fn using(package: &str, members: &[&str], of: &str) -> String {
        let calls = members.iter().map(|member| format!("used{of}.{member}('x');\n"));
        format!("const used = require('{package}');\n{}", calls.collect::<String>())
    }

    /// Code for which the advice of a row holds, and code for which it does not.
    fn examples(heavy: &Heavy) -> (String, Vec<String>) {
        let name = heavy.package;
        let other = format!("const used = require('{name}');\nused.{EVERY}('x');\n");
        let whole = format!("console.log(require('{name}'));\n");
        match &heavy.when {
            When::Always => (other, Vec::new()),
            When::Used(members) => (using(name, &members[..1], ""), vec![String::new()]),
            When::Unused(members) => (other, vec![using(name, &members[..1], ""), whole]),
            When::Only(members) => {
                let more = using(name, &[members[0], EVERY], "");
                (using(name, members, ""), vec![more, other, whole, String::new()])
            }
            When::Few(member) => {
                let few = using(name, &["a", "b", "c"], &format!(".{member}"));
                let many = using(name, &["a", "b", "c", "d"], &format!(".{member}"));
                (few, vec![many, whole, String::new()])
            }
            When::Idle(_) => {
                let starts = format!("require('node:child_process').execSync('npx {name} x');\n");
                let serves = "console.log(__dirname + '/node_modules');\n".to_owned();
                let unseen = "require('./dist/app.js');\n".to_owned();
                (String::new(), vec![other, whole, starts, serves, unseen])
            }
        }
    }

    #[test]
    fn the_advice_of_each_heavy_row_holds_where_it_says_and_nowhere_else() {
        let names: BTreeSet<&str> = heavy::table().rows.iter().filter_map(|row| row[0]).collect();
        let rows: Vec<Heavy> = names.into_iter().flat_map(heavy::of).collect();
        assert_eq!(rows.len(), heavy::table().rows.len());
        for heavy in &rows {
            let (good, bad) = examples(heavy);
            assert_eq!(
                advised(heavy, 24, &good, "").as_ref(),
                Some(&heavy.when),
                "{}\n{good}",
                heavy.package
            );
            let needs = format!(r#"{{"version": "1.0.0", "dependencies": {{"{}": "*"}}}}"#, heavy.package);
            assert_eq!(advised_beside(heavy, &needs, 24, &good, ""), None, "{} is brought", heavy.package);
            for code in bad {
                let advice = advised(heavy, 24, &code, "");
                assert_ne!(advice.as_ref(), Some(&heavy.when), "{}\n{code}", heavy.package);
            }
            if let Some(since) = heavy.since_node {
                assert_eq!(advised(heavy, since, &good, "").as_ref(), Some(&heavy.when), "{}", heavy.package);
                assert_eq!(advised(heavy, since - 1, &good, ""), None, "{}", heavy.package);
            }
            if matches!(heavy.when, When::Idle(_)) {
                let name = heavy.package;
                for (script, is_idle) in [("build", true), ("start", false), ("db:migrate", false)] {
                    let script = format!(r#""{script}": "npx {name} x""#);
                    assert_eq!(advised(heavy, 24, "", &script).is_some(), is_idle, "{name} {script}");
                }
            }
        }
    }

    #[test]
    fn names_in_programs_are_told_from_variables() {
        for text in
            ["spawn('npx', ['prisma'])", "exec(\"prisma migrate\")", "exec('npm run x && npx prisma x')"]
        {
            assert!(is_named(text, "prisma"), "{text}");
        }
        for text in
            ["const prisma = new Client();", "require('@prisma/client')", "import './prisma'", "'prisma-x'"]
        {
            assert!(!is_named(text, "prisma"), "{text}");
        }
    }
}
