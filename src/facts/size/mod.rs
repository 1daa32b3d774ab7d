//! What installed packages weigh, and who says so: the disk, a package manager's cache, a file of the repository or a
//! table. Nothing is asked of a network, nothing is executed.
//!
//! Sizes are bytes of the contents of regular files, which is what a layer of an image carries before compression; blocks
//! of a file system are more. A package's own bytes are without those of the packages in the node_modules folder in it,
//! but with bundled ones that its lock file does not name. Files that pnpm or yarn link to one in their store count
//! each: a package weighs the same whoever installs it, and an image that mounts the store as a cache has copies.

mod berry;
mod committed;
pub mod disk;
mod npm_cache;
mod pnpm_store;
mod sum;
mod tarball;
mod zip;

use std::path::{Path, PathBuf};
use std::sync::{LazyLock, OnceLock};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::lock::{Lock, LockedPackage, Manager};
use super::table::{Table, cell};
use crate::date::Date;
use berry::Archives;
use disk::Installed;

pub use committed::{Committed, FILE};

/// Bytes of one installed package, without those of packages within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Bytes of its files.
    pub bytes: u64,
    /// Who says so.
    pub source: Source,
}

/// Who says what a package weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Its files, as they are installed beside the lock file.
    Disk,
    /// The archive in npm's cache, by the checksum that the lock file has.
    NpmCache,
    /// The list of its files in pnpm's store, by that checksum.
    PnpmStore,
    /// The archive in yarn's cache, by name and version.
    BerryCache,
    /// The project's `plimsoll.sizes.json`.
    Committed,
    /// A table of plimsoll's, which has perhaps another version.
    Table {
        /// The version that was measured.
        version: &'static str,
        /// The day on which it was measured.
        seen: Option<Date>,
    },
}

/// Where package managers keep what they fetched. What is `None` is not looked into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caches {
    /// What `npm config get cache` prints: `~/.npm`.
    pub npm: Option<PathBuf>,
    /// What `pnpm store path` prints, or the folder above it: `~/.local/share/pnpm/store`.
    pub pnpm: Option<PathBuf>,
    /// The `cache` folder of yarn's global folder: `~/.yarn/berry/cache`. That of the project is always looked into.
    pub berry: Option<PathBuf>,
}

/// What the packages of one lock file weigh. Archives are opened when their package is asked for.
#[derive(Debug)]
pub struct Sizes {
    /// What is installed beside the lock file, when something is.
    pub installed: Option<Installed>,
    /// By index into [`Lock::packages`].
    on_disk: Vec<Option<u64>>,
    elsewhere: Vec<OnceLock<Option<Size>>>,
    caches: Caches,
    archives: Archives,
    committed: Committed,
}

impl Sizes {
    /// Looks around for the packages of a lock file that lies in `folder`.
    pub fn find(folder: &Path, lock: &Lock, caches: &Caches, committed: Option<&Committed>) -> Sizes {
        let importers = lock.importers.iter().map(|importer| importer.folder.as_str());
        let installed = disk::walk(folder, importers);
        let own = folder.join(".yarn/cache");
        Sizes {
            on_disk: installed.as_ref().map_or_else(Vec::new, |installed| on_disk(installed, lock)),
            elsewhere: lock.packages.iter().map(|_| OnceLock::new()).collect(),
            installed,
            caches: caches.clone(),
            archives: Archives::list([Some(own.as_path()), caches.berry.as_deref()].into_iter().flatten()),
            committed: committed.cloned().unwrap_or_default(),
        }
    }

    /// What a package weighs, by its index into [`Lock::packages`]; `None` when nobody says.
    pub fn of(&self, lock: &Lock, package: u32) -> Option<Size> {
        let at = package as usize;
        if let Some(bytes) = self.on_disk.get(at).copied().flatten() {
            return Some(Size { bytes, source: Source::Disk });
        }
        let asked = lock.packages.get(at)?;
        *self.elsewhere.get(at)?.get_or_init(|| self.elsewhere(lock, asked))
    }

    /// Opens what many packages need, side by side: each is then known to [`Sizes::of`].
    pub fn read_ahead(&self, lock: &Lock, packages: &[u32]) {
        packages.par_iter().for_each(|package| {
            self.of(lock, *package);
        });
    }

    fn elsewhere(&self, lock: &Lock, package: &LockedPackage) -> Option<Size> {
        // npm names bundled packages in its lock file, others take them for a part of the package.
        let whole =
            |parts: Parts| if lock.manager == Manager::Npm { parts.own } else { parts.own + parts.bundled };
        self.in_caches(package)
            .map(|(parts, source)| Size { bytes: whole(parts), source })
            .or_else(|| {
                let bytes = self.committed.of(&package.name, package.version.as_deref()?)?;
                Some(Size { bytes, source: Source::Committed })
            })
            .or_else(|| measured(&package.name))
    }

    fn in_caches(&self, package: &LockedPackage) -> Option<(Parts, Source)> {
        let sums = || package.integrity.as_deref().map(sum::read).unwrap_or_default();
        let npm = || npm_cache::find(self.caches.npm.as_deref()?, &sums());
        let pnpm = || pnpm_store::find(self.caches.pnpm.as_deref()?, package, &sums());
        npm()
            .map(|parts| (parts, Source::NpmCache))
            .or_else(|| Some((pnpm()?, Source::PnpmStore)))
            .or_else(|| Some((self.archives.find(package)?, Source::BerryCache)))
    }
}

/// Bytes of a package as it is published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Parts {
    /// Of the package itself.
    own: u64,
    /// Of the packages that it brings in its own node_modules folder.
    bundled: u64,
}

impl Parts {
    /// Adds a file; its path is from the package's folder.
    fn add(&mut self, path: &str, bytes: u64) {
        let part = if path.starts_with("node_modules/") { &mut self.bundled } else { &mut self.own };
        *part = part.saturating_add(bytes);
    }
}

/// Bytes on disk of each entry: npm's keys are paths, others' packages are found by name and version.
fn on_disk(installed: &Installed, lock: &Lock) -> Vec<Option<u64>> {
    let names: FxHashSet<(&str, &str)> = lock
        .packages
        .iter()
        .filter_map(|package| Some((package.name.as_str(), package.version.as_deref()?)))
        .collect();
    let is_locked = |package: &disk::DiskPackage| {
        package.version.as_deref().is_some_and(|version| names.contains(&(package.name.as_str(), version)))
    };
    let mut whole: Vec<Option<u64>> = installed.packages.iter().map(|package| package.bytes).collect();
    // Bundled packages that no entry names belong to whom they came with; folders are sorted, so the inner ones come last.
    for (at, package) in installed.packages.iter().enumerate().rev() {
        if let Some(holder) = package.bundled_in.filter(|_| !is_locked(package)) {
            let inner = whole[at];
            let bytes = &mut whole[holder as usize];
            *bytes = bytes.zip(inner).map(|(outer, inner)| outer + inner);
        }
    }
    let mut by_name: FxHashMap<(&str, &str), usize> = FxHashMap::default();
    let mut by_path: FxHashMap<String, usize> = FxHashMap::default();
    for (at, package) in installed.packages.iter().enumerate() {
        let Some(version) = package.version.as_deref() else { continue };
        by_name.entry((&package.name, version)).or_insert(at);
        by_path.extend(installed.path_of(package).map(|path| (path, at)));
    }
    let find = |package: &LockedPackage| {
        let id = (package.name.as_str(), package.version.as_deref()?);
        let at_path = by_path.get(&package.key).copied().filter(|at| {
            let found = &installed.packages[*at];
            (found.name.as_str(), found.version.as_deref()) == (id.0, Some(id.1))
        });
        whole[at_path.or_else(|| by_name.get(&id).copied())?]
    };
    lock.packages.iter().map(find).collect()
}

static MEASURED: LazyLock<Table> = LazyLock::new(|| Table::read("measured", include_str!("measured.tsv")));

static BY_NAME: LazyLock<FxHashMap<&str, Size>> = LazyLock::new(|| {
    let row = |row: &Vec<Option<&'static str>>| {
        let source = Source::Table { version: cell(row, 1)?, seen: MEASURED.seen };
        Some((cell(row, 0)?, Size { bytes: cell(row, 2)?.parse().ok()?, source }))
    };
    MEASURED.rows.iter().filter_map(row).collect()
});

/// The table, for `plimsoll facts`.
pub fn table() -> &'static Table {
    &MEASURED
}

/// What some version of a package weighed on some day.
pub fn measured(package: &str) -> Option<Size> {
    BY_NAME.get(package).copied()
}

#[cfg(test)]
mod tests;
