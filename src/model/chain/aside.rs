//! What scripts on the way to the last program run beside it: steps before it, and programs at the same time.

use super::argument::{Argument, base_name};
use super::resolve::Walk;
use super::shells::{Main, stays};
use crate::source::Span;
use crate::syntax::mapped::MappedText;
use crate::syntax::shell::{self, Join, Script, ShellCommand, Word};

/// A program that a chain runs and does not end in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// When it runs.
    pub when: When,
    /// Its program and arguments; scripts of package.json are resolved to what they run.
    pub words: Vec<String>,
    /// The bytes that name it.
    pub at: Span,
}

/// When an aside runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum When {
    /// Before the last program of the chain starts, each time.
    Before,
    /// While that runs.
    Beside,
}

/// Asides that are kept of one chain.
pub(super) const MOST: usize = 64;
/// Scripts that may name each other.
const DEEPEST: usize = 4;

/// Notes what a script runs besides its main command.
pub(super) fn of_script(walk: &mut Walk<'_>, script: &Script, main: &Main<'_>) {
    let before = script.commands.iter().position(|command| std::ptr::eq(command, main.command));
    for (at, command) in script.commands.iter().enumerate() {
        if Some(at) == before
            || command.place.substitution
            || command.background != is_beside(command)
            || !stays(command)
        {
            continue;
        }
        if is_beside(command) {
            add(walk, command, When::Beside, 0);
        } else if before.is_some_and(|before| at < before) && is_sure(command) {
            add(walk, command, When::Before, 0);
        }
    }
}

/// Notes what a script puts into the background whose main command is not known.
pub(super) fn in_background(walk: &mut Walk<'_>, script: &Script) {
    let mut beside: Vec<&ShellCommand> =
        script.commands.iter().filter(|command| is_beside(command) && stays(command)).collect();
    if script.last().is_some_and(|last| last.program() == Some("wait")) {
        // What the script waits for stands in the place of a main command.
        beside.pop();
    }
    for command in beside {
        add(walk, command, When::Beside, 0);
    }
}

/// True for a command in the background that the script starts each time.
fn is_beside(command: &ShellCommand) -> bool {
    let place = command.place;
    command.background && !(place.branch || place.function || place.looped || place.substitution)
}

/// True for a command that runs whenever its script does, and whose end the next one waits for.
fn is_sure(command: &ShellCommand) -> bool {
    command.place.is_top() && !matches!(command.joined, Join::Or | Join::Pipe) && !command.piped
}

/// Notes all that a script of package.json runs.
pub(super) fn script(walk: &mut Walk<'_>, text: &MappedText, when: When) {
    commands(walk, text, when, 0);
}

fn commands(walk: &mut Walk<'_>, text: &MappedText, when: When, depth: usize) {
    for command in &shell::parse(text).commands {
        if stays(command) && is_sure(command) {
            add(walk, command, when, depth);
        }
    }
}

/// Notes a script that a runner names, or a line that it is given.
pub(super) fn named(walk: &mut Walk<'_>, argument: &Argument, runner: &str, when: When) {
    let is_line = matches!(runner, "concurrently" | "conc");
    let text = argument.known();
    let name = text.strip_prefix("npm:").unwrap_or(text);
    let pattern = pattern(argument).filter(|pattern| !is_line || pattern.starts_with("npm:"));
    if let Some(start) = pattern {
        return fitting(walk, start.trim_start_matches("npm:"), when);
    }
    let script = walk.package().and_then(|package| package.script(name)).map(|script| script.text.clone());
    match (script, argument.as_script()) {
        (Some(script), _) if !is_line || text != name => commands(walk, &script, when, 1),
        (_, Some(line)) if is_line && text == name => commands(walk, &line, when, 1),
        _ => {}
    }
}

/// What scripts begin with that `start:*` means. What the shell finds no file for it hands on as it is written.
fn pattern(argument: &Argument) -> Option<&str> {
    let written = argument.text.as_deref().unwrap_or(&argument.raw).trim_matches(['"', '\'']);
    written.strip_suffix('*').filter(|start| start.ends_with(':') && !start.contains(['$', '*', ' ']))
}

/// Notes all scripts that begin so, one level below; of deeper ones nothing is said.
fn fitting(walk: &mut Walk<'_>, start: &str, when: When) {
    let Some(package) = walk.package() else { return };
    for script in &package.scripts.items {
        let name = script.value.name.value.strip_prefix(start);
        if name.is_some_and(|name| !name.is_empty() && !name.contains(':')) {
            commands(walk, &script.value.text, when, 1);
        }
    }
}

fn add(walk: &mut Walk<'_>, command: &ShellCommand, when: When, depth: usize) {
    let words: Vec<String> =
        command.words.iter().map_while(|word| Word::literal(word).map(str::to_owned)).collect();
    let words = if words.first().is_some_and(|first| first == "exec") { words[1..].to_vec() } else { words };
    if words.is_empty() || walk.asides.len() >= MOST {
        return;
    }
    let script = script_name(&words);
    let script = script.and_then(|name| walk.package()?.script(name)).map(|script| script.text.clone());
    match script {
        Some(text) if depth < DEEPEST => commands(walk, &text, when, depth + 1),
        _ => walk.asides.push(Aside { when, words, at: command.span }),
    }
}

/// The script of package.json that a command runs.
fn script_name(words: &[String]) -> Option<&str> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match (base_name(words.first()?), &words[1..]) {
        ("npm" | "yarn" | "pnpm" | "bun", ["run" | "run-script", name, ..]) => Some(name),
        ("npm", [name @ ("start" | "test"), ..]) => Some(name),
        ("yarn" | "pnpm", [name, ..]) if !name.starts_with('-') => Some(name),
        _ => None,
    }
}
