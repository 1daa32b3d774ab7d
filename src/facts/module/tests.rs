use super::*;
use crate::facts::Fact;
use crate::syntax::script::Dialect;

fn facts_of(text: &str, dialect: Dialect) -> FileFacts {
    read(FileId(0), Arc::from(text), dialect).tree
}

fn js(text: &str) -> FileFacts {
    facts_of(text, Dialect::JavaScript)
}

fn ts(text: &str) -> FileFacts {
    facts_of(text, Dialect::TypeScript)
}

fn imports(facts: &FileFacts) -> Vec<(ImportKind, Option<&str>, bool)> {
    facts.imports.iter().map(|import| (import.kind, facts.specifier(import), import.type_only)).collect()
}

fn paths(facts: &FileFacts) -> Vec<String> {
    facts.calls.iter().map(|call| facts.path(call.callee).unwrap_or_else(|| "?".to_owned())).collect()
}

fn call<'f>(facts: &'f FileFacts, path: &str) -> &'f Call {
    facts.calls.iter().find(|call| facts.path(call.callee).as_deref() == Some(path)).expect(path)
}

fn last_argument(facts: &FileFacts) -> ValueId {
    let call = facts.calls.last().unwrap();
    facts.argument(call, 0).unwrap()
}

#[test]
fn imports_of_every_kind() {
    let facts = ts(r#"
        import a, { b as c, type D } from "a";
        import * as e from './e.js';
        import "side";
        import type { F } from 'f';
        import { type G } from 'g';
        import h = require("h");
        export * from './i';
        export { default as j, k } from './j';
        export type { L } from './l';
        const m = require(`m`), { n, o: p } = require('n');
        async function later() { const q = await import('./q'); require(path.join(x)); }
    "#);
    use ImportKind::*;
    let expected = [
        (Static, Some("a"), false),
        (Static, Some("./e.js"), false),
        (Static, Some("side"), false),
        (Static, Some("f"), true),
        (Static, Some("g"), true),
        (ImportEquals, Some("h"), false),
        (Reexport, Some("./i"), false),
        (Reexport, Some("./j"), false),
        (Reexport, Some("./l"), true),
        (Require, Some("m"), false),
        (Require, Some("n"), false),
        (Dynamic, Some("./q"), false),
        (Require, None, false),
    ];
    assert_eq!(imports(&facts), expected);
    let names = |index: usize| -> Vec<(Option<&str>, Imported)> {
        let run = facts.imports[index].names.range();
        facts.imported[run]
            .iter()
            .map(|name| (name.local.map(|local| facts.name(local)), name.imported))
            .collect()
    };
    assert_eq!(names(0).iter().map(|name| name.0).collect::<Vec<_>>(), [Some("c"), Some("D"), Some("a")]);
    assert_eq!(names(0)[2].1, Imported::Default);
    assert_eq!(names(1), [(Some("e"), Imported::Whole)]);
    assert_eq!(names(5), [(Some("h"), Imported::Whole)]);
    assert_eq!(names(10).iter().map(|name| name.0).collect::<Vec<_>>(), [Some("n"), Some("p")]);
    assert_eq!(facts.function(facts.imports[11].function).name.map(|name| facts.name(name)), Some("later"));
}

#[test]
fn paths_beside_the_file_are_specifiers() {
    let facts = js("require(path.resolve(__dirname, 'visit.js')); require(join(__dirname, './a', '../b'));
        require(path.join(__dirname, name)); require(path.join(root, 'c')); require(path.resolve(__dirname, '/d'))");
    let specifiers: Vec<Option<&str>> = facts.imports.iter().map(|import| facts.specifier(import)).collect();
    assert_eq!(specifiers, [Some("./visit.js"), Some("./a/../b"), None, None, None]);
}

#[test]
fn callee_paths_keep_the_chain() {
    let facts =
        js("process.on('x', f); a?.b['c'](); createServer(app).listen(1); (await d()).e(); new F.G(1); h`x`");
    let expected = ["process.on", "a.b.c", "createServer", "createServer().listen", "d", "d().e", "F.G", "h"];
    assert_eq!(paths(&facts), expected);
    assert!(call(&facts, "F.G").constructs);
    let on = call(&facts, "process.on");
    assert!(facts.is_path(on.callee, "process.on") && !facts.is_path(on.callee, "on"));
    assert_eq!(facts.callee_span(on).range(), 8..10);
    assert_eq!(facts.span(on.at).range(), 0..18);
}

#[test]
fn arguments_are_what_is_written() {
    let facts = js(
        "f('a', `b`, `c${d}`, 1.5, true, null, x, [1, 'y'], { p: 2, q: { r: 's' }, t }, () => g(), h || 3)",
    );
    let f = call(&facts, "f");
    let values: Vec<Value> = facts.arguments(f).iter().map(|id| facts.value(*id)).collect();
    assert!(matches!(values[0], Value::Text(name) if facts.name(name) == "a"));
    assert!(matches!(values[1], Value::Text(name) if facts.name(name) == "b"));
    assert_eq!(values[2], Value::Other);
    assert_eq!(values[3], Value::Number(1.5));
    assert_eq!((values[4], values[5]), (Value::Bool(true), Value::Null));
    assert!(matches!(values[6], Value::Ident(name) if facts.name(name) == "x"));
    assert!(matches!(values[7], Value::List(run) if run.len() == 2));
    let object = facts.arguments(f)[8];
    assert_eq!(
        facts.text_of(facts.entry(facts.entry(object, "q").unwrap().unwrap(), "r").unwrap().unwrap()),
        Some("s")
    );
    assert!(facts.entry(object, "t").unwrap().is_some());
    assert_eq!(facts.entry(object, "u"), Ok(None));
    let Value::Function(function) = values[9] else { panic!("{:?}", values[9]) };
    assert_eq!(facts.function(function).calls.len(), 1);
    assert_eq!(facts.function(function).passed_to.map(|passed| passed.1), Some(9));
    assert!(matches!(values[10], Value::Or { .. }));
}

#[test]
fn names_mean_what_their_scope_says() {
    let facts = js("const a = 'outer'; function f(b) { const a = 'inner'; g(a); } g(a); g(b)");
    let texts: Vec<Option<&str>> =
        facts.calls.iter().map(|call| facts.text_of(facts.argument(call, 0).unwrap())).collect();
    assert_eq!(texts, [Some("inner"), Some("outer"), None]);
}

#[test]
fn a_variable_that_changes_is_not_known() {
    assert_eq!(js("let p = 1; f(p)").number_of_last(), Some(1.0));
    assert_eq!(js("let p = 1; p = 2; f(p)").number_of_last(), None);
    assert_eq!(js("let p = 1; p++; f(p)").number_of_last(), None);
    assert_eq!(js("let p; p = 2; f(p)").number_of_last(), Some(2.0));
    assert_eq!(js("let p; if (x) p = 2; else p = 3; f(p)").number_of_last(), None);
    assert_eq!(js("var p = 1; var p = 2; f(p)").number_of_last(), None);
    assert_eq!(js("function g(p) { p = 1; } f(p)").number_of_last(), None);
}

impl FileFacts {
    fn number_of_last(&self) -> Option<f64> {
        self.number(last_argument(self)).known().copied()
    }
}

#[test]
fn ports_come_from_literals_and_defaults() {
    let cases = [
        ("f(3000)", Some(3000.0)),
        ("const port = process.env.PORT || 3000; f(port)", Some(3000.0)),
        ("const { PORT = 8080 } = process.env; f(PORT)", Some(8080.0)),
        ("f(Number(process.env.PORT ?? '4000'))", Some(4000.0)),
        ("f(parseInt(process.env['PORT'], 10) || 5_000)", Some(5000.0)),
        ("f(+process.env.PORT || 6000)", Some(6000.0)),
        ("const config = { http: { port: 7000 } }; f(config.http.port)", Some(7000.0)),
        ("f(process.env.PORT)", None),
        ("f(other.PORT || 3000)", None),
        ("const config = { port: 1, ...rest }; f(config.port)", None),
        ("import { env } from 'node:process'; f(env.PORT || 9000)", Some(9000.0)),
    ];
    for (text, expected) in cases {
        assert_eq!(js(text).number_of_last(), expected, "{text}");
    }
    let facts = js("f(process.env.PORT || 3000)");
    assert_eq!(facts.number(last_argument(&facts)), Fact::written(3000.0, Span::new(FileId(0), 22, 26)));
}

#[test]
fn a_value_knows_its_module() {
    let cases = [
        ("import express from 'express'; f(express)", "express", None),
        ("const { createServer } = require('node:http'); f(createServer)", "http", Some("createServer")),
        ("import * as http from 'http'; f(http.createServer)", "http", Some("createServer")),
        ("import { Router as R } from 'express'; f(R)", "express", Some("Router")),
        ("f(require('a').b)", "a", Some("b")),
        ("import x from 'a'; f(x.default.b)", "a", Some("b")),
    ];
    for (text, module, member) in cases {
        let facts = js(text);
        let found = facts.module_member(last_argument(&facts)).expect(text);
        assert_eq!((found.module, found.member), (module, member), "{text}");
    }
    let facts = js("const express = other; f(express)");
    assert_eq!(facts.module_member(last_argument(&facts)), None);
}

#[test]
fn classes_keep_members_and_decorators() {
    let facts = ts("
        @Controller('health') export class Health extends Base {
          constructor(private readonly a: A) { super(); }
          @Get('live') @Public() live() { return this.check(); }
          @Input() name = 'x';
          stop = async () => { this.server.close() };
        }");
    let class = &facts.classes[0];
    assert_eq!(class.name.map(|name| facts.name(name)), Some("Health"));
    let decorated = |run: Run| -> Vec<String> {
        facts.decorators[run.range()].iter().filter_map(|id| facts.path(*id)).collect()
    };
    assert_eq!(decorated(class.decorators), ["Controller()"]);
    let members = &facts.members[class.members.range()];
    let names: Vec<Option<&str>> =
        members.iter().map(|member| member.name.map(|name| facts.name(name))).collect();
    assert_eq!(names, [Some("constructor"), Some("live"), Some("name"), Some("stop")]);
    assert_eq!(decorated(members[1].decorators), ["Get()", "Public()"]);
    assert_eq!(decorated(members[2].decorators), ["Input()"]);
    assert!(decorated(members[3].decorators).is_empty() && decorated(members[0].decorators).is_empty());
    assert!(matches!(facts.value(members[3].value), Value::Function(_)));
    assert!(class.extends.is_some_and(|base| facts.is_path(base, "Base")));
}

#[test]
fn exports_of_both_module_systems() {
    let names = |facts: &FileFacts| -> Vec<String> {
        let name = |export: &Export| match export.name {
            Imported::Default => "default".to_owned(),
            Imported::Whole => "*".to_owned(),
            Imported::Named(name) => facts.name(name).to_owned(),
        };
        facts.exports.iter().map(name).collect()
    };
    let facts = js(
        "export const a = 1, { b, c: d } = x; export function e() { const no = 1; } export default class F {}
        export { a as g, h }; export * from './i'; export { j } from './k'; export default () => 1;",
    );
    assert_eq!(names(&facts), ["a", "d", "b", "e", "default", "g", "h", "*", "j", "default"]);
    let facts = js("module.exports = { a }; exports.b = 1; module.exports.c = 2; other.exports = 3");
    assert_eq!(names(&facts), ["*", "b", "c"]);
    assert_eq!(names(&ts("export = x;")), ["*"]);
}

#[test]
fn broken_and_odd_texts_are_read() {
    for text in [
        "",
        "\u{feff}",
        "#!/usr/bin/env node\nrequire('a')",
        "\u{feff}const a = require('a');",
        "\u{feff}'use strict'; const a = require('a');",
        "}}}}",
        "a(",
        "class",
        "import",
        "'",
        "`${",
        "\0",
    ] {
        let facts = js(text);
        assert!(facts.complete, "{text:?}");
        assert_eq!(facts.imports.len(), usize::from(text.contains("require")), "{text:?}");
    }
    let long = format!("require('a');{}", " ".repeat(crate::syntax::script::LIMIT));
    let parsed = read(FileId(0), Arc::from(long), Dialect::JavaScript);
    assert!(!parsed.tree.complete);
    assert_eq!(parsed.issues[0].rule, "project/unreadable-file");
}
