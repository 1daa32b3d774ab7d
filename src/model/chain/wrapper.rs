//! Programs that only prepare the ground for another: init, env, cross-env, dotenv, gosu, wait-for-it.

use super::argument::Argument;
use super::resolve::{Next, Walk, step};
use super::signal::{self, Row};
use super::{Role, Signal, Step, script};
use crate::facts::Why;

/// How a wrapper is written, and what it does with signals.
struct Wrapper {
    role: Role,
    /// Options that take the next argument.
    with_value: &'static [&'static str],
    /// Words before the command (`run` of `dotenvx run`, the user of `gosu`).
    before: usize,
    signals: Signal,
    row: Option<&'static Row>,
    /// True when the command follows `--` only.
    after_dashes: bool,
}

const PLAIN: Wrapper = Wrapper {
    role: Role::Wrapper,
    with_value: &[],
    before: 0,
    signals: Signal::Replaced,
    row: None,
    after_dashes: false,
};

/// The wrapper of this name, started with these arguments.
fn wrapper(name: &str, arguments: &[Argument]) -> Option<Wrapper> {
    let has = |options: &[&str]| {
        let own = arguments
            .iter()
            .skip(1)
            .map(Argument::known)
            .take_while(|text| text.starts_with('-') && *text != "--");
        own.into_iter().any(|text| options.contains(&text))
    };
    let unknown = Wrapper { signals: Signal::Unknown(Why::Unsupported), ..PLAIN };
    let forwards = Wrapper { signals: Signal::Passes, row: Some(signal::FORWARDS), ..PLAIN };
    let init = Wrapper { role: Role::Init, signals: Signal::Passes, row: Some(signal::INIT), ..PLAIN };
    let group = Wrapper { signals: Signal::PassesToGroup, row: Some(signal::INIT_GROUP), ..init };
    Some(match name {
        "tini" | "tini-static" | "docker-init" => {
            let init = if has(&["-g", "-sg", "-gv", "-vg"]) { group } else { init };
            Wrapper { with_value: &["-p", "-e"], ..init }
        }
        "dumb-init" => {
            let init = if has(&["-c", "--single-child"]) { init } else { group };
            Wrapper { with_value: &["-r", "--rewrite"], ..init }
        }
        "catatonit" => init,
        "env" => Wrapper { with_value: &["-u", "--unset", "-C", "--chdir"], ..PLAIN },
        "nice" => Wrapper { with_value: &["-n", "--adjustment"], ..PLAIN },
        "ionice" => Wrapper { with_value: &["-c", "-n", "-t"], ..PLAIN },
        "nohup" | "exec" | "command" => PLAIN,
        "stdbuf" => Wrapper { with_value: &["-i", "-o", "-e"], ..PLAIN },
        "gosu" | "su-exec" => Wrapper { before: 1, ..PLAIN },
        "setpriv" => Wrapper { with_value: &["--reuid", "--regid", "--groups"], ..PLAIN },
        "cross-env" => forwards,
        "dotenv" => Wrapper { with_value: &["-e", "-c", "-v", "-p"], ..forwards },
        "dotenvx" => Wrapper { before: 1, with_value: &["-f", "--env-file", "-e", "--env"], ..unknown },
        "env-cmd" => {
            Wrapper { with_value: &["-f", "--file", "-r", "--rc-file", "-e", "--environments"], ..unknown }
        }
        "wait-for-it" | "wait-for-it.sh" | "wait-for" | "wait-for.sh" | "doppler" | "infisical" | "op"
        | "chamber" | "dockerize" | "aws-vault" | "envconsul" | "vault-env" | "wait-port" => {
            Wrapper { after_dashes: true, ..unknown }
        }
        "timeout" => Wrapper { before: 1, with_value: &["-s", "--signal", "-k", "--kill-after"], ..unknown },
        "time" => Wrapper { signals: Signal::Waits, row: Some(signal::SH_WAITS), ..PLAIN },
        _ => return None,
    })
}

/// A wrapper as a program of the chain.
pub(super) fn program(walk: &mut Walk<'_>, name: &str, arguments: &[Argument]) -> Option<Next> {
    if name == "cross-env-shell" {
        return cross_env_shell(walk, arguments);
    }
    let wrapper = wrapper(name, arguments)?;
    let command = command(&wrapper, &arguments[1..]);
    if command.is_empty() {
        return None;
    }
    let own = arguments.len() - command.len();
    let mut running = step(name, wrapper.role, &arguments[..own]);
    running.signals = vec![wrapper.signals];
    running.row = wrapper.row;
    walk.push(running);
    Some(Next::Run(command.to_vec()))
}

/// `cross-env-shell A=1 "node server.js"`: what follows the assignments is a line for a shell.
fn cross_env_shell(walk: &mut Walk<'_>, arguments: &[Argument]) -> Option<Next> {
    let own = 1 + arguments[1..].iter().take_while(|argument| is_assignment(&argument.raw)).count();
    let (first, rest) = arguments.get(own..)?.split_first()?;
    let mut line = first.as_script()?;
    for argument in rest {
        line.push_replaced(" ", argument.span?);
        line.push_replaced(argument.known(), argument.span?);
    }
    walk.push(Step {
        signals: vec![Signal::Passes],
        row: Some(signal::FORWARDS),
        ..step("cross-env-shell", Role::Wrapper, &arguments[..own])
    });
    Some(script::of_package(walk, &line))
}

/// What follows the wrapper's own options, assignments and words.
fn command<'a>(wrapper: &Wrapper, arguments: &'a [Argument]) -> &'a [Argument] {
    let dashes = arguments.iter().position(|argument| argument.known() == "--");
    if wrapper.after_dashes {
        return dashes.map_or(&[], |at| &arguments[at + 1..]);
    }
    let mut rest = arguments;
    let mut before = wrapper.before;
    while let Some((first, others)) = rest.split_first() {
        let text = first.known();
        if text == "--" {
            return others;
        }
        let skipped = if wrapper.with_value.contains(&text) {
            others.get(1..).unwrap_or(&[])
        } else if text.starts_with('-') && text.len() > 1 || is_assignment(&first.raw) {
            others
        } else if before > 0 {
            before -= 1;
            others
        } else {
            return rest;
        };
        rest = skipped;
    }
    rest
}

fn is_assignment(raw: &str) -> bool {
    let Some((name, _)) = raw.split_once('=') else { return false };
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
