//! The line of Node.js that a stage stands on, when no fixes come for it any more.

use crate::facts::base_images::{self, Confidence, NodeVersion};
use crate::facts::end_of_life;
use crate::facts::image::Stage;
use crate::finding::Severity;
use crate::model::Image;
use crate::model::purpose::Purpose;
use crate::rules::{Cx, Sink};

/// Days before its end from which a line is reported.
const SOON: i64 = 90;

pub(crate) fn check(cx: &Cx<'_>, image: &Image, sink: &mut Sink) {
    let shipped = image.root_stage().index;
    for stage in image.stages.reachable(image.stage()) {
        let Some((version, confidence)) = node_of(stage) else { continue };
        if cx.project.is_from_set_elsewhere(image, stage) {
            continue;
        }
        let Some((major, support)) = version.major.and_then(|major| Some((major, end_of_life::node(major)?)))
        else {
            continue;
        };
        let (end, today) = (support.last_day(), cx.as_of);
        let message = match support.is_over(today) {
            true => format!("Node.js {major} has had no fixes since {end}"),
            false if today.days_until(end) <= SOON => format!("Node.js {major} gets its last fixes on {end}"),
            false => continue,
        };
        let is_certain = confidence == Confidence::Named;
        let severity = match stage.index == shipped && support.is_over(today) && is_certain {
            _ if image.purpose.decided == Purpose::Test => Severity::Info,
            true => Severity::Error,
            false => Severity::Warning,
        };
        let finding = sink.report(stage.from_span, message).severity(severity).help(help(cx));
        if stage.index != shipped {
            finding.label("a stage that builds what is shipped");
        }
    }
}

/// What an image from outside says of its Node.js by name.
fn node_of(stage: &Stage) -> Option<(NodeVersion, Confidence)> {
    let image = stage.from.image()?;
    let known = base_images::lookup(image).and_then(|base| base.node());
    known.map(|version| (version, Confidence::Named)).or_else(|| base_images::node_version_in_tag(image))
}

fn help(cx: &Cx<'_>) -> String {
    let lines = end_of_life::supported_node(cx.as_of);
    let newest = lines.into_iter().rev().find_map(|major| {
        let support = end_of_life::node(major)?;
        let is_long = support.lts_from.is_some_and(|from| from <= cx.as_of);
        is_long.then(|| {
            format!("go to Node.js {major} in every stage: it gets fixes until {}", support.last_day())
        })
    });
    newest.unwrap_or_else(|| "go to the newest line with long-term support in every stage".to_owned())
}
