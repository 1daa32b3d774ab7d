//! Direct dependencies of one scope, which are there for one thing: the clients of one cloud, the parts of one framework.

use std::collections::BTreeMap;

use super::graph::Root;

/// Direct dependencies that are taken together: two of one scope, or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The scope: `@aws-sdk`.
    pub name: String,
    /// Its members, as indexes into [`Graph::roots`](super::Graph::roots).
    pub members: Vec<usize>,
    /// Bytes that the image loses when all of them go.
    pub saves: u64,
    /// Number of packages that go then.
    pub packages: usize,
    /// Number of those whose size is not known.
    pub unknown: u64,
}

/// The scopes of direct dependencies, in the order of their names. Their figures are still to come.
pub(super) fn groups(roots: &[Root]) -> Vec<Group> {
    let mut scopes: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, root) in roots.iter().enumerate() {
        if let Some((scope, _)) = root.name.split_once('/').filter(|(scope, _)| scope.starts_with('@')) {
            scopes.entry(scope).or_default().push(at);
        }
    }
    let several = scopes.into_iter().filter(|(_, members)| members.len() > 1);
    several.map(group).collect()
}

/// The direct dependencies by their names: where an install serves several packages, more than one may ask for a name.
pub(super) fn by_name(roots: &[Root]) -> Vec<Group> {
    let mut names: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, root) in roots.iter().enumerate() {
        names.entry(&root.name).or_default().push(at);
    }
    names.into_iter().map(group).collect()
}

fn group((name, members): (&str, Vec<usize>)) -> Group {
    Group { name: name.to_owned(), members, saves: 0, packages: 0, unknown: 0 }
}
