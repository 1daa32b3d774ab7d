//! Edits that make dependencies development dependencies: in package.json, and in the lock file of npm 7 and later.

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::facts::lock::{Flavour, Lock};
use crate::finding::Edit;
use crate::source::{FileId, Span};
use crate::syntax::edit::{self, New, Place};
use crate::syntax::json;
use crate::syntax::tree::{Ref, Tree};

/// The edit of a package.json that moves these entries.
pub fn in_package(file: FileId, text: &str, names: &[&str]) -> Option<Edit> {
    in_object(file, text, &[], text.len(), names)
}

/// Edits of a lock file that say the same of its root, and mark what only development needs then. `None` unless they are
/// what npm would write.
pub fn in_lock(lock: &Lock, text: &str, names: &[&str]) -> Option<Vec<Edit>> {
    let [root] = lock.importers.as_slice() else { return None };
    if !matches!(lock.flavour, Flavour::Npm(2 | 3)) || !lock.complete || !root.folder.is_empty() {
        return None;
    }
    let left = lock.only_for_development(root, names)?;
    let left: FxHashSet<&str> = left.into_iter().map(|package| package.key.as_str()).collect();
    let tree = parse(lock.file, text);
    let packages = tree.root()?.get("packages")?;
    let end = packages.get("")?.span().range().end;
    let mut edits = vec![in_object(lock.file, text, &["packages", ""], end, names)?];
    for entry in packages.entries() {
        if entry.key.str().is_some_and(|key| left.contains(key)) {
            edits.push(mark(entry.value, text)?);
        }
    }
    let mut times = 1;
    if lock.flavour == Flavour::Npm(2) {
        for package in for_npm_6(tree.root()?, &left) {
            edits.push(mark(package, text)?);
        }
        times = 2;
    }
    (edits.len() == left.len() * times + 1 && edit::reads_after(&tree, &edits)).then_some(edits)
}

/// What version 2 says of these packages a second time, for npm 6: objects in each other, as the folders are.
fn for_npm_6<'t>(root: Ref<'t>, left: &FxHashSet<&str>) -> Vec<Ref<'t>> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), root)];
    while let Some((folder, holder)) = open.pop() {
        for entry in holder.get("dependencies").into_iter().flat_map(Ref::entries) {
            let Some(name) = entry.key.str() else { continue };
            let key = format!("{folder}node_modules/{name}");
            if left.contains(key.as_str()) {
                found.push(entry.value);
            }
            open.push((format!("{key}/"), entry.value));
        }
    }
    found
}

/// `"dev": true` in the entry of a package, in the place that npm gives it.
fn mark(package: Ref<'_>, text: &str) -> Option<Edit> {
    const BEFORE: [&str; 6] = ["name", "version", "resolved", "integrity", "bundled", "deprecated"];
    let before = package.entries().filter(|entry| entry.key.str().is_some_and(|key| BEFORE.contains(&key)));
    let last = before.last()?;
    let start = last.key.span().range().start;
    let line = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let indent = &text[line..start];
    let is_alone = line > 0 && indent.chars().all(|blank| matches!(blank, ' ' | '\t'));
    let eol = if text[..line].ends_with("\r\n") { "\r\n" } else { "\n" };
    let gap = if is_alone { format!("{eol}{indent}") } else { " ".to_owned() };
    let end = last.value.span().range().end;
    Some(Edit { span: Span::at(package.tree.file, end), text: format!(",{gap}\"dev\": true") })
}

/// One edit of the object that lies at these keys and ends at `end`, which moves entries from one of its sections to the
/// other, and covers them.
fn in_object(file: FileId, text: &str, keys: &[&str], end: usize, names: &[&str]) -> Option<Edit> {
    // What follows need not be read again for each entry. What stands before tells how the file is indented.
    let old = format!("{}{}", text.get(..end)?, "}".repeat(keys.len()));
    let mut new = old.clone();
    for name in names {
        new = moved(file, &new, keys, name)?;
    }
    let covered = covered(&at(&parse(file, &old), keys)?, names)?;
    let same = |(one, other): &(char, char)| one == other;
    let pairs = old[..covered.start].chars().zip(new.chars());
    let before: usize = pairs.take_while(same).map(|(one, _)| one.len_utf8()).sum();
    let pairs = old[covered.end..].chars().rev().zip(new[before..].chars().rev());
    let after: usize = pairs.take_while(same).map(|(one, _)| one.len_utf8()).sum();
    Some(Edit {
        span: Span::new(file, before, old.len() - after),
        text: new[before..new.len() - after].to_owned(),
    })
}

/// The object that lies at these keys.
fn at<'t>(tree: &'t Tree, keys: &[&str]) -> Option<Ref<'t>> {
    keys.iter().try_fold(tree.root()?, |holder, key| holder.get(key))
}

/// From the first of these entries to the last.
fn covered(object: &Ref<'_>, names: &[&str]) -> Option<Range<usize>> {
    let section = object.get("dependencies")?;
    let entries = section.entries().filter(|entry| entry.key.str().is_some_and(|key| names.contains(&key)));
    entries
        .map(|entry| entry.span().range())
        .reduce(|all, one| all.start.min(one.start)..all.end.max(one.end))
}

fn moved(file: FileId, text: &str, keys: &[&str], name: &str) -> Option<String> {
    let tree = parse(file, text);
    let section = at(&tree, keys)?.get("dependencies")?;
    let spec = New::from(section.get(name)?.str()?);
    let text = edit::apply(text, &edit::remove_entry(section, name)?)?;
    let tree = parse(file, &text);
    let object = at(&tree, keys)?;
    let edits = match object.get("devDependencies") {
        Some(section) => {
            let is_before = |key: Option<&str>| key.is_some_and(|key| key < name);
            let keys: Vec<Option<&str>> = section.written_entries().map(|entry| entry.key.str()).collect();
            let place = keys.into_iter().rposition(is_before).map_or(Place::First, Place::After);
            edit::insert_entry(section, place, name, &spec)?
        }
        None => {
            let mut keys = object.written_entries().map(|entry| entry.key.str());
            let at = keys.position(|key| key == Some("dependencies"))?;
            let section = New::Mapping(vec![(name.to_owned(), spec)]);
            edit::insert_entry(object, Place::After(at), "devDependencies", &section)?
        }
    };
    edit::apply(&text, &edits)
}

fn parse(file: FileId, text: &str) -> Tree {
    json::parse(file, Arc::from(text), json::Dialect::Comments).tree
}
