//! What plimsoll is delivered with: the image, the hook of pre-commit, and the scripts of a release.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder with these files of the repository.
fn copied(files: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        let to = folder.path().join(file);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(top().join(file), to).unwrap();
    }
    folder
}

fn run(program: &Path, arguments: &[&str], folder: &Path) -> Output {
    Command::new(program).args(arguments).current_dir(folder).env_remove("TAG").output().unwrap()
}

#[test]
fn the_image_of_plimsoll_is_clean_under_plimsoll() {
    let folder = copied(&["Dockerfile"]);
    let output =
        run(Path::new(env!("CARGO_BIN_EXE_plimsoll")), &["check", "--fail-on", "info"], folder.path());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_hook_starts_for_what_plimsoll_reads() {
    let hooks = fs::read_to_string(top().join(".pre-commit-hooks.yaml")).unwrap();
    let pattern = hooks.lines().find_map(|line| line.trim_start().strip_prefix("files: ")).unwrap();
    let files = regex::Regex::new(pattern).unwrap();
    for path in [
        "Dockerfile",
        "a/Dockerfile.prod",
        "docker/api.dockerfile",
        "Containerfile",
        ".dockerignore",
        "compose.yaml",
        "k8s/a.yml",
        "kustomization",
        "package.json",
        "yarn.lock",
        "bun.lockb",
        "bun.lock",
        ".nvmrc",
        "Makefile",
        "docker-bake.hcl",
        "src/server.mjs",
        "src/app.tsx",
        "start.sh",
    ] {
        assert!(files.is_match(path), "{path}");
    }
    for path in ["README.md", "docs/yaml.txt", "main.rs", "logo.svg", "a.lock"] {
        assert!(!files.is_match(path), "{path}");
    }
}

/// The scripts of a release are for Unix machines.
#[cfg(unix)]
#[test]
fn every_package_has_the_version_of_the_crate() {
    let output = run(&top().join("scripts/release-version"), &[], top());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), env!("CARGO_PKG_VERSION"));
}

#[cfg(unix)]
#[test]
fn the_checksums_of_a_release_are_entered_and_verified() {
    let scripts = ["scripts/release-checksums", "scripts/release-verify", "action/checksums.txt"];
    let folder = copied(&scripts);
    let at = |path: &str| folder.path().join(path);
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
        let arguments = [&identity, arguments].concat();
        let output = run(Path::new("git"), &arguments, folder.path());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let entered = |version: &str| {
        assert!(run(&at("scripts/release-checksums"), &[version, "dist"], folder.path()).status.success());
        fs::read_to_string(at("action/checksums.txt")).unwrap()
    };
    let verified = || {
        let output = run(&at("scripts/release-verify"), &["v1.0.0", "dist"], folder.path());
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    fs::write(at(".gitignore"), "dist\n").unwrap();
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "What is compiled"]);
    fs::create_dir(at("dist")).unwrap();
    fs::write(at("dist/commit.txt"), git(&["rev-parse", "HEAD"])).unwrap();
    fs::write(at("dist/plimsoll-a.tar.gz"), "a").unwrap();
    fs::write(at("dist/plimsoll-b.tar.gz"), "b").unwrap();
    assert!(verified().1.contains("no row of v1.0.0"), "{verified:?}", verified = verified());

    entered("0.9.0");
    let list = entered("v1.0.0");
    let rows: Vec<&str> = list.lines().filter(|line| !line.starts_with('#')).collect();
    let names: Vec<&str> = rows.iter().filter_map(|row| row.split("  ").nth(1)).collect();
    let expected = ["v1.0.0/plimsoll-a", "v1.0.0/plimsoll-b", "v0.9.0/plimsoll-a", "v0.9.0/plimsoll-b"];
    assert_eq!(names, expected.map(|name| format!("{name}.tar.gz")));
    assert_eq!(entered("1.0.0"), list, "a second run changes nothing");
    git(&["commit", "-q", "-a", "-m", "Checksums"]);
    assert_eq!(verified(), (true, String::new()));

    fs::write(at("dist/plimsoll-c.tar.gz"), "c").unwrap();
    assert!(verified().1.contains("no row of v1.0.0/plimsoll-c"));
    fs::remove_file(at("dist/plimsoll-c.tar.gz")).unwrap();
    fs::write(at("dist/plimsoll-b.tar.gz"), "changed").unwrap();
    assert!(!verified().0);
    fs::write(at("dist/plimsoll-b.tar.gz"), "b").unwrap();
    fs::write(at("code"), "changed").unwrap();
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "Code"]);
    assert!(verified().1.contains("more has changed"));
}
