//! Which image of the project a name in a manifest or a compose file means. A link is made only when one answer is
//! better than all others; otherwise it is unknown.

use crate::facts::base_images;
use crate::facts::{Fact, Origin, Why};
use crate::source::{ProjectPath, Span};
use crate::syntax::image_ref::ImageRef;

use rustc_hash::FxHashMap;

use super::ImageId;
use super::build::image_name;

/// An image of the project and the names that it may be called by.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) id: ImageId,
    /// Names that builds give it, without tags, each with where.
    pub(crate) built_as: Vec<(String, Span)>,
    /// The folder of its context or Dockerfile.
    pub(crate) folder: ProjectPath,
    /// Name of the package that it holds.
    pub(crate) package: Option<String>,
    /// Where its Dockerfile begins.
    pub(crate) span: Span,
}

/// The candidates by each kind of name.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    built: Names,
    built_last: Names,
    folders: Names,
    packages: Names,
    homes: FxHashMap<ImageId, ProjectPath>,
}

type Names = FxHashMap<String, Vec<(ImageId, Span)>>;

impl Candidates {
    pub(crate) fn new(candidates: impl IntoIterator<Item = Candidate>) -> Candidates {
        let mut all = Candidates::default();
        for candidate in candidates {
            let Candidate { id, built_as, folder, package, span } = candidate;
            for (name, at) in built_as {
                add(&mut all.built_last, last_segment(&name), id, at);
                add(&mut all.built, &name, id, at);
            }
            if !folder.is_root() {
                add(&mut all.folders, folder.name(), id, span);
                all.homes.insert(id, home_of(&folder));
            }
            if let Some(package) = package {
                add(&mut all.packages, last_segment(&package), id, span);
            }
        }
        all
    }

    /// The image that `written` names in the file at `path`, with why in words.
    pub(crate) fn link(&self, written: &str, path: &ProjectPath) -> (Fact<ImageId>, &'static str) {
        let Some(name) = image_name(written) else { return (Fact::Unknown(Why::Variable), "") };
        let last = last_segment(&name);
        let found = |names: &'_ Names, name: &str| names.get(name).cloned();
        let by_build = || {
            let exact = found(&self.built, &name).map(|hits| (hits, "a build gives it this name"));
            exact.or_else(|| {
                Some((found(&self.built_last, last)?, "a build gives it this name in another registry"))
            })
        };
        // `fortune:args` is built in `fortune-args`, where there is such a folder.
        let with_tag = || {
            let name = format!("{last}-{}", ImageRef::parse(written).tag()?);
            Some((found(&self.folders, &name)?, "its name and tag are the name of the folder"))
        };
        let by_folder =
            || with_tag().or_else(|| Some((found(&self.folders, last)?, "it is the name of the folder")));
        let by_package = || Some((found(&self.packages, last)?, "it is the name of the package"));
        let by_end = || {
            let ends = last.match_indices(['-', '_', '.']).map(|(at, _)| &last[at + 1..]);
            let near = |hits: Vec<(ImageId, Span)>| {
                let is_near =
                    hits.iter().any(|(id, _)| self.homes.get(id).is_some_and(|home| path.is_in(home)));
                is_near.then_some(hits)
            };
            // Half a name is little: many repositories hold an `app` or a `server`, and name others' images that end so.
            ends.into_iter().find_map(|end| {
                Some((near(found(&self.folders, end)?)?, "it ends in the name of the folder"))
            })
        };
        // An image that everybody knows is not ours because a folder is called like it.
        let is_public = base_images::lookup(&ImageRef::parse(written)).is_some();
        let hits = by_build()
            .or_else(|| if is_public { None } else { by_folder().or_else(by_package).or_else(by_end) });
        match hits {
            None => (Fact::Unknown(Why::NotFound), ""),
            Some((hits, reason)) if hits.iter().all(|(id, _)| *id == hits[0].0) => {
                (Fact::Known { value: hits[0].0, origin: Origin::Derived(vec![hits[0].1]) }, reason)
            }
            Some(_) => (Fact::Unknown(Why::Ambiguous), ""),
        }
    }
}

/// The folder that holds `folder`, past those that only sort: what is written below it is written beside the image.
fn home_of(folder: &ProjectPath) -> ProjectPath {
    const SORTS: [&str; 9] =
        ["src", "app", "apps", "services", "packages", "images", "docker", "containers", "build"];
    let mut above = folder.ancestors().skip(1);
    above.find(|folder| !SORTS.contains(&folder.name())).unwrap_or_else(ProjectPath::root)
}

fn add(names: &mut Names, name: &str, id: ImageId, span: Span) {
    names.entry(name.to_owned()).or_default().push((id, span));
}

fn last_segment(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn candidate(id: u32, built_as: &[&str], folder: &str) -> Candidate {
        let span = Span::at(FileId(id), 0);
        Candidate {
            id: ImageId(id),
            built_as: built_as.iter().map(|name| ((*name).to_owned(), span)).collect(),
            folder: ProjectPath::new(folder).unwrap(),
            package: None,
            span,
        }
    }

    #[test]
    fn the_best_evidence_wins_and_a_tie_is_unknown() {
        let candidates = [
            candidate(0, &["ghcr.io/a/shop"], "api"),
            candidate(1, &["ghcr.io/b/shop"], "web"),
            candidate(2, &[], "cart"),
        ];
        let candidates = Candidates::new(candidates);
        let known = |written: &str| candidates.link(written, &ProjectPath::root()).0.known().copied();
        assert_eq!(known("ghcr.io/b/shop:1"), Some(ImageId(1)));
        assert_eq!(known("shop:1"), None, "two builds end in this name");
        assert_eq!(known("$REGISTRY/cart:$TAG"), Some(ImageId(2)));
        assert_eq!(known("web"), Some(ImageId(1)));
        assert_eq!(known("registry.example/demo-cart"), Some(ImageId(2)));
        assert_eq!(known("scart"), None);
        assert_eq!(known("postgres:17"), None);
        assert_eq!(known("$IMAGE"), None);
    }

    #[test]
    fn half_a_name_counts_only_nearby() {
        let candidates = Candidates::new([candidate(0, &[], "ai/diffusion/build/server")]);
        let known = |written: &str, at: &str| {
            candidates.link(written, &ProjectPath::new(at).unwrap()).0.known().copied()
        };
        assert_eq!(known("acme/demo-server", "ai/diffusion/k8s/a.yaml"), Some(ImageId(0)));
        assert_eq!(known("mysql/mysql-server", "databases/mysql.yaml"), None);
        assert_eq!(known("acme/server", "databases/mysql.yaml"), Some(ImageId(0)), "a whole name is enough");
    }
}
