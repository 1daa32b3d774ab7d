//! From files to the project: each step asks the files and the steps before it.

use std::sync::OnceLock;

use crate::discover::Discovery;
use crate::facts::compose::ComposeFile;
use crate::facts::resolve::{Manifest, NestCli, Resolver, TsConfig};
use crate::facts::{Fact, Why};
use crate::source::{FileId, ProjectPath};

use super::copies::Scaled;
use super::exposure::Exposure;
use super::purpose::{Purpose, Purposes, of_name};
use super::reach::Scripts;
use super::read::{Files, Reading, read};
use super::sent::Strays;
use super::stated::{self, Stated};
use super::told::Told;
use super::unit::{self, MadeFrom, Together};
use super::{
    ComposeId, ComposeService, Container, ContainerId, Module, Note, Object, ObjectId, Project, Unit, UnitId,
    Workload, WorkloadId, build, image, kustomize, packages, service,
};
use rustc_hash::FxHashMap;

impl Project {
    /// Reads files that are given as texts: for tests, rule pages and unsaved editors.
    pub fn from_texts(files: impl IntoIterator<Item = (ProjectPath, String)>) -> Project {
        Project::link(read(Discovery::from_texts(files)))
    }

    /// Reads files of which a configuration tells more than they say.
    pub fn told(discovery: Discovery, told: &Told) -> Project {
        let mut files = read(discovery);
        files.told = told.clone();
        Project::link(files)
    }

    /// Finds out what files say together.
    pub fn link(mut files: Files) -> Project {
        let compose = service::compose_files(&files);
        let builds = build::builds(&files, &compose);
        let resolver = resolver(&files);
        let (units, notes) = together(&files);
        let stated = Stated::find(&files);
        let mut project = Project {
            issues: std::mem::take(&mut files.issues),
            pragmas: std::mem::take(&mut files.pragmas),
            notes: std::mem::take(&mut files.notes),
            packages: packages::packages(&files),
            scripts: Scripts::new(&files),
            images: image::images(&files, &builds),
            runs: Vec::new(),
            containers: Vec::new(),
            workloads: Vec::new(),
            objects: Vec::new(),
            compose_services: Vec::new(),
            modules: Vec::new(),
            apps: Vec::new(),
            units: Vec::new(),
            provenance: Vec::new(),
            exposure: Exposure::default(),
            from_source: build::FromSource::find(&files),
            told: files.told,
            strays: Strays::find(&files.sources),
            scaled: Scaled::default(),
            known: super::absence::Known::default(),
            scale: super::scale::Scale::default(),
            pipelines: OnceLock::new(),
            elsewhere: OnceLock::new(),
            mentions: OnceLock::new(),
            savings: OnceLock::new(),
            phantoms: OnceLock::new(),
            sources: files.sources,
            readings: files.readings,
        };
        project.notes.extend(notes);
        project.place_objects(units, &stated);
        project.place_services(&compose, &stated);
        project.link_packages();
        project.link_images();
        project.group_apps();
        project.follow_packages();
        project.find_runs(&resolver);
        project.find_ways();
        project.find_scalers();
        project.find_known();
        project.find_scale();
        project.place_modules();
        project
    }

    /// The scripts that some program reaches, each with its package.
    fn place_modules(&mut self) {
        let module = |file| {
            let package = self.package_of(&self.sources.file(file).path).map(|package| package.id);
            Module { file, package }
        };
        self.modules = self.scripts.drawn().map(module).collect();
    }

    /// Gives every object of every unit its place, and workloads and containers theirs.
    fn place_objects(&mut self, units: Vec<Together>, stated: &Stated) {
        for Together { made_from, at, objects, files, rest } in units {
            let unit = UnitId(self.units.len() as u32);
            let by_name = || {
                let purpose = of_name(at.as_str())?;
                Some(Purposes::because(purpose, "the name of its folder", None))
            };
            let told = self.told.purpose(&at);
            let by_readme = || stated.of_folder(&self.sources, &at);
            let of_unit = told.clone().or_else(by_name).or_else(by_readme);
            // A kustomization is applied by its folder.
            let by_scripts = |file| match made_from {
                MadeFrom::Folder | MadeFrom::File if of_unit.is_none() => {
                    stated.of_scripts(&self.sources, &self.sources.file(file).path)
                }
                _ => None,
            };
            let files_by_script: FxHashMap<FileId, Purposes> =
                files.iter().filter_map(|file| Some((*file, by_scripts(*file)?))).collect();
            let purpose = of_unit.unwrap_or_else(Purposes::assumed);
            let mut ids = Vec::new();
            let mut limit_ranges = Vec::new();
            let openshift = objects.iter().any(|object| object.is_openshift());
            for facts in objects {
                let id = ObjectId(self.objects.len() as u32);
                let view = facts.workload();
                let own = || of_hook(&facts).or_else(|| of_sleeper(view.as_ref()?));
                let of_file = files_by_script.get(&facts.kind.span.file).unwrap_or(&purpose);
                let purpose = told.clone().or_else(own).unwrap_or_else(|| of_file.clone());
                let workload = view.map(|view| self.place_workload(view, id, unit, &purpose));
                ids.push(id);
                limit_ranges.extend(facts.is("", "LimitRange").then_some(id));
                self.objects.push(Object { id, unit, facts, workload, purpose: purpose.clone(), app: None });
            }
            self.units.push(Unit {
                id: unit,
                made_from,
                at,
                objects: ids,
                limit_ranges,
                openshift,
                files,
                rest,
            });
        }
    }

    fn place_workload(
        &mut self,
        facts: crate::facts::object::Workload,
        object: ObjectId,
        unit: UnitId,
        purpose: &Purposes,
    ) -> WorkloadId {
        let id = WorkloadId(self.workloads.len() as u32);
        let mut containers = Vec::new();
        for container in facts.template.iter().flat_map(|template| &template.containers) {
            let container_id = ContainerId(self.containers.len() as u32);
            containers.push(container_id);
            let sleeps = purpose.decided == Purpose::Ship && container.only_sleeps();
            let purpose = if sleeps { sleeper(container) } else { purpose.clone() };
            self.containers.push(Container {
                id: container_id,
                workload: id,
                facts: container.clone(),
                image: Fact::Unknown(Why::NotFound),
                image_by: "",
                run: None,
                purpose,
                app: None,
            });
        }
        self.workloads.push(Workload {
            id,
            unit,
            object,
            facts,
            containers,
            purpose: purpose.clone(),
            app: None,
        });
        id
    }

    fn place_services(&mut self, files: &[ComposeFile], stated: &Stated) {
        for file in files {
            // Of files that are laid over each other the last one gives the services its name and purpose.
            let (top, laid_over) = (*file.overrides.last().unwrap_or(&file.file), !file.overrides.is_empty());
            let source = self.sources.file(top);
            let told = self.told.purpose(&source.path);
            let of_service = |facts| match &told {
                Some(told) => told.clone(),
                None => service::purpose_of(source, laid_over, facts),
            };
            let mut purposes: Vec<Purposes> = file.services.iter().map(of_service).collect();
            let of_file = || {
                stated::of_head(top, source)
                    .or_else(|| stated.of_folder(&self.sources, &source.path.parent()?))
                    .or_else(|| service::purpose_of_file(file, &purposes, &self.images))
            };
            if let Some(of_file) = of_file() {
                purposes
                    .iter_mut()
                    .filter(|own| own.evidence.is_empty())
                    .for_each(|own| *own = of_file.clone());
            } else {
                service::follow(file, &mut purposes);
            }
            let tasks = service::tasks(file);
            for (facts, purpose) in file.services.iter().zip(purposes) {
                self.compose_services.push(ComposeService {
                    id: ComposeId(self.compose_services.len() as u32),
                    file: top,
                    facts: facts.clone(),
                    image: Fact::Unknown(Why::NotFound),
                    image_by: "",
                    is_task: tasks.contains(facts.name.value.as_str()),
                    purpose,
                    app: None,
                });
            }
        }
    }
}

/// What Helm starts by `helm test` alone (helm.sh/docs/topics/chart_tests).
fn of_hook(object: &crate::facts::object::Object) -> Option<Purposes> {
    let annotations = object.annotations();
    let hook = annotations.iter().find(|pair| pair.key.value == "helm.sh/hook")?;
    let mut events = hook.value.known()?.split(',').map(str::trim);
    let tests = events.all(|event| matches!(event, "test" | "test-success" | "test-failure"));
    tests.then(|| Purposes::because(Purpose::Test, "it is a hook of Helm that tests", hook.value.span()))
}

/// Pods that only sleep are shells for people, to look around in the cluster.
fn of_sleeper(workload: &crate::facts::object::Workload) -> Option<Purposes> {
    let template = workload.template.as_ref().filter(|template| template.only_sleeps())?;
    template.main().next().map(sleeper)
}

fn sleeper(container: &crate::facts::object::Container) -> Purposes {
    let commands = [&container.command, &container.args];
    let at = commands.into_iter().find_map(|command| command.known()?.as_ref()?.span());
    Purposes::because(Purpose::Test, "it only sleeps", at)
}

/// What imports are resolved by.
fn resolver(files: &Files) -> Resolver {
    let (mut configs, mut manifests, mut nests) = (Vec::new(), Vec::new(), Vec::new());
    for reading in &files.readings {
        match reading {
            Reading::Tsconfig(config) => configs.push(TsConfig::clone(config)),
            Reading::Package(_, manifest) => manifests.push(Manifest::clone(manifest)),
            Reading::Nest(nest) => nests.push(NestCli::clone(nest)),
            _ => {}
        }
    }
    Resolver::new(configs, manifests, nests)
}

/// The objects of all manifests and kustomizations, by what lives together.
fn together(files: &Files) -> (Vec<Together>, Vec<Note>) {
    let mut trees = FxHashMap::default();
    let mut manifests = Vec::new();
    for (id, _, reading) in files.iter() {
        match reading {
            Reading::Manifest(tree) => {
                manifests.push(id);
                trees.insert(id, tree.clone());
            }
            Reading::Kustomization(tree) | Reading::Data(tree) => drop(trees.insert(id, tree.clone())),
            _ => {}
        }
    }
    unit::units(&kustomize::Files { sources: &files.sources, trees: &trees }, &manifests)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_what_programs_reach() {
        let file = |path: &str, text: &str| (ProjectPath::new(path).unwrap(), text.to_owned());
        let project = Project::from_texts([
            file("Dockerfile", "FROM node:24\nWORKDIR /app\nCOPY . .\nCMD [\"node\", \"a.js\"]\n"),
            file("package.json", "{}"),
            file("a.js", "require('./lib/b');\n"),
            file("lib/b.js", "1;\n"),
            file("c.js", "2;\n"),
        ]);
        let paths: Vec<&str> =
            project.modules.iter().map(|module| project.sources.file(module.file).path.as_str()).collect();
        assert_eq!(paths, ["a.js", "lib/b.js"]);
        assert!(project.modules.iter().all(|module| module.package.is_some()));
    }
}
