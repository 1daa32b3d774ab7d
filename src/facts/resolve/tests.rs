use std::collections::BTreeMap;

use super::*;
use crate::facts::module::{self, FileFacts};
use crate::source::SourceFile;
use crate::syntax::json;

/// A project of these files.
pub(super) fn project(files: &[(&str, &str)]) -> Sources {
    let mut sources = Sources::default();
    for (path, text) in files {
        sources.add(SourceFile::new(ProjectPath::new(path).unwrap(), *text));
    }
    sources
}

/// A resolver over all tables in the project.
pub(super) fn resolver(sources: &Sources) -> Resolver {
    let (mut configs, mut manifests, mut nests) = (Vec::new(), Vec::new(), Vec::new());
    for (id, file) in sources.iter() {
        if file.path.extension() != Some("json") {
            continue;
        }
        let tree = json::parse(id, file.shared_text(), json::Dialect::Comments).tree;
        match file.path.name() {
            "package.json" => manifests.push(Manifest::from_tree(file.path.parent().unwrap(), &tree)),
            "nest-cli.json" => nests.push(NestCli::from_tree(file.path.clone(), &tree)),
            _ => configs.push(TsConfig::from_tree(file.path.clone(), &tree)),
        }
    }
    Resolver::new(configs, manifests, nests)
}

fn resolved(files: &[(&str, &str)], from: &str, specifier: &str) -> String {
    let sources = project(files);
    match resolver(&sources).resolve(&sources, &ProjectPath::new(from).unwrap(), specifier) {
        Resolution::File(path) => path.to_string(),
        Resolution::Package(name) => format!("package {name}"),
        Resolution::Builtin(name) => format!("node {name}"),
        Resolution::NotFound => "nothing".to_owned(),
    }
}

#[test]
fn relative_paths_follow_node_and_typescript() {
    let files = [
        ("src/a.ts", ""),
        ("src/b.js", ""),
        ("src/c/index.ts", ""),
        ("src/d.json", "{}"),
        ("src/e.js", ""),
        ("src/e.ts", ""),
        ("src/f.mts", ""),
        ("src/g/package.json", r#"{ "main": "./lib/start" }"#),
        ("src/g/lib/start.js", ""),
        ("src/h.service.ts", ""),
        ("src/i.tsx", ""),
        ("src/t.d.ts", ""),
        ("index.js", ""),
    ];
    let cases = [
        ("src/a.ts", "./b", "src/b.js"),
        ("src/a.ts", "./b.js", "src/b.js"),
        ("src/b.js", "./a", "src/a.ts"),
        ("src/a.ts", "./c", "src/c/index.ts"),
        ("src/a.ts", "./c/", "src/c/index.ts"),
        ("src/c/index.ts", "..", "nothing"),
        ("src/a.ts", "..", "index.js"),
        ("src/a.ts", "./d.json", "src/d.json"),
        ("src/a.ts", "./d", "src/d.json"),
        ("src/a.ts", "./e.js", "src/e.ts"),
        ("src/b.js", "./e.js", "src/e.js"),
        ("src/a.ts", "./f.mjs", "src/f.mts"),
        ("src/b.js", "./g", "src/g/lib/start.js"),
        ("src/a.ts", "./h.service", "src/h.service.ts"),
        ("src/a.ts", "./i.js", "src/i.tsx"),
        ("src/a.ts", "./t", "src/t.d.ts"),
        ("src/a.ts", "./missing", "nothing"),
        ("src/a.ts", "../../outside", "nothing"),
        ("src/a.ts", "/absolute", "nothing"),
        ("src/a.ts", "", "nothing"),
    ];
    for (from, specifier, expected) in cases {
        assert_eq!(resolved(&files, from, specifier), expected, "{specifier} in {from}");
    }
}

#[test]
fn bare_names_are_packages_or_node() {
    let cases = [
        ("express", "package express"),
        ("@nestjs/core/injector", "package @nestjs/core"),
        ("lodash/fp", "package lodash"),
        ("fs", "node fs"),
        ("node:fs/promises", "node fs/promises"),
        ("fs-extra", "package fs-extra"),
        ("bun:test", "package bun:test"),
        ("#missing", "nothing"),
    ];
    for (specifier, expected) in cases {
        assert_eq!(resolved(&[("a.js", "")], "a.js", specifier), expected);
    }
}

#[test]
fn paths_of_tsconfig() {
    let base = r#"{ "compilerOptions": { "paths": { "@lib/*": ["./libs/*/src", "./libs/*"], "@one": ["./libs/one.ts"] } } }"#;
    let own = r#"{ "extends": "../base.json", /* own */ "compilerOptions": { "baseUrl": "./src", } }"#;
    let files = [
        ("base.json", base),
        ("app/tsconfig.json", own),
        ("app/src/main.ts", ""),
        ("app/src/util/x.ts", ""),
        ("libs/one.ts", ""),
        ("libs/two/src/index.ts", ""),
        ("libs/three.ts", ""),
        ("other/main.ts", ""),
    ];
    let cases = [
        ("app/src/main.ts", "@one", "libs/one.ts"),
        ("app/src/main.ts", "@lib/two", "libs/two/src/index.ts"),
        ("app/src/main.ts", "@lib/three", "libs/three.ts"),
        ("app/src/main.ts", "@lib/four", "package @lib/four"),
        ("app/src/main.ts", "util/x", "app/src/util/x.ts"),
        ("app/src/main.ts", "util", "node util"),
        ("other/main.ts", "@one", "package @one"),
    ];
    for (from, specifier, expected) in cases {
        assert_eq!(resolved(&files, from, specifier), expected, "{specifier} in {from}");
    }
}

#[test]
fn references_and_cycles_of_tsconfig() {
    let files = [
        ("tsconfig.json", r#"{ "files": [], "references": [{ "path": "./tsconfig.app.json" }] }"#),
        (
            "tsconfig.app.json",
            r#"{ "extends": "./loop.json", "compilerOptions": { "paths": { "~/*": ["./src/*"] } } }"#,
        ),
        ("loop.json", r#"{ "extends": ["./tsconfig.app.json", "./loop.json"] }"#),
        ("src/a.ts", ""),
    ];
    assert_eq!(resolved(&files, "src/b.ts", "~/a"), "src/a.ts");
}

#[test]
fn package_imports_and_workspaces() {
    let files = [
        (
            "package.json",
            r##"{ "imports": { "#db": { "types": "./x.d.ts", "node": "./src/db.js" }, "#lib/*.js": "./src/lib/*.js", "#dep": "pg" } }"##,
        ),
        ("src/db.js", ""),
        ("src/lib/a.ts", ""),
        ("packages/one/package.json", r#"{ "name": "@x/one", "main": "dist/index.js" }"#),
        ("packages/one/src/index.ts", ""),
        ("packages/one/src/deep.ts", ""),
        (
            "packages/two/package.json",
            r#"{ "name": "two", "exports": { ".": { "import": "./dist/main.mjs", "types": "./src/main.ts" }, "./sub/*": "./src/*.ts" } }"#,
        ),
        ("packages/two/src/main.ts", ""),
        ("packages/two/src/feature.ts", ""),
        ("packages/three/package.json", r#"{ "name": "three" }"#),
        ("packages/three/index.js", ""),
        ("packages/four/package.json", r#"{ "name": "four", "main": "gone.js" }"#),
    ];
    let cases = [
        ("#db", "src/db.js"),
        ("#lib/a.js", "src/lib/a.ts"),
        ("#dep", "package pg"),
        ("#other", "nothing"),
        ("@x/one", "packages/one/src/index.ts"),
        ("@x/one/src/deep", "packages/one/src/deep.ts"),
        ("@x/one/dist/deep.js", "packages/one/src/deep.ts"),
        ("two", "packages/two/src/main.ts"),
        ("two/sub/feature", "packages/two/src/feature.ts"),
        ("two/hidden", "package two"),
        ("three", "packages/three/index.js"),
        ("four", "package four"),
    ];
    for (specifier, expected) in cases {
        assert_eq!(resolved(&files, "src/app.ts", specifier), expected, "{specifier}");
    }
}

fn follow(files: &[(&str, &str)], entry: &str) -> Reached {
    let sources = project(files);
    let facts: BTreeMap<ProjectPath, FileFacts> = sources
        .iter()
        .filter_map(|(id, file)| {
            let dialect = Dialect::of(&file.path)?;
            Some((file.path.clone(), module::read(id, file.shared_text(), dialect).tree))
        })
        .collect();
    resolver(&sources).follow(&sources, &[ProjectPath::new(entry).unwrap()], |path| facts.get(path))
}

#[test]
fn a_program_reaches_what_runs() {
    let files = [
        (
            "main.ts",
            "import './a'; import type { T } from './types'; export * from './b'; import 'pg'; import x from './x.json'",
        ),
        ("a.js", "const c = require('./c'); import('./d.js'); require(name); import './main'"),
        ("b.ts", "import fs from 'fs'; import { Pool } from 'pg'; import './gone'"),
        ("c.js", "require('./a')"),
        ("d.ts", ""),
        ("types.ts", "import './never'"),
        ("never.ts", ""),
        ("x.json", "{}"),
    ];
    let reached = follow(&files, "main.ts");
    let paths: Vec<&str> = reached.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["main.ts", "a.js", "b.ts", "c.js", "d.ts"]);
    assert_eq!(reached.files[4].by.map(|by| by.0), Some(1));
    assert_eq!(reached.packages.keys().collect::<Vec<_>>(), ["pg"]);
    assert_eq!(reached.packages["pg"].len(), 2);
    let unresolved: Vec<Option<&str>> =
        reached.unresolved.iter().map(|one| one.specifier.as_deref()).collect();
    assert_eq!(unresolved, [None, Some("./gone")]);
    assert!(reached.complete().is_err());
    assert!(reached.contains(&ProjectPath::new("c.js").unwrap()));
    assert_eq!(follow(&[("a.js", "require('./a')")], "a.js").complete(), Ok(()));
    assert_eq!(follow(&[("a.js", "")], "gone.js").unread.len(), 1);
}

#[test]
fn a_computed_import_reaches_its_folder() {
    let files = [
        ("src/app.js", "names.forEach(name => require(`./routes/${name}`))"),
        ("src/routes/home.js", "require('../db')"),
        ("src/routes/home.test.js", ""),
        ("src/routes/more/info.ts", ""),
        ("src/db.js", ""),
        ("src/other.js", ""),
    ];
    let reached = follow(&files, "src/app.js");
    let paths: Vec<&str> = reached.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["src/app.js", "src/routes/home.js", "src/routes/more/info.ts", "src/db.js"]);
    assert_eq!(reached.complete(), Ok(()));
    assert!(follow(&[("a.js", "require('./gone/' + x)")], "a.js").complete().is_err());
}
