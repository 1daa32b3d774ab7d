//! What each direct dependency costs.

use super::dominate::Dominators;
use super::graph::{Graph, Node};
use super::group::{Group, groups};

/// What all packages of a graph weigh, and who is to blame. The sum of what the direct dependencies save and the pool
/// are the total, to the byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weights {
    /// One for each of [`Graph::roots`], in their order.
    pub direct: Vec<Weight>,
    /// Scopes of several direct dependencies.
    pub groups: Vec<Group>,
    /// Bytes of all packages.
    pub total: u64,
    /// Number of all packages.
    pub packages: usize,
    /// Bytes that no single direct dependency holds: several bring them.
    pub pool: u64,
    /// Number of the packages of the pool.
    pub pool_packages: usize,
    /// By node of the graph: the direct dependency that it falls with, as an index into [`Graph::roots`]; `None` for the
    /// pool.
    pub holders: Vec<Option<usize>>,
    /// Packages whose size is not known, as indexes into `packages` of the lock file: they count as nothing.
    pub unknown: Vec<u32>,
}

/// What a direct dependency costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    /// Its place in [`Graph::roots`].
    pub root: usize,
    /// Bytes of its package alone.
    pub own: u64,
    /// Bytes that the image loses when its entry goes: what nothing else brings. Nothing when another dependency needs its
    /// package, too.
    pub saves: u64,
    /// Bytes of all that it reaches, itself included.
    pub needs: u64,
    /// Number of packages that it reaches and whose size is not known.
    pub needs_unknown: u64,
    /// Number of packages that go with it.
    pub packages: usize,
    /// The scope that it belongs to, in [`Weights::groups`].
    pub group: Option<usize>,
}

/// Weighs a graph. `size` gives the bytes of a package of the lock file, `None` when they are not known.
pub fn weigh(graph: &Graph<'_>, size: impl Fn(u32) -> Option<u64>) -> Weights {
    let mut unknown = Vec::new();
    let mut sizes = vec![0; graph.nodes.len()];
    let mut unsized_nodes = vec![0; graph.nodes.len()];
    for (node, package) in graph.packages() {
        match size(package) {
            Some(bytes) => sizes[node as usize] = bytes,
            None => {
                unsized_nodes[node as usize] = 1;
                unknown.push(package);
            }
        }
    }
    unknown.sort_unstable();
    let mut groups = groups(&graph.roots);
    let dominators = Dominators::of(graph, &groups);
    let is_package = |node: u32| matches!(graph.nodes[node as usize], Node::Package(_));
    let saved = dominators.sums(|node| sizes[node as usize]);
    let counted = dominators.sums(|node| u64::from(is_package(node)));
    let unsized_saved = dominators.sums(|node| unsized_nodes[node as usize]);
    let first = graph.nodes.len();
    let mut group_of = vec![None; graph.roots.len()];
    for (at, group) in groups.iter().enumerate() {
        group.members.iter().for_each(|member| group_of[*member] = Some(at));
    }
    let mut reach = Reach { seen: vec![u32::MAX; graph.nodes.len()], open: Vec::new() };
    let weight = |(at, root): (usize, &super::Root)| {
        let (needs, needs_unknown) = reach.sum(graph, root.node, at as u32, &sizes, &unsized_nodes);
        Weight {
            root: at,
            own: sizes[root.node as usize],
            saves: saved[first + at],
            needs,
            needs_unknown,
            packages: counted[first + at] as usize,
            group: group_of[at],
        }
    };
    let direct: Vec<Weight> = graph.roots.iter().enumerate().map(weight).collect();
    for (at, group) in (first + graph.roots.len()..).zip(&mut groups) {
        (group.saves, group.packages) = (saved[at], counted[at] as usize);
        group.unknown = unsized_saved[at];
    }
    let held: u64 = direct.iter().map(|weight| weight.saves).sum();
    let held_packages: usize = direct.iter().map(|weight| weight.packages).sum();
    let (total, packages) = (saved[0], counted[0] as usize);
    Weights {
        direct,
        groups,
        total,
        packages,
        pool: total - held,
        pool_packages: packages - held_packages,
        holders: dominators.holders(graph),
        unknown,
    }
}

/// Sums over what nodes reach, one after the other.
struct Reach {
    /// By node: the last sum that it was counted in.
    seen: Vec<u32>,
    open: Vec<u32>,
}

impl Reach {
    fn sum(
        &mut self,
        graph: &Graph<'_>,
        from: u32,
        number: u32,
        sizes: &[u64],
        unsized_nodes: &[u64],
    ) -> (u64, u64) {
        let mut sum = 0;
        let mut unknown = 0;
        self.open.push(from);
        while let Some(node) = self.open.pop() {
            if std::mem::replace(&mut self.seen[node as usize], number) == number {
                continue;
            }
            sum += sizes[node as usize];
            unknown += unsized_nodes[node as usize];
            self.open.extend_from_slice(graph.edges(node));
        }
        (sum, unknown)
    }
}
