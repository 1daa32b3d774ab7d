//! Objects that lead traffic to pods: Service, Ingress, HTTPRoute, OpenShift Route.

use super::Object;
use super::container::{Container, list};
use super::reading::{At, Pair, PortRef};
use super::value::Value;
use crate::facts::{Fact, Found, Origin, Why};
use crate::source::Spanned;

/// A Service.
#[derive(Clone, Debug)]
pub struct Service {
    /// `ClusterIP` by default.
    pub kind: Fact<String>,
    /// `clusterIP: None`: names lead to the pods themselves.
    pub headless: Fact<bool>,
    /// Labels of the pods that it leads to; empty when somebody else names the endpoints.
    pub selector: Vec<Pair>,
    /// `None` by default, or `ClientIP`: a client stays with one pod.
    pub affinity: Fact<String>,
    /// Its ports.
    pub ports: Found<ServicePort>,
}

/// A port of a Service.
#[derive(Clone, Debug)]
pub struct ServicePort {
    /// Its name.
    pub name: Fact<Option<String>>,
    /// The port of the Service.
    pub port: Fact<Option<i64>>,
    /// The port of the pods; by default the same number.
    pub target: Fact<Option<PortRef>>,
    /// The port of every node.
    pub node_port: Fact<Option<i64>>,
    /// `TCP` by default.
    pub protocol: Fact<String>,
}

/// Where a route leads: a Service and one of its ports.
#[derive(Clone, Debug)]
pub struct Backend {
    /// Host of the rule; `None` for any.
    pub host: Option<Spanned<String>>,
    /// Path of the rule; `None` for any.
    pub path: Option<Spanned<String>>,
    /// Name of the Service.
    pub service: Fact<String>,
    /// Its namespace, when it is named.
    pub namespace: Fact<Option<String>>,
    /// Port of the Service; `None`: there is only one.
    pub port: Fact<Option<PortRef>>,
}

/// An Ingress of any version.
#[derive(Clone, Debug)]
pub struct Ingress {
    /// `ingressClassName`, or the annotation of older clusters.
    pub class: Fact<Option<String>>,
    /// Services that it leads to, the default backend first. Backends that are no Services are left out.
    pub backends: Found<Backend>,
    /// Names of the Secrets of its certificates.
    pub tls_secrets: Found<String>,
}

/// A Gateway API HTTPRoute (also GRPCRoute, TLSRoute and TCPRoute).
#[derive(Clone, Debug)]
pub struct HttpRoute {
    /// Its host names.
    pub hosts: Found<String>,
    /// Services that it leads to.
    pub backends: Found<Backend>,
}

/// An OpenShift Route.
#[derive(Clone, Debug)]
pub struct Route {
    /// Its host.
    pub host: Fact<Option<String>>,
    /// Services that it leads to, `to` first.
    pub backends: Found<Backend>,
    /// How TLS ends: `edge`, `passthrough`, `reencrypt`; `None` without TLS.
    pub termination: Fact<Option<String>>,
}

impl Service {
    /// True when the Service is known to lead to pods with these labels.
    pub fn selects(&self, labels: &[Pair]) -> bool {
        let has = |wanted: &Pair| {
            labels.iter().any(|label| {
                label.key.value == wanted.key.value
                    && label.value.known().is_some_and(|value| Some(value) == wanted.value.known())
            })
        };
        !self.selector.is_empty() && self.selector.iter().all(has)
    }

    /// True when one of its ports is known to lead to a port that the container declares.
    pub fn leads_to(&self, container: &Container) -> bool {
        let targets = || self.ports.items.iter().filter_map(|port| port.value.target.known()?.as_ref());
        container.ports.items.iter().any(|port| {
            let number = port.value.number.known().copied().flatten();
            let name = port.value.name.known().and_then(|name| name.as_deref());
            targets().any(|target| match target {
                PortRef::Number(wanted) => number == Some(i64::from(*wanted)),
                PortRef::Name(wanted) => name == Some(wanted),
            })
        })
    }
}

impl Object {
    /// The object as a Service.
    pub fn service(&self) -> Option<Service> {
        let spec = self.at().get("spec");
        self.is("", "Service").then(|| Service {
            kind: spec.get("type").text_or("ClusterIP"),
            headless: spec.get("clusterIP").text().map(|ip| ip.as_deref() == Some("None")),
            selector: spec.get("selector").labels(),
            affinity: spec.get("sessionAffinity").text_or("None"),
            ports: list(spec.get("ports"), |item| Ok(service_port(item))),
        })
    }

    /// The object as an Ingress.
    pub fn ingress(&self) -> Option<Ingress> {
        let served = matches!(self.group(), "networking.k8s.io" | "extensions");
        if !served || self.kind.value != "Ingress" {
            return None;
        }
        let spec = self.at().get("spec");
        let class = spec.get("ingressClassName");
        let annotation = self.at().path(&["metadata", "annotations", "kubernetes.io/ingress.class"]);
        let tls_secrets = list(spec.get("tls"), |item| known(item.get("secretName").required()));
        Some(Ingress {
            class: if class.exists() { class.text() } else { annotation.text() },
            backends: ingress_backends(spec),
            tls_secrets,
        })
    }

    /// The object as an HTTPRoute, or a route of another protocol of the Gateway API.
    pub fn http_route(&self) -> Option<HttpRoute> {
        let known_kind =
            matches!(self.kind.value.as_str(), "HTTPRoute" | "GRPCRoute" | "TLSRoute" | "TCPRoute");
        if self.group() != "gateway.networking.k8s.io" || !known_kind {
            return None;
        }
        let spec = self.at().get("spec");
        let mut backends = Found::default();
        let (rules, rest) = spec.get("rules").items();
        backends.rest = rest;
        for rule in rules {
            extend(&mut backends, route_backends(rule));
        }
        Some(HttpRoute { hosts: spec.get("hostnames").texts(), backends })
    }

    /// The object as an OpenShift Route.
    pub fn route(&self) -> Option<Route> {
        if self.kind.value != "Route" || !matches!(self.group(), "route.openshift.io" | "") {
            return None;
        }
        let spec = self.at().get("spec");
        let port = spec.path(&["port", "targetPort"]).port();
        let read = |item: At<'_>| Backend {
            host: None,
            path: None,
            service: item.get("name").required(),
            namespace: Fact::Known { value: None, origin: Origin::Derived(Vec::new()) },
            port: port.clone(),
        };
        let mut backends = list(spec.get("alternateBackends"), |item| Ok(read(item)));
        if spec.get("to").exists() {
            backends.items.insert(0, Spanned::new(read(spec.get("to")), spec.get("to").span()));
        }
        Some(Route {
            host: spec.get("host").text(),
            backends,
            termination: spec.path(&["tls", "termination"]).text(),
        })
    }
}

impl Object {
    /// The Services that it leads requests to, when it is an Ingress or a route of any kind.
    pub fn backends(&self) -> Option<Found<Backend>> {
        let ingress = self.ingress().map(|ingress| ingress.backends);
        let http_route = || self.http_route().map(|route| route.backends);
        let route = || self.route().map(|route| route.backends);
        ingress.or_else(http_route).or_else(route).or_else(|| self.traefik_backends())
    }

    /// The Services of a route of Traefik. Source: Traefik's documentation, "Kubernetes IngressRoute"; a TraefikService
    /// is none.
    fn traefik_backends(&self) -> Option<Found<Backend>> {
        let known_kind =
            matches!(self.kind.value.as_str(), "IngressRoute" | "IngressRouteTCP" | "IngressRouteUDP");
        if !matches!(self.group(), "traefik.io" | "traefik.containo.us") || !known_kind {
            return None;
        }
        let mut backends = Found::default();
        let (routes, rest) = self.at().path(&["spec", "routes"]).items();
        backends.rest = rest;
        for route in routes {
            extend(&mut backends, services(route.get("services")));
        }
        Some(backends)
    }

    /// True for a Service whose load balancer stays inside of a private network, by an annotation of a cloud, or lets only
    /// some addresses in. Sources: the load balancer pages of the AWS, Azure, Google, DigitalOcean and OCI controllers.
    pub fn is_kept_private(&self) -> bool {
        let is_internal = |annotation: &Pair| {
            let (key, value) = (annotation.key.value.to_ascii_lowercase(), annotation.value.known());
            let value = value.map_or(String::new(), |value| value.to_ascii_lowercase());
            (key.contains("internal") && value != "false")
                || matches!(value.as_str(), "internal" | "private" | "intranet")
        };
        self.root.at(&["spec", "loadBalancerSourceRanges"]).is_some()
            || self.annotations().iter().any(is_internal)
    }

    /// True for an Ingress whose controller goes through the port of the nodes by design: Google's without network
    /// endpoint groups, and AWS's with instance targets, which is its default. An Ingress without a class is Google's
    /// where `beside_googles`: something of its unit is made for that controller, or the project stores on Google's disks. Sources: GKE documentation, "Ingress for
    /// external Application Load Balancers"; AWS Load Balancer Controller, annotation `target-type`.
    pub fn wants_node_port(&self, service: &Object, beside_googles: bool) -> bool {
        const TARGET: &str = "alb.ingress.kubernetes.io/target-type";
        let Some(ingress) = self.ingress() else { return false };
        let class = ingress.class.known().cloned().flatten().unwrap_or_default();
        let is_amazons = |annotation: &Pair| annotation.key.value.starts_with("alb.ingress.kubernetes.io/");
        let says = |object: &Object, key: &str, word: &str| {
            object.annotation(key).known().cloned().flatten().is_some_and(|text| text.contains(word))
        };
        let amazon = class == "alb" || self.annotations().iter().any(is_amazons);
        let google = self.is_for_google() || class.is_empty() && !amazon && beside_googles;
        (google && !says(service, "cloud.google.com/neg", "ingress"))
            || (amazon && !says(self, TARGET, "ip") && !says(service, TARGET, "ip"))
    }

    /// True for an object that stores on the persistent disks of Google's cloud.
    pub fn is_on_googles_disks(&self) -> bool {
        let provisioner = self.root.get("provisioner").and_then(Value::as_str).unwrap_or_default();
        let volumes = [&["spec", "volumes"][..], &["spec", "template", "spec", "volumes"]];
        let lists = volumes.iter().filter_map(|path| self.root.at(path)).flat_map(Value::items);
        let mut sources = lists.chain(self.root.get("spec"));
        matches!(provisioner, "kubernetes.io/gce-pd" | "pd.csi.storage.gke.io")
            || sources.any(|volume| volume.get("gcePersistentDisk").is_some())
    }

    /// True for an object that only Google's Ingress controller reads: an Ingress or a Service with its annotations, an
    /// Ingress without a class whose path ends in a wildcard, and the kinds that the controller defines. Source: GKE
    /// documentation, "Configure Ingress features"; seen on 2026-11-21.
    pub fn is_for_google(&self) -> bool {
        let has = |prefixes: &[&str]| {
            self.annotations()
                .iter()
                .any(|annotation| prefixes.iter().any(|prefix| annotation.key.value.starts_with(prefix)))
        };
        if let Some(ingress) = self.ingress() {
            let class = ingress.class.known().cloned().flatten().unwrap_or_default();
            let wildcard = |backend: &Spanned<Backend>| {
                backend.value.path.as_ref().is_some_and(|path| path.value.ends_with("/*"))
            };
            return class.starts_with("gce")
                || has(&OF_GOOGLES_INGRESS)
                || class.is_empty()
                    && !has(&["alb.ingress.kubernetes.io/"])
                    && ingress.backends.items.iter().any(wildcard);
        }
        match self.kind.value.as_str() {
            "Service" => has(&["cloud.google.com/", "service.alpha.kubernetes.io/app-protocols"]),
            "ManagedCertificate" | "FrontendConfig" => self.group() == "networking.gke.io",
            "BackendConfig" => self.group() == "cloud.google.com",
            _ => false,
        }
    }
}

/// Beginnings of the annotations that Google's controller reads on an Ingress.
const OF_GOOGLES_INGRESS: [&str; 5] = [
    "networking.gke.io/",
    "ingress.gcp.kubernetes.io/",
    "kubernetes.io/ingress.allow-http",
    "kubernetes.io/ingress.global-static-ip-name",
    "kubernetes.io/ingress.regional-static-ip-name",
];

fn known(fact: Fact<String>) -> Result<String, Why> {
    match fact {
        Fact::Known { value, .. } => Ok(value),
        Fact::Unknown(why) => Err(why),
    }
}

fn extend<T>(into: &mut Found<T>, more: Found<T>) {
    into.items.extend(more.items);
    into.rest = into.rest.and(more.rest);
}

fn service_port(at: At<'_>) -> ServicePort {
    let port = at.get("port");
    let at = at.anchored(port.span());
    let target = at.get("targetPort");
    ServicePort {
        name: at.get("name").text(),
        port: port.int(),
        target: if target.exists() { target.port() } else { same_port(port) },
        node_port: at.get("nodePort").int(),
        protocol: at.get("protocol").text_or("TCP"),
    }
}

fn same_port(port: At<'_>) -> Fact<Option<PortRef>> {
    match port.port() {
        Fact::Known { value, .. } => {
            let origin = Origin::Default { owner: port.span(), source: "kubernetes" };
            Fact::Known { value, origin }
        }
        unknown => unknown,
    }
}

fn ingress_backends(spec: At<'_>) -> Found<Backend> {
    let mut found = Found::default();
    for key in ["defaultBackend", "backend"] {
        push_backend(&mut found, spec.get(key), None, None);
    }
    let (rules, rest) = spec.get("rules").items();
    found.rest = found.rest.and(rest);
    for rule in rules {
        let host = written(rule.get("host"));
        let (paths, rest) = rule.path(&["http", "paths"]).items();
        found.rest = found.rest.and(rest);
        for path in paths {
            push_backend(&mut found, path.get("backend"), host.clone(), written(path.get("path")));
        }
    }
    found
}

fn written(at: At<'_>) -> Option<Spanned<String>> {
    Some(Spanned::new(at.value?.as_str()?.to_owned(), at.span()))
}

/// Adds a backend of `networking.k8s.io/v1` (`service.name`, `service.port`) or of the betas (`serviceName`,
/// `servicePort`).
fn push_backend(
    found: &mut Found<Backend>,
    at: At<'_>,
    host: Option<Spanned<String>>,
    path: Option<Spanned<String>>,
) {
    if !at.exists() || at.get("resource").exists() {
        return;
    }
    let service = at.get("service");
    let (name, port) = if service.exists() {
        let (number, name) = (service.path(&["port", "number"]), service.path(&["port", "name"]));
        (service.get("name"), if number.exists() { number } else { name })
    } else {
        (at.get("serviceName"), at.get("servicePort"))
    };
    let namespace = Fact::Known { value: None, origin: Origin::Derived(Vec::new()) };
    let backend = Backend { host, path, service: name.required(), namespace, port: port.port() };
    found.items.push(Spanned::new(backend, at.span()));
}

fn route_backends(rule: At<'_>) -> Found<Backend> {
    services(rule.get("backendRefs"))
}

/// References to Services by name, namespace and port; those to another kind are left out.
fn services(list: At<'_>) -> Found<Backend> {
    let (items, rest) = list.items();
    let mut found = Found { items: Vec::new(), rest };
    for item in items {
        let kind = item.get("kind").value.and_then(|kind| kind.as_str()).unwrap_or("Service");
        if kind != "Service" {
            continue;
        }
        let backend = Backend {
            host: None,
            path: None,
            service: item.get("name").required(),
            namespace: item.get("namespace").text(),
            port: item.get("port").port(),
        };
        found.items.push(Spanned::new(backend, item.span()));
    }
    found
}
