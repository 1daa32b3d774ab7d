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
        import.tried || import.kind == ImportKind::Dynamic && self.calls.iter().any(rescues)
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
