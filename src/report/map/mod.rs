//! What belongs together and why: apps with their artifacts, what starts them and through which programs, what leads
//! requests to them, and what belongs to no app. Drawn once from the project; the formats decide nothing.
//!
//! Texts are as the files have them: each format makes them harmless in its own way.

mod draw;
mod json;
mod mermaid;
mod tree;

use serde::Serialize;

pub use draw::draw;
pub use json::write as json;
pub use mermaid::write as mermaid;
pub use tree::write as tree;
pub(super) use tree::{port, starter};

/// The map of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Map {
    /// Version of the JSON format.
    pub version: u32,
    /// What is built and deployed from the project.
    pub apps: Vec<App>,
    /// What is started and belongs to no app: images from elsewhere.
    pub others: Vec<Run>,
    /// Kubernetes objects that live together.
    pub units: Vec<Unit>,
    /// What a person should know of the reading.
    pub notes: Vec<Reason>,
}

/// A place in a file of the project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file, relative to the root.
    pub path: String,
    /// The line, from 1.
    pub line: u32,
}

/// What something is for, with the evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Purpose {
    /// `ship`, `develop`, `test` or `build`.
    pub decided: &'static str,
    /// What speaks for it; empty when it is only assumed.
    pub evidence: Vec<Reason>,
}

/// A reason in words, with the place that shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// In words.
    pub why: String,
    /// The place, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// An app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct App {
    /// Its name.
    pub name: String,
    /// Its folder.
    pub folder: String,
    /// Its package.json.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// The lock files that its installs read.
    pub locks: Vec<String>,
    /// Its images.
    pub images: Vec<Image>,
    /// What runs in pods beside it, of images from elsewhere.
    pub beside: Vec<Run>,
}

/// An image of an app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Image {
    /// The Dockerfile.
    pub dockerfile: String,
    /// The stage that a build names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The image from elsewhere that all is built on, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// The build context; absent when it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// How the context is known, or why it is not.
    pub context_by: &'static str,
    /// The ignore file of the build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignorefile: Option<String>,
    /// Who builds it.
    pub builds: Vec<Build>,
    /// What it is for.
    pub purpose: Purpose,
    /// What starts it.
    pub runs: Vec<Run>,
}

/// A build of an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Build {
    /// Who builds.
    pub by: &'static str,
    /// The names that it gives.
    pub names: Vec<String>,
    /// Where that is said.
    pub place: Place,
}

/// An image as something starts it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Run {
    /// What starts it.
    pub by: By,
    /// Kind and name of the workload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workload: Option<Named>,
    /// Name of the container or compose service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where that stands; the Dockerfile when nothing starts the image.
    pub place: Place,
    /// The image, as written there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Why it is this image of the project, or why that cannot be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<&'static str>,
    /// What it is for.
    pub purpose: Purpose,
    /// The programs that it goes through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain: Option<Chain>,
    /// The Services that lead to it.
    pub services: Vec<Service>,
}

/// What starts an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// A container of a pod.
    Container,
    /// A container that ends before those of the pod start.
    Init,
    /// A container that is started before those of the pod and stays.
    Sidecar,
    /// A service of a compose file.
    Compose,
    /// Nothing that is known: the image says it itself.
    Image,
}

/// A Kubernetes object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// From the container's first process to the last one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chain {
    /// The programs, each started by the one before it.
    pub steps: Vec<Step>,
    /// Why it could not be followed to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stops: Option<&'static str>,
    /// What becomes of SIGTERM.
    pub sigterm: Sigterm,
    /// The file that node runs, when it is node that runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<Entry>,
}

/// A program of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// As people would write it.
    pub command: String,
    /// True when its process becomes the next program's.
    pub becomes_next: bool,
    /// The bytes that name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// What becomes of SIGTERM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sigterm {
    /// Whether it gets to the last program.
    pub fate: Fate,
    /// What happens then, or why it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub how: Option<String>,
}

/// Whether a signal gets to the last program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// It does.
    Reaches,
    /// It does, and then a program kills the last one after a time of its own.
    Hurried,
    /// It does not.
    Lost,
    /// It is not known.
    Unknown,
}

/// The file that node runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The file of the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Its path in the image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_image: Option<String>,
    /// Why no file of the project is known for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<&'static str>,
    /// Files of the project that it loads, itself included.
    pub files: usize,
    /// Why there may be more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incomplete: Option<&'static str>,
    /// Signals that these files handle.
    pub handles: Vec<Handler>,
}

/// A signal that code handles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Handler {
    /// Its name.
    pub signal: String,
    /// Where.
    pub place: Place,
}

/// A Service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Its place among the objects of the project: what is the same Service.
    #[serde(skip)]
    pub id: u32,
    /// Its name.
    pub name: String,
    /// Its type; absent when it is not known.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Its ports.
    pub ports: Vec<Port>,
    /// Where it stands.
    pub place: Place,
    /// Ingresses and routes that lead to it.
    pub ways: Vec<Way>,
}

/// A port of a Service. What is absent is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Port {
    /// The port of the Service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i64>,
    /// The port of the pods, by number or name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The port of the nodes, when one is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_port: Option<i64>,
}

/// An Ingress or a route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Way {
    /// Its place among the objects of the project.
    #[serde(skip)]
    pub id: u32,
    /// Kind and name.
    #[serde(flatten)]
    pub object: Named,
    /// Hosts and paths: `shop.example/`; empty for any.
    pub addresses: Vec<String>,
    /// Where it stands.
    pub place: Place,
}

/// Kubernetes objects that live together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unit {
    /// The folder or file.
    pub path: String,
    /// `kustomization`, `chart`, `folder` or `file`.
    pub made_from: &'static str,
    /// How many objects of each kind it has.
    pub kinds: Vec<Count>,
    /// Why there may be more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incomplete: Option<&'static str>,
    /// What it is for.
    pub purpose: Purpose,
}

/// How many objects of a kind there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The kind.
    pub kind: String,
    /// How many.
    pub count: usize,
}
