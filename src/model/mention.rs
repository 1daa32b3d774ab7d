//! Where the files of a project name the dependencies that no program is seen to import: in source that nothing leads to, in
//! settings, Dockerfiles, scripts, be it in a comment. Texts are gone through once, for all names together.

use std::collections::BTreeMap;

use aho_corasick::AhoCorasick;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::development::programs_of;
use super::read::Reading;
use super::{Package, PackageId, Project};
use crate::facts::package::DependencyKind;
use crate::source::{FileId, SourceFile, Span};

/// The first place that names a dependency, by the dependency and the package whose files name it.
pub(crate) type Mentions = FxHashMap<(String, Option<PackageId>), Mention>;

/// A place that names a dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mention {
    /// Where.
    pub(crate) at: Span,
    /// True in `scripts` of package.json.
    pub(crate) in_script: bool,
}

impl Project {
    /// Where a dependency is named among the files that a package sees: its own, those of packages within it, those of the
    /// folders around it that are no other package's.
    pub(crate) fn mention(&self, package: &Package, name: &str) -> Option<Mention> {
        let mentions = self.mentions.get_or_init(|| self.find_mentions());
        let owners = self.around_and_within(package).map(|owner| Some(owner.id)).chain([None]);
        let found = owners.filter_map(|owner| mentions.get(&(name.to_owned(), owner)).copied());
        found.min_by_key(|mention| (mention.in_script, mention.at.file, mention.at.start))
    }

    fn find_mentions(&self) -> Mentions {
        let open = self.unexplained();
        let wanted = wanted(open.iter().map(|(_, name, programs)| (*name, programs.as_slice())));
        let Ok(words) = AhoCorasick::new(wanted.keys()) else { return Mentions::default() };
        let near = self.near(open.iter().map(|(package, ..)| *package));
        let files: Vec<(FileId, &SourceFile)> =
            if open.is_empty() { Vec::new() } else { self.sources.iter().collect() };
        let found: Vec<Vec<(String, Mention)>> = files
            .par_iter()
            .map(|(id, file)| {
                // Code finds packages from where it lies: other packages' does not find these.
                let is_code = matches!(self.readings[id.0 as usize], Reading::Script);
                let owner = || self.package_of(&file.path).is_some_and(|package| near.contains(&package.id));
                if is_code && !owner() { Vec::new() } else { self.mentions_in(*id, file, &wanted, &words) }
            })
            .collect();
        let mut mentions = Mentions::default();
        for ((_, file), found) in files.into_iter().zip(found) {
            if found.is_empty() {
                continue;
            }
            let owner = self.package_of(&file.path).map(|package| package.id);
            for (name, mention) in found {
                let known = mentions.entry((name, owner)).or_insert(mention);
                // What only a script names is told from what anything else names, too.
                if known.in_script && !mention.in_script {
                    *known = mention;
                }
            }
        }
        mentions
    }

    /// The dependencies of production of which nothing but a text could show a use, with their packages, and the programs that
    /// the lock file says they bring.
    fn unexplained(&self) -> Vec<(&Package, &str, Vec<String>)> {
        let of_package = |package| {
            let asked = self.asked(package);
            let entries = package.facts.of_kind(DependencyKind::Production);
            let open =
                entries.filter(|entry| self.use_without_mention(package, &asked, &entry.name).is_none());
            let with_programs = open.map(|entry| {
                let programs = asked.programs.get(&entry.name).cloned().unwrap_or_default();
                (package, entry.name.as_str(), programs)
            });
            with_programs.collect::<Vec<_>>()
        };
        self.packages.iter().filter(|package| self.is_seen_through(package)).flat_map(of_package).collect()
    }

    /// The packages whose code finds what these have installed: they themselves, those within them, and those around them, whose
    /// code may be started in them.
    fn near<'p>(&'p self, packages: impl Iterator<Item = &'p Package>) -> FxHashSet<PackageId> {
        packages.flat_map(|package| self.around_and_within(package)).map(|package| package.id).collect()
    }

    /// The packages of the folders around a package's, from its own up, and those within it.
    fn around_and_within<'p>(&'p self, package: &'p Package) -> impl Iterator<Item = &'p Package> {
        let around = package.folder.ancestors().filter_map(|folder| self.package_at(&folder));
        around.chain(self.within(package))
    }

    /// The packages within a folder of one, itself first.
    fn within<'p>(&'p self, package: &'p Package) -> impl Iterator<Item = &'p Package> {
        // Packages are in the order of their folders: those within one come soon after it.
        let after = self.packages[package.id.0 as usize..].iter();
        let after = after.take_while(|other| other.folder.as_str().starts_with(package.folder.as_str()));
        after.filter(|other| other.folder.is_in(&package.folder))
    }

    /// The first place in a file for each name.
    fn mentions_in(
        &self,
        id: FileId,
        file: &SourceFile,
        wanted: &Wanted,
        words: &AhoCorasick,
    ) -> Vec<(String, Mention)> {
        let reading = &self.readings[id.0 as usize];
        let package = match reading {
            Reading::Lock(_) | Reading::Readme | Reading::Sizes(_) | Reading::Ignorefile(_) => {
                return Vec::new();
            }
            Reading::Package(package, _) => Some(package),
            _ => None,
        };
        let Some(text) = file.text_once() else { return Vec::new() };
        let mut found: BTreeMap<&str, Mention> = BTreeMap::new();
        let mut enter = |start: usize, word: &str| {
            let Some(names) = wanted.get(word) else { return };
            let at = Span::new(id, start, start + word.len());
            let in_script = package
                .is_some_and(|package| package.scripts.items.iter().any(|script| script.span.contains(at)));
            let is_entry = || {
                package.is_some_and(|package| {
                    package.sections.iter().any(|section| section.value.contains(at))
                        || package.name.span().is_some_and(|name| name.contains(at))
                })
            };
            if !in_script && is_entry() {
                return;
            }
            for name in names {
                let known = found.entry(name).or_insert(Mention { at, in_script });
                if known.in_script && !in_script {
                    *known = Mention { at, in_script };
                }
            }
        };
        // Only lines that hold one of the words are cut into words.
        let mut done = 0;
        for hit in words.find_iter(&*text) {
            if hit.start() < done {
                continue;
            }
            let start = text[..hit.start()].rfind('\n').map_or(0, |newline| newline + 1);
            let end = text[hit.end()..].find('\n').map_or(text.len(), |newline| hit.end() + newline);
            each_word(&text[start..end], |at, word| enter(start + at, word));
            done = end;
        }
        found.into_iter().map(|(name, mention)| (name.to_owned(), mention)).collect()
    }
}

/// Words with the dependencies that they may stand for.
type Wanted = FxHashMap<String, Vec<String>>;

/// The words that name these dependencies: their names, without the scope too, and the programs that they bring.
fn wanted<'n>(names: impl Iterator<Item = (&'n str, &'n [String])>) -> Wanted {
    let mut wanted = Wanted::default();
    for (name, programs) in names {
        let bare = name.rsplit_once('/').map_or(name, |(_, bare)| bare);
        let program = bare.strip_suffix("-cli");
        let words = [name, bare].into_iter().chain(program).chain(programs_of(name)).map(str::to_owned);
        for word in words.chain(short_name(name)).chain(programs.iter().cloned()) {
            let meant = wanted.entry(word).or_default();
            if !meant.iter().any(|known| known == name) {
                meant.push(name.to_owned());
            }
        }
    }
    wanted
}

/// What Babel, ESLint, remark and LoopBack take for the name of their plugins, presets and connectors (their documentation on names; seen on 2026-11-21):
/// `module-resolver` for `babel-plugin-module-resolver`, `@babel/env` for `@babel/preset-env`, `@s` for `@s/eslint-plugin`.
fn short_name(name: &str) -> Option<String> {
    let (scope, bare) = name.split_once('/').map_or((None, name), |(scope, bare)| (Some(scope), bare));
    let kinds: &[&str] = match scope {
        Some("@babel") => &["plugin-", "preset-"],
        _ => &[
            "babel-plugin-",
            "babel-preset-",
            "eslint-plugin-",
            "eslint-config-",
            "remark-",
            "rehype-",
            "loopback-connector-",
        ],
    };
    if let (Some(scope), true) = (scope, kinds.iter().any(|kind| kind.trim_end_matches('-') == bare)) {
        return Some(scope.to_owned());
    }
    let short = kinds.iter().find_map(|kind| bare.strip_prefix(kind)).filter(|short| !short.is_empty())?;
    Some(scope.map_or(short.to_owned(), |scope| format!("{scope}/{short}")))
}

/// Dots of one word up to which its beginnings are looked at: `socket.io`, and `express` in `express.json`.
const DOTS: usize = 3;

/// Calls back with each word that may be the name of a package, and where it begins: parts of paths, two parts together after
/// an `@`, what stands before `@1.2.3`, what stands before a dot.
fn each_word<'t>(text: &'t str, mut each: impl FnMut(usize, &'t str)) {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'@');
    let bytes = text.as_bytes();
    let mut scope: Option<usize> = None;
    let mut at = 0;
    while at < bytes.len() {
        if !is_word(bytes[at]) {
            at += 1;
            scope = None;
            continue;
        }
        let start = at;
        at += 1;
        while at < bytes.len() && is_word(bytes[at]) && bytes[at] != b'@' {
            at += 1;
        }
        let mut end = start;
        for _ in 0..=DOTS {
            let rest = &text[end..at];
            let dot = rest.bytes().skip(1).position(|byte| byte == b'.').map(|dot| end + dot + 1);
            end = dot.unwrap_or(at);
            each(start, &text[start..end]);
            if let Some(scope) = scope {
                each(scope, &text[scope..end]);
            }
            if end == at {
                break;
            }
        }
        scope = (bytes[start] == b'@' && bytes.get(at) == Some(&b'/')).then_some(start);
        // The slash between a scope and a name is passed over, so that the scope is still known.
        at += usize::from(scope.is_some());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plugins_have_short_names() {
        let short = |name: &str| short_name(name).unwrap_or_default();
        assert_eq!(short("babel-plugin-module-resolver"), "module-resolver");
        assert_eq!(short("@babel/preset-env"), "@babel/env");
        assert_eq!(short("@acme/babel-preset-node"), "@acme/node");
        assert_eq!(short("@typescript-eslint/eslint-plugin"), "@typescript-eslint");
        assert_eq!(short("loopback-connector-postgresql"), "postgresql");
        assert_eq!((short("remark-gfm").as_str(), short("express").as_str()), ("gfm", ""));
    }

    #[test]
    fn words_that_may_be_packages() {
        let words = |text: &str| {
            let mut words = Vec::new();
            each_word(text, |start, word| {
                assert!(text[start..].starts_with(word));
                words.push(word.to_owned());
            });
            words.join(" ")
        };
        assert_eq!(words("require('pg-hstore/x')"), "require pg-hstore x");
        assert_eq!(words("import '@a/b/c';"), "import @a b @a/b c");
        assert_eq!(words("npm i pm2@5 express.json() é"), "npm i pm2 @5 express express.json");
        assert_eq!(words("a.b.c.d.e.f"), "a a.b a.b.c a.b.c.d");
        assert_eq!(words("@/ ¦@"), "@ @");
    }
}
