//! Who builds which Dockerfile: compose, skaffold, bake, Tilt, Okteto, CI workflows and `docker build` lines, each with the
//! context, the target and the names it gives to the image.
//!
//! A build is evidence, not a fact of its own: `model::image` decides from all of them what an image's context is.

mod all;
mod bake;
mod ci;
mod command;
mod folder;
mod from_source;

pub(crate) use all::builds;
pub(crate) use ci::in_yaml;
pub(crate) use command::{in_lines, in_text, in_words};
pub(crate) use folder::{Folder, Shells};
pub(crate) use from_source::FromSource;

use crate::source::{ProjectPath, Sources, Span};

/// What says that an image is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BuiltBy {
    /// `build:` of a compose service.
    Compose,
    /// A target of docker-bake.
    Bake,
    /// An artifact of skaffold.
    Skaffold,
    /// `docker_build` of a Tiltfile.
    Tilt,
    /// An entry of `build` in an Okteto manifest.
    Okteto,
    /// A step of a CI workflow.
    Ci,
    /// A `docker build` line of a script, a Makefile or package.json.
    Command,
}

impl BuiltBy {
    /// The word of reports.
    pub fn as_str(self) -> &'static str {
        match self {
            BuiltBy::Compose => "compose",
            BuiltBy::Bake => "bake",
            BuiltBy::Skaffold => "skaffold",
            BuiltBy::Tilt => "Tilt",
            BuiltBy::Okteto => "Okteto",
            BuiltBy::Ci => "CI",
            BuiltBy::Command => "docker build",
        }
    }
}

/// One build of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The Dockerfile, when it is in the project.
    pub dockerfile: ProjectPath,
    /// The folder that is sent to the builder.
    pub context: ProjectPath,
    /// The stage that is built, when one is named.
    pub target: Option<String>,
    /// Names that the image gets, without tags and digests.
    pub names: Vec<String>,
    /// What says so.
    pub by: BuiltBy,
    /// Where it says so.
    pub span: Span,
    /// True when the image is pushed to a registry.
    pub pushed: bool,
    /// Where the project itself calls it deprecated.
    pub superseded: Option<Span>,
    /// Where it says that a developer's changes of the sources are copied into its running containers.
    pub synced: Option<Span>,
}

/// A build as it is written, before its paths are looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) context: Option<String>,
    pub(crate) dockerfile: Option<String>,
    pub(crate) target: Option<String>,
    pub(crate) names: Vec<String>,
    pub(crate) pushed: bool,
    pub(crate) synced: Option<Span>,
}

/// How a build's `dockerfile` is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DockerfileIn {
    /// Beside the thing that builds: `docker build -f`.
    Base,
    /// In the context: compose, bake, skaffold, Okteto.
    Context,
}

impl Written {
    /// Looks the paths up from folder `base`; `None` when a path is not literal or names no Dockerfile of the project.
    pub(crate) fn resolve(
        self,
        base: &ProjectPath,
        dockerfile_in: DockerfileIn,
        sources: &Sources,
        by: BuiltBy,
        span: Span,
    ) -> Option<Build> {
        let context = base.join(literal_path(self.context.as_deref().unwrap_or("."))?)?;
        let dockerfile = match self.dockerfile.as_deref() {
            None => default_dockerfile(&context, sources)?,
            Some(written) => {
                let written = literal_path(written)?;
                let folder = if dockerfile_in == DockerfileIn::Base { base } else { &context };
                folder.join(written).filter(|path| sources.exists(path))?
            }
        };
        let target = self.target.filter(|target| is_literal(target));
        let names = self.names.iter().filter_map(|name| image_name(name)).collect();
        let Written { pushed, synced, .. } = self;
        Some(Build { dockerfile, context, target, names, by, span, pushed, superseded: None, synced })
    }
}

fn default_dockerfile(context: &ProjectPath, sources: &Sources) -> Option<ProjectPath> {
    let names = ["Dockerfile", "dockerfile", "Containerfile"];
    names.iter().filter_map(|name| context.join(name)).find(|path| sources.exists(path))
}

/// A path that stands as it is: `${{ github.workspace }}/` and `$(pwd)/` in front of it are the base itself.
fn literal_path(path: &str) -> Option<&str> {
    let heads = ["${{ github.workspace }}", "${{github.workspace}}", "$(pwd)", "$PWD", "${PWD}", "$(CURDIR)"];
    let rest = heads.iter().find_map(|head| path.strip_prefix(head)).map(|rest| rest.trim_start_matches('/'));
    let path = rest.unwrap_or(path);
    let path = if path.is_empty() { "." } else { path };
    is_literal(path).then_some(path)
}

fn is_literal(text: &str) -> bool {
    !text.contains(['$', '`', '*']) && !text.contains("{{") && !text.contains("://")
}

/// An image name without tag and digest. A name whose registry or tag is a variable still ends in a name that
/// can be compared: `${REGISTRY}/shop:${TAG}` is `shop` in an unknown registry.
pub(crate) fn image_name(text: &str) -> Option<String> {
    let text = text.split('@').next().unwrap_or(text);
    let slash = text.rfind('/').map_or(0, |at| at + 1);
    // A variable may hold colons (`${TAG:-latest}`), so the tag is looked for before the first one.
    let last = &text[slash..];
    let name_end = last.find([':', '$', '{', '<']).unwrap_or(last.len());
    let name = &last[..name_end];
    if name.is_empty() {
        return None;
    }
    let registry = &text[..slash];
    Some(if is_literal(registry) && !registry.contains('<') {
        format!("{registry}{name}")
    } else {
        name.to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_tags_and_unknown_registries() {
        let name = |text: &str| image_name(text).unwrap_or_default();
        assert_eq!(name("ghcr.io/a/shop:1.0"), "ghcr.io/a/shop");
        assert_eq!(name("localhost:5000/shop"), "localhost:5000/shop");
        assert_eq!(name("${REGISTRY}/shop:${TAG:-x}"), "shop");
        assert_eq!(name("<LOCATION>-docker.pkg.dev/<P>/shop@sha256:00"), "shop");
        assert_eq!(name("$IMAGE"), "");
        assert_eq!(name("shop:latest"), "shop");
    }
}
