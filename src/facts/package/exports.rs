//! The entry of a package that declares `exports`, by the conditions that Node applies.
//!
//! Source: Node.js documentation, "Packages", conditional exports: the first key in the order of the text that is a
//! condition in force wins; an array stands for its first usable item.

use crate::source::Spanned;
use crate::syntax::tree::Ref;

/// Conditions that hold when a service is started, by `import` or by `require`.
const CONDITIONS: [&str; 6] = ["node", "require", "import", "node-addons", "module-sync", "default"];

/// Nesting of conditions that is followed; packages in use have three or four.
const MAX_DEPTH: usize = 32;

/// The target of `"."`: `./dist/index.js`. `None` when the package exports no root, or in no way that Node would take.
pub(super) fn root_entry(exports: Ref<'_>) -> Option<Spanned<String>> {
    let root = if exports.is_mapping() && is_of_paths(exports) { exports.get(".")? } else { exports };
    target(root, 0)
}

/// True when the keys are paths (`"."`, `"./x"`) and not conditions.
fn is_of_paths(exports: Ref<'_>) -> bool {
    exports.entries().any(|entry| entry.key.str().is_some_and(|key| key.starts_with('.')))
}

fn target(at: Ref<'_>, depth: usize) -> Option<Spanned<String>> {
    if depth > MAX_DEPTH {
        return None;
    }
    if at.is_sequence() {
        return at.items().find_map(|item| target(item, depth + 1));
    }
    if at.is_mapping() {
        let in_force = |key: Ref<'_>| key.str().is_some_and(|key| CONDITIONS.contains(&key));
        return at
            .entries()
            .filter(|entry| in_force(entry.key))
            .find_map(|entry| target(entry.value, depth + 1));
    }
    let path = at.as_str().filter(|path| path.starts_with("./"))?;
    Some(Spanned::new(path.to_owned(), at.span()))
}
