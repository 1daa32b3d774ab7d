//! Shells: a line that they are given, or a script of the repository, followed to the command that stays.

use rustc_hash::FxHashSet;

use super::argument::{Argument, base_name};
use super::resolve::{Next, Walk, step};
use super::shells::{Given, Main, behaviour, main_command};
use super::{End, Role, Signal, Step};
use crate::facts::Why;
use crate::facts::base_images::Sh;
use crate::source::FileId;
use crate::syntax::mapped::MappedText;
use crate::syntax::shell::{self, Join, Script, ShellCommand, Word};

/// A shell, or a script in a file, as a program of the chain.
pub(super) fn program(walk: &mut Walk<'_>, path: &str, name: &str, arguments: &[Argument]) -> Option<Next> {
    if let Some(sh) = shell_named(walk, name) {
        return Some(shell_program(walk, name, sh, &arguments[1..], arguments));
    }
    if matches!(name, "powershell" | "pwsh" | "cmd" | "cmd.exe" | "powershell.exe" | "zsh" | "fish") {
        walk.push(step(name, Role::Shell, arguments));
        return Some(Next::Stop(End::Unknown(Why::Unsupported)));
    }
    let looks_like_path = path.contains('/') || [".sh", ".bash"].iter().any(|end| path.ends_with(end));
    if !looks_like_path {
        return None;
    }
    file_program(walk, path, arguments)
}

/// What a shell of this name is. `sh` is what the image has; the outer `None`: no shell.
fn shell_named(walk: &Walk<'_>, name: &str) -> Option<Option<Sh>> {
    match name {
        "sh" => Some(walk.start.tools.sh),
        "bash" => Some(Some(Sh::Bash)),
        "ash" => Some(Some(Sh::Busybox)),
        "dash" => Some(Some(Sh::Dash)),
        _ => None,
    }
}

fn shell_program(
    walk: &mut Walk<'_>,
    name: &str,
    sh: Option<Sh>,
    options: &[Argument],
    arguments: &[Argument],
) -> Next {
    let mut rest = options.iter();
    let mut line = false;
    while let Some(argument) = rest.next() {
        let text = argument.known();
        match text {
            "-o" | "+o" | "-O" => {
                rest.next();
            }
            "--" => {}
            _ if text.starts_with("--") => {}
            _ if text.starts_with('-') && text.len() > 1 => line = line || text.contains('c'),
            _ if line => {
                let Some(script) = argument.as_script() else {
                    walk.push(step(name, Role::Shell, arguments));
                    return Next::Stop(End::Unknown(Why::Variable));
                };
                let mut positional = rest.as_slice();
                if !positional.is_empty() {
                    // `sh -c script name args…`: the first is $0.
                    positional = &positional[1..];
                }
                return run(walk, &Text { name, sh, given: Given::Line, script: &script, positional });
            }
            _ => return script_file(walk, name, sh, text, rest.as_slice(), arguments),
        }
    }
    walk.push(step(name, Role::Shell, arguments));
    Next::Stop(End::Other(name.to_owned()))
}

/// `sh path`: the text of the file, when it is one of the repository.
fn script_file(
    walk: &mut Walk<'_>,
    name: &str,
    sh: Option<Sh>,
    path: &str,
    positional: &[Argument],
    arguments: &[Argument],
) -> Next {
    let Some(text) = text_of(walk, path) else {
        walk.push(Step {
            signals: vec![Signal::Unknown(Why::NotFound)],
            ..step(name, Role::Script, arguments)
        });
        return Next::Stop(End::Unknown(Why::NotFound));
    };
    run(walk, &Text { name: base_name(path), sh, given: Given::File, script: &text, positional })
}

/// A file that is started by its path: `./start.sh`, `bin/www`.
fn file_program(walk: &mut Walk<'_>, path: &str, arguments: &[Argument]) -> Option<Next> {
    let name = base_name(path);
    let Some(text) = text_of(walk, &in_path(path)) else {
        if !name.ends_with(".sh") {
            return None;
        }
        walk.push(Step {
            signals: vec![Signal::Unknown(Why::NotFound)],
            ..step(name, Role::Script, arguments)
        });
        return Some(Next::Stop(End::Unknown(Why::NotFound)));
    };
    let first_line = text.text.lines().next().unwrap_or("");
    let interpreter = first_line.strip_prefix("#!").map(|line| {
        let mut words =
            line.split_whitespace().map(base_name).filter(|word| *word != "env" && !word.starts_with('-'));
        words.next().unwrap_or("").to_owned()
    });
    match interpreter.as_deref() {
        Some("node") => {
            let mut all = vec![Argument::implied("node", arguments.first().and_then(|first| first.span))];
            all.extend(arguments.iter().cloned());
            Some(Next::Run(all))
        }
        Some(shell) if shell_named(walk, shell).is_some() => {
            let sh = shell_named(walk, shell).flatten();
            Some(run(
                walk,
                &Text { name, sh, given: Given::File, script: &text, positional: &arguments[1..] },
            ))
        }
        // Without a first line of that kind the kernel refuses it and a shell would read it.
        None if name.ends_with(".sh") => {
            let sh = walk.start.tools.sh;
            Some(run(
                walk,
                &Text { name, sh, given: Given::File, script: &text, positional: &arguments[1..] },
            ))
        }
        _ => None,
    }
}

/// A bare name is looked up in PATH, where people copy their entrypoints to.
fn in_path(path: &str) -> String {
    if path.contains('/') { path.to_owned() } else { format!("/usr/local/bin/{path}") }
}

/// True when a program of this path or name is a file that the project copies there, over what the base image may have.
pub(super) fn is_of_project(walk: &Walk<'_>, path: &str) -> bool {
    text_of(walk, &in_path(path)).is_some()
}

fn text_of(walk: &Walk<'_>, path: &str) -> Option<MappedText> {
    let source = (walk.world.source_of)(&walk.absolute(path)?).known().cloned()?;
    let file: FileId = walk.world.sources.find(&source)?;
    Some(MappedText::verbatim(file, walk.world.sources.file(file).text(), 0))
}

/// A script and the shell that reads it.
pub(super) struct Text<'t> {
    /// What the step is called.
    pub(super) name: &'t str,
    /// What the shell is.
    pub(super) sh: Option<Sh>,
    /// How it gets the script.
    pub(super) given: Given,
    /// The script.
    pub(super) script: &'t MappedText,
    /// `$1` and on.
    pub(super) positional: &'t [Argument],
}

/// Follows a script to the command that stays.
pub(super) fn run(walk: &mut Walk<'_>, text: &Text<'_>) -> Next {
    walk.scripts += 1;
    let mut script = shell::parse(text.script);
    if !script.clean
        && let Some(end) = shell::last_exec(text.script)
    {
        script = end;
    }
    let role = if text.given == Given::File { Role::Script } else { Role::Shell };
    let mut shell_step = Step {
        command: if text.given == Given::File { text.name.to_owned() } else { line_of(text) },
        at: Some(text.script.span(0, text.script.text.len())),
        ..step(text.name, role, &[])
    };
    let main = match main_command(&script) {
        Ok(main) => main,
        Err(why) => {
            shell_step.signals = vec![Signal::Unknown(why)];
            walk.push(shell_step);
            super::aside::in_background(walk, &script);
            return Next::Stop(End::Unknown(why));
        }
    };
    let (signals, row) = behaviour(text.sh, text.given, &script, &main);
    shell_step.signals = signals;
    shell_step.row = Some(row);
    if std::mem::take(&mut walk.past_shell) && shell_step.signals.contains(&Signal::Waits) {
        // The package manager signals the whole group: the shell is no hindrance, whatever it does.
        shell_step.signals = vec![Signal::Passes];
    }
    let is_node_entrypoint =
        puts_node_in_front(&script) && main.words.first().is_some_and(Word::is_all_arguments);
    let at = shell_step.at;
    walk.push(shell_step);
    super::aside::of_script(walk, &script, &main);
    folders(walk, &script, &main);
    if is_node_entrypoint {
        let mut arguments = vec![Argument::implied("docker-entrypoint.sh", at)];
        arguments.extend(text.positional.iter().cloned());
        walk.steps.pop();
        return walk.official_entrypoint(arguments);
    }
    match words(walk, &script, &main, text.positional) {
        Ok(arguments) => Next::Run(arguments),
        Err(why) => Next::Stop(End::Unknown(why)),
    }
}

fn line_of(text: &Text<'_>) -> String {
    super::argument::written(&[
        Argument::implied(text.name, None),
        Argument::implied("-c", None),
        Argument::implied(&format!("\"{}\"", text.script.text.trim()), None),
    ])
}

/// `set -- node "$@"`, as the entrypoint of the official image has it.
fn puts_node_in_front(script: &Script) -> bool {
    script.commands.iter().any(|command| {
        let literal = |at: usize| command.words.get(at).and_then(Word::literal);
        literal(0) == Some("set") && literal(1) == Some("--") && literal(2) == Some("node")
    })
}

/// The folder that the main command is started in, after the `cd`s at the top of the script.
fn folders(walk: &mut Walk<'_>, script: &Script, main: &Main<'_>) {
    let before = script.commands.iter().take_while(|command| !std::ptr::eq(*command, main.command));
    for command in before.filter(|command| matches!(command.program(), Some("cd" | "pushd" | "popd"))) {
        if command.place.substitution || command.place.function {
            continue;
        }
        // Where it may or may not be gone through, nobody knows where the script stands afterwards.
        let surely = command.place.is_top() && command.joined != Join::Or && command.program() == Some("cd");
        let word = command.words.get(1).filter(|_| surely);
        let folder = word.and_then(|word| word.expand(|name| walk.variable(name)));
        walk.enter(folder.as_deref());
    }
}

/// The words of the main command, with what is known of variables and of the script's own arguments.
fn words(
    walk: &Walk<'_>,
    script: &Script,
    main: &Main<'_>,
    positional: &[Argument],
) -> Result<Vec<Argument>, Why> {
    let moved = |command: &ShellCommand| {
        let program = command.program();
        program == Some("shift")
            || program == Some("set") && command.words.get(1).and_then(Word::literal) == Some("--")
    };
    let moved = script.commands.iter().any(moved);
    let assignments = script.commands.iter().flat_map(|command| &command.assignments);
    let set: FxHashSet<&str> = assignments.map(|assignment| assignment.name.as_str()).collect();
    let mut all = Vec::new();
    for word in main.words {
        if word.is_all_arguments() {
            if moved {
                return Err(Why::Dynamic);
            }
            all.extend(positional.iter().cloned());
            continue;
        }
        let numbered = word.variable().and_then(|name| name.parse::<usize>().ok()).filter(|at| *at > 0);
        if let Some(at) = numbered {
            if moved {
                return Err(Why::Dynamic);
            }
            all.extend(positional.get(at - 1).cloned());
            continue;
        }
        all.push(Argument::word(word, |name| if set.contains(name) { None } else { walk.variable(name) }));
    }
    match all.first() {
        None => Err(Why::Dynamic),
        Some(first) if script.functions.iter().any(|function| *function == first.known()) => {
            Err(Why::Dynamic)
        }
        Some(_) => Ok(all),
    }
}

/// The shell that a package manager runs a script with: `sh -c` of the image.
pub(super) fn of_package(walk: &mut Walk<'_>, script: &MappedText) -> Next {
    let sh = walk.start.tools.sh;
    run(walk, &Text { name: "sh", sh, given: Given::Line, script, positional: &[] })
}

/// Whether the shell of a script stays beside its main command; `None`: that is not known.
pub(super) fn shell_stays(walk: &Walk<'_>, script: &MappedText) -> Option<bool> {
    let script = shell::parse(script);
    let main = main_command(&script).ok()?;
    let (signals, _) = behaviour(walk.start.tools.sh, Given::Line, &script, &main);
    match signals[..] {
        [Signal::Replaced] => Some(false),
        [Signal::Waits] => Some(true),
        _ => None,
    }
}

/// A text of a package manager that has a shell of its own: followed, without a shell beside it.
pub(super) fn of_own_shell(walk: &mut Walk<'_>, script: &MappedText) -> Next {
    walk.scripts += 1;
    let parsed = shell::parse(script);
    if parsed.only().is_none()
        && let Some(running) = walk.steps.last_mut()
    {
        // Only single commands were measured.
        running.signals = vec![Signal::Unknown(Why::Unsupported)];
    }
    let main = match main_command(&parsed) {
        Ok(main) => main,
        Err(why) => return Next::Stop(End::Unknown(why)),
    };
    super::aside::of_script(walk, &parsed, &main);
    folders(walk, &parsed, &main);
    match words(walk, &parsed, &main, &[]) {
        Ok(arguments) => Next::Run(arguments),
        Err(why) => Next::Stop(End::Unknown(why)),
    }
}

/// The shell of a single command, as npx starts it.
pub(super) fn line_shell(walk: &Walk<'_>) -> Step {
    let (signals, row) = super::shells::single(walk.start.tools.sh);
    Step { signals, row: Some(row), ..step("sh", Role::Shell, &[]) }
}
