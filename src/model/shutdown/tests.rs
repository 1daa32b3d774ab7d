use super::*;
use crate::model::Project;
use crate::source::ProjectPath;

/// What the program `server.js` does with SIGTERM, in short.
fn told(server: &str, others: &[(&str, &str)]) -> String {
    let dockerfile = ("Dockerfile", "FROM node:24\nWORKDIR /app\nCOPY . .\nCMD [\"node\", \"server.js\"]\n");
    let files = [dockerfile, ("server.js", server)].into_iter().chain(others.iter().copied());
    let files = files.map(|(path, text)| (ProjectPath::new(path).unwrap(), text.to_owned()));
    let project = Project::from_texts(files);
    let program = project.runs[0].program.as_ref().expect("a program");
    let told = program.shutdown.handlers.iter().map(told_of);
    told.collect::<Vec<_>>().join(" | ")
}

fn told_of(handling: &Handling) -> String {
    let closes = handling.closes.iter().map(|close| {
        let what = match &close.target {
            Target::Servers(servers) => format!("{servers:?}"),
            Target::Package(name) => name.clone(),
            Target::Unknown => "?".to_owned(),
        };
        format!("closes {what}{}", when(close.moment))
    });
    let ends = handling.ends.iter().map(|end| {
        let code = end.code.as_ref().map_or("signal".to_owned(), |code| format!("{:?}", code.known()));
        format!("ends {code}{}", when(end.moment))
    });
    let rest = handling.complete.is_err().then(|| "…".to_owned());
    closes.chain(ends).chain(rest).collect::<Vec<_>>().join(", ")
}

fn when(moment: Moment) -> String {
    let Moment { certain, failing, after } = moment;
    let mut text = String::new();
    for (is, word) in [
        (!certain, " perhaps"),
        (failing, " failing"),
        (after.server, " after server"),
        (after.other, " after other"),
        (after.unknown, " after ?"),
        (after.some_delay, " after ? ms"),
    ] {
        text.push_str(if is { word } else { "" });
    }
    if after.delay > 0.0 { format!("{text} after {} ms", after.delay) } else { text }
}

const SERVER: &str = "const http = require('http'); const server = http.createServer(f).listen(3000);";

#[test]
fn a_handler_is_told_in_its_order() {
    for (code, expected) in [
        ("process.on('SIGTERM', () => process.exit(0))", "ends Some(0)"),
        ("process.on('SIGTERM', () => server.close(() => process.exit(0)))", "closes [0], ends Some(0) after server"),
        ("process.on('SIGTERM', () => { server.close(); process.exit(0) })", "closes [0], ends Some(0)"),
        (
            "process.on('SIGTERM', async () => { await new Promise(r => server.close(r)); process.exit() })",
            "closes [0], ends Some(0) after server after other",
        ),
        (
            "process.on('SIGTERM', () => { server.close(); setTimeout(() => process.exit(1), 10 * 1000) })",
            "closes [0], ends Some(1) after 10000 ms",
        ),
        (
            "function a() { setTimeout(b, 5000) } function b() { server.close(); setTimeout(process.exit, 9000) }
             process.on('SIGTERM', a)",
            "closes [0] after 5000 ms, ends None after 14000 ms",
        ),
        (
            "process.on('SIGTERM', () => { if (x) process.exit(1); server?.close((e) => { if (e) throw e; }) })",
            "closes [0], ends Some(1) perhaps",
        ),
        (
            "process.on('SIGTERM', async () => { try { await server.close() } catch (e) { process.exit(1) } })",
            "closes [0], ends Some(1) perhaps failing after server after other",
        ),
        (
            "process.on('SIGTERM', () => { leave().then(() => process.exit(0)).catch(() => process.exit(1)) });
             const leave = async () => { await server.close() }",
            "closes [0], ends Some(0) after server after other, ends Some(1) perhaps failing after server after other",
        ),
        ("process.on('SIGTERM', () => WIKI.kernel.leave())", "…"),
        ("process.on('SIGTERM', async () => { await work; process.exit(0) })", "ends Some(0) after ?"),
        ("process.once('SIGTERM', s => { process.kill(process.pid, s) })", "ends signal"),
        ("const f = () => g(); const g = () => f(); process.on('SIGTERM', f)", ""),
        ("process.on('SIGTERM', process.exit)", "ends None, …"),
    ] {
        assert_eq!(told(&format!("{SERVER}\n{code}"), &[]), expected, "{code}");
    }
}

#[test]
fn handlers_are_followed_into_other_modules() {
    let server = "const http = require('http'); const { setup } = require('./stop');
        const server = http.createServer(f); setup(server); server.listen(3000);";
    for stop in [
        "exports.setup = (server) => process.on('SIGTERM', () => server.close(() => process.exit(0)))",
        "module.exports = { setup }; function setup(s) { process.on('SIGTERM', () => end(s)) }
         function end(it) { it.close(() => process.exit(0)) }",
        "class Stop { constructor(s) { this.server = s } run() { this.server.close(() => process.exit(0)) } }
         exports.setup = (s) => { const stop = new Stop(s); process.on('SIGTERM', () => stop.run()) }",
    ] {
        let found = told(server, &[("stop.js", stop)]);
        let expected = ["closes [0], ends Some(0) after server", "closes ?, ends Some(0) after ?"];
        assert!(expected.contains(&found.as_str()), "{stop}: {found}");
    }
    let imported =
        "import http from 'http'; import { server } from './web.js'; import { stop } from './stop.js';
        server.listen(3000); process.on('SIGTERM', stop);";
    let found = told(
        imported,
        &[
            ("package.json", "{\"type\": \"module\"}"),
            ("web.js", "import { createServer } from 'http'; export const server = createServer(f);"),
            ("stop.js", "import { server } from './web.js'; export function stop() { server.close() }"),
        ],
    );
    assert_eq!(found, "closes [0]");
}

#[test]
fn servers_know_when_they_listen() {
    let modes = |code: &str| {
        let dockerfile = ("Dockerfile", "FROM node:24\nCOPY . .\nCMD [\"node\", \"server.js\"]\n");
        let code = format!("const app = require('express')(); {code}");
        let files = [dockerfile, ("server.js", code.as_str())];
        let files = files.map(|(path, text)| (ProjectPath::new(path).unwrap(), text.to_owned()));
        let project = Project::from_texts(files);
        let program = project.runs[0].program.clone().expect("a program");
        program.shutdown.servers.iter().map(|server| (server.mode, server.is_lost)).collect::<Vec<_>>()
    };
    use When::{Elsewhere, Production, Unknown};
    assert_eq!(modes("app.listen(1)"), [(Production, true)]);
    assert_eq!(modes("const s = app.listen(1)"), [(Production, false)]);
    assert_eq!(modes("if (process.env.NODE_ENV !== 'test') app.listen(1)"), [(Production, true)]);
    assert_eq!(
        modes("if (app.locals.ENV === 'development') app.listen(1); else app.listen(2)"),
        [(Elsewhere, true), (Production, true)]
    );
    assert_eq!(modes("if (require.main === module) { app.listen(1) }"), [(Production, true)]);
    assert_eq!(modes("if (tls) { app.listen(1) }"), [(Unknown, true)]);
}
