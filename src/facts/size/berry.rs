//! The cache of yarn 2 and later: one zip archive per package, named by name and version
//! (`@scope-name-npm-1.0.0-<hash>-<hash>.zip`), in the project's `.yarn/cache` or in yarn's global folder.
//!
//! Source: yarn 4.9.2, structUtils.slugifyLocator and Cache.getLocatorPath.

use std::fs;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use super::contents::{Contents, open};
use super::zip;
use crate::facts::lock::LockedPackage;

/// The archives of some folders, by what their names begin with.
#[derive(Debug, Default)]
pub(super) struct Archives {
    by_slug: FxHashMap<String, Vec<PathBuf>>,
}

impl Archives {
    /// Lists folders; those that come first are asked first.
    pub(super) fn list<'a>(folders: impl Iterator<Item = &'a Path>) -> Archives {
        let mut archives = Archives::default();
        for folder in folders {
            let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
            let mut names: Vec<String> =
                entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
            names.sort_unstable();
            for name in names {
                let Some(slug) = slug(&name) else { continue };
                archives.by_slug.entry(slug.to_owned()).or_default().push(folder.join(&name));
            }
        }
        archives
    }

    /// What the archive of a package holds.
    pub(super) fn find(&self, package: &LockedPackage) -> Option<Contents> {
        let name = package.name.replacen('/', "-", 1);
        let files = self.by_slug.get(&format!("{name}-npm-{}", package.version.as_deref()?))?;
        files.iter().find_map(|file| contents(file, &package.name))
    }
}

/// A file's name without the two hashes and the extension.
fn slug(file: &str) -> Option<&str> {
    let (rest, _checksum) = file.strip_suffix(".zip")?.rsplit_once('-')?;
    Some(rest.rsplit_once('-')?.0)
}

/// Two names may have one slug (`@a-b/c`, `@a/b-c`): the archive has the name in its paths.
fn contents(file: &Path, name: &str) -> Option<Contents> {
    let folder = format!("node_modules/{name}/");
    let mut contents = Contents::default();
    let mut has_manifest = false;
    for member in zip::members(open(file)?)? {
        let path = member.path.strip_prefix(&folder)?;
        has_manifest |= path == "package.json";
        contents.add(path, member.bytes);
    }
    has_manifest.then_some(contents)
}
