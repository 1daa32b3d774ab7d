//! Who holds what: the dominators of a graph in which every entry of the importer, and every scope of several entries, is a
//! node of its own. So what falls with an entry is told from what falls with its package: an entry whose package
//! others need too holds nothing.

use petgraph::algo::dominators::simple_fast;
use petgraph::graph::{DiGraph, NodeIndex};

use super::graph::{Graph, Node};
use super::group::Group;

/// Immediate dominators of a graph with its entries and groups.
pub(super) struct Dominators {
    /// By node: those of the graph, then the entries, then the groups.
    above: Vec<u32>,
    /// All nodes, each after its immediate dominator.
    order: Vec<u32>,
    /// Number of nodes of the graph itself.
    nodes: u32,
}

impl Dominators {
    pub(super) fn of(graph: &Graph<'_>, groups: &[Group]) -> Dominators {
        let nodes = graph.nodes.len() as u32;
        let all = graph.nodes.len() + graph.roots.len() + groups.len();
        let mut flow: DiGraph<(), ()> =
            DiGraph::with_capacity(all, graph.edge_count() + graph.roots.len() + groups.len());
        for _ in 0..all {
            flow.add_node(());
        }
        let index = |node: u32| NodeIndex::new(node as usize);
        let mut entry_of = vec![0; graph.roots.len()];
        for (at, group) in (nodes + graph.roots.len() as u32..).zip(groups) {
            flow.add_edge(index(0), index(at), ());
            group.members.iter().for_each(|member| entry_of[*member] = at);
        }
        for ((entry, root), above) in (nodes..).zip(&graph.roots).zip(entry_of) {
            flow.add_edge(index(above), index(entry), ());
            flow.add_edge(index(entry), index(root.node), ());
        }
        for from in 1..nodes {
            for to in graph.edges(from) {
                flow.add_edge(index(from), index(*to), ());
            }
        }
        let found = simple_fast(&flow, index(0));
        let of = |node: u32| found.immediate_dominator(index(node)).map_or(0, |above| above.index() as u32);
        let above: Vec<u32> = (0..all as u32).map(of).collect();
        Dominators { order: downwards(&above), above, nodes }
    }

    /// Adds up what each node dominates, itself included.
    pub(super) fn sums(&self, own: impl Fn(u32) -> u64) -> Vec<u64> {
        let mut sums: Vec<u64> =
            (0..self.above.len() as u32).map(|node| if node < self.nodes { own(node) } else { 0 }).collect();
        for node in self.order.iter().rev().filter(|node| **node != 0) {
            sums[self.above[*node as usize] as usize] += sums[*node as usize];
        }
        sums
    }

    /// By node of the graph: the entry that it falls with, as an index into [`Graph::roots`].
    pub(super) fn holders(&self, graph: &Graph<'_>) -> Vec<Option<usize>> {
        let mut holders: Vec<Option<usize>> = vec![None; self.above.len()];
        for node in self.order.iter().map(|node| *node as usize).filter(|node| *node != 0) {
            let entry = node.checked_sub(self.nodes as usize).filter(|entry| *entry < graph.roots.len());
            holders[node] = entry.or(holders[self.above[node] as usize]);
        }
        holders.truncate(self.nodes as usize);
        holders
    }

    /// The node of the graph that a node is only reached through: the nearest that is a package or an importer.
    pub(super) fn above(&self, graph: &Graph<'_>, node: u32) -> Option<u32> {
        let above = std::iter::successors(Some(node), |node| {
            Some(self.above[*node as usize]).filter(|at| at != node)
        });
        above.skip(1).find(|at| *at < self.nodes && graph.nodes[*at as usize] != Node::Start)
    }
}

/// The nodes of a tree that is given by who is above whom, those above first; the first node is the root.
fn downwards(above: &[u32]) -> Vec<u32> {
    let mut below: Vec<Vec<u32>> = vec![Vec::new(); above.len()];
    for (node, above) in (0u32..).zip(above).skip(1) {
        below[*above as usize].push(node);
    }
    let mut order = vec![0];
    let mut done = 0;
    while let Some(node) = order.get(done) {
        order.extend_from_slice(&below[*node as usize]);
        done += 1;
    }
    order
}
