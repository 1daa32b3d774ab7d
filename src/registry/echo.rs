//! What variables of the environment say that the project says itself: npm, npx and yarn hand the settings of a project's
//! files on to what they run as `npm_config_*`, in small letters and with `_` for `-`. So a variable is the user's word only
//! where no file of the project has its key.
//!
//! Source: @npmcli/config, lib/set-envs.js; npm's ini; yarn 1, src/util/execute-lifecycle-script.js.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use super::address::Address;
use super::settings::{By, Environment, Registry};

/// The settings of a project's files.
#[derive(Default)]
pub(super) struct Echo {
    /// Their keys, as variables have them.
    keys: FxHashSet<String>,
    /// True when a key may be any: it has a variable in it, or the file cannot be read.
    is_opaque: bool,
    /// The folders of the project.
    folders: Vec<PathBuf>,
}

/// Largest file that is read, in bytes (1 MiB).
const MAX_FILE: u64 = 1 << 20;

impl Echo {
    /// Reads what npm and yarn would read for somebody in the project: files of the folders above it count, too.
    pub(super) fn find(root: &Path, environment: Environment<'_>) -> Echo {
        let prefix = environment("npm_config_local_prefix").map(PathBuf::from);
        let folders = [Some(root.to_path_buf()), prefix].into_iter().flatten().map(|folder| real(&folder));
        let mut echo = Echo { folders: folders.collect(), ..Echo::default() };
        for folder in echo.folders.clone().iter().flat_map(|folder| folder.ancestors()) {
            echo.file_of(&folder.join(".npmrc"), Echo::npmrc);
            echo.file_of(&folder.join(".yarnrc"), Echo::yarnrc);
        }
        echo
    }

    fn file_of(&mut self, path: &Path, read: fn(&mut Echo, &str)) {
        let Ok(metadata) = path.metadata() else { return };
        match fs::read(path).ok().filter(|_| metadata.len() <= MAX_FILE) {
            _ if !metadata.is_file() => {}
            Some(text) => read(self, &String::from_utf8_lossy(&text)),
            None => self.is_opaque = true,
        }
    }

    /// Takes the keys of a `.npmrc`. A line may end in a lone carriage return, and a key may be that of a list: `registry[]`.
    pub(super) fn npmrc(&mut self, text: &str) {
        text.split(['\r', '\n']).for_each(|line| self.key(line.split('=').next().unwrap_or_default()));
    }

    fn yarnrc(&mut self, text: &str) {
        let lines = text.split(['\r', '\n']).map(str::trim);
        lines.for_each(|line| self.key(line.split([' ', '\t', ':', '=']).next().unwrap_or_default()));
    }

    fn key(&mut self, written: &str) {
        let key = written.trim();
        if key.starts_with([';', '#']) {
            return;
        }
        // A variable, or what is written in another way, may come to any key.
        self.is_opaque |= key.contains(['$', '\\']) || !key.is_ascii();
        let key = key.trim_end_matches("[]").trim_matches(['"', '\'', ' ', '\t']);
        self.keys.insert(key.to_ascii_lowercase().replace('-', "_"));
    }

    fn has(&self, key: &str) -> bool {
        self.is_opaque || self.keys.contains(key)
    }

    /// The registry that the variable names, and who says so.
    pub(super) fn registry(&self, address: Address) -> Registry {
        let by = if self.has("registry") { By::Project } else { By::User };
        Registry { address, by }
    }

    /// The file that a variable names, unless the project says so or has it.
    pub(super) fn file(&self, key: &str, path: &Path) -> Option<PathBuf> {
        let real = real(path);
        let is_own = self.has(key) || self.folders.iter().any(|folder| real.starts_with(folder));
        (!is_own).then_some(real)
    }
}

/// A path without links and steps back, where there is something.
fn real(path: &Path) -> PathBuf {
    let whole = env::current_dir().unwrap_or_default().join(path);
    whole.canonicalize().unwrap_or(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_however_they_are_written() {
        let has = |text: &str| {
            let mut echo = Echo::default();
            echo.npmrc(text);
            echo.has("registry")
        };
        for text in ["Registry=x", " \"REGISTRY\" = x", "registry[]=x", "; x\rregistry=x", "regis${X?}try=x"]
        {
            assert!(has(text), "{text}");
        }
        assert!(has("\u{feff}registry=x") && has("\"\\u0072egistry\"=x"));
        assert!(!has("; registry=x\n@mine:registry=x\n//registry/:_authToken=${TOKEN}x\n"));
    }

    #[test]
    fn files_of_the_project_are_not_the_users() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("a/b");
        fs::create_dir_all(&root).unwrap();
        let file = |key: &str, path: &str| {
            Echo::find(&root, &|_| None).file(key, &folder.path().join(path)).is_some()
        };
        assert!(file("userconfig", "mine") && !file("userconfig", "a/b/evil"));
        fs::write(folder.path().join("a/.yarnrc"), "cafile \"x.pem\"\n").unwrap();
        fs::write(root.join(".npmrc"), "userConfig=./evil\n").unwrap();
        assert!(!file("userconfig", "mine") && !file("cafile", "mine"));
    }
}
