//! Packages of the distribution that a script installs and leaves in its layer: apk, apt, dnf and their kin.

use crate::source::{Span, Spanned};
use crate::syntax::shell::{Join, Script, ShellCommand};

/// What a package is to a server at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// It compiles, links or installs: nothing of it runs in a server.
    Builds,
    /// It is there for a compiler (node-gyp asks for Python), unless a program runs it.
    MayBuild,
}

/// Compilers, what drives them, and installers of other languages. From Debian 12's package lists and alpinelinux/aports;
/// seen on 2026-11-21. Not looked up: the names of Fedora (gcc-c++) and of older releases (python-pip, python-dev).
const BUILDS: &[&str] = &[
    "build-essential",
    "build-base",
    "alpine-sdk",
    "gcc",
    "g++",
    "gcc-c++",
    "clang",
    "llvm",
    "make",
    "cmake",
    "ninja",
    "ninja-build",
    "autoconf",
    "automake",
    "libtool",
    "nasm",
    "yasm",
    "node-gyp",
    "rust",
    "rustc",
    "cargo",
    "go",
    "golang",
    "golang-go",
    // Debian's brings build-essential along as a recommended package; Alpine's py3-pip brings Python alone.
    "python3-pip",
    "python-pip",
    "python3-dev",
    "python-dev",
    "musl-dev",
    "libc-dev",
    "libc6-dev",
    "linux-headers",
    "pkg-config",
    "pkgconf",
];

/// Interpreters that compilers of add-ons ask for.
const MAY_BUILD: &[&str] = &["python", "python2", "python3", "python3-minimal", "python-is-python3"];

/// What a package is, by its name.
pub fn tool(package: &str) -> Option<Tool> {
    let gcc = package.strip_prefix("gcc-").or_else(|| package.strip_prefix("g++-"));
    if BUILDS.contains(&package)
        || gcc.is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()))
    {
        return Some(Tool::Builds);
    }
    MAY_BUILD.contains(&package).then_some(Tool::MayBuild)
}

/// The packages that a script surely installs and does not take away again at its end. A removal of what a variable names
/// may take away any.
pub fn left_by(script: &Script) -> Vec<Spanned<String>> {
    let mut left: Vec<(Option<String>, Spanned<String>)> = Vec::new();
    for command in &script.commands {
        let place = command.place;
        let perhaps = place.branch || place.looped || place.function || place.substitution;
        let Some((verb, packages, group)) = managed(command) else { continue };
        match verb {
            Verb::Install if !perhaps && command.joined != Join::Or => {
                left.extend(packages.into_iter().flatten().map(|package| (group.clone(), package)));
            }
            Verb::Remove if packages.iter().any(Option::is_none) => left.clear(),
            Verb::Remove => left.retain(|(group, package)| {
                let named = |removed: &Option<Spanned<String>>| {
                    removed.as_ref().is_some_and(|removed| {
                        removed.value == package.value || group.as_ref() == Some(&removed.value)
                    })
                };
                !packages.iter().any(named)
            }),
            Verb::Install => {}
        }
    }
    left.into_iter().map(|(_, package)| package).collect()
}

enum Verb {
    Install,
    Remove,
}

/// A package manager's verb with the packages it names (`None` for words that are not known), and the name that `apk
/// --virtual` gives them.
type Managed = (Verb, Vec<Option<Spanned<String>>>, Option<String>);

fn managed(command: &ShellCommand) -> Option<Managed> {
    let mut words = command.words.iter().peekable();
    while words.next_if(|word| matches!(word.literal(), Some("sudo" | "env" | "yes"))).is_some() {}
    let program = words.next()?.literal()?;
    let is_apk = program == "apk";
    if !is_apk && !matches!(program, "apt" | "apt-get" | "aptitude" | "dnf" | "microdnf" | "yum" | "tdnf") {
        return None;
    }
    let mut verb = None;
    let mut group = None;
    let mut packages = Vec::new();
    while let Some(word) = words.next() {
        match (word.literal(), &verb) {
            (Some("-t" | "--virtual"), _) if is_apk => {
                group = words.next().and_then(|word| word.literal()).map(str::to_owned)
            }
            (Some("-t" | "--target-release" | "-o" | "-c" | "--repository" | "-X"), _) => drop(words.next()),
            (Some(option), _) if option.starts_with('-') => {
                group = option.strip_prefix("--virtual=").map(str::to_owned).or(group);
            }
            (Some("add" | "install"), None) => verb = Some(Verb::Install),
            (Some("del" | "remove" | "purge" | "erase" | "autoremove"), None) => verb = Some(Verb::Remove),
            (_, None) => return None,
            (text, Some(_)) => packages.push(text.map(|text| named(text, word.span))),
        }
    }
    Some((verb?, packages, group))
}

/// A package without version and architecture: `python3=3.12`, `g++:amd64`, `make~4`.
fn named(text: &str, span: Span) -> Spanned<String> {
    let end = text.find(['=', '~', ':', '<', '>']).unwrap_or(text.len());
    Spanned::new(text[..end].to_owned(), span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::syntax::mapped::MappedText;
    use crate::syntax::shell;

    fn left(script: &str) -> Vec<String> {
        let script = shell::parse(&MappedText::verbatim(FileId(0), script, 0));
        left_by(&script).into_iter().map(|package| package.value).collect()
    }

    #[test]
    fn what_stays_in_the_layer() {
        assert_eq!(
            left("apt-get update && apt-get install -y --no-install-recommends make g++=4:12"),
            ["make", "g++"]
        );
        assert_eq!(left("apk add --no-cache -t .b make && apk add tini && npm ci && apk del .b"), ["tini"]);
        assert_eq!(left("apk add --virtual=.b make && npm ci && apk del .b"), [""; 0]);
        assert_eq!(left("apt-get install -y $D make; apt-get purge -y $D"), [""; 0]);
        assert_eq!(left("apt install gcc curl && apt-get purge -y --auto-remove gcc"), ["curl"]);
        assert_eq!(left("if [ $A ]; then apk add make; fi"), [""; 0]);
        assert_eq!(left("yum groupinstall x"), [""; 0]);
    }

    #[test]
    fn what_builds() {
        for package in ["g++", "g++-12", "build-base", "python3-pip"] {
            assert_eq!(tool(package), Some(Tool::Builds), "{package}");
        }
        assert_eq!(tool("python3"), Some(Tool::MayBuild));
        for package in ["git", "curl", "gcompat", "libstdc++", "gcc-libs"] {
            assert_eq!(tool(package), None, "{package}");
        }
    }
}
