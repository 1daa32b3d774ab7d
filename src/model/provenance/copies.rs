//! COPY: node_modules on their way from stage to stage.

use super::trees::Trees;
use super::{Build, IN_BASE, Modules};
use crate::facts::image::{CopyFrom, CopyStep};
use crate::facts::{Fact, Why};
use crate::model::contents::normal;

impl Build<'_> {
    /// Takes along what a COPY copies.
    pub(super) fn copy(&self, copy: &CopyStep, trees: &mut Trees) {
        let dest = match (&copy.dest.value, &copy.dest_in_base) {
            (_, Some(dest)) => format!("{IN_BASE}/{dest}"),
            (Fact::Known { value, .. }, None) => value.clone(),
            (Fact::Unknown(why), None) => {
                trees.rest = Err(*why);
                return;
            }
        };
        for source in &copy.sources {
            match source.value.known() {
                Some(source) => self.copy_source(copy, source, dest.trim_end_matches('/'), trees),
                None => trees.rest = Err(Why::Variable),
            }
        }
    }

    fn copy_source(&self, copy: &CopyStep, source: &str, dest: &str, trees: &mut Trees) {
        let is_modules = source.trim_end_matches('/').ends_with("node_modules");
        match &copy.from {
            CopyFrom::Context if self.takes_packages_of_host(copy, source) => {
                let path = if is_modules { dest.to_owned() } else { format!("{dest}/node_modules") };
                trees.add(Modules::unknown(path, Why::Ambiguous, Some(copy.dest.span)));
            }
            CopyFrom::Context => {}
            CopyFrom::Stage(stage) => match self.trees.get(stage.value).and_then(Option::as_ref) {
                Some(from) => from_stage(copy, from, &normal(source), dest, trees),
                None => trees.rest = Err(Why::NotFound),
            },
            CopyFrom::Image(_) | CopyFrom::Unknown(_) if is_modules => {
                trees.add(Modules::unknown(dest.to_owned(), Why::UnknownBase, Some(copy.dest.span)));
            }
            CopyFrom::Image(_) | CopyFrom::Unknown(_) => trees.rest = Err(Why::UnknownBase),
        }
    }
}

fn from_stage(copy: &CopyStep, from: &Trees, source: &str, dest: &str, trees: &mut Trees) {
    let dest = if copy.parents { format!("{dest}{source}") } else { dest.to_owned() };
    let at = copy.dest.span;
    let mut taken = from.moved(source, &dest);
    // A part of the packages, by name, laid over what is there.
    let part_of = source.rsplit_once("/node_modules/").map(|(folder, _)| folder);
    if part_of.is_some()
        && let Some((folder, _)) = dest.rsplit_once("/node_modules")
    {
        trees.forget_clean(&format!("{folder}/node_modules"));
        return;
    }
    if taken.is_empty() && source.ends_with("/node_modules") {
        taken.push(match (from.covering(source), from.rest) {
            (Some(covering), _) => Modules { path: dest, ..covering.clone() },
            (None, rest) => Modules::unknown(dest, rest.err().unwrap_or(Why::NotFound), None),
        });
    } else if taken.is_empty() && from.rest.is_err() {
        trees.rest = from.rest;
    }
    for mut modules in taken {
        modules.copied.push(at);
        trees.add(modules);
    }
}

impl Trees {
    /// Packages without development dependencies get some by name: which, is not known.
    fn forget_clean(&mut self, path: &str) {
        if self.at(path).is_some_and(|modules| modules.development.known() == Some(&false)) {
            self.forget(Some(path), Why::Dynamic);
        }
    }
}
