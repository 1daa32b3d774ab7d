//! Stages, engines and version files that name different lines of Node.js.

use crate::facts::base_images::NodeVersion;
use crate::facts::package::Package;
use crate::model::Image;
use crate::rules::{Cx, Sink};
use crate::source::{FileId, ProjectPath, Span};

pub(crate) fn check(cx: &Cx<'_>, image: &Image, sink: &mut Sink) {
    let Some(version) = image.base.as_ref().and_then(|base| base.node()) else { return };
    let Some(major) = version.major else { return };
    if !image.runs_node(cx.project) {
        return;
    }
    stages(cx, image, major, sink);
    let Some(package) = image.package.map(|id| cx.project.package(id)) else { return };
    let at = image.root_stage().from_span;
    if let Some((asked, written)) = refused(&package.facts, version) {
        let message =
            format!("the image runs Node.js {version}, and package.json asks for {}", cx.text(written));
        sink.report(at, message)
            .related(asked, "the versions that the package says it works with")
            .help("go to a base image in that range, or change `engines.node` after a test");
        return;
    }
    let files = [".nvmrc", ".node-version"];
    let context = image.context.known().cloned();
    let folders: Vec<ProjectPath> = [package.folder.clone()].into_iter().chain(context).collect();
    let named = folders.iter().flat_map(|folder| files.iter().filter_map(|name| folder.join(name)));
    let named = named.filter_map(|path| cx.project.sources.find(&path)).find_map(|file| named_in(cx, file));
    if let Some((other, span)) = named.filter(|(other, _)| *other != major) {
        let name = cx.project.sources.file(span.file).path.name();
        let message = format!(
            "the image runs Node.js {major}, and {name} says {other}: it is tested on another version than it ships"
        );
        sink.report(at, message)
            .related(span, "what developers and CI use")
            .help(format!("bring both to the same line, for example `FROM node:{other}`"));
    }
}

/// node_modules that another line of Node.js installed.
fn stages(cx: &Cx<'_>, image: &Image, major: u32, sink: &mut Sink) {
    for modules in &cx.project.provenance(image.id).folders {
        let (Some(install), Some(copied)) = (&modules.by, modules.copied.last()) else { continue };
        let other = image.base_of(install.stage).and_then(|base| base.node()?.major);
        let Some(other) = other.filter(|other| *other != major) else { continue };
        let stage =
            image.stages.stages.get(install.stage).and_then(|stage| image.stages.lineage(stage).last());
        let message = format!(
            "node_modules are installed by Node.js {other} and run by Node.js {major}: what is tested is not what runs, and compiled add-ons may not load"
        );
        let mut finding = sink.report(*copied, message);
        if let Some(stage) = stage {
            finding = finding.related(stage.from_span, format!("Node.js {other}"));
        }
        finding
            .related(image.root_stage().from_span, format!("Node.js {major}"))
            .help("build and run on the same line of Node.js");
    }
}

/// `engines.node`, when it surely refuses the version: the entry's bytes and those of its text.
fn refused(package: &Package, version: NodeVersion) -> Option<(Span, Span)> {
    let range = package.node.known()?.as_ref()?;
    let span = package.node.span()?;
    let allows = match version.exact() {
        Some(exact) => range.allows((u64::from(exact.0), u64::from(exact.1), u64::from(exact.2))),
        None => range.allows_major(u64::from(version.major?)),
    };
    (!allows).then_some((span, span))
}

/// The line that a version file names: `22`, `v22.3.0`; names (`lts/*`) say none.
fn named_in(cx: &Cx<'_>, file: FileId) -> Option<(u32, Span)> {
    let text = cx.project.sources.file(file).text();
    let line = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'))?;
    let major = NodeVersion::parse(line.trim())?.major?;
    let start = text.find(line)?;
    Some((major, Span::new(file, start, start + line.len())))
}
