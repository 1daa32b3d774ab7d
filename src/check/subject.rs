//! What a rule is asked of: its name, its app, its purpose, and the things that a finding on it concerns.

use crate::facts::{Fact, object};
use crate::model::purpose::{Purpose, Purposes};
use crate::model::{
    App, AppId, ComposeId, ComposeService, Container, ContainerId, Image, ImageId, Module, Object, ObjectId,
    Package, PackageId, Project, Run, RunBy, RunId, Unit, UnitId, Workload, WorkloadId,
};
use crate::source::{FileId, Span};

/// A thing that a finding concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    File(FileId),
    Image(ImageId),
    Run(RunId),
    Container(ContainerId),
    Workload(WorkloadId),
    Object(ObjectId),
    Compose(ComposeId),
    Package(PackageId),
    App(AppId),
    Unit(UnitId),
}

/// What is known of the thing judged before the rule is asked.
#[derive(Debug, Default)]
pub(super) struct Subject {
    /// Stable within its file, for ignores and the order of findings.
    pub(super) name: String,
    pub(super) app: Option<String>,
    /// `None` where the question has no meaning: every rule is asked.
    pub(super) purpose: Option<Purpose>,
    /// Where the project calls deprecated what alone still needs it.
    pub(super) superseded: Option<Span>,
    pub(super) own: Option<Key>,
    /// What it is made of.
    pub(super) parts: Vec<Key>,
}

/// A subject that has a purpose and belongs to an app.
fn subject(project: &Project, name: String, app: Option<AppId>, purpose: &Purposes, own: Key) -> Subject {
    let app = app.and_then(|app| project.apps.get(app.0 as usize)).map(|app| app.name.clone());
    let superseded = purpose.superseded;
    Subject { name, app, purpose: Some(purpose.decided), superseded, own: Some(own), parts: Vec::new() }
}

/// `Deployment web`, or the kind alone when the name is not known.
fn object_name(object: &object::Object) -> String {
    match object.name() {
        Fact::Known { value, .. } => format!("{} {value}", object.kind.value),
        Fact::Unknown(_) => object.kind.value.clone(),
    }
}

impl Subject {
    pub(super) fn of_file(project: &Project, file: &FileId) -> Subject {
        let name = project.sources.file(*file).path.to_string();
        Subject { name, own: Some(Key::File(*file)), ..Subject::default() }
    }

    pub(super) fn of_image(project: &Project, image: &Image) -> Subject {
        let name = format!("image {}", project.sources.file(image.dockerfile).path);
        let parts = image.package.map(Key::Package).into_iter().collect();
        Subject { parts, ..subject(project, name, image.app, &image.purpose, Key::Image(image.id)) }
    }

    pub(super) fn of_run(project: &Project, run: &Run) -> Subject {
        let (name, by) = match run.by {
            RunBy::Image => ("run of the image".to_owned(), None),
            RunBy::Container(id) => {
                let container = Subject::of_container(project, project.container(id));
                (format!("run of {}", container.name), Some(Key::Container(id)))
            }
            RunBy::Compose(id) => {
                let service = project.compose_services.get(id.0 as usize);
                let name = service.map_or("service", |service| service.facts.name.value.as_str());
                (format!("run of service {name}"), Some(Key::Compose(id)))
            }
        };
        let parts = run.image.map(Key::Image).into_iter().chain(by).collect();
        Subject { parts, ..subject(project, name, run.app, &run.purpose, Key::Run(run.id)) }
    }

    pub(super) fn of_container(project: &Project, container: &Container) -> Subject {
        let name = container.facts.name.known().map_or(String::new(), |name| format!(" {name}"));
        let name = format!("container{name}");
        let parts = container.image.known().map(|image| Key::Image(*image)).into_iter().collect();
        let own = Key::Container(container.id);
        Subject { parts, ..subject(project, name, container.app, &container.purpose, own) }
    }

    pub(super) fn of_workload(project: &Project, workload: &Workload) -> Subject {
        let name = object_name(&project.object(workload.object).facts);
        let parts = workload.containers.iter().map(|id| Key::Container(*id));
        let parts = parts.chain([Key::Object(workload.object)]).collect();
        let own = Key::Workload(workload.id);
        Subject { parts, ..subject(project, name, workload.app, &workload.purpose, own) }
    }

    pub(super) fn of_object(project: &Project, object: &Object) -> Subject {
        let name = object_name(&object.facts);
        subject(project, name, object.app, &object.purpose, Key::Object(object.id))
    }

    pub(super) fn of_compose(project: &Project, service: &ComposeService) -> Subject {
        let name = format!("service {}", service.facts.name.value);
        let parts = service.image.known().map(|image| Key::Image(*image)).into_iter().collect();
        let own = Key::Compose(service.id);
        Subject { parts, ..subject(project, name, service.app, &service.purpose, own) }
    }

    pub(super) fn of_package(project: &Project, package: &Package) -> Subject {
        let app = package.app.and_then(|app| project.apps.get(app.0 as usize)).map(|app| app.name.clone());
        Subject {
            name: format!("package {}", package.folder),
            app,
            purpose: None,
            superseded: None,
            own: Some(Key::Package(package.id)),
            parts: vec![Key::File(package.file)],
        }
    }

    pub(super) fn of_module(project: &Project, module: &Module) -> Subject {
        Subject::of_file(project, &module.file)
    }

    pub(super) fn of_app(_: &Project, app: &App) -> Subject {
        Subject {
            name: format!("app {}", app.name),
            app: Some(app.name.clone()),
            own: Some(Key::App(app.id)),
            ..Subject::default()
        }
    }

    pub(super) fn of_unit(_: &Project, unit: &Unit) -> Subject {
        Subject { name: format!("unit {}", unit.id.0), own: Some(Key::Unit(unit.id)), ..Subject::default() }
    }

    pub(super) fn of_project() -> Subject {
        Subject { name: "project".to_owned(), ..Subject::default() }
    }
}
