//! Which reader a lock file goes to, by its name and what stands at its top; and what the readers share.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::platform::Lists;
use super::{Flavour, Lock, Manager, Platform, berry, bun, npm, npm1, pnpm, yarn1};
use crate::facts::package::without_range;
use crate::source::{FileId, Span};
use crate::syntax::tree::{Ref, Schema, Tree};
use crate::syntax::{Issue, Parsed, json, yaml};

/// The manager that writes lock files of this name. A path's last part is its name.
pub fn manager_of(name: &str) -> Option<Manager> {
    match name {
        "package-lock.json" | "npm-shrinkwrap.json" => Some(Manager::Npm),
        "yarn.lock" => Some(Manager::Yarn),
        "pnpm-lock.yaml" => Some(Manager::Pnpm),
        "bun.lock" | "bun.lockb" => Some(Manager::Bun),
        _ => None,
    }
}

/// Reads a lock file; its name says whose it is. A name that is none gives an empty lock of npm with an issue.
pub fn read(file: FileId, name: &str, text: Arc<str>) -> Parsed<Lock> {
    let mut read =
        Reading { lock: Lock::new(file, manager_of(name).unwrap_or(Manager::Npm)), issues: Vec::new() };
    match name {
        "package-lock.json" | "npm-shrinkwrap.json" => {
            read.lock.shrinkwrap = name == "npm-shrinkwrap.json";
            let tree = read.json(file, text, json::Dialect::Strict);
            match npm_version(&tree) {
                Some(version @ (0 | 1)) => npm1::read(&tree, version, &mut read),
                Some(version) => npm::read(&tree, version, &mut read),
                None => read.not_this(
                    Span::at(file, 0),
                    "no `lockfileVersion` and no packages: this is no lock file of npm",
                ),
            }
        }
        "yarn.lock" if is_berry(&text) => {
            let tree = read.yaml(file, text);
            berry::read(&tree, &mut read);
        }
        "yarn.lock" => yarn1::read(file, &text, &mut read),
        "pnpm-lock.yaml" => {
            let tree = read.yaml(file, text);
            pnpm::read(&tree, &mut read);
        }
        "bun.lock" => {
            let tree = read.json(file, text, json::Dialect::Comments);
            bun::read(&tree, &mut read);
        }
        "bun.lockb" => read.not_this(
            Span::at(file, 0),
            "a binary lock file cannot be read: `bun install --save-text-lockfile` writes bun.lock",
        ),
        other => read.not_this(Span::at(file, 0), format!("{other} is no lock file that plimsoll knows")),
    }
    // It is kept for as long as the project is, and its text is not.
    let Reading { mut lock, issues } = read;
    lock.packages.shrink_to_fit();
    lock.packages.iter_mut().for_each(|package| package.edges.shrink_to_fit());
    Parsed { tree: lock, issues }
}

/// A lock file while it is read.
pub(super) struct Reading {
    pub(super) lock: Lock,
    pub(super) issues: Vec<Issue>,
}

/// After so many issues of one file no more are added: they have one cause.
const MAX_ISSUES: usize = 100;

impl Reading {
    fn json(&mut self, file: FileId, text: Arc<str>, dialect: json::Dialect) -> Tree {
        let parsed = json::parse(file, text, dialect);
        self.take(parsed)
    }

    fn yaml(&mut self, file: FileId, text: Arc<str>) -> Tree {
        let parsed = yaml::parse(file, text, Schema::Core);
        self.take(parsed)
    }

    fn take(&mut self, parsed: Parsed<Tree>) -> Tree {
        let whole = parsed.tree.documents.iter().all(|document| document.complete);
        self.lock.complete &= whole && parsed.issues.is_empty();
        self.issues.extend(parsed.issues);
        parsed.tree
    }

    /// Notes an entry that cannot be read.
    pub(super) fn bad_entry(&mut self, span: Span, message: impl Into<String>) {
        self.lock.complete = false;
        if self.issues.len() < MAX_ISSUES {
            self.issues.push(Issue::new("project/unreadable-file", message, span));
        }
    }

    /// Notes that nothing of the file can be read.
    pub(super) fn not_this(&mut self, span: Span, message: impl Into<String>) {
        self.lock.flavour = Flavour::Unknown;
        self.bad_entry(span, message);
    }
}

/// The text of a value; what is not a scalar is `None`.
pub(super) fn text(at: Ref<'_>, key: &str) -> Option<String> {
    at.get(key).and_then(Ref::str).map(str::to_owned)
}

/// True when the key is there and true.
pub(super) fn flag(at: Ref<'_>, key: &str) -> bool {
    at.get(key).and_then(Ref::as_bool) == Some(true)
}

/// Systems: lists, or a text for a list of one.
pub(super) fn platform(at: Ref<'_>) -> Platform {
    let list = |key: &str| match at.get(key) {
        Some(value) => match value.str() {
            Some(one) => vec![one.to_owned()],
            None => value.items().filter_map(Ref::str).map(str::to_owned).collect(),
        },
        None => Vec::new(),
    };
    Platform::from(Lists { os: list("os"), cpu: list("cpu"), libc: list("libc") })
}

/// Names in `overrides` of a lock file: `a`, `b>a`, `a@^1` all replace `a`.
pub(super) fn replaced(root: Ref<'_>) -> FxHashSet<String> {
    let selectors =
        root.get("overrides").into_iter().flat_map(Ref::entries).filter_map(|entry| entry.key.str());
    selectors
        .map(|selector| without_range(selector.rsplit('>').next().unwrap_or(selector)).to_owned())
        .collect()
}

/// `name@rest` at the first `@` that does not begin a scope.
pub(super) fn split_name(descriptor: &str) -> Option<(&str, &str)> {
    let at = descriptor.char_indices().skip(1).find(|(_, character)| *character == '@')?.0;
    Some((&descriptor[..at], &descriptor[at + 1..]))
}

/// The folder that `path` leads to from `folder`, both inside of the repository; `None` when it leads out.
pub(super) fn folder_from(folder: &str, path: &str) -> Option<String> {
    let folder = crate::source::ProjectPath::new(folder)?;
    Some(folder.join(path)?.as_str().to_owned())
}

fn npm_version(tree: &Tree) -> Option<u32> {
    let root = tree.root()?;
    let written =
        root.get("lockfileVersion").and_then(Ref::as_i64).and_then(|version| u32::try_from(version).ok());
    match written {
        // A version 1 that has `packages` was edited by hand or merged: what npm 7 and later read is there.
        Some(version) if version < 2 && root.get("packages").is_none() => Some(version),
        Some(version) => Some(version.max(2)),
        None if root.get("packages").is_some() => Some(3),
        None if root.get("dependencies").is_some() => Some(1),
        None => None,
    }
}

/// yarn 2 and later begin with `__metadata`; yarn 1 says its version in a comment.
fn is_berry(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').lines().any(|line| line.starts_with("__metadata:"))
}
