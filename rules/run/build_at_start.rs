//! Containers that compile or install before they serve.

use crate::facts::install;
use crate::model::Run;
use crate::model::chain::{Aside, When};
use crate::rules::{Cx, Sink};
use crate::source::Span;

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    if !run.stays(cx.project) || !(run.is_node() || run.runtime.known().is_none()) {
        return;
    }
    for (message, at, help) in found(run) {
        let mut draft = sink.report(at, message);
        if !run.start.contains(at) {
            draft = draft.related(run.start, "a container starts with this");
        }
        draft.help(help);
    }
}

fn found(run: &Run) -> Vec<(String, Span, &'static str)> {
    let before = run.chain.asides.iter().filter(|aside| aside.when == When::Before);
    let mut found: Vec<_> = before.filter_map(judged).collect();
    // `nest start` runs the compiler, and then node.
    let nest = run.chain.steps.iter().find(|step| {
        step.program == "nest" && step.command.starts_with("nest start") && !step.command.contains("--watch")
    });
    if let Some(step) = nest {
        let message =
            "`nest start` compiles the app each time a container starts, before it serves".to_owned();
        found.push((
            message,
            step.at.unwrap_or(run.start),
            "build in the image and start `node dist/main.js`",
        ));
    }
    found
}

fn judged(aside: &Aside) -> Option<(String, Span, &'static str)> {
    let words: Vec<&str> = aside.words.iter().map(String::as_str).collect();
    let line = words.join(" ");
    if install::of_words(&words).is_some() || installs_packages(&words) {
        let message = format!(
            "`{line}` installs each time a container starts: what runs differs from what was built, and no start \
             survives an outage of the registry"
        );
        return Some((message, aside.at, "install in the Dockerfile"));
    }
    let message = format!(
        "`{line}` compiles each time a container starts: every replica waits for the compiler before it serves, and \
         the image ships it"
    );
    compiles(&words).then_some((message, aside.at, "compile in a build stage and copy the result"))
}

/// Packages of the distribution.
fn installs_packages(words: &[&str]) -> bool {
    let verbs = ["install", "add"];
    matches!(words.first(), Some(&("apk" | "apt-get" | "apt" | "yum" | "dnf" | "microdnf")))
        && words[1..].iter().find(|word| !word.starts_with('-')).is_some_and(|verb| verbs.contains(verb))
}

fn compiles(words: &[&str]) -> bool {
    let words = match words {
        ["npx" | "bunx" | "pnpx", rest @ ..] | ["yarn" | "pnpm" | "npm", "exec", rest @ ..] => rest,
        ["cross-env" | "env", rest @ ..] => {
            let plain = rest.iter().position(|word| !word.contains('=')).unwrap_or(rest.len());
            &rest[plain..]
        }
        _ => words,
    };
    let Some((program, rest)) = words.split_first() else { return false };
    let program = program.rsplit('/').next().unwrap_or(program);
    let verb = rest.iter().find(|word| !word.starts_with('-')).copied();
    let only_checks = rest.iter().any(|word| matches!(*word, "--noEmit" | "--version" | "-v" | "--help"));
    match program {
        "tsc" | "swc" | "babel" | "webpack" | "webpack-cli" | "rollup" | "esbuild" | "tsup" | "rspack"
        | "ncc" | "tsc-alias" | "unbuild" => !only_checks && verb != Some("serve"),
        "vite" | "next" | "nuxt" | "nuxi" | "nest" | "ng" | "react-scripts" | "vue-cli-service"
        | "gatsby" | "astro" | "remix" | "react-router" | "strapi" | "parcel" | "craco" | "svelte-kit"
        | "medusa" | "turbo" => verb == Some("build") || program == "turbo" && rest.contains(&"build"),
        _ => false,
    }
}
