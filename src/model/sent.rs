//! What of a build context is sent to the builder, and which COPY takes it: the context, its ignore file and the
//! sources of COPY and ADD together.
//!
//! Paths are judged whether they are on disk or not: `node_modules` and `.env` are rarely in a repository and always on the
//! machine of whoever develops.

use super::context::{ignorefile_of, matches_part};
use super::read::Reading;
use super::{Image, Project};
use crate::facts::image::{CopyFrom, CopyStep, Stage};
use crate::source::{FileId, ProjectPath, Span};
use crate::syntax::ignorefile::{Ignorefile, Line};

/// The context of an image, as Docker sends it.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// Its folder.
    pub root: &'a ProjectPath,
    /// The ignore file that Docker applies.
    pub ignorefile: Option<&'a Ignorefile>,
}

/// A COPY or ADD that takes something from the context.
#[derive(Clone, Copy, Debug)]
pub struct Taken<'a> {
    /// The stage.
    pub stage: &'a Stage,
    /// The step.
    pub copy: &'a CopyStep,
    /// Its source, as written.
    pub source: Span,
    /// True when the source names the thing itself, false when it is a folder above it or a wildcard.
    pub by_name: bool,
}

impl Sent<'_> {
    /// The path from the root of the context; `None` for what lies outside of it.
    pub fn path<'p>(&self, path: &'p ProjectPath) -> Option<&'p str> {
        path.relative_to(self.root)
    }

    /// True when a file at a path from the root of the context is sent.
    pub fn sends(&self, path: &str) -> bool {
        self.ignorefile.is_none_or(|file| !file.ignores(path))
    }

    /// The line by which it is sent after all, or by which it is left out.
    pub fn decided_by(&self, path: &str) -> Option<&Line> {
        self.ignorefile?.decided_by(path)
    }

    /// Where to write what is to be left out: the file with the line that sends the path after all, else its first line.
    pub fn place(&self, path: &str) -> Option<(FileId, Span)> {
        let file = self.ignorefile?;
        let first = file.lines.first().map(|line| line.span);
        let span = file.decided_by(path).map(|line| line.span).or(first).unwrap_or(Span::at(file.file, 0));
        Some((file.file, span))
    }
}

impl Project {
    /// What is sent for an image; `None` when its context is not known, or its ignore file is none that Docker
    /// accepts.
    pub fn sent<'a>(&'a self, image: &'a Image) -> Option<Sent<'a>> {
        let root = image.context.known()?;
        let dockerfile = &self.sources.file(image.dockerfile).path;
        let Some(path) = ignorefile_of(dockerfile, root, &self.sources) else {
            return Some(Sent { root, ignorefile: None });
        };
        match &self.readings[self.sources.find(&path)?.0 as usize] {
            Reading::Ignorefile(file) if file.valid => Some(Sent { root, ignorefile: Some(file) }),
            _ => None,
        }
    }
}

impl Image {
    /// The steps, in the order of the file, that take a path of the context into a stage that this image needs.
    pub fn taking<'a>(&'a self, path: &str) -> Vec<Taken<'a>> {
        let stages = self.stages.reachable(self.stage());
        let steps = stages.into_iter().flat_map(|stage| stage.copies.iter().map(move |copy| (stage, copy)));
        steps
            .filter(|(_, copy)| copy.from == CopyFrom::Context)
            .filter_map(|(stage, copy)| {
                let (source, by_name) = source_of(copy, path)?;
                Some(Taken { stage, copy, source, by_name })
            })
            .collect()
    }

    /// Where the first COPY or ADD takes the whole context, and nothing is excluded.
    pub fn takes_whole_context(&self) -> Option<Span> {
        let copies = self.stages.reachable(self.stage()).into_iter().flat_map(|stage| &stage.copies);
        copies.into_iter().find_map(whole_context)
    }
}

/// Where a COPY or ADD takes the whole context.
pub fn whole_context(copy: &CopyStep) -> Option<Span> {
    if copy.from != CopyFrom::Context || !copy.exclude.is_empty() {
        return None;
    }
    let is_whole = |source: &str| matches!(source.trim_end_matches('/'), "" | "." | "*" | "./*");
    let whole =
        copy.sources.iter().find(|source| source.value.known().is_some_and(|source| is_whole(source)))?;
    Some(whole.span)
}

/// The source of a step that brings a path along, and whether it names it.
fn source_of(copy: &CopyStep, path: &str) -> Option<(Span, bool)> {
    // What `--exclude` leaves out is not looked into: with one of them nothing is known to be taken.
    if !copy.exclude.is_empty() {
        return None;
    }
    copy.sources.iter().find_map(|source| {
        let text = source.value.known().filter(|text| !text.contains("://"))?;
        let by_name = brings(text, path)?;
        Some((source.span, by_name))
    })
}

/// Whether a source of COPY brings a path: `Some(true)` when it names it, without wildcards.
fn brings(source: &str, path: &str) -> Option<bool> {
    let parts: Vec<&str> = source.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    let mut names = path.split('/');
    let fits = parts.iter().all(|part| names.next().is_some_and(|name| matches_part(part, name)));
    let is_last = names.next().is_none();
    let has_wildcard = parts.iter().any(|part| part.contains(['*', '?', '[']));
    fits.then_some(is_last && !has_wildcard && !parts.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_bring_what_they_name_and_what_is_below() {
        for (source, path) in [
            (".", "a/b"),
            ("./", "a"),
            ("/", "a"),
            ("a", "a/b/c"),
            ("a/", "a/b"),
            ("*", "node_modules/a"),
            ("package*.json", "package-lock.json"),
            ("apps/*/package.json", "apps/web/package.json"),
        ] {
            assert_eq!(brings(source, path), Some(false), "{source} {path}");
        }
        assert_eq!(brings("./a/b.json", "a/b.json"), Some(true));
        for (source, path) in
            [("a", "ab"), ("a/b", "a"), ("package.json", "package-lock.json"), ("*.json", "a.js")]
        {
            assert_eq!(brings(source, path), None, "{source} {path}");
        }
    }
}
