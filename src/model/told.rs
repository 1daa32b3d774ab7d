//! What the configuration tells of a project that no file of it says: which stage is shipped, what things are for, and
//! what private base images are like. The command line fills it in; without a configuration it is empty.

use std::borrow::Cow;
use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::purpose::{Purpose, Purposes};
use crate::facts::base_images::{self, BaseImage, ImageUser};
use crate::source::{ProjectPath, Span};
use crate::syntax::image_ref::ImageRef;

/// Globs in the manner of `.gitignore`, relative to the folder of the configuration.
#[derive(Clone, Debug)]
pub struct Globs {
    globs: Gitignore,
    /// The root of the project as seen from that folder; empty or ending in `/`.
    prefix: String,
}

impl Globs {
    /// Compiles globs; `prefix` leads from their folder to the root of the project.
    ///
    /// # Errors
    /// The first glob that is none, with what is wrong with it.
    pub fn new<'g>(globs: impl IntoIterator<Item = &'g str>, prefix: &str) -> Result<Globs, String> {
        let mut builder = GitignoreBuilder::new("");
        for glob in globs {
            builder.add_line(None, glob).map_err(|error| error.to_string())?;
        }
        let globs = builder.build().map_err(|error| error.to_string())?;
        Ok(Globs { globs, prefix: prefix.to_owned() })
    }

    /// True when the path, or a folder that it is in, is named.
    pub fn name(&self, path: &ProjectPath) -> bool {
        let path = format!("{}{path}", self.prefix);
        !path.is_empty() && self.globs.matched_path_or_any_parents(Path::new(&path), false).is_ignore()
    }
}

/// What the configuration tells of a project.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Stages that are shipped, by Dockerfile.
    pub targets: Vec<(Globs, String)>,
    /// What files are for, with the place that says so when the project holds it.
    pub purposes: Vec<(Globs, Purpose, Span)>,
    /// Base images of one's own.
    pub bases: Vec<OwnBase>,
}

/// A base image that no table knows, described by one that they know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnBase {
    /// Registry and repository in full; a `*` at the end stands for any text.
    pub name: String,
    /// The image that it is like.
    pub like: ImageRef,
    /// The user that its processes run as, where that is another one.
    pub user: Option<ImageUser>,
}

impl Told {
    /// The stage of this Dockerfile that is shipped.
    pub(crate) fn target(&self, dockerfile: &ProjectPath) -> Option<&str> {
        let told = self.targets.iter().rev().find(|(globs, _)| globs.name(dockerfile))?;
        Some(&told.1)
    }

    /// What this file or folder is for.
    pub(crate) fn purpose(&self, path: &ProjectPath) -> Option<Purposes> {
        let (_, purpose, span) = self.purposes.iter().rev().find(|(globs, ..)| globs.name(path))?;
        Some(Purposes::because(*purpose, "the configuration says so", Some(*span)))
    }

    /// What is known of an image: what is told, else what the tables say.
    pub(crate) fn base(&self, image: &ImageRef) -> Option<BaseImage> {
        let name = image.name();
        let is_own = |own: &&OwnBase| match own.name.strip_suffix('*') {
            Some(head) => name.starts_with(head),
            None => name == own.name,
        };
        let Some(own) = self.bases.iter().rev().find(is_own).filter(|_| !image.is_scratch()) else {
            return base_images::lookup(image);
        };
        let like = base_images::lookup(&own.like)?;
        let user = own.user.clone().or(like.user);
        Some(BaseImage { name, user, source: "the configuration", ..like })
    }
}

impl OwnBase {
    /// Reads a row: the names of the images, and `name`, `uid` or `name:uid` of the user.
    pub fn new(name: &str, like: &str, user: Option<&str>) -> OwnBase {
        let (head, star) = match name.strip_suffix('*') {
            Some(head) => (head, "*"),
            None => (name, ""),
        };
        // `registry.example/base-` is no whole reference, and is compared as it stands.
        let name = if star.is_empty() { ImageRef::parse(head).name() } else { format!("{head}*") };
        OwnBase { name, like: ImageRef::parse(like), user: user.map(user_of) }
    }
}

fn user_of(text: &str) -> ImageUser {
    let (name, uid) = text.split_once(':').unwrap_or((text, ""));
    match name.parse() {
        Ok(uid) => ImageUser { name: None, uid: Some(uid) },
        Err(_) if name == "root" => ImageUser::ROOT,
        Err(_) => ImageUser { name: Some(Cow::Owned(name.to_owned())), uid: uid.parse().ok() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> ProjectPath {
        ProjectPath::new(text).unwrap()
    }

    #[test]
    fn globs_are_those_of_gitignore() {
        let globs = Globs::new(["services/legacy/", "*.test.yaml", "/deploy/demo"], "").unwrap();
        for yes in ["services/legacy/a/Dockerfile", "a/b.test.yaml", "deploy/demo/web.yaml"] {
            assert!(globs.name(&path(yes)), "{yes}");
        }
        for no in ["services/web/Dockerfile", "b.yaml", "a/deploy/demo/web.yaml"] {
            assert!(!globs.name(&path(no)), "{no}");
        }
        let below = Globs::new(["services/legacy/"], "services/").unwrap();
        assert!(below.name(&path("legacy/Dockerfile")));
    }

    #[test]
    fn own_bases_are_like_known_ones() {
        let told = Told {
            bases: vec![
                OwnBase::new("registry.example/node", "node:22-alpine", None),
                OwnBase::new("registry.example/hardened-*", "node:24-slim", Some("app:1001")),
            ],
            ..Told::default()
        };
        let base = |name: &str| told.base(&ImageRef::parse(name));
        assert_eq!(base("registry.example/node:7").and_then(|base| base.is_nonroot()), Some(false));
        let hardened = base("registry.example/hardened-node:1").unwrap();
        assert_eq!((hardened.is_nonroot(), hardened.sh), (Some(true), Some(base_images::Sh::Dash)));
        assert!(base("registry.example/other:1").is_none());
    }
}
