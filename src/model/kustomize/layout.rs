//! Which files of a project kustomizations take into service, and as what: a patch is no object, a base with overlays
//! is judged through them.

use std::collections::{BTreeMap, BTreeSet};

use super::build::Files;
use crate::facts::object::value::Value;
use crate::source::{FileId, ProjectPath, Sources};

/// The kustomizations of a project and what they use.
#[derive(Debug, Default)]
pub struct Layout {
    /// Kustomizations that are built: those that no other one of the project uses, in the order of their paths.
    pub roots: Vec<FileId>,
    /// Files that a kustomization applies as objects.
    pub resources: BTreeSet<FileId>,
    /// Files that are no objects although they may look like it: patches, configurations of generators and
    /// transformers, and kustomizations themselves.
    pub not_objects: BTreeSet<FileId>,
}

/// Lists of paths in a kustomization that name files which are no objects.
const NOT_OBJECTS: [&str; 8] = [
    "patchesStrategicMerge",
    "transformers",
    "generators",
    "validators",
    "configurations",
    "crds",
    "patches",
    "patchesJson6902",
];

/// True for the names that kustomize looks for in a folder.
pub fn is_kustomization_name(name: &str) -> bool {
    matches!(name, "kustomization.yaml" | "kustomization.yml" | "Kustomization")
}

/// The kustomization of a folder.
pub(super) fn kustomization_in(folder: &ProjectPath, sources: &Sources) -> Option<FileId> {
    let names = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
    names.iter().find_map(|name| sources.find(&folder.join(name)?))
}

/// The paths that a list of a kustomization names; of an item that is a mapping, its `path`.
pub(super) fn paths<'v>(root: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    let items = root.get(key).map_or(&[] as &[Value], Value::items).iter();
    items.filter_map(|item| if item.scalar().is_some() { Some(item) } else { item.get("path") })
}

impl Layout {
    /// Reads what the kustomizations of a project use.
    pub fn of(files: &Files<'_>) -> Layout {
        let mut layout = Layout::default();
        let mut uses: BTreeMap<FileId, Uses> = BTreeMap::new();
        let mut components = BTreeSet::new();
        let mut found: Vec<(&ProjectPath, FileId)> = files
            .sources
            .iter()
            .filter(|(id, file)| is_kustomization_name(file.path.name()) && files.trees.contains_key(id))
            .map(|(id, file)| (&file.path, id))
            .collect();
        found.sort();
        for (path, id) in &found {
            layout.not_objects.insert(*id);
            let (Some(root), Some(folder)) = (files.root(*id), path.parent()) else { continue };
            if root.get("kind").and_then(Value::as_str) == Some("Component") {
                components.insert(*id);
            }
            let used = layout.read(&root, &folder, files);
            uses.insert(*id, used);
        }
        let ids: Vec<FileId> = found.iter().map(|(_, id)| *id).collect();
        layout.find_roots(&ids, &uses, &components);
        layout
    }

    /// Notes the files of one kustomization that are no objects, and returns what it uses.
    fn read(&mut self, root: &Value, folder: &ProjectPath, files: &Files<'_>) -> Uses {
        let mut used = Uses::default();
        for key in ["resources", "bases", "components"] {
            for path in paths(root, key).filter_map(|path| folder.join(path.as_str()?)) {
                match files.sources.find(&path) {
                    Some(file) => used.resources.push(file),
                    None => used.kustomizations.extend(kustomization_in(&path, files.sources)),
                }
            }
        }
        let replacements = paths(root, "replacements");
        for path in NOT_OBJECTS.iter().flat_map(|key| paths(root, key)).chain(replacements) {
            let file = path.as_str().and_then(|path| files.sources.find(&folder.join(path)?));
            self.not_objects.extend(file);
        }
        for generator in ["configMapGenerator", "secretGenerator"] {
            for item in root.get(generator).map_or(&[] as &[Value], Value::items) {
                for source in item.get("files").map_or(&[] as &[Value], Value::items) {
                    let path =
                        source.as_str().map(|text| text.split_once('=').map_or(text, |(_, path)| path));
                    let file = path.and_then(|path| files.sources.find(&folder.join(path)?));
                    self.not_objects.extend(file);
                }
            }
        }
        used
    }

    /// Roots are the kustomizations that nobody uses. Of a circle, the first by path stands for it; a component
    /// that nobody uses is built by nobody, and its resources are plain manifests.
    fn find_roots(&mut self, ids: &[FileId], uses: &BTreeMap<FileId, Uses>, components: &BTreeSet<FileId>) {
        let used: BTreeSet<FileId> = uses.values().flat_map(|uses| &uses.kustomizations).copied().collect();
        let mut reached = BTreeSet::new();
        let unused = ids.iter().filter(|id| !used.contains(id));
        for start in unused.chain(ids).filter(|id| !components.contains(id)) {
            if reached.contains(start) {
                continue;
            }
            self.roots.push(*start);
            let mut open = vec![*start];
            while let Some(id) = open.pop() {
                if let Some(uses) = uses.get(&id).filter(|_| reached.insert(id)) {
                    open.extend(&uses.kustomizations);
                    self.resources.extend(&uses.resources);
                }
            }
        }
    }
}

/// What one kustomization uses.
#[derive(Debug, Default)]
struct Uses {
    kustomizations: Vec<FileId>,
    resources: Vec<FileId>,
}
