//! What the files of a project say together: which image a Dockerfile ships, which container runs it, through which
//! programs the process starts, what is deployed with what.
//!
//! Everything that a rule may ask is in [`Project`]. Subjects refer to each other by ids, which are indexes into
//! the project's vectors.

pub mod absence;
pub mod advice;
mod app;
pub mod build;
pub mod chain;
pub mod claim;
pub mod contents;
pub mod context;
pub mod copies;
pub mod development;
pub mod disk;
pub mod elsewhere;
pub mod environment;
pub mod exposure;
mod health;
mod image;
pub mod imports;
pub mod kustomize;
mod link;
mod mention;
pub mod opening;
mod packages;
pub mod phantom;
pub mod pipeline;
mod plan;
mod port;
mod programs;
mod project;
pub mod provenance;
pub mod purpose;
pub mod reach;
pub mod read;
mod replacement;
pub mod route;
pub mod run;
pub mod run_mode;
pub mod scale;
pub mod seen;
pub mod sent;
pub mod serve;
mod service;
pub mod shutdown;
mod stated;
pub mod target;
pub mod told;
pub mod unit;
pub mod use_of;
pub mod user;
pub mod weight;

use crate::facts::base_images::{BaseImage, Runtime};
use crate::facts::image::Stages;
use crate::facts::lock::Lock;
use crate::facts::{self, Fact, compose, object};
use crate::model::chain::ProcessChain;
use crate::model::environment::Environment;
use crate::model::reach::{Program, Scripts};
use crate::model::read::Reading;
use crate::source::{FileId, ProjectPath, Sources, Span};
use crate::syntax::Issue;
use crate::syntax::comment::Comment;
use crate::syntax::dockerfile::Dockerfile;
use purpose::Purposes;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use told::Told;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);
    )*};
}

ids! {
    /// An [`Image`] of [`Project::images`].
    ImageId,
    /// A [`Run`] of [`Project::runs`].
    RunId,
    /// A [`Workload`] of [`Project::workloads`].
    WorkloadId,
    /// A [`Container`] of [`Project::containers`].
    ContainerId,
    /// A [`Package`] of [`Project::packages`].
    PackageId,
    /// An [`Object`] of [`Project::objects`].
    ObjectId,
    /// An [`App`] of [`Project::apps`].
    AppId,
    /// A [`Unit`] of [`Project::units`].
    UnitId,
    /// A [`ComposeService`] of [`Project::compose_services`].
    ComposeId,
}

/// What one Dockerfile ships when it is built: the last stage, or the stage that a build names.
#[derive(Debug)]
pub struct Image {
    /// Its place in [`Project::images`].
    pub id: ImageId,
    /// The Dockerfile.
    pub dockerfile: FileId,
    /// Its instructions.
    pub tree: Arc<Dockerfile>,
    /// Its stages.
    pub stages: Arc<Stages>,
    /// The stage that is shipped, in [`Image::stages`].
    pub stage: usize,
    /// The target that a build names; `None`: the last stage.
    pub target: Option<String>,
    /// The builds that make it.
    pub builds: Vec<build::Build>,
    /// The build context.
    pub context: Fact<ProjectPath>,
    /// In words, what the context is known from.
    pub context_by: &'static str,
    /// What the tables know of the image that everything is built on.
    pub base: Option<BaseImage>,
    /// The image of another Dockerfile of the project that it is built on.
    pub parent: Option<ImageId>,
    /// The images of other Dockerfiles of the project that its stages stand on, by the stage whose FROM names them.
    pub bases: BTreeMap<usize, Arc<contents::Base>>,
    /// True when another image of the project is built on it.
    pub is_base: bool,
    /// The containers that run it.
    pub containers: Vec<ContainerId>,
    /// The package that it holds.
    pub package: Option<PackageId>,
    /// What it is for.
    pub purpose: Purposes,
    /// The app that it belongs to.
    pub app: Option<AppId>,
}

/// An image as one container, compose service or nothing but itself starts it: all about processes, signals, ports
/// and probes is asked of this.
#[derive(Debug)]
pub struct Run {
    /// Its place in [`Project::runs`].
    pub id: RunId,
    /// What starts it.
    pub by: RunBy,
    /// The image, when the project builds it.
    pub image: Option<ImageId>,
    /// Where the start is written: in the Dockerfile, the manifest or the compose file.
    pub start: Span,
    /// What the tables know of the image that everything is built on.
    pub base: Option<BaseImage>,
    /// The programs from the first process to the last one.
    pub chain: ProcessChain,
    /// Where the start comes with a base that no table knows: the chain of the package's `start` script, which is taken
    /// to be what such bases run. It tells the program, not how its process is started.
    pub taken: Option<ProcessChain>,
    /// The environment that the first process gets.
    pub environment: Environment,
    /// What runs.
    pub runtime: Fact<Runtime>,
    /// The source of the file that node runs.
    pub entry: Fact<FileId>,
    /// What that reaches.
    pub program: Option<Arc<Program>>,
    /// The ports that it listens on.
    pub serving: serve::Serving,
    /// What it is for.
    pub purpose: Purposes,
    /// The app that it belongs to.
    pub app: Option<AppId>,
}

/// What starts an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RunBy {
    /// Whoever runs it as it is: nothing in the project does.
    Image,
    /// A container of a pod.
    Container(ContainerId),
    /// A service of a compose file.
    Compose(ComposeId),
}

/// A container of a pod template.
#[derive(Debug)]
pub struct Container {
    /// Its place in [`Project::containers`].
    pub id: ContainerId,
    /// The workload whose pods hold it.
    pub workload: WorkloadId,
    /// What the manifest says of it.
    pub facts: Arc<object::Container>,
    /// The image of the project that it runs.
    pub image: Fact<ImageId>,
    /// In words, what that is known from.
    pub image_by: &'static str,
    /// The run that it is, when its image has a name.
    pub run: Option<RunId>,
    /// What it is for.
    pub purpose: Purposes,
    /// The app that it belongs to.
    pub app: Option<AppId>,
}

/// An object that makes pods.
#[derive(Debug)]
pub struct Workload {
    /// Its place in [`Project::workloads`].
    pub id: WorkloadId,
    /// The unit it lives in.
    pub unit: UnitId,
    /// The object, in [`Project::objects`].
    pub object: ObjectId,
    /// What the manifest says of it. Its containers are in [`Project::containers`] too.
    pub facts: object::Workload,
    /// Its containers, in the order in which they start.
    pub containers: Vec<ContainerId>,
    /// What it is for.
    pub purpose: Purposes,
    /// The app that it belongs to.
    pub app: Option<AppId>,
}

/// Any Kubernetes object, as its unit applies it.
#[derive(Debug)]
pub struct Object {
    /// Its place in [`Project::objects`].
    pub id: ObjectId,
    /// The unit it lives in.
    pub unit: UnitId,
    /// What it says.
    pub facts: object::Object,
    /// The workload that it is.
    pub workload: Option<WorkloadId>,
    /// What it is for.
    pub purpose: Purposes,
    /// The app that it belongs to.
    pub app: Option<AppId>,
}

/// A service of a compose file.
#[derive(Debug)]
pub struct ComposeService {
    /// Its place in [`Project::compose_services`].
    pub id: ComposeId,
    /// The compose file.
    pub file: FileId,
    /// What the file says of it.
    pub facts: compose::ComposeService,
    /// The image of the project that it builds or runs.
    pub image: Fact<ImageId>,
    /// In words, what that is known from.
    pub image_by: &'static str,
    /// True when another service waits for it to end well: it is a task.
    pub is_task: bool,
    /// What it is for.
    pub purpose: Purposes,
    /// The app that it belongs to.
    pub app: Option<AppId>,
}

/// A folder with a package.json.
#[derive(Debug)]
pub struct Package {
    /// Its place in [`Project::packages`].
    pub id: PackageId,
    /// The package.json.
    pub file: FileId,
    /// The folder.
    pub folder: ProjectPath,
    /// What the package.json says.
    pub facts: Arc<facts::package::Package>,
    /// The package whose install brings this one along: the root of its workspace.
    pub workspace: Option<PackageId>,
    /// The lock files that its installs read: in its folder, else in its workspace's root.
    pub locks: Vec<Arc<Lock>>,
    /// The app that it belongs to.
    pub app: Option<AppId>,
}

/// A JavaScript or TypeScript file.
#[derive(Debug)]
pub struct Module {
    /// The file.
    pub file: FileId,
    /// The package it belongs to: the nearest package.json upwards.
    pub package: Option<PackageId>,
}

/// What is deployed together, and why we think so.
#[derive(Debug)]
pub struct App {
    /// Its place in [`Project::apps`].
    pub id: AppId,
    /// Its name, unique in the project.
    pub name: String,
    /// Its folder: that of its package, else of its Dockerfile.
    pub folder: ProjectPath,
    /// Its package.
    pub package: Option<PackageId>,
    /// Its images.
    pub images: Vec<ImageId>,
    /// Why containers and compose services belong to it.
    pub links: Vec<Link>,
}

/// Something that runs an image of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The image.
    pub image: ImageId,
    /// In words, why it is thought to be this one.
    pub why: &'static str,
    /// Where it is named.
    pub at: Span,
}

/// Objects that live together: a kustomize build, a chart, a folder or a file.
#[derive(Debug)]
pub struct Unit {
    /// Its place in [`Project::units`].
    pub id: UnitId,
    /// What its objects are made from.
    pub made_from: unit::MadeFrom,
    /// The folder of the kustomization, the chart or the manifests; of a single file its path.
    pub at: ProjectPath,
    /// Its objects.
    pub objects: Vec<ObjectId>,
    /// Those of them that are a LimitRange.
    pub limit_ranges: Vec<ObjectId>,
    /// True when one of them is an object of OpenShift's, which chooses the users of pods itself.
    pub openshift: bool,
    /// The files that they come from, and those that change them.
    pub files: Vec<FileId>,
    /// `Ok` when these are all objects: only then may something be said to be missing among them.
    pub rest: Result<(), facts::Why>,
}

/// Something that a person should know of the reading, and that is no finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// Where, when there is a place.
    pub span: Option<Span>,
    /// What: lower case, no full stop.
    pub message: String,
}

/// Everything that was read, and how it hangs together.
#[derive(Debug, Default)]
pub struct Project {
    /// What the configuration tells.
    pub told: Told,
    from_source: build::FromSource,
    /// The files.
    pub sources: Sources,
    /// What each file was read as, by its id.
    pub readings: Vec<Reading>,
    /// The facts of scripts, as far as something led to them.
    pub scripts: Scripts,
    /// What could not be read.
    pub issues: Vec<Issue>,
    /// Comments that may steer plimsoll.
    pub pragmas: Vec<Comment>,
    /// What a person should know of the reading.
    pub notes: Vec<Note>,
    /// What Dockerfiles ship.
    pub images: Vec<Image>,
    /// Images as they are started.
    pub runs: Vec<Run>,
    /// Containers of all workloads.
    pub containers: Vec<Container>,
    /// Workloads of all units.
    pub workloads: Vec<Workload>,
    /// Objects of all units.
    pub objects: Vec<Object>,
    /// Services of all compose files.
    pub compose_services: Vec<ComposeService>,
    /// Packages.
    pub packages: Vec<Package>,
    /// Source files that some program reaches.
    pub modules: Vec<Module>,
    /// Apps.
    pub apps: Vec<App>,
    /// Units.
    pub units: Vec<Unit>,
    /// How each image comes by its packages: asked by [`Project::provenance`].
    pub(crate) provenance: Vec<provenance::Provenance>,
    /// What the pipelines run: asked by [`Project::pipelines`].
    pub(crate) pipelines: OnceLock<pipeline::Pipelines>,
    /// What is set by files that are not read as what they are: asked by [`Project::may_set_node_env`].
    pub(crate) elsewhere: OnceLock<elsewhere::Elsewhere>,
    /// Where files name dependencies: asked by [`Project::uses`].
    pub(crate) mentions: OnceLock<mention::Mentions>,
    /// What images lose without a direct dependency: asked by [`Project::saving`].
    pub(crate) savings: OnceLock<weight::Savings>,
    /// What is imported and not asked for: asked by [`Project::phantoms`].
    pub(crate) phantoms: OnceLock<phantom::Phantoms>,
    /// What leads traffic where: asked by [`Project::services_of`] and [`Project::ingresses_of`].
    pub exposure: exposure::Exposure,
    /// Files that have no business in an image.
    pub strays: sent::Strays,
    /// What scales the workloads: asked by [`Project::copies_of`].
    pub scaled: copies::Scaled,
    /// What there is in any unit: asked by [`Project::is_whole`] and [`Project::has_service`].
    pub known: absence::Known,
    /// Who guards whose pods: asked by [`Project::budget_of`] and [`Project::lone_of`].
    pub scale: scale::Scale,
}

impl Project {
    /// The image of an id.
    pub fn image(&self, id: ImageId) -> &Image {
        &self.images[id.0 as usize]
    }

    /// The container of an id.
    pub fn container(&self, id: ContainerId) -> &Container {
        &self.containers[id.0 as usize]
    }

    /// The compose service of an id.
    pub fn compose_service(&self, id: ComposeId) -> &ComposeService {
        &self.compose_services[id.0 as usize]
    }

    /// The run of an id.
    pub fn run(&self, id: RunId) -> &Run {
        &self.runs[id.0 as usize]
    }

    /// The package of an id.
    pub fn package(&self, id: PackageId) -> &Package {
        &self.packages[id.0 as usize]
    }

    /// The package of a folder.
    pub fn package_at(&self, folder: &ProjectPath) -> Option<&Package> {
        let found = self.packages.binary_search_by(|package| package.folder.cmp(folder)).ok()?;
        Some(&self.packages[found])
    }

    /// The package that a file belongs to: that of the nearest package.json upwards.
    pub fn package_of(&self, file: &ProjectPath) -> Option<&Package> {
        file.ancestors().skip(1).find_map(|folder| self.package_at(&folder))
    }

    /// The workload of an id.
    pub fn workload(&self, id: WorkloadId) -> &Workload {
        &self.workloads[id.0 as usize]
    }

    /// The object of an id.
    pub fn object(&self, id: ObjectId) -> &Object {
        &self.objects[id.0 as usize]
    }

    /// The unit of an id.
    pub fn unit(&self, id: UnitId) -> &Unit {
        &self.units[id.0 as usize]
    }

    /// The objects that live in a unit.
    pub fn objects_of(&self, unit: UnitId) -> impl Iterator<Item = &Object> {
        self.unit(unit).objects.iter().map(|id| self.object(*id))
    }

    /// The workloads that live in a unit.
    pub fn workloads_of(&self, unit: UnitId) -> impl Iterator<Item = &Workload> {
        self.objects_of(unit).filter_map(|object| object.workload).map(|id| self.workload(id))
    }
}
