//! What is known here of the sizes of all packages, and which ones somebody else has to be asked for.

use std::collections::BTreeMap;
use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};

use super::sizes_of;
use crate::facts::lock::{Lock, LockedPackage};
use crate::facts::size::sum::{self, Sum};
use crate::facts::size::{Caches, Committed, Sizes, Source};
use crate::model::Project;
use crate::model::weight::Weighed;

/// What disk, caches and the committed file know of the packages of a project's lock files.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The sizes.
    pub sizes: Committed,
    /// The packages of a registry that have none, in the order of names and versions.
    pub wanted: Vec<Wanted>,
}

/// A package whose size nobody here knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The checksums of its archive that lock files have, the strongest of each first.
    pub sums: Vec<Sum>,
    /// The address of its archive that a lock file has.
    pub resolved: Option<String>,
    /// Packages that are published inside of it and have an entry of their own in a lock file.
    pub within: Vec<Within>,
}

/// A package that is published inside of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Within {
    /// Its folder in the other: `node_modules/a`.
    pub folder: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What is known of all packages of a project's lock files, those for development included: what `sizes` says already, and
/// what this machine knows better. Other versions' sizes do not count.
pub fn known_sizes(project: &Project, root: &Path, caches: &Caches, sizes: Committed) -> Known {
    let all = project.weighed();
    let found = sizes_of(project, &all, root, caches, None);
    let mut known = Known { sizes, wanted: Vec::new() };
    let mut wanted = BTreeMap::new();
    let mut seen = FxHashSet::default();
    for lock in all.iter().map(|weighed| weighed.lock).filter(|lock| seen.insert(lock.file)) {
        let found = &found[&lock.file];
        take(lock, found, &mut known.sizes);
        let of_lock: Vec<&Weighed<'_>> =
            all.iter().filter(|weighed| weighed.lock.file == lock.file).collect();
        want(lock, found, &of_lock, &known.sizes, &mut wanted);
    }
    known.wanted = wanted.into_values().collect();
    known
}

fn take(lock: &Lock, found: &Sizes, sizes: &mut Committed) {
    let packages: Vec<u32> = (0..lock.packages.len() as u32).collect();
    found.read_ahead(lock, &packages);
    for (package, index) in lock.packages.iter().zip(packages) {
        let size = found.of(lock, index).filter(|size| !matches!(size.source, Source::Table { .. }));
        if let (Some(size), Some(version)) = (size, &package.version) {
            sizes.set(&package.name, version, size.bytes);
        }
    }
}

fn want(
    lock: &Lock,
    found: &Sizes,
    weighed: &[&Weighed<'_>],
    sizes: &Committed,
    wanted: &mut BTreeMap<(String, String), Wanted>,
) {
    let is_unknown = |package: &LockedPackage| {
        package.version.as_deref().is_some_and(|version| sizes.of(&package.name, version).is_none())
    };
    let mut within: FxHashMap<u32, Vec<Within>> = FxHashMap::default();
    for package in lock.packages.iter().filter(|package| package.flags.bundled) {
        let held = found.holder(lock, &package.key).zip(package.version.clone());
        let Some(((holder, folder), version)) = held else { continue };
        let inner = Within { folder: folder.to_owned(), name: package.name.clone(), version };
        within.entry(holder).or_default().push(inner);
    }
    let lacks = |inner: &Within| sizes.of(&inner.name, &inner.version).is_none();
    for (package, at) in lock.packages.iter().zip(0u32..) {
        let inside = within.remove(&at).unwrap_or_default();
        let is_asked = is_unknown(package) || inside.iter().any(lacks);
        let is_here = !package.flags.bundled && is_of_registry(package) && installs(package, weighed);
        let Some(version) = package.version.as_ref().filter(|_| is_asked && is_here) else { continue };
        let one = wanted.entry((package.name.clone(), version.clone())).or_insert_with(|| Wanted {
            name: package.name.clone(),
            version: version.clone(),
            ..Wanted::default()
        });
        if one.sums.is_empty() {
            one.sums = sums(package);
        }
        if one.resolved.is_none() {
            one.resolved.clone_from(&package.resolved);
        }
        if one.within.is_empty() {
            one.within = inside;
        }
    }
}

/// The checksums of its archive. yarn 1 wrote a SHA-1 behind the address; what yarn berry writes is that of an archive of its
/// own making.
fn sums(package: &LockedPackage) -> Vec<Sum> {
    let written = package.integrity.as_deref().map(sum::read).unwrap_or_default();
    if !written.is_empty() {
        return written;
    }
    let fragment = package.resolved.as_deref().and_then(|address| address.rsplit_once('#'));
    fragment.and_then(|(_, digits)| sum::sha1(digits)).into_iter().collect()
}

/// True when a registry has it: it was not fetched from a repository, a folder, or an archive somewhere. Files may leave the
/// address out for what registries have; archives of registries lie below `/-/`, of some below `/download/`.
fn is_of_registry(package: &LockedPackage) -> bool {
    let Some(resolved) = package.resolved.as_deref() else { return true };
    let is_archive = resolved.contains("/-/")
        || (resolved.contains("/download/") && !resolved.contains("/releases/download/"));
    let is_address = resolved.starts_with("https://") || resolved.starts_with("http://");
    // yarn berry writes `name@npm:1.0.0`.
    is_address && is_archive
        || resolved.strip_prefix(package.name.as_str()).is_some_and(|rest| rest.starts_with("@npm:"))
}

/// True when it installs on a system that an image here is built on, whatever the processor.
fn installs(package: &LockedPackage, weighed: &[&Weighed<'_>]) -> bool {
    weighed.iter().any(|weighed| {
        let allows = |cpu: &str, libc| package.platform.allows(weighed.target.os, cpu, libc);
        [weighed.target.cpu.as_str(), "x64", "arm64"]
            .iter()
            .any(|cpu| ["glibc", "musl"].iter().any(|libc| allows(cpu, libc)))
    })
}
