//! Where the node_modules of an image come from: which install made each of them, with development dependencies or
//! without, and through which stages it came.
//!
//! The stages are gone through in the order of the build. What a RUN does to node_modules is read from its commands and
//! from the scripts that they run; COPY takes folders along, under other names too. Whatever cannot be followed makes
//! what it may have changed unknown.

mod commands;
mod copies;
mod host;
mod manager;
#[cfg(test)]
mod tests;
mod trees;

use std::sync::Arc;

use rayon::prelude::*;

use super::{Image, ImageId, Package, PackageId, Project};
use crate::facts::image::{RunStep, Stage, StageFrom};
use crate::facts::lock::Manager;
use crate::facts::node_modules::Asked;
use crate::facts::package::DependencyKind;
use crate::facts::{Fact, Why, base_images};
use crate::source::Span;
use crate::syntax::shell::{self, ShellCommand};

use trees::Trees;

/// The WORKDIR of a base image that is not known, as a folder that no path is called like.
pub(super) const IN_BASE: &str = "/(base)";

/// Scripts that the RUNs of one image may go through, all together: some run each other many times over.
const MOST_SCRIPTS: usize = 256;

/// Images of the project that stand on each other.
const PARENTS: usize = 4;

/// The packages that an image holds, and how it comes by them.
#[derive(Clone, Debug)]
pub struct Provenance {
    /// Each node_modules of the shipped stage.
    pub folders: Vec<Modules>,
    /// `Ok` when there are no others.
    pub rest: Result<(), Why>,
    /// All installs of the stages that the image is built from, in the order in which they run.
    pub installs: Vec<Arc<Install>>,
    /// Scripts of package.json that RUN starts in them.
    pub scripts: Vec<Ran>,
}

/// A node_modules folder.
#[derive(Clone, Debug)]
pub struct Modules {
    /// Its path in the stage. While stages are gone through, it may bear any name.
    pub path: String,
    /// Whether development dependencies are in it; its origin is the command that decides.
    pub development: Fact<bool>,
    /// The install that made it; `None` where that is not known.
    pub by: Option<Arc<Install>>,
    /// Where COPY takes it from another stage, in the order of the build.
    pub copied: Vec<Span>,
    /// For which packages of a workspace it was made, where it was for some of them alone.
    pub chosen: Option<Chosen>,
}

/// The packages of a workspace that a command is for: `pnpm --filter=api deploy`, `npm ci -w api`.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The package of the folder that it runs in.
    pub at: Option<PackageId>,
    /// What names them: names or folders; none for the package of the folder, or where it is not literal.
    pub words: Vec<String>,
    /// True when the command is for the package of its folder where nothing is named: `pnpm deploy`.
    pub here: bool,
}

/// A command that installs what package.json asks for.
#[derive(Debug)]
pub struct Install {
    /// The stage it runs in, in [`Image::stages`].
    pub stage: usize,
    /// Index of its RUN in the Dockerfile's instructions.
    pub instruction: usize,
    /// Who installs.
    pub manager: Manager,
    /// Its first words, as written: `npm ci`.
    pub written: String,
    /// Their bytes.
    pub at: Span,
    /// The bytes of its last word; `None` in exec form.
    pub last_word: Option<Span>,
    /// What its options say of development dependencies.
    pub asked: Asked,
    /// Whether it installs them.
    pub development: Result<bool, Why>,
    /// The package whose dependencies it installs.
    pub package: Option<PackageId>,
    /// True when it runs no lifecycle scripts.
    pub ignores_scripts: bool,
    /// True when it stands in the Dockerfile itself, not in a script that the Dockerfile runs.
    pub is_in_dockerfile: bool,
    /// True when it runs each time, whatever the commands before it find.
    pub is_certain: bool,
}

/// A script of package.json that RUN starts.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The stage.
    pub stage: usize,
    /// Index of its RUN in the Dockerfile's instructions.
    pub instruction: usize,
    /// Its name.
    pub name: String,
    /// Its package.
    pub package: PackageId,
    /// Where it is started.
    pub at: Span,
    /// Whether development dependencies are there.
    pub development: Fact<bool>,
}

impl Provenance {
    /// True when the shipped stage is known to hold packages, and none that are for development alone.
    pub fn is_without_development(&self) -> bool {
        let is_left_out = |modules: &Modules| modules.development.known() == Some(&false);
        !self.folders.is_empty() && self.rest.is_ok() && self.folders.iter().all(is_left_out)
    }

    /// The node_modules that programs in a folder of the shipped stage see: in the folder or in the nearest above it.
    pub fn seen_from(&self, folder: &str) -> Option<&Modules> {
        std::iter::successors(Some(folder.trim_end_matches('/')), |folder| Some(folder.rsplit_once('/')?.0))
            .find_map(|folder| self.folders.iter().find(|modules| modules.parent() == Some(folder)))
    }
}

impl Modules {
    /// The folder that it lies in, `""` for the root; `None` when it is not called node_modules.
    pub fn parent(&self) -> Option<&str> {
        self.path.strip_suffix("/node_modules")
    }
}

impl Project {
    /// The packages that an image holds, and how it comes by them.
    pub fn provenance(&self, image: ImageId) -> &Provenance {
        &self.provenance[image.0 as usize]
    }

    /// Follows the node_modules of all images.
    pub(super) fn follow_packages(&mut self) {
        let project = &*self;
        self.provenance = project.images.par_iter().map(|image| project.provenance_of(image)).collect();
    }

    /// The packages whose development dependencies an install of this package brings along: itself, and of its
    /// workspace the one that the image holds.
    pub fn installed_with(&self, package: PackageId, image: &Image) -> Vec<&Package> {
        let held =
            image.package.filter(|held| *held != package && self.package(*held).workspace == Some(package));
        let all = std::iter::once(package).chain(held).map(|id| self.package(id));
        all.filter(|package| package.facts.of_kind(DependencyKind::Development).next().is_some()).collect()
    }

    /// True unless a RUN, from the install at `after` on, surely runs no program that uses node_modules.
    pub fn may_use_packages(&self, run: &RunStep, after: Span) -> bool {
        let Some(script) = run.script() else {
            return !run.body.span().is_some_and(|span| span.contains(after));
        };
        let commands = shell::parse(script).commands;
        let later = commands.iter().filter(|command| command.span.start > after.start);
        later.into_iter().any(|command| !command.words.is_empty() && !leaves_packages_alone(command))
    }

    /// True where Yarn 1 installs.
    pub fn is_classic(&self, install: &Install) -> bool {
        install.package.is_some_and(|package| !manager::is_berry(self.package(package)))
    }

    fn provenance_of(&self, image: &Image) -> Provenance {
        let mut build = Build {
            project: self,
            image,
            trees: Vec::new(),
            installs: Vec::new(),
            scripts: Vec::new(),
            gone_through: 0,
        };
        let shipped = build.shipped(PARENTS);
        let mut folders = shipped.items;
        folders.retain(|modules| modules.parent().is_some());
        Provenance { folders, rest: shipped.rest, installs: build.installs, scripts: build.scripts }
    }
}

/// An image while its stages are gone through.
struct Build<'a> {
    project: &'a Project,
    image: &'a Image,
    /// What each stage holds at its end; `None` for stages that are not built, or not yet.
    trees: Vec<Option<Trees>>,
    installs: Vec<Arc<Install>>,
    scripts: Vec<Ran>,
    /// Scripts that were gone through.
    gone_through: usize,
}

impl<'a> Build<'a> {
    /// What the shipped stage holds.
    fn shipped(&mut self, parents: usize) -> Trees {
        self.trees = vec![None; self.image.stages.stages.len()];
        for stage in self.image.stages.reachable(self.image.stage()) {
            let trees = self.stage(stage, parents);
            self.trees[stage.index] = Some(trees);
        }
        self.trees[self.image.stage].take().unwrap_or_default()
    }

    fn stage(&mut self, stage: &'a Stage, parents: usize) -> Trees {
        let mut trees = self.inherited(stage, parents);
        let mut copies = stage.copies.iter().peekable();
        for run in &stage.runs {
            while let Some(copy) = copies.next_if(|copy| copy.instruction < run.instruction) {
                self.copy(copy, &mut trees);
            }
            self.run(stage, run, &mut trees);
        }
        copies.for_each(|copy| self.copy(copy, &mut trees));
        trees
    }

    /// What a stage starts with.
    fn inherited(&self, stage: &Stage, parents: usize) -> Trees {
        match &stage.from {
            StageFrom::Stage(index) => {
                self.trees.get(*index).cloned().flatten().unwrap_or_else(|| Trees::unknown(Why::NotFound))
            }
            StageFrom::Scratch => Trees::default(),
            StageFrom::Broken => Trees::unknown(Why::Broken),
            StageFrom::Image(Fact::Unknown(why)) => Trees::unknown(*why),
            StageFrom::Image(Fact::Known { value, .. }) => match self.parent_of(stage) {
                Some(parent) if parents > 0 => {
                    let mut build = Build {
                        image: parent,
                        trees: Vec::new(),
                        installs: Vec::new(),
                        scripts: Vec::new(),
                        gone_through: 0,
                        ..*self
                    };
                    build.shipped(parents - 1)
                }
                _ if base_images::lookup(value).is_some() => Trees::default(),
                _ => Trees::unknown(Why::UnknownBase),
            },
        }
    }

    /// The image of another Dockerfile that a stage stands on, for the lineage of the shipped stage.
    fn parent_of(&self, stage: &Stage) -> Option<&'a Image> {
        let parent = self.image.parent.filter(|_| self.image.root_stage().index == stage.index)?;
        Some(self.project.image(parent))
    }

    /// True when what a stage stands on is known to set none of the variables that decide.
    fn leaves_environment(&self, stage: &Stage) -> bool {
        let Some(root) = self.image.stages.lineage(stage).last() else { return false };
        let known = match self.parent_of(root) {
            Some(parent) => parent.base.clone(),
            None => root.from.image().and_then(base_images::lookup),
        };
        known.is_some_and(|base| base.leaves_environment())
    }
}

/// Programs of the system that build nothing from packages.
const SYSTEM: [&str; 24] = [
    "addgroup", "adduser", "apk", "apt", "apt-get", "chgrp", "chmod", "chown", "cp", "echo", "groupadd",
    "ln", "ls", "mkdir", "mv", "rm", "sed", "set", "test", "touch", "true", "useradd", "usermod", "[",
];

fn leaves_packages_alone(command: &ShellCommand) -> bool {
    let words: Vec<&str> = command.words.iter().filter_map(|word| word.literal()).collect();
    match words[..] {
        ["npm" | "yarn" | "pnpm", "cache", ..] => true,
        ["pnpm", "store", ..] => true,
        [program, ..] => SYSTEM.contains(&program),
        [] => false,
    }
}
