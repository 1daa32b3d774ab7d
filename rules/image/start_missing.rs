//! Images that start nothing, or a file that is not in them.

use crate::facts::command::Command;
use crate::facts::{Fact, Origin};
use crate::model::purpose::Purpose;
use crate::model::{Image, Run, RunBy};
use crate::rules::{Cx, Sink};
use crate::source::ProjectPath;

pub(crate) fn check(cx: &Cx<'_>, image: &Image, sink: &mut Sink) {
    if image.is_base {
        return;
    }
    let mut runs = cx.project.runs.iter().filter(|run| run.image == Some(image.id));
    if let Some(what) = starts_nothing(image) {
        // Who runs it may say what to start.
        let is_told =
            image.containers.iter().any(|id| says_command(&cx.project.container(*id).facts.command))
                || image.containers.iter().any(|id| says_command(&cx.project.container(*id).facts.args))
                || runs.clone().any(|run| matches!(run.by, RunBy::Compose(_)));
        // Beside an image that starts something it may be what that one is built on, or a tool.
        let is_alone =
            cx.project.images.iter().filter(|other| other.purpose.decided == Purpose::Ship).count() == 1;
        if !is_told && (is_alone || !image.containers.is_empty()) {
            sink.report(image.stage().from_span, format!("the image has no start command: {what}"))
                .help("say what it starts: `CMD [\"node\", \"server.js\"]`");
        }
        return;
    }
    if let Some((run, (path, other))) = runs.find_map(|run| Some((run, other_case(cx, run)?))) {
        // Where a folder differs, its name is the one to see.
        let name = if path.ends_with(other.name()) { other.as_str() } else { other.name() };
        let message = format!(
            "the container starts {path}, and the file that is copied is called {name}: names in a container are case-sensitive"
        );
        sink.report(run.start, message).help(format!("write `{name}`"));
    }
}

fn says_command(command: &Fact<Option<Command>>) -> bool {
    !matches!(command, Fact::Known { value: None, .. })
}

/// What a container of it does, when nobody says what to start.
fn starts_nothing(image: &Image) -> Option<&'static str> {
    let config = image.config();
    let of_base = |fact: &Fact<Option<Command>>| {
        matches!(fact, Fact::Known { value: None, .. } | Fact::Known { origin: Origin::Table { .. }, .. })
    };
    if !of_base(&config.entrypoint) || !of_base(&config.cmd) {
        return None;
    }
    let is_empty = config.entrypoint.known() == Some(&None) && config.cmd.known() == Some(&None);
    let is_node = image.base.as_ref()?.node().is_some();
    // An image that nothing is copied to is made to be built on, or to run commands in.
    let holds_app = image.lineage().any(|stage| !stage.copies.is_empty());
    match (is_node, is_empty) {
        _ if !holds_app => None,
        (true, _) => Some(
            "node is started without a file, reads its standard input, which is closed, and ends at once",
        ),
        (false, true) => Some("a container of it cannot be created"),
        (false, false) => None,
    }
}

/// The path of the started file and the file of the project that differs from it in case alone.
fn other_case(cx: &Cx<'_>, run: &Run) -> Option<(String, ProjectPath)> {
    let crate::model::chain::End::Node { entry, .. } = &run.chain.end else { return None };
    let entry = entry.known()?;
    let source = entry.source.known()?;
    let sources = &cx.project.sources;
    if sources.exists(source) || sources.is_folder(source) || run.entry.known().is_some() {
        return None;
    }
    let fits = |path: &ProjectPath| path.as_str().eq_ignore_ascii_case(source.as_str());
    let found = sources.iter().map(|(_, file)| &file.path).find(|path| fits(path))?;
    Some((entry.path.clone(), found.clone()))
}
