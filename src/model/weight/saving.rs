//! What an image loses without one of its direct dependencies, as far as the repository itself says it: nothing here looks
//! at what is installed on this machine.

use rustc_hash::FxHashMap;

use super::dominate::Dominators;
use super::graph::{Graph, Node};
use super::group::by_name;
use crate::facts::size::{COMMITTED, Committed};
use crate::model::read::Reading;
use crate::model::{ImageId, Project};
use crate::source::ProjectPath;

/// What goes with a direct dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Saving {
    /// Number of the packages that go: none when others need its package, too.
    pub packages: usize,
    /// Bytes of the packages that go, where the size of each is known.
    pub bytes: Option<u64>,
}

/// What each image loses, by the names of its direct dependencies.
#[derive(Debug, Default)]
pub(crate) struct Savings(FxHashMap<ImageId, FxHashMap<String, Saving>>);

/// What goes with all entries of a name, for each name. `size` gives the bytes of a package of the lock file.
pub fn savings(graph: &Graph<'_>, size: impl Fn(u32) -> Option<u64>) -> Vec<(String, Saving)> {
    let names = by_name(&graph.roots);
    let dominators = Dominators::of(graph, &names);
    let package = |node: u32| match graph.nodes.get(node as usize) {
        Some(Node::Package(package)) => Some(*package),
        _ => None,
    };
    let bytes = dominators.sums(|node| package(node).and_then(&size).unwrap_or(0));
    let packages = dominators.sums(|node| u64::from(package(node).is_some()));
    let unsized_packages =
        dominators.sums(|node| u64::from(package(node).is_some_and(|one| size(one).is_none())));
    let first = graph.nodes.len() + graph.roots.len();
    let saving = |at: usize| Saving {
        packages: packages[at] as usize,
        bytes: (unsized_packages[at] == 0).then_some(bytes[at]),
    };
    (first..).zip(names).map(|(at, group)| (group.name, saving(at))).collect()
}

impl Project {
    /// What packages weigh by the repository's `plimsoll.sizes.json`.
    pub fn committed_sizes(&self) -> Option<&Committed> {
        let file = self.sources.find(&ProjectPath::new(COMMITTED)?)?;
        match self.readings.get(file.0 as usize)? {
            Reading::Sizes(sizes) => Some(sizes),
            _ => None,
        }
    }

    /// What an image loses without a direct dependency, by the name that it is asked for by; the most of it where several
    /// installs bring it. `None` where no lock file tells.
    pub fn saving(&self, image: ImageId, name: &str) -> Option<Saving> {
        self.savings.get_or_init(|| self.find_savings()).0.get(&image)?.get(name).copied()
    }

    fn find_savings(&self) -> Savings {
        let committed = self.committed_sizes();
        let mut all = Savings::default();
        for weighed in self.weighed() {
            let Some(image) = weighed.image else { continue };
            let size = |package: u32| {
                let package = weighed.lock.packages.get(package as usize)?;
                committed?.of(&package.name, package.version.as_deref()?)
            };
            let of_image = all.0.entry(image).or_default();
            for (name, saving) in savings(&weighed.graph(), size) {
                let most = of_image.entry(name).or_insert(saving);
                *most = saving.max(*most);
            }
        }
        all
    }
}
