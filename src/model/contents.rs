//! Which file of the project a path inside of an image is: COPY read backwards, from the shipped stage through the stages
//! that it copies from to the build context.

use crate::facts::image::{CopyFrom, CopyStep, Stage};
use crate::facts::{Fact, Origin, Why};
use crate::source::{ProjectPath, Sources, Span};

use super::Image;

/// Stages that are followed one into another: more is a cycle.
const DEPTH: usize = 16;

/// The file or folder of the project that an absolute path of the image was copied from. It may be one that is not in the
/// project but made while the image is built (`dist/main.js`): then it is where it would stand.
pub fn source_of(image: &Image, path: &str, sources: &Sources) -> Fact<ProjectPath> {
    let Some(context) = image.context.known() else { return Fact::Unknown(Why::Ambiguous) };
    let mut made: Option<(ProjectPath, Span)> = None;
    let mut unknown = None;
    let mut open: Vec<(usize, String, usize)> = vec![(image.stage, normal(path), 0)];
    while let Some((stage, path, depth)) = open.pop() {
        if depth > DEPTH {
            continue;
        }
        let Some(stage) = image.stages.stages.get(stage) else { continue };
        let mut next = Vec::new();
        for copy in lineage_copies(image, stage) {
            match origins(copy, &path, context, sources) {
                Ok(origins) => {
                    for (from, origin) in origins {
                        match from {
                            Some(stage) => next.push((stage, origin, depth + 1)),
                            None => match context.join(origin.trim_start_matches('/')) {
                                Some(found) if sources.exists(&found) || sources.is_folder(&found) => {
                                    let origin = Origin::Derived(vec![copy.dest.span]);
                                    return Fact::Known { value: found, origin };
                                }
                                Some(found) => {
                                    made.get_or_insert((found, copy.dest.span));
                                }
                                None => {}
                            },
                        }
                    }
                }
                Err(why) => unknown = Some(why),
            }
        }
        // The last COPY wins, so it is followed first: the list is a stack.
        next.reverse();
        open.extend(next);
    }
    match (made, unknown) {
        (Some((value, span)), _) => Fact::Known { value, origin: Origin::Derived(vec![span]) },
        (None, Some(why)) => Fact::Unknown(why),
        (None, None) => Fact::Unknown(Why::NotFound),
    }
}

/// The COPY steps of a stage and of those it is built on, the last one first.
fn lineage_copies<'a>(image: &'a Image, stage: &'a Stage) -> impl Iterator<Item = &'a CopyStep> {
    image.stages.lineage(stage).flat_map(|stage| stage.copies.iter().rev())
}

/// What `path` was before this COPY: paths in a stage, or in the context (`None`).
fn origins(
    copy: &CopyStep,
    path: &str,
    context: &ProjectPath,
    sources: &Sources,
) -> Result<Vec<(Option<usize>, String)>, Why> {
    let from = match &copy.from {
        CopyFrom::Context => None,
        CopyFrom::Stage(stage) => Some(stage.value),
        // Nothing of an image from outside is a file of the project.
        CopyFrom::Image(_) | CopyFrom::Unknown(_) => return Ok(Vec::new()),
    };
    let dest = match &copy.dest.value {
        Fact::Known { value, .. } => value.trim_end_matches('/'),
        Fact::Unknown(why) => return Err(*why),
    };
    let Some(rest) = path.strip_prefix(dest).filter(|rest| rest.is_empty() || rest.starts_with('/')) else {
        return Ok(Vec::new());
    };
    let rest = rest.trim_start_matches('/');
    let mut found = Vec::new();
    for source in &copy.sources {
        let Some(source) = source.value.known() else { continue };
        if source.contains("://") {
            continue;
        }
        let source = source.trim_end_matches('/');
        let name = source.rsplit('/').next().unwrap_or(source);
        let folder = source.rsplit_once('/').map_or("", |(folder, _)| folder);
        if source.contains('*') {
            // `src/*.js` copies files beside each other: what is left of the path is the file's name.
            found.push((from, format!("{folder}/{rest}")));
            continue;
        }
        let is_file = match from {
            None => context.join(source.trim_start_matches('/')).is_some_and(|path| sources.exists(&path)),
            Some(_) => name.contains('.') && !matches!(name, "." | ".."),
        };
        if is_file && (rest.is_empty() || rest == name) {
            found.push((from, source.to_owned()));
        } else if !is_file {
            found.push((from, format!("{source}/{rest}")));
        }
    }
    let absolute = |(from, path): (Option<usize>, String)| match from {
        Some(_) => (from, normal(&path)),
        None => (from, path.trim_start_matches("./").to_owned()),
    };
    Ok(found.into_iter().map(absolute).collect())
}

/// An absolute path without `.`, `..` and doubled slashes.
pub(crate) fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}
