//! Why a package is there.

use super::dominate::Dominators;
use super::graph::{Graph, Root};

/// Chains that are given for one package.
const MOST: usize = 10;

/// Why one entry of the lock file is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause<'a> {
    /// The entry, as an index into `packages` of the lock file.
    pub package: u32,
    /// For each direct dependency that leads to it the shortest way: names from the direct dependency to the package. The
    /// shortest come first, and at most ten.
    pub chains: Vec<Vec<&'a str>>,
    /// Number of direct dependencies that lead to it.
    pub roots: usize,
    /// The nearest package, or package of the repository, that all ways go through, as a node of the graph; `None` when
    /// there is none but the package itself.
    pub dominator: Option<u32>,
}

/// Why the packages of a name are there, one answer for each entry of the lock file.
pub fn why<'a>(graph: &'a Graph<'_>, name: &str) -> Vec<Cause<'a>> {
    let is_named = |node: &u32| {
        graph
            .package(*node)
            .is_some_and(|package| package.name == name || package.alias.as_deref() == Some(name))
    };
    let found: Vec<(u32, u32)> = graph.packages().filter(|(node, _)| is_named(node)).collect();
    if found.is_empty() {
        return Vec::new();
    }
    let dominators = Dominators::of(graph, &[]);
    let asking = asking(graph);
    let cause = |(node, package): (u32, u32)| {
        let next = next(&asking, node);
        let mut chains: Vec<Vec<&str>> =
            graph.roots.iter().filter_map(|root| chain(graph, &root.name, root.node, node, &next)).collect();
        let roots = chains.len();
        chains.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        chains.truncate(MOST);
        Cause { package, chains, roots, dominator: dominators.above(graph, node) }
    };
    found.into_iter().map(cause).collect()
}

/// The shortest ways from direct dependencies to all that they bring.
#[derive(Clone, Debug)]
pub struct Ways {
    /// By node, who asks for it first.
    asked_by: Vec<Option<Asks>>,
}

#[derive(Clone, Copy, Debug)]
enum Asks {
    /// A direct dependency, as an index into [`Graph::roots`].
    Root(u32),
    Node(u32),
}

impl Ways {
    /// Those of a graph.
    pub fn of(graph: &Graph<'_>) -> Ways {
        let mut asked_by = vec![None; graph.nodes.len()];
        let mut order: Vec<u32> = Vec::new();
        for (at, root) in (0u32..).zip(&graph.roots) {
            if asked_by[root.node as usize].is_none() {
                asked_by[root.node as usize] = Some(Asks::Root(at));
                order.push(root.node);
            }
        }
        let mut done = 0;
        while let Some(&from) = order.get(done) {
            for to in graph.edges(from) {
                if asked_by[*to as usize].is_none() {
                    asked_by[*to as usize] = Some(Asks::Node(from));
                    order.push(*to);
                }
            }
            done += 1;
        }
        Ways { asked_by }
    }

    /// The direct dependency that a way to a node of the graph begins with, and the names from there to the node.
    pub fn to<'g, 'a>(&self, graph: &'g Graph<'a>, node: u32) -> Option<(&'g Root, Vec<&'a str>)> {
        let mut names = Vec::new();
        let mut at = node;
        loop {
            names.push(graph.name(at)?);
            match (*self.asked_by.get(at as usize)?)? {
                Asks::Node(from) => at = from,
                Asks::Root(root) => {
                    names.reverse();
                    return Some((&graph.roots[root as usize], names));
                }
            }
        }
    }
}

/// Who asks for each node.
fn asking(graph: &Graph<'_>) -> Vec<Vec<u32>> {
    let mut asking = vec![Vec::new(); graph.nodes.len()];
    for from in 1..graph.nodes.len() as u32 {
        graph.edges(from).iter().for_each(|to| asking[*to as usize].push(from));
    }
    asking
}

/// By node, the next one on the shortest way to `end`; `None` where no way leads there.
fn next(asking: &[Vec<u32>], end: u32) -> Vec<Option<u32>> {
    let mut next = vec![None; asking.len()];
    next[end as usize] = Some(end);
    let mut order = vec![end];
    let mut done = 0;
    while let Some(&node) = order.get(done) {
        for from in &asking[node as usize] {
            if next[*from as usize].is_none() {
                next[*from as usize] = Some(node);
                order.push(*from);
            }
        }
        done += 1;
    }
    next
}

/// The names from a direct dependency to `end`; the first is as the importer asks for it.
fn chain<'a>(
    graph: &'a Graph<'_>,
    asked: &'a str,
    from: u32,
    end: u32,
    next: &[Option<u32>],
) -> Option<Vec<&'a str>> {
    next[from as usize]?;
    let mut names = vec![asked];
    let mut node = from;
    while node != end {
        node = next[node as usize]?;
        names.push(graph.name(node).unwrap_or_default());
    }
    Some(names)
}
