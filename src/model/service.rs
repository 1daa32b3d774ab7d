//! Compose services, and what their files are for.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::purpose::{Purpose, Purposes, of_name};
use super::read::{Files, Reading};
use super::{ComposeService as Placed, Image, Project};
use crate::facts::command::Command;
use crate::facts::compose::{self, Around, ComposeFile, ComposeService, MountKind, PublishedPort, dotenv};
use crate::facts::server::is_infrastructure;
use crate::facts::{Fact, Origin};
use crate::source::{SourceFile, Span};
use crate::syntax::image_ref::ImageRef;
use crate::syntax::tree::Tree;

impl Project {
    /// The same service with what docker lays over its file by itself.
    pub fn laid_over(&self, service: &Placed) -> Option<&Placed> {
        let path = &self.sources.file(service.file).path;
        self.compose_services.iter().find(|other| {
            let over = &self.sources.file(other.file).path;
            other.facts.name.value == service.facts.name.value
                && over.parent() == path.parent()
                && compose::overridden_by(over.name()).is_some_and(|name| name == path.name())
        })
    }
}

/// The services that another one of the file waits for to end well.
pub(crate) fn tasks(file: &ComposeFile) -> FxHashSet<&str> {
    let waits = file.services.iter().flat_map(|service| &service.depends_on.items);
    waits
        .filter(|entry| {
            entry.value.condition.known().is_some_and(|word| word == "service_completed_successfully")
        })
        .map(|entry| entry.value.service.value.as_str())
        .collect()
}

/// The compose files of a project. A file that docker lays over another by itself is read with that one beneath it.
pub(crate) fn compose_files(files: &Files) -> Vec<ComposeFile> {
    let tree_at = |path| match files.reading(files.sources.find(&path)?) {
        Reading::Compose(tree) => Some(tree),
        _ => None,
    };
    files
        .iter()
        .filter_map(|(_, file, reading)| {
            let Reading::Compose(tree) = reading else { return None };
            let beneath = compose::overridden_by(file.path.name())
                .and_then(|name| file.path.parent()?.join(&name))
                .and_then(tree_at);
            let trees: Vec<Arc<Tree>> = beneath.into_iter().chain([tree]).cloned().collect();
            let beside = |name: &str| file.path.parent()?.join(name);
            let env = beside(".env").and_then(|path| files.sources.find(&path));
            let text = env.map_or("", |id| files.sources.file(id).text());
            let other = |name: &str| beside(name).and_then(tree_at).cloned();
            compose::read_in(&trees, &Around { variables: dotenv::variables(text), file: &other })
        })
        .collect()
}

/// What a service is for: what its file's name, its profile and its mounts tell.
pub(crate) fn purpose_of(file: &SourceFile, laid_over: bool, service: &ComposeService) -> Purposes {
    if let Some(purpose) = of_name(file.path.as_str()) {
        return Purposes::because(purpose, "the name of the compose file", None);
    }
    if laid_over {
        return Purposes::because(
            Purpose::Develop,
            "docker compose lays this file over another by itself",
            None,
        );
    }
    if let Some((purpose, span)) = by_profile_or_target(service) {
        return Purposes::because(purpose, "its profile or build target", Some(span));
    }
    if service.watched {
        return Purposes::because(Purpose::Develop, "develop.watch syncs sources into it", None);
    }
    match develops(service) {
        Some((reason, span)) => Purposes::because(Purpose::Develop, reason, Some(span)),
        None => Purposes::assumed(),
    }
}

/// What the whole of a file shows: that one of what it starts is in development mode, that nothing of the project runs in it, or
/// that nobody beyond the machine gets to it. A service that starts with the machine (`restart: always`) is one of a server, which
/// a proxy may stand before.
pub(crate) fn purpose_of_file(
    file: &ComposeFile,
    purposes: &[Purposes],
    images: &[Image],
) -> Option<Purposes> {
    let started = file.services.iter().zip(purposes).filter(|(service, _)| starts_by_default(service));
    let mut modes = started
        .filter(|(_, purposes)| purposes.decided == Purpose::Develop)
        .filter_map(|(service, _)| mode(service));
    if let Some((name, span)) = modes.next() {
        let reason = format!("another service of its file says so: its {name} is development");
        return Some(Purposes::because(Purpose::Develop, reason, Some(span)));
    }
    if file.rest.is_err() || file.services.is_empty() {
        return None;
    }
    if file.services.iter().all(|service| is_others(service) || is_built_on_others(service, images)) {
        let reason = "its file holds only servers that others made";
        return Some(Purposes::because(Purpose::Develop, reason, None));
    }
    let ports = || file.services.iter().flat_map(|service| &service.ports.items);
    let is_near = |port: &PublishedPort| {
        let host = port.host.known().and_then(Option::as_deref);
        matches!(host, Some("127.0.0.1" | "localhost" | "[::1]" | "::1"))
    };
    let stays = |service: &ComposeService| {
        service.restart.known().is_none_or(|restart| matches!(restart.as_str(), "always" | "unless-stopped"))
    };
    let all_known = file.services.iter().all(|service| service.ports.rest.is_ok() && !stays(service));
    let first = ports().next().filter(|_| all_known && ports().all(|port| is_near(&port.value)))?;
    Some(Purposes::because(Purpose::Develop, "only this machine reaches its ports", Some(first.span)))
}

/// Gives what others made the purpose of the services that it is started for: a database, its migrations, a mail catcher, of
/// developers' services alone. Who builds nothing of the project and has no purpose of its own follows.
pub(crate) fn follow(file: &ComposeFile, purposes: &mut [Purposes]) {
    let place = |name: &str| file.services.iter().position(|service| service.name.value == name);
    let follows: Vec<bool> = file
        .services
        .iter()
        .zip(purposes.iter())
        .map(|(service, own)| service.build.known().is_some_and(Option::is_none) && own.evidence.is_empty())
        .collect();
    // What is needed by the services at `open`, with themselves.
    let needed = |open: Vec<usize>| {
        let (mut seen, mut open) = (vec![false; file.services.len()], open);
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut seen[at], true) {
                let names = file.services[at].depends_on.items.iter().map(|other| &other.value.service.value);
                open.extend(names.filter_map(|name| place(name)));
            }
        }
        seen
    };
    let services = || 0..file.services.len();
    let developed: Vec<usize> = services().filter(|at| purposes[*at].decided == Purpose::Develop).collect();
    let Some(first) = developed.first().copied() else { return };
    let for_developers = needed(developed);
    let follows: Vec<bool> =
        services().map(|at| follows[at] && (for_developers[at] || is_others(&file.services[at]))).collect();
    let ships = |at: &usize| {
        !follows[*at] && purposes[*at].decided == Purpose::Ship && starts_by_default(&file.services[*at])
    };
    let shipped: Vec<usize> = services().filter(ships).collect();
    let is_alone = shipped.is_empty();
    let for_production = needed(shipped);
    for at in services() {
        if follows[at] && !for_production[at] && (for_developers[at] || is_alone) {
            let span = file.services[first].name.span;
            purposes[at] =
                Purposes::because(Purpose::Develop, "it serves developers' services alone", Some(span));
        }
    }
}

/// True for an image of somebody else's that holds a server or a program to look into one.
fn is_others(service: &ComposeService) -> bool {
    let image = service.image.known().and_then(Option::as_deref);
    service.build.known().is_some_and(Option::is_none)
        && image.is_some_and(|image| is_infrastructure(&ImageRef::parse(image)))
}

/// True for a service whose image the project builds on such a server, with nothing of its own to start.
fn is_built_on_others(service: &ComposeService, images: &[Image]) -> bool {
    let Some(Some(build)) = service.build.known() else { return false };
    let is_meant = |image: &&Image| image.builds.iter().any(|other| other.span == build.span);
    let Some(image) = images.iter().find(is_meant) else { return false };
    let is_of_base = |command: &Fact<Option<Command>>| {
        matches!(command, Fact::Known { origin: Origin::Table { .. }, .. } | Fact::Unknown(_))
    };
    image.base_name().is_some_and(is_infrastructure)
        && is_of_base(&image.config().cmd)
        && is_of_base(&image.config().entrypoint)
}

/// True for a service that `docker compose up` starts when nobody names a profile.
fn starts_by_default(service: &ComposeService) -> bool {
    service.profiles.items.is_empty() && service.profiles.rest.is_ok()
}

/// The variable by which a service says that it runs in development mode.
fn mode(service: &ComposeService) -> Option<(&str, Span)> {
    /// Of Node.js, Ruby, PHP, Python, .NET, Elixir and Spring, by their frameworks' documentation; seen on 2026-11-21.
    const MODES: [&str; 11] = [
        "NODE_ENV",
        "RAILS_ENV",
        "RACK_ENV",
        "APP_ENV",
        "FLASK_ENV",
        "ASPNETCORE_ENVIRONMENT",
        "DOTNET_ENVIRONMENT",
        "MIX_ENV",
        "SPRING_PROFILES_ACTIVE",
        "QUARKUS_PROFILE",
        "MICRONAUT_ENVIRONMENTS",
    ];
    service.environment.items.iter().find_map(|variable| {
        let value = variable.value.value.known()?.as_deref()?;
        let mut words = value.split(',').map(|word| word.trim().to_ascii_lowercase());
        let says = words.any(|word| matches!(word.as_str(), "development" | "dev"));
        let name = variable.value.name.value.as_str();
        (says && MODES.contains(&name)).then_some((name, variable.span))
    })
}

fn by_profile_or_target(service: &ComposeService) -> Option<(Purpose, Span)> {
    let target = service.build.known().and_then(|build| build.as_ref()).and_then(|build| {
        Some((of_name(build.target.known()?.as_deref()?)?, build.target.span().unwrap_or(build.span)))
    });
    let profiles =
        || service.profiles.items.iter().find_map(|profile| Some((of_name(&profile.value)?, profile.span)));
    target.or_else(profiles)
}

/// Source of the repository that is mounted over the image's, or a program that waits for it to change.
fn develops(service: &ComposeService) -> Option<(String, Span)> {
    if let Some((name, span)) = mode(service) {
        return Some((format!("its {name} is development"), span));
    }
    let builds = service.build.known().is_some_and(Option::is_some);
    let mounts_source = service.volumes.items.iter().find(|mount| {
        let source = mount.value.source.known().and_then(|source| source.as_deref()).unwrap_or("");
        let is_code = matches!(source.trim_end_matches('/'), "." | "./src" | "./app" | "./lib" | "./server")
            || source.strip_prefix("./").is_some_and(|rest| !rest.contains('.') && !rest.contains("data"));
        mount.value.kind == MountKind::Bind && !mount.value.read_only && builds && is_code
    });
    if let Some(mount) = mounts_source {
        return Some(("sources are mounted over the image's".to_owned(), mount.span));
    }
    let started = [&service.entrypoint, &service.command];
    let mut commands = started.into_iter().filter_map(|command| command.known()?.as_ref());
    commands.find_map(|command| Some(("its command waits for sources to change".to_owned(), waits(command)?)))
}

/// Where a command is one that developers start.
fn waits(command: &Command) -> Option<Span> {
    let words: Vec<&str> = match command {
        // A script that is handed to a shell is one word: its own words count.
        Command::Exec(words) => words.iter().flat_map(|word| word.value.split_whitespace()).collect(),
        Command::Shell(script) => script.text.split_whitespace().collect(),
    };
    let watches = words.iter().any(|word| {
        matches!(*word, "nodemon" | "dev" | "start:dev" | "run:dev" | "watch" | "--watch" | "ts-node-dev")
    });
    watches.then(|| command.span()).flatten()
}

#[cfg(test)]
mod tests {
    use crate::model::Project;
    use crate::source::ProjectPath;

    fn project(files: &[(&str, &str)]) -> Project {
        let files = files.iter().map(|(path, text)| (ProjectPath::new(path).unwrap(), (*text).to_owned()));
        Project::from_texts(files.collect::<Vec<_>>())
    }

    /// `file service image` of each service.
    fn images(files: &[(&str, &str)]) -> Vec<String> {
        let project = project(files);
        let line = |service: &crate::model::ComposeService| {
            let image = service.facts.image.known().map_or("?", |image| image.as_deref().unwrap_or("-"));
            format!("{} {} {image}", project.sources.file(service.file).path, service.facts.name.value)
        };
        project.compose_services.iter().map(line).collect()
    }

    #[test]
    fn the_env_beside_a_file_fills_its_variables() {
        let compose = "services:\n  db:\n    image: \"postgres:${PG:-17}\"\n  web:\n    image: web:$TAG\n";
        let found = images(&[("a/compose.yaml", compose), ("a/.env", "PG=18\n"), (".env", "TAG=1\n")]);
        assert_eq!(found, ["a/compose.yaml db postgres:18", "a/compose.yaml web ?"]);
    }

    #[test]
    fn a_service_of_another_file_is_extended() {
        let common = "services:\n  base:\n    image: node:24\n  more:\n    extends: base\n    init: true\n  round:\n    extends: { file: compose.yaml, service: circle }\n";
        let compose = "services:\n  web:\n    extends: { file: ./common.yaml, service: more }\n    command: node web.js\n  \
                       circle:\n    extends: { file: common.yaml, service: round }\n  far:\n    extends: { file: ../x/common.yaml, service: base }\n";
        let files = [("compose.yaml", compose), ("common.yaml", common)];
        let found = images(&files);
        assert!(found.contains(&"compose.yaml web node:24".to_owned()), "{found:?}");
        assert!(found.contains(&"compose.yaml circle ?".to_owned()), "{found:?}");
        assert!(found.contains(&"compose.yaml far ?".to_owned()), "{found:?}");
        let project = project(&files);
        let web = project.compose_services.iter().find(|service| service.facts.name.value == "web").unwrap();
        assert_eq!(web.facts.init.known(), Some(&true));
    }
}
