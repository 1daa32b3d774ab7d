//! pnpm's store: for each package a JSON list of its files with their sizes, named by the checksum of its archive.
//!
//! pnpm 7 to 9 write `v3/files/<2 digits>/<rest>-index.json`, pnpm 10 `v10/index/<2 digits>/<62 digits>-<name@version>.json`
//! (source: stores made by pnpm 9.15.9 and 10.18.3). pnpm 11 keeps the lists in a database, `v11/index.db`, which is not read.

use std::io::Read;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::contents::{Contents, open};
use super::sum::Sum;
use crate::facts::lock::LockedPackage;

/// Largest list that is read, in bytes (64 MiB).
const MAX_LIST: u64 = 64 << 20;
/// Digits of the checksum that pnpm 10 names a list by.
const DIGITS: usize = 64;

#[derive(Deserialize)]
struct List {
    files: FxHashMap<String, Stored>,
}

#[derive(Deserialize)]
struct Stored {
    size: u64,
}

/// What the store lists of a package. `store` is the folder of one layout, or the one above them.
pub(super) fn find(store: &Path, package: &LockedPackage, sums: &[Sum]) -> Option<Contents> {
    let sum = sums.iter().find(|sum| sum.algorithm == "sha512")?;
    let lists = [store.join("v10"), store.join("v3"), store.to_path_buf()];
    lists
        .iter()
        .flat_map(|root| [by_name(root, package, sum), by_sum(root, sum)])
        .flatten()
        .find_map(|list| read(&list))
}

fn by_sum(root: &Path, sum: &Sum) -> Option<PathBuf> {
    let (first, rest) = sum.hex.split_at_checked(2)?;
    Some(root.join("files").join(first).join(format!("{rest}-index.json")))
}

fn by_name(root: &Path, package: &LockedPackage, sum: &Sum) -> Option<PathBuf> {
    let (first, rest) = sum.hex.get(..DIGITS)?.split_at_checked(2)?;
    let id = format!("{}@{}", package.name, package.version.as_deref()?);
    let id = id.replace(['/', '\\', ':', '*', '?', '"', '<', '>', '|'], "+");
    Some(root.join("index").join(first).join(format!("{rest}-{id}.json")))
}

fn read(list: &Path) -> Option<Contents> {
    let mut bytes = Vec::new();
    open(list)?.take(MAX_LIST).read_to_end(&mut bytes).ok()?;
    let list: List = serde_json::from_slice(&bytes).ok()?;
    let mut contents = Contents::default();
    list.files.iter().for_each(|(path, file)| contents.add(path, file.size));
    Some(contents)
}
