//! Modules that code loads by computed names in other ways than `require(x)` and `import(x)`.

use super::{Call, FileFacts, Value, ValueId};

/// What a file holds that loads in such a way: others need not be gone through.
const WORDS: [&str; 5] = ["createRequire", "jiti", ".require(", "= require", "register"];

/// `require` under its other names.
const REQUIRES: [&str; 3] = ["module.require", "require.main.require", "process.mainModule.require"];

impl FileFacts {
    /// True when a call loads what its argument does not tell, through what `createRequire` or jiti made, or another name
    /// of `require`.
    pub(super) fn has_unseen_loads(&self) -> bool {
        let is_computed =
            |call: &Call| self.arguments(call).first().is_some_and(|first| self.text_of(*first).is_none());
        WORDS.iter().any(|word| self.text.contains(word))
            && self.calls.iter().any(|call| is_computed(call) && self.is_loader(call.callee))
    }

    fn is_loader(&self, callee: ValueId) -> bool {
        if REQUIRES.iter().any(|path| self.is_path(callee, path)) {
            return true;
        }
        if self.module_path(callee).is_some_and(|(module, path)| module == "module" && path == "register") {
            return true;
        }
        let loader = self.resolve(callee);
        match self.value(loader) {
            Value::Ident(name) => loader != callee && self.name(name) == "require",
            Value::Call(_) => self.makes_loader(loader),
            // `jiti.import(x)`.
            Value::Member { object, .. } => self.makes_loader(self.resolve(object)),
            _ => false,
        }
    }

    fn makes_loader(&self, value: ValueId) -> bool {
        let Value::Call(call) = self.value(value) else { return false };
        let made = self.call(call).callee;
        self.module_path(made)
            .is_some_and(|(module, path)| module == "jiti" || module == "module" && path == "createRequire")
    }
}

#[cfg(test)]
mod tests {
    use crate::facts::module;
    use crate::source::FileId;
    use crate::syntax::script::Dialect;

    #[test]
    fn computed_loads_under_other_names() {
        let unseen = |text: &str| module::read(FileId(0), text.into(), Dialect::JavaScript).tree.loads_unseen;
        for text in [
            "import { createRequire } from 'node:module'; const load = createRequire(import.meta.url); load(x);",
            "const { createRequire } = require('module'); createRequire(__filename)(x);",
            "const load = require; load(x);",
            "module.require(x);",
            "require.main.require(x);",
            "require('jiti')(__filename)(x);",
            "import { createJiti } from 'jiti'; const jiti = createJiti(import.meta.url); await jiti.import(x);",
            "import { register } from 'node:module'; register(x);",
        ] {
            assert!(unseen(text), "{text}");
        }
        for text in [
            "import { createRequire } from 'node:module'; const load = createRequire(import.meta.url); load('a');",
            "const load = require; load('a');",
            "app.register(x);",
            "const a = require(\"a\"); a(x);",
        ] {
            assert!(!unseen(text), "{text}");
        }
    }
}
