//! What is installed: the packages in the node_modules folders below a folder, whoever put them there, with their bytes
//! and with what Node finds from each by the names that it asks for.
//!
//! One walk for npm's and yarn 1's nested folders, pnpm's `.pnpm`, bun's `.bun`, yarn's `.store` and `.yarn/unplugged`:
//! a package is a real folder in a node_modules folder; links lead to it. Nothing outside of the folder is read.

mod manifest;
mod places;
mod weight;

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::lock::{EdgeKind, Target};
use manifest::Manifest;
use places::Places;
use weight::Weight;

/// What is installed below a folder.
#[derive(Clone, Debug)]
pub struct Installed {
    /// The folder, as the system names it.
    pub root: PathBuf,
    /// The packages, sorted by their folders.
    pub packages: Vec<DiskPackage>,
    /// The folder itself and members of its workspace, sorted by their folders.
    pub importers: Vec<DiskImporter>,
    /// Bytes of all packages, files that are links to one counted once: what this disk holds.
    pub once: u64,
    /// True for an install by yarn's plug'n'play, where only what could not stay in its archive is on disk.
    pub plug_and_play: bool,
    /// False when a folder could not be listed: then what is not here may be there.
    pub complete: bool,
}

/// An installed package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskPackage {
    /// The name in its package.json, or else the one that it is installed by.
    pub name: String,
    /// Its version, where its package.json can be read and has one.
    pub version: Option<String>,
    /// Its real folder.
    pub folder: PathBuf,
    /// Bytes of its regular files without those of packages in its node_modules folder. pnpm and yarn link equal files
    /// to one in their store: each counts, so that a package weighs the same whoever installs it. `None` when a folder
    /// could not be listed.
    pub bytes: Option<u64>,
    /// Its regular files.
    pub files: u64,
    /// Of its bytes, those that only the build of its native code needed: objects, libraries to link, sources in `deps`.
    pub build_leftovers: u64,
    /// The package, as an index into [`Installed::packages`], that was published with it inside.
    pub bundled_in: Option<u32>,
    /// What it asks for.
    pub edges: Vec<DiskEdge>,
}

/// A package of the repository that packages are installed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskImporter {
    /// Its folder from the root: `""`, `"packages/api"`.
    pub folder: String,
    /// What it asks for.
    pub edges: Vec<DiskEdge>,
}

/// Something that is asked for, and what Node finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskEdge {
    /// The name.
    pub name: String,
    /// Why.
    pub kind: EdgeKind,
    /// What is found: an index into [`Installed::packages`] or [`Installed::importers`], or nothing.
    pub target: Target,
}

impl Installed {
    /// The path of a package from the root, with slashes: npm's key of it.
    pub fn path_of(&self, package: &DiskPackage) -> Option<String> {
        slashed(&self.root, &package.folder)
    }
}

/// What is installed below `folder` for it and for these members (folders from it). `None` when nothing is.
pub fn walk<'a>(folder: &Path, members: impl Iterator<Item = &'a str>) -> Option<Installed> {
    let places = Places::find(folder, members)?;
    let read = |folder: &PathBuf| (Manifest::read(folder), weight::of(folder));
    let seen: Vec<(Manifest, Weight)> = places.packages.par_iter().map(read).collect();
    let importers: Vec<Manifest> = places.importers.iter().map(|folder| Manifest::read(folder)).collect();
    let targets = places.targets();
    let mut installed = Installed {
        once: once(seen.iter().map(|(_, weight)| weight)),
        packages: Vec::with_capacity(seen.len()),
        importers: Vec::with_capacity(importers.len()),
        plug_and_play: places.root.join(".pnp.cjs").is_file(),
        complete: places.complete && seen.iter().all(|(_, weight)| weight.bytes.is_some()),
        root: places.root.clone(),
    };
    let holders = bundled(&places.packages, &seen);
    for ((folder, (manifest, weight)), bundled_in) in places.packages.iter().zip(seen).zip(holders) {
        installed.packages.push(DiskPackage {
            edges: edges(&places, &targets, folder, &manifest, false),
            name: manifest.name.unwrap_or_else(|| places::name_of(folder)),
            version: manifest.version,
            folder: folder.clone(),
            bytes: weight.bytes,
            files: weight.files,
            build_leftovers: weight.leftovers,
            bundled_in,
        });
    }
    for (folder, manifest) in places.importers.iter().zip(importers) {
        let edges = edges(&places, &targets, folder, &manifest, true);
        let folder = slashed(&places.root, folder).unwrap_or_default();
        installed.importers.push(DiskImporter { folder, edges });
    }
    Some(installed)
}

fn edges(
    places: &Places,
    targets: &FxHashMap<&Path, Target>,
    folder: &Path,
    manifest: &Manifest,
    development: bool,
) -> Vec<DiskEdge> {
    let asked = manifest.asked.iter().filter(|(_, kind)| development || *kind != EdgeKind::Development);
    asked
        .map(|(name, kind)| DiskEdge {
            name: name.clone(),
            kind: *kind,
            target: places
                .answer(folder, name)
                .and_then(|found| targets.get(found))
                .map_or(Target::Missing, |target| *target),
        })
        .collect()
}

/// For each package the one that it lies in, when that was published with packages inside.
fn bundled(folders: &[PathBuf], seen: &[(Manifest, Weight)]) -> Vec<Option<u32>> {
    let by_folder: FxHashMap<&Path, u32> = folders.iter().map(PathBuf::as_path).zip(0u32..).collect();
    let holder = |folder: &Path| {
        let modules = folder.ancestors().skip(1).find(|above| above.ends_with("node_modules"))?;
        let at = *by_folder.get(modules.parent()?)?;
        // A package within a bundled one came with it.
        seen[at as usize].0.bundles.then_some(at)
    };
    let mut holders: Vec<Option<u32>> = folders.iter().map(|folder| holder(folder)).collect();
    // Folders are sorted: who holds comes before what it holds.
    for (at, folder) in folders.iter().enumerate() {
        let above = || {
            by_folder.get(folder.ancestors().skip(1).find(|above| above.ends_with("node_modules"))?.parent()?)
        };
        if holders[at].is_none() && above().is_some_and(|above| holders[*above as usize].is_some()) {
            holders[at] = above().copied();
        }
    }
    holders
}

/// Bytes of all packages, those of files with several links once.
fn once<'a>(weights: impl Iterator<Item = &'a Weight>) -> u64 {
    let mut seen: FxHashSet<(u64, u64)> = FxHashSet::default();
    let mut bytes = 0;
    for weight in weights {
        let again = weight.linked.iter().filter(|file| !seen.insert(file.inode)).map(|file| file.bytes);
        let again: u64 = again.sum();
        bytes += weight.bytes.unwrap_or(0).saturating_sub(again);
    }
    bytes
}

fn slashed(root: &Path, folder: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> =
        folder.strip_prefix(root).ok()?.components().map(|part| part.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}
