//! Which packages of its image a process sees.

use super::chain::End;
use super::provenance::Modules;
use super::{Image, Project, Run};
use crate::facts::Fact;

impl Project {
    /// The node_modules that a process finds packages in; `None` when that is not known, or when a mount may lie over it.
    pub fn packages_seen_by(&self, run: &Run) -> Option<&Modules> {
        let image = self.image(run.image?);
        let folder = folder_of(image, run).filter(|folder| !self.is_mounted_over(run, folder))?;
        self.provenance(image.id).seen_from(folder)
    }

    /// True unless the container surely sees the packages of its image: a mount may bring others.
    fn is_mounted_over(&self, run: &Run, folder: &str) -> bool {
        let covers = |target: &Fact<String>| {
            let Some(target) = target.known().map(|target| target.trim_end_matches('/')) else { return true };
            let above =
                folder.strip_prefix(target).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            above || target.ends_with("/node_modules")
        };
        let service = run.service().map(|id| &self.compose_service(id).facts.volumes);
        let container = run.container().map(|id| &self.container(id).facts.mounts);
        service.is_some_and(|found| {
            found.rest.is_err() || found.items.iter().any(|mount| covers(&mount.value.target))
        }) || container.is_some_and(|found| {
            found.rest.is_err() || found.items.iter().any(|mount| covers(&mount.value.path))
        })
    }
}

/// The folder in the image that the process looks for packages from: that of its file, else WORKDIR.
fn folder_of<'a>(image: &'a Image, run: &'a Run) -> Option<&'a str> {
    if let End::Node { entry, .. } = &run.chain.end
        && let Some((folder, _)) = entry.known().and_then(|entry| entry.path.rsplit_once('/'))
        && folder.starts_with('/')
    {
        return Some(folder);
    }
    image.config().workdir.known().map(String::as_str)
}
