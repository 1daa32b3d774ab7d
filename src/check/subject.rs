//! What a rule is asked of: its name, its app, its purpose, and the things that a finding on it concerns.

use crate::model::purpose::Purpose;
use crate::model::{
    App, AppId, ComposeId, ComposeService, Container, ContainerId, Image, ImageId, Module, Object, Package,
    PackageId, Project, Run, RunId, Unit, UnitId, Workload, WorkloadId,
};
use crate::source::FileId;

/// A thing that a finding concerns: two findings that share one are on one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    File(FileId),
    Image(ImageId),
    Run(RunId),
    Container(ContainerId),
    Workload(WorkloadId),
    Compose(ComposeId),
    Package(PackageId),
    App(AppId),
    Unit(UnitId),
}

/// What is known of the thing judged before the rule is asked.
#[derive(Debug, Default)]
pub(super) struct Subject {
    /// Stable within its file: it goes into fingerprints.
    pub(super) name: String,
    pub(super) app: Option<String>,
    /// `None` where the question has no meaning: every rule is asked.
    pub(super) purpose: Option<Purpose>,
    pub(super) keys: Vec<Key>,
}

fn app_name(project: &Project, app: Option<AppId>) -> Option<String> {
    let app = project.apps.get(app?.0 as usize)?;
    Some(app.name.clone())
}

impl Subject {
    pub(super) fn of_file(project: &Project, file: &FileId) -> Subject {
        let name = project.sources.file(*file).path.to_string();
        Subject { name, keys: vec![Key::File(*file)], ..Subject::default() }
    }

    pub(super) fn of_image(project: &Project, image: &Image) -> Subject {
        Subject {
            name: format!("image {}", project.sources.file(image.dockerfile).path),
            app: app_name(project, image.app),
            purpose: Some(image.purpose.decided),
            keys: vec![Key::Image(image.id)],
        }
    }

    pub(super) fn of_run(project: &Project, run: &Run) -> Subject {
        let image = run.image.map(Key::Image);
        Subject {
            name: "run".to_owned(),
            app: app_name(project, run.app),
            purpose: Some(run.purpose.decided),
            keys: std::iter::once(Key::Run(run.id)).chain(image).collect(),
        }
    }

    pub(super) fn of_container(project: &Project, container: &Container) -> Subject {
        Subject {
            name: "container".to_owned(),
            app: app_name(project, container.app),
            purpose: Some(container.purpose.decided),
            keys: vec![Key::Container(container.id)],
        }
    }

    pub(super) fn of_workload(project: &Project, workload: &Workload) -> Subject {
        Subject {
            name: "workload".to_owned(),
            app: app_name(project, workload.app),
            purpose: Some(workload.purpose.decided),
            keys: vec![Key::Workload(workload.id)],
        }
    }

    pub(super) fn of_object(project: &Project, object: &Object) -> Subject {
        Subject {
            name: "object".to_owned(),
            app: app_name(project, object.app),
            purpose: Some(object.purpose.decided),
            keys: Vec::new(),
        }
    }

    pub(super) fn of_compose(project: &Project, service: &ComposeService) -> Subject {
        Subject {
            name: "service".to_owned(),
            app: app_name(project, service.app),
            purpose: Some(service.purpose.decided),
            keys: vec![Key::Compose(service.id)],
        }
    }

    pub(super) fn of_package(project: &Project, package: &Package) -> Subject {
        Subject {
            name: format!("package {}", package.folder),
            app: app_name(project, package.app),
            purpose: None,
            keys: vec![Key::Package(package.id), Key::File(package.file)],
        }
    }

    pub(super) fn of_module(project: &Project, module: &Module) -> Subject {
        let name = project.sources.file(module.file).path.to_string();
        Subject { name, keys: vec![Key::File(module.file)], ..Subject::default() }
    }

    pub(super) fn of_app(_: &Project, app: &App) -> Subject {
        Subject {
            name: format!("app {}", app.name),
            app: Some(app.name.clone()),
            purpose: None,
            keys: vec![Key::App(app.id)],
        }
    }

    pub(super) fn of_unit(_: &Project, unit: &Unit) -> Subject {
        Subject { name: "unit".to_owned(), keys: vec![Key::Unit(unit.id)], ..Subject::default() }
    }

    pub(super) fn of_project() -> Subject {
        Subject { name: "project".to_owned(), ..Subject::default() }
    }
}
