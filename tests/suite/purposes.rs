//! What images, compose services and objects are for: small projects of `testdata/purposes`, each with a line of
//! `expected.txt` for everything in it, which names the purpose and what decided it.

use std::fs;
use std::path::{Path, PathBuf};

use plimsoll::model::Project;
use plimsoll::model::purpose::Purposes;
use plimsoll::source::ProjectPath;

#[test]
fn each_case_is_decided_by_what_it_shows() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/purposes");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 19, "{} cases", cases.len());
    for case in cases {
        let expected = fs::read_to_string(case.join("expected.txt")).unwrap();
        let mut files = Vec::new();
        read(&case, &case, &mut files);
        let found = decided(&Project::from_texts(files)).join("\n");
        assert_eq!(found, expected.trim_end(), "{}", case.display());
    }
}

/// The files of a case below `folder`.
fn read(case: &Path, folder: &Path, files: &mut Vec<(ProjectPath, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(case, &path, files);
        } else if path.file_name().is_some_and(|name| name != "expected.txt") {
            let inside = path.strip_prefix(case).unwrap().to_str().unwrap().replace('\\', "/");
            files.push((ProjectPath::new(&inside).unwrap(), fs::read_to_string(&path).unwrap()));
        }
    }
}

/// A line for each image, compose service and object, sorted.
fn decided(project: &Project) -> Vec<String> {
    let line = |what: String, purposes: &Purposes| {
        let why = purposes.evidence.first().map_or("assumed", |(why, _)| why.as_str());
        format!("{what}: {}, {why}", purposes.decided)
    };
    let images = project.images.iter().map(|image| {
        let target = image.target.as_ref().map_or(String::new(), |target| format!(" target {target}"));
        line(format!("image {}{target}", project.sources.file(image.dockerfile).path), &image.purpose)
    });
    let services = project.compose_services.iter().map(|service| {
        let file = &project.sources.file(service.file).path;
        line(format!("service {file} {}", service.facts.name.value), &service.purpose)
    });
    let objects = project.objects.iter().map(|object| {
        let (at, kind) = (&project.unit(object.unit).at, &object.facts.kind.value);
        let name = object.facts.name().known().cloned().unwrap_or_default();
        line(format!("object {at} {kind} {name}"), &object.purpose)
    });
    let mut lines: Vec<String> = images.chain(services).chain(objects).collect();
    lines.sort();
    lines
}
