//! The map drawn from the project: what is known is put into words, nothing is found out here.

use std::collections::BTreeMap;

use super::{
    App, Build, By, Chain, Count, Entry, Fate, Handler, Image, Map, Named, Place, Port, Purpose, Reason, Run,
    Service, Sigterm, Step, Unit, Way,
};
use crate::facts::object::{Backend, PortRef, Role, ServicePort};
use crate::facts::{Fact, Why, module};
use crate::model::chain::{Delivery, End, ProcessChain, Signal};
use crate::model::context::ignorefile_of;
use crate::model::exposure;
use crate::model::purpose::Purposes;
use crate::model::reach::Program;
use crate::model::unit::MadeFrom;
use crate::model::{self, AppId, ComposeId, ContainerId, ImageId, ObjectId, Project, RunBy};
use crate::source::{FileId, Span, Spanned};

/// The map of a project.
pub fn draw(project: &Project) -> Map {
    let mut artist = Artist::new(project);
    let units = project.units.iter().map(|unit| artist.unit(unit)).collect();
    let mut apps: Vec<App> = project.apps.iter().map(|app| artist.app(app)).collect();
    apps.sort_by(|a, b| (&a.folder, &a.name).cmp(&(&b.folder, &b.name)));
    let notes = project.notes.iter().map(|note| artist.reason(&note.message, note.span)).collect();
    Map { version: 1, apps, others: artist.others(), units, notes }
}

/// What starts an image.
#[derive(Clone, Copy)]
enum Starter {
    Container(ContainerId),
    Compose(ComposeId),
}

struct Artist<'p> {
    project: &'p Project,
    runs: BTreeMap<RunBy, &'p model::Run>,
    /// Runs of images that nothing starts.
    alone: BTreeMap<ImageId, &'p model::Run>,
    of_image: BTreeMap<ImageId, Vec<Starter>>,
    /// What runs no image of the project, by the app that it stands beside.
    of_no_image: BTreeMap<Option<AppId>, Vec<Starter>>,
    handles: BTreeMap<FileId, Vec<Handler>>,
}

impl<'p> Artist<'p> {
    fn new(project: &'p Project) -> Artist<'p> {
        let (mut of_image, mut of_no_image) = (BTreeMap::new(), BTreeMap::new());
        let containers = project.containers.iter();
        let containers = containers.map(|each| (&each.image, each.app, Starter::Container(each.id)));
        let services = project.compose_services.iter();
        let services = services.map(|each| (&each.image, each.app, Starter::Compose(each.id)));
        for (image, app, starter) in containers.chain(services) {
            let place: &mut Vec<Starter> = match image.known() {
                Some(image) => of_image.entry(*image).or_default(),
                None => of_no_image.entry(app).or_default(),
            };
            place.push(starter);
        }
        let mut artist = Artist {
            project,
            runs: BTreeMap::new(),
            alone: BTreeMap::new(),
            of_image,
            of_no_image,
            handles: BTreeMap::new(),
        };
        for run in &project.runs {
            match (run.by, run.image) {
                (RunBy::Image, Some(image)) => drop(artist.alone.insert(image, run)),
                (by, _) => drop(artist.runs.insert(by, run)),
            }
        }
        artist
    }

    fn place(&self, span: Span) -> Place {
        let file = self.project.sources.file(span.file);
        Place { path: file.path.as_str().to_owned(), line: file.position(span.start).line }
    }

    fn path(&self, file: FileId) -> String {
        self.project.sources.file(file).path.as_str().to_owned()
    }

    fn reason(&self, why: &str, span: Option<Span>) -> Reason {
        Reason { why: why.to_owned(), place: span.map(|span| self.place(span)) }
    }

    fn purpose(&self, purposes: &Purposes) -> Purpose {
        let evidence = purposes.evidence.iter().map(|(why, span)| self.reason(why, *span));
        Purpose { decided: purposes.decided.as_str(), evidence: evidence.collect() }
    }

    fn app(&mut self, app: &model::App) -> App {
        let package = app.package.map(|package| self.project.package(package));
        let locks = package.into_iter().flat_map(|package| &package.locks);
        let beside = self.of_no_image.remove(&Some(app.id)).unwrap_or_default();
        App {
            name: app.name.clone(),
            folder: app.folder.to_string(),
            package: package.map(|package| self.path(package.file)),
            locks: locks.map(|lock| self.path(lock.file)).collect(),
            images: app.images.iter().map(|image| self.image(*image)).collect(),
            beside: beside.into_iter().map(|starter| self.run(starter)).collect(),
        }
    }

    fn others(&mut self) -> Vec<Run> {
        let others = self.of_no_image.remove(&None).unwrap_or_default();
        others.into_iter().map(|starter| self.run(starter)).collect()
    }

    fn image(&mut self, id: ImageId) -> Image {
        let project = self.project;
        let image = project.image(id);
        let dockerfile = &project.sources.file(image.dockerfile).path;
        let context = image.context.known();
        let ignorefile = context.and_then(|context| ignorefile_of(dockerfile, context, &project.sources));
        let builds = image.builds.iter().map(|build| Build {
            by: build.by.as_str(),
            names: build.names.clone(),
            place: self.place(build.span),
        });
        let builds = builds.collect();
        let mut runs = Vec::new();
        if let Some(run) = self.alone.get(&id).copied() {
            runs.push(self.alone(run, image));
        }
        for starter in self.of_image.remove(&id).unwrap_or_default() {
            runs.push(self.run(starter));
        }
        Image {
            dockerfile: dockerfile.as_str().to_owned(),
            target: image.target.clone(),
            base: image.base_name().map(|name| name.text.clone()),
            context: context.map(ToString::to_string),
            context_by: why_not(&image.context).unwrap_or(image.context_by),
            ignorefile: ignorefile.map(|path| path.as_str().to_owned()),
            builds,
            purpose: self.purpose(&image.purpose),
            runs,
        }
    }

    /// An image that nothing of the project starts as it is shipped.
    fn alone(&mut self, run: &model::Run, image: &model::Image) -> Run {
        Run {
            by: By::Image,
            workload: None,
            name: None,
            place: self.place(image.stage().from_span),
            image: None,
            link: None,
            purpose: self.purpose(&run.purpose),
            chain: Some(self.chain(run)),
            services: Vec::new(),
        }
    }

    fn run(&mut self, starter: Starter) -> Run {
        let by = match starter {
            Starter::Container(id) => RunBy::Container(id),
            Starter::Compose(id) => RunBy::Compose(id),
        };
        let chain = self.runs.get(&by).copied().map(|run| self.chain(run));
        match starter {
            Starter::Container(id) => self.container(self.project.container(id), chain),
            Starter::Compose(id) => self.service(&self.project.compose_services[id.0 as usize], chain),
        }
    }

    fn container(&self, container: &model::Container, chain: Option<Chain>) -> Run {
        let workload = self.project.workload(container.workload);
        let object = self.project.object(workload.object);
        let is_main = container.facts.role != Role::Init;
        let services = self.project.services_of(workload.id).iter();
        let services = services.filter(|service| is_main && self.leads_to(**service, container, workload));
        Run {
            by: match container.facts.role {
                Role::Main => By::Container,
                Role::Init => By::Init,
                Role::Sidecar => By::Sidecar,
            },
            workload: Some(self.named(object)),
            name: self.name_of(container),
            place: self.place(container.facts.anchor),
            image: container.facts.image.known().cloned().flatten(),
            link: link(&container.image, container.image_by),
            purpose: self.purpose(&container.purpose),
            chain,
            services: services.map(|service| self.kubernetes_service(*service)).collect(),
        }
    }

    /// The name of a container, also one that is filled in later.
    fn name_of(&self, container: &model::Container) -> Option<String> {
        match &container.facts.name {
            Fact::Known { value, .. } => Some(value.clone()),
            Fact::Unknown(Why::NotFound) => None,
            Fact::Unknown(_) => {
                let anchor = container.facts.anchor;
                Some(self.project.sources.file(anchor.file).text()[anchor.range()].to_owned())
            }
        }
    }

    /// A Service leads to pods: to this container, unless its ports are known to be another one's.
    fn leads_to(&self, service: ObjectId, container: &model::Container, workload: &model::Workload) -> bool {
        let Some(service) = self.project.object(service).facts.service() else { return false };
        let containers = workload.containers.iter().map(|id| self.project.container(*id));
        let mut others = containers.filter(|other| other.id != container.id);
        service.leads_to(&container.facts) || !others.any(|other| service.leads_to(&other.facts))
    }

    fn service(&self, service: &model::ComposeService, chain: Option<Chain>) -> Run {
        Run {
            by: By::Compose,
            workload: None,
            name: Some(service.facts.name.value.clone()),
            place: self.place(service.facts.name.span),
            image: service.facts.image.known().cloned().flatten(),
            link: link(&service.image, service.image_by),
            purpose: self.purpose(&service.purpose),
            chain,
            services: Vec::new(),
        }
    }

    fn named(&self, object: &model::Object) -> Named {
        let written = || object.facts.root.at(&["metadata", "name"])?.scalar();
        let name = object.facts.name().known().cloned();
        let name = name.or_else(|| Some(written()?.text.to_string())).unwrap_or_default();
        Named { kind: object.facts.kind.value.clone(), name }
    }

    fn kubernetes_service(&self, id: ObjectId) -> Service {
        let object = self.project.object(id);
        let (mut kind, mut ports) = (None, Vec::new());
        if let Some(service) = object.facts.service() {
            kind = service.kind.known().cloned();
            ports = service.ports.items.iter().map(|port| port_of(&port.value)).collect();
        }
        let ways = self.project.ingresses_of(id).iter().map(|way| self.way(way)).collect();
        Service {
            id: id.0,
            name: self.named(object).name,
            kind,
            ports,
            place: self.place(object.facts.kind.span),
            ways,
        }
    }

    fn way(&self, way: &exposure::Way) -> Way {
        let object = self.project.object(way.object);
        let mut addresses: Vec<String> = way.backends.iter().filter_map(address).collect();
        if let Some(route) = object.facts.http_route() {
            addresses.extend(route.hosts.items.into_iter().map(|host| host.value));
        }
        if let Some(route) = object.facts.route() {
            addresses.extend(route.host.known().cloned().flatten());
        }
        addresses.dedup();
        Way {
            id: way.object.0,
            object: self.named(object),
            addresses,
            place: self.place(object.facts.kind.span),
        }
    }

    fn chain(&mut self, run: &model::Run) -> Chain {
        let steps = run.chain.steps.iter().map(|step| Step {
            command: step.command.clone(),
            becomes_next: step.signals == [Signal::Replaced],
            place: step.at.map(|span| self.place(span)),
        });
        let stops = match &run.chain.end {
            End::Unknown(why) => Some(why.as_str()),
            End::Nothing => Some("neither ENTRYPOINT nor CMD says what to start"),
            End::Node { .. } | End::Other(_) => None,
        };
        Chain { steps: steps.collect(), stops, sigterm: sigterm(&run.chain), entry: self.entry(run) }
    }

    fn entry(&mut self, run: &model::Run) -> Option<Entry> {
        let End::Node { entry, .. } = &run.chain.end else { return None };
        let mut drawn = Entry {
            file: None,
            in_image: entry.known().map(|entry| entry.path.clone()),
            unknown: why_not(&run.entry),
            files: 0,
            incomplete: None,
            handles: Vec::new(),
        };
        if let Some(program) = &run.program {
            drawn.file = Some(self.path(program.entry));
            drawn.files = program.files.len();
            drawn.incomplete = program.reached.complete().err().map(Why::as_str);
            drawn.handles = self.handles(program);
        }
        Some(drawn)
    }

    /// The signals that a program handles, each at the first place that does.
    fn handles(&mut self, program: &Program) -> Vec<Handler> {
        if let Some(known) = self.handles.get(&program.entry) {
            return known.clone();
        }
        let mut found: Vec<Handler> = Vec::new();
        for file in &program.files {
            let Some(facts) = self.project.scripts.facts(&self.project.sources, *file) else { continue };
            for handler in module::signals(facts).items {
                let signal = handler.value.signal;
                if found.iter().all(|known| known.signal != signal) {
                    found.push(Handler { signal, place: self.place(handler.value.named_at) });
                }
            }
        }
        self.handles.insert(program.entry, found.clone());
        found
    }

    fn unit(&self, unit: &model::Unit) -> Unit {
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for object in self.project.objects_of(unit.id) {
            *kinds.entry(object.facts.kind.value.as_str()).or_default() += 1;
        }
        let purpose = self.project.objects_of(unit.id).next().map(|object| self.purpose(&object.purpose));
        Unit {
            path: unit.at.to_string(),
            made_from: match unit.made_from {
                MadeFrom::Kustomization => "kustomization",
                MadeFrom::Chart => "chart",
                MadeFrom::Folder => "folder",
                MadeFrom::File => "file",
            },
            kinds: kinds.into_iter().map(|(kind, count)| Count { kind: kind.to_owned(), count }).collect(),
            incomplete: unit.rest.err().map(Why::as_str),
            purpose: purpose.unwrap_or_else(|| self.purpose(&Purposes::assumed())),
        }
    }
}

fn why_not<T>(fact: &Fact<T>) -> Option<&'static str> {
    match fact {
        Fact::Known { .. } => None,
        Fact::Unknown(why) => Some(why.as_str()),
    }
}

/// Why it is an image of the project, or why that cannot be said. That no image fits needs no words.
fn link(image: &Fact<ImageId>, by: &'static str) -> Option<&'static str> {
    match image {
        Fact::Known { .. } => Some(by),
        Fact::Unknown(Why::NotFound) => None,
        Fact::Unknown(Why::Ambiguous) => Some("several images of the project fit equally well"),
        Fact::Unknown(why) => Some(why.as_str()),
    }
}

fn sigterm(chain: &ProcessChain) -> Sigterm {
    let (fate, how) = match chain.sigterm() {
        Delivery::Reaches => (Fate::Reaches, None),
        Delivery::ReachesFor { .. } => (Fate::Hurried, chain.sentence()),
        Delivery::Lost { .. } => (Fate::Lost, chain.sentence()),
        Delivery::Unknown(why) => (Fate::Unknown, Some(why.as_str().to_owned())),
    };
    Sigterm { fate, how }
}

fn port_of(port: &ServicePort) -> Port {
    let target = port.target.known().and_then(Option::as_ref).map(|target| match target {
        PortRef::Number(number) => number.to_string(),
        PortRef::Name(name) => name.clone(),
    });
    Port {
        port: port.port.known().copied().flatten(),
        target,
        node_port: port.node_port.known().copied().flatten(),
    }
}

/// Host and path of a rule.
fn address(backend: &Backend) -> Option<String> {
    let (host, path) = (backend.host.as_ref(), backend.path.as_ref());
    let text = |part: Option<&Spanned<String>>| part.map_or("", |part| part.value.as_str()).to_owned();
    Some(text(host) + &text(path)).filter(|address| !address.is_empty())
}
