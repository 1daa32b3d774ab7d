//! What the package.json of an installed package says of it.

use std::fs;
use std::path::Path;

use rustc_hash::FxHashSet;
use serde_json::{Map, Value};

use crate::facts::lock::EdgeKind;

/// Largest package.json that is read, in bytes (4 MiB).
const MAX_BYTES: u64 = 4 << 20;

/// A package.json; of one that cannot be read nothing is known.
#[derive(Clone, Debug, Default)]
pub(super) struct Manifest {
    pub(super) name: Option<String>,
    pub(super) version: Option<String>,
    /// True when it was published with packages inside.
    pub(super) bundles: bool,
    /// The names that it asks for, each once.
    pub(super) asked: Vec<(String, EdgeKind)>,
}

impl Manifest {
    pub(super) fn read(folder: &Path) -> Manifest {
        let path = folder.join("package.json");
        let is_small = path.symlink_metadata().is_ok_and(|file| file.is_file() && file.len() <= MAX_BYTES);
        let bytes = if is_small { fs::read(path).unwrap_or_default() } else { Vec::new() };
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(fields)) => Manifest::of(&fields),
            _ => Manifest::default(),
        }
    }

    fn of(fields: &Map<String, Value>) -> Manifest {
        let text = |field: &str| fields.get(field)?.as_str().map(str::to_owned);
        let bundles =
            ["bundleDependencies", "bundledDependencies"].into_iter().any(|field| match fields.get(field) {
                Some(Value::Array(names)) => !names.is_empty(),
                Some(Value::Bool(all)) => *all,
                _ => false,
            });
        Manifest { name: text("name"), version: text("version"), bundles, asked: asked(fields) }
    }
}

/// npm takes a name that stands in both for optional; a peer that is asked for in another way is no peer.
fn asked(fields: &Map<String, Value>) -> Vec<(String, EdgeKind)> {
    const SECTIONS: [(&str, EdgeKind); 4] = [
        ("optionalDependencies", EdgeKind::Optional),
        ("dependencies", EdgeKind::Production),
        ("peerDependencies", EdgeKind::Peer),
        ("devDependencies", EdgeKind::Development),
    ];
    let meta = fields.get("peerDependenciesMeta");
    let is_optional =
        |name: &str| meta.and_then(|meta| meta.get(name)?.get("optional")?.as_bool()) == Some(true);
    let mut seen: FxHashSet<&str> = FxHashSet::default();
    let mut asked = Vec::new();
    for (section, kind) in SECTIONS {
        let Some(Value::Object(names)) = fields.get(section) else { continue };
        for name in names.keys().filter(|name| seen.insert(name)) {
            let kind = match kind {
                EdgeKind::Peer if is_optional(name) => EdgeKind::OptionalPeer,
                kind => kind,
            };
            asked.push((name.clone(), kind));
        }
    }
    asked
}
