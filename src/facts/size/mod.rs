//! What installed packages weigh, and who says so: the disk, a package manager's cache, a file of the repository or a
//! table. Nothing is asked of a network, nothing is executed.
//!
//! Sizes are bytes of the contents of regular files, which is what a layer of an image carries before compression; blocks
//! of a file system are more. A package's own bytes are without those of the packages in the node_modules folder in it,
//! but with bundled ones that its lock file does not name. Files that pnpm or yarn link to one in their store count
//! each: a package weighs the same whoever installs it, and an image that mounts the store as a cache has copies.

mod berry;
mod committed;
mod contents;
pub mod disk;
mod npm_cache;
mod pnpm_store;
pub mod sum;
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

pub use committed::{Committed, FILE as COMMITTED};
pub use contents::Contents;
pub use tarball::contents as unpack;

/// Bytes of one entry of a lock file as it is installed, without those of packages within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Bytes of its files, of all copies.
    pub bytes: u64,
    /// Places that it is installed at: yarn's lock files have one entry for all of them, and only the disk tells how many
    /// there are; without it this is 1. Others' have an entry for each place.
    pub copies: u32,
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
    /// By index into [`Lock::packages`], as all lists here.
    on_disk: Vec<Option<Size>>,
    /// What caches have, once they were asked.
    cached: Vec<OnceLock<Option<(Contents, Source)>>>,
    /// Entries by their keys, where some are bundled with others.
    keys: FxHashMap<String, u32>,
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
        let has_bundled = lock.packages.iter().any(|package| package.flags.bundled);
        let keyed = lock.packages.iter().zip(0u32..).filter(|_| has_bundled);
        Sizes {
            on_disk: installed.as_ref().map_or_else(Vec::new, |installed| on_disk(installed, lock)),
            installed,
            cached: lock.packages.iter().map(|_| OnceLock::new()).collect(),
            keys: keyed.map(|(package, at)| (package.key.clone(), at)).collect(),
            caches: caches.clone(),
            archives: Archives::list([Some(own.as_path()), caches.berry.as_deref()].into_iter().flatten()),
            committed: committed.cloned().unwrap_or_default(),
        }
    }

    /// What a package weighs, by its index into [`Lock::packages`]; `None` when nobody says.
    pub fn of(&self, lock: &Lock, package: u32) -> Option<Size> {
        let asked = lock.packages.get(package as usize)?;
        if let Some(size) = self.on_disk.get(package as usize).copied().flatten() {
            return Some(size);
        }
        self.in_caches(lock, asked, package)
            .or_else(|| {
                let bytes = self.committed.of(&asked.name, asked.version.as_deref()?)?;
                Some(Size { bytes, copies: 1, source: Source::Committed })
            })
            .or_else(|| measured(&asked.name))
    }

    /// Opens what many packages need, side by side: each is then known to [`Sizes::of`].
    pub fn read_ahead(&self, lock: &Lock, packages: &[u32]) {
        packages.par_iter().for_each(|package| {
            self.of(lock, *package);
        });
    }

    fn in_caches(&self, lock: &Lock, package: &LockedPackage, at: u32) -> Option<Size> {
        if package.flags.bundled {
            let (holder, folder) = self.holder(lock, &package.key)?;
            let (contents, source) = self.contents(lock, holder)?;
            return Some(Size { bytes: *contents.bundled.get(folder)?, copies: 1, source: *source });
        }
        let (contents, source) = self.contents(lock, at)?;
        // Bundled packages with an entry of their own count there.
        let is_here = |folder: &str| !self.keys.contains_key(&format!("{}/{folder}", package.key));
        let bundled = contents.bundled.iter().filter(|(folder, _)| is_here(folder)).map(|(_, bytes)| bytes);
        Some(Size {
            bytes: bundled.fold(contents.own, |sum, bytes| sum.saturating_add(*bytes)),
            copies: 1,
            source: *source,
        })
    }

    /// The package that was published with the one of this key inside, and its folder there.
    pub fn holder<'k>(&self, lock: &Lock, key: &'k str) -> Option<(u32, &'k str)> {
        let ends = key.match_indices("/node_modules/").map(|(at, _)| at);
        ends.filter_map(|end| Some((*self.keys.get(&key[..end])?, &key[end + 1..])))
            .filter(|(at, _)| !lock.packages[*at as usize].flags.bundled)
            .last()
    }

    fn contents(&self, lock: &Lock, package: u32) -> Option<&(Contents, Source)> {
        let asked = lock.packages.get(package as usize)?;
        let read = || {
            let sums = asked.integrity.as_deref().map(sum::read).unwrap_or_default();
            let npm = || npm_cache::find(self.caches.npm.as_deref()?, &sums);
            let pnpm = || pnpm_store::find(self.caches.pnpm.as_deref()?, asked, &sums);
            npm()
                .map(|contents| (contents, Source::NpmCache))
                .or_else(|| Some((pnpm()?, Source::PnpmStore)))
                .or_else(|| Some((self.archives.find(asked)?, Source::BerryCache)))
        };
        self.cached.get(package as usize)?.get_or_init(read).as_ref()
    }
}

/// What is on disk of each entry: npm's keys are paths, others' packages are found by name and version.
fn on_disk(installed: &Installed, lock: &Lock) -> Vec<Option<Size>> {
    let whole = with_bundled(installed, lock);
    let mut by_name: FxHashMap<(&str, &str), Vec<usize>> = FxHashMap::default();
    let mut by_path: FxHashMap<String, usize> = FxHashMap::default();
    for (at, package) in installed.packages.iter().enumerate() {
        let Some(version) = package.version.as_deref() else { continue };
        by_name.entry((&package.name, plain(version))).or_default().push(at);
        by_path.extend(installed.path_of(package).map(|path| (path, at)));
    }
    let find = |package: &LockedPackage| {
        let places = by_name.get(&(package.name.as_str(), plain(package.version.as_deref()?)))?;
        let at_path = by_path.get(&package.key).filter(|at| places.contains(at));
        let places = match at_path {
            Some(at) => std::slice::from_ref(at),
            None if lock.manager == Manager::Yarn => places,
            None => places.get(..1)?,
        };
        let bytes: Option<u64> = places.iter().map(|at| whole[*at]).sum();
        Some(Size { bytes: bytes?, copies: places.len() as u32, source: Source::Disk })
    };
    lock.packages.iter().map(find).collect()
}

/// A version as managers write it: a package.json may say `v1.0.0` or `1.0.0+build`.
fn plain(version: &str) -> &str {
    let version = version.trim().trim_start_matches(['v', '=']);
    version.split('+').next().unwrap_or(version)
}

/// Bytes of each installed package, with bundled ones that no entry names.
fn with_bundled(installed: &Installed, lock: &Lock) -> Vec<Option<u64>> {
    let locked: FxHashSet<(&str, &str)> = lock
        .packages
        .iter()
        .filter_map(|package| Some((package.name.as_str(), plain(package.version.as_deref()?))))
        .collect();
    let is_locked = |package: &disk::DiskPackage| {
        let version = package.version.as_deref().map(plain);
        version.is_some_and(|version| locked.contains(&(package.name.as_str(), version)))
    };
    let mut whole: Vec<Option<u64>> = installed.packages.iter().map(|package| package.bytes).collect();
    // Folders are sorted, so the inner ones come last.
    for (at, package) in installed.packages.iter().enumerate().rev() {
        if let Some(holder) = package.bundled_in.filter(|_| !is_locked(package)) {
            let inner = whole[at];
            let bytes = &mut whole[holder as usize];
            *bytes = bytes.zip(inner).map(|(outer, inner)| outer + inner);
        }
    }
    whole
}

static MEASURED: LazyLock<Table> = LazyLock::new(|| Table::read("measured", include_str!("measured.tsv")));

static BY_NAME: LazyLock<FxHashMap<&str, Size>> = LazyLock::new(|| {
    let row = |row: &Vec<Option<&'static str>>| {
        let source = Source::Table { version: cell(row, 1)?, seen: MEASURED.seen };
        Some((cell(row, 0)?, Size { bytes: cell(row, 2)?.parse().ok()?, copies: 1, source }))
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
