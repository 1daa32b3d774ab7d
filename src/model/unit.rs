//! Which objects live together: only within such a unit do names mean the same thing, because a repository holds
//! variants of one cluster beside each other.
//!
//! A unit is what a kustomization builds, what stands in a chart, or a folder of plain manifests; a folder whose
//! files define the same object twice holds variants, and each of its files is a unit.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::Note;
use super::kustomize::{self, Files, Layout};
use crate::facts::Why;
use crate::facts::object::value::Value;
use crate::facts::object::{self, Object};
use crate::source::{FileId, ProjectPath, Sources};

/// What the objects of a unit are made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MadeFrom {
    /// A kustomization that no other one of the project uses.
    Kustomization,
    /// A Helm chart: those of its files that are no templates.
    Chart,
    /// A folder of plain manifests.
    Folder,
    /// One file.
    File,
}

/// Objects that live together.
#[derive(Debug)]
pub struct Together {
    /// What they are made from.
    pub made_from: MadeFrom,
    /// The folder of the kustomization, the chart or the manifests; of [`MadeFrom::File`] the file.
    pub at: ProjectPath,
    /// The objects.
    pub objects: Vec<Object>,
    /// The files that they come from, and those that change them.
    pub files: Vec<FileId>,
    /// `Ok` when these are all objects: only then may something be said to be missing among them.
    pub rest: Result<(), Why>,
}

/// Sorts the objects of a project into units, in the order of their paths, and notes what was not read. `manifests`
/// are the files that may hold objects.
pub fn units(files: &Files<'_>, manifests: &[FileId]) -> (Vec<Together>, Vec<Note>) {
    let layout = Layout::of(files);
    let builds: Vec<kustomize::Build> =
        layout.roots.par_iter().map(|root| kustomize::build(files, *root)).collect();
    let mut notes = Vec::new();
    let mut units = Vec::new();
    for build in builds {
        notes.extend(build.notes);
        let at = files.sources.file(build.kustomization).path.parent().unwrap_or_else(ProjectPath::root);
        let objects: Vec<Object> = build.objects.into_iter().filter(Object::is_applied).collect();
        let made_from = MadeFrom::Kustomization;
        units.push(Together { made_from, at, objects, files: build.files, rest: build.rest });
    }
    let taken = |file: &FileId| layout.resources.contains(file) || layout.not_objects.contains(file);
    let mut plain: Vec<FileId> = manifests.iter().copied().filter(|file| !taken(file)).collect();
    plain.sort_by_key(|file| &files.sources.file(*file).path);
    units.extend(plain_units(files, &plain));
    units.sort_by(|a, b| (&a.at, a.made_from).cmp(&(&b.at, b.made_from)));
    (units, notes)
}

/// A file and its objects.
type Member = (FileId, Vec<Object>);

fn plain_units(files: &Files<'_>, manifests: &[FileId]) -> Vec<Together> {
    let mut places: BTreeMap<(ProjectPath, bool), Vec<Member>> = BTreeMap::new();
    for file in manifests.iter().copied() {
        let Some(tree) = files.trees.get(&file) else { continue };
        let objects: Vec<Object> = object::objects(tree).into_iter().filter(Object::is_applied).collect();
        if objects.is_empty() {
            continue;
        }
        let path = &files.sources.file(file).path;
        let folder = path.parent().unwrap_or_else(ProjectPath::root);
        let place = match chart_of(path, files.sources) {
            Some(chart) => (chart, true),
            None => (folder, false),
        };
        places.entry(place).or_default().push((file, objects));
    }
    let mut units = Vec::new();
    for ((at, is_chart), members) in places {
        if is_chart {
            // What the templates add is not known.
            units.push(together(MadeFrom::Chart, at, members, Err(Why::Templated)));
        } else if has_variants(&members) {
            for (file, objects) in members {
                let path = files.sources.file(file).path.clone();
                units.push(together(MadeFrom::File, path, vec![(file, objects)], Ok(())));
            }
        } else {
            units.push(together(MadeFrom::Folder, at, members, Ok(())));
        }
    }
    units
}

fn together(made_from: MadeFrom, at: ProjectPath, members: Vec<Member>, rest: Result<(), Why>) -> Together {
    let files = members.iter().map(|(file, _)| *file).collect();
    let objects: Vec<Object> = members.into_iter().flat_map(|(_, objects)| objects).collect();
    let rest = rest.and(objects.iter().find_map(|object| object.uncertain).map_or(Ok(()), Err));
    Together { made_from, at, objects, files, rest }
}

/// The innermost chart that a file stands in.
fn chart_of(path: &ProjectPath, sources: &Sources) -> Option<ProjectPath> {
    path.ancestors()
        .skip(1)
        .find(|folder| folder.join("Chart.yaml").is_some_and(|chart| sources.exists(&chart)))
}

/// True when two files of a folder define the same object.
fn has_variants(members: &[Member]) -> bool {
    let mut defined_in: BTreeMap<[&str; 4], FileId> = BTreeMap::new();
    for (file, objects) in members {
        for object in objects {
            let text = |path: &[&str]| {
                object.root.at(path).and_then(Value::scalar).map_or("", |scalar| &scalar.text)
            };
            let (name, namespace) = (text(&["metadata", "name"]), text(&["metadata", "namespace"]));
            let key = [object.group(), object.kind.value.as_str(), namespace, name];
            if !name.is_empty() && *defined_in.entry(key).or_insert(*file) != *file {
                return true;
            }
        }
    }
    false
}
