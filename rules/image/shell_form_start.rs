//! ENTRYPOINT or CMD in shell form: whether a shell then stays between the runtime and the program.

use crate::facts::base_images::Sh;
use crate::facts::command::Command;
use crate::finding::{Safety, Severity};
use crate::model::Image;
use crate::model::chain::{Role, Signal, Step};
use crate::rules::{Cx, Sink, start};
use crate::source::Span;
use crate::syntax::mapped::MappedText;
use crate::syntax::shell::{self, Join, Script, StatementKind};

pub(crate) fn check(cx: &Cx<'_>, image: &Image, sink: &mut Sink) {
    let config = image.config();
    let (Some(entrypoint), Some(cmd)) = (config.entrypoint.known(), config.cmd.known()) else { return };
    let (instruction, script) = match (entrypoint, cmd) {
        (Some(Command::Shell(script)), _) => ("ENTRYPOINT", script),
        (_, Some(Command::Shell(script))) => ("CMD", script),
        _ => return,
    };
    let at = script.span(0, script.text.len());
    // `CMD ['node']` is no JSON and so for the shell, which finds no program of that name: another fault.
    if script.text.trim_start().starts_with('[') {
        return;
    }
    let dropped = cmd.as_ref().and_then(|cmd| cmd.span()).filter(|_| instruction == "ENTRYPOINT");
    if let Some(cmd) = dropped {
        let message = "ENTRYPOINT is in shell form: CMD, and the args of a manifest, are dropped";
        let finding = sink.report(at, message).severity(Severity::Error).help("write it as a list of words");
        finding.related(cmd, "it never runs");
        return;
    }
    let read = shell::parse(script);
    let mut behind = None;
    let (severity, consequence) = match (stays(image, &read), image.has_own_shell()) {
        (Stays::Execs, _) | (Stays::No, true) => return,
        (Stays::Yes, _) => (Severity::Warning, "the shell stays process 1 and hands SIGTERM to nobody"),
        (Stays::No, false) if let Some(step) = waiting_script(cx, image, at) => {
            behind = Some(step);
            (
                Severity::Warning,
                "this shell gives its place away to a script, which stays process 1 and hands SIGTERM to nobody",
            )
        }
        (Stays::No, false) => {
            (Severity::Info, "SIGTERM gets through only because this shell gives its place away")
        }
        (Stays::Unknown, _) => {
            (Severity::Info, "whether SIGTERM gets through is up to the shell of the image")
        }
    };
    let mut draft =
        sink.report(at, format!("{instruction} is in shell form: {consequence}")).severity(severity);
    draft = match behind {
        Some(step) => {
            draft = match step.at {
                Some(text) => draft
                    .related(Span::at(text.file, text.start as usize), "this script does not end in exec"),
                None => draft,
            };
            draft.help(format!(
                "write it as a list of words, and `exec` before the last command of {}",
                step.program
            ))
        }
        None => draft.help(help(script, &read)),
    };
    if let Some(edit) = start::list_form(cx.project, image, script) {
        draft.fix("Write the words as a list", Safety::Safe, vec![edit]);
    }
}

/// The script of the project that the shell becomes, where that is known to wait for what it starts.
fn waiting_script<'p>(cx: &Cx<'p>, image: &Image, start: Span) -> Option<&'p Step> {
    let run = cx.project.runs.iter().find(|run| run.image == Some(image.id) && run.start == start)?;
    let (_, first) = run.chain.remaining().next()?;
    (first.role == Role::Script && first.signals == [Signal::Waits]).then_some(first)
}

enum Stays {
    Yes,
    /// The shell gives its place away by itself.
    No,
    /// The script says `exec`.
    Execs,
    Unknown,
}

fn stays(image: &Image, script: &Script) -> Stays {
    if script.statements.last().is_some_and(|statement| statement.kind == StatementKind::Loop) {
        return Stays::Yes;
    }
    let Some(last) = script.last() else { return Stays::Unknown };
    if last.exec().is_some() {
        return Stays::Execs;
    }
    let is_single = script.only().is_some();
    let ends_list = script.statements.len() == 1 && last.joined == Join::And && !last.background;
    match image.sh() {
        Some(Sh::Dash) => Stays::Yes,
        Some(Sh::Busybox) if is_single || ends_list => Stays::No,
        Some(Sh::Bash) if is_single => Stays::No,
        Some(Sh::Bash) if ends_list => Stays::Unknown,
        Some(Sh::Busybox | Sh::Bash) => Stays::Yes,
        Some(Sh::Absent) | None => Stays::Unknown,
    }
}

fn help(line: &MappedText, script: &Script) -> String {
    match start::as_list(line) {
        Some(list) => format!("write the words as a list: `{list}`"),
        None if script.commands.is_empty() => "write the words as a list".to_owned(),
        None => "put `exec` before the command of the server".to_owned(),
    }
}
