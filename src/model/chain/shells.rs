//! Which command of a script is the one that stays, and whether the shell is still there beside it.

use super::Signal;
use super::signal::{Row, SH_EXECS, SH_SOME, SH_TRAP, SH_WAITS};
use crate::facts::Why;
use crate::facts::base_images::Sh;
use crate::syntax::shell::{Join, Script, ShellCommand, StatementKind, Word};

/// How a shell gets its script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// `sh -c "…"`: it knows which command is the last.
    Line,
    /// `sh script.sh`: it reads on after each command.
    File,
}

/// The command of a script that its processes end up in.
pub(super) struct Main<'a> {
    /// The command.
    pub(super) command: &'a ShellCommand,
    /// Its words without `exec`.
    pub(super) words: &'a [Word],
    /// Whether the shell becomes it, whatever shell it is.
    execs: bool,
    /// Whether it is the last thing that the script does.
    is_last: bool,
}

/// Commands that end at once: what stays is another.
const PASSING: [&str; 15] = [
    "echo", "printf", "exit", "true", ":", "cd", "export", "set", "unset", "trap", "return", "[", "[[", ".",
    "source",
];

/// Finds the command that stays: the first `exec` at the top, else the last command that is not over at once.
pub(super) fn main_command(script: &Script) -> Result<Main<'_>, Why> {
    if !script.clean {
        return Err(Why::Broken);
    }
    let own = || script.commands.iter().filter(|command| !command.place.substitution);
    for command in own().filter(|command| command.place.is_top() && command.joined != Join::Or) {
        if let Some(words) = command.exec() {
            return Ok(Main { command, words, execs: true, is_last: true });
        }
    }
    // Several commands in branches are several ways that the script may take.
    let candidates: Vec<&ShellCommand> = own().filter(|command| stays(command)).collect();
    let Some(mut last) = candidates.last().copied() else { return Err(Why::NotFound) };
    if last.program() == Some("wait") {
        let mut waited = candidates.iter().filter(|command| command.background);
        last = match (waited.next(), waited.next()) {
            (Some(only), None) => only,
            _ => return Err(Why::Ambiguous),
        };
        return Ok(Main { command: last, words: &last.words, execs: false, is_last: false });
    }
    if last.joined == Join::Or {
        return Err(Why::Ambiguous);
    }
    if last.joined == Join::Pipe || last.piped {
        // `node server.js | bunyan`: the head of the pipe is what serves.
        last = pipe_head(&candidates).unwrap_or(last);
    }
    if !last.place.is_top() && !alone_in_its_branch(script, last) {
        return Err(Why::Ambiguous);
    }
    if let Some(words) = last.exec() {
        return Ok(Main { command: last, words, execs: true, is_last: true });
    }
    let is_last = own().rfind(|command| !command.place.function) == Some(last);
    Ok(Main { command: last, words: &last.words, execs: false, is_last })
}

/// Whether a command may be what the script is for: those that are over at once are not.
pub(super) fn stays(command: &ShellCommand) -> bool {
    let passes = command.program().is_some_and(|program| PASSING.contains(&program));
    !command.words.is_empty() && !passes && !command.place.function
}

fn pipe_head<'a>(candidates: &[&'a ShellCommand]) -> Option<&'a ShellCommand> {
    candidates.iter().rev().find(|command| command.joined != Join::Pipe).copied()
}

/// True for a command in a branch, loop or subshell whose statement starts no other.
fn alone_in_its_branch(script: &Script, command: &ShellCommand) -> bool {
    let Some(at) = script.commands.iter().position(|other| std::ptr::eq(other, command)) else {
        return false;
    };
    let statement = script.statements.iter().find(|statement| statement.commands.contains(&at));
    let commands = statement.and_then(|statement| script.commands.get(statement.commands.clone()));
    let others =
        commands.unwrap_or_default().iter().filter(|other| !other.place.substitution && stays(other));
    others.count() == 1 && !command.place.function && !command.place.negated
}

/// What the shell does with SIGTERM while the main command runs.
pub(super) fn behaviour(
    sh: Option<Sh>,
    given: Given,
    script: &Script,
    main: &Main<'_>,
) -> (Vec<Signal>, &'static Row) {
    if main.execs {
        return (vec![Signal::Replaced], SH_EXECS);
    }
    if script.traps().any(|command| !ignores_nothing(command)) {
        return (vec![Signal::Unknown(Why::Dynamic)], SH_TRAP);
    }
    let command = main.command;
    if given == Given::File
        || !main.is_last
        || command.background
        || command.piped
        || command.joined == Join::Pipe
    {
        return (vec![Signal::Waits], SH_WAITS);
    }
    match sh {
        Some(Sh::Dash | Sh::Absent) => (vec![Signal::Waits], SH_WAITS),
        Some(Sh::Busybox) => busybox(command),
        Some(Sh::Bash) => bash(script, command),
        None => {
            let (busybox, bash) = (busybox(command).0, bash(script, command).0);
            if busybox == [Signal::Waits] && bash == [Signal::Waits] {
                return (vec![Signal::Waits], SH_WAITS);
            }
            (vec![Signal::Waits, Signal::Replaced], SH_WAITS)
        }
    }
}

/// A trap that is reset (`trap - TERM`) handles nothing.
fn ignores_nothing(command: &ShellCommand) -> bool {
    command.words.get(1).and_then(Word::literal).is_none_or(|action| action == "-" || action == "-l")
}

/// BusyBox runs the last command in its own process, in branches and groups too.
fn busybox(command: &ShellCommand) -> (Vec<Signal>, &'static Row) {
    let place = command.place;
    if place.negated || place.looped || place.function {
        return (vec![Signal::Waits], SH_WAITS);
    }
    (vec![Signal::Replaced], SH_EXECS)
}

/// bash does so for a single simple command, and from 5.1 on for the last of a list.
fn bash(script: &Script, command: &ShellCommand) -> (Vec<Signal>, &'static Row) {
    let only = script.only().is_some();
    let statement = script.statements.last().map(|statement| statement.kind);
    let simple = matches!(statement, Some(StatementKind::Simple | StatementKind::List));
    if !simple || !command.redirects.is_empty() || command.place != Default::default() {
        return (vec![Signal::Waits], SH_WAITS);
    }
    if only {
        return (vec![Signal::Replaced], SH_EXECS);
    }
    (vec![Signal::Waits, Signal::Replaced], SH_SOME)
}

/// What a shell does that is given one simple command.
pub(super) fn single(sh: Option<Sh>) -> (Vec<Signal>, &'static Row) {
    match sh {
        Some(Sh::Dash | Sh::Absent) => (vec![Signal::Waits], SH_WAITS),
        Some(Sh::Busybox | Sh::Bash) => (vec![Signal::Replaced], SH_EXECS),
        None => (vec![Signal::Waits, Signal::Replaced], SH_WAITS),
    }
}
