//! The native reading of kustomizations against what kustomize itself makes of them: own cases with committed
//! outputs, the installed `kubectl kustomize`, and every kustomization of the corpus.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use plimsoll::facts::object::objects;
use plimsoll::facts::object::value::{Data, Is, Value};
use plimsoll::model::kustomize::{Build, Files, build, is_kustomization_name};
use plimsoll::source::{FileId, ProjectPath, SourceFile, Sources, Span};
use plimsoll::syntax::tree::Tree;
use plimsoll::syntax::yaml;
use rustc_hash::FxHashMap;

/// A folder as a project: every file that is text.
struct Project {
    sources: Sources,
    trees: FxHashMap<FileId, Arc<Tree>>,
}

impl Project {
    fn read(root: &Path) -> Project {
        let mut sources = Sources::default();
        let mut open = vec![root.to_path_buf()];
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                let path = entry.path();
                let kind = entry.file_type().unwrap();
                if kind.is_dir() && entry.file_name() != ".git" && entry.file_name() != "node_modules" {
                    open.push(path);
                } else if kind.is_file() && entry.metadata().unwrap().len() < 1 << 20 {
                    let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                    let name = ProjectPath::new(&name).unwrap();
                    match std::fs::read_to_string(&path) {
                        Ok(text) => drop(sources.add(SourceFile::new(name, text))),
                        Err(_) => sources.list(name),
                    }
                }
            }
        }
        let mut trees = FxHashMap::default();
        for (id, file) in sources.iter() {
            let known = matches!(file.path.extension(), Some("yaml" | "yml" | "json"));
            if known || is_kustomization_name(file.path.name()) {
                trees.insert(id, Arc::new(yaml::parse_manifest(id, file.shared_text()).tree));
            }
        }
        Project { sources, trees }
    }

    fn files(&self) -> Files<'_> {
        Files { sources: &self.sources, trees: &self.trees }
    }

    fn kustomizations(&self) -> Vec<(ProjectPath, FileId)> {
        let named = self.sources.iter().filter(|(_, file)| is_kustomization_name(file.path.name()));
        let mut found: Vec<_> = named.map(|(id, file)| (file.path.clone(), id)).collect();
        found.sort();
        found
    }
}

/// A value without its bytes, in a form that does not depend on the order of keys. Null is the same as absent.
fn canonical(value: &Value) -> String {
    match &value.data {
        Data::Scalar(scalar) => match scalar.is {
            Is::Int(number) => format!("{number}"),
            Is::Float(number) => format!("{number}"),
            Is::Bool(is) => format!("{is}"),
            Is::Null => "null".to_owned(),
            Is::Text | Is::Unknown(_) => format!("{:?}", scalar.text),
        },
        Data::Seq(items) => {
            format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(", "))
        }
        Data::Map(fields) => {
            let mut fields: Vec<String> = fields
                .iter()
                .filter(|field| !field.value.is_null())
                .map(|field| format!("{:?}: {}", field.key, canonical(&field.value)))
                .collect();
            fields.sort();
            format!("{{{}}}", fields.join(", "))
        }
    }
}

/// Objects by what they are called.
fn by_name<'v>(roots: impl Iterator<Item = &'v Value>) -> BTreeMap<String, Vec<String>> {
    let mut map: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for root in roots {
        let text = |path: &[&str]| root.at(path).and_then(Value::scalar).map_or("", |scalar| &scalar.text);
        let name = format!(
            "{} {} {}/{}",
            text(&["apiVersion"]),
            text(&["kind"]),
            text(&["metadata", "namespace"]),
            text(&["metadata", "name"])
        );
        map.entry(name).or_default().push(canonical(root));
    }
    map.values_mut().for_each(|objects| objects.sort());
    map
}

/// The objects that a text of kustomize holds.
fn expected(text: &str) -> BTreeMap<String, Vec<String>> {
    let tree = Arc::new(yaml::parse_manifest(FileId(0), Arc::from(text)).tree);
    let objects = objects(&tree);
    by_name(objects.iter().map(|object| &object.root))
}

fn built(build: &Build) -> BTreeMap<String, Vec<String>> {
    by_name(build.objects.iter().map(|object| &object.root))
}

/// What is different, in words; empty when nothing is.
fn differences(ours: &BTreeMap<String, Vec<String>>, theirs: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut found = Vec::new();
    for (name, objects) in theirs {
        match ours.get(name) {
            None => found.push(format!("missing: {name}")),
            Some(own) if own != objects => {
                found.push(format!("differs: {name}\n  ours   {own:?}\n  theirs {objects:?}"))
            }
            Some(_) => {}
        }
    }
    found.extend(
        ours.keys().filter(|name| !theirs.contains_key(*name)).map(|name| format!("only ours: {name}")),
    );
    found
}

/// What the installed kustomize makes of a folder; `Err` with what it says when it refuses.
/// What was compared is what kustomize 5.5 does: a kubectl with another one may rightly differ.
fn has_our_kubectl() -> bool {
    let version = Command::new("kubectl").args(["version", "--client"]).output();
    version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("Kustomize Version: v5.5."))
}

fn kubectl(folder: &Path) -> Option<Result<String, String>> {
    let unrestricted = ["kustomize", "--load-restrictor", "LoadRestrictionsNone"];
    let output = Command::new("kubectl").args(unrestricted).arg(folder).output().ok()?;
    Some(match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    })
}

/// Every value's bytes lie in a file of the project.
fn check_spans(value: &Value, sources: &Sources) {
    let check = |span: Span| {
        let text = sources.file(span.file).text();
        assert!(text.get(span.range()).is_some(), "{span:?} of {}", sources.file(span.file).path);
    };
    check(value.span);
    for field in value.fields() {
        check(field.key_span);
        check_spans(&field.value, sources);
    }
    value.items().iter().for_each(|item| check_spans(item, sources));
}

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/kustomize");
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir(root).unwrap().flatten().map(|entry| entry.path()).collect();
    cases.sort();
    cases
}

/// A case's kustomization is at its root or in `overlay`.
fn entry_of(case: &Path) -> &'static str {
    if case.join("overlay").is_dir() { "overlay" } else { "" }
}

fn build_case(project: &Project, entry: &str) -> Build {
    let folder = ProjectPath::new(entry).unwrap();
    let (_, id) = project
        .kustomizations()
        .into_iter()
        .find(|(path, _)| path.parent().as_ref() == Some(&folder))
        .unwrap();
    build(&project.files(), id)
}

#[test]
fn own_cases_are_built_as_kustomize_builds_them() {
    let cases = cases();
    assert!(cases.len() >= 30, "{} cases", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        let project = Project::read(&case);
        let build = build_case(&project, entry_of(&case));
        let theirs = expected(&std::fs::read_to_string(case.join("expected.yaml")).unwrap());
        assert!(!theirs.is_empty(), "{}", case.display());
        assert!(build.outside.is_empty() && build.rest.is_ok(), "{}: {:?}", case.display(), build.notes);
        build.objects.iter().for_each(|object| check_spans(&object.root, &project.sources));
        for difference in differences(&built(&build), &theirs) {
            wrong.push(format!("{}: {difference}", case.file_name().unwrap().display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_installed_kustomize_says_what_is_committed() {
    if !has_our_kubectl() {
        return eprintln!("skipped: kubectl with kustomize 5.5 is not installed");
    }
    for case in cases() {
        let Some(live) = kubectl(&case.join(entry_of(&case))) else { panic!("kubectl does not start") };
        let live = expected(&live.unwrap_or_else(|refused| panic!("{}: {refused}", case.display())));
        let committed = expected(&std::fs::read_to_string(case.join("expected.yaml")).unwrap());
        assert_eq!(differences(&committed, &live), Vec::<String>::new(), "{}", case.display());
    }
}

#[test]
fn kustomizations_of_the_corpus_are_equal() {
    let Ok(corpus) = std::env::var("PLIMSOLL_CORPUS") else {
        return eprintln!("skipped: PLIMSOLL_CORPUS is not set");
    };
    if !has_our_kubectl() {
        return eprintln!("skipped: kubectl with kustomize 5.5 is not installed");
    }
    let (mut equal, mut outside, mut refused, mut different) = (0, 0, 0, Vec::new());
    for root in corpus.split(':') {
        let mut repositories: Vec<PathBuf> =
            std::fs::read_dir(root).unwrap().flatten().map(|entry| entry.path()).collect();
        repositories.retain(|path| path.is_dir());
        repositories.sort();
        for repository in repositories {
            let project = Project::read(&repository);
            for (path, id) in project.kustomizations() {
                let build = build(&project.files(), id);
                build.objects.iter().for_each(|object| check_spans(&object.root, &project.sources));
                if !build.outside.is_empty() {
                    outside += 1;
                    continue;
                }
                let Some(Ok(theirs)) = kubectl(&repository.join(path.parent().unwrap().as_str())) else {
                    refused += 1;
                    continue;
                };
                let found = differences(&built(&build), &expected(&theirs));
                if found.is_empty() {
                    equal += 1;
                } else {
                    different.push(format!("{} {path}:\n{}", repository.display(), found.join("\n")));
                }
            }
        }
    }
    eprintln!(
        "kustomizations: {equal} equal, {outside} outside of the subset, {refused} refused by kustomize, {} different",
        different.len()
    );
    assert!(different.is_empty(), "{}", different.join("\n\n"));
}

/// A case with a few bytes of a few files changed, built in a small stack.
#[test]
fn mutated_cases_never_panic() {
    let rounds: u64 = std::env::var("PLIMSOLL_FUZZ").ok().and_then(|text| text.parse().ok()).unwrap_or(2_000);
    let projects: Vec<Project> = cases().iter().map(|case| Project::read(case)).collect();
    let pieces = [
        "[",
        "{",
        "- ",
        ": ",
        "../",
        "*a",
        "&a ",
        "{{ x }}",
        "null",
        "\n",
        "$patch: delete",
        "'",
        "é",
        "/-",
        "~1",
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    let work = move || {
        for round in 0..rounds {
            let mut mutated = Project { sources: Sources::default(), trees: FxHashMap::default() };
            for (_, file) in projects[round as usize % projects.len()].sources.iter() {
                let mut text: Vec<char> = file.text().chars().collect();
                let at = random(text.len());
                match random(5) {
                    0 => drop(text.drain(at..(at + 1 + random(12)).min(text.len()))),
                    1 => drop(text.splice(at..at, pieces[random(pieces.len())].chars())),
                    _ => {}
                }
                let text: String = text.into_iter().collect();
                mutated.sources.add(SourceFile::new(file.path.clone(), text));
            }
            for (id, file) in mutated.sources.iter() {
                mutated.trees.insert(id, Arc::new(yaml::parse_manifest(id, file.shared_text()).tree));
            }
            for (_, id) in mutated.kustomizations() {
                let build = build(&mutated.files(), id);
                build.objects.iter().for_each(|object| check_spans(&object.root, &mutated.sources));
                build.objects.iter().for_each(|object| drop(object.workload()));
            }
        }
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
}

#[test]
fn copies_of_a_patch_do_not_blow_up() {
    let mut patch = String::new();
    for step in 0..200 {
        patch.push_str(&format!("- {{op: copy, from: /spec, path: /spec/a{step}}}\n"));
    }
    let mut sources = Sources::default();
    let kustomization = "resources: [pod.yaml]\npatches: [{path: patch.yaml, target: {kind: Pod}}]\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: []}\n";
    for (path, text) in [("kustomization.yaml", kustomization), ("pod.yaml", pod), ("patch.yaml", &patch)] {
        sources.add(SourceFile::new(ProjectPath::new(path).unwrap(), text));
    }
    let trees =
        sources.iter().map(|(id, file)| (id, Arc::new(yaml::parse_manifest(id, file.shared_text()).tree)));
    let trees = trees.collect();
    let build = build(&Files { sources: &sources, trees: &trees }, FileId(0));
    assert!(build.notes.iter().any(|note| note.message.contains("cannot be applied")), "{:?}", build.notes);
}
