//! Each file read on its own, in parallel: what its name and its contents make it, and the facts in it. What files say
//! together comes after, in [`Project::link`](super::Project::link).

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::discover::{Discovery, Kind};
use crate::facts::compose;
use crate::facts::lock::{self, Lock};
use crate::facts::package::Package;
use crate::facts::resolve::{Manifest, NestCli, TsConfig};
use crate::facts::size::Committed;
use crate::model::Note;
use crate::model::told::Told;
use crate::source::{FileId, ProjectPath, SourceFile, Sources, Span};
use crate::syntax::comment::{self, Comment};
use crate::syntax::dockerfile::{self, Dockerfile};
use crate::syntax::ignorefile::Ignorefile;
use crate::syntax::script::{self, Dialect};
use crate::syntax::tree::{Ref, Schema, Tree};
use crate::syntax::{Issue, Parsed, json, yaml};

/// What a file was read as.
#[derive(Debug)]
pub enum Reading {
    /// A Dockerfile.
    Dockerfile(Arc<Dockerfile>),
    /// An ignore file of a build context.
    Ignorefile(Box<Ignorefile>),
    /// A package.json, and what the resolver needs of it.
    Package(Arc<Package>, Box<Manifest>),
    /// A lock file.
    Lock(Arc<Lock>),
    /// A tsconfig.json or jsconfig.json.
    Tsconfig(Box<TsConfig>),
    /// A nest-cli.json.
    Nest(Box<NestCli>),
    /// A compose file.
    Compose(Arc<Tree>),
    /// A kustomization.
    Kustomization(Arc<Tree>),
    /// YAML or JSON with Kubernetes objects, or with what looks like them.
    Manifest(Arc<Tree>),
    /// Any other YAML or JSON: CI, skaffold, workspaces, values.
    Data(Arc<Tree>),
    /// JavaScript or TypeScript: parsed when something leads to it.
    Script,
    /// Text that is looked into as text: shell scripts, Makefiles, `.nvmrc`.
    Text,
    /// A README that may say what its folder is for.
    Readme,
    /// What packages weigh, as the repository says.
    Sizes(Box<Committed>),
    /// A file that a template engine fills in, and that is not read as what its name says.
    Template,
}

/// Files with what they were read as.
#[derive(Debug, Default)]
pub struct Files {
    /// What the configuration tells: nothing until somebody says so.
    pub told: Told,
    /// The texts and paths.
    pub sources: Sources,
    /// What each was read as, by its id.
    pub readings: Vec<Reading>,
    /// What could not be read.
    pub issues: Vec<Issue>,
    /// Comments that may steer plimsoll.
    pub pragmas: Vec<Comment>,
    /// What a person should know of the reading.
    pub notes: Vec<Note>,
}

impl Files {
    /// What a file was read as.
    pub fn reading(&self, file: FileId) -> &Reading {
        &self.readings[file.0 as usize]
    }

    /// The files with their readings, in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile, &Reading)> {
        self.sources.iter().zip(&self.readings).map(|((id, file), reading)| (id, file, reading))
    }
}

/// Reads the facts of every file.
pub fn read(discovery: Discovery) -> Files {
    let Discovery { sources, kinds, mut issues } = discovery;
    let unreadable: Vec<FileId> = issues.iter().map(|issue| issue.span.file).collect();
    let files: Vec<(FileId, &SourceFile)> = sources.iter().collect();
    let read: Vec<Parsed<Reading>> = files
        .par_iter()
        .zip(&kinds)
        .map(|((id, file), kind)| {
            if unreadable.contains(id) {
                return Parsed { tree: Reading::Text, issues: Vec::new() };
            }
            read_file(*id, file, *kind)
        })
        .collect();
    let mut readings = Vec::with_capacity(read.len());
    for parsed in read {
        readings.push(parsed.tree);
        issues.extend(parsed.issues);
    }
    let pragmas =
        files.par_iter().zip(&readings).flat_map_iter(|((id, file), reading)| pragmas_of(*id, file, reading));
    let pragmas = pragmas.collect();
    let notes = templates(&files, &kinds, &readings);
    Files { told: Told::default(), sources, readings, issues, pragmas, notes }
}

/// One note for each folder whose files a template engine fills in: they are named, and not judged.
fn templates(files: &[(FileId, &SourceFile)], kinds: &[Kind], readings: &[Reading]) -> Vec<Note> {
    let mut folders: BTreeMap<(ProjectPath, bool), (FileId, usize)> = BTreeMap::new();
    for (((id, file), kind), reading) in files.iter().zip(kinds).zip(readings) {
        let Some(folder) = file.path.parent().filter(|_| matches!(reading, Reading::Template)) else {
            continue;
        };
        folders.entry((folder, *kind == Kind::HelmTemplate)).or_insert((*id, 0)).1 += 1;
    }
    let note = |((folder, is_helm), (file, count)): ((ProjectPath, bool), (FileId, usize))| {
        let what = if is_helm { "templates of a Helm chart" } else { "templates" };
        let message =
            format!("{count} {what} in {folder} are not read: what fills them in is not known here");
        Note { span: Some(Span::at(file, 0)), message }
    };
    folders.into_iter().map(note).collect()
}

/// The comments of a file that speak to a linter.
fn pragmas_of(id: FileId, file: &SourceFile, reading: &Reading) -> Vec<Comment> {
    // A file whose text was let go holds none.
    if file.is_on_disk() || !comment::is_pragma(file.text()) {
        return Vec::new();
    }
    match reading {
        Reading::Dockerfile(tree) => comment::of_dockerfile(tree, file.text()),
        Reading::Compose(tree)
        | Reading::Kustomization(tree)
        | Reading::Manifest(tree)
        | Reading::Data(tree) => comment::of_tree(tree),
        // Scripts are read again, without keeping their trees: only the few that hold a pragma come here.
        Reading::Script => {
            let script =
                Dialect::of(&file.path).and_then(|dialect| script::parse(id, file.text(), dialect).tree);
            script.map(|script| script.pragmas(id, file.text())).unwrap_or_default()
        }
        Reading::Text => {
            let lines = comment_lines(file.text());
            comment::pragmas(id, file.text(), lines, Vec::new)
        }
        _ => Vec::new(),
    }
}

/// Line comments of a script, by their text alone: a pragma in a string would have to look just like one.
fn comment_lines(text: &str) -> Vec<(u32, u32)> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end();
        let mark = ["//", "# "].iter().filter_map(|mark| body.find(mark)).min();
        if let Some(mark) = mark.filter(|mark| comment::is_pragma(&body[*mark..])) {
            found.push(((start + mark) as u32, (start + body.len()) as u32));
        }
        start += line.len();
    }
    found
}

fn read_file(id: FileId, file: &SourceFile, kind: Kind) -> Parsed<Reading> {
    let clean = |tree| Parsed { tree, issues: Vec::new() };
    match kind {
        Kind::Dockerfile => {
            let parsed = dockerfile::parse(id, file.text().as_bytes());
            // `docker inspect --format {{.Id}}` in a RUN makes no template: only what does not parse is one.
            if !parsed.issues.is_empty() && is_template(file.text()) {
                return clean(Reading::Template);
            }
            Parsed { tree: Reading::Dockerfile(Arc::new(parsed.tree)), issues: parsed.issues }
        }
        Kind::Ignorefile => clean(Reading::Ignorefile(Box::new(Ignorefile::read(id, file.text())))),
        Kind::Package => {
            let parsed = json::parse(id, file.shared_text(), json::Dialect::Strict);
            let folder = file.path.parent().unwrap_or_else(ProjectPath::root);
            let package = Package::read(&parsed.tree);
            let manifest = Manifest::from_tree(folder, &parsed.tree);
            Parsed { tree: Reading::Package(Arc::new(package), Box::new(manifest)), issues: parsed.issues }
        }
        Kind::Lock => {
            let parsed = lock::read(id, file.path.name(), file.text_once().unwrap_or_else(|| Arc::from("")));
            Parsed { tree: Reading::Lock(Arc::new(parsed.tree)), issues: parsed.issues }
        }
        Kind::Tsconfig => {
            let parsed = json::parse(id, file.shared_text(), json::Dialect::Comments);
            let config = TsConfig::from_tree(file.path.clone(), &parsed.tree);
            Parsed { tree: Reading::Tsconfig(Box::new(config)), issues: parsed.issues }
        }
        Kind::HelmTemplate => clean(Reading::Template),
        Kind::Yaml => read_yaml(id, file),
        Kind::Json if file.path.name() == "nest-cli.json" => {
            let parsed = json::parse(id, file.shared_text(), json::Dialect::Comments);
            clean(Reading::Nest(Box::new(NestCli::from_tree(file.path.clone(), &parsed.tree))))
        }
        Kind::Json => {
            let parsed = yaml::parse_manifest(id, file.shared_text());
            let reading = as_manifest_or_data(parsed.tree);
            let is_manifest = matches!(reading, Reading::Manifest(_));
            Parsed { tree: reading, issues: if is_manifest { parsed.issues } else { Vec::new() } }
        }
        Kind::Script => clean(Reading::Script),
        Kind::Shell | Kind::Build | Kind::NodeVersion | Kind::Settings => clean(Reading::Text),
        Kind::Readme => clean(Reading::Readme),
        Kind::Sizes => {
            let parsed = Committed::read(id, file.shared_text());
            Parsed { tree: Reading::Sizes(Box::new(parsed.tree)), issues: parsed.issues }
        }
    }
}

/// YAML is many things: the name decides where it does, the contents decide the rest.
fn read_yaml(id: FileId, file: &SourceFile) -> Parsed<Reading> {
    let name = file.path.name();
    let is_kustomization = matches!(name, "kustomization.yaml" | "kustomization.yml" | "Kustomization");
    let is_compose = compose::is_compose_name(name);
    let is_ci = is_ci(file);
    let schema = match (is_compose, is_ci) {
        (true, _) => Schema::Compose,
        (_, true) => Schema::Core,
        _ => Schema::Kubernetes,
    };
    let mut parsed = yaml::parse(id, file.shared_text(), schema);
    if !parsed.issues.is_empty() && is_template(file.text()) {
        return Parsed { tree: Reading::Template, issues: Vec::new() };
    }
    let reading = if is_kustomization {
        Reading::Kustomization(Arc::new(parsed.tree))
    } else if is_compose || (!is_ci && compose::is_compose(&parsed.tree)) {
        parsed.tree.schema = Schema::Compose;
        Reading::Compose(Arc::new(parsed.tree))
    } else if is_ci {
        Reading::Data(Arc::new(parsed.tree))
    } else {
        as_manifest_or_data(parsed.tree)
    };
    // A broken file whose reader is not known may be no YAML at all for whoever reads it.
    let ours = is_ci || !matches!(reading, Reading::Data(_)) || looks_like_manifest(file.text());
    Parsed { tree: reading, issues: if ours { parsed.issues } else { Vec::new() } }
}

fn as_manifest_or_data(tree: Tree) -> Reading {
    let has_kind = |root: Ref<'_>| root.get("apiVersion").is_some() && root.get("kind").is_some();
    let is_skaffold = |root: Ref<'_>| {
        root.get("apiVersion").and_then(Ref::str).is_some_and(|version| version.starts_with("skaffold/"))
    };
    if tree.roots().any(has_kind) && !tree.roots().any(is_skaffold) {
        return Reading::Manifest(Arc::new(tree));
    }
    Reading::Data(Arc::new(tree))
}

fn looks_like_manifest(text: &str) -> bool {
    let has_line = |key: &str| text.lines().any(|line| line.starts_with(key));
    has_line("apiVersion:") && has_line("kind:")
}

/// Files that a CI system reads, by the paths that the systems document.
pub(super) fn is_ci(file: &SourceFile) -> bool {
    let path = file.path.as_str();
    // Deployments are kept under .github too: what looks like objects is no workflow.
    let in_workflows = path.starts_with(".github/") || path.contains("/.github/");
    (in_workflows && !looks_like_manifest(file.text()))
        || path.contains(".circleci/")
        || matches!(
            file.path.name(),
            ".gitlab-ci.yml"
                | ".travis.yml"
                | "azure-pipelines.yml"
                | "bitbucket-pipelines.yml"
                | "appveyor.yml"
                | "cloudbuild.yaml"
                | "cloudbuild.yml"
                | "buildspec.yml"
                | ".drone.yml"
        )
}

/// Text with the marks of a template engine (Go, Jinja, ERB, Mustache): `${{ }}` alone is GitHub's own.
fn is_template(text: &str) -> bool {
    text.match_indices("{{").any(|(at, _)| !text[..at].ends_with('$'))
        || text.contains("{%")
        || text.contains("<%")
}
