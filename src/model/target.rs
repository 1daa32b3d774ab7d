//! Where requests to a run are sent: the ports of its container that Services, probes and compose files name.

use super::{Container, Project, Run};
use crate::facts::object::{Handler, PortRef, Probe};
use crate::source::Span;

/// Something that sends requests to a port of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The port in the container.
    pub port: i64,
    /// What sends them.
    pub by: Sender,
    /// Where the port is said.
    pub at: Span,
}

/// What sends requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sender {
    /// A Service, by its name.
    Service(String),
    /// A headless Service, by its name: it gives out addresses, and clients choose the port.
    Headless(String),
    /// A probe, by its key.
    Probe(&'static str),
    /// A port of the host that compose publishes.
    Published,
}

impl Sender {
    /// As the subject of a sentence.
    pub fn shown(&self) -> String {
        match self {
            Sender::Service(name) | Sender::Headless(name) => format!("Service {name}"),
            Sender::Probe(key) => format!("the {key}"),
            Sender::Published => "the published port".to_owned(),
        }
    }
}

impl Container {
    /// Its probes by their keys.
    pub fn probes(&self) -> impl Iterator<Item = (&'static str, &Probe)> {
        let facts = &self.facts;
        let all = [
            ("startupProbe", &facts.startup),
            ("readinessProbe", &facts.readiness),
            ("livenessProbe", &facts.liveness),
        ];
        all.into_iter().filter_map(|(key, probe)| Some((key, probe.known()?.as_ref()?)))
    }

    /// The number of a port that is named or numbered; a name that it does not declare has none.
    pub fn port_number(&self, port: &PortRef) -> Option<i64> {
        match port {
            PortRef::Number(number) => Some(i64::from(*number)),
            PortRef::Name(name) => {
                let named = self
                    .facts
                    .ports
                    .items
                    .iter()
                    .find(|port| port.value.name.known().and_then(Option::as_ref) == Some(name))?;
                named.value.number.known().copied().flatten()
            }
        }
    }
}

impl Project {
    /// What sends requests to a run, as far as it is known.
    pub fn targets_of(&self, run: &Run) -> Vec<Target> {
        if let Some(id) = run.service() {
            let published = self.compose_services[id.0 as usize].facts.ports.items.iter();
            let target = |port: &crate::source::Spanned<crate::facts::compose::PublishedPort>| {
                let number = port.value.target.known()?.parse().ok()?;
                let at = port.value.target.span().unwrap_or(port.span);
                Some(Target { port: number, by: Sender::Published, at })
            };
            return published.filter_map(target).collect();
        }
        let Some(container) = run.container().map(|id| self.container(id)) else { return Vec::new() };
        let mut found: Vec<Target> =
            container.probes().filter_map(|(key, probe)| probe_target(container, key, probe)).collect();
        for id in self.services_of(container.workload) {
            self.of_service_ports(container, &self.object(*id).facts, &mut found);
        }
        found
    }

    fn of_service_ports(
        &self,
        container: &Container,
        object: &crate::facts::object::Object,
        found: &mut Vec<Target>,
    ) {
        let Some(service) = object.service() else { return };
        let name = object.name().known().cloned().unwrap_or_default();
        for port in service.ports.items.iter().filter(|port| is_tcp(port.value.protocol.known())) {
            let target = &port.value.target;
            let Some(Some(wanted)) = target.known() else { continue };
            let Some(number) = container.port_number(wanted) else { continue };
            if !self.is_meant(container, wanted, number) {
                continue;
            }
            let at = target.span().unwrap_or(port.span);
            let by = match service.headless.known() {
                Some(false) => Sender::Service(name.clone()),
                _ => Sender::Headless(name.clone()),
            };
            found.push(Target { port: number, by, at });
        }
    }

    /// A number is this container's when it declares it, or when nobody else in the pod could listen on it.
    fn is_meant(&self, container: &Container, wanted: &PortRef, number: i64) -> bool {
        let declares = |other: &Container| {
            other.facts.ports.items.iter().any(|port| port.value.number.known() == Some(&Some(number)))
        };
        if matches!(wanted, PortRef::Name(_)) || declares(container) {
            return true;
        }
        let workload = self.workload(container.workload);
        let Some(template) = &workload.facts.template else { return false };
        template.running().count() == 1 && template.rest.is_ok() && !template.is_injected()
    }
}

fn probe_target(container: &Container, key: &'static str, probe: &Probe) -> Option<Target> {
    let port = match &probe.handler {
        Handler::Http { port, host, .. } | Handler::Tcp { port, host }
            if matches!(host.known(), Some(None)) =>
        {
            port
        }
        Handler::Grpc { port } => port,
        _ => return None,
    };
    let number = container.port_number(port.known()?.as_ref()?)?;
    Some(Target { port: number, by: Sender::Probe(key), at: port.span().unwrap_or(probe.key) })
}

fn is_tcp(protocol: Option<&String>) -> bool {
    protocol.is_some_and(|protocol| protocol == "TCP")
}
