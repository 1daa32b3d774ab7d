//! An ignore file that lets the repository's history, logs and test reports into the image.

use crate::facts::image::RunStep;
use crate::finding::Safety;
use crate::model::Image;
use crate::model::sent::{Sent, Taken};
use crate::rules::{Cx, Sink};
use crate::syntax::mapped::MappedText;
use crate::syntax::{ignorefile, shell};

pub(crate) fn check(cx: &Cx<'_>, image: &Image, sink: &mut Sink) {
    let Some(sent) = cx.project.sent(image) else { return };
    // Without an ignore file all of the context is copied: ignorefile/missing says that.
    let Some((file, _)) = sent.place("") else { return };
    let history = history(cx, image, &sent);
    let leftovers: Vec<(&str, Taken<'_>)> = cx
        .project
        .strays
        .leftovers
        .iter()
        .filter_map(|path| sent.path(path))
        .filter(|path| sent.sends(path) && image.holds(path))
        .filter_map(|path| Some((path, *image.taking(path).iter().find(|taken| !taken.by_name)?)))
        .collect();
    let Some(taken) = history.or_else(|| leftovers.first().map(|(_, taken)| *taken)) else { return };
    let mut lines: Vec<&str> = Vec::new();
    let message = match (history, leftovers.first()) {
        (Some(_), _) => {
            lines.push(".git");
            "nothing leaves out .git: the history of the repository is copied, and each commit throws the build cache away"
                .to_owned()
        }
        (None, Some((first, _))) => format!("nothing leaves out {first}: it is copied into the image"),
        (None, None) => return,
    };
    lines.extend(leftovers.iter().map(|(path, _)| pattern(path)));
    lines.sort_unstable();
    lines.dedup();
    let place = sent.place(if history.is_some() { ".git/HEAD" } else { leftovers[0].0 });
    let Some((_, place)) = place else { return };
    let source = cx.project.sources.file(file);
    let edit = ignorefile::append(file, source.text(), &lines);
    let help = format!("add `{}` to {}", lines.join("`, `"), source.path);
    sink.report(place, message)
        .related(taken.source, format!("`{}` takes it", cx.text(taken.source)))
        .help(help)
        .fix("Leave it out of the context", Safety::Safe, vec![edit]);
}

/// The line that leaves a log or a report out, and its kin.
fn pattern(path: &str) -> &'static str {
    match path {
        path if path.contains(".nyc_output/") => "**/.nyc_output",
        path if path.ends_with(".log") => "**/*.log",
        _ => "**/coverage",
    }
}

/// The step that takes the history of the repository, when nothing in the image asks git.
fn history<'a>(cx: &Cx<'_>, image: &'a Image, sent: &Sent<'_>) -> Option<Taken<'a>> {
    if !sent.root.is_root() || !cx.project.strays.is_repository || !sent.sends(".git/HEAD") {
        return None;
    }
    let taken = *image.taking(".git/HEAD").iter().find(|taken| !cx.text(taken.source).contains(".git"))?;
    let stages = image.stages.reachable(image.stage());
    let mut runs = stages.iter().flat_map(|stage| &stage.runs).filter_map(RunStep::script);
    let started = &cx.project.provenance(image.id).scripts;
    let mut scripts = started
        .iter()
        .filter_map(|ran| cx.project.package(ran.package).facts.script(&ran.name))
        .map(|script| &script.text);
    (!runs.any(asks_git) && !scripts.any(asks_git)).then_some(taken)
}

/// True for a text that starts git, or something whose name speaks of it.
fn asks_git(script: &MappedText) -> bool {
    if !script.text.contains("git") {
        return false;
    }
    let commands = shell::parse(script).commands;
    commands.iter().any(|command| {
        let words: Vec<&str> = command.words.iter().filter_map(|word| word.literal()).collect();
        let installs = words.iter().any(|word| matches!(*word, "install" | "add"));
        !installs && words.iter().any(|word| word.contains("git") && !word.contains("://"))
    })
}
