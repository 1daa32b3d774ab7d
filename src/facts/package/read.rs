//! From the JSON tree to [`Package`].

use std::sync::Arc;

use super::{
    Bin, Dependency, DependencyKind, ManagerPin, ModuleType, Override, Package, Range, Script, Section,
    exports,
};
use crate::facts::{Fact, Found, Origin, Why};
use crate::source::{Span, Spanned};
use crate::syntax::mapped::MappedText;
use crate::syntax::scalar::Value;
use crate::syntax::tree::{Entry, Ref, Tree};

/// Nesting of `overrides` that is read.
const MAX_OVERRIDE_DEPTH: usize = 8;
/// Longest key of an override that is read; a name has 214 bytes at most.
const MAX_SELECTOR: usize = 1024;

impl Package {
    /// Reads the tree of a package.json.
    pub fn read(tree: &Tree) -> Package {
        let root = tree.root().filter(|root| root.is_mapping());
        let span = tree.root().map_or_else(|| Span::at(tree.file, 0), Ref::span);
        let complete = root.is_some() && tree.documents.iter().all(|document| document.complete);
        let manifest = Manifest { root, span, complete };
        let built = match manifest.get(&["pnpm", "onlyBuiltDependencies"]) {
            Some(_) => manifest.list(&["pnpm", "onlyBuiltDependencies"]),
            None => manifest.list(&["trustedDependencies"]),
        };
        let (dependencies, sections) = manifest.dependencies();
        Package {
            file: tree.file,
            span,
            name: manifest.text(&["name"]),
            version: manifest.text(&["version"]),
            private: manifest.private(),
            module_type: manifest.module_type(),
            main: manifest.text(&["main"]),
            exports: manifest.exports(),
            bin: manifest.bin(),
            scripts: manifest.scripts(),
            dependencies,
            sections,
            node: manifest.node(),
            package_manager: manifest.package_manager(),
            workspaces: manifest.workspaces(),
            overrides: manifest.overrides(),
            files: manifest.list(&["files"]),
            built,
        }
    }
}

/// The object of a package.json that is being read.
struct Manifest<'t> {
    root: Option<Ref<'t>>,
    span: Span,
    /// False when an error cut the text: what is not there may have been there.
    complete: bool,
}

impl<'t> Manifest<'t> {
    fn get(&self, keys: &[&str]) -> Option<Ref<'t>> {
        keys.iter().try_fold(self.root?, |at, key| at.get(key))
    }

    /// What holds for a field that is not written.
    fn absent<T>(&self, value: T) -> Fact<T> {
        if !self.complete {
            return Fact::Unknown(Why::Broken);
        }
        Fact::Known { value, origin: Origin::Default { owner: self.span, source: "npm" } }
    }

    fn nothing<T>(&self) -> Found<T> {
        Found { items: Vec::new(), rest: if self.complete { Ok(()) } else { Err(Why::Broken) } }
    }

    /// A field of text. npm writes nulls for nothing, so that null is absence.
    fn text(&self, keys: &[&str]) -> Fact<Option<String>> {
        let Some(at) = self.get(keys).filter(|at| !at.is_null()) else { return self.absent(None) };
        match at.as_str() {
            Some(text) => Fact::written(Some(text.to_owned()), at.span()),
            None => Fact::Unknown(Why::Broken),
        }
    }

    /// A field that is a list of texts.
    fn list(&self, keys: &[&str]) -> Fact<Option<Vec<Spanned<String>>>> {
        let Some(at) = self.get(keys) else { return self.absent(None) };
        match texts(at) {
            Some(list) => Fact::written(Some(list), at.span()),
            None => Fact::Unknown(Why::Broken),
        }
    }

    fn private(&self) -> Fact<bool> {
        let Some(at) = self.get(&["private"]) else { return self.absent(false) };
        match at.value() {
            Value::Bool(private) => Fact::written(private, at.span()),
            // npm takes the string too.
            Value::Str(text) if matches!(text, "true" | "false") => Fact::written(text == "true", at.span()),
            _ => Fact::Unknown(Why::Broken),
        }
    }

    fn module_type(&self) -> Fact<ModuleType> {
        let Some(at) = self.get(&["type"]) else {
            return match self.absent(ModuleType::CommonJs) {
                Fact::Known { value, .. } => {
                    Fact::Known { value, origin: Origin::Default { owner: self.span, source: "node" } }
                }
                unknown => unknown,
            };
        };
        match at.as_str() {
            Some("module") => Fact::written(ModuleType::Module, at.span()),
            // Node ignores a value that it does not know.
            Some(_) => Fact::written(ModuleType::CommonJs, at.span()),
            None => Fact::Unknown(Why::Broken),
        }
    }

    fn exports(&self) -> Fact<Option<String>> {
        let Some(at) = self.get(&["exports"]).filter(|at| !at.is_null()) else { return self.absent(None) };
        match exports::root_entry(at) {
            Some(entry) => Fact::written(Some(entry.value), entry.span),
            None => Fact::Unknown(Why::NotFound),
        }
    }

    fn bin(&self) -> Found<Bin> {
        let mut found = self.nothing();
        let Some(at) = self.get(&["bin"]) else { return found };
        if let Some(path) = at.as_str() {
            let name = self.get(&["name"]).and_then(Ref::as_str).unwrap_or("");
            let name = name.rsplit('/').next().unwrap_or(name).to_owned();
            found.items.push(Spanned::new(Bin { name, path: path.to_owned() }, at.span()));
            return found;
        }
        collect(at, &mut found, |entry| {
            Some(Bin { name: entry.key.str()?.to_owned(), path: entry.value.as_str()?.to_owned() })
        });
        found
    }

    fn scripts(&self) -> Found<Script> {
        let mut found = self.nothing();
        let Some(at) = self.get(&["scripts"]) else { return found };
        collect(at, &mut found, |entry| {
            let text: MappedText = entry.value.as_str().and_then(|_| entry.value.mapped())?;
            let name = Spanned::new(entry.key.str()?.to_owned(), entry.key.span());
            Some(Script { name, text, value: entry.value.span() })
        });
        found
    }

    fn dependencies(&self) -> (Found<Dependency>, Vec<Section>) {
        let mut found = self.nothing();
        let mut sections = Vec::new();
        for entry in self.root.into_iter().flat_map(Ref::entries) {
            let Some(kind) = DependencyKind::ALL.into_iter().find(|kind| entry.key.str() == Some(kind.key()))
            else {
                continue;
            };
            sections.push(Section { kind, key: entry.key.span(), value: entry.value.span() });
            let meta = match kind {
                DependencyKind::Peer => self.may_miss(&["peerDependenciesMeta"]),
                _ => self.may_miss(&["dependenciesMeta"]),
            };
            collect(entry.value, &mut found, |entry| {
                let name = entry.key.str()?.to_owned();
                Some(Dependency {
                    spec: entry.value.as_str()?.to_owned(),
                    may_miss: meta.contains(name.as_str()) || kind == DependencyKind::Optional,
                    name,
                    kind,
                    key: entry.key.span(),
                    value: entry.value.span(),
                })
            });
        }
        (found, sections)
    }

    /// Names that a `…Meta` section calls optional.
    fn may_miss(&self, keys: &[&str]) -> rustc_hash::FxHashSet<&'t str> {
        let entries = self.get(keys).into_iter().flat_map(Ref::entries);
        let optional = |entry: &Entry<'_>| entry.value.get("optional").and_then(Ref::as_bool) == Some(true);
        entries.filter(optional).filter_map(|entry| entry.key.str()).collect()
    }

    fn node(&self) -> Fact<Option<Range>> {
        match self.text(&["engines", "node"]) {
            Fact::Known { value: Some(text), origin } => match Range::parse(&text) {
                Some(range) => Fact::Known { value: Some(range), origin },
                None => Fact::Unknown(Why::Unsupported),
            },
            other => other.map(|_| None),
        }
    }

    fn package_manager(&self) -> Fact<Option<ManagerPin>> {
        if self.get(&["packageManager"]).is_none()
            && let Some(at) = self.get(&["devEngines", "packageManager"]).filter(|at| at.is_mapping())
            && let Some(name) = at.get("name").and_then(Ref::as_str)
        {
            let version = at.get("version").and_then(Ref::as_str).map(str::to_owned);
            return Fact::written(Some(ManagerPin { name: name.to_owned(), version }), at.span());
        }
        self.text(&["packageManager"]).map(|pin| pin.map(|pin| manager_pin(&pin)))
    }

    fn workspaces(&self) -> Fact<Option<Vec<Spanned<String>>>> {
        match self.get(&["workspaces"]) {
            Some(at) if at.is_mapping() => self.list(&["workspaces", "packages"]),
            _ => self.list(&["workspaces"]),
        }
    }

    fn overrides(&self) -> Found<Override> {
        let mut found = self.nothing();
        for section in ["overrides", "resolutions", "pnpm.overrides"] {
            let keys: Vec<&str> = section.split('.').collect();
            let Some(at) = self.get(&keys) else { continue };
            if !at.is_mapping() {
                found.rest = Err(Why::Broken);
            }
            flatten(at, section, &mut found);
        }
        found
    }
}

fn manager_pin(pin: &str) -> ManagerPin {
    let (name, version) = match pin.split_once('@') {
        Some((name, version)) => (name, Some(version)),
        None => (pin, None),
    };
    let version = version.map(|version| version.split('+').next().unwrap_or(version).to_owned());
    ManagerPin { name: name.to_owned(), version: version.filter(|version| !version.is_empty()) }
}

fn texts(at: Ref<'_>) -> Option<Vec<Spanned<String>>> {
    if !at.is_sequence() {
        return None;
    }
    at.items().map(|item| Some(Spanned::new(item.as_str()?.to_owned(), item.span()))).collect()
}

/// Adds what `read` makes of each entry of an object; an entry it cannot make anything of leaves the rest open.
fn collect<'t, T>(at: Ref<'t>, found: &mut Found<T>, mut read: impl FnMut(Entry<'t>) -> Option<T>) {
    if !at.is_mapping() {
        found.rest = Err(Why::Broken);
    }
    for entry in at.entries() {
        match read(entry) {
            Some(item) => found.items.push(Spanned::new(item, entry.span())),
            None => found.rest = Err(Why::Broken),
        }
    }
}

/// Replacements, nested (npm) or with paths as keys (yarn, pnpm).
fn flatten(at: Ref<'_>, section: &'static str, found: &mut Found<Override>) {
    let mut open: Vec<(Vec<Arc<str>>, Ref<'_>)> = vec![(Vec::new(), at)];
    while let Some((path, at)) = open.pop() {
        for entry in at.entries() {
            let Some(key) = entry.key.str().filter(|key| key.len() <= MAX_SELECTOR) else {
                found.rest = Err(Why::Broken);
                continue;
            };
            let mut path = path.clone();
            // In npm's form `.` is the package itself.
            if key != "." {
                path.extend(selectors(key));
            }
            if let Some(spec) = entry.value.as_str() {
                found
                    .items
                    .push(Spanned::new(Override { path, spec: spec.to_owned(), section }, entry.span()));
            } else if entry.value.is_mapping() && path.len() < MAX_OVERRIDE_DEPTH {
                open.push((path, entry.value));
            } else {
                found.rest = Err(Why::Broken);
            }
        }
    }
    found.items.sort_by_key(|item| item.span.start);
}

/// `a/@s/b`, `**/b` and `a>b` as names; `b@npm:1.x` stays one.
fn selectors(key: &str) -> Vec<Arc<str>> {
    let mut names: Vec<Arc<str>> = Vec::new();
    for part in key.split('>') {
        let mut rest = part.trim();
        while !rest.is_empty() {
            let scope = if rest.starts_with('@') { rest.find('/').map_or(0, |slash| slash + 1) } else { 0 };
            let slash = rest[scope..].find('/').map(|at| scope + at);
            // A range behind the name may hold slashes of its own (`a@npm:b/c`): it ends the path.
            let ranged = rest[scope..].find('@').map(|at| scope + at).filter(|at| *at > scope);
            let end = match (slash, ranged) {
                (Some(slash), Some(range)) if range < slash && rest[range..].contains(':') => rest.len(),
                (Some(slash), _) => slash,
                (None, _) => rest.len(),
            };
            if &rest[..end] != "**" && end > 0 {
                names.push(Arc::from(&rest[..end]));
            }
            rest = rest.get(end + 1..).unwrap_or("");
        }
    }
    names
}
