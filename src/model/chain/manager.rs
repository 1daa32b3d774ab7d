//! Package managers: which script they run, in which folder, and what they do with signals.

use super::argument::Argument;
use super::aside::{self, When};
use super::resolve::{Next, Walk, step};
use super::signal::{self, Row};
use super::{End, Role, Signal, Step, script};
use crate::facts::base_images::{Tool, Version, Versions};
use crate::facts::package::Package;
use crate::facts::{Fact, Why};
use crate::source::Spanned;
use crate::syntax::mapped::MappedText;

/// The managers that the table knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manager {
    Npm,
    Yarn,
    Pnpm,
    Bun,
}

/// What a manager is asked to do.
#[derive(Debug, Default)]
struct Request {
    /// Folder named by an option.
    folder: Option<Argument>,
    /// Workspace named by an option.
    workspace: Option<Argument>,
    /// An option that makes it run in several folders.
    several: bool,
    /// `-c "line"` of npx.
    line: Option<Argument>,
    /// What is neither option nor its value.
    words: Vec<Argument>,
}

/// A package manager as a program of the chain.
pub(super) fn program(walk: &mut Walk<'_>, name: &str, arguments: &[Argument]) -> Option<Next> {
    let manager = match name {
        "npm" | "npx" => Manager::Npm,
        "yarn" | "yarnpkg" => Manager::Yarn,
        "pnpm" | "pnpx" => Manager::Pnpm,
        "bun" | "bunx" => Manager::Bun,
        "corepack" => return corepack(walk, arguments),
        _ => return None,
    };
    let mut request = request(manager, name, &arguments[1..]);
    if matches!(name, "npx" | "pnpx" | "bunx") {
        request.words.insert(0, Argument::implied("exec", None));
    }
    Some(run(walk, manager, name, &request, arguments))
}

/// `corepack pnpm start` is `pnpm start`.
fn corepack(walk: &mut Walk<'_>, arguments: &[Argument]) -> Option<Next> {
    let next = arguments.get(1)?.known().split('@').next()?.to_owned();
    if !matches!(next.as_str(), "npm" | "npx" | "yarn" | "pnpm" | "pnpx") {
        return None;
    }
    walk.push(Step {
        signals: vec![Signal::Unknown(Why::Unsupported)],
        ..step("corepack", Role::Wrapper, &arguments[..1])
    });
    let mut rest = arguments[1..].to_vec();
    rest[0].text = Some(next);
    Some(Next::Run(rest))
}

/// Reads the arguments of a manager up to the word that names the script: what follows is the script's.
fn request(manager: Manager, name: &str, arguments: &[Argument]) -> Request {
    let mut request = Request::default();
    let mut rest = arguments.iter();
    let mut command_seen = false;
    while let Some(argument) = rest.next() {
        let text = argument.known();
        let (option, inline) = match text.split_once('=') {
            Some((option, value)) if text.starts_with('-') => (option, Some(value)),
            _ => (text, None),
        };
        let mut value = || {
            inline.map_or_else(
                || rest.next().cloned(),
                |value| {
                    Some(Argument { text: Some(value.to_owned()), raw: value.to_owned(), ..argument.clone() })
                },
            )
        };
        match option {
            "--prefix" | "-C" | "--cwd" | "--dir" if text.starts_with('-') => request.folder = value(),
            "-w" | "--workspace" if manager == Manager::Npm => request.workspace = value(),
            "--filter" | "-F" if matches!(manager, Manager::Pnpm | Manager::Bun) => {
                request.workspace = value()
            }
            "-r" | "--recursive" | "--workspaces" | "-ws" => request.several = true,
            "-c" | "--call" if name == "npx" || command_seen => request.line = value(),
            "-p" | "--package" if name == "npx" || command_seen => drop(value()),
            "--loglevel" | "--userconfig" | "--cache" | "--script-shell" | "--reporter" | "--env-file" => {
                drop(value())
            }
            "--" => {}
            _ if text.starts_with('-') => {}
            _ => {
                request.words.push(argument.clone());
                let takes_more = matches!(
                    text,
                    "run" | "run-script" | "rum" | "urn" | "exec" | "x" | "dlx" | "workspace" | "workspaces"
                ) && !command_seen;
                command_seen = true;
                if text == "workspace" {
                    request.words.extend(rest.next().cloned());
                    command_seen = false;
                    continue;
                }
                if !takes_more && argument.text.is_some() {
                    if manager == Manager::Npm && name == "npm" && request.workspace.is_none() {
                        request.workspace = workspace_behind(rest.as_slice());
                    }
                    request.words.extend(rest.as_slice().iter().cloned());
                    break;
                }
            }
        }
    }
    request
}

/// npm reads its options behind the script's name as well, up to `--`.
fn workspace_behind(arguments: &[Argument]) -> Option<Argument> {
    let mut own = arguments.iter().take_while(|argument| argument.known() != "--");
    while let Some(argument) = own.next() {
        let text = argument.known();
        if matches!(text, "-w" | "--workspace") {
            return own.next().cloned();
        }
        if let Some(value) = text.strip_prefix("--workspace=") {
            return Some(Argument {
                text: Some(value.to_owned()),
                raw: value.to_owned(),
                ..argument.clone()
            });
        }
    }
    None
}

fn run(walk: &mut Walk<'_>, manager: Manager, name: &str, request: &Request, arguments: &[Argument]) -> Next {
    let mut running = step(name, Role::PackageManager, arguments);
    if request.several {
        running.signals = vec![Signal::Unknown(Why::Unsupported)];
        walk.push(running);
        return Next::Stop(End::Unknown(Why::Unsupported));
    }
    if let Some(folder) = &request.folder {
        walk.enter(folder.text.as_deref());
    }
    let mut words = &request.words[..];
    let mut workspace = request.workspace.as_ref();
    if let [first, named, rest @ ..] = words
        && manager == Manager::Yarn
        && first.known() == "workspace"
    {
        workspace = Some(named);
        words = rest;
    }
    if let Some(named) = workspace {
        enter_workspace(walk, named);
    }
    let tool = version(walk, manager);
    running.version = signal::versions(tool);
    let (verb, rest) = words.split_first().map_or(("", words), |(first, rest)| (first.known(), rest));
    match (manager, verb) {
        (_, "run" | "run-script" | "rum" | "urn") => script_named(walk, manager, running, tool, rest, false),
        (_, "exec" | "x" | "dlx") => exec(walk, manager, running, tool, request, rest),
        (Manager::Npm, "start" | "test" | "stop" | "restart") => {
            script_named(walk, manager, running, tool, words, false)
        }
        (Manager::Yarn, "node") => {
            running.signals = signal::yarn(tool).0;
            walk.push(running);
            Next::Run(words.to_vec())
        }
        (Manager::Npm, _) | (_, "") => {
            walk.push(running);
            Next::Stop(End::Other(name.to_owned()))
        }
        (Manager::Yarn | Manager::Pnpm | Manager::Bun, _) => {
            script_named(walk, manager, running, tool, words, true)
        }
    }
}

fn enter_workspace(walk: &mut Walk<'_>, named: &Argument) {
    let name = named.known().trim_end_matches("...").trim_start_matches("./").to_owned();
    let root = walk.source_folder();
    let folder = (walk.world.workspace)(&name).or_else(|| {
        root.as_ref().and_then(|root| root.join(&name)).filter(|path| walk.world.sources.is_folder(path))
    });
    let relative = folder.as_ref().zip(root.as_ref()).and_then(|(folder, root)| folder.relative_to(root));
    walk.enter(relative);
    walk.place.source = folder;
}

/// The version of a manager: what package.json pins, else what the image has. npm's is always the image's.
fn version(walk: &Walk<'_>, manager: Manager) -> Tool {
    let (name, own) = match manager {
        Manager::Npm => return walk.start.tools.npm,
        Manager::Bun => return Tool::Unknown,
        Manager::Yarn => ("yarn", walk.start.tools.yarn),
        Manager::Pnpm => ("pnpm", walk.start.tools.pnpm),
    };
    let pinned = walk.package().and_then(|package| package.package_manager.known()?.as_ref());
    let pinned =
        pinned.filter(|pin| pin.name == name).and_then(|pin| Version::parse(pin.version.as_deref()?));
    pinned.map_or(own, |version| Tool::Present(Some(Versions::one(version))))
}

/// Sets what a manager does with signals while it runs a script, and pushes it. True when it has a shell of its own.
fn push_running(
    walk: &mut Walk<'_>,
    manager: Manager,
    mut running: Step,
    tool: Tool,
    text: Option<&MappedText>,
) -> bool {
    let stays = text.and_then(|text| script::shell_stays(walk, text));
    let (signals, row, own_shell): (Vec<Signal>, Option<&'static Row>, bool) = match manager {
        Manager::Npm => {
            let (signals, row) = signal::npm(tool);
            (signals, Some(row), false)
        }
        Manager::Yarn => signal::yarn(tool),
        Manager::Pnpm => {
            let (signals, row) = signal::pnpm(tool, stays);
            walk.past_shell = signal::pnpm_reaches_past_shell(tool) || signal::versions(tool).is_none();
            (signals, row, false)
        }
        Manager::Bun => (vec![Signal::Passes], Some(signal::BUN), true),
    };
    running.signals = signals;
    running.row = row;
    walk.push(running);
    own_shell
}

/// Runs a script of package.json; `or_command`: a name that is no script is a command of a package.
fn script_named(
    walk: &mut Walk<'_>,
    manager: Manager,
    mut running: Step,
    tool: Tool,
    words: &[Argument],
    or_command: bool,
) -> Next {
    let Some(name) = words.first().and_then(|word| word.text.clone()) else {
        push_running(walk, manager, running, tool, None);
        return Next::Stop(End::Unknown(Why::Variable));
    };
    let package = walk.package();
    let Some(found) = package.and_then(|package| package.script(&name)) else {
        return missing(walk, manager, running, tool, words, (package, &name, or_command));
    };
    if let Some(package) = package {
        running.hooks = hooks(package, &name);
        if manager == Manager::Npm
            && let Some(before) = package.script(&format!("pre{name}"))
        {
            aside::script(walk, &before.text, When::Before);
        }
    }
    let text = found.text.clone();
    running.script = Some(text.clone());
    if push_running(walk, manager, running, tool, Some(&text)) {
        return script::of_own_shell(walk, &text);
    }
    script::of_package(walk, &text)
}

fn hooks(package: &Package, name: &str) -> Vec<Spanned<String>> {
    let named = ["pre", "post"].map(|when| format!("{when}{name}"));
    named.iter().filter_map(|hook| package.script(hook)).map(|hook| hook.name.clone()).collect()
}

fn missing(
    walk: &mut Walk<'_>,
    manager: Manager,
    running: Step,
    tool: Tool,
    words: &[Argument],
    (package, name, or_command): (Option<&Package>, &str, bool),
) -> Next {
    let at = running.at;
    push_running(walk, manager, running, tool, None);
    walk.past_shell = false;
    let Some(package) = package else { return Next::Stop(End::Unknown(Why::NotFound)) };
    if manager == Manager::Npm
        && name == "start"
        && package.scripts.rest.is_ok()
        && has_file(walk, "server.js")
    {
        // npm's default for a package without a start script, which it runs like one.
        let script = Argument::implied("node server.js", at).as_script();
        return script
            .map_or(Next::Stop(End::Unknown(Why::NotFound)), |script| script::of_package(walk, &script));
    }
    let is_file = [".js", ".mjs", ".cjs", ".ts", ".tsx"].iter().any(|end| name.ends_with(end));
    if manager == Manager::Bun && is_file {
        return Next::Stop(End::Other("bun".to_owned()));
    }
    if or_command && package.scripts.rest.is_ok() {
        return Next::Run(words.to_vec());
    }
    Next::Stop(End::Unknown(Why::NotFound))
}

fn has_file(walk: &Walk<'_>, name: &str) -> bool {
    let path = walk.absolute(name).map(|path| (walk.world.source_of)(&path));
    matches!(path, Some(Fact::Known { value, .. }) if walk.world.sources.exists(&value))
}

/// `npm exec`, `npx`, `pnpm exec`, `bunx`: a command of a package.
fn exec(
    walk: &mut Walk<'_>,
    manager: Manager,
    mut running: Step,
    tool: Tool,
    request: &Request,
    words: &[Argument],
) -> Next {
    // npx runs its command with a shell, as a script.
    let line = request.line.as_ref().and_then(Argument::as_script);
    let command = words.iter().position(|word| !word.known().starts_with('-') || word.text.is_none());
    let command = command.map_or(&[][..], |at| &words[at..]);
    if manager != Manager::Npm {
        running.signals = vec![Signal::Unknown(Why::Unsupported)];
        walk.push(running);
        return if command.is_empty() {
            Next::Stop(End::Unknown(Why::NotFound))
        } else {
            Next::Run(command.to_vec())
        };
    }
    // Of npx before npm 7 nothing was measured.
    let (mut signals, row) = signal::npm(tool);
    if signal::versions(tool).is_some_and(|versions| versions.lowest < Version(7, 0, 0)) {
        signals = vec![Signal::Unknown(Why::Unsupported)];
    }
    running.signals = signals;
    running.row = Some(row);
    walk.push(running);
    if let Some(line) = line {
        return script::of_package(walk, &line);
    }
    if command.is_empty() {
        return Next::Stop(End::Unknown(Why::NotFound));
    }
    let sh = script::line_shell(walk);
    walk.push(sh);
    Next::Run(command.to_vec())
}

/// A script of the package in the current folder, for `node --run` and runners of scripts. The one who runs it is
/// pushed already.
pub(super) fn script_of_package(walk: &mut Walk<'_>, name: &str) -> Next {
    let found = walk.package().and_then(|package| package.script(name));
    let Some(text) = found.map(|script| script.text.clone()) else {
        return Next::Stop(End::Unknown(Why::NotFound));
    };
    script::of_package(walk, &text)
}
