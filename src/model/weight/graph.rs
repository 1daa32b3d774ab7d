//! The graph of what one install puts into an image.

use rustc_hash::FxHashMap;

use crate::facts::base_images::Libc;
use crate::facts::lock::{self, EdgeKind, Importer, Lock, LockedPackage};
use crate::source::Span;

use super::system::fits_by_name;

/// The system that is installed for, and what of the importer is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The operating system as npm calls it: `linux`.
    pub os: &'static str,
    /// The processor as npm calls it: `x64`, `arm64`.
    pub cpu: String,
    /// The C library; `None`: it is not known, and packages for any of them count.
    pub libc: Option<Libc>,
    /// Whether development dependencies of the importer are installed.
    pub development: bool,
}

impl Target {
    /// True when a package installs on this system.
    pub fn takes(&self, package: &LockedPackage) -> bool {
        let known: &[&str] = match self.libc {
            Some(Libc::Glibc) => &["glibc"],
            Some(Libc::Musl) => &["musl"],
            Some(Libc::Absent) | None => &["glibc", "musl"],
        };
        package.platform.is_any()
            || known.iter().any(|libc| package.platform.allows(self.os, &self.cpu, libc))
    }
}

/// What one install puts into an image, from a lock file, as seen from an importer, for a target system. All nodes are
/// reached from the first one.
#[derive(Clone, Debug)]
pub struct Graph<'a> {
    /// The lock file.
    pub lock: &'a Lock,
    /// The importers themselves, then what it brings, each once.
    pub nodes: Vec<Node>,
    /// The direct dependencies that are installed, in the order of the importers' entries.
    pub roots: Vec<Root>,
    /// Where the edges of each node begin in `targets`, and where those of the last end.
    starts: Vec<u32>,
    targets: Vec<u32>,
}

/// Something that is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// The importers that the graph is seen from.
    Start,
    /// A package, as an index into [`Lock::packages`].
    Package(u32),
    /// A package of the repository that is linked, as an index into [`Lock::importers`]: its own files weigh nothing here.
    Importer(u32),
}

/// A direct dependency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// The name it is asked for by.
    pub name: String,
    /// The entry that asks: of package.json when [`Project::weighed`](crate::model::Project::weighed) made the importer,
    /// else as the importer has it.
    pub span: Span,
    /// Why it is asked for.
    pub kind: EdgeKind,
    /// Its place in [`Graph::nodes`].
    pub node: u32,
}

impl<'a> Graph<'a> {
    /// The graph of an importer. Optional dependencies that do not install on the target are left out with what only
    /// they need, edges without an answer too. A peer that may be missing is brought by nobody unless it is there
    /// and nothing else brings it.
    pub fn of(lock: &'a Lock, importer: &Importer, target: &Target) -> Graph<'a> {
        Graph::of_all(lock, std::slice::from_ref(importer), target)
    }

    /// The graph of several importers that one install serves, as if they were one.
    pub fn of_all(lock: &'a Lock, importers: &[Importer], target: &Target) -> Graph<'a> {
        let mut walk = Walk::new(lock, importers, target);
        walk.close();
        let mut graph = Graph {
            lock,
            nodes: walk.nodes,
            roots: walk.roots,
            starts: Vec::new(),
            targets: Vec::with_capacity(walk.edges.len()),
        };
        // Edges were found node by node but for those to peers, which came last.
        walk.edges.sort_unstable();
        walk.edges.dedup();
        for (from, to) in walk.edges {
            graph.starts.resize(graph.starts.len().max(from as usize + 1), graph.targets.len() as u32);
            graph.targets.push(to);
        }
        graph.starts.resize(graph.nodes.len() + 1, graph.targets.len() as u32);
        graph
    }

    /// What a node asks for.
    pub fn edges(&self, node: u32) -> &[u32] {
        let at = node as usize;
        &self.targets[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// Number of edges.
    pub fn edge_count(&self) -> usize {
        self.targets.len()
    }

    /// The entry of the lock file that a node is.
    pub fn package(&self, node: u32) -> Option<&'a LockedPackage> {
        match self.nodes[node as usize] {
            Node::Package(package) => self.lock.packages.get(package as usize),
            Node::Importer(_) | Node::Start => None,
        }
    }

    /// The name of a package, or of a package of the repository: its folder where the format keeps no name.
    pub fn name(&self, node: u32) -> Option<&'a str> {
        match self.nodes[node as usize] {
            Node::Package(_) => self.package(node).map(|package| package.name.as_str()),
            Node::Importer(at) => {
                let importer = self.lock.importers.get(at as usize)?;
                Some(importer.name.as_ref().unwrap_or(&importer.folder))
            }
            Node::Start => None,
        }
    }

    /// The packages with their nodes.
    pub fn packages(&self) -> impl Iterator<Item = (u32, u32)> {
        let numbered = self.nodes.iter().enumerate();
        numbered.filter_map(|(node, what)| match what {
            Node::Package(package) => Some((node as u32, *package)),
            Node::Importer(_) | Node::Start => None,
        })
    }
}

/// A graph while it is walked.
struct Walk<'a> {
    lock: &'a Lock,
    target: &'a Target,
    /// Who links to one of these links to the start.
    importers: &'a [Importer],
    nodes: Vec<Node>,
    places: FxHashMap<Node, u32>,
    roots: Vec<Root>,
    edges: Vec<(u32, u32)>,
    /// Edges to peers that may be missing: they hold what is there, and nothing that others bring.
    perhaps: Vec<(u32, Node)>,
    /// Nodes up to here were gone through.
    done: usize,
}

impl<'a> Walk<'a> {
    fn new(lock: &'a Lock, importers: &'a [Importer], target: &'a Target) -> Walk<'a> {
        let mut walk = Walk {
            lock,
            target,
            importers,
            nodes: vec![Node::Start],
            places: FxHashMap::default(),
            roots: Vec::new(),
            edges: Vec::new(),
            perhaps: Vec::new(),
            done: 1,
        };
        for edge in importers.iter().flat_map(|importer| &importer.edges) {
            // What the importer's own users provide if they like nobody installs for it.
            let is_left_out = edge.kind == EdgeKind::Development && !target.development
                || edge.kind == EdgeKind::OptionalPeer;
            if is_left_out {
                continue;
            }
            let Some(node) = walk.answer(edge).filter(|node| *node != Node::Start) else { continue };
            let node = walk.place(node);
            walk.edges.push((0, node));
            walk.roots.push(Root { name: edge.name.clone(), span: edge.span, kind: edge.kind, node });
        }
        walk
    }

    /// Goes through all that is brought, and then through the peers that nothing brings and that are there.
    fn close(&mut self) {
        loop {
            while self.done < self.nodes.len() {
                self.node(self.done as u32);
                self.done += 1;
            }
            let open: Vec<(u32, Node)> =
                self.perhaps.drain(..).filter(|(_, to)| !self.places.contains_key(to)).collect();
            if open.is_empty() {
                return;
            }
            for (from, to) in open {
                let to = self.place(to);
                self.edges.push((from, to));
            }
        }
    }

    fn node(&mut self, node: u32) {
        let edges = match self.nodes[node as usize] {
            Node::Package(at) => &self.lock.packages[at as usize].edges,
            Node::Importer(at) => &self.lock.importers[at as usize].edges,
            Node::Start => return,
        };
        for edge in edges.iter().filter(|edge| edge.kind != EdgeKind::Development) {
            let Some(to) = self.answer(edge) else { continue };
            if to == Node::Start || self.nodes[node as usize] == to {
                continue;
            }
            if edge.kind == EdgeKind::OptionalPeer {
                self.perhaps.push((node, to));
                continue;
            }
            let to = self.place(to);
            self.edges.push((node, to));
        }
    }

    /// What an edge brings: nothing when nobody answers, or when the answer is optional and not for this system.
    fn answer(&self, edge: &lock::Edge) -> Option<Node> {
        match edge.target {
            lock::Target::Package(at) => {
                let package = self.lock.packages.get(at as usize)?;
                // Yarn 2 and later leave out what is for other systems whoever asks for it.
                let may_miss = edge.kind.may_miss() || package.flags.optional || self.lock.is_berry();
                let fits =
                    || self.target.takes(package) && fits_by_name(self.lock, &package.name, self.target);
                (!may_miss || fits()).then_some(Node::Package(at))
            }
            lock::Target::Importer(at) => {
                let importer = self.lock.importers.get(at as usize)?;
                let is_start = self.importers.iter().any(|start| start.folder == importer.folder);
                Some(if is_start { Node::Start } else { Node::Importer(at) })
            }
            lock::Target::Above | lock::Target::Outside | lock::Target::Missing => None,
        }
    }

    fn place(&mut self, node: Node) -> u32 {
        let next = self.nodes.len() as u32;
        let place = *self.places.entry(node).or_insert(next);
        if place == next {
            self.nodes.push(node);
        }
        place
    }
}
