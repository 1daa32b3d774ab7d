//! `plimsoll.sizes.json`: what packages weigh, written down in the repository, so that a pipeline without node_modules
//! and caches has numbers. A number is that of one entry of the lock file: of all copies where yarn installs several.
//!
//! ```json
//! {
//!   "version": 1,
//!   "packages": {
//!     "express@4.21.2": 220831
//!   }
//! }
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::source::FileId;
use crate::syntax::tree::{Entry, Ref};
use crate::syntax::{Issue, Parsed, json};

/// The name of the file.
pub const FILE: &str = "plimsoll.sizes.json";
/// The version of its form.
const VERSION: i64 = 1;
const RULE: &str = "project/unreadable-file";

/// What the file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// Bytes by `name@version`.
    packages: BTreeMap<String, u64>,
}

impl Committed {
    /// Reads the text of a file. An entry that makes no sense is an issue, the rest is read.
    pub fn read(file: FileId, text: Arc<str>) -> Parsed<Committed> {
        let Parsed { tree, mut issues } = json::parse(file, text, json::Dialect::Strict);
        let mut committed = Committed::default();
        if let Some(root) = tree.root() {
            match root.get("version").and_then(Ref::as_i64) {
                Some(VERSION) => committed.take(root, &mut issues),
                _ => {
                    let at = root.get("version").unwrap_or(root).span();
                    let message = format!("`version` is not {VERSION}: nothing of this file is read");
                    issues.push(Issue::new(RULE, message, at).with_help(WRITE_ANEW));
                }
            }
        }
        Parsed { tree: committed, issues }
    }

    fn take(&mut self, root: Ref<'_>, issues: &mut Vec<Issue>) {
        let Some(packages) = root.get("packages").filter(|packages| packages.is_mapping()) else {
            let at = root.get("packages").unwrap_or(root).span();
            issues
                .push(Issue::new(RULE, "`packages` is not there or is no object", at).with_help(WRITE_ANEW));
            return;
        };
        for entry in packages.entries() {
            match read(entry) {
                Ok((package, bytes)) => drop(self.packages.insert(package.to_owned(), bytes)),
                Err(message) => issues.push(Issue::new(RULE, message, entry.span()).with_help(WRITE_ANEW)),
            }
        }
    }

    /// Bytes of a package.
    pub fn of(&self, name: &str, version: &str) -> Option<u64> {
        self.packages.get(&format!("{name}@{version}")).copied()
    }

    /// Notes what a package weighs.
    pub fn set(&mut self, name: &str, version: &str, bytes: u64) {
        self.packages.insert(format!("{name}@{version}"), bytes);
    }

    /// Number of packages.
    pub fn count(&self) -> usize {
        self.packages.len()
    }

    /// The text of the file: one line per package, sorted.
    pub fn text(&self) -> String {
        let mut text = format!("{{\n  \"version\": {VERSION},\n  \"packages\": {{");
        for (at, (package, bytes)) in self.packages.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            let key = serde_json::Value::from(package.as_str());
            // Writing to a text does not fail.
            let _ = write!(text, "{comma}\n    {key}: {bytes}");
        }
        text.push_str(if self.packages.is_empty() { "}\n}\n" } else { "\n  }\n}\n" });
        text
    }
}

const WRITE_ANEW: &str = "`plimsoll weigh --update` writes the file anew";

/// Bytes that JSON's readers keep exactly.
const MAX: i64 = 1 << 53;

fn read(entry: Entry<'_>) -> Result<(&str, u64), String> {
    let key = entry.key.str().unwrap_or_default();
    let named = key.rfind('@').filter(|at| *at > 0 && at + 1 < key.len());
    named.ok_or_else(|| format!("{key:.200} is no package with its version, as `express@4.21.2`"))?;
    let bytes = entry.value.as_i64().filter(|bytes| (0..=MAX).contains(bytes));
    let bytes = bytes.and_then(|bytes| u64::try_from(bytes).ok());
    Ok((key, bytes.ok_or_else(|| format!("what {key:.200} weighs is no whole number of bytes"))?))
}
