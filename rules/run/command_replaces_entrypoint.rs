//! `command` of a manifest that was meant as `args`, or as several words.

use crate::facts::command::Command;
use crate::facts::{Fact, Origin};
use crate::model::contents::source_of;
use crate::model::{Image, Run};
use crate::rules::{Cx, Sink};
use crate::source::Spanned;

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let image = run.image.map(|image| cx.project.image(image));
    let Some((command, args)) = said(cx, run) else { return };
    if let Some(Command::Exec(words)) = command {
        let Some(first) = words.first() else { return };
        if is_line(first) && words.len() == 1 {
            one_string(first, "command", sink);
        } else if let Some(why) = is_argument(cx, image, &first.value) {
            let message = format!(
                "command replaces the ENTRYPOINT of the image, and `{}` {why}: the container cannot be started",
                first.value
            );
            let mut draft = sink.report(first.span, message);
            if let Some(at) = image.and_then(|image| image.config().entrypoint.span()) {
                draft = draft.related(at, "this is no longer started");
            }
            draft.help("write `args` where only arguments are meant, or name the program first: `[node, …]`");
        }
        return;
    }
    let (None, Some(Command::Exec(words)), Some(image)) = (command, args, image) else { return };
    match &image.config().entrypoint {
        Fact::Known { value: Some(Command::Shell(text)), .. } => {
            let Some(at) = Command::Exec(words.clone()).span() else { return };
            let message = "args are given to an ENTRYPOINT in shell form, which drops them: the container runs without them";
            sink.report(at, message)
                .related(text.span(0, text.text.len()), "this line takes no arguments")
                .help("write the ENTRYPOINT of the Dockerfile as a list");
        }
        Fact::Known { value, origin } => {
            let hands_on = match value {
                None => true,
                Some(_) => matches!(origin, Origin::Table { .. }) && starts_by_name(image),
            };
            if let [only] = &words[..]
                && hands_on
                && is_line(only)
            {
                one_string(only, "args", sink);
            }
        }
        Fact::Unknown(_) => {}
    }
}

/// What a manifest or a compose file says instead of ENTRYPOINT and CMD.
fn said<'a>(cx: &Cx<'a>, run: &Run) -> Option<(Option<&'a Command>, Option<&'a Command>)> {
    if let Some(id) = run.container() {
        let facts = &cx.project.container(id).facts;
        return Some((facts.command.known()?.as_ref(), facts.args.known()?.as_ref()));
    }
    let service = cx.project.compose_services.get(run.service()?.0 as usize)?;
    Some((service.facts.entrypoint.known()?.as_ref(), service.facts.command.known()?.as_ref()))
}

/// A whole command line in one word.
fn is_line(word: &Spanned<String>) -> bool {
    let text = word.value.trim();
    let program = text.split_whitespace().next().unwrap_or("");
    text.contains(char::is_whitespace) && !program.is_empty() && !program.contains(['$', '{', '('])
}

fn one_string(word: &Spanned<String>, key: &str, sink: &mut Sink) {
    let words: Vec<&str> = word.value.split_whitespace().collect();
    let message = format!(
        "{key} holds one word, `{}`: the kernel looks for a program of that name, with the spaces in it, and finds none",
        word.value.trim()
    );
    let is_plain = !word.value.contains(['"', '\'', '$', '&', '|', ';', '<', '>', '*', '`']);
    let help = if is_plain {
        format!("write each word by itself: `[{}]`", words.join(", "))
    } else {
        "let a shell read it: `[sh, -c, \"exec …\"]`".to_owned()
    };
    sink.report(word.span, message).help(help);
}

/// True for an image whose ENTRYPOINT starts what it is given.
fn starts_by_name(image: &Image) -> bool {
    let Some(Some(Command::Exec(words))) = image.config().entrypoint.known() else { return false };
    words.last().is_some_and(|word| word.value.ends_with("docker-entrypoint.sh"))
}

/// Why a word cannot be a program.
fn is_argument(cx: &Cx<'_>, image: Option<&Image>, word: &str) -> Option<&'static str> {
    if word.starts_with('-') {
        return Some("is an option, no program");
    }
    let is_script = [".js", ".mjs", ".cjs", ".ts"].iter().any(|end| word.ends_with(end));
    if !is_script || word.contains(['$', '{']) {
        return None;
    }
    if !word.contains('/') {
        return Some("is looked for on the PATH, where no script of the app lies");
    }
    let image = image?;
    let path = match word.strip_prefix('/') {
        Some(_) => word.to_owned(),
        None => format!("{}/{}", image.config().workdir.known()?, word.trim_start_matches("./")),
    };
    let source = source_of(image, &path, &cx.project.sources);
    let file = cx.project.sources.find(source.known()?)?;
    let has_line = cx.project.sources.file(file).text().starts_with("#!");
    (!has_line).then_some("is a script without a first line that says who reads it")
}
