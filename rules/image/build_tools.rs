//! Compilers and what drives them, installed in the shipped stage and left there.

use crate::facts::image::RunStep;
use crate::facts::module::{Child, ChildKind};
use crate::facts::system_package::{Tool, left_by, tool};
use crate::model::Image;
use crate::model::chain::Role;
use crate::rules::{Cx, Sink};
use crate::source::{Span, Spanned};
use crate::syntax::shell;

pub(crate) fn check(cx: &Cx<'_>, image: &Image, sink: &mut Sink) {
    if image.is_base || !image.runs_node(cx.project) {
        return;
    }
    for run in image.lineage().flat_map(|stage| &stage.runs) {
        let left = tools_left_by(cx, image, run);
        let Some(first) = left.first() else { continue };
        let names: Vec<&str> = left.iter().map(|package| package.value.as_str()).collect();
        let (named, stay) = match &names[..] {
            [one] => ((*one).to_owned(), "a tool that only a build needs stays"),
            [others @ .., last] => {
                (format!("{} and {last}", others.join(", ")), "tools that only a build needs stay")
            }
            [] => continue,
        };
        let mut finding =
            sink.report(first.span, format!("{stay} in the image: {named}")).help(help(cx, image, run));
        if let Some(removed) = removed_later(image, run, &first.value) {
            finding =
                finding.related(removed, "removed in a later layer: the image keeps every byte of the first");
        }
        for package in &left[1..] {
            finding = finding.related(package.span, "this one too");
        }
    }
}

/// The tools that a RUN leaves in its layer; none when all of them may be there for a program that runs.
fn tools_left_by(cx: &Cx<'_>, image: &Image, run: &RunStep) -> Vec<Spanned<String>> {
    let Some(script) = run.script() else { return Vec::new() };
    let mut left = left_by(&shell::parse(script));
    let may_run =
        left.iter().any(|package| tool(&package.value) == Some(Tool::MayBuild)) && runs_python(cx, image);
    left.retain(|package| match tool(&package.value) {
        Some(Tool::MayBuild) => !may_run,
        known => known.is_some(),
    });
    if left.iter().all(|package| tool(&package.value) == Some(Tool::MayBuild)) {
        left.clear();
    }
    left
}

/// True when something that runs in the containers may be a Python program: pip installs it, or what is started names it.
fn runs_python(cx: &Cx<'_>, image: &Image) -> bool {
    let by_pip =
        |text: &str| ["pip install", "pip3 install", "pipx install"].iter().any(|word| text.contains(word));
    let installs = image.lineage().flat_map(|stage| &stage.runs).filter_map(RunStep::script);
    let mut runs = cx.project.runs.iter().filter(|run| run.image == Some(image.id));
    installs.into_iter().any(|script| by_pip(&script.text))
        || runs.any(|run| {
            let scripts =
                run.chain.steps.iter().filter(|step| step.role == Role::Script).filter_map(|step| step.at);
            let children = run.program.iter().flat_map(|program| &program.children);
            let starts = |child: &Child| match &child.kind {
                ChildKind::Program(name) | ChildKind::Line(name) => {
                    name.as_ref().is_none_or(|name| name.contains("python"))
                }
                _ => false,
            };
            run.chain.steps.iter().any(|step| step.command.contains("python"))
                || scripts.into_iter().any(|at| cx.project.sources.file(at.file).text().contains("python"))
                || children.into_iter().any(starts)
        })
}

fn help(cx: &Cx<'_>, image: &Image, run: &RunStep) -> String {
    let installs = &cx.project.provenance(image.id).installs;
    let here = installs.iter().any(|install| install.instruction == run.instruction);
    let uses_apk = run.script().is_some_and(|script| script.text.contains("apk add"));
    match (here, uses_apk) {
        (true, true) => {
            "add them with `apk add --virtual .build …` and end the same RUN with `apk del .build`".to_owned()
        }
        (true, false) => {
            "end the same RUN with `apt-get purge --auto-remove -y …`, or build in a stage of its own"
                .to_owned()
        }
        (false, _) => {
            "install packages in a stage of their own that has the tools, and copy node_modules from there"
                .to_owned()
        }
    }
}

/// Where a later RUN takes the package away, which frees nothing.
fn removed_later(image: &Image, run: &RunStep, package: &str) -> Option<Span> {
    let later =
        image.lineage().flat_map(|stage| &stage.runs).filter(|later| later.instruction > run.instruction);
    later.filter_map(RunStep::script).find_map(|script| {
        let commands = shell::parse(script).commands;
        let found = commands.into_iter().find(|command| {
            let words: Vec<&str> = command.words.iter().filter_map(|word| word.literal()).collect();
            words.iter().any(|word| matches!(*word, "del" | "purge" | "remove")) && words.contains(&package)
        });
        found.map(|command| command.span)
    })
}
