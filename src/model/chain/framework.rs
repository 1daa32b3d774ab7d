//! Programs of packages: process managers, servers for development, compilers that run, frameworks, runners of several
//! scripts.

use super::argument::Argument;
use super::aside::{self, When};
use super::resolve::{Next, Walk, step};
use super::signal::{self, Row};
use super::{End, Role, Signal, Step, manager, node, script};
use crate::facts::Why;
use crate::facts::module::Workers;
use crate::source::{Span, Spanned};

const UNKNOWN: Signal = Signal::Unknown(Why::Unsupported);

/// A program of a package as a program of the chain.
pub(super) fn program(walk: &mut Walk<'_>, name: &str, arguments: &[Argument]) -> Option<Next> {
    let verb = arguments.get(1).map_or("", Argument::known);
    Some(match name {
        "pm2-runtime" | "pm2-docker" | "pm2" | "pm2-dev" => pm2(walk, name, arguments),
        "forever" | "supervisor" => {
            let role = Role::ProcessManager;
            file(walk, &step(name, role, arguments), (UNKNOWN, None), &arguments[1..], &["start"])
        }
        "nodemon" | "node-dev" | "ts-node-dev" | "tsnd" => {
            let signals =
                if name == "nodemon" { (Signal::Passes, Some(signal::FORWARDS)) } else { (UNKNOWN, None) };
            dev(walk, name, arguments, signals)
        }
        "tsx" if verb == "watch" => dev(walk, name, arguments, (Signal::Passes, Some(signal::FORWARDS))),
        "ts-node" | "ts-node-esm" | "ts-node-script" | "tsx" => {
            let signals = (Signal::Passes, Some(signal::FORWARDS));
            file(walk, &step(name, Role::Transpiler, arguments), signals, &arguments[1..], &[])
        }
        "babel-node" | "swc-node" | "esno" | "sucrase-node" | "jiti" | "vite-node" => {
            file(walk, &step(name, Role::Transpiler, arguments), (UNKNOWN, None), &arguments[1..], &[])
        }
        "run-s" | "npm-run-all" | "npm-run-all2" | "run-p" | "concurrently" | "conc" => {
            runner(walk, name, arguments)
        }
        "turbo" | "nx" | "lerna" | "wireit" | "rush" | "moon" | "make" | "task" => {
            walk.push(Step { signals: vec![UNKNOWN], ..step(name, Role::Runner, arguments) });
            Next::Stop(End::Unknown(Why::Unsupported))
        }
        _ => {
            let role = framework(name, verb, arguments)?;
            walk.push(step(name, role, arguments));
            Next::Stop(End::Other(name.to_owned()))
        }
    })
}

/// Programs that serve by themselves: for production, or for development.
fn framework(name: &str, verb: &str, arguments: &[Argument]) -> Option<Role> {
    let watches =
        || arguments.iter().any(|argument| matches!(argument.known(), "--watch" | "-w" | "--debug"));
    let (serves, develops) = (Some(Role::Framework), Some(Role::DevServer));
    match (name, verb) {
        (
            "next" | "nuxt" | "remix" | "astro" | "strapi" | "gatsby" | "medusa" | "keystone" | "redwood"
            | "rw",
            "dev" | "develop",
        ) => develops,
        ("next" | "nuxt" | "nuxi" | "strapi" | "medusa" | "keystone" | "directus", "start") => serves,
        ("gatsby" | "rw", "serve") | ("astro" | "nuxt" | "nuxi", "preview") => serves,
        ("nest", "start") if watches() => develops,
        ("nest", "start") => serves,
        ("vite", "preview") => serves,
        ("vite" | "parcel" | "webpack-dev-server" | "live-server" | "browser-sync" | "json-server", _) => {
            develops
        }
        ("react-scripts" | "craco" | "react-app-rewired" | "nuxi", "start" | "dev") => develops,
        (
            "vue-cli-service" | "ng" | "webpack" | "webpack-cli" | "rspack" | "ionic" | "quasar",
            "serve" | "s" | "dev",
        ) => develops,
        ("expo", "start") | ("ember" | "rollup", _) => develops,
        ("http-server" | "serve" | "remix-serve" | "react-router-serve" | "local-web-server", _) => serves,
        ("fastify", "start") if watches() => develops,
        ("fastify", "start") | ("probot", "run") | ("moleculer-runner" | "functions-framework", _) => serves,
        ("sls" | "serverless", "offline") => develops,
        _ => None,
    }
}

/// pm2: `pm2-runtime` stays with its processes, `pm2 start` leaves them to a daemon.
fn pm2(walk: &mut Walk<'_>, name: &str, arguments: &[Argument]) -> Next {
    let verb = arguments.get(1).map_or("", Argument::known);
    let stays = name != "pm2" || arguments.iter().any(|argument| argument.known() == "--no-daemon");
    let signals = if name == "pm2-runtime" || name == "pm2-docker" {
        (Signal::PassesFor(1_600), Some(signal::PM2_RUNTIME))
    } else {
        (UNKNOWN, None)
    };
    let running = step(name, Role::ProcessManager, arguments);
    if !stays && verb != "start" {
        walk.push(Step { signals: vec![signals.0], ..running });
        return Next::Stop(End::Other(name.to_owned()));
    }
    let words: Vec<&Argument> = arguments[1..].iter().filter(|word| word.known() != "start").collect();
    let started = words.iter().find(|word| !word.known().starts_with('-')).map_or("", |word| word.known());
    if started == "npm" || started == "yarn" {
        // `pm2-runtime npm -- start`
        let after =
            arguments.iter().position(|word| word.known() == "--").map_or(&[][..], |at| &arguments[at + 1..]);
        walk.push(Step { signals: vec![signals.0], row: signals.1, ..running });
        let mut rest = vec![Argument::implied(started, words.first().and_then(|word| word.span))];
        rest.extend(after.iter().cloned());
        return Next::Run(rest);
    }
    let is_config =
        [".json", ".yml", ".yaml", "config.js", "config.cjs"].iter().any(|end| started.ends_with(end));
    if is_config {
        walk.push(Step { signals: vec![signals.0], row: signals.1, ..running });
        return managed(walk, started, words.first().and_then(|word| word.span));
    }
    walk.workers = workers(arguments);
    file(walk, &running, signals, &arguments[1..], &["start"])
}

/// What a configuration file of pm2 starts: one app is followed, several live beside each other.
fn managed(walk: &mut Walk<'_>, config: &str, named_at: Option<Span>) -> Next {
    let file = walk.absolute(config).and_then(|path| (walk.world.source_of)(&path).known().cloned());
    let apps = file.map(|file| (walk.world.ecosystem)(&file)).unwrap_or_default();
    walk.workers = apps.iter().find_map(|app| app.value.workers.clone());
    match &apps[..] {
        [app] => {
            let started = app.value.script.clone();
            let Some(started) = started else { return Next::Stop(End::Unknown(Why::Dynamic)) };
            let started = Argument::implied(&started, named_at.or(Some(app.span)));
            let entry = node::entry(walk, &started);
            let words = [Argument::implied("node", started.span), started];
            node::end(walk, &words, entry, Vec::new(), false)
        }
        apps => {
            for app in apps.iter().take(aside::MOST) {
                let script = app.value.script.clone().unwrap_or_default();
                walk.asides.push(aside::Aside {
                    when: When::Beside,
                    words: vec!["node".to_owned(), script],
                    at: app.span,
                });
            }
            Next::Stop(End::Unknown(Why::Dynamic))
        }
    }
}

/// `-i 4`, `--instances max`: more processes than one.
fn workers(arguments: &[Argument]) -> Option<Spanned<Workers>> {
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let text = argument.known();
        let value = match text {
            "-i" | "--instances" => rest.next()?,
            _ if text.starts_with("--instances=") => argument,
            _ => continue,
        };
        let count = value.known().trim_start_matches("--instances=");
        return Some(Spanned::new(Workers::of(count)?, value.span.or(argument.span)?));
    }
    None
}

/// Options of these programs that take the next argument.
const WITH_VALUE: [&str; 36] = [
    "-r",
    "--require",
    "--import",
    "--loader",
    "-P",
    "--project",
    "-O",
    "--compilerOptions",
    "-C",
    "--compiler",
    "-T",
    "--presets",
    "--config-file",
    "--tsconfig",
    "-i",
    "--instances",
    "-w",
    "--watch",
    "-e",
    "--ext",
    "--ignore",
    "--delay",
    "-d",
    "--signal",
    "-n",
    "--name",
    "--env",
    "--config",
    "--conf",
    "-x",
    "--exec",
    "-L",
    "--cwd",
    "--extensions",
    "--env-file",
    "--conditions",
];

/// Runs the first file among the arguments with node.
fn file(
    walk: &mut Walk<'_>,
    running: &Step,
    (signals, row): (Signal, Option<&'static Row>),
    arguments: &[Argument],
    verbs: &[&str],
) -> Next {
    walk.push(Step { signals: vec![signals], row, ..running.clone() });
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let Some(text) = argument.text.as_deref() else { return Next::Stop(End::Unknown(Why::Variable)) };
        if WITH_VALUE.contains(&text) {
            rest.next();
        } else if !text.starts_with('-') && !verbs.contains(&text) {
            let entry = node::entry(walk, argument);
            let started = [Argument::implied("node", argument.span), argument.clone()];
            return node::end(walk, &started, entry, Vec::new(), false);
        }
    }
    Next::Stop(End::Unknown(Why::NotFound))
}

/// nodemon and its kin: a file, or a command after `--exec`.
fn dev(
    walk: &mut Walk<'_>,
    name: &str,
    arguments: &[Argument],
    signals: (Signal, Option<&'static Row>),
) -> Next {
    let running = step(name, Role::DevServer, arguments);
    if let Some(at) = arguments.iter().position(|argument| matches!(argument.known(), "--exec" | "-x")) {
        walk.push(Step { signals: vec![signals.0], row: signals.1, ..running });
        let line = arguments.get(at + 1).and_then(Argument::as_script);
        // It ends all that its shell has started.
        walk.past_shell = true;
        return line.map_or(Next::Stop(End::Unknown(Why::Variable)), |line| script::of_package(walk, &line));
    }
    file(walk, &running, signals, &arguments[1..], &["watch"])
}

/// Runners of several scripts: the last of a sequence stays, of those at once only a single one can be followed.
fn runner(walk: &mut Walk<'_>, name: &str, arguments: &[Argument]) -> Next {
    let at_once = matches!(name, "run-p" | "concurrently" | "conc")
        || arguments.iter().any(|argument| matches!(argument.known(), "-p" | "--parallel"));
    let signals = if at_once && name == "concurrently" { Signal::Passes } else { UNKNOWN };
    let row = (signals == Signal::Passes).then_some(signal::FORWARDS);
    walk.push(Step { signals: vec![signals], row, ..step(name, Role::Runner, arguments) });
    let when = if at_once { When::Beside } else { When::Before };
    let names: Vec<&Argument> =
        arguments[1..].iter().filter(|argument| !argument.known().starts_with('-')).collect();
    let others = if at_once { &names[..] } else { &names[..names.len().saturating_sub(1)] };
    let several = |name: &&Argument| name.raw.trim_end_matches(['"', '\'']).ends_with(":*");
    if !at_once || names.len() > 1 || names.iter().any(several) {
        for other in others {
            aside::named(walk, other, name, when);
        }
    }
    let mut named = names.into_iter();
    let only_or_last = if at_once {
        match (named.next(), named.next()) {
            (Some(only), None) => only,
            _ => return Next::Stop(End::Unknown(Why::Ambiguous)),
        }
    } else {
        let Some(last) = named.next_back() else { return Next::Stop(End::Unknown(Why::NotFound)) };
        last
    };
    let Some(script) = only_or_last.text.as_deref() else { return Next::Stop(End::Unknown(Why::Variable)) };
    let script = script.strip_prefix("npm:").unwrap_or(script);
    if script.contains(['*', ' ', '{']) {
        return Next::Stop(End::Unknown(Why::Ambiguous));
    }
    walk.scripts += 1;
    manager::script_of_package(walk, script)
}
