//! A base image whose name leaves open what it will be tomorrow.

use crate::facts::base_images::{self, NodeVersion};
use crate::facts::image::Stage;
use crate::model::Image;
use crate::rules::{Cx, Sink};
use crate::syntax::dockerfile::Kind;
use crate::syntax::image_ref::ImageRef;

pub(crate) fn check(cx: &Cx<'_>, image: &Image, sink: &mut Sink) {
    let level = Level::named(cx.option_text("level"));
    for stage in image.stages.reachable(image.stage()) {
        // What the project builds itself is as fixed as the project is.
        let is_own = image.parent.is_some() && stage.index == image.root_stage().index;
        let base = stage.from.image().filter(|base| base.is_literal() && !base.is_scratch() && !is_own);
        let Some(base) = base else { continue };
        let Some(fault) = fault(base, level) else { continue };
        if is_left_to_the_build(image, stage, base) || cx.project.is_from_set_elsewhere(image, stage) {
            continue;
        }
        sink.report(stage.from_span, format!("{} {fault}", base.text)).help(help(base, level));
    }
}

/// True when the whole of FROM is one build argument whose default has no tag: it is there to be replaced.
fn is_left_to_the_build(image: &Image, stage: &Stage, base: &ImageRef) -> bool {
    let from = image.tree.instructions.get(stage.instructions.start);
    let Some(Kind::From(from)) = from.map(|from| &from.kind) else { return false };
    let written = &from.image.value.text;
    written.starts_with('$') && !written.contains([':', '/', '@']) && base.tag().is_none()
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    None,
    Major,
    Minor,
    Patch,
    Digest,
}

impl Level {
    fn named(text: &str) -> Level {
        match text {
            "none" => Level::None,
            "minor" => Level::Minor,
            "patch" => Level::Patch,
            "digest" => Level::Digest,
            _ => Level::Major,
        }
    }
}

fn fault(image: &ImageRef, level: Level) -> Option<&'static str> {
    if image.digest().is_some() || level == Level::None {
        return None;
    }
    if level == Level::Digest {
        return Some("has no digest: the same tag may be another image tomorrow");
    }
    let base = base_images::lookup(image);
    let is_node = base.as_ref().is_some_and(|base| base.name == "docker.io/library/node");
    if is_node && base_images::follows_newest(image.tag()) == Some(true) {
        return Some("is whatever line of Node.js is newest on the day of the build");
    }
    let named = base.and_then(|base| base.node()).filter(|version| version.major.is_some());
    let tells_line = named.is_some() || names_release(image);
    let in_tag = image.tag().and_then(|tag| NodeVersion::parse(tag.split('-').next()?));
    match image.tag() {
        // The image's own name may tell the line, as distroless does.
        None if !tells_line => return Some("has no tag: the build takes whatever is latest that day"),
        Some("latest") if !tells_line => {
            return Some("is whatever was pushed last on the day of the build");
        }
        _ => {}
    }
    let version = in_tag?;
    (level >= Level::Minor && version.minor.is_none() || level >= Level::Patch && version.patch.is_none())
        .then_some("is less exact than the configured level")
}

/// Distroless images carry the line of Debian in their names (`static-debian12`), whatever else they hold.
fn names_release(image: &ImageRef) -> bool {
    let name = image.name();
    let line = name.rsplit_once("-debian").map(|(_, line)| line);
    name.starts_with("gcr.io/distroless/")
        && line.is_some_and(|line| !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit()))
}

fn help(image: &ImageRef, level: Level) -> String {
    if level > Level::Major {
        return "write the tag, or the digest, as exactly as `level` asks".to_owned();
    }
    let is_node = base_images::lookup(image).is_some_and(|base| base.name == "docker.io/library/node");
    match is_node {
        true => "write the line of Node.js and the variant: node:24-slim".to_owned(),
        false => "write a tag that names a release".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_asks_for_more() {
        let broken = |text: &str, level: &str| fault(&ImageRef::parse(text), Level::named(level)).is_some();
        for (text, levels) in [
            ("node:lts", "major minor patch digest"),
            ("node:24-slim", "minor patch digest"),
            ("node:24.11-slim", "patch digest"),
            ("node:24.11.1-slim", "digest"),
            ("nginx:alpine", "digest"),
            ("gcr.io/distroless/base-debian11", "digest"),
            ("gcr.io/distroless/cc-debian12:latest", "digest"),
            ("gcr.io/distroless/static", "major minor patch digest"),
            ("node:24@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", ""),
        ] {
            for level in ["none", "major", "minor", "patch", "digest"] {
                let wanted = levels.split(' ').any(|broken| broken == level);
                assert_eq!(broken(text, level), wanted, "{text} {level}");
            }
        }
    }
}
