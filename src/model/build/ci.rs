//! Builds that YAML names: CI workflows of any make, skaffold, Okteto.

use std::collections::BTreeMap;

use crate::source::{ProjectPath, Sources};
use crate::syntax::tree::{Ref, Tree};

use super::command::in_lines;
use super::folder::{Folder, Shells};
use super::{Build, BuiltBy, DockerfileIn, Written, in_words};

/// Builds of a YAML file that is neither a manifest nor a compose file.
pub(crate) fn in_yaml(tree: &Tree, path: &ProjectPath, sources: &Sources) -> Vec<Build> {
    let folder = path.parent().unwrap_or_else(ProjectPath::root);
    tree.roots()
        .flat_map(|root| {
            let api_version = root.get("apiVersion").and_then(Ref::str).unwrap_or("");
            if api_version.starts_with("skaffold/") {
                in_skaffold(root, &folder, sources)
            } else if matches!(path.name(), "okteto.yml" | "okteto.yaml") {
                in_okteto(root, &folder, sources)
            } else {
                in_workflow(root, &ci_base(path), sources)
            }
        })
        .collect()
}

/// CI runs in the root of the repository: the folder that holds `.github` or the CI file itself.
fn ci_base(path: &ProjectPath) -> ProjectPath {
    let hidden = path.ancestors().find(|folder| matches!(folder.name(), ".github" | ".circleci" | ".gitlab"));
    hidden.and_then(|folder| folder.parent()).or_else(|| path.parent()).unwrap_or_else(ProjectPath::root)
}

fn text(node: Ref<'_>, key: &str) -> Option<String> {
    node.get(key).and_then(Ref::str).map(str::to_owned)
}

fn in_skaffold(root: Ref<'_>, base: &ProjectPath, sources: &Sources) -> Vec<Build> {
    let profiles = root.get("profiles").into_iter().flat_map(Ref::items);
    let artifacts =
        std::iter::once(root).chain(profiles).filter_map(|holder| holder.at_path(&["build", "artifacts"]));
    artifacts
        .flat_map(Ref::items)
        .filter_map(|artifact| {
            let docker = artifact.get("docker");
            let written = Written {
                context: text(artifact, "context"),
                dockerfile: docker.and_then(|docker| text(docker, "dockerfile")),
                target: docker.and_then(|docker| text(docker, "target")),
                names: text(artifact, "image").into_iter().collect(),
                pushed: true,
                synced: artifact.get("sync").map(Ref::span),
            };
            written.resolve(base, DockerfileIn::Context, sources, BuiltBy::Skaffold, artifact.span())
        })
        .collect()
}

/// `build` of an Okteto manifest. Source: Okteto's manifest reference, `build` and `dev`; seen on 2026-11-21.
fn in_okteto(root: Ref<'_>, base: &ProjectPath, sources: &Sources) -> Vec<Build> {
    let entries = root.get("build").into_iter().flat_map(Ref::entries);
    let build = |name: &str, entry: Ref<'_>| {
        // A development container without an image of its own is made from the image that is deployed.
        let developed = root.at_path(&["dev", name]).filter(|dev| dev.get("image").is_none());
        let written = Written {
            context: entry.str().map(str::to_owned).or_else(|| text(entry, "context")),
            dockerfile: text(entry, "dockerfile"),
            target: text(entry, "target"),
            names: text(entry, "image").into_iter().collect(),
            pushed: false,
            synced: developed.and_then(|dev| dev.get("sync")).map(Ref::span),
        };
        written.resolve(base, DockerfileIn::Context, sources, BuiltBy::Okteto, entry.span())
    };
    entries.filter_map(|entry| build(entry.key.str()?, entry.value)).collect()
}

/// Every step that builds, wherever in the file it stands: workflows differ in their nesting, not in their steps.
fn in_workflow(root: Ref<'_>, base: &ProjectPath, sources: &Sources) -> Vec<Build> {
    let mut builds = Vec::new();
    // Every form of a step that builds names its tool; most files of this kind have none.
    if !["docker", "Docker", "podman", "buildah", "nerdctl"].iter().any(|tool| root.tree.text.contains(tool))
    {
        return builds;
    }
    let env = environment(root);
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        if let Some(build) = in_step(node, &env, base, sources) {
            builds.push(build);
        } else if let Some(script) = node.str().filter(|script| script.contains(" build")) {
            builds.extend(in_script(node, script, base, sources));
        }
        open.extend(node.children());
    }
    builds.sort_by_key(|build| build.span);
    builds
}

/// The variables that a workflow sets anywhere, where each is set to one text only.
type Environment<'t> = BTreeMap<&'t str, Option<&'t str>>;

fn environment(root: Ref<'_>) -> Environment<'_> {
    let mut variables = Environment::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        for entry in node.get("env").into_iter().flat_map(Ref::entries) {
            let Some(name) = entry.key.str() else { continue };
            let value = entry.value.str().filter(|value| !value.contains("${{"));
            let known = variables.entry(name).or_insert(value);
            if *known != value {
                *known = None;
            }
        }
        open.extend(node.children());
    }
    variables
}

/// A text of a step with `${{ env.NAME }}` filled in, as far as the workflow says what it is.
fn filled(text: &str, env: &Environment<'_>) -> String {
    let mut done = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        done.push_str(before);
        let Some((inside, behind)) = after.split_once("}}") else {
            rest = &rest[before.len()..];
            break;
        };
        match inside.trim().strip_prefix("env.").and_then(|name| env.get(name).copied().flatten()) {
            Some(value) => done.push_str(value),
            None => done.push_str(&rest[before.len()..rest.len() - behind.len()]),
        }
        rest = behind;
    }
    done + rest
}

fn in_script(node: Ref<'_>, script: &str, base: &ProjectPath, sources: &Sources) -> Vec<Build> {
    let folder = node
        .parent()
        .and_then(|step| step.get("working-directory"))
        .and_then(Ref::str)
        .and_then(|folder| base.join(folder));
    let folder = Folder::new(folder.unwrap_or_else(|| base.clone()), Shells::One);
    let mut builds = in_lines(node.tree.file, script, 0, folder, sources, BuiltBy::Ci);
    // Offsets are those of the cooked script; the whole value is what is shown.
    builds.iter_mut().for_each(|build| build.span = node.span());
    builds
}

fn in_step(node: Ref<'_>, env: &Environment<'_>, base: &ProjectPath, sources: &Sources) -> Option<Build> {
    let text = |node: Ref<'_>, key: &str| text(node, key).map(|text| filled(&text, env));
    let make = |written: Written, way| written.resolve(base, way, sources, BuiltBy::Ci, node.span());
    if let (Some(uses), Some(with)) = (node.get("uses").and_then(Ref::str), node.get("with")) {
        // A workflow that is called takes inputs of its own making, whatever they are called.
        let is_workflow = uses.contains(".github/workflows/");
        if is_workflow || !uses.contains("build-push-action") && !uses.contains("docker-build") {
            return None;
        }
        let names = text(with, "tags").or_else(|| text(with, "images")).unwrap_or_default();
        let pushed = text(with, "push").is_some_and(|push| push != "false");
        return make(
            Written {
                context: text(with, "context"),
                dockerfile: text(with, "file").or_else(|| text(with, "dockerfile")),
                target: text(with, "target"),
                names: names
                    .split([',', '\n'])
                    .map(|name| name.trim().to_owned())
                    // `type=raw,value=…` is how tags are made, not one of them.
                    .filter(|name| !name.is_empty() && !name.contains('='))
                    .collect(),
                pushed,
                synced: None,
            },
            DockerfileIn::Base,
        );
    }
    // Azure Pipelines: task Docker@2 with its inputs.
    if let (Some(task), Some(inputs)) = (node.get("task").and_then(Ref::str), node.get("inputs")) {
        let dockerfile = text(inputs, "dockerfile").or_else(|| text(inputs, "Dockerfile"));
        if !task.starts_with("Docker@") || dockerfile.is_none() {
            return None;
        }
        let beside =
            dockerfile.as_deref().and_then(|path| path.rsplit_once('/')).map(|(folder, _)| folder.to_owned());
        return make(
            Written {
                context: text(inputs, "buildContext").or(beside),
                dockerfile,
                names: text(inputs, "repository").into_iter().collect(),
                pushed: true,
                ..Written::default()
            },
            DockerfileIn::Base,
        );
    }
    // Google Cloud Build: the words of the command are a list.
    let words: Vec<String> = node.get("args")?.items().filter_map(Ref::str).map(str::to_owned).collect();
    if words.first().is_none_or(|word| word != "build") || !text(node, "name")?.contains("docker") {
        return None;
    }
    // A trigger starts in the root of the repository, a person may start beside the file.
    let dir = text(node, "dir");
    let starts = [base.clone(), ProjectPath::root()];
    let folders = starts.into_iter().filter_map(|start| match &dir {
        Some(dir) => start.join(dir),
        None => Some(start),
    });
    let written = in_words(&words[1..]);
    let build = |folder: ProjectPath| {
        written.clone().resolve(&folder, DockerfileIn::Base, sources, BuiltBy::Ci, node.span())
    };
    folders.into_iter().find_map(build)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::syntax::tree::Schema;
    use crate::syntax::yaml;

    /// What sources are synced to, as written, by the folders of the builds of a file.
    fn synced(path: &str, text: &str) -> Vec<(String, Option<String>)> {
        let mut sources = Sources::default();
        for folder in ["api", "web"] {
            sources.list(ProjectPath::new(&format!("{folder}/Dockerfile")).unwrap());
        }
        let tree = yaml::parse(FileId(0), text.into(), Schema::Core).tree;
        let builds = in_yaml(&tree, &ProjectPath::new(path).unwrap(), &sources);
        let shown = |build: Build| {
            let at = build.synced.map(|span| text[span.range()].to_owned());
            (build.context.as_str().to_owned(), at)
        };
        builds.into_iter().map(shown).collect()
    }

    #[test]
    fn cloud_build_starts_in_the_root_or_beside_its_file() {
        let step = |dir: &str| {
            format!("steps:\n- name: gcr.io/cloud-builders/docker\n  args: [build, -t, a, .]\n{dir}")
        };
        let found = |path: &str, dir: &str| -> Vec<String> {
            synced(path, &step(dir)).into_iter().map(|(context, _)| context).collect()
        };
        assert_eq!(found("api/cloudbuild.yaml", ""), ["api"]);
        assert_eq!(found("api/cloudbuild.yaml", "  dir: api\n"), ["api"]);
        assert_eq!(found("cloudbuild.yaml", "  dir: web\n"), ["web"]);
        assert_eq!(found("api/cloudbuild.yaml", "  dir: other\n"), [""; 0]);
    }

    #[test]
    fn tools_of_developers_say_what_they_sync() {
        let okteto = "build:\n  api: api\n  web:\n    context: web\ndev:\n  api:\n    sync: ['api:/app']\n  web:\n    image: okteto/node:20\n    sync: ['web:/app']\n";
        let api = || ("api".to_owned(), Some("['api:/app']".to_owned()));
        assert_eq!(synced("okteto.yml", okteto), [api(), ("web".to_owned(), None)]);
        assert_eq!(synced("compose.other.yml", okteto), []);
        let skaffold = "apiVersion: skaffold/v4beta13\nbuild:\n  artifacts:\n    - image: a\n      context: api\n      sync: ['api:/app']\n    - image: b\n      context: web\n";
        assert_eq!(synced("skaffold.yaml", skaffold), [api(), ("web".to_owned(), None)]);
    }
}
