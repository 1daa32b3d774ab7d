//! Versions of Node.js in the names of images that no table knows: private bases are named after what they hold.

use super::release::{NodeVersion, release_in_tag};
use super::{LINES, Version};
use crate::facts::table::cell;
use crate::syntax::image_ref::ImageRef;

/// How surely a name tells the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// A number that looks like a release of Node.js stands beside an operating system's release, in a repository
    /// whose name speaks of JavaScript.
    Likely,
    /// The number follows the word node.
    Named,
}

/// The version of Node.js that an image's name tells, with how surely: `platformjs:base-18.20.2-alpine3.18`,
/// `tools:1.4-node18.11.0`, `my/node:20-slim`. For names that [`super::lookup`] does not know.
pub fn node_version_in_tag(image: &ImageRef) -> Option<(NodeVersion, Confidence)> {
    let tag = image.tag()?;
    let repository = image.repository_name();
    let last = repository.rsplit('/').next().unwrap_or("");
    if tag.contains(['$', '{']) {
        return None;
    }
    if let Some(version) = after_node(tag).or_else(|| after_node(last)) {
        return Some((version, Confidence::Named));
    }
    let words = || last.split(['-', '_', '.']);
    if words().any(|word| matches!(word, "node" | "nodejs")) {
        // A version of the image itself looks the same: it is Node's when the repository is called node and no more,
        // or when an operating system's release stands beside it.
        let version = tag.split(['-', '_']).next().and_then(plausible)?;
        if matches!(last, "node" | "nodejs") {
            return Some((version, Confidence::Named));
        }
        return release_in_tag(tag).map(|_| (version, Confidence::Likely));
    }
    let speaks_of_js = words().any(|word| word.ends_with("js") || word.contains("node"));
    let exact = || tag.split(['-', '_']).filter_map(plausible).filter(|version| version.exact().is_some());
    if speaks_of_js && release_in_tag(tag).is_some() && exact().count() == 1 {
        return exact().next().map(|version| (version, Confidence::Likely));
    }
    None
}

/// The version that follows the word node: `node18`, `nodejs-20.1`, `node_v22`.
fn after_node(text: &str) -> Option<NodeVersion> {
    let lower = text.to_ascii_lowercase();
    let mut from = 0;
    while let Some(found) = lower[from..].find("node") {
        let start = from + found;
        from = start + 4;
        let begins = lower[..start].chars().next_back().is_none_or(|before| !before.is_ascii_alphanumeric());
        let rest = lower[from..].strip_prefix("js").unwrap_or(&lower[from..]);
        let rest = rest.strip_prefix(['-', '_', ':']).unwrap_or(rest);
        let rest = rest.strip_prefix('v').unwrap_or(rest);
        let end = rest.find(|next: char| !next.is_ascii_digit() && next != '.').unwrap_or(rest.len());
        let number = rest[..end].trim_end_matches('.');
        if begins && let Some(version) = plausible(number) {
            return Some(version);
        }
    }
    None
}

/// A version whose line the tables know, and that the line has reached.
fn plausible(text: &str) -> Option<NodeVersion> {
    let version = NodeVersion::parse(text)?;
    let row =
        LINES.rows.iter().find(|row| cell(row, 0).and_then(|major| major.parse().ok()) == version.major)?;
    let last = cell(row, 1).and_then(Version::parse)?;
    // The table may be a few minors behind a living line.
    version.minor.is_none_or(|minor| minor <= last.1 + 6).then_some(version)
}
