//! What package.json files say, field by field, also when they are wrong.

use std::sync::Arc;

use super::*;
use crate::facts::Why;
use crate::syntax::json;

fn read(text: &str) -> Package {
    Package::read(&json::parse(FileId(0), Arc::from(text), json::Dialect::Strict).tree)
}

fn value<T: Clone>(fact: &Fact<Option<T>>) -> Option<T> {
    fact.known().expect("known").clone()
}

#[test]
fn an_empty_object_is_known_to_have_nothing() {
    let package = read("{}");
    assert_eq!(value(&package.name), None);
    assert_eq!(package.private.known(), Some(&false));
    assert_eq!(package.module_type.known(), Some(&ModuleType::CommonJs));
    assert_eq!(package.scripts.rest, Ok(()));
    assert_eq!(package.dependencies.rest, Ok(()));
    assert_eq!(value(&package.node), None);
    assert_eq!(value(&package.entry()), None);
}

#[test]
fn fields_of_the_wrong_type_are_unknown_and_the_rest_is_read() {
    let package = read(
        r#"{"name": 5, "scripts": ["a"], "dependencies": {"a": 1, "b": "^2"}, "files": "x", "main": "m.js"}"#,
    );
    assert_eq!(package.name, Fact::Unknown(Why::Broken));
    assert_eq!(package.scripts.rest, Err(Why::Broken));
    assert_eq!(package.files, Fact::Unknown(Why::Broken));
    assert_eq!(package.dependencies.items.len(), 1);
    assert_eq!(package.dependencies.rest, Err(Why::Broken));
    assert_eq!(value(&package.main).as_deref(), Some("m.js"));
    for text in ["", "[]", "5", "\"x\"", "{\"name\": \"a\", ", "{\"scripts\": {\"start\": "] {
        let package = read(text);
        assert_eq!(package.version, Fact::Unknown(Why::Broken), "{text}");
        assert_eq!(package.dependencies.rest, Err(Why::Broken), "{text}");
    }
}

#[test]
fn positions_inside_of_a_script_are_exact() {
    let text = r#"{"scripts": {"start": "echo \"a\" && node server.js"}}"#;
    let package = read(text);
    let script = package.script("start").unwrap();
    assert_eq!(script.text.text, "echo \"a\" && node server.js");
    let at = script.text.text.find("node").unwrap();
    assert_eq!(&text[script.text.span(at, at + 14).range()], "node server.js");
    assert_eq!(&text[script.name.span.range()], "\"start\"");
}

#[test]
fn dependencies_have_sections_spans_and_aliases() {
    let text = r#"{"dependencies": {"a": "^1", "colour": "npm:kleur@^4", "b": "npm:@s/b@1"},
        "peerDependencies": {"p": "*"}, "peerDependenciesMeta": {"p": {"optional": true}}}"#;
    let package = read(text);
    let section = package.section(DependencyKind::Production).unwrap();
    assert_eq!(&text[section.key.range()], "\"dependencies\"");
    assert_eq!(package.dependency("colour").unwrap().package_name(), "kleur");
    assert_eq!(package.dependency("b").unwrap().package_name(), "@s/b");
    let a = package.dependency("a").unwrap();
    assert_eq!((&text[a.key.range()], &text[a.value.range()]), ("\"a\"", "\"^1\""));
    assert!(package.dependency("p").unwrap().may_miss && !a.may_miss);
    assert_eq!(&text[package.dependencies.items[0].span.range()], "\"a\": \"^1\"");
}

#[test]
fn exports_by_conditions_in_their_order() {
    let entry = |text: &str| read(&format!(r#"{{"main": "m.js", "exports": {text}}}"#)).entry();
    let known = |text: &str| value(&entry(text)).unwrap();
    assert_eq!(known(r#""./a.js""#), "./a.js");
    assert_eq!(known(r#"{"types": "./a.d.ts", "import": "./a.mjs", "require": "./a.cjs"}"#), "./a.mjs");
    assert_eq!(
        known(r#"{".": {"browser": "./b.js", "node": {"require": "./n.cjs"}}, "./x": "./x.js"}"#),
        "./n.cjs"
    );
    assert_eq!(known(r#"["./a.js", "./b.js"]"#), "./a.js");
    assert_eq!(known("null"), "m.js");
    assert_eq!(entry(r#"{"./x": "./x.js"}"#), Fact::Unknown(Why::NotFound));
    let deep = format!("{}\"./a.js\"{}", "{\"default\": ".repeat(100), "}".repeat(100));
    assert_eq!(entry(&deep), Fact::Unknown(Why::NotFound));
}

#[test]
fn managers_engines_and_workspaces() {
    let package = read(
        r#"{"packageManager": "pnpm@9.15.0+sha512.abc", "engines": {"node": ">=20 <23"},
        "workspaces": {"packages": ["apps/*"], "nohoist": ["**/x"]}}"#,
    );
    let pin = value(&package.package_manager).unwrap();
    assert_eq!((pin.name.as_str(), pin.version.as_deref()), ("pnpm", Some("9.15.0")));
    let node = value(&package.node).unwrap();
    assert!(node.allows_major(22) && !node.allows_major(24));
    assert_eq!(value(&package.workspaces).unwrap()[0].value, "apps/*");
    let package = read(
        r#"{"devEngines": {"packageManager": {"name": "yarn", "version": "4.x"}}, "engines": {"node": "lts/*"}}"#,
    );
    assert_eq!(value(&package.package_manager).unwrap().name, "yarn");
    assert_eq!(package.node, Fact::Unknown(Why::Unsupported));
}

#[test]
fn overrides_of_each_manager() {
    let package = read(
        r#"{"overrides": {"a": "1", "b@2": {".": "2.1", "c": "3"}}, "resolutions": {"**/d": "4", "e/@s/f": "5", "g@npm:^1.0/x": "6"},
        "pnpm": {"overrides": {"h>i": "7"}}}"#,
    );
    let found: Vec<String> = package
        .overrides
        .items
        .iter()
        .map(|item| format!("{}: {} = {}", item.value.section, item.value.path.join(" "), item.value.spec))
        .collect();
    assert_eq!(
        found,
        [
            "overrides: a = 1",
            "overrides: b@2 = 2.1",
            "overrides: b@2 c = 3",
            "resolutions: d = 4",
            "resolutions: e @s/f = 5",
            "resolutions: g@npm:^1.0/x = 6",
            "pnpm.overrides: h i = 7",
        ]
    );
    assert_eq!(package.overrides.items[1].value.name(), "b");
    assert_eq!(package.overrides.items[4].value.name(), "@s/f");
}

#[test]
fn commands_of_a_scoped_package() {
    let package = read(r#"{"name": "@s/tool", "bin": "./cli.js"}"#);
    assert_eq!(package.bin.items[0].value, Bin { name: "tool".into(), path: "./cli.js".into() });
    let package = read(r#"{"bin": {"a": "./a.js", "b": 5}}"#);
    assert_eq!((package.bin.items.len(), package.bin.rest), (1, Err(Why::Broken)));
}
