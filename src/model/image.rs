//! Images: what each Dockerfile ships, from which context, on which base, for which purpose.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::build::{Build, BuiltBy};
use super::contents::Base;
use super::context::context_of;
use super::purpose::{Purpose, Purposes, of_name, of_stage};
use super::read::{Files, Reading};
use super::told::Told;
use super::{Image, ImageId, Project, RunBy};
use crate::facts::base_images::{self, BaseImage, Confidence, NodeVersion, Runtime, Sh};
use crate::facts::command::Command;
use crate::facts::image::{BaseConfig, Config, CopyFrom, RunBody, Stage, Stages, fold};
use crate::facts::{Fact, Origin, Why};
use crate::source::{FileId, ProjectPath, SourceFile, Span};
use crate::syntax::dockerfile::Dockerfile;
use crate::syntax::image_ref::ImageRef;

/// The images that the Dockerfiles of a project ship.
pub(crate) fn images(files: &Files, builds: &[Build]) -> Vec<Image> {
    let mut by_dockerfile: FxHashMap<&ProjectPath, Vec<&Build>> = FxHashMap::default();
    for build in builds {
        by_dockerfile.entry(&build.dockerfile).or_default().push(build);
    }
    let mut images: Vec<Image> = Vec::new();
    for (id, file, reading) in files.iter() {
        let Reading::Dockerfile(tree) = reading else { continue };
        let builds = by_dockerfile.get(&file.path).map_or(&[] as &[_], Vec::as_slice);
        images.extend(images_of(id, file, tree, builds, files));
    }
    inherit_from_each_other(&files.told, &mut images);
    for (index, image) in images.iter_mut().enumerate() {
        image.id = ImageId(index as u32);
    }
    images
}

fn images_of(
    id: FileId,
    file: &SourceFile,
    tree: &Arc<Dockerfile>,
    builds: &[&Build],
    files: &Files,
) -> Vec<Image> {
    let stages = Arc::new(fold(tree, &BTreeMap::new(), |image, at| known_base(&files.told, image, at)));
    let mut shipped: Vec<(usize, Option<String>)> = Vec::new();
    let told = files.told.target(&file.path).map(|stage| vec![Some(stage.to_owned())]);
    for target in told.unwrap_or_else(|| targets(builds)) {
        let Some(stage) = stages.shipped(target.as_deref()) else { continue };
        if !shipped.iter().any(|(index, _)| *index == stage.index) {
            shipped.push((stage.index, target));
        }
    }
    let mut images = Vec::new();
    for (stage, target) in shipped {
        let own: Vec<&Build> = builds
            .iter()
            .filter(|build| stages.shipped(build.target.as_deref()).is_some_and(|built| built.index == stage))
            .copied()
            .collect();
        let copied = copied_from_context(&stages, &stages.stages[stage]);
        let copied: Vec<&str> = copied.iter().map(String::as_str).collect();
        let speaking = if own.is_empty() { builds } else { &own };
        let (context, context_by) =
            context_of(&file.path, Span::at(id, 0), speaking, &copied, &files.sources);
        let mut image = Image {
            id: ImageId(0),
            dockerfile: id,
            tree: tree.clone(),
            stages: stages.clone(),
            stage,
            target,
            builds: own.into_iter().cloned().collect(),
            context,
            context_by,
            base: None,
            parent: None,
            bases: BTreeMap::new(),
            is_base: false,
            containers: Vec::new(),
            package: None,
            purpose: Purposes::assumed(),
            app: None,
        };
        image.base = image.base_name().and_then(|base| files.told.base(base));
        image.purpose = files.told.purpose(&file.path).unwrap_or_else(|| purpose_of(file, &image));
        images.push(image);
    }
    images
}

/// The targets that are built: those that builds name. The last stage is shipped too, unless somebody who does not
/// develop names another one.
fn targets(builds: &[&Build]) -> Vec<Option<String>> {
    let develops = |build: &&&Build| build.target.as_deref().and_then(of_stage).is_some();
    let ships_by_name = builds.iter().filter(|build| !develops(build)).any(|build| build.target.is_some());
    let ships_last = builds.iter().any(|build| build.target.is_none());
    let last = (!ships_by_name || ships_last).then_some(None);
    let named = builds.iter().filter_map(|build| build.target.clone()).map(Some);
    last.into_iter().chain(named).collect()
}

/// Literal sources that COPY and ADD take from the context, in all stages that the shipped one needs.
fn copied_from_context(stages: &Stages, shipped: &Stage) -> Vec<String> {
    let copies = stages.reachable(shipped).into_iter().flat_map(|stage| &stage.copies);
    copies
        .filter(|copy| copy.from == CopyFrom::Context)
        .flat_map(|copy| &copy.sources)
        .filter_map(|source| source.value.known())
        .filter(|source| !source.contains("://"))
        .cloned()
        .collect()
}

/// What the tables know of the image that stands at `named_at`.
pub(super) fn known_base(told: &Told, image: &ImageRef, named_at: Span) -> Option<Config> {
    let base = told.base(image)?;
    let user = base.user.as_ref().map(|user| match (user.name.as_deref(), user.uid) {
        (Some("root"), _) | (_, Some(0)) => None,
        (Some(name), _) => Some(name.to_owned()),
        (None, uid) => uid.map(|uid| uid.to_string()),
    });
    let config = BaseConfig {
        row: base.source,
        user,
        workdir: base.workdir,
        entrypoint: base.entrypoint,
        cmd: base.cmd,
        shell: base.shell,
    };
    Some(Config::of_base(config, named_at))
}

/// An image whose FROM names what another Dockerfile of the project builds inherits from that one. A few rounds serve
/// for chains of them.
fn inherit_from_each_other(told: &Told, images: &mut [Image]) {
    let mut built_as: FxHashMap<String, Vec<usize>> = FxHashMap::default();
    for (index, image) in images.iter().enumerate() {
        for name in image.builds.iter().flat_map(|build| &build.names) {
            let known = built_as.entry(ImageRef::parse(name).name()).or_default();
            if known.last() != Some(&index) {
                known.push(index);
            }
        }
    }
    for _ in 0..4 {
        let mut changed = false;
        for index in 0..images.len() {
            if images[index].base.is_some() || images[index].parent.is_some() {
                continue;
            }
            let Some(name) = images[index].base_name().map(ImageRef::name) else { continue };
            // Of several images with this name it is not known which one is meant.
            let Some(&[parent]) = built_as.get(&name).map(Vec::as_slice).filter(|found| found[0] != index)
            else {
                continue;
            };
            let config = images[parent].config().clone();
            let base = |asked: &ImageRef, span: Span| {
                if asked.name() == name { Some(config.clone()) } else { known_base(told, asked, span) }
            };
            images[index].stages = Arc::new(fold(&images[index].tree, &BTreeMap::new(), base));
            images[index].base = images[parent].base.clone();
            images[index].parent = Some(ImageId(parent as u32));
            changed = true;
        }
        if !changed {
            break;
        }
    }
    for index in 0..images.len() {
        let named = images[index].stages.stages.iter().filter_map(|stage| {
            let name = stage.from.image()?.name();
            let &[base] = built_as.get(&name)?.as_slice() else { return None };
            (base != index).then(|| (stage.index, Arc::new(Base::of(ImageId(base as u32), &images[base]))))
        });
        images[index].bases = named.collect();
    }
}

/// What an image is for: what its Dockerfile, its folder, its stage and who builds it are called.
fn purpose_of(file: &SourceFile, image: &Image) -> Purposes {
    // What CI pushes is no developer's own, although it is kept in a folder called dev.
    let published = image.builds.iter().find(|build| build.pushed && build.by == BuiltBy::Ci);
    let by_file = of_name(file.path.name());
    let by_path = by_file.or_else(|| of_name(file.path.as_str()));
    let outdone = published.is_some() && by_file.is_none() && by_path == Some(Purpose::Develop);
    if let Some(purpose) = by_path.filter(|_| !outdone) {
        return Purposes::because(purpose, "the name of the Dockerfile or its folder", None);
    }
    if let Some(target) = &image.target
        && let Some(purpose) = of_stage(target)
    {
        return Purposes::because(purpose, format!("it is built for the target {target}"), None);
    }
    if let Some(build) = image.builds.iter().find(|build| build.pushed || build.by == BuiltBy::Skaffold) {
        return Purposes::because(
            Purpose::Ship,
            format!("{} pushes it", build.by.as_str()),
            Some(build.span),
        );
    }
    let develops = |name: &ImageRef| {
        name.name().contains("devcontainers/") || name.name().contains("vscode/devcontainers")
    };
    if image.base_name().is_some_and(develops) {
        return Purposes::because(
            Purpose::Develop,
            "its base is a development container",
            Some(image.stage().from_span),
        );
    }
    // Of what other builds make, too, the name of one says nothing.
    let superseded: Option<Vec<Span>> = image.builds.iter().map(|build| build.superseded).collect();
    let superseded = superseded.and_then(|spans| spans.first().copied());
    Purposes { superseded, ..Purposes::assumed() }
}

impl Image {
    /// The stage that is shipped.
    pub fn stage(&self) -> &Stage {
        &self.stages.stages[self.stage]
    }

    /// The shell that runs shell forms: the one that SHELL names, else what `/bin/sh` of the base is.
    pub fn sh(&self) -> Option<Sh> {
        match self.config().shell.known()?.first()?.rsplit('/').next()? {
            "bash" => Some(Sh::Bash),
            "ash" => Some(Sh::Busybox),
            "dash" => Some(Sh::Dash),
            "sh" => self.base.as_ref()?.sh,
            _ => None,
        }
    }

    /// True when SHELL says which shell runs shell forms.
    pub fn has_own_shell(&self) -> bool {
        self.config().shell.known().and_then(|shell| shell.first()).is_some_and(|shell| shell != "/bin/sh")
    }

    /// The configuration that a container of it starts with.
    pub fn config(&self) -> &Config {
        &self.stage().config
    }

    /// The stage that is shipped and those it is built on by FROM, nearest first.
    pub fn lineage(&self) -> impl Iterator<Item = &Stage> {
        self.stages.lineage(self.stage())
    }

    /// The FROM that names the image from outside which everything is built on.
    pub fn root_stage(&self) -> &Stage {
        self.lineage().last().unwrap_or_else(|| self.stage())
    }

    /// The image from outside that everything is built on, when its name is known.
    pub fn base_name(&self) -> Option<&ImageRef> {
        self.root_stage().from.image()
    }

    /// What the image runs: what its base brings along, or a Node that a stage installs or copies over it. Unknown
    /// where the base is.
    pub fn runtime(&self) -> Fact<Runtime> {
        let span = self.root_stage().from_span;
        let known = |value, row| Fact::Known { value, origin: Origin::Table { named_at: span, row } };
        match self.base.as_ref().and_then(|base| Some((base.runtime.clone()?, base.source))) {
            Some((Runtime::None, row)) => match self.installed_node() {
                Some(at) => {
                    Fact::Known { value: Runtime::Node(NodeVersion::default()), origin: Origin::Written(at) }
                }
                None => known(Runtime::None, row),
            },
            Some((runtime, row)) => known(runtime, row),
            None => match self.base_name().and_then(base_images::node_version_in_tag) {
                Some((version, Confidence::Named)) => known(Runtime::Node(version), "the tag of the image"),
                _ => Fact::Unknown(Why::UnknownBase),
            },
        }
    }

    /// True when it is known to run Node, by what it stands on or by what is started in it. An image that leaves CMD to
    /// the official image and that nobody runs starts nothing of its own.
    pub fn runs_node(&self, project: &Project) -> bool {
        let config = self.config();
        let leaves = |command: &Fact<Option<Command>>| {
            matches!(
                command,
                Fact::Known { value: None, .. } | Fact::Known { origin: Origin::Table { .. }, .. }
            )
        };
        let mut runs = project.runs.iter().filter(|run| run.image == Some(self.id));
        if leaves(&config.cmd) && leaves(&config.entrypoint) && runs.all(|run| run.by == RunBy::Image) {
            return false;
        }
        matches!(self.runtime().known(), Some(Runtime::Node(_)))
            || project.runs.iter().any(|run| run.image == Some(self.id) && run.is_node())
    }

    /// What the tables know of the image from outside that a stage stands on.
    pub fn base_of(&self, stage: usize) -> Option<BaseImage> {
        let stage = self.stages.stages.get(stage)?;
        let root = self.stages.lineage(stage).last()?;
        if root.index == self.root_stage().index {
            return self.base.clone();
        }
        root.from.image().and_then(base_images::lookup)
    }

    /// Where a stage of the shipped lineage installs or copies Node over a base without it.
    fn installed_node(&self) -> Option<Span> {
        let runs = self.lineage().flat_map(|stage| &stage.runs);
        let installs = runs.filter_map(|run| match &run.body {
            RunBody::Shell(text) if mentions_node_package(&text.text) => run.body.span(),
            _ => None,
        });
        let copies = self.lineage().flat_map(|stage| &stage.copies);
        let copied = copies.filter(|copy| {
            let dest = copy.dest.value.known().map_or("", String::as_str);
            dest.contains("/bin/node")
                || dest.ends_with("/nodejs")
                || dest.trim_end_matches('/').ends_with("/bin")
        });
        installs.chain(copied.map(|copy| copy.dest.span)).next()
    }
}

/// `apk add nodejs`, `apt-get install nodejs`, a Node tarball, nvm.
fn mentions_node_package(script: &str) -> bool {
    let words = script.split(|c: char| c.is_whitespace() || matches!(c, '=' | ';' | '&'));
    let installs = ["apk", "apt-get", "apt", "dnf", "microdnf", "yum", "nvm", "curl", "wget"];
    installs.iter().any(|tool| script.contains(tool))
        && words.into_iter().any(|word| {
            matches!(word, "nodejs" | "nodejs-current" | "node")
                || word.contains("nodesource")
                || word.contains("nodejs.org/dist")
                || word.contains("/nvm")
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::ProjectPath;

    /// What an image is for that CI builds, and pushes or not.
    fn purpose(dockerfile: &str, push: bool) -> Purpose {
        let workflow = format!(
            "jobs:\n  a:\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          file: {dockerfile}\n          push: {push}\n"
        );
        let files = [(".github/workflows/a.yml", workflow.as_str()), (dockerfile, "FROM node:24\n")];
        let files = files.map(|(path, text)| (ProjectPath::new(path).unwrap(), text.to_owned()));
        Project::from_texts(files).images[0].purpose.decided
    }

    #[test]
    fn what_ci_pushes_ships_although_its_folder_is_called_dev() {
        assert_eq!(purpose("dev/build/Dockerfile", true), Purpose::Ship);
        assert_eq!(purpose("dev/build/Dockerfile", false), Purpose::Develop);
        assert_eq!(purpose("build/Dockerfile.dev", true), Purpose::Develop);
        assert_eq!(purpose("e2e/Dockerfile", true), Purpose::Test);
    }
}
