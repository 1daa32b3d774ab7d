//! Who says whether the container of a compose service is well: the service, its image, or nobody.

use super::{ComposeId, ComposeService, Image, Project, Run, RunBy};
use crate::facts::server::{self, Server};
use crate::facts::{Fact, Origin, Why};
use crate::source::Span;
use crate::syntax::image_ref::ImageRef;

impl Project {
    /// The service of the same compose file, or of those that it is laid over, that is called `name`.
    pub fn beside(&self, service: &ComposeService, name: &str) -> Option<&ComposeService> {
        let at = service.id.0 as usize;
        let same = |other: &&ComposeService| other.file == service.file;
        let before = self.compose_services[..at].iter().rev().take_while(same);
        let after = self.compose_services[at..].iter().take_while(same);
        before.chain(after).find(|other| other.facts.name.value == name)
    }

    /// The services of the same compose file, the service itself among them, in the order of the file.
    pub fn together_with(&self, service: &ComposeService) -> impl Iterator<Item = &ComposeService> {
        let file = service.file;
        let before = self.compose_services[..service.id.0 as usize].iter().rev();
        let first = service.id.0 as usize - before.take_while(|other| other.file == file).count();
        self.compose_services[first..].iter().take_while(move |other| other.file == file)
    }

    /// The service's run. None where Kubernetes runs its image, or where nothing is known of how it starts.
    pub fn run_of(&self, service: ComposeId) -> Option<&Run> {
        // Runs of containers come first, then those of services in their order, then those of images.
        let before = |run: &Run| match run.by {
            RunBy::Container(_) => true,
            RunBy::Compose(id) => id < service,
            RunBy::Image => false,
        };
        let at = self.runs.partition_point(before);
        self.runs.get(at).filter(|run| run.by == RunBy::Compose(service))
    }

    /// The database, queue or cache that a service is, by the name of its image or of what that is built on.
    pub fn server_of(&self, service: &ComposeService) -> Option<&'static Server> {
        let facts = &service.facts;
        let ports = facts.ports.items.iter().filter_map(|port| port.value.target.known()?.parse().ok());
        let exposed = facts.expose.items.iter().filter_map(|port| port.value.parse().ok());
        let ports: Vec<i64> = ports.chain(exposed).collect();
        let built = service.image.known().map(|id| self.image(*id));
        let found = match (built, facts.build.known()?) {
            (Some(image), _) => server::of_image(image.base_name()?, &ports)?,
            (None, Some(_)) => return None,
            (None, None) => server::of_image(&ImageRef::parse(facts.image.known()?.as_deref()?), &ports)?,
        };
        let (entrypoint, command) = (facts.entrypoint.known()?, facts.command.known()?);
        found.is_started_by(entrypoint.as_ref(), command.as_ref()).then_some(found)
    }

    /// Where it is said how to see whether a service's container is well; `Known(None)`: nobody says it.
    pub fn health_of(&self, service: &ComposeService) -> Fact<Option<Span>> {
        let facts = &service.facts;
        let owner = facts.name.span;
        let nobody = || Fact::Known { value: None, origin: Origin::Default { owner, source: "docker" } };
        match &facts.healthcheck {
            Fact::Unknown(why) => return Fact::Unknown(*why),
            Fact::Known { value: Some(check), .. } if check.disabled => {
                return Fact::written(None, check.span);
            }
            Fact::Known { value: Some(check), .. } => match &check.test {
                Fact::Known { value: None, .. } => {}
                _ => return Fact::written(Some(check.span), check.span),
            },
            Fact::Known { value: None, .. } => {
                if let Some(other) = self.checked_above(service) {
                    return self.health_of(other);
                }
            }
        }
        if let Some(image) = service.image.known() {
            return of_image(self.image(*image));
        }
        match (facts.build.known(), facts.image.known()) {
            (Some(None), Some(Some(name))) if has_no_check(&ImageRef::parse(name)) => nobody(),
            (Some(None), Some(None)) => Fact::Unknown(Why::NotFound),
            _ => Fact::Unknown(Why::UnknownBase),
        }
    }

    /// The same service with what docker lays over its file by itself, where that says something of its health.
    fn checked_above(&self, service: &ComposeService) -> Option<&ComposeService> {
        let above = self.laid_over(service)?;
        (!matches!(above.facts.healthcheck, Fact::Known { value: None, .. })).then_some(above)
    }
}

fn of_image(image: &Image) -> Fact<Option<Span>> {
    match &image.config().healthcheck {
        Fact::Known { value, origin } => {
            let span = value.as_ref().and_then(|_| origin.span());
            Fact::Known { value: span, origin: origin.clone() }
        }
        // Nothing in the Dockerfile says it, so that the base would have to.
        Fact::Unknown(Why::UnknownBase) if image.base_name().is_some_and(has_no_check) => Fact::Known {
            value: None,
            origin: Origin::Default { owner: image.stage().from_span, source: "docker" },
        },
        Fact::Unknown(why) => Fact::Unknown(*why),
    }
}

/// Docker's official images come without a check of their health: what is well is for their users to say
/// (github.com/docker-library/faq, "Healthcheck"; seen on 2026-11-20).
fn has_no_check(image: &ImageRef) -> bool {
    image.is_literal() && image.name().starts_with("docker.io/library/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::ProjectPath;

    fn health(service: &str, dockerfile: &str) -> Option<bool> {
        let files =
            [("compose.yaml", format!("services:\n  a:\n{service}")), ("Dockerfile", dockerfile.to_owned())];
        let files = files.map(|(path, text)| (ProjectPath::new(path).unwrap(), text));
        let project = Project::from_texts(files);
        project.health_of(&project.compose_services[0]).known().map(Option::is_some)
    }

    #[test]
    fn a_service_or_its_image_says_how_to_see_its_health() {
        let node = "FROM node:24\nCMD [\"node\", \"a.js\"]\n";
        let checked = "FROM node:24\nHEALTHCHECK CMD curl localhost\nCMD [\"node\", \"a.js\"]\n";
        assert_eq!(health("    build: .\n", node), Some(false));
        assert_eq!(health("    build: .\n", checked), Some(true));
        assert_eq!(health("    build: .\n    healthcheck: {interval: 5s}\n", checked), Some(true));
        assert_eq!(health("    build: .\n    healthcheck: {disable: true}\n", checked), Some(false));
        assert_eq!(health("    build: .\n    healthcheck: {test: [NONE]}\n", checked), Some(false));
        assert_eq!(health("    build: .\n", "FROM registry.example/node:24\n"), None);
        assert_eq!(health("    image: postgres:18\n", node), Some(false));
        assert_eq!(health("    image: postgres:18\n    healthcheck: {test: pg_isready}\n", node), Some(true));
        assert_eq!(health("    image: example/postgres:18\n", node), None);
        assert_eq!(health("    image: ${IMAGE}\n", node), None);
    }
}
