//! COPY and ADD: from where, what, to where.

use rustc_hash::FxHashMap;

use crate::facts::{Fact, Why};
use crate::source::Spanned;
use crate::syntax::dockerfile::Copy;
use crate::syntax::image_ref::ImageRef;

use super::expand::Scope;

/// A COPY or ADD of a stage.
#[derive(Clone, Debug)]
pub struct CopyStep {
    /// Index of its instruction in the Dockerfile's.
    pub instruction: usize,
    /// True for ADD.
    pub is_add: bool,
    /// From where.
    pub from: CopyFrom,
    /// Its sources as written, with their values after expansion. Heredocs are left out.
    pub sources: Vec<Spanned<Fact<String>>>,
    /// Number of heredocs among its sources.
    pub inline: usize,
    /// Where it writes to: absolute, a `/` at its end kept.
    pub dest: Spanned<Fact<String>>,
    /// Where it writes to below the WORKDIR of a base image that is not known: relative, without `.` and `..`, empty for
    /// that folder itself.
    pub dest_in_base: Option<String>,
    /// `--chown` after expansion.
    pub chown: Option<Fact<String>>,
    /// `--parents` is set.
    pub parents: bool,
    /// `--exclude` patterns after expansion.
    pub exclude: Vec<Fact<String>>,
}

/// Where COPY takes its sources from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyFrom {
    /// The build context.
    Context,
    /// A stage of the same Dockerfile.
    Stage(Spanned<usize>),
    /// An image, or a named context that the build sets.
    Image(Spanned<ImageRef>),
    /// A stage number that does not exist, or a variable, which BuildKit refuses here.
    Unknown(Spanned<Why>),
}

impl CopyFrom {
    /// The stage, when it is one.
    pub fn stage(&self) -> Option<usize> {
        match self {
            CopyFrom::Stage(stage) => Some(stage.value),
            _ => None,
        }
    }
}

/// The stages' names in lower case, with the numbers of the stages that have them.
#[derive(Debug, Default)]
pub(super) struct Names {
    by_name: FxHashMap<String, Vec<usize>>,
    count: usize,
}

impl Names {
    /// Adds the next stage.
    pub(super) fn push(&mut self, name: Option<String>) {
        if let Some(name) = name {
            self.by_name.entry(name).or_default().push(self.count);
        }
        self.count += 1;
    }

    /// The last stage of this name before stage `end`.
    pub(super) fn last_before(&self, name: &str, end: usize) -> Option<usize> {
        let stages = self.by_name.get(name)?;
        stages[..stages.partition_point(|stage| *stage < end)].last().copied()
    }
}

/// Finds what `--from` or a mount's `from` names: a stage by number, a stage by name in any case, else an image.
pub(super) fn source(from: &Spanned<String>, names: &Names) -> CopyFrom {
    let at = |value| Spanned::new(value, from.span);
    if from.value.contains('$') {
        return CopyFrom::Unknown(Spanned::new(Why::Variable, from.span));
    }
    if let Ok(index) = from.value.parse::<usize>() {
        return match index < names.count {
            true => CopyFrom::Stage(at(index)),
            false => CopyFrom::Unknown(Spanned::new(Why::NotFound, from.span)),
        };
    }
    let name = from.value.to_lowercase();
    match names.last_before(&name, names.count) {
        Some(index) => CopyFrom::Stage(at(index)),
        None => CopyFrom::Image(Spanned::new(ImageRef::parse(&from.value), from.span)),
    }
}

/// Reads a COPY or ADD with the variables and the WORKDIR in force.
pub(super) fn step(
    (instruction, is_add): (usize, bool),
    copy: &Copy,
    names: &Names,
    scope: Scope,
    workdir: &Fact<String>,
) -> CopyStep {
    let value = |text: &Spanned<String>| Spanned::new(scope.spanned(text), text.span);
    let written = scope.spanned(&copy.dest);
    let in_base = matches!(workdir, Fact::Unknown(Why::UnknownBase));
    let dest_in_base = written.known().filter(|_| in_base).and_then(|path| in_folder(path));
    let dest = match written {
        Fact::Known { value, origin } => match below(workdir, &value, true) {
            Ok(value) => Fact::Known { value, origin },
            Err(why) => Fact::Unknown(why),
        },
        unknown => unknown,
    };
    CopyStep {
        instruction,
        is_add,
        // An empty `--from=` is the build context, too.
        from: copy
            .from
            .as_ref()
            .filter(|from| !from.value.is_empty())
            .map_or(CopyFrom::Context, |from| source(from, names)),
        sources: copy.sources.iter().map(value).collect(),
        inline: copy.inline.len(),
        dest: Spanned::new(dest, copy.dest.span),
        dest_in_base,
        chown: copy.chown.as_ref().map(|chown| scope.spanned(chown)),
        parents: copy.parents,
        exclude: copy.exclude.iter().map(|pattern| scope.spanned(pattern)).collect(),
    }
}

/// A relative path without `.`, when it surely stays below the folder that it starts from.
pub(crate) fn in_folder(path: &str) -> Option<String> {
    let leaves = path.starts_with('/') || path.contains('\\') || path.split('/').any(|part| part == "..");
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    (!leaves).then(|| parts.collect::<Vec<_>>().join("/"))
}

/// The longest path that Linux takes (PATH_MAX).
const MAX_PATH: usize = 4096;

/// `path` as an absolute one, `.` and `..` resolved; a relative one lies below `workdir`. `slash` keeps one at the end.
pub(super) fn below(workdir: &Fact<String>, path: &str, slash: bool) -> Result<String, Why> {
    let windows = path.as_bytes().get(1) == Some(&b':') || path.contains('\\');
    if windows || path.len() > MAX_PATH {
        return Err(Why::Unsupported);
    }
    let base = match workdir {
        _ if path.starts_with('/') => "",
        Fact::Known { value, .. } => value.as_str(),
        Fact::Unknown(why) => return Err(*why),
    };
    if base.len() > MAX_PATH {
        return Err(Why::Unsupported);
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let folder = slash && (path.ends_with('/') || matches!(path, "." | "..") || path.ends_with("/."));
    let end = if folder && !parts.is_empty() { "/" } else { "" };
    Ok(format!("/{}{end}", parts.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};

    #[test]
    fn paths_are_joined_to_the_working_directory() {
        let workdir = Fact::written("/app".to_owned(), Span::at(FileId(0), 0));
        let join = |path| below(&workdir, path, true);
        assert_eq!(join(".").as_deref(), Ok("/app/"));
        assert_eq!(join("./a/../b").as_deref(), Ok("/app/b"));
        assert_eq!(join("../../x/").as_deref(), Ok("/x/"));
        assert_eq!(join("/").as_deref(), Ok("/"));
        assert_eq!(join("C:\\x"), Err(Why::Unsupported));
        assert_eq!(below(&Fact::Unknown(Why::Variable), "a", true), Err(Why::Variable));
        assert_eq!(below(&Fact::Unknown(Why::Variable), "/a", true).as_deref(), Ok("/a"));
    }
}
