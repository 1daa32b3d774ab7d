//! Which file of the project a path inside of an image is: COPY read backwards, from the shipped stage through the stages
//! that it copies from to the build context.

use std::sync::Arc;

use crate::facts::image::{CopyFrom, CopyStep, Stage, Stages, in_folder};
use crate::facts::{Fact, Origin, Why};
use crate::source::{ProjectPath, Sources, Span};

use super::{Image, ImageId};

/// Stages that are followed one into another: more is a cycle.
const DEPTH: usize = 16;

/// An image of the project that a stage of another Dockerfile stands on: what is needed to look into it.
#[derive(Debug)]
pub struct Base {
    /// The image.
    pub image: ImageId,
    stages: Arc<Stages>,
    stage: usize,
    context: Fact<ProjectPath>,
}

impl Base {
    /// What an image ships, for those that are built on it.
    pub(super) fn of(id: ImageId, image: &Image) -> Base {
        Base { image: id, stages: image.stages.clone(), stage: image.stage, context: image.context.clone() }
    }
}

/// A Dockerfile whose COPY steps are read backwards.
#[derive(Clone, Copy)]
struct Made<'a> {
    stages: &'a Stages,
    context: &'a ProjectPath,
}

/// The file or folder of the project that a path of the image was copied from: an absolute one, or a relative one that
/// lies below the WORKDIR of a base image that is not known. It may be one that is not in the project but made while the image
/// is built (`dist/main.js`): then it is where it would stand.
pub fn source_of(image: &Image, path: &str, sources: &Sources) -> Fact<ProjectPath> {
    source_in(image, image.stage(), path, sources)
}

/// The same for a path of one of the stages.
pub fn source_in(image: &Image, stage: &Stage, path: &str, sources: &Sources) -> Fact<ProjectPath> {
    let Some(context) = image.context.known() else { return Fact::Unknown(Why::Ambiguous) };
    let mut made: Option<(ProjectPath, Span)> = None;
    let mut made_beside: Option<(ProjectPath, Span)> = None;
    let mut unknown = None;
    let Some(path) = rooted(image, stage, path) else { return Fact::Unknown(Why::UnknownBase) };
    let own = Made { stages: &image.stages, context };
    let mut open = vec![(own, stage.index, path, false, 0)];
    while let Some((from, stage, path, is_beside, depth)) = open.pop() {
        if depth > DEPTH {
            continue;
        }
        let Some(stage) = from.stages.stages.get(stage) else { continue };
        let mut next = Vec::new();
        for copy in lineage_copies(from.stages, stage) {
            let origins = match origins(copy, &path, from.context, sources) {
                Ok(origins) => origins,
                Err(why) => {
                    unknown = Some(why);
                    continue;
                }
            };
            for Came { from: stage, path, beside } in origins {
                let is_beside = is_beside || beside;
                if let Some(stage) = stage {
                    next.push((from, stage, path, is_beside, depth + 1));
                    continue;
                }
                let Some(found) = from.context.join(path.trim_start_matches('/')) else { continue };
                let is_there = sources.exists(&found) || sources.is_folder(&found);
                match (is_there, is_beside) {
                    (true, false) => {
                        return Fact::Known { value: found, origin: Origin::Derived(vec![copy.dest.span]) };
                    }
                    (false, false) => drop(made.get_or_insert((found, copy.dest.span))),
                    (false, true) => drop(made_beside.get_or_insert((found, copy.dest.span))),
                    // It is there and was not copied.
                    (true, true) => {}
                }
            }
        }
        // What the base brings is under everything that is copied over it. Bases of bases are not followed.
        let root = from.stages.lineage(stage).last().map_or(stage.index, |root| root.index);
        let is_own = std::ptr::eq(from.stages, &*image.stages);
        if let Some(base) = image.bases.get(&root).filter(|_| is_own)
            && let Some(context) = base.context.known()
        {
            let made = Made { stages: &base.stages, context };
            next.push((made, base.stage, path.clone(), is_beside, depth + 1));
        }
        // The last COPY wins, so it is followed first: the list is a stack.
        next.reverse();
        open.extend(next);
    }
    match (made.or(made_beside), unknown) {
        (Some((value, span)), _) => Fact::Known { value, origin: Origin::Derived(vec![span]) },
        (None, Some(why)) => Fact::Unknown(why),
        (None, None) => Fact::Unknown(Why::NotFound),
    }
}

/// The path without detours; `None` for a relative one that cannot be compared, because a COPY to an absolute path may
/// write below the WORKDIR of the base, too.
fn rooted(image: &Image, stage: &Stage, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return Some(normal(path));
    }
    in_folder(path).filter(|_| lineage_copies(&image.stages, stage).all(|copy| copy.dest_in_base.is_some()))
}

/// The COPY steps of a stage and of those it is built on, the last one first.
fn lineage_copies<'a>(stages: &'a Stages, stage: &'a Stage) -> impl Iterator<Item = &'a CopyStep> {
    stages.lineage(stage).flat_map(|stage| stage.copies.iter().rev())
}

/// What a path was before a COPY.
struct Came {
    /// The stage; `None` for the context.
    from: Option<usize>,
    path: String,
    /// It was not copied itself: a package.json was, beside which a build would make it.
    beside: bool,
}

/// What `path` was before this COPY.
fn origins(copy: &CopyStep, path: &str, context: &ProjectPath, sources: &Sources) -> Result<Vec<Came>, Why> {
    let from = match &copy.from {
        CopyFrom::Context => None,
        CopyFrom::Stage(stage) => Some(stage.value),
        // Nothing of an image from outside is a file of the project.
        CopyFrom::Image(_) | CopyFrom::Unknown(_) => return Ok(Vec::new()),
    };
    let dest = match (&copy.dest.value, &copy.dest_in_base) {
        (_, Some(dest)) if !path.starts_with('/') => dest.as_str(),
        (Fact::Known { value, .. }, _) => value.trim_end_matches('/'),
        (Fact::Unknown(why), _) => return Err(*why),
    };
    let below = |rest: &&str| rest.is_empty() || rest.starts_with('/') || copy_into_base(path, dest);
    let Some(rest) = path.strip_prefix(dest).filter(below) else {
        return Ok(Vec::new());
    };
    let rest = rest.trim_start_matches('/');
    let mut found = Vec::new();
    for source in &copy.sources {
        let Some(source) = source.value.known().filter(|source| !source.contains("://")) else { continue };
        let source = source.trim_end_matches('/');
        let (folder, name) = source.rsplit_once('/').unwrap_or(("", source));
        let is_file = match from {
            None => context.join(source.trim_start_matches('/')).is_some_and(|path| sources.exists(&path)),
            Some(_) => name.contains('.') && !matches!(name, "." | ".."),
        };
        let copied = match name.split_once('*') {
            // `src/*.js` copies files beside each other: what is left of the path is the file's name.
            Some((head, tail)) => {
                let fits = rest.starts_with(head) && rest.ends_with(tail.rsplit('*').next().unwrap_or(tail));
                (fits && (name == "*" || !rest.contains('/'))).then(|| format!("{folder}/{rest}"))
            }
            None if is_file => (rest.is_empty() || rest == name).then(|| source.to_owned()),
            None => Some(format!("{source}/{rest}")),
        };
        let beside = copied.is_none() && brings_package(name);
        let copied = copied.or_else(|| beside.then(|| format!("{folder}/{rest}")));
        found.extend(copied.map(|path| Came {
            from,
            path: match from {
                Some(_) => normal(&path),
                None => path.trim_start_matches("./").to_owned(),
            },
            beside,
        }));
    }
    Ok(found)
}

/// `package.json`, `package*.json`: where it is copied to, the package is built.
fn brings_package(name: &str) -> bool {
    name == "package.json" || name.starts_with("package") && name.contains('*')
}

/// True for a COPY to the WORKDIR of the base itself, below which every relative path lies.
fn copy_into_base(path: &str, dest: &str) -> bool {
    dest.is_empty() && !path.starts_with('/')
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
