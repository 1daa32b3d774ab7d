//! Images that skaffold builds without a Dockerfile, by ko or by buildpacks.

use rustc_hash::FxHashMap;

use crate::facts::base_images;
use crate::facts::{Fact, Origin};
use crate::model::read::{Files, Reading};
use crate::model::user::User;
use crate::syntax::image_ref::ImageRef;
use crate::syntax::tree::{Ref, Tree};

/// The users of images that are built from source alone, by the images' names; two artifacts of one name speak for neither.
#[derive(Clone, Debug, Default)]
pub(crate) struct FromSource {
    users: FxHashMap<String, Option<Fact<User>>>,
}

impl FromSource {
    /// What the skaffold configurations of a project say.
    pub(crate) fn find(files: &Files) -> FromSource {
        let mut found = FromSource::default();
        for (_, _, reading) in files.iter() {
            if let Reading::Data(tree) = reading {
                found.read(tree);
            }
        }
        found
    }

    fn read(&mut self, tree: &Tree) {
        let is_skaffold = |root: &Ref<'_>| {
            root.get("apiVersion").and_then(Ref::str).is_some_and(|version| version.starts_with("skaffold/"))
        };
        for root in tree.roots().filter(is_skaffold) {
            for artifact in root.at_path(&["build", "artifacts"]).into_iter().flat_map(Ref::items) {
                let Some(name) = artifact.get("image").and_then(Ref::str) else { continue };
                let Some(user) = user(artifact) else { continue };
                let name = ImageRef::parse(name).name();
                self.users.entry(name).and_modify(|known| *known = None).or_insert(Some(user));
            }
        }
    }

    /// The user of an image that is built under this name.
    pub(crate) fn user(&self, image: &ImageRef) -> Option<&Fact<User>> {
        self.users.get(&image.name())?.as_ref()
    }
}

/// The user that an artifact's image starts as. ko leaves that of its base (ko.build, "Configuration"); a run image of
/// buildpacks must have a user that is not root (Cloud Native Buildpacks, platform specification, "Run Image").
fn user(artifact: Ref<'_>) -> Option<Fact<User>> {
    if let Some(buildpacks) = artifact.get("buildpacks") {
        return Some(Fact::written(User::Unnamed, buildpacks.span()));
    }
    let from = artifact.get("ko")?.get("fromImage")?;
    let base = base_images::lookup(&ImageRef::parse(from.str()?))?;
    let uid = base.user.as_ref()?.uid?;
    let value = if uid == 0 { User::Root } else { User::Number(uid) };
    Some(Fact::Known { value, origin: Origin::Table { named_at: from.span(), row: base.source } })
}
