//! Whether what a server writes outlives its pod: by the volumes that are mounted over the folders of its data.

use crate::facts::object::{Container, EnvValue, PodTemplate, VolumeMount, VolumeSource, Workload};
use crate::facts::server::Server;
use crate::source::{Span, Spanned};

/// What becomes of a server's data when its pod goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// Nothing is mounted that outlives the pod.
    Nowhere,
    /// A volume that lives as long as the pod is mounted here.
    WithPod(Span),
    /// A volume that outlives the pod is mounted here, and the server writes elsewhere.
    Elsewhere(Span),
    /// It is kept, or it cannot be told.
    Unsure,
}

/// How long a volume lives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Life {
    Pod,
    Longer,
    /// It holds settings, and no data are written there.
    Settings,
    Unknown,
}

/// What becomes of the data of the server in a container of a workload.
pub fn keeping(
    workload: &Workload,
    template: &PodTemplate,
    container: &Container,
    server: &Server,
) -> Keeping {
    let is_all = [container.mounts.rest, template.volumes.rest, workload.claims.rest];
    if is_all.iter().any(Result::is_err) {
        return Keeping::Unsure;
    }
    let mut with_pod = None;
    let mut elsewhere = None;
    let mut has_settings = false;
    for mount in &container.mounts.items {
        let Some(path) = mount.value.path.known() else { return Keeping::Unsure };
        let is_there = server.data.iter().chain(&["/bitnami"]).any(|folder| is_over(path, folder));
        match life(workload, template, &mount.value) {
            Life::Unknown => return Keeping::Unsure,
            Life::Settings => has_settings = true,
            Life::Longer if is_there => return Keeping::Unsure,
            Life::Longer => elsewhere = elsewhere.or(mount.value.path.span()),
            Life::Pod if is_there => with_pod = with_pod.or(mount.value.path.span()),
            Life::Pod => {}
        }
    }
    match (elsewhere, with_pod) {
        // Words of the command, settings and variables can send the data to any folder.
        (Some(_), _) if has_settings || is_told(container) => Keeping::Unsure,
        (Some(at), _) => Keeping::Elsewhere(at),
        (None, Some(at)) => Keeping::WithPod(at),
        (None, None) => Keeping::Nowhere,
    }
}

/// True when one of two folders is the other or lies in it.
fn is_over(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim_end_matches('/'), other.trim_end_matches('/'));
    let is_in = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    is_in(one, other) || is_in(other, one)
}

fn life(workload: &Workload, template: &PodTemplate, mount: &VolumeMount) -> Life {
    let Some(name) = mount.name.known() else { return Life::Unknown };
    let claims = &workload.claims.items;
    if claims.iter().any(|claim| claim.value.name.known().is_none_or(|claim| claim == name)) {
        return Life::Longer;
    }
    let volume = template.volumes.items.iter().find(|volume| volume.value.name.known() == Some(name));
    match volume.map(|volume| &volume.value.source) {
        Some(VolumeSource::EmptyDir | VolumeSource::Ephemeral) => Life::Pod,
        Some(VolumeSource::ConfigMap(_) | VolumeSource::Secret(_)) => Life::Settings,
        Some(VolumeSource::Other(kind)) if matches!(kind.as_str(), "projected" | "downwardAPI") => {
            Life::Settings
        }
        Some(VolumeSource::Claim(_) | VolumeSource::HostPath(_) | VolumeSource::Other(_)) => Life::Longer,
        Some(VolumeSource::Unknown(_)) | None => Life::Unknown,
    }
}

fn is_told(container: &Container) -> bool {
    let is_set = |command: Option<&Option<_>>| !matches!(command, Some(None));
    let is_path = |variable: &Spanned<crate::facts::object::EnvVar>| match &variable.value.value {
        EnvValue::Literal(text) => text.known().is_none_or(|text| text.contains('/')),
        EnvValue::From(_) => false,
    };
    is_set(container.command.known())
        || is_set(container.args.known())
        || container.env.rest.is_err()
        || !container.env_from.items.is_empty()
        || container.env.items.iter().any(is_path)
}

#[cfg(test)]
mod tests {
    use super::is_over;

    #[test]
    fn folders_lie_in_each_other_by_whole_names() {
        assert!(is_over("/var/lib/mysql", "/var/lib/mysql/"));
        assert!(is_over("/var/lib", "/var/lib/mysql"));
        assert!(is_over("/var/lib/postgresql/data", "/var/lib/postgresql"));
        assert!(!is_over("/var/lib/mysql-files", "/var/lib/mysql"));
        assert!(!is_over("/mnt/redis", "/data"));
    }
}
