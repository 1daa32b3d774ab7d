//! Where a path of a run lies: on the container's own disk, which goes with it, or on something that is mounted.

use super::{Project, Run, RunBy, contents};
use crate::facts::compose::MountKind;
use crate::facts::module::Path;
use crate::facts::object::{PodTemplate, Role, Volume, VolumeMount, VolumeSource};
use crate::facts::{Fact, Why};
use crate::source::{Span, Spanned};

/// Where a path lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disk {
    /// In the container: it is gone with it.
    Container,
    /// On something that lives as long as the pod.
    Pod(Mounted),
    /// On something that outlives it.
    Volume(Mounted),
    /// That cannot be told.
    Unknown,
}

/// What is mounted over a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mounted {
    /// The volume's name; of a compose mount the path or volume.
    pub name: String,
    /// Another container of the pod that sees it.
    pub seen_by: Option<String>,
    /// Where it is mounted.
    pub at: Span,
}

impl Project {
    /// Where `path` lies for a run. A path that is not absolute is one below the folder that the run starts in; `None`
    /// is a path that code puts together.
    pub fn disk_of(&self, run: &Run, path: Option<&str>) -> Disk {
        let path = path.and_then(|path| self.absolute(run, path));
        match run.by {
            RunBy::Image => Disk::Container,
            RunBy::Container(_) => self.in_pod(run, path.as_deref()).unwrap_or(Disk::Unknown),
            RunBy::Compose(id) => {
                let Some(service) = self.compose_services.get(id.0 as usize) else { return Disk::Unknown };
                let mounts = &service.facts.volumes;
                if mounts.items.is_empty() && mounts.rest.is_ok() {
                    return Disk::Container;
                }
                let Some(path) = path else { return Disk::Unknown };
                for mount in &mounts.items {
                    let Some(target) = mount.value.target.known() else { return Disk::Unknown };
                    if covers(target, &path) {
                        let source = mount.value.source.known().cloned().flatten();
                        let name = source.unwrap_or_else(|| target.clone());
                        let mounted = Mounted { name, seen_by: None, at: mount.span };
                        return match mount.value.kind {
                            MountKind::Bind | MountKind::Volume => Disk::Volume(mounted),
                            MountKind::Other => Disk::Pod(mounted),
                            MountKind::Unknown => Disk::Unknown,
                        };
                    }
                }
                if mounts.rest.is_ok() { Disk::Container } else { Disk::Unknown }
            }
        }
    }

    fn in_pod(&self, run: &Run, path: Option<&str>) -> Option<Disk> {
        let container = self.container(run.container()?);
        let template = self.workload(container.workload).facts.template.as_ref()?;
        let mounts = &container.facts.mounts;
        let holds_data = |name: &Fact<String>| {
            let volume = name.known().and_then(|name| volume(template, name));
            !matches!(volume, Some(VolumeSource::ConfigMap(_) | VolumeSource::Secret(_)))
        };
        let Some(path) = path else {
            let none = mounts.rest.is_ok() && !mounts.items.iter().any(|mount| holds_data(&mount.value.name));
            return none.then_some(Disk::Container);
        };
        let mut best: Option<(&str, Disk)> = None;
        for mount in &mounts.items {
            let target = mount.value.path.known()?;
            if !covers(target, path) || best.as_ref().is_some_and(|(found, _)| found.len() > target.len()) {
                continue;
            }
            let name = mount.value.name.known()?;
            let mounted = Mounted {
                name: name.clone(),
                seen_by: seen_by(template, name, &container.facts.name),
                at: mount.span,
            };
            let disk = match volume(template, name) {
                Some(VolumeSource::EmptyDir | VolumeSource::Ephemeral) => Disk::Pod(mounted),
                Some(VolumeSource::Unknown(_)) => Disk::Unknown,
                // What is not among the pod's volumes is a claim of the StatefulSet.
                _ => Disk::Volume(mounted),
            };
            best = Some((target, disk));
        }
        match best {
            Some((_, disk)) => Some(disk),
            None => mounts.rest.is_ok().then_some(Disk::Container),
        }
    }

    /// A path below the folder that a run starts in.
    fn absolute(&self, run: &Run, path: &str) -> Option<String> {
        if path.starts_with('/') {
            return Some(contents::normal(path));
        }
        let told = match run.by {
            RunBy::Container(id) => self.container(id).facts.working_dir.known()?.clone(),
            RunBy::Compose(id) => {
                self.compose_services.get(id.0 as usize)?.facts.working_dir.known()?.clone()
            }
            RunBy::Image => None,
        };
        let folder = match told {
            Some(folder) => folder,
            None => self.image(run.image?).config().workdir.known()?.clone(),
        };
        Some(contents::normal(&format!("{folder}/{path}")))
    }
}

impl Run {
    /// The path in force: what the environment sets, else what the code takes; `None` where code puts it together.
    ///
    /// # Errors
    /// When a variable decides that nobody here knows.
    pub fn path_of(&self, path: &Path) -> Result<Option<String>, Why> {
        match path {
            Path::Default { variable, path } => Ok(Some(match self.environment.get(variable)? {
                Some(value) => value.known().cloned().unwrap_or_default(),
                None => path.clone(),
            })),
            _ => Ok(path.text().map(str::to_owned)),
        }
    }
}

fn covers(target: &str, path: &str) -> bool {
    let target = target.trim_end_matches('/');
    path.strip_prefix(target).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn volume<'t>(template: &'t PodTemplate, name: &str) -> Option<&'t VolumeSource> {
    let named = |volume: &&Spanned<Volume>| volume.value.name.known().is_some_and(|known| known == name);
    template.volumes.items.iter().find(named).map(|volume| &volume.value.source)
}

/// Another container that runs beside this one and mounts the volume.
fn seen_by(template: &PodTemplate, volume: &str, own: &Fact<String>) -> Option<String> {
    let others = template.containers.iter().filter(|other| other.role != Role::Init && other.name != *own);
    let mounts = |mount: &Spanned<VolumeMount>| mount.value.name.known().is_some_and(|name| name == volume);
    let mut seeing = others.filter(|other| other.mounts.items.iter().any(mounts));
    seeing.find_map(|other| other.name.known().cloned())
}
