//! Which imports are there when the code runs: TypeScript leaves those out of which only types are used.

use rustc_hash::FxHashSet;

use super::{Bytes, FileFacts, Import, ImportId, ImportKind, Imported, Name, Value};

impl FileFacts {
    /// The imports of which a name stands among the file's values: no compiler leaves these out.
    pub fn used_imports(&self) -> FxHashSet<ImportId> {
        let own = |name: Imported| match name {
            Imported::Named(name) => Some(name),
            Imported::Default | Imported::Whole => None,
        };
        let mut declared: FxHashSet<Name> = self.bindings.iter().map(|binding| binding.name).collect();
        declared.extend(self.imported.iter().filter_map(|taken| own(taken.imported)));
        declared.extend(self.imported.iter().filter_map(|taken| taken.local));
        let used = self.values.iter().filter_map(|value| match value.value {
            // What `export { a }` names may be a type: its bytes are those of the clause.
            Value::Ident(name) if value.at == Bytes { start: name.start, end: name.end } => {
                Some(name).filter(|name| !declared.contains(name))
            }
            _ => None,
        });
        let import = |name: Name| match self.value(self.lookup(name)?) {
            Value::Import(import, _) => Some(import),
            _ => None,
        };
        used.filter_map(import).collect()
    }

    /// True for an import that surely stays in what runs. `used` are those of [`FileFacts::used_imports`], and `typed` tells
    /// that the file is TypeScript.
    pub fn stays(&self, id: ImportId, used: &FxHashSet<ImportId>, typed: bool) -> bool {
        let Some(import) = self.imports.get(id.0 as usize).filter(|import| !import.type_only) else {
            return false;
        };
        match import.kind {
            ImportKind::Require | ImportKind::Dynamic => true,
            ImportKind::Static | ImportKind::Reexport if !typed || import.names.is_empty() => true,
            ImportKind::Static | ImportKind::ImportEquals => used.contains(&id),
            // What it hands on may be types.
            ImportKind::Reexport => false,
        }
    }

    /// True where the code goes on without the module: in a `try`, or before `.catch(…)`.
    pub fn may_fail(&self, import: &Import) -> bool {
        let rescues = |call: &super::Call| {
            let Value::Member { object, property } = self.value(call.callee) else { return false };
            let is_its = self.values.get(object.0 as usize).is_some_and(|value| value.at.contains(import.at));
            is_its
                && match self.name(property) {
                    "catch" => true,
                    "then" => call.arguments.len() > 1,
                    _ => false,
                }
        };
        let settles = |call: &super::Call| {
            call.at.contains(import.at) && self.is_path(call.callee, "Promise.allSettled")
        };
        import.tried
            || import.kind == ImportKind::Dynamic
                && self.calls.iter().any(|call| rescues(call) || settles(call))
    }

    /// True where the code finds out whether a package is there before it takes it in: a condition around it names the
    /// package, its function is handed over together with the name, or the file asks `require.resolve` for it.
    pub fn asks_first(&self, import: &Import, package: &str) -> bool {
        let names = |text: &str| {
            text.match_indices(package).any(|(at, _)| {
                text[..at].ends_with(['\'', '"', '`'])
                    && text[at + package.len()..].starts_with(['\'', '"', '`', '/'])
            })
        };
        let condition = |branch: &super::Branch| {
            let text = self.text.get(branch.condition.start as usize..branch.condition.end as usize);
            branch.at.contains(import.at) && text.is_some_and(names)
        };
        let is_name = |value: &super::ValueId| self.text_of(*value).is_some_and(|text| text == package);
        let handed = || {
            let function = self.functions.get(import.function.0 as usize)?;
            let (call, _) = function.passed_to?;
            Some(self.arguments(self.call(call)).iter().any(is_name))
        };
        let resolves = |call: &super::Call| {
            let asks =
                ["require.resolve", "import.meta.resolve"].iter().any(|path| self.is_path(call.callee, path));
            asks && self.arguments(call).first().is_some_and(is_name)
        };
        self.branches.iter().any(condition) || handed().unwrap_or(false) || self.calls.iter().any(resolves)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::module;
    use crate::source::FileId;
    use crate::syntax::script::Dialect;

    fn stays(text: &str, dialect: Dialect) -> bool {
        let facts = module::read(FileId(0), text.into(), dialect).tree;
        facts.stays(ImportId(0), &facts.used_imports(), dialect != Dialect::JavaScript)
    }

    #[test]
    fn what_only_types_use_is_left_out() {
        for text in [
            "import type { A } from 'a'; f(A);",
            "import { type A } from 'a'; let x: A;",
            "import { A } from 'a'; export function f(x: A): A { return x as A; }",
            "import { A } from 'a'; export class B implements A {}",
            "import a from 'a'; const f = (request: a.Request) => request;",
            "import { A } from 'a'; const x = new Map<string, A>(); f<A>();",
            "import { A } from 'a'; export { A };",
            "export { A } from 'a';",
            "import { a } from 'a'; const f = (a: string) => g(a);",
            "import a = require('a'); let x: a.B;",
        ] {
            assert!(!stays(text, Dialect::TypeScript), "{text}");
        }
    }

    #[test]
    fn what_values_use_stays() {
        for text in [
            "import 'a';",
            "import a from 'a'; a();",
            "import * as a from 'a'; f(a.b);",
            "import { A } from 'a'; export class B extends A {}",
            "import { A as C } from 'a'; const x = C.Y;",
            "import { A } from 'a'; @A() class B {}",
            "const a = require('a');",
            "export * from 'a';",
            "import a = require('a'); a.b();",
            "await import('a');",
        ] {
            assert!(stays(text, Dialect::TypeScript), "{text}");
        }
        for text in ["import { A } from 'a';", "export { A } from 'a';"] {
            assert!(stays(text, Dialect::JavaScript), "{text}");
        }
    }

    #[test]
    fn what_is_asked_for_first_may_be_missing() {
        let asks = |text: &str| {
            let facts = module::read(FileId(0), text.into(), Dialect::JavaScript).tree;
            let is_it = |import: &&crate::facts::module::Import| facts.specifier(import) == Some("a");
            facts.asks_first(facts.imports.iter().find(is_it).unwrap(), "a")
        };
        for text in [
            "if (isInstalled('a')) { require('a'); }",
            "const a = has(\"a\") ? require('a') : null;",
            "lazy('a', () => require('a'));",
            "let there = true; try { require.resolve('a'); } catch { there = false; } if (there) require('a');",
        ] {
            assert!(asks(text), "{text}");
        }
        for text in
            ["require('a');", "if (isInstalled('ab')) require('a');", "lazy('b', () => require('a'));"]
        {
            assert!(!asks(text), "{text}");
        }
    }

    #[test]
    fn what_is_tried_may_fail() {
        let may_fail = |text: &str| {
            let facts = module::read(FileId(0), text.into(), Dialect::JavaScript).tree;
            facts.may_fail(&facts.imports[0])
        };
        for text in [
            "let a; try { a = require('a'); } catch {}",
            "function f() { try { return [1].map(() => require('a')); } catch (e) { return null; } }",
            "try { f(); } catch { require('a'); }",
            "import('a').then(use).catch(() => {});",
            "import('a').then(use, ignore);",
            "await Promise.allSettled([import('a')]);",
        ] {
            assert!(may_fail(text), "{text}");
        }
        for text in [
            "require('a'); try { f(); } catch {}",
            "try {} finally {} require('a');",
            "import('a').then(use);",
        ] {
            assert!(!may_fail(text), "{text}");
        }
    }
}
