//! Real repositories, those in the folders of PLIMSOLL_CORPUS: each is checked to the end, the same each time, and no
//! file that matters is lost on the way without a word.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use plimsoll::discover::{Options, discover};
use plimsoll::model::read::{Files, Reading, read};
use plimsoll::source::{FileId, ProjectPath};

pub(crate) fn repositories() -> Vec<PathBuf> {
    let Some(folders) = std::env::var_os("PLIMSOLL_CORPUS") else {
        eprintln!("skipped: PLIMSOLL_CORPUS names no folder of repositories");
        return Vec::new();
    };
    let mut found: Vec<PathBuf> =
        std::env::split_paths(&folders).flat_map(|folder| folders_of(&folder)).collect();
    found.sort();
    assert!(!found.is_empty(), "no repository in {}", folders.display());
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn folders_of(folder: &Path) -> Vec<PathBuf> {
    entries(folder).into_iter().filter(|path| path.is_dir()).collect()
}

fn check(repository: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(["check", "--format", "json", "--as-of", "2026-11-20", "."])
        .current_dir(repository)
        .output()
        .unwrap()
}

#[test]
fn every_repository_is_checked_to_the_end() {
    let mut faults = Vec::new();
    for (number, repository) in repositories().iter().enumerate() {
        let output = check(repository);
        let errors = String::from_utf8_lossy(&output.stderr);
        let name = repository.display();
        if !matches!(output.status.code(), Some(0 | 1)) || errors.contains("panicked") {
            faults.push(format!("{name}: {}: {errors}", output.status));
        }
        match serde_json::from_slice::<serde_json::Value>(&output.stdout) {
            Ok(report) if report["findings"].is_array() => {}
            _ => faults.push(format!("{name}: not a report in JSON")),
        }
        if number < 3 && check(repository).stdout != output.stdout {
            faults.push(format!("{name}: a second run says something else"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_file_is_lost() {
    let options = Options { gitignore: false, ..Options::default() };
    let mut lost = Vec::new();
    for repository in repositories() {
        let files = read(discover(&repository, &options).unwrap());
        for path in walked(&repository) {
            let project_path = project_path(&repository, &path);
            let Some(wanted) = wanted(&path) else { continue };
            let told = files.sources.find(&project_path).is_some_and(|id| is_told(&files, id, wanted));
            if !told {
                lost.push(format!("{}: not read as {wanted:?}", path.display()));
            }
        }
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

/// What a file must be read as.
#[derive(Clone, Copy, Debug)]
enum Wanted {
    Dockerfile,
    Compose,
    Kustomization,
    Package,
    Manifest,
}

/// By names and first lines alone, in plain words, so that it errs in other places than the walk that it judges.
fn wanted(path: &Path) -> Option<Wanted> {
    let name = path.file_name()?.to_str()?;
    let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
    let suffixes = [
        "dev",
        "prod",
        "production",
        "test",
        "build",
        "base",
        "ci",
        "local",
        "alpine",
        "debian",
        "node",
        "web",
    ];
    let is_dockerfile = matches!(name, "Dockerfile" | "Containerfile")
        || name.ends_with(".Dockerfile")
        || name.ends_with(".dockerfile")
        || name.strip_prefix("Dockerfile.").is_some_and(|suffix| suffixes.contains(&suffix));
    match name {
        _ if is_dockerfile => Some(Wanted::Dockerfile),
        "package.json" => Some(Wanted::Package),
        "kustomization.yaml" | "kustomization.yml" | "Kustomization" => Some(Wanted::Kustomization),
        "compose.yaml" | "compose.yml" => Some(Wanted::Compose),
        _ if is_yaml && name.starts_with("docker-compose") => Some(Wanted::Compose),
        _ if is_yaml && is_manifest(path) => Some(Wanted::Manifest),
        _ => None,
    }
}

fn is_manifest(path: &Path) -> bool {
    let Ok(text) = fs::read_to_string(path) else { return true };
    let has = |start: &str| text.lines().any(|line| line.starts_with(start));
    // Skaffold borrows the two keys for a file that no cluster ever sees.
    has("apiVersion: ") && has("kind: ") && !has("apiVersion: skaffold/")
}

/// True when the file was read as what it is, or when an issue or a note says that it was not.
fn is_told(files: &Files, id: FileId, wanted: Wanted) -> bool {
    let folder = |id| files.sources.file(id).path.parent();
    let in_issue = files.issues.iter().any(|issue| issue.span.file == id);
    match (wanted, files.reading(id)) {
        (_, Reading::Template) => {
            let mut spans = files.notes.iter().filter_map(|note| note.span);
            spans.any(|span| folder(span.file) == folder(id))
        }
        (Wanted::Dockerfile, Reading::Dockerfile(_))
        | (Wanted::Compose, Reading::Compose(_))
        | (Wanted::Kustomization, Reading::Kustomization(_))
        | (Wanted::Package, Reading::Package(..))
        // A component of kustomize has the keys of an object.
        | (Wanted::Manifest, Reading::Manifest(_) | Reading::Kustomization(_)) => true,
        _ => in_issue,
    }
}

fn project_path(root: &Path, path: &Path) -> ProjectPath {
    let relative = path.strip_prefix(root).unwrap();
    let parts: Vec<&str> = relative.components().map(|part| part.as_os_str().to_str().unwrap()).collect();
    ProjectPath::new(&parts.join("/")).unwrap()
}

/// All files below a folder, without what others wrote and what git keeps.
fn walked(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(folder) = open.pop() {
        for path in entries(&folder) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_symlink() || matches!(&*name, ".git" | "node_modules" | ".yarn") {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else if path.is_file() {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
