//! Which members of a package a file uses, as far as all its uses can be seen.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::{FileFacts, ImportKind, Imported, Name, Value, ValueId};
use crate::facts::Why;
use crate::facts::resolve::package_name;

/// What is used of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Members of the package (`lookup`), and members of those (`google.drive`). The package itself, when it is called, is `()`.
    pub members: BTreeSet<String>,
    /// The members that are called with arguments.
    pub given: BTreeSet<String>,
    /// `Ok` when these are all: an error when the package or a part of it is handed on.
    pub rest: Result<(), Why>,
}

impl Default for Usage {
    fn default() -> Usage {
        Usage { members: BTreeSet::new(), given: BTreeSet::new(), rest: Ok(()) }
    }
}

impl Usage {
    /// What two files use together.
    pub fn join(&mut self, other: Usage) {
        self.members.extend(other.members);
        self.given.extend(other.given);
        self.rest = self.rest.and(other.rest);
    }

    /// True when the package has a member among these that is used.
    pub fn uses(&self, members: &[&str]) -> bool {
        self.members.iter().any(|used| members.contains(&used.split('.').next().unwrap_or(used)))
    }
}

/// What a file uses of a package.
pub fn usage(facts: &FileFacts, package: &str) -> Usage {
    let mut usage = Usage::default();
    let is_of = |specifier: &str| package_name(specifier).0 == package;
    if !facts.complete {
        usage.rest = Err(Why::Broken);
        return usage;
    }
    for import in facts.imports.iter().filter(|import| !import.type_only) {
        let Some(specifier) = import.specifier.map(|name| facts.name(name)).filter(|name| is_of(name)) else {
            continue;
        };
        // A file of the package (`aws-sdk/clients/s3`) is not one of its members.
        if specifier != package || matches!(import.kind, ImportKind::Reexport | ImportKind::Dynamic) {
            usage.rest = Err(Why::Dynamic);
        }
        for taken in &facts.imported[import.names.range()] {
            if let (Imported::Named(name), false) = (taken.imported, taken.type_only) {
                usage.members.insert(facts.name(name).to_owned());
            }
        }
    }
    let path = |id: ValueId| facts.module_path(id).filter(|(module, _)| is_of(module)).map(|(_, path)| path);
    // What stands before a dot is used by what stands behind it.
    let mut before_dot = vec![false; facts.values.len()];
    for value in &facts.values {
        if let Value::Member { object, .. } = value.value {
            before_dot[object.0 as usize] = true;
        }
    }
    for (index, value) in facts.values.iter().enumerate() {
        if matches!(value.value, Value::Member { .. })
            && let Some(path) = path(ValueId(index as u32)).filter(|path| !path.is_empty())
        {
            usage.members.insert(path.split('.').take(2).collect::<Vec<_>>().join("."));
        }
    }
    for call in &facts.calls {
        let Some(path) = path(call.callee) else { continue };
        if path.is_empty() {
            usage.members.insert("()".to_owned());
        } else if !call.arguments.range().is_empty() {
            usage.given.insert(path);
        }
    }
    // The whole package, where it is neither before a dot nor called, may be used in any way.
    facts.calls.iter().for_each(|call| before_dot[call.callee.0 as usize] = true);
    let is_whole = |id: ValueId| path(id).is_some_and(|path| path.is_empty());
    let declared: FxHashSet<Name> = facts.bindings.iter().map(|binding| binding.name).collect();
    let is_used = |value: &Value| matches!(value, Value::Ident(name) if !declared.contains(name));
    let named = facts.values.iter().enumerate().filter(|(_, value)| is_used(&value.value));
    let mut named = named.map(|(index, _)| ValueId(index as u32)).filter(|id| !before_dot[id.0 as usize]);
    let handed = facts.items.iter().copied().chain(facts.entries.iter().map(|entry| entry.value));
    let mut handed = handed.chain(facts.exports.iter().map(|export| export.value));
    if named.any(is_whole) || handed.any(is_whole) {
        usage.rest = Err(Why::Dynamic);
    }
    usage
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::module;
    use crate::source::FileId;
    use crate::syntax::script::Dialect;

    fn used(text: &str) -> (String, bool) {
        let facts = module::read(FileId(0), text.into(), Dialect::JavaScript).tree;
        let usage = usage(&facts, "geoip");
        (usage.members.into_iter().collect::<Vec<_>>().join(" "), usage.rest.is_ok())
    }

    #[test]
    fn members_are_seen_through_names() {
        assert_eq!(used("const g = require('geoip'); g.lookup(a);"), ("lookup".to_owned(), true));
        assert_eq!(used("import { lookup } from 'geoip'; lookup(a);"), ("lookup".to_owned(), true));
        assert_eq!(used("const { lookup: l } = require('geoip'); l(a);").0, "lookup");
        assert_eq!(used("require('geoip').lookup(a);").0, "lookup");
        assert_eq!(used("const g = require('geoip'); g(a);").0, "()");
        assert_eq!(used("const g = require('geoip');"), (String::new(), true));
        assert_eq!(
            used("import { google } from 'geoip'; google.drive({}); google.mail({});").0,
            "google google.drive google.mail"
        );
    }

    #[test]
    fn what_is_handed_on_may_be_used_in_any_way() {
        for text in [
            "const g = require('geoip'); use(g);",
            "module.exports = require('geoip');",
            "export * from 'geoip';",
            "const g = require('geoip'); module.exports = { g };",
            "import('geoip').then(use);",
        ] {
            assert!(!used(text).1, "{text}");
        }
    }
}
