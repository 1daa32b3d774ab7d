//! `plimsoll.yaml`: what a team decides about the rules, and tells of its project. It is looked for in the folder that
//! is checked and in those above it; globs in it are relative to its own folder.
//!
//! What is wrong in it is a finding with a position, and passed over: the rest holds. A file that is no YAML at all is an
//! error, because checking as if there were no configuration would be another job than the one asked for.

mod judge;
mod read;
pub mod schema;
mod shape;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::check::exception::Exceptions;
use crate::date::Date;
use crate::discover::Discovery;
use crate::finding::Severity;
use crate::model::told::Told;
use crate::rules::page::OptionValue;
use crate::rules::{Rule, RuleSet};
use crate::source::{FileId, ProjectPath};
use crate::syntax::tree::Schema;
use crate::syntax::{Issue, yaml};

/// The names of the file, the first goes before the second.
pub const NAMES: [&str; 2] = ["plimsoll.yaml", "plimsoll.yml"];

/// A configuration file, found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it is.
    pub on_disk: PathBuf,
    /// Its path as seen from the root of the project: `../plimsoll.yaml` when it is above it.
    pub path: ProjectPath,
    /// The root of the project as seen from its folder; empty or ending in `/`.
    prefix: String,
}

/// Looks for the configuration of a project in its root and in the folders above, up to the root of the repository.
pub fn find(root: &Path) -> Option<Found> {
    let root = root.canonicalize().ok()?;
    let mut below: Vec<&str> = Vec::new();
    for folder in root.ancestors() {
        if let Some(name) = NAMES.into_iter().find(|name| folder.join(name).is_file()) {
            let prefix: String = below.iter().rev().map(|part| format!("{part}/")).collect();
            let path = ProjectPath::above(below.len(), name);
            return Some(Found { on_disk: folder.join(name), path, prefix });
        }
        if folder.join(".git").exists() {
            return None;
        }
        below.push(folder.file_name()?.to_str()?);
    }
    None
}

/// The configuration of this path, which may have any name and place. Globs in it are relative to its own folder when
/// that is the root or above it, else to the root.
///
/// # Errors
/// When there is no such file.
pub fn named(path: &Path, root: &Path) -> io::Result<Found> {
    let error =
        |path: &Path, error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let on_disk = path.canonicalize().map_err(|problem| error(path, problem))?;
    let root = root.canonicalize().map_err(|problem| error(root, problem))?;
    let folder = on_disk.parent().unwrap_or(&root);
    let parts = |path: &Path| -> Vec<String> {
        path.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect()
    };
    let name = parts(&on_disk).pop().unwrap_or_default();
    if let Ok(inside) = on_disk.strip_prefix(&root) {
        let path = ProjectPath::new(&parts(inside).join("/")).unwrap_or_else(ProjectPath::root);
        return Ok(Found { on_disk, path, prefix: String::new() });
    }
    let below = root.strip_prefix(folder).map(parts).unwrap_or_default();
    let prefix = below.iter().map(|part| format!("{part}/")).collect();
    let path = ProjectPath::above(below.len().max(1), &name);
    Ok(Found { on_disk, path, prefix })
}

/// What is done with a rule.
#[derive(Clone, Debug, Default, PartialEq)]
struct Setting {
    is_off: bool,
    severity: Option<Severity>,
    options: BTreeMap<String, OptionValue>,
}

/// What a configuration says.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// The day of end-of-life judgements.
    pub as_of: Option<Date>,
    /// Least severity that makes the exit status 1.
    pub fail_on: Option<Severity>,
    /// Globs of files that are not read, as the discovery takes them.
    pub exclude: Vec<String>,
    /// What it makes of findings.
    pub exceptions: Exceptions,
    /// What it tells of the project.
    pub told: Told,
    profiles: Vec<String>,
    rules: Vec<(&'static Rule, Setting)>,
}

impl Configuration {
    /// Reads a configuration, and what is wrong with it. `prefix` leads from its folder to the root of the project.
    ///
    /// # Errors
    /// When the text is no YAML, with line and column.
    fn read(file: FileId, text: &str, prefix: &str) -> Result<(Configuration, Vec<Issue>), (u32, String)> {
        let parsed = yaml::parse(file, Arc::from(text), Schema::Core);
        if let Some(issue) = parsed.issues.iter().find(|issue| issue.rule == "yaml/syntax") {
            return Err((issue.span.start, issue.message.clone()));
        }
        let mut issues = Vec::new();
        let Some(root) = parsed.tree.root().filter(|root| !root.is_null()) else {
            return Ok((Configuration::default(), issues));
        };
        judge::judge(root, shape::FILE, &mut issues);
        let configuration = read::configuration(root, prefix, &mut issues);
        Ok((configuration, issues))
    }

    /// The rules that are asked, with their severities and options.
    pub fn rule_set(&self) -> RuleSet {
        let is_asked = |rule: &Rule| rule.set == "default" || self.profiles.iter().any(|it| it == rule.set);
        self.settle(RuleSet::of(is_asked))
    }

    /// A set of rules with what is configured for each.
    pub fn settle(&self, mut set: RuleSet) -> RuleSet {
        for (rule, setting) in &self.rules {
            if setting.is_off {
                set.disable(rule);
                continue;
            }
            let selected = set.enable(rule);
            selected.severity = setting.severity.or(selected.severity);
            selected.options.extend(setting.options.clone());
        }
        set
    }
}

/// A configuration with the text that it was read from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What it says.
    pub configuration: Configuration,
    found: Found,
    text: String,
}

/// Reads a configuration file.
///
/// # Errors
/// When it cannot be read or is no YAML.
pub fn load(found: Found) -> io::Result<Loaded> {
    let named = |message: String| io::Error::other(format!("{}{message}", found.on_disk.display()));
    let text = fs::read_to_string(&found.on_disk).map_err(|error| named(format!(": {error}")))?;
    let (configuration, _) =
        Configuration::read(FileId(0), &text, &found.prefix).map_err(|(at, message)| {
            let before = &text[..(at as usize).min(text.len())];
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|character| *character != '\n').count() + 1;
            named(format!(":{line}:{column}: {message}"))
        })?;
    Ok(Loaded { configuration, found, text })
}

impl Loaded {
    /// Puts the file among those of the project, so that what is said of it has its bytes; what is wrong with it.
    pub fn place(mut self, discovery: &mut Discovery) -> (Configuration, Vec<Issue>) {
        discovery.put(self.found.path.clone(), std::mem::take(&mut self.text));
        of_project(discovery, &self.found.path, &self.found.prefix)
    }
}

/// The configuration among the files of a project (those of a rule page's example, of an editor), when there is one.
pub fn among(discovery: &Discovery) -> (Configuration, Vec<Issue>) {
    let root = ProjectPath::root();
    match NAMES.iter().filter_map(|name| root.join(name)).find(|path| discovery.sources.find(path).is_some())
    {
        Some(path) => of_project(discovery, &path, ""),
        None => (Configuration::default(), Vec::new()),
    }
}

fn of_project(discovery: &Discovery, path: &ProjectPath, prefix: &str) -> (Configuration, Vec<Issue>) {
    let Some(file) = discovery.sources.find(path) else { return <_>::default() };
    let text = discovery.sources.file(file).shared_text();
    Configuration::read(file, &text, prefix).unwrap_or_default()
}

#[cfg(test)]
mod tests;
