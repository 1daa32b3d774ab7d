//! What the files of one package weigh.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

/// The weight of a package.
#[derive(Clone, Debug, Default)]
pub(super) struct Weight {
    /// `None` when a folder could not be listed.
    pub(super) bytes: Option<u64>,
    pub(super) files: u64,
    /// Bytes of what only a build needed.
    pub(super) leftovers: u64,
    /// Files with several links.
    pub(super) linked: Vec<Linked>,
}

/// A file with several links.
#[derive(Clone, Copy, Debug)]
pub(super) struct Linked {
    /// Its device and number.
    pub(super) inode: (u64, u64),
    pub(super) bytes: u64,
}

/// Walks a package's folder, but for the node_modules folder directly in it. Links are not followed.
pub(super) fn of(folder: &Path) -> Weight {
    let mut weight = Weight::default();
    let bytes = add_all(folder, &mut weight);
    weight.bytes = bytes;
    weight
}

fn add_all(folder: &Path, weight: &mut Weight) -> Option<u64> {
    let is_native = folder.join("binding.gyp").is_file();
    let mut bytes: u64 = 0;
    let mut open: Vec<(PathBuf, Part)> = vec![(folder.to_path_buf(), Part::Top)];
    while let Some((at, part)) = open.pop() {
        for entry in fs::read_dir(&at).ok()? {
            let entry = entry.ok()?;
            let kind = entry.file_type().ok()?;
            let name = entry.file_name();
            if kind.is_dir() {
                if !(part == Part::Top && name == "node_modules") {
                    open.push((entry.path(), part.inner(&name.to_string_lossy())));
                }
                continue;
            }
            if !kind.is_file() {
                continue;
            }
            let file = entry.metadata().ok()?;
            if let Some(inode) = inode_of(&file) {
                weight.linked.push(Linked { inode, bytes: file.len() });
            }
            weight.files += 1;
            bytes = bytes.saturating_add(file.len());
            if is_native && part.is_left_over(&name.to_string_lossy()) {
                weight.leftovers = weight.leftovers.saturating_add(file.len());
            }
        }
    }
    Some(bytes)
}

/// Where in a package with native code a folder lies, as node-gyp lays it out.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Top,
    /// `build` and what is in it.
    Build,
    /// `deps` at the top, `obj*` and `.deps` in `build`: nothing of it is loaded.
    Left,
    Other,
}

impl Part {
    fn inner(self, name: &str) -> Part {
        match self {
            Part::Top if name == "build" => Part::Build,
            Part::Top if name == "deps" => Part::Left,
            Part::Build if name == ".deps" || name.starts_with("obj") => Part::Left,
            Part::Top | Part::Other => Part::Other,
            inside => inside,
        }
    }

    fn is_left_over(self, name: &str) -> bool {
        const OF_COMPILERS: [&str; 6] = ["o", "a", "obj", "lib", "pdb", "tlog"];
        let extension = name.rsplit_once('.').map(|(_, extension)| extension);
        self == Part::Left || extension.is_some_and(|extension| OF_COMPILERS.contains(&extension))
    }
}

/// Device and number of a file with several links.
#[cfg(unix)]
fn inode_of(file: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    (file.nlink() > 1).then(|| (file.dev(), file.ino()))
}

/// Other systems' numbers are not in the standard library: each link counts.
#[cfg(not(unix))]
fn inode_of(_: &Metadata) -> Option<(u64, u64)> {
    None
}
