//! Links and apps: which container and compose service runs which image, which package an image holds, and what is
//! therefore one app.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::link::{Candidate, Candidates};
use super::purpose::Purpose;
use super::{App, AppId, ComposeService, Image, ImageId, Link, PackageId, Project, contents};
use crate::facts::base_images::{self, Runtime};
use crate::facts::{Fact, Origin, Why};
use crate::source::{ProjectPath, Span};
use crate::syntax::image_ref::ImageRef;

impl Project {
    /// Finds the package of each image.
    pub(super) fn link_packages(&mut self) {
        let packages: Vec<Option<PackageId>> =
            self.images.iter().map(|image| self.package_in(image)).collect();
        for (image, package) in self.images.iter_mut().zip(packages) {
            image.package = package;
        }
    }

    /// The package whose package.json is copied to WORKDIR, else the one beside the Dockerfile; for an image of Node else that
    /// of the context.
    fn package_in(&self, image: &Image) -> Option<PackageId> {
        let at_workdir = image.config().workdir.known().and_then(|workdir| {
            let path = format!("{workdir}/package.json");
            let source = contents::source_of(image, &path, &self.sources);
            self.package_at(&source.known()?.parent()?)
        });
        let beside = || self.package_at(&self.sources.file(image.dockerfile).path.parent()?);
        // An image of another runtime in a Node repository holds no package because one stands in its context.
        let runs_node = matches!(image.runtime().known(), Some(Runtime::Node(_)));
        let of_context = || self.package_at(image.context.known().filter(|_| runs_node)?);
        at_workdir.or_else(beside).or_else(of_context).map(|package| package.id)
    }

    /// Finds the image of each container and compose service.
    pub(super) fn link_images(&mut self) {
        let candidates = self.candidates();
        let only = self.only_image();
        let linked: Vec<(Fact<ImageId>, &'static str)> = self
            .containers
            .iter()
            .map(|container| match container.facts.image.known() {
                Some(Some(image)) => {
                    match (candidates.link(image, &self.sources.file(container.facts.anchor.file).path), only)
                    {
                        ((Fact::Unknown(Why::NotFound), _), Some(only))
                            if !is_public(image) && !is_neighbour(image, self.image(only)) =>
                        {
                            (only_one(only, self), "it is the only image of the project")
                        }
                        (found, _) => found,
                    }
                }
                _ => (Fact::Unknown(Why::Templated), ""),
            })
            .collect();
        for (container, (image, reason)) in self.containers.iter_mut().zip(linked) {
            if let Some(image) = image.known() {
                self.images[image.0 as usize].containers.push(container.id);
            }
            container.image = image;
            container.image_by = reason;
        }
        let bases: Vec<ImageId> = self
            .images
            .iter()
            .flat_map(|image| image.parent.into_iter().chain(image.bases.values().map(|base| base.image)))
            .collect();
        bases.into_iter().for_each(|base| self.images[base.0 as usize].is_base = true);
        let builds =
            self.images.iter().flat_map(|image| image.builds.iter().map(|build| (build.span, image.id)));
        let built: FxHashMap<Span, ImageId> = builds.collect();
        let linked: Vec<(Fact<ImageId>, &'static str)> = self
            .compose_services
            .iter()
            .map(|service| image_of(service, &self.sources.file(service.file).path, &built, &candidates))
            .collect();
        for (service, (image, reason)) in self.compose_services.iter_mut().zip(linked) {
            let built = image.known().map(|id| &self.images[id.0 as usize].purpose);
            let other = built.filter(|built| built.decided != Purpose::Ship);
            if let Some(built) = other.filter(|_| service.purpose.evidence.is_empty()) {
                service.purpose = built.clone();
            }
            service.image = image;
            service.image_by = reason;
        }
    }

    fn candidates(&self) -> Candidates {
        let ships = |image: &&Image| matches!(image.purpose.decided, Purpose::Ship);
        let candidate = |image: &Image| {
            let dockerfile = &self.sources.file(image.dockerfile).path;
            let folder = image
                .context
                .known()
                .filter(|context| !context.is_root())
                .cloned()
                .or_else(|| dockerfile.parent());
            Candidate {
                id: image.id,
                built_as: image
                    .builds
                    .iter()
                    .flat_map(|build| build.names.iter().map(|name| (name.clone(), build.span)))
                    .collect(),
                folder: folder.unwrap_or_else(ProjectPath::root),
                package: image.package.and_then(|id| self.package(id).facts.name.known().cloned().flatten()),
                span: Span::at(image.dockerfile, 0),
            }
        };
        Candidates::new(self.images.iter().filter(ships).map(candidate))
    }

    /// The one image that ships, when there is one, and all containers of images that nobody knows run the same.
    fn only_image(&self) -> Option<ImageId> {
        let mut ships = self.images.iter().filter(|image| image.purpose.decided == Purpose::Ship);
        let only = ships.next().filter(|_| ships.next().is_none())?;
        let names = self.containers.iter().filter_map(|container| container.facts.image.known()?.as_deref());
        let mut own: Vec<Option<String>> =
            names.filter(|name| !is_public(name)).map(super::build::image_name).collect();
        own.sort();
        own.dedup();
        (own.len() == 1).then_some(only.id)
    }

    /// Groups what was linked: images of one package are one app, with everything that runs them.
    pub(super) fn group_apps(&mut self) {
        let mut folders: BTreeMap<ProjectPath, Vec<usize>> = BTreeMap::new();
        for (index, image) in self.images.iter().enumerate() {
            let folder = match image.package {
                Some(package) => Some(self.package(package).folder.clone()),
                None => self.sources.file(image.dockerfile).path.parent(),
            };
            folders.entry(folder.unwrap_or_else(ProjectPath::root)).or_default().push(index);
        }
        let mut names: FxHashSet<String> = FxHashSet::default();
        for (folder, images) in folders {
            let id = AppId(self.apps.len() as u32);
            let package = images.iter().find_map(|index| self.images[*index].package);
            let mut name = self.app_name(&folder, package);
            if !names.insert(name.clone()) {
                // Of two apps with one name the folder makes the difference.
                name = format!("{name} in {folder}");
            }
            for index in &images {
                self.images[*index].app = Some(id);
            }
            if let Some(package) = package {
                self.packages[package.0 as usize].app = Some(id);
            }
            let images = images.iter().map(|index| self.images[*index].id).collect();
            self.apps.push(App { id, name, folder, package, images, links: Vec::new() });
        }
        self.spread_apps();
    }

    /// The package's name, else the folder's.
    fn app_name(&self, folder: &ProjectPath, package: Option<PackageId>) -> String {
        let named = package.and_then(|id| self.package(id).facts.name.known().cloned().flatten());
        named.filter(|name| !name.is_empty()).unwrap_or_else(|| match folder.name() {
            "" => "app".to_owned(),
            name => name.to_owned(),
        })
    }

    /// Hands the apps on: from images to what runs them, to workloads, to the objects that lead to these.
    fn spread_apps(&mut self) {
        let app_of = |images: &[Image], image: &Fact<ImageId>| images[image.known()?.0 as usize].app;
        for container in &mut self.containers {
            container.app = app_of(&self.images, &container.image);
        }
        for service in &mut self.compose_services {
            service.app = app_of(&self.images, &service.image);
        }
        for workload in &mut self.workloads {
            workload.app = workload.containers.iter().find_map(|id| self.containers[id.0 as usize].app);
            self.objects[workload.object.0 as usize].app = workload.app;
        }
        for container in &mut self.containers {
            container.app = container.app.or(self.workloads[container.workload.0 as usize].app);
        }
        let links: Vec<(AppId, Link)> = self
            .containers
            .iter()
            .filter_map(|container| {
                let image = container.image.known()?;
                let app = self.images[image.0 as usize].app?;
                let at = container.facts.image.span()?;
                Some((app, Link { image: *image, why: container.image_by, at }))
            })
            .chain(self.compose_services.iter().filter_map(|service| {
                let image = service.image.known()?;
                let app = self.images[image.0 as usize].app?;
                Some((app, Link { image: *image, why: service.image_by, at: service.facts.name.span }))
            }))
            .collect();
        for (app, link) in links {
            self.apps[app.0 as usize].links.push(link);
        }
    }
}

/// The image that a service builds, else the one that its name means.
fn image_of(
    service: &ComposeService,
    path: &ProjectPath,
    built: &FxHashMap<Span, ImageId>,
    candidates: &Candidates,
) -> (Fact<ImageId>, &'static str) {
    if let Some(Some(build)) = service.facts.build.known() {
        return match built.get(&build.span) {
            Some(image) => (Fact::written(*image, build.span), "compose builds it"),
            None => (Fact::Unknown(Why::NotFound), ""),
        };
    }
    match service.facts.image.known() {
        Some(Some(image)) => candidates.link(image, path),
        _ => (Fact::Unknown(Why::NotFound), ""),
    }
}

/// True for an image that the tables know: it is somebody else's.
fn is_public(image: &str) -> bool {
    let parsed = ImageRef::parse(image);
    base_images::lookup(&parsed).is_some()
        || parsed.name().starts_with("docker.io/library/")
            && !image.contains('/')
            // Names of images are in lower case: THE_IMAGE_NAME is filled in before it is applied.
            && !image.contains(char::is_uppercase)
}

/// True for an image of the repository that a build pushes this one to, under another name: it is another one.
fn is_neighbour(written: &str, image: &Image) -> bool {
    let parts = |text: &str| {
        let name = super::build::image_name(text)?;
        name.rsplit_once('/').map(|(above, last)| (above.to_owned(), last.to_owned()))
    };
    let Some((above, last)) = parts(written) else { return false };
    image
        .builds
        .iter()
        .flat_map(|build| &build.names)
        .filter_map(|name| parts(name))
        .any(|(other_above, other)| other_above == above && other != last)
}

fn only_one(image: ImageId, project: &Project) -> Fact<ImageId> {
    let at = Span::at(project.image(image).dockerfile, 0);
    Fact::Known { value: image, origin: Origin::Derived(vec![at]) }
}
