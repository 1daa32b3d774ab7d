//! What a package's archive holds: the package, and packages that are bundled with it.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

/// Bytes of a package as it is published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Of the package itself.
    pub own: u64,
    /// Of each package that it brings, by its folder in it: `node_modules/a`, `node_modules/a/node_modules/@s/b`.
    pub bundled: BTreeMap<String, u64>,
}

impl Contents {
    /// Adds a file; its path is from the package's folder.
    pub(super) fn add(&mut self, path: &str, bytes: u64) {
        let bundled = bundled_folder(path);
        if bundled == 0 && path.starts_with(MODULES) {
            // `.bin` and what else is nobody's.
            return;
        }
        let part = match &path[..bundled] {
            "" => &mut self.own,
            folder => match self.bundled.get_mut(folder) {
                Some(part) => part,
                None => self.bundled.entry(folder.to_owned()).or_default(),
            },
        };
        *part = part.saturating_add(bytes);
    }
}

const MODULES: &str = "node_modules/";

/// How much of a path is the folder of a bundled package: the innermost in node_modules folders that lie in packages.
fn bundled_folder(path: &str) -> usize {
    let mut end = 0;
    loop {
        let start = if end == 0 { 0 } else { end + 1 };
        let Some(rest) = path[start..].strip_prefix(MODULES) else { return end };
        let names = if rest.starts_with('@') { 2 } else { 1 };
        let Some((slash, _)) = rest.match_indices('/').nth(names - 1) else { return end };
        if rest.starts_with('.') {
            return end;
        }
        end = start + MODULES.len() + slash;
    }
}

/// Opens a file that is one: what is listed in a cache may be a pipe, which would never end.
pub(super) fn open(path: &Path) -> Option<File> {
    path.metadata().is_ok_and(|file| file.is_file()).then(|| File::open(path).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_belong_to_the_innermost_package() {
        let mut contents = Contents::default();
        let files = [
            ("index.js", 1),
            ("test/node_modules/x/index.js", 2),
            ("node_modules/a/index.js", 4),
            ("node_modules/a/lib/node_modules/x/index.js", 8),
            ("node_modules/a/node_modules/@s/b/index.js", 16),
            ("node_modules/.bin/a", 32),
            ("node_modules/stray", 64),
            ("node_modules/@s/stray", 128),
        ];
        files.iter().for_each(|(path, bytes)| contents.add(path, *bytes));
        let bundled: Vec<(&str, u64)> =
            contents.bundled.iter().map(|(path, bytes)| (path.as_str(), *bytes)).collect();
        assert_eq!(contents.own, 3);
        assert_eq!(bundled, [("node_modules/a", 12), ("node_modules/a/node_modules/@s/b", 16)]);
    }
}
