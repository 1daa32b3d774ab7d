//! What is found in scripts: signals, ports, routes, schedules; and that broken, mutated and hostile scripts cost no more
//! than the break itself.

use crate::random::Random;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plimsoll::facts::module::{self, FileFacts, ImportKind, ListensBy, SignalHandler};
use plimsoll::facts::{Fact, Why};
use plimsoll::source::FileId;
use plimsoll::syntax::script::{Dialect, LIMIT};

fn facts_in(text: &str, dialect: Dialect) -> FileFacts {
    module::read(FileId(0), Arc::from(text), dialect).tree
}

fn facts(text: &str) -> FileFacts {
    facts_in(text, Dialect::TypeScript)
}

fn names(text: &str) -> (Vec<String>, Result<(), Why>) {
    let found = module::signals(&facts(text));
    (found.items.into_iter().map(|item| item.value.signal).collect(), found.rest)
}

fn handler(text: &str) -> SignalHandler {
    module::signals(&facts(text)).items.remove(0).value
}

#[test]
fn listeners_on_process_are_found_however_they_are_written() {
    let term = ["SIGTERM"];
    let both = ["SIGINT", "SIGTERM"];
    let cases: &[(&str, &[&str])] = &[
        ("process.on('SIGTERM', stop)", &term),
        ("process.once(\"SIGTERM\", stop)", &term),
        ("process.addListener(`SIGTERM`, stop)", &term),
        ("process.prependListener('SIGTERM', () => {})", &term),
        ("process.on('SIGINT', f).on('SIGTERM', f)", &both),
        ("globalThis.process.on('SIGTERM', f)", &term),
        ("import process from 'node:process'; process.on('SIGTERM', f)", &term),
        ("import * as p from 'process'; p.on('SIGTERM', f)", &term),
        ("const proc = process; proc.on('SIGTERM', f)", &term),
        ("['SIGINT', 'SIGTERM'].forEach(s => process.on(s, f))", &both),
        ("['SIGINT', 'SIGTERM'].forEach(function (s) { process.once(s, () => stop(s)) })", &both),
        ("const signals = ['SIGINT', 'SIGTERM']; signals.forEach((s) => { process.on(s, f) })", &both),
        (
            "const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM'] as const; signals.map((s) => process.on(s, f))",
            &both,
        ),
        ("for (const s of ['SIGINT', 'SIGTERM']) process.on(s, f)", &both),
        ("const A = ['SIGINT'], B = [...A, 'SIGTERM']; for (const s of B) { process.on(s, f) }", &both),
        ("const m = { SIGINT: 2, SIGTERM: 15 }; Object.keys(m).forEach((s) => process.on(s, f))", &both),
        ("for (const s of new Set(['SIGINT', 'SIGTERM'])) { process.on(s, f) }", &both),
        ("function on(s, g) { process.on(s, g) } on('SIGINT', f); on('SIGTERM', f)", &both),
        ("const TERM = 'SIGTERM'; process.on(TERM, f)", &term),
        ("enum S { Term = 'SIGTERM' } process.on(S.Term, f)", &term),
        ("function start() { if (x) { try { process.on('SIGTERM', f) } catch {} } }", &term),
        ("class A { start() { process.on('SIGTERM', this.stop.bind(this)) } stop() {} }", &term),
    ];
    for (text, expected) in cases {
        assert_eq!(names(text), (expected.iter().map(|name| (*name).to_owned()).collect(), Ok(())), "{text}");
    }
}

#[test]
fn what_looks_like_a_listener_is_none() {
    let cases = [
        "child.on('SIGTERM', f)",
        "process.off('SIGTERM', f)",
        "process.emit('SIGTERM')",
        "process.kill(pid, 'SIGTERM')",
        "process.on('exit', f); process.on('uncaughtException', f)",
        "process.stdin.on('SIGTERM', f)",
        "// process.on('SIGTERM', f)",
        "const text = \"process.on('SIGTERM', f)\"",
        "const re = /process.on('SIGTERM', f)/",
        "function f(process) { process.on('SIGTERM', g) }",
        "import process from './process'; process.on('SIGTERM', f)",
        "import { createHttpTerminator } from 'http-terminator'; createHttpTerminator({ server })",
        "import stoppable from 'stoppable'; stoppable(server)",
        "import { createTerminus } from './own'; createTerminus(server)",
        "import terminus from '@godaddy/terminus'",
        "enableShutdownHooks()",
        "['SIGTERM'].forEach(s => child.on(s, f))",
        "const template = `process.on('SIGTERM', f)`",
    ];
    for text in cases {
        assert_eq!(names(text), (Vec::new(), Ok(())), "{text}");
    }
}

#[test]
fn a_computed_name_leaves_the_rest_unknown() {
    for text in [
        "process.on(name, f)",
        "process.on(`SIG${x}`, f)",
        "export function on(s) { process.on(s, f) }",
        "import { signals } from './signals'; signals.forEach(s => process.on(s, f))",
        "let s = 'SIGTERM'; s = other; process.on(s, f)",
        "for (const s of list()) process.on(s, f)",
        "app.enableShutdownHooks(signals)",
        "import { ServiceBroker } from 'moleculer'; new ServiceBroker(options)",
    ] {
        assert_eq!(names(text), (Vec::new(), Err(Why::Dynamic)), "{text}");
    }
    let (known, rest) = names("process.on('SIGTERM', f); process.on(other, f)");
    assert_eq!((known.len(), rest), (1, Err(Why::Dynamic)));
}

#[test]
fn libraries_listen_for_what_they_are_told() {
    let cases: &[(&str, &[&str])] = &[
        ("import { createTerminus } from '@godaddy/terminus'; createTerminus(server, {})", &["SIGTERM"]),
        (
            "const { createTerminus } = require('@godaddy/terminus'); createTerminus(s, { signal: 'SIGINT' })",
            &["SIGINT"],
        ),
        (
            "const t = require('@godaddy/terminus'); t.createTerminus(s, { signals: ['SIGINT'] })",
            &["SIGTERM", "SIGINT"],
        ),
        ("import { createLightship } from 'lightship'; createLightship()", &["SIGTERM", "SIGHUP", "SIGINT"]),
        (
            "import { createLightship } from 'lightship'; createLightship({ signals: ['SIGTERM'] })",
            &["SIGTERM"],
        ),
        (
            "import g from 'http-graceful-shutdown'; g(server, { signals: 'SIGTERM SIGHUP' })",
            &["SIGTERM", "SIGHUP"],
        ),
        ("require('http-graceful-shutdown')(server)", &["SIGINT", "SIGTERM"]),
        ("import close from 'close-with-grace'; close({ delay: 1 }, async () => {})", &["SIGTERM", "SIGINT"]),
        ("app.register(require('fastify-graceful-shutdown'))", &["SIGTERM", "SIGINT"]),
        ("import exitHook from 'async-exit-hook'; exitHook(cb => {})", &["SIGINT", "SIGTERM", "SIGHUP"]),
        ("app.enableShutdownHooks(['SIGTERM'])", &["SIGTERM"]),
        (
            "import { ShutdownSignal } from '@nestjs/common'; app.enableShutdownHooks([ShutdownSignal.SIGTERM])",
            &["SIGTERM"],
        ),
        ("import { ServiceBroker } from 'moleculer'; new ServiceBroker({})", &["SIGINT", "SIGTERM"]),
        (
            "import { ServiceBroker } from 'moleculer'; new ServiceBroker({ skipProcessEventRegistration: true })",
            &[],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(names(text), (expected.iter().map(|name| (*name).to_owned()).collect(), Ok(())), "{text}");
    }
    let nest = names("const app = await NestFactory.create(M); app.enableShutdownHooks();").0;
    assert!(nest.len() == 11 && nest.contains(&"SIGTERM".to_owned()));
    let weak = handler("import { onExit } from 'signal-exit'; onExit(f)");
    assert_eq!(weak.by, ListensBy::Hook("signal-exit"));
}

#[test]
fn spans_point_at_the_words() {
    let text = "const s = ['SIGTERM'];\ns.forEach(x => process.on(x, f));";
    let found = module::signals(&facts(text));
    assert_eq!(&text[found.items[0].span.range()], "process.on(x, f)");
    assert_eq!(&text[found.items[0].value.named_at.range()], "'SIGTERM'");
}

/// Port, variable and address of a server.
type Told = (Option<u16>, Option<String>, Option<Option<String>>);

fn ports(text: &str) -> Vec<Told> {
    let listen = |listen: module::Listen| {
        (listen.port.known().copied(), listen.variable.map(|name| name.value), listen.host.known().cloned())
    };
    module::listens(&facts(text)).into_iter().map(listen).collect()
}

#[test]
fn servers_listen_on_ports() {
    let any = Some(None);
    let port = |number: u16| vec![(Some(number), None, any.clone())];
    let by = |number: Option<u16>, name: &str| vec![(number, Some(name.to_owned()), any.clone())];
    let cases = [
        ("import express from 'express'; const app = express(); app.listen(3000, () => {})", port(3000)),
        ("const PORT = 8080; require('http').createServer(app).listen(PORT)", port(8080)),
        (
            "import app from './app'; const port = process.env.PORT || 3000; app.listen(port)",
            by(Some(3000), "PORT"),
        ),
        ("app.listen(process.env.PORT)", by(None, "PORT")),
        (
            "const port = normalizePort(process.env.PORT || '3000'); server.listen(port)",
            by(Some(3000), "PORT"),
        ),
        (
            "import { NestFactory } from '@nestjs/core'; const app = await NestFactory.create(M); await app.listen(Number(process.env.PORT ?? 4000))",
            by(Some(4000), "PORT"),
        ),
        ("const server = http.createServer(app); server.listen(config.address)", Vec::new()),
        // Where the server comes from is not seen, but a port is what only a server takes.
        (
            "const server = http.createServer(app); server.listen(config.port)",
            vec![(None, None, any.clone())],
        ),
        (
            "import http from 'http'; const server = http.createServer(app); server.listen(config.port)",
            vec![(None, None, any.clone())],
        ),
        (
            "const Hapi = require('@hapi/hapi'); const s = Hapi.server({ port: 3000, host: 'localhost' })",
            vec![(Some(3000), None, Some(Some("localhost".to_owned())))],
        ),
        ("app.listen(3000, '127.0.0.1', cb)", vec![(Some(3000), None, Some(Some("127.0.0.1".to_owned())))]),
        (
            "app.listen({ port: 3000, host: '0.0.0.0' })",
            vec![(Some(3000), None, Some(Some("0.0.0.0".to_owned())))],
        ),
        (
            "import Fastify from 'fastify'; const app = Fastify({}); app.listen({ port: 3000 })",
            vec![(Some(3000), None, Some(Some("localhost".to_owned())))],
        ),
        ("import { serve } from '@hono/node-server'; serve({ fetch, port: 3000 })", port(3000)),
        (
            "history.listen(location => {}); server.listen({ onUnhandledRequest: 'error' }); bus.listen('topic', f)",
            Vec::new(),
        ),
        ("app.listen(70000)", Vec::new()),
    ];
    for (text, expected) in cases {
        assert_eq!(ports(text), expected, "{text}");
    }
    let written = module::listens(&facts("app.listen(3000)")).remove(0).port;
    assert!(matches!(written, Fact::Known { value: 3000, .. }));
}

#[test]
fn routes_are_found_where_they_are_registered() {
    let routes = |text: &str| -> (Vec<String>, bool) {
        let found = module::routes(&facts(text));
        let route = |item: &module::Route| format!("{} {}", item.method, item.path);
        (found.items.iter().map(|item| route(&item.value)).collect(), found.rest.is_ok())
    };
    let cases: &[(&str, &[&str], bool)] = &[
        ("app.get('/healthz', (req, res) => res.send('ok'))", &["get /healthz"], true),
        ("router.post('/a', auth, controller.create)", &["post /a"], true),
        ("app.route('/b').get(list).post(create)", &["get /b", "post /b"], true),
        ("app.use('/api', routes); app.use(cors()); app.use(express.json())", &["use /api"], true),
        ("fastify.route({ method: 'GET', url: '/c', handler })", &["get /c"], true),
        ("app.get(['/d', '/e'], f)", &["get /d", "get /e"], true),
        ("const P = '/f'; app.get(P, f)", &["get /f"], true),
        ("app.get(path, f)", &[], false),
        ("app.get('view engine'); map.get('/x'); cache.get('key', f)", &[], true),
        ("import axios from 'axios'; axios.get('/x', options); axios.create().get('/y', options)", &[], true),
        // A function that answers all by itself registers no route; `facts::module::takers` tells that it may answer any.
        ("import http from 'http'; http.createServer((req, res) => {})", &[], true),
        (
            "@Controller('health') class H { @Get('live') live() {} @Get() all() {} other() {} }",
            &["get /health/live", "get /health"],
            true,
        ),
        ("@Controller() class H { @Get() root() {} @Get(name) x() {} }", &["get /"], false),
        ("@Injectable() class H { @Get('x') root() {} }", &[], true),
    ];
    for (text, expected, complete) in cases {
        assert_eq!(
            routes(text),
            (expected.iter().map(|path| (*path).to_owned()).collect(), *complete),
            "{text}"
        );
    }
}

#[test]
fn schedules_are_found_by_their_library() {
    let schedules = |text: &str| -> Vec<(&str, Option<String>)> {
        module::schedules(&facts(text)).into_iter().map(|one| (one.library, one.when)).collect()
    };
    assert_eq!(
        schedules("import cron from 'node-cron'; cron.schedule('* * * * *', f)"),
        [("node-cron", Some("* * * * *".to_owned()))]
    );
    assert_eq!(
        schedules("import { CronJob } from 'cron'; new CronJob(expr, f, null, true)"),
        [("cron", None)]
    );
    assert_eq!(schedules("import { CronJob } from 'cron'; new CronJob(expr, f)"), [], "nothing starts it");
    assert_eq!(
        schedules("import { Cron } from '@nestjs/schedule'; class A { @Cron('0 0 * * *') run() {} }").len(),
        1
    );
    assert_eq!(
        schedules("import { schedule } from './own'; schedule('* * * * *', f); cron.schedule('x', f)"),
        []
    );
}

/// Depth costs heap, not stack: everything here runs in 2 MiB.
#[test]
fn depth_costs_no_stack() {
    // 2 MiB leave 70 bytes for a level: no frame is that small.
    let deep = 30_000;
    let cases: Vec<String> = vec![
        "(".repeat(deep),
        "[".repeat(deep),
        "{".repeat(deep),
        "a(".repeat(deep),
        format!("{}1{}", "(".repeat(deep), ")".repeat(deep)),
        format!("x = {}1{}", "[".repeat(deep), "]".repeat(deep)),
        format!("x = {}1{}", "{a:".repeat(deep), "}".repeat(deep)),
        format!("{}1{}", "f(".repeat(deep), ")".repeat(deep)),
        format!("a{}", ".b".repeat(deep)),
        format!("a{}", ".b()".repeat(deep)),
        format!("a{}", "()".repeat(deep)),
        format!("a{}", " || a".repeat(deep)),
        format!("x = {}1", "x => ".repeat(deep)),
        format!("const {}x{} = y", "{a:".repeat(deep), "}".repeat(deep)),
        format!("const {}x{} = y", "[".repeat(deep), "]".repeat(deep)),
        "if (x) {".repeat(deep),
        "`${".repeat(deep),
        "<a>".repeat(deep),
        "class A { x = ".repeat(deep / 4),
        format!("process.on{}", "('SIGTERM', f).on".repeat(deep)),
        "const a = b; const b = a; process.on(a, b);".to_owned(),
        "process.on(x, y);".repeat(deep),
        "function p(x) { process.on(x, y) } p('SIGA');".repeat(5_000),
    ];
    let worker = std::thread::Builder::new().stack_size(2 << 20).spawn(move || {
        for text in cases {
            // The grammars share one runtime: the full depth is tried with one of them.
            for (dialect, most) in
                [(Dialect::JavaScript, LIMIT), (Dialect::TypeScript, 40_000), (Dialect::Tsx, 40_000)]
            {
                let text: String = text.chars().take(most).collect();
                let started = std::time::Instant::now();
                look_at_everything(&text, dialect);
                let head: String = text.chars().take(24).collect();
                let took = started.elapsed();
                if std::env::var_os("PLIMSOLL_TIMES").is_some() {
                    eprintln!("{took:>10.1?} {dialect:?} {head}");
                }
                assert!(took.as_secs() < 20, "{dialect:?} {head}: {took:?}");
            }
        }
    });
    worker.unwrap().join().unwrap();
}

/// What TypeScript's grammar would take hours for is read with JavaScript's: the calls are still found.
#[test]
fn open_angle_brackets_end_quickly() {
    let started = std::time::Instant::now();
    let listens = "process.on('SIGTERM', f);";
    for (dialect, most) in [(Dialect::TypeScript, LIMIT), (Dialect::Tsx, LIMIT / 8)] {
        let many = (most - listens.len()) / "a<b,".len();
        let facts = look_at_everything(&format!("{listens}{}", "a<b,".repeat(many)), dialect);
        assert_eq!(module::signals(&facts).items.len(), 1);
    }
    let took = started.elapsed();
    assert!(took.as_secs() < 20, "{took:?}");
}

fn look_at_everything(text: &str, dialect: Dialect) -> FileFacts {
    let facts = facts_in(text, dialect);
    let within = |span: plimsoll::source::Span| {
        assert!(span.end as usize <= text.len() && span.start <= span.end, "{span:?}");
        assert!(
            text.is_char_boundary(span.start as usize) && text.is_char_boundary(span.end as usize),
            "{span:?}"
        );
    };
    facts.values.iter().for_each(|value| within(facts.span(value.at)));
    facts.calls.iter().for_each(|call| within(facts.span(call.at)));
    facts.imports.iter().for_each(|import| within(facts.span(import.specifier_at)));
    let signals = module::signals(&facts);
    signals.items.iter().for_each(|item| within(item.span));
    module::listens(&facts).iter().for_each(|listen| within(listen.span));
    module::routes(&facts).items.iter().for_each(|route| within(route.span));
    module::schedules(&facts).iter().for_each(|schedule| within(schedule.span));
    facts
}

/// Scripts to mutate: those of testdata/script, and with PLIMSOLL_CORPUS those of a folder of real repositories.
fn scripts(most: usize) -> Vec<(PathBuf, String)> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/script");
    let mut found = Vec::new();
    let mut open = vec![own];
    match std::env::var_os("PLIMSOLL_CORPUS") {
        Some(folders) => open.extend(std::env::split_paths(&folders)),
        None => eprintln!("skipped: real scripts, PLIMSOLL_CORPUS is not set"),
    }
    while let Some(folder) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.sort();
        for path in paths {
            if path.is_symlink() || path.ends_with("node_modules") {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else if dialect(&path).is_some()
                && let Ok(text) = std::fs::read_to_string(&path)
                && text.len() < 60_000
            {
                found.push((path, text));
            }
        }
    }
    found.sort();
    let step = (found.len() / most).max(1);
    found.into_iter().step_by(step).take(most).collect()
}

fn dialect(path: &Path) -> Option<Dialect> {
    let path = plimsoll::source::ProjectPath::new(path.file_name()?.to_str()?)?;
    Dialect::of(&path).filter(|_| !path.as_str().ends_with(".d.ts"))
}

fn fuzz_rounds(default: usize) -> usize {
    std::env::var("PLIMSOLL_FUZZ").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(default)
}

#[test]
fn mutated_scripts_are_read_without_panic() {
    let scripts = scripts(60);
    assert!(scripts.len() >= 5, "testdata/script is missing");
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let pieces = [
        "(", ")", "{", "}", "`", "${", "'", "\\", "\u{feff}", "𝄞", "\0", "=>", "import ", "class ", "<", "@",
        "...", "\u{2028}",
    ];
    for _ in 0..fuzz_rounds(3_000) {
        let (path, text) = &scripts[random.below(scripts.len())];
        let mut characters: Vec<char> = text.chars().take(6_000).collect();
        for _ in 0..=random.below(4) {
            let at = random.below(characters.len() + 1);
            match random.below(4) {
                0 => drop(characters.drain(at..(at + random.below(40)).min(characters.len()))),
                1 => drop(characters.splice(at..at, pieces[random.below(pieces.len())].chars())),
                2 => characters.truncate(at),
                _ => {
                    let from = random.below(characters.len() + 1);
                    let copied: Vec<char> = characters[from..(from + 60).min(characters.len())].to_vec();
                    drop(characters.splice(at..at, copied));
                }
            }
        }
        let text: String = characters.into_iter().collect();
        look_at_everything(&text, dialect(path).unwrap());
    }
}

/// Imports and calls as text, to be counted before and after a break.
fn told(facts: &FileFacts) -> Vec<String> {
    let import = |import: &module::Import| {
        let written =
            matches!(import.kind, ImportKind::Static | ImportKind::Reexport | ImportKind::ImportEquals);
        written.then(|| format!("import {:?}", facts.specifier(import)))
    };
    let calls = facts.calls.iter().map(|call| format!("call {:?}", facts.path(call.callee)));
    facts.imports.iter().filter_map(import).chain(calls).collect()
}

/// How many of `before` are in `after`, counted with repetition.
fn kept(before: &[String], after: &[String]) -> usize {
    let mut left: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
    after.iter().for_each(|one| *left.entry(one).or_default() += 1);
    let take = |one: &&String| match left.get_mut(one.as_str()) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    };
    before.iter().filter(take).count()
}

#[test]
fn one_syntax_error_costs_little() {
    let scripts = scripts(200);
    let mut random = Random(42);
    let mut rows =
        [("delete )", 0, 0), ("delete }", 0, 0), ("foo(", 0, 0), ("const x =", 0, 0), ("obj.", 0, 0)];
    // Few files are broken at many places, many files at one each.
    let rounds = 200_usize.div_ceil(scripts.len().max(1));
    for (path, text) in scripts.iter().cycle().take(scripts.len() * rounds) {
        let dialect = dialect(path).unwrap();
        let before = told(&facts_in(text, dialect));
        for (what, total, left) in &mut rows {
            let Some(broken) = broken(text, what, &mut random) else { continue };
            *total += before.len();
            *left += kept(&before, &told(&facts_in(&broken, dialect)));
        }
    }
    for (what, total, left) in rows {
        let share = left as f64 / total.max(1) as f64;
        eprintln!(
            "{what}: {left} of {total} facts kept ({:.1} %) over {} files",
            share * 100.0,
            scripts.len()
        );
        assert!(total > 0 && share >= 0.95, "{what}: {share}");
    }
}

/// The text with one bracket less, or with something half written on a line of its own.
fn broken(text: &str, what: &str, random: &mut Random) -> Option<String> {
    let mut text = text.to_owned();
    if let Some(bracket) = what.strip_prefix("delete ") {
        let places: Vec<usize> = text.match_indices(bracket).map(|(at, _)| at).collect();
        text.remove(*places.get(random.below(places.len()))?);
        return Some(text);
    }
    let lines: Vec<usize> = text.match_indices(";\n").map(|(at, _)| at + 2).collect();
    text.insert_str(*lines.get(random.below(lines.len()))?, &format!("{what}\n"));
    Some(text)
}
