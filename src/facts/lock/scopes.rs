//! Names found as Node finds them: in the place that asks, then in each place above it.

use rustc_hash::FxHashMap;

use super::Target;

/// A place that may hold installed packages.
pub(super) type Scope = u32;

/// The place at the top.
pub(super) const ROOT: Scope = 0;

/// Places, each with the one above it, and who answers to a name there.
pub(super) struct Scopes<'t> {
    by_path: FxHashMap<&'t str, Scope>,
    above: Vec<Option<Scope>>,
    answers: FxHashMap<(Scope, &'t str), Target>,
}

impl<'t> Scopes<'t> {
    pub(super) fn new() -> Scopes<'t> {
        let by_path = FxHashMap::from_iter([("", ROOT)]);
        Scopes { by_path, above: vec![None], answers: FxHashMap::default() }
    }

    /// A place below another.
    pub(super) fn below(&mut self, above: Scope) -> Scope {
        self.above.push(Some(above));
        self.above.len() as Scope - 1
    }

    /// The place of this path; places above it are set by [`Scopes::nest`]. The root's path is empty.
    pub(super) fn at(&mut self, path: &'t str) -> Scope {
        let next = self.above.len() as Scope;
        let scope = *self.by_path.entry(path).or_insert(next);
        if scope == next {
            self.above.push(None);
        }
        scope
    }

    /// The place of this path, when it is one.
    pub(super) fn find(&self, path: &str) -> Option<Scope> {
        self.by_path.get(path).copied()
    }

    /// Sets what lies above each path: the first of its parents that is a place. A path without one has none above.
    pub(super) fn nest(&mut self, parent: impl Fn(&str) -> Option<&str>) {
        for (path, scope) in &self.by_path {
            let parents = std::iter::successors(parent(path), |path| parent(path));
            self.above[*scope as usize] = parents.filter_map(|path| self.by_path.get(path).copied()).next();
        }
    }

    /// Notes who answers to a name in a place.
    pub(super) fn put(&mut self, scope: Scope, name: &'t str, target: Target) {
        self.answers.insert((scope, name), target);
    }

    /// Who answers to a name that is asked for in a place.
    pub(super) fn answer(&self, scope: Scope, name: &'t str) -> Target {
        let places = std::iter::successors(Some(scope), |scope| self.above[*scope as usize]);
        let mut found = places.filter_map(|place| self.answers.get(&(place, name)).copied());
        found.next().unwrap_or(Target::Missing)
    }

    /// Who answers at the top, by name.
    pub(super) fn top(self) -> impl Iterator<Item = (&'t str, Target)> {
        let top = self.answers.into_iter().filter(|((scope, _), _)| *scope == ROOT);
        top.map(|((_, name), target)| (name, target))
    }
}
