//! The system that a package is for, by its name: yarn 1 and npm 6 keep no lists of systems in their lock files. What is for
//! another C library they install all the same, and so does `npm ci` from the files of npm 11.6, which keep none of those.
//!
//! Names are built alike: `@esbuild/linux-x64`, `@img/sharp-linuxmusl-arm64`, `@next/swc-win32-x64-msvc`, `lightningcss-linux-arm-gnueabihf`.
//! Source: napi.rs, "Support old Node and platforms" and the names of the packages of esbuild 0.25, sharp 0.34, Next.js 16, Rollup 4,
//! Tailwind CSS 4; seen on 2026-11-21.

use super::graph::Target;
use crate::facts::lock::{Flavour, Lock};

const SYSTEMS: [&str; 13] = [
    "aix",
    "android",
    "darwin",
    "freebsd",
    "linux",
    "netbsd",
    "openbsd",
    "openharmony",
    "sunos",
    "wasi",
    "win32",
    "windows",
    "macos",
];
const PROCESSORS: [&str; 17] = [
    "arm",
    "arm64",
    "ia32",
    "loong64",
    "mips64el",
    "ppc64",
    "ppc64le",
    "riscv64",
    "s390x",
    "universal",
    "wasm32",
    "x64",
    "armv7",
    "armv6",
    "mipsel",
    "powerpc64le",
    "x86",
];

/// False for an optional package that is called like another system than the target, where the lock file does not say what it is
/// for.
pub(super) fn fits_by_name(lock: &Lock, name: &str, target: &Target) -> bool {
    let keeps_systems = !matches!(lock.flavour, Flavour::YarnClassic | Flavour::Npm(0 | 1));
    keeps_systems || fits(name, target)
}

/// The words of a name; `linuxmusl` is `linux`.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(['/', '-', '.', '_']).map(|word| word.strip_suffix("musl").unwrap_or(word))
}

fn fits(name: &str, target: &Target) -> bool {
    let is_own = |known: &[&str], own: &str| {
        let mut named = words(name).filter(|word| known.contains(word));
        named.next().is_none_or(|first| first == own || named.any(|word| word == own))
    };
    // A word like `arm` says nothing where no system is named.
    let names_system = words(name).any(|word| SYSTEMS.contains(&word));
    is_own(&SYSTEMS, target.os)
        && (!names_system || is_own(&PROCESSORS, &target.cpu))
        && !words(name).any(|word| word == "wasm32")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_systems() {
        let fits = |name: &str, cpu: &str| {
            let target = Target { os: "linux", cpu: cpu.to_owned(), libc: None, development: false };
            fits(name, &target)
        };
        for name in [
            "@esbuild/linux-x64",
            "@img/sharp-linuxmusl-x64",
            "@next/swc-linux-x64-gnu",
            "fsevents",
            "strong-arm",
            "darwin-or-linux",
        ] {
            assert!(fits(name, "x64"), "{name}");
        }
        for name in [
            "@esbuild/linux-arm64",
            "@esbuild/win32-x64",
            "@img/sharp-linuxmusl-arm64",
            "@img/sharp-wasm32",
            "lightningcss-linux-arm-gnueabihf",
            "@img/sharp-libvips-darwin-x64",
        ] {
            assert!(!fits(name, "x64"), "{name}");
        }
        assert!(fits("@img/sharp-linuxmusl-arm64", "arm64"));
    }
}
