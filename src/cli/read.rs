//! What the command line names is read into a project: a folder, some files of one, or a manifest on standard input.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{ReadArgs, today};
use crate::check::Config;
use crate::config::{self, Configuration};
use crate::date::Date;
use crate::discover::{Discovery, Options, discover};
use crate::model::Project;
use crate::source::ProjectPath;
use crate::syntax::Issue;

/// What was read, and which part of it was asked for.
pub(super) struct Reading {
    pub(super) discovery: Discovery,
    /// Paths whose findings were asked for; empty for all.
    pub(super) only: Vec<ProjectPath>,
    /// What to put before a path of the project so that it can be opened from here.
    pub(super) prefix: String,
    /// The folder on disk; `None` for what came on standard input.
    pub(super) root: Option<PathBuf>,
    /// What plimsoll.yaml says.
    pub(super) configuration: Configuration,
    /// What is wrong in it.
    issues: Vec<Issue>,
}

impl Reading {
    /// How to check on this day; without one on that of the configuration, else today.
    pub(super) fn config(&self, as_of: Option<Date>) -> Config {
        Config {
            exceptions: self.configuration.exceptions.clone(),
            issues: self.issues.clone(),
            place: self.root.as_deref().map(place).unwrap_or_default(),
            ..Config::on(as_of.or(self.configuration.as_of).unwrap_or_else(today))
        }
    }

    /// What the files say together.
    pub(super) fn project(&mut self) -> Project {
        Project::told(std::mem::take(&mut self.discovery), &self.configuration.told)
    }

    /// True when findings in this file were asked for.
    pub(super) fn asks_for(&self, path: &ProjectPath) -> bool {
        self.only.is_empty() || self.only.iter().any(|asked| path.is_in(asked))
    }
}

impl ReadArgs {
    /// Reads what the arguments name.
    ///
    /// # Errors
    /// When a path does not exist or its folder cannot be listed.
    pub(super) fn read(&self) -> io::Result<Reading> {
        if let [only] = self.paths.as_slice()
            && only.as_os_str() == "-"
        {
            return read_standard_input();
        }
        let (root, only) = self.root()?;
        let loaded = match &self.config {
            _ if self.no_config => None,
            Some(path) => Some(config::load(config::named(path, &root)?)?),
            None => config::find(&root).map(config::load).transpose()?,
        };
        let configured = loaded.iter().flat_map(|loaded| &loaded.configuration.exclude);
        let exclude = configured.chain(&self.exclude).cloned().collect();
        let options = Options { gitignore: !self.no_gitignore, exclude };
        let mut discovery = discover(&root, &options).map_err(|error| named(&root, &error))?;
        let (configuration, issues) = loaded.map(|loaded| loaded.place(&mut discovery)).unwrap_or_default();
        let only = only.iter().filter_map(|path| project_path(&root, path)).collect();
        let prefix = prefix(&root);
        Ok(Reading { discovery, only, prefix, root: Some(root), configuration, issues })
    }

    /// One folder is its own root. Of files, or of several paths, the root is the folder that holds them all: for files
    /// inside of a repository, the repository, because a manifest is judged with what stands around it.
    fn root(&self) -> io::Result<(PathBuf, Vec<PathBuf>)> {
        if let [only] = self.paths.as_slice()
            && only.is_dir()
        {
            return Ok((only.clone(), Vec::new()));
        }
        let mut real = Vec::new();
        for path in &self.paths {
            real.push(path.canonicalize().map_err(|error| match is_word(path) {
                true => io::Error::new(
                    error.kind(),
                    format!("{} is neither a command nor a file here", path.display()),
                ),
                false => named(path, &error),
            })?);
        }
        let mut root = real[0].clone();
        while !root.is_dir() || real.iter().any(|path| !path.starts_with(&root)) {
            root.pop();
        }
        Ok((repository_of(&root).map_or(root.clone(), Path::to_path_buf), real))
    }
}

/// True for what may be a command that is spelt wrong.
fn is_word(path: &Path) -> bool {
    path.to_str().is_some_and(|text| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'))
}

/// What leads from the working directory to the root: empty, or ending in `/`.
fn prefix(root: &Path) -> String {
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).ok();
    let inside = here.as_deref().and_then(|here| root.strip_prefix(here).ok()).unwrap_or(root);
    if let Some(below) = here.as_deref().and_then(|here| here.strip_prefix(root).ok()) {
        return "../".repeat(below.components().count());
    }
    match inside.to_str().map(|text| text.trim_start_matches("./").trim_end_matches('/')) {
        Some("" | ".") | None => String::new(),
        Some(text) => format!("{text}/"),
    }
}

/// The root of the repository that a folder lies in, or is. Folders are looked through as they are written.
pub(super) fn repository_of(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| folder.join(".git").exists())
}

/// What leads from the root of the repository to this folder: empty, or ending in `/`.
fn place(root: &Path) -> String {
    let Ok(root) = root.canonicalize() else { return String::new() };
    let inside = repository_of(&root).and_then(|repository| root.strip_prefix(repository).ok());
    let parts = inside.iter().flat_map(|inside| inside.components());
    parts.map(|part| format!("{}/", part.as_os_str().to_string_lossy())).collect()
}

/// An error with the path that it is about.
pub(super) fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

fn project_path(root: &Path, path: &Path) -> Option<ProjectPath> {
    let relative = path.strip_prefix(root.canonicalize().ok()?).ok()?;
    let parts: Option<Vec<&str>> = relative.components().map(|part| part.as_os_str().to_str()).collect();
    ProjectPath::new(&parts?.join("/"))
}

fn read_standard_input() -> io::Result<Reading> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    let path = ProjectPath::root().join("stdin.yaml").unwrap_or_else(ProjectPath::root);
    let discovery = Discovery::from_texts([(path, text)]);
    Ok(Reading {
        discovery,
        only: Vec::new(),
        prefix: String::new(),
        root: None,
        configuration: Configuration::default(),
        issues: Vec::new(),
    })
}
