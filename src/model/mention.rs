//! Where the files of a project name the dependencies that no program is seen to import: in source that nothing leads to, in
//! settings, Dockerfiles, scripts, be it in a comment. Texts are gone through once, for all names together.

use std::collections::BTreeMap;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::development::programs_of;
use super::read::Reading;
use super::{Package, PackageId, Project};
use crate::facts::package::DependencyKind;
use crate::source::{FileId, SourceFile, Span};

/// The first places that import dependencies, and those that name them.
#[derive(Debug)]
pub(crate) struct Mentions {
    imports: ByOwner<Span>,
    named: ByOwner<Mention>,
}

/// By the name of a dependency, and by the package whose files name it.
type ByOwner<T> = FxHashMap<String, FxHashMap<Option<PackageId>, T>>;

/// A place that names a dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mention {
    /// Where.
    pub(crate) at: Span,
    /// True in `scripts` of package.json.
    pub(crate) in_script: bool,
}

impl Project {
    /// Where a program imports a dependency, from the files that the package sees.
    pub(crate) fn import(&self, package: &Package, name: &str) -> Option<Span> {
        let by_owner = self.mentions().imports.get(name)?;
        let found = self.seen_by(package).filter_map(|owner| by_owner.get(&owner).copied());
        found.min_by_key(|at| (at.file, at.start))
    }

    /// Where else a dependency that no program imports is named among the files that the package sees.
    pub(crate) fn mention(&self, package: &Package, name: &str) -> Option<Mention> {
        let by_owner = self.mentions().named.get(name)?;
        let found = self.seen_by(package).filter_map(|owner| by_owner.get(&owner).copied());
        found.min_by_key(|mention| (mention.in_script, mention.at.file, mention.at.start))
    }

    /// The packages whose files a package sees: it, those within it, those of the folders around it; `None` stands for the files
    /// of no package.
    fn seen_by(&self, package: &Package) -> impl Iterator<Item = Option<PackageId>> {
        let around = package.folder.ancestors().filter_map(|folder| self.package_at(&folder));
        // Packages are in the order of their folders: those within one come soon after it.
        let after = self.packages[package.id.0 as usize..].iter().skip(1);
        let after = after.take_while(|other| other.folder.as_str().starts_with(package.folder.as_str()));
        let within = after.filter(|other| other.folder.is_in(&package.folder));
        around.chain(within).map(|owner| Some(owner.id)).chain([None])
    }

    fn mentions(&self) -> &Mentions {
        self.mentions.get_or_init(|| self.find_mentions())
    }

    fn find_mentions(&self) -> Mentions {
        let imports = self.find_imports();
        let is_imported = |package: &Package, name: &str| {
            let by_owner = imports.get(name);
            by_owner.is_some_and(|by_owner| self.seen_by(package).any(|owner| by_owner.contains_key(&owner)))
        };
        let wanted = wanted(&self.packages, is_imported);
        let mut named: ByOwner<Mention> = FxHashMap::default();
        if wanted.is_empty() {
            return Mentions { imports, named };
        }
        let files: Vec<(FileId, &SourceFile)> = self.sources.iter().collect();
        let found: Vec<Vec<(String, Mention)>> =
            files.par_iter().map(|(id, file)| self.mentions_in(*id, file, &wanted)).collect();
        for ((_, file), found) in files.into_iter().zip(found).filter(|(_, found)| !found.is_empty()) {
            let owner = self.package_of(&file.path).map(|package| package.id);
            for (name, mention) in found {
                let known = named.entry(name).or_default().entry(owner).or_insert(mention);
                // What only a script names is told from what anything else names, too.
                if known.in_script && !mention.in_script {
                    *known = mention;
                }
            }
        }
        Mentions { imports, named }
    }

    /// Where the programs import packages.
    fn find_imports(&self) -> ByOwner<Span> {
        let mut owners: FxHashMap<FileId, Option<PackageId>> = FxHashMap::default();
        let mut imports: ByOwner<Span> = FxHashMap::default();
        for program in self.runs.iter().filter_map(|run| run.program.as_ref()) {
            for (name, places) in &program.reached.packages {
                for at in places {
                    let owner = *owners.entry(at.file).or_insert_with(|| {
                        self.package_of(&self.sources.file(at.file).path).map(|package| package.id)
                    });
                    imports.entry(name.clone()).or_default().entry(owner).or_insert(*at);
                }
            }
        }
        imports
    }

    /// The first place in a file for each name.
    fn mentions_in(&self, id: FileId, file: &SourceFile, wanted: &Wanted) -> Vec<(String, Mention)> {
        let reading = &self.readings[id.0 as usize];
        let package = match reading {
            Reading::Lock(_) | Reading::Readme | Reading::Ignorefile(_) => return Vec::new(),
            Reading::Package(package, _) => Some(package),
            _ => None,
        };
        let Some(text) = file.text_once() else { return Vec::new() };
        let mut found: BTreeMap<&str, Mention> = BTreeMap::new();
        each_word(&text, |start, word| {
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
        });
        found.into_iter().map(|(name, mention)| (name.to_owned(), mention)).collect()
    }
}

/// Words with the dependencies that they may stand for.
type Wanted = FxHashMap<String, Vec<String>>;

/// The words that name the dependencies that are for production and that no program imports: their names, without the scope too, and the programs that they
/// bring.
fn wanted(packages: &[Package], is_imported: impl Fn(&Package, &str) -> bool) -> Wanted {
    let mut names: FxHashSet<&str> = FxHashSet::default();
    for package in packages {
        for kind in [DependencyKind::Production, DependencyKind::Optional] {
            let entries = package.facts.of_kind(kind).map(|entry| entry.name.as_str());
            names.extend(entries.filter(|name| !is_imported(package, name)));
        }
    }
    let mut wanted = Wanted::default();
    for name in names {
        let bare = name.rsplit_once('/').map_or(name, |(_, bare)| bare);
        let program = bare.strip_suffix("-cli");
        for word in [name, bare].into_iter().chain(program).chain(programs_of(name)) {
            let meant = wanted.entry(word.to_owned()).or_default();
            if !meant.iter().any(|known| known == name) {
                meant.push(name.to_owned());
            }
        }
    }
    wanted
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
