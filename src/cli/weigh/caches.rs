//! Where package managers keep what they fetched, by the environment of whoever runs this.

use std::path::PathBuf;

use crate::facts::size::Caches;

/// The caches of this machine.
pub(super) fn here() -> Caches {
    of(std::env::consts::OS, |name| {
        std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
    })
}

/// The caches on an operating system with these variables. Sources: npm's documentation of `cache`, pnpm's of `storeDir`,
/// and yarn 4.9, `folderUtils.getDefaultGlobalFolder`.
fn of(system: &str, variable: impl Fn(&str) -> Option<PathBuf>) -> Caches {
    let home = variable("HOME").or_else(|| variable("USERPROFILE"));
    let below = |path: &str| home.as_ref().map(|home| home.join(path));
    let local = || variable("LOCALAPPDATA").filter(|_| system == "windows");
    Caches {
        npm: variable("npm_config_cache")
            .or_else(|| variable("NPM_CONFIG_CACHE"))
            .or_else(|| local().map(|data| data.join("npm-cache")))
            .or_else(|| below(".npm")),
        pnpm: variable("PNPM_HOME")
            .map(|home| home.join("store"))
            .or_else(|| variable("XDG_DATA_HOME").map(|data| data.join("pnpm/store")))
            .or_else(|| local().map(|data| data.join("pnpm/store")))
            .or_else(|| {
                below(if system == "macos" { "Library/pnpm/store" } else { ".local/share/pnpm/store" })
            }),
        berry: variable("YARN_GLOBAL_FOLDER")
            .map(|folder| folder.join("cache"))
            .or_else(|| local().map(|data| data.join("Yarn/Berry/cache")))
            .or_else(|| variable("XDG_DATA_HOME").map(|data| data.join("yarn/berry/cache")))
            .or_else(|| below(".yarn/berry/cache")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_system_has_its_places() {
        let places = |system: &str, set: &[(&str, &str)]| {
            let variable =
                |name: &str| set.iter().find(|(set, _)| *set == name).map(|(_, value)| PathBuf::from(*value));
            let Caches { npm, pnpm, berry } = of(system, variable);
            [npm, pnpm, berry]
                .map(|path| path.map(|path| path.to_string_lossy().replace('\\', "/")).unwrap_or_default())
        };
        let home = ("HOME", "/h");
        assert_eq!(
            places("linux", &[home]),
            ["/h/.npm", "/h/.local/share/pnpm/store", "/h/.yarn/berry/cache"]
        );
        assert_eq!(places("macos", &[home])[1], "/h/Library/pnpm/store");
        let windows = [("USERPROFILE", "u"), ("LOCALAPPDATA", "l")];
        assert_eq!(places("windows", &windows), ["l/npm-cache", "l/pnpm/store", "l/Yarn/Berry/cache"]);
        let data = [home, ("XDG_DATA_HOME", "/x"), ("LOCALAPPDATA", "l")];
        assert_eq!(places("linux", &data), ["/h/.npm", "/x/pnpm/store", "/x/yarn/berry/cache"]);
        let told = [home, ("npm_config_cache", "/n"), ("PNPM_HOME", "/p"), ("YARN_GLOBAL_FOLDER", "/y")];
        assert_eq!(places("linux", &told), ["/n", "/p/store", "/y/cache"]);
        assert_eq!(places("linux", &[]), ["", "", ""]);
    }
}
