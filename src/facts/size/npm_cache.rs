//! npm's cache (`_cacache`): the archive of a package lies under the checksum that its lock file has, so no index is read.
//!
//! Source: cacache 20, lib/content/path.js: `content-v2/<algorithm>/<2 digits>/<2 digits>/<rest>`.

use std::path::{Path, PathBuf};

use super::contents::{Contents, open};
use super::sum::Sum;
use super::tarball;

/// What the archive with one of these sums holds. `cache` is npm's folder, or the `_cacache` in it.
pub(super) fn find(cache: &Path, sums: &[Sum]) -> Option<Contents> {
    sums.iter().find_map(|sum| {
        let file = [cache.join("_cacache"), cache.to_path_buf()]
            .into_iter()
            .find_map(|root| open(&path_in(&root, sum)?))?;
        tarball::contents(file)
    })
}

fn path_in(root: &Path, sum: &Sum) -> Option<PathBuf> {
    let (first, rest) = sum.hex.split_at_checked(2)?;
    let (second, rest) = rest.split_at_checked(2)?;
    Some(root.join("content-v2").join(sum.algorithm).join(first).join(second).join(rest))
}
