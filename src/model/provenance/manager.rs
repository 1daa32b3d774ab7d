//! Which version of a package manager installs, and what it is told in its settings.

use crate::facts::lock::{Flavour, Manager};
use crate::model::Package;

/// What a line of .npmrc says to a manager of development dependencies. Tried with the versions that
/// `facts/node_modules.rs` names.
pub(super) fn configured(manager: Manager, line: &str) -> Option<bool> {
    use Manager::{Bun, Npm, Pnpm, Yarn};
    let (name, value) = line.split_once('=')?;
    match (name.trim(), value.trim(), manager) {
        ("production", "true", Npm | Pnpm | Yarn) => Some(false),
        ("only", "prod" | "production", Npm | Pnpm) => Some(false),
        ("omit" | "omit[]", "dev", Npm | Bun) => Some(false),
        ("production", "false", Npm | Pnpm) | ("include" | "include[]", "dev", Npm) => Some(true),
        _ => None,
    }
}

/// The version of a manager that package.json pins.
fn pinned<'p>(package: &'p Package, manager: &str) -> Option<&'p str> {
    let pinned = package.facts.package_manager.known().and_then(Option::as_ref);
    pinned.filter(|pin| pin.name == manager).and_then(|pin| pin.version.as_deref())
}

/// The major version of pnpm, as far as the package tells: 9 and later write the same lock file.
pub(super) fn pnpm_major(package: &Package) -> Option<u32> {
    let by_lock = || {
        let mut flavours = package.locks.iter().map(|lock| lock.flavour);
        flavours.any(|flavour| matches!(flavour, Flavour::Pnpm(..9, _))).then_some(8)
    };
    pinned(package, "pnpm").and_then(|version| version.split('.').next()?.parse().ok()).or_else(by_lock)
}

/// True where Yarn 2 or later is used.
pub(super) fn is_berry(package: &Package) -> bool {
    match pinned(package, "yarn") {
        Some(version) => !version.starts_with("1."),
        None => package.locks.iter().any(|lock| matches!(lock.flavour, Flavour::YarnBerry(_))),
    }
}
