//! Packages that code which ships imports, and that no package.json of its place asks for: they are there only because
//! another dependency brings them, and its manager puts them where everybody finds them.

mod alias;
mod brought;
mod import;

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::purpose::Purpose;
use super::reach::Program;
use super::{Package, PackageId, Project, Run};
use crate::facts::lock::Manager;
use crate::source::{FileId, ProjectPath, Span};

use alias::Aliases;
use brought::Installed;
use import::Imported;

/// A package that is imported and not asked for.
#[derive(Clone, Debug)]
pub struct Phantom {
    /// Its name.
    pub name: String,
    /// The specifiers that name it, at most one of each file, those of the files nearest to an entry first.
    pub places: Vec<Span>,
    /// The version that is installed; `None` where the lock file does not tell which one lies there.
    pub version: Option<String>,
    /// Number of versions of which one lies there.
    pub versions: usize,
    /// Who installs.
    pub manager: Manager,
    /// The entry of package.json that brings it.
    pub entry: Span,
    /// From the direct dependency to the one that asks for it, by their names.
    pub way: Vec<String>,
    /// True when nothing but development dependencies bring it.
    pub development: bool,
    /// Where an image is known to leave it out.
    pub missing: Option<Missing>,
}

/// An image that leaves out what its program imports.
#[derive(Clone, Debug)]
pub struct Missing {
    /// What leaves development dependencies out.
    pub by: Option<Span>,
    /// The import that fails.
    pub at: Span,
    /// True when the process comes to the import as it starts.
    pub at_start: bool,
}

/// Phantoms by the package whose package.json lacks the entry.
pub(crate) type Phantoms = BTreeMap<PackageId, Vec<Phantom>>;

/// A program with the runs that start it.
struct Started<'p> {
    program: &'p Program,
    runs: Vec<&'p Run>,
}

/// The package whose install the modules of a file find packages in, and the nearest package.json.
#[derive(Clone, Copy)]
struct Home {
    nearest: PackageId,
    owner: PackageId,
}

impl Project {
    /// What the modules of a package import that ships and that is asked for nowhere.
    pub fn phantoms(&self, package: &Package) -> &[Phantom] {
        let phantoms = self.phantoms.get_or_init(|| self.find_phantoms());
        phantoms.get(&package.id).map_or(&[], Vec::as_slice)
    }

    fn find_phantoms(&self) -> Phantoms {
        let started = self.started();
        let mut phantoms = Phantoms::new();
        let mut imported = Imported::default();
        for (owner, names) in self.unasked(&started) {
            let package = self.package(owner);
            let runs = started.iter().flat_map(|started| &started.runs).copied();
            let runs: Vec<&Run> = runs.filter(|run| self.installed_for(run, package).is_some()).collect();
            let Some(installed) = Installed::of(self, package, &runs) else { continue };
            let aliases = Aliases::of(self, package);
            let found = names.into_iter().filter_map(|(name, spans)| {
                let mut phantom = installed.brings(name)?;
                phantom.places = imported.firm(self, name, spans);
                let knows = |run: &&Run| self.is_told_of(run, package, name) || self.is_bundled(run, package);
                let is_told = || runs.iter().any(knows);
                let is_meant = !phantom.places.is_empty() && !is_told() && !aliases.may_be(name);
                is_meant.then(|| self.with_missing(phantom, package, &started, &installed))
            });
            let found: Vec<Phantom> = found.collect();
            if !found.is_empty() {
                phantoms.insert(owner, found);
            }
        }
        phantoms
    }

    /// The programs that ship with packages beside them.
    fn started(&self) -> Vec<Started<'_>> {
        let mut by_entry: BTreeMap<FileId, Started<'_>> = BTreeMap::new();
        for run in &self.runs {
            let ships = run.purpose.decided == Purpose::Ship && run.is_node() && run.image.is_some();
            let Some(program) = run.program.as_deref().filter(|_| ships) else { continue };
            let started = by_entry.entry(program.entry).or_insert(Started { program, runs: Vec::new() });
            started.runs.push(run);
        }
        by_entry.into_values().collect()
    }

    /// What programs import that no package.json around the importing file has an entry for.
    fn unasked<'p>(&self, started: &[Started<'p>]) -> BTreeMap<PackageId, BTreeMap<&'p str, Vec<Span>>> {
        let mut homes: FxHashMap<FileId, Option<Home>> = FxHashMap::default();
        let mut asked: FxHashMap<(PackageId, &str), bool> = FxHashMap::default();
        let own: FxHashSet<&str> =
            self.packages.iter().filter_map(|package| package.facts.name.known()?.as_deref()).collect();
        let mut unasked: BTreeMap<PackageId, BTreeMap<&str, Vec<Span>>> = BTreeMap::new();
        for (name, spans) in started.iter().flat_map(|started| &started.program.reached.packages) {
            if own.contains(name.as_str()) || name.contains(':') || name.starts_with("@types/") {
                continue;
            }
            for span in spans {
                let home =
                    homes.entry(span.file).or_insert_with(|| self.home(&self.sources.file(span.file).path));
                let Some(home) = *home else { continue };
                let is_asked =
                    asked.entry((home.nearest, name)).or_insert_with(|| self.is_asked(home.nearest, name));
                if !*is_asked {
                    unasked.entry(home.owner).or_default().entry(name).or_default().push(*span);
                }
            }
        }
        unasked
    }

    /// The package whose install a file sees: of the folders around it the first that a lock file covers. `None` when a nearer
    /// one installs without a lock file, or when a package.json cannot be read.
    fn home(&self, file: &ProjectPath) -> Option<Home> {
        let mut nearest = None;
        for package in file.ancestors().skip(1).filter_map(|folder| self.package_at(&folder)) {
            package.facts.dependencies.rest.ok()?;
            let nearest = *nearest.get_or_insert(package.id);
            if !package.locks.is_empty() {
                return Some(Home { nearest, owner: package.id });
            }
            if !package.facts.dependencies.items.is_empty() {
                return None;
            }
        }
        None
    }

    /// True when a package.json of a folder, or of one around it, has an entry of this name in any section.
    fn is_asked(&self, package: PackageId, name: &str) -> bool {
        let folder = &self.package(package).folder;
        let mut around = folder.ancestors().filter_map(|folder| self.package_at(&folder));
        around.any(|package| package.facts.dependency(name).is_some())
    }

    /// The manager that installs the packages of this one into the image of a run.
    fn installed_for(&self, run: &Run, package: &Package) -> Option<Manager> {
        let is_of = |id| id == package.id || Some(id) == package.workspace;
        let mut installs =
            self.provenance(run.image?).folders.iter().filter_map(|modules| modules.by.as_ref());
        installs.find(|install| install.package.is_some_and(is_of)).map(|install| install.manager)
    }

    /// True when the image of a run comes by a package in another way: its own package.json asks for it, or a command of the
    /// build or of a script names it.
    fn is_told_of(&self, run: &Run, package: &Package, name: &str) -> bool {
        let Some(image) = run.image.map(|image| self.image(image)) else { return true };
        let installs = self.provenance(image.id).folders.iter().filter_map(|modules| modules.by.as_ref());
        let mut held = installs.filter_map(|install| install.package).chain(image.package);
        let names = |text: &str| {
            text.split([' ', '@']).any(|word| word == name)
                && (text.contains("install") || text.contains(" add "))
        };
        held.any(|id| self.is_asked(id, name))
            || self.names_package(image, name)
            || package.facts.scripts.items.iter().any(|script| names(&script.value.text.text))
    }

    /// What the image of a run leaves out, when it surely does.
    fn with_missing(
        &self,
        phantom: Phantom,
        package: &Package,
        started: &[Started<'_>],
        installed: &Installed<'_>,
    ) -> Phantom {
        if !phantom.development || !installed.is_alone() {
            return phantom;
        }
        let runs = started.iter().flat_map(|started| started.runs.iter().map(|run| (started.program, *run)));
        let missing = runs.filter_map(|(program, run)| self.missing(&phantom, package, program, run));
        let missing = missing.max_by_key(|missing| missing.at_start);
        Phantom { missing, ..phantom }
    }

    fn missing(&self, phantom: &Phantom, package: &Package, program: &Program, run: &Run) -> Option<Missing> {
        self.installed_for(run, package)?;
        let development = &self.packages_seen_by(run)?.development;
        if development.known() != Some(&false) || self.may_be_bundled(run, package) {
            return None;
        }
        let reached = program.reached.packages.get(&phantom.name)?;
        let places = || phantom.places.iter().filter(|at| reached.contains(at));
        let at_start = places().find(|at| self.is_loaded_at_start(program, **at));
        let by = development.span();
        Some(Missing { by, at: *at_start.or_else(|| places().next())?, at_start: at_start.is_some() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"{"lockfileVersion": 3, "packages": {
        "": {"dependencies": {"a": "1"}, "devDependencies": {"t": "1"}},
        "node_modules/a": {"version": "1.0.0", "dependencies": {"b": "1"}},
        "node_modules/b": {"version": "1.0.0", "dependencies": {"c": "1"}},
        "node_modules/c": {"version": "1.2.3"},
        "node_modules/t": {"version": "1.0.0", "dev": true, "dependencies": {"d": "1"}},
        "node_modules/d": {"version": "2.0.0", "dev": true}}}"#;

    /// Each with who brings it, and what an image is known to leave out.
    fn phantoms(install: &str, files: &[(&str, &str)]) -> Vec<String> {
        let docker =
            format!("FROM node:24\nWORKDIR /app\nCOPY *.js* ./\nRUN {install}\nCMD [\"node\", \"a.js\"]\n");
        let own = [
            ("Dockerfile", docker.as_str()),
            ("package.json", r#"{"dependencies": {"a": "1"}, "devDependencies": {"t": "1"}}"#),
            ("package-lock.json", LOCK),
        ];
        let files = own.iter().chain(files);
        let project = Project::from_texts(
            files.map(|(path, text)| (ProjectPath::new(path).unwrap(), (*text).to_owned())),
        );
        let show = |phantom: &Phantom| {
            let missing = phantom.missing.as_ref().map(|missing| missing.at_start);
            format!("{} {} {:?} {missing:?}", phantom.name, phantom.way.join(">"), phantom.version.as_deref())
        };
        project.phantoms(&project.packages[0]).iter().map(show).collect()
    }

    #[test]
    fn the_shortest_way_to_each() {
        let code = [("a.js", "require('./e'); require('a');"), ("e.js", "require('c/x'); require('none');")];
        assert_eq!(phantoms("npm ci --omit=dev", &code), ["c a>b Some(\"1.2.3\") None"]);
    }

    #[test]
    fn what_an_image_leaves_out() {
        let left = "npm ci --omit=dev";
        let at_start = [("a.js", "const e = require('./e');"), ("e.js", "const d = require('d');")];
        assert_eq!(phantoms(left, &at_start), ["d t Some(\"2.0.0\") Some(true)"]);
        let later = [("a.js", "require('./e');"), ("e.js", "exports.f = () => require('d');")];
        assert_eq!(phantoms(left, &later), ["d t Some(\"2.0.0\") Some(false)"]);
        assert_eq!(phantoms("npm ci", &at_start), ["d t Some(\"2.0.0\") None"]);
        assert_eq!(phantoms("make", &at_start), [""; 0]);
    }
}
