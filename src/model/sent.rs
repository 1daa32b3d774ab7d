//! What of a build context is sent to the builder, and which COPY takes it: the context, its ignore file and the
//! sources of COPY and ADD together.
//!
//! Paths are judged whether they are on disk or not: `node_modules` and `.env` are rarely in a repository and always on the
//! machine of whoever develops.

use super::context::{ignorefile_of, matches_part};
use super::purpose::{Purpose, of_name};
use super::read::Reading;
use super::{Image, Project};
use crate::facts::image::{CopyFrom, CopyStep, Stage};
use crate::facts::secret::{self, Secret};
use crate::source::{FileId, ProjectPath, Sources, Span};
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

/// Files that have no business in an image, wherever in the project they lie.
#[derive(Debug, Default)]
pub struct Strays {
    /// Files whose name or text says that they hold a secret, each with what it holds, in words.
    pub secrets: Vec<(ProjectPath, &'static str)>,
    /// Logs and reports of test runs.
    pub leftovers: Vec<ProjectPath>,
    /// True when the root of the project is that of its repository.
    pub is_repository: bool,
    /// Samples of settings (`.env.example`), which tell where developers keep theirs.
    pub samples: Vec<ProjectPath>,
}

impl Strays {
    /// Looks through the files of a project.
    pub(crate) fn find(sources: &Sources) -> Strays {
        let mut strays = Strays::default();
        for path in sources.below(&ProjectPath::root()) {
            let name = path.name();
            strays.is_repository |= matches!(path.as_str(), ".git/HEAD" | ".gitlab-ci.yml" | ".travis.yml")
                || path.as_str().starts_with(".github/workflows/");
            let in_folder = |folder: &str| path.as_str().split('/').rev().skip(1).any(|part| part == folder);
            if name.ends_with(".log")
                || in_folder(".nyc_output")
                || name == "lcov.info" && in_folder("coverage")
            {
                strays.leftovers.push(path.clone());
            } else if name.starts_with(".env.") && secret::file_kind(name).is_none() {
                strays.samples.push(path.clone());
            } else if let Some(what) = secret_in(path, sources) {
                strays.secrets.push((path.clone(), what));
            }
        }
        strays
    }
}

/// What a file of the project holds that nobody may see. Keys and settings for tests and for development protect nothing.
fn secret_in(path: &ProjectPath, sources: &Sources) -> Option<&'static str> {
    let is_npmrc = matches!(path.name(), ".npmrc" | ".yarnrc.yml");
    let kind = secret::file_kind(path.as_str()).or_else(|| {
        // A JSON may be anything: that of a service account tells by its text.
        let is_account = path.name().ends_with(".json")
            && sources.find(path).is_some_and(|file| secret::is_account(sources.file(file).text()));
        is_account.then_some("the key of a service account")
    });
    if !is_npmrc && kind.is_none() || of_name(path.as_str()).is_some_and(|purpose| purpose != Purpose::Ship) {
        return None;
    }
    let text = sources.file(sources.find(path)?).text();
    if is_npmrc {
        return secret::npmrc_token(text).map(|_| "a token of a package registry");
    }
    match kind? {
        settings @ "environment settings" => secret::in_settings(text).map(|_| settings),
        what => match secret::in_text(text) {
            Some((_, Secret::Recognised(what))) => Some(what),
            _ => (what != "keys" && !text.trim().is_empty()).then_some(what),
        },
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

    /// True when a path of the context is in the shipped image: copied into its stage, into one that it is built on, or
    /// into one that it copies from in turn. What a RUN moves or removes is not followed.
    pub fn holds(&self, path: &str) -> bool {
        !self.landed(path)[self.stage].is_empty()
    }

    /// True when a path of the context is in a stage before one of its instructions.
    pub fn has_before(&self, path: &str, stage: usize, instruction: usize) -> bool {
        self.landed(path).get(stage).is_some_and(|landed| landed.iter().any(|(at, _)| *at < instruction))
    }

    /// The step that first brings a path of the context into a stage before one of its instructions: from the context, or
    /// from another stage.
    pub fn brought_before(&self, path: &str, stage: usize, instruction: usize) -> Option<Taken<'_>> {
        let landed = self.landed(path);
        let (at, _) = landed.get(stage)?.iter().find(|(at, _)| *at < instruction)?;
        let stage =
            self.stages.stages.iter().find(|one| one.copies.iter().any(|copy| copy.instruction == *at))?;
        let copy = stage.copies.iter().find(|copy| copy.instruction == *at)?;
        let (source, by_name) = match copy.from.stage() {
            None => source_of(copy, path)?,
            Some(from) => {
                landed[from].iter().find_map(|(_, path)| source_of(copy, path.trim_start_matches('/')))?
            }
        };
        Some(Taken { stage, copy, source, by_name })
    }

    /// Where each stage has a path of the context, and the instruction that brought it.
    fn landed(&self, path: &str) -> Vec<Vec<(usize, String)>> {
        let mut landed: Vec<Vec<(usize, String)>> = vec![Vec::new(); self.stages.stages.len()];
        for stage in self.stages.reachable(self.stage()) {
            let mut here = stage.from.stage().map(|parent| landed[parent].clone()).unwrap_or_default();
            for copy in &stage.copies {
                let came: Vec<String> = match &copy.from {
                    CopyFrom::Context => landing(copy, path).into_iter().collect(),
                    CopyFrom::Stage(from) => {
                        landed[from.value].iter().filter_map(|(_, path)| landing(copy, path)).collect()
                    }
                    CopyFrom::Image(_) | CopyFrom::Unknown(_) => Vec::new(),
                };
                here.extend(came.into_iter().map(|path| (copy.instruction, path)));
            }
            here.sort();
            here.dedup_by(|a, b| a.1 == b.1);
            landed[stage.index] = here;
        }
        landed
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

/// Where a step puts a path that it takes; below the WORKDIR of a base that is not known, from there.
fn landing(copy: &CopyStep, path: &str) -> Option<String> {
    if !copy.exclude.is_empty() {
        return None;
    }
    let dest = match (copy.dest.value.known(), &copy.dest_in_base) {
        (Some(dest), _) => dest.as_str(),
        (None, Some(dest)) => dest.as_str(),
        (None, None) => return None,
    };
    let path = path.trim_start_matches('/');
    copy.sources.iter().find_map(|source| {
        let source = source.value.known().filter(|text| !text.contains("://"))?;
        brings(source, path)?;
        let depth = source.split('/').filter(|part| !matches!(*part, "" | ".")).count();
        let rest = path.split('/').skip(depth).collect::<Vec<_>>().join("/");
        let name = path.rsplit('/').next().unwrap_or(path);
        Some(match (rest.is_empty(), dest.ends_with('/') || dest.is_empty()) {
            // A file keeps its name in a folder, and takes the one that is given.
            (true, true) => format!("{dest}{name}"),
            (true, false) => dest.to_owned(),
            (false, true) => format!("{dest}{rest}"),
            (false, false) => format!("{dest}/{rest}"),
        })
    })
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
