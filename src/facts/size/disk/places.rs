//! Where packages lie: the node_modules folders below a folder, and what each finds by which name.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::lock::Target;

/// The folders of an install.
pub(super) struct Places {
    /// The real folder that all others are in.
    pub(super) root: PathBuf,
    /// Real folders of packages, sorted.
    pub(super) packages: Vec<PathBuf>,
    /// Real folders of the root and of members of its workspace, sorted.
    pub(super) importers: Vec<PathBuf>,
    /// Real folders by the name that they are found by, for each folder that has a node_modules folder in it.
    modules: FxHashMap<PathBuf, FxHashMap<String, PathBuf>>,
    /// False when a folder could not be listed.
    pub(super) complete: bool,
}

const MODULES: &str = "node_modules";
/// Folders in node_modules in which pnpm, bun and yarn put packages, each in a folder with a node_modules of its own.
const STORES: [&str; 3] = [".pnpm", ".bun", ".store"];

/// A walk that goes on until no folder is left that was not looked into.
struct Walk {
    root: PathBuf,
    packages: BTreeSet<PathBuf>,
    importers: BTreeSet<PathBuf>,
    modules: FxHashMap<PathBuf, FxHashMap<String, PathBuf>>,
    seen: FxHashSet<PathBuf>,
    open: Vec<PathBuf>,
    complete: bool,
}

impl Places {
    /// Looks below `folder` and in these members of its workspace. `None` when no package is there.
    pub(super) fn find<'a>(folder: &Path, members: impl Iterator<Item = &'a str>) -> Option<Places> {
        let root = folder.canonicalize().ok()?;
        let mut walk = Walk {
            packages: BTreeSet::new(),
            importers: BTreeSet::new(),
            modules: FxHashMap::default(),
            seen: FxHashSet::default(),
            open: Vec::new(),
            complete: true,
            root,
        };
        walk.importer(walk.root.clone());
        members.for_each(|member| walk.member(member));
        walk.inside(&walk.root.join(".yarn/unplugged"))
            .into_iter()
            .for_each(|unplugged| walk.slots(&unplugged));
        while let Some(folder) = walk.open.pop() {
            walk.look_into(folder);
        }
        let Walk { root, packages, importers, modules, complete, .. } = walk;
        let (packages, importers) = (packages.into_iter().collect(), importers.into_iter().collect());
        let places = Places { root, packages, importers, modules, complete };
        (!places.packages.is_empty()).then_some(places)
    }

    /// What stands for each folder.
    pub(super) fn targets(&self) -> FxHashMap<&Path, Target> {
        let importers =
            (0u32..).zip(&self.importers).map(|(at, folder)| (folder.as_path(), Target::Importer(at)));
        let packages =
            (0u32..).zip(&self.packages).map(|(at, folder)| (folder.as_path(), Target::Package(at)));
        importers.chain(packages).collect()
    }

    /// The folder that Node finds from a real folder by a name: in the nearest node_modules folder above that has it.
    pub(super) fn answer(&self, folder: &Path, name: &str) -> Option<&Path> {
        let above = folder.ancestors().take_while(|above| above.starts_with(&self.root));
        above
            .filter(|above| !above.ends_with(MODULES))
            .find_map(|above| self.modules.get(above)?.get(name))
            .map(PathBuf::as_path)
    }
}

impl Walk {
    fn importer(&mut self, folder: PathBuf) {
        self.importers.insert(folder.clone());
        self.enter(folder);
    }

    fn enter(&mut self, folder: PathBuf) {
        if self.seen.insert(folder.clone()) {
            self.open.push(folder);
        }
    }

    /// A member that the lock file names; one outside of the root is not read.
    fn member(&mut self, folder: &str) {
        let real = self.inside(&self.root.join(folder)).filter(|real| !self.lies_in_modules(real));
        real.into_iter().for_each(|real| self.importer(real));
    }

    /// The real folder of a path, when it is one below the root.
    fn inside(&self, path: &Path) -> Option<PathBuf> {
        path.canonicalize().ok().filter(|real| real.starts_with(&self.root) && real.is_dir())
    }

    fn lies_in_modules(&self, folder: &Path) -> bool {
        let inside = folder.strip_prefix(&self.root).unwrap_or(folder);
        inside.components().any(|part| part.as_os_str() == MODULES)
    }

    fn look_into(&mut self, folder: PathBuf) {
        let modules = folder.join(MODULES);
        if !modules.symlink_metadata().is_ok_and(|modules| modules.is_dir()) {
            return;
        }
        let mut found: FxHashMap<String, PathBuf> = FxHashMap::default();
        for (name, path) in self.list(&modules) {
            if name.starts_with('@') {
                let Some(scope) = self.inside(&path) else { continue };
                for (inner, path) in self.list(&scope) {
                    self.package(format!("{name}/{inner}"), path, &mut found);
                }
            } else if STORES.contains(&name.as_str()) && !path.is_symlink() {
                // What no package asks for by itself lies in a node_modules folder in the store.
                self.enter(path.clone());
                self.slots(&path);
            } else if !name.starts_with('.') {
                self.package(name, path, &mut found);
            }
        }
        self.modules.insert(folder, found);
    }

    /// The folders of a store.
    fn slots(&mut self, store: &Path) {
        for (name, slot) in self.list(store) {
            if name == MODULES || slot.is_symlink() {
                continue;
            }
            let package = slot.join("package");
            // yarn's pnpm linker puts the package beside its node_modules folder.
            if store.ends_with(".store") && package.join("package.json").is_file() && !package.is_symlink() {
                self.packages.insert(package);
            }
            self.enter(slot);
        }
    }

    /// Something in a node_modules folder: a package, or a link to one or to a member of the workspace.
    fn package(&mut self, name: String, path: PathBuf, found: &mut FxHashMap<String, PathBuf>) {
        let Some(real) = (if path.is_symlink() { self.inside(&path) } else { Some(path) }) else { return };
        if self.lies_in_modules(&real) {
            if real.join("package.json").is_file() {
                self.packages.insert(real.clone());
                found.insert(name, real.clone());
            }
            self.enter(real);
        } else {
            found.insert(name, real.clone());
            self.importer(real);
        }
    }

    /// Folders, and links to whatever, in a folder. A name that is no text is nobody's package.
    fn list(&mut self, folder: &Path) -> Vec<(String, PathBuf)> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => {
                self.complete &= error.kind() == std::io::ErrorKind::NotFound;
                return Vec::new();
            }
        };
        let mut listed = Vec::new();
        for entry in entries {
            let Ok(entry) = entry else {
                self.complete = false;
                continue;
            };
            let may_be_folder = entry.file_type().is_ok_and(|kind| kind.is_dir() || kind.is_symlink());
            let name = entry.file_name().into_string().ok().filter(|_| may_be_folder);
            listed.extend(name.map(|name| (name, entry.path())));
        }
        listed
    }
}

/// The name that a package is installed by.
pub(super) fn name_of(folder: &Path) -> String {
    let mut parts = folder.iter().rev().map(|part| part.to_string_lossy());
    let name = parts.next().unwrap_or_default().into_owned();
    match parts.next() {
        Some(scope) if scope.starts_with('@') => format!("{scope}/{name}"),
        _ => name,
    }
}
