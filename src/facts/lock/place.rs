//! Where installed packages lie, as far as lock files tell: what Node finds by a name from a folder.

use rustc_hash::FxHashMap;

use super::{Flavour, Lock, LockedPackage, Target};

/// The entries of a lock file by where they lie, or by name where the format keeps no places.
#[derive(Debug)]
pub struct Places<'a> {
    lock: &'a Lock,
    entries: FxHashMap<&'a str, Vec<u32>>,
}

impl<'a> Places<'a> {
    /// The places of a lock file.
    pub fn of(lock: &'a Lock) -> Places<'a> {
        let mut entries: FxHashMap<&str, Vec<u32>> = FxHashMap::default();
        let keeps_places = matches!(lock.flavour, Flavour::Npm(2..) | Flavour::Bun(_));
        for (at, package) in (0u32..).zip(&lock.packages) {
            let key = if keeps_places { package.key.as_str() } else { installed_as(package) };
            entries.entry(key).or_default().push(at);
        }
        Places { lock, entries }
    }

    /// What a module in a folder (from the folder of the lock file) finds by a name, as indexes into [`Lock::packages`]: one
    /// entry, or several of which one lies there. Yarn puts one of each name at the top, and so does pnpm when it is told to
    /// write a flat folder. Empty when it finds nothing, or when nothing tells.
    pub fn find(&self, folder: &str, name: &str) -> Vec<u32> {
        let at = |key: &str| self.entries.get(key).cloned();
        match self.lock.flavour {
            Flavour::Npm(0 | 1) => match self.lock.index.answers.get(name) {
                Some(Target::Package(at)) => vec![*at],
                _ => Vec::new(),
            },
            Flavour::Npm(_) => {
                let up = std::iter::successors(Some(folder), |folder| {
                    Some(folder.rsplit_once('/').map_or("", |(above, _)| above))
                        .filter(|_| !folder.is_empty())
                });
                let mut keys = up.map(|folder| match folder {
                    "" => format!("node_modules/{name}"),
                    folder => format!("{folder}/node_modules/{name}"),
                });
                keys.find_map(|key| at(&key)).unwrap_or_default()
            }
            // Where there are several packages of the repository, bun may keep them apart.
            Flavour::Bun(_) if self.lock.importers.len() > 1 => Vec::new(),
            Flavour::Unknown => Vec::new(),
            _ => at(name).unwrap_or_default(),
        }
    }
}

/// The name that a package is imported by.
fn installed_as(package: &LockedPackage) -> &str {
    package.alias.as_deref().unwrap_or(&package.name)
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;
    use crate::source::FileId;

    fn found(file: &str, text: &str, folder: &str, name: &str) -> Vec<String> {
        let lock = read(FileId(0), file, text.into()).tree;
        let places = Places::of(&lock);
        let show = |at: u32| lock.packages[at as usize].version.clone().unwrap_or_default();
        places.find(folder, name).into_iter().map(show).collect()
    }

    #[test]
    fn npm_says_where_each_lies() {
        let text = r#"{"lockfileVersion": 3, "packages": {
            "": {"workspaces": ["apps/*"]}, "apps/web": {"name": "web"},
            "apps/web/node_modules/a": {"version": "2.0.0"}, "node_modules/a": {"version": "1.0.0"},
            "node_modules/a/node_modules/b": {"version": "3.0.0"}, "node_modules/c": {"name": "d", "version": "4.0.0"}}}"#;
        let found = |folder, name| found("package-lock.json", text, folder, name);
        assert_eq!(found("apps/web", "a"), ["2.0.0"]);
        assert_eq!(found("apps/api", "a"), ["1.0.0"]);
        assert_eq!(found("", "a"), ["1.0.0"]);
        assert!(found("", "b").is_empty());
        assert_eq!(found("", "c"), ["4.0.0"]);
        assert!(found("", "d").is_empty());
    }

    #[test]
    fn other_formats() {
        let npm = r#"{"lockfileVersion": 1, "dependencies": {
            "a": {"version": "1.0.0", "requires": {"b": "1"}, "dependencies": {"b": {"version": "1.0.0"}}}}}"#;
        assert_eq!(found("package-lock.json", npm, "", "a"), ["1.0.0"]);
        assert!(found("package-lock.json", npm, "", "b").is_empty());
        let yarn = "# yarn lockfile v1\n\n\na@^1:\n  version \"1.0.0\"\n\na@^2:\n  version \"2.0.0\"\n\n\"c@npm:d@^1\":\n  version \"1.1.0\"\n";
        assert_eq!(found("yarn.lock", yarn, "", "a"), ["1.0.0", "2.0.0"]);
        assert_eq!(found("yarn.lock", yarn, "", "c"), ["1.1.0"]);
        assert!(found("yarn.lock", yarn, "", "d").is_empty());
        let bun = r#"{"lockfileVersion": 1, "workspaces": {"": {"dependencies": {"a": "1"}}},
            "packages": {"a": ["a@1.0.0", "", {"dependencies": {"b": "1"}}, "sha512-x"], "a/b": ["b@1.0.0", "", {}, "sha512-y"]}}"#;
        assert_eq!(found("bun.lock", bun, "", "a"), ["1.0.0"]);
        assert!(found("bun.lock", bun, "", "b").is_empty());
    }
}
