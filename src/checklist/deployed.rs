//! What is deployed of an app: everything that the items are asked of.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::facts::base_images::Runtime;
use crate::facts::object::{Role, WorkloadKind};
use crate::model::purpose::Purpose;
use crate::model::reach::Program;
use crate::model::{App, AppId, ComposeService, Container, Image, Project, Run, Workload};
use crate::source::FileId;

/// What is deployed of an app.
pub(super) struct Deployed<'p> {
    pub(super) project: &'p Project,
    pub(super) app: &'p App,
    /// Images that ship.
    pub(super) images: Vec<&'p Image>,
    /// Its processes in production, whose runtime is not known to be something else than Node.
    pub(super) runs: Vec<&'p Run>,
    /// Main containers of pods that those run in.
    pub(super) containers: Vec<&'p Container>,
    /// What makes those pods.
    pub(super) workloads: Vec<&'p Workload>,
    /// Services of compose files that ship.
    pub(super) services: Vec<&'p ComposeService>,
}

impl<'p> Deployed<'p> {
    /// What is deployed of an app; `None` when nothing of it is known to be a Node.js process that ships.
    pub(super) fn of(project: &'p Project, app: &'p App) -> Option<Deployed<'p>> {
        let is_its = |purpose: Purpose, of: Option<AppId>| purpose == Purpose::Ship && of == Some(app.id);
        let is_other =
            |run: &Run| matches!(run.runtime.known(), Some(runtime) if !matches!(runtime, Runtime::Node(_)));
        let runs: Vec<&Run> = project
            .runs
            .iter()
            .filter(|run| is_its(run.purpose.decided, run.app) && !is_other(run))
            .collect();
        runs.iter().any(|run| run.is_node()).then_some(())?;
        let containers: Vec<&Container> = runs
            .iter()
            .filter_map(|run| run.container())
            .map(|id| project.container(id))
            .filter(|container| container.facts.role == Role::Main)
            .collect();
        let workloads: BTreeSet<_> = containers.iter().map(|container| container.workload).collect();
        let images = app.images.iter().map(|id| project.image(*id));
        let services = project.compose_services.iter();
        Some(Deployed {
            project,
            app,
            images: images.filter(|image| image.purpose.decided == Purpose::Ship && !image.is_base).collect(),
            runs,
            containers,
            workloads: workloads.into_iter().map(|id| project.workload(id)).collect(),
            services: services.filter(|service| is_its(service.purpose.decided, service.app)).collect(),
        })
    }

    /// The processes that are meant to run until they are stopped.
    pub(super) fn servers(&self) -> impl Iterator<Item = &'p Run> {
        self.runs.iter().copied().filter(|run| run.stays(self.project))
    }

    /// The programs of its processes; an error for one whose source is not known.
    pub(super) fn programs(&self) -> Vec<Result<&'p Program, ()>> {
        self.servers().map(|run| run.program.as_deref().ok_or(())).collect()
    }

    /// Workloads whose pods run until they are stopped.
    pub(super) fn lasting(&self) -> impl Iterator<Item = &'p Workload> {
        let ends = |kind| matches!(kind, WorkloadKind::Job | WorkloadKind::CronJob);
        self.workloads.iter().copied().filter(move |workload| !ends(workload.facts.kind))
    }

    /// The files that speak of it.
    pub(super) fn files(&self) -> BTreeSet<FileId> {
        let mut files: BTreeSet<FileId> = self.images.iter().map(|image| image.dockerfile).collect();
        files.extend(self.workloads.iter().flat_map(|workload| &self.project.unit(workload.unit).files));
        files.extend(self.services.iter().map(|service| service.file));
        files.extend(self.app.package.map(|id| self.project.package(id).file));
        files.extend(
            self.runs.iter().filter_map(|run| run.program.as_ref()).flat_map(|program| &program.files),
        );
        files
    }
}

/// Which app files speak of, where it is one alone.
pub(super) struct Homes(FxHashMap<FileId, Option<AppId>>);

impl Homes {
    pub(super) fn of(deployed: &[Deployed<'_>]) -> Homes {
        let mut homes: FxHashMap<FileId, Option<AppId>> = FxHashMap::default();
        for one in deployed {
            for file in one.files() {
                homes.entry(file).and_modify(|home| *home = None).or_insert(Some(one.app.id));
            }
        }
        Homes(homes)
    }

    pub(super) fn only(&self, file: FileId) -> Option<AppId> {
        self.0.get(&file).copied().flatten()
    }
}
