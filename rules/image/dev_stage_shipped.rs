//! A last stage for developing where another stage is the one for production.

use crate::facts::image::Stage;
use crate::model::Image;
use crate::model::purpose::{Purpose, of_name};
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, image: &Image, sink: &mut Sink) {
    // A build that names its target does not care which stage is the last one.
    if image.target.is_some() || image.stage + 1 != image.stages.stages.len() {
        return;
    }
    let Some(name) = &image.stage().name else { return };
    let what = match of_name(&name.value) {
        Some(Purpose::Develop) => "developing",
        Some(Purpose::Test) => "tests",
        _ => return,
    };
    let Some(production) = image.stages.stages[..image.stage].iter().rev().find(|stage| is_production(stage))
    else {
        return;
    };
    let Some(meant) = &production.name else { return };
    let by = image.builds.first().map(|build| build.span);
    let message = format!(
        "a build without `--target` ships the stage {}, which is for {what}; {} stands before it",
        name.value, meant.value
    );
    let finding = sink
        .report(name.span, message)
        .related(meant.span, "the stage for production")
        .help(format!("move the stage {} to the end of the file", meant.value));
    if let Some(by) = by
        .filter(|by| cx.project.sources.file(by.file).path != cx.project.sources.file(image.dockerfile).path)
    {
        finding.related(by, "this builds it without a target");
    }
}

/// True for a stage that is called what people call the one to ship.
fn is_production(stage: &Stage) -> bool {
    let Some(name) = &stage.name else { return false };
    let words = name.value.split(|next: char| !next.is_ascii_alphanumeric());
    let words: Vec<&str> = words.collect();
    let only_makes_files =
        |word: &&str| matches!(*word, "deps" | "dependencies" | "build" | "builder" | "install" | "modules");
    words
        .iter()
        .any(|word| matches!(*word, "prod" | "production" | "release" | "runtime" | "runner" | "final"))
        && !words.iter().any(only_makes_files)
}
