//! The user that a container's processes start as: what the image says, and what the manifest lays over it.

use super::{Container, Image, Project, Run};
use crate::facts::base_images;
use crate::facts::object::{VolumeSource, WorkloadKind};
use crate::facts::{Fact, Origin, Why};
use crate::syntax::image_ref::ImageRef;

/// The user of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum User {
    /// The superuser, by its name or as 0.
    Root,
    /// A user by number.
    Number(u32),
    /// A user by name: which number that is only the image's `/etc/passwd` says.
    Named(String),
    /// One that is not root: which one is not known.
    Unnamed,
}

impl User {
    /// Reads the value of USER or of a container runtime's `--user`: the group does not matter.
    pub fn parse(text: &str) -> User {
        let user = text.split(':').next().unwrap_or(text);
        match user.parse() {
            Ok(0) => User::Root,
            Ok(number) => User::Number(number),
            Err(_) if user == "root" => User::Root,
            Err(_) => User::Named(user.to_owned()),
        }
    }
}

impl Image {
    /// The user that it starts its processes as when nothing else names one.
    pub fn user(&self) -> Fact<User> {
        let Fact::Known { value, origin } = &self.config().user else {
            return self.config().user.clone().map(|_| User::Root);
        };
        let of_base = || self.base.as_ref().and_then(|base| base.is_nonroot());
        match (value, origin, of_base()) {
            // Tables give names for people; what the image itself says is a number.
            (Some(_), Origin::Table { .. }, Some(true)) => {
                let uid = self.base.as_ref().and_then(|base| base.user.as_ref()?.uid);
                uid.map_or(Fact::Unknown(Why::UnknownBase), |uid| fact(User::Number(uid), origin))
            }
            (Some(user), ..) => fact(User::parse(user), origin),
            // What the tables do not say of an image, and what the empty one does, are both "no user".
            (None, Origin::Table { .. }, Some(false)) => fact(User::Root, origin),
            (None, Origin::Table { .. }, _) => Fact::Unknown(Why::UnknownBase),
            (None, ..) => fact(User::Root, origin),
        }
    }
}

impl Image {
    /// The number of a user that its base image has, or that one of its RUN instructions makes with a number.
    pub fn uid_of(&self, name: &str) -> Option<u32> {
        let made = self.lineage().flat_map(|stage| &stage.runs).find_map(|run| {
            let script = run.script()?;
            made_with_uid(&script.text, name)
        });
        let of_base = || {
            let users = &self.base.as_ref()?.users;
            users.iter().find(|user| user.name.as_deref() == Some(name))?.uid
        };
        made.or_else(of_base)
    }
}

/// The number that `useradd` or `adduser` gives to a user in a script.
fn made_with_uid(script: &str, name: &str) -> Option<u32> {
    let commands = script.split(['\n', ';', '&', '|']);
    let words = commands.map(|command| command.split_whitespace().collect::<Vec<_>>());
    words.into_iter().find_map(|words| {
        let at = words.iter().position(|word| matches!(*word, "useradd" | "adduser"))?;
        let arguments = &words[at + 1..];
        if !arguments.contains(&name) {
            return None;
        }
        arguments.iter().enumerate().find_map(|(at, word)| {
            let joined = word.strip_prefix("--uid=");
            let apart = || arguments.get(at + 1).filter(|_| matches!(*word, "-u" | "--uid")).copied();
            joined.or_else(apart)?.parse().ok()
        })
    })
}

impl Project {
    /// True for an agent of the node: a DaemonSet's container that mounts a folder of the node, or sees its processes. These
    /// belong to root, and whether it could read them as somebody else is not known.
    pub fn is_agent_of_node(&self, container: &Container) -> bool {
        let workload = &self.workload(container.workload).facts;
        let volumes = workload.template.as_ref().map_or(&[] as &[_], |template| &template.volumes.items);
        let is_of_node = |name: &String| {
            volumes.iter().any(|volume| {
                volume.value.name.known() == Some(name)
                    && matches!(volume.value.source, VolumeSource::HostPath(_))
            })
        };
        let mut mounts = container.facts.mounts.items.iter();
        let sees_node =
            workload.template.as_ref().is_some_and(|template| template.host_pid.known() == Some(&true));
        workload.kind == WorkloadKind::DaemonSet
            && (sees_node || mounts.any(|mount| mount.value.name.known().is_some_and(is_of_node)))
    }
}

fn fact(value: User, origin: &Origin) -> Fact<User> {
    Fact::Known { value, origin: origin.clone() }
}

impl Project {
    /// The user of the image that a container runs, whether the project builds it or a table knows it.
    pub fn image_user(&self, container: &Container) -> Fact<User> {
        if let Some(image) = container.image.known() {
            return self.image(*image).user();
        }
        let name = container.facts.image.known().and_then(Option::as_deref).map(ImageRef::parse);
        if let Some(user) = name.as_ref().and_then(|name| self.from_source.user(name)) {
            return user.clone();
        }
        let base = name.as_ref().and_then(base_images::lookup);
        let Some((uid, row)) = base.and_then(|base| Some((base.user?.uid?, base.source))) else {
            return Fact::Unknown(Why::UnknownBase);
        };
        let value = if uid == 0 { User::Root } else { User::Number(uid) };
        let named_at = container.facts.image.span().unwrap_or(container.facts.anchor);
        Fact::Known { value, origin: Origin::Table { named_at, row } }
    }

    /// The user that the processes of a run start as.
    pub fn user_of(&self, run: &Run) -> Fact<User> {
        let of_image = || match (run.image, run.container()) {
            (Some(image), _) => self.image(image).user(),
            (None, Some(container)) => self.image_user(self.container(container)),
            (None, None) => Fact::Unknown(Why::UnknownBase),
        };
        if let Some(container) = run.container() {
            return match &self.container(container).facts.security.run_as_user {
                Fact::Known { value: None, .. } => of_image(),
                Fact::Known { value: Some(uid), origin } => u32::try_from(*uid)
                    .map_or(Fact::Unknown(Why::Broken), |uid| {
                        fact(if uid == 0 { User::Root } else { User::Number(uid) }, origin)
                    }),
                Fact::Unknown(why) => Fact::Unknown(*why),
            };
        }
        let service = run.service().and_then(|id| self.compose_services.get(id.0 as usize));
        match service.map(|service| &service.facts.user) {
            Some(Fact::Known { value: Some(user), origin }) => fact(User::parse(user), origin),
            Some(Fact::Unknown(why)) => Fact::Unknown(*why),
            Some(Fact::Known { value: None, .. }) | None => of_image(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::ProjectPath;

    fn user(dockerfile: &str) -> Option<User> {
        let path = ProjectPath::new("Dockerfile").unwrap();
        Project::from_texts([(path, dockerfile.to_owned())]).images[0].user().known().cloned()
    }

    #[test]
    fn the_last_user_counts_and_bases_have_one() {
        for (dockerfile, wanted) in [
            ("FROM node:24\n", Some(User::Root)),
            ("FROM node:24\nUSER 0:1000\n", Some(User::Root)),
            ("FROM node:24\nUSER node:node\n", Some(User::Named("node".to_owned()))),
            ("FROM node:24\nUSER node\nUSER 1000\n", Some(User::Number(1000))),
            ("FROM gcr.io/distroless/nodejs24-debian13:nonroot\n", Some(User::Number(65_532))),
            ("FROM gcr.io/distroless/nodejs24-debian13\n", Some(User::Root)),
            ("FROM registry.example.com/base:1\n", None),
            ("FROM scratch\nCOPY a /\n", Some(User::Root)),
        ] {
            assert_eq!(user(dockerfile), wanted, "{dockerfile}");
        }
    }

    #[test]
    fn numbers_of_users_stand_where_they_are_made() {
        for (script, wanted) in [
            ("useradd -u 1001 app", Some(1001)),
            ("addgroup -S app && adduser -S -u 10001 -G app app", Some(10_001)),
            ("useradd --uid=500 app && useradd --uid 501 other", Some(500)),
            ("useradd app", None),
            ("useradd -u $UID app", None),
            ("useradd -u 7 other", None),
        ] {
            assert_eq!(made_with_uid(script, "app"), wanted, "{script}");
        }
    }
}
