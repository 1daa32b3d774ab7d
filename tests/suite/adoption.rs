//! How a team with old findings begins: the baseline, and what a branch changed, in real repositories of git.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const DAY: [&str; 4] = ["--as-of", "2026-11-20", "--severity", "warning"];

fn check(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .arg("check")
        .args(DAY)
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// `path rule` of each finding that is open, in order.
fn open(folder: &Path, arguments: &[&str]) -> Vec<String> {
    let output = check(folder, &[&["--format", "json"], arguments].concat());
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)));
    let findings = document["findings"].as_array().unwrap().iter();
    let open = findings.filter(|finding| finding["suppressed"].is_null() && finding["merged_into"].is_null());
    open.map(|finding| {
        let place = &finding["location"];
        format!(
            "{}:{} {}",
            place["path"].as_str().unwrap(),
            place["start"]["line"],
            finding["rule"].as_str().unwrap()
        )
    })
    .collect()
}

fn notes(folder: &Path, arguments: &[&str]) -> String {
    let output = check(folder, &[&["--format", "json"], arguments].concat());
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let notes = document["notes"].as_array().unwrap().iter();
    notes.map(|note| format!("{}\n", note["message"].as_str().unwrap())).collect()
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"])
        .args(["-c", "commit.gpgsign=false", "-c", "core.autocrlf=false", "-c", "protocol.file.allow=always"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", text(&output.stderr));
}

const WEB: &str = "FROM node:24-slim\nWORKDIR /app\nCOPY . .\nUSER node\nCMD [\"npm\", \"start\"]\n";
const PACKAGE: &str = "{\"name\": \"web\", \"scripts\": {\"start\": \"node server.js\"}}\n";
const SERVER: &str = "const server = require('node:http').createServer().listen(3000);\nprocess.on('SIGTERM', () => server.close(() => process.exit(0)));\n";
const OLD: &str = "FROM node:14\nCMD [\"node\", \"a.js\"]\n";

/// A repository with a service, and a second one with findings of old, on its branch `main`.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "-q"]);
    write(folder.path(), "web/Dockerfile", WEB);
    write(folder.path(), "web/package.json", PACKAGE);
    write(folder.path(), "web/server.js", SERVER);
    write(folder.path(), "old/Dockerfile", OLD);
    write(folder.path(), "old/a.js", "require('node:http').createServer().listen(3000);\n");
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-qm", "one"]);
    folder
}

fn branch(folder: &Path, files: &[(&str, &str)]) {
    git(folder, &["checkout", "-q", "-b", "change"]);
    files.iter().for_each(|(path, text)| write(folder, path, text));
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-qm", "two"]);
}

#[test]
fn what_is_in_the_baseline_is_not_counted_wherever_it_moves() {
    let folder = repository();
    let all = open(folder.path(), &[]);
    assert!(all.len() > 3, "{all:?}");
    assert_eq!(check(folder.path(), &["--fail-on", "warning"]).status.code(), Some(1));
    let written = check(folder.path(), &["--write-baseline", "--fail-on", "warning"]);
    assert_eq!(written.status.code(), Some(0), "{}", text(&written.stderr));
    assert!(
        text(&written.stderr).contains("findings in ./plimsoll.baseline.json"),
        "{}",
        text(&written.stderr)
    );
    assert_eq!(open(folder.path(), &[]), [""; 0]);
    assert_eq!(open(folder.path(), &["--no-baseline"]), all);
    let first = fs::read_to_string(folder.path().join("plimsoll.baseline.json")).unwrap();
    assert_eq!(first.lines().count(), first.matches("\"fingerprint\"").count() + 5, "a line each");

    write(
        folder.path(),
        "old/Dockerfile",
        &format!("# moved\n\n{}", OLD.replace("CMD", "EXPOSE 3000\n\n  CMD")),
    );
    assert_eq!(open(folder.path(), &[]), [""; 0], "lines may move");
    assert_eq!(notes(folder.path(), &[]), "");

    write(folder.path(), "new/Dockerfile", "FROM node:14\nCMD [\"node\", \"b.js\"]\n");
    let new = open(folder.path(), &[]);
    assert!(!new.is_empty() && new.iter().all(|finding| finding.starts_with("new/")), "{new:?}");
    check(folder.path(), &["--write-baseline"]);
    assert_eq!(open(folder.path(), &[]), [""; 0], "the old baseline does not hide what is written");
    fs::remove_dir_all(folder.path().join("new")).unwrap();
    assert!(notes(folder.path(), &[]).contains("of the baseline are gone"), "{}", notes(folder.path(), &[]));
    assert_eq!(notes(folder.path(), &["web/Dockerfile"]), "", "of one file nobody knows what else is gone");
    check(folder.path(), &["--write-baseline"]);
    assert_eq!(fs::read_to_string(folder.path().join("plimsoll.baseline.json")).unwrap(), first);
}

#[test]
fn a_baseline_that_cannot_be_read_is_an_error() {
    let folder = repository();
    let said = |arguments: &[&str]| {
        let output = check(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2));
        text(&output.stderr)
    };
    assert!(said(&["--baseline", "nowhere.json"]).contains("nowhere.json: there is no such file"));
    assert!(said(&["--write-baseline", "web/Dockerfile"]).contains("for a whole folder"));
    for (baseline, fault) in [
        ("{\n  \"version\": 1,\n", "line 3 column 0"),
        ("{\"version\": 2, \"findings\": []}", "version 2"),
        (
            "{\"version\": 1, \"findings\": [{\"path\": \"a\", \"rule\": \"b\", \"severity\": \"info\", \"fingerprint\": \"c\", \"message\": \"d\"}]}",
            "\"c\" is no fingerprint",
        ),
    ] {
        write(folder.path(), "plimsoll.baseline.json", baseline);
        let said = said(&[]);
        assert!(said.contains("plimsoll.baseline.json: ") && said.contains(fault), "{said}");
    }
}

#[test]
fn a_branch_answers_for_what_it_brought_and_touched() {
    let folder = repository();
    let since = ["--changed-since", "main"];
    assert_eq!(open(folder.path(), &since), [""; 0], "nothing has changed");
    assert!(notes(folder.path(), &since).contains("not printed"));

    // Nobody edited the CMD, and it is what runs as root now.
    branch(folder.path(), &[("web/Dockerfile", &WEB.replace("USER node\n", ""))]);
    let brought = open(folder.path(), &since);
    assert!(brought.iter().any(|finding| finding.ends_with("image/root-user")), "{brought:?}");
    assert!(brought.iter().all(|finding| finding.starts_with("web/Dockerfile:")), "{brought:?}");
    assert!(brought.iter().all(|finding| !finding.contains("run/")), "npm was there before: {brought:?}");

    // A finding about the Dockerfile has part in the script that was edited.
    git(folder.path(), &["checkout", "-q", "main"]);
    git(folder.path(), &["branch", "-qD", "change"]);
    branch(folder.path(), &[("web/package.json", &PACKAGE.replace("node server.js", "node  server.js"))]);
    let touched = open(folder.path(), &since);
    assert!(touched.iter().any(|finding| finding.starts_with("web/Dockerfile:5 run/")), "{touched:?}");
    assert!(touched.iter().all(|finding| finding.starts_with("web/")), "{touched:?}");

    // What main did meanwhile is not this branch's.
    git(folder.path(), &["checkout", "-q", "main"]);
    write(folder.path(), "old/Dockerfile", "FROM node:14\n");
    git(folder.path(), &["commit", "-qam", "three"]);
    git(folder.path(), &["checkout", "-q", "change"]);
    assert_eq!(open(folder.path(), &since), touched);
    assert_eq!(open(&folder.path().join("web"), &since).len(), touched.len(), "a folder of the repository");
}

#[test]
fn what_is_not_committed_has_changed_too() {
    let folder = repository();
    let names = ["new/Dockerfile", "odd \"name\"\n\u{e4}/Dockerfile"];
    names.iter().for_each(|name| write(folder.path(), name, "FROM node:14\nCMD [\"node\", \"b.js\"]\n"));
    let found = open(folder.path(), &["--changed-since", "HEAD"]);
    assert!(names.iter().all(|name| found.iter().any(|finding| finding.starts_with(name))), "{found:?}");
    assert!(found.iter().all(|finding| !finding.starts_with("old/")), "{found:?}");
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-qm", "two"]);
    let found = open(folder.path(), &["--changed-since", "HEAD~1"]);
    assert!(names.iter().all(|name| found.iter().any(|finding| finding.starts_with(name))), "{found:?}");
}

#[test]
fn everything_is_told_when_nobody_knows_what_changed() {
    let folder = repository();
    let all = open(folder.path(), &[]);
    let since = ["--changed-since", "origin/nowhere"];
    assert_eq!(open(folder.path(), &since), all);
    assert!(notes(folder.path(), &since).contains("origin/nowhere is not here"));
    assert_eq!(open(folder.path(), &["--changed-since=--output=x"]), all, "no word is a flag of git's");

    branch(folder.path(), &[("new/Dockerfile", "FROM node:14\n")]);
    let clone = tempfile::tempdir().unwrap();
    let origin = format!("file://{}", folder.path().display());
    git(clone.path(), &["clone", "-q", "--depth=1", "--no-single-branch", &origin, "."]);
    let notes_of_clone = notes(clone.path(), &["--changed-since", "origin/main"]);
    assert!(notes_of_clone.contains("the history that joins"), "{notes_of_clone}");

    fs::remove_dir_all(folder.path().join(".git")).unwrap();
    assert!(notes(folder.path(), &["--changed-since", "main"]).contains("no repository"));
}

#[test]
fn nothing_that_a_repository_configures_is_run() {
    let folder = repository();
    write(folder.path(), ".gitattributes", "* filter=evil diff=evil\n");
    let owned = folder.path().join("owned");
    let touch = format!("touch {}", owned.display());
    for key in [
        "core.fsmonitor",
        "filter.evil.clean",
        "filter.evil.process",
        "diff.evil.textconv",
        "diff.evil.command",
        "diff.external",
    ] {
        git(folder.path(), &["config", key, &touch]);
    }
    git(folder.path(), &["config", "filter.evil.required", "true"]);
    #[cfg(unix)]
    {
        let mut config = fs::read(folder.path().join(".git/config")).unwrap();
        config.extend(
            b"[filter \"x\xff\"]\n\tclean = touch "
                .iter()
                .chain(touch.trim_start_matches("touch ").as_bytes()),
        );
        config.push(b'\n');
        fs::write(folder.path().join(".git/config"), config).unwrap();
        fs::write(folder.path().join("old/.gitattributes"), b"* filter=x\xff\n").unwrap();
    }
    // As large as before, so that git has to look into it.
    write(folder.path(), "old/Dockerfile", &OLD.replace("14", "16"));
    let found = open(folder.path(), &["--changed-since", "HEAD"]);
    assert!(found.iter().any(|finding| finding.starts_with("old/Dockerfile:1 ")), "{found:?}");
    assert!(!owned.exists());
}

fn init(folder: &Path, arguments: &[&str]) -> Output {
    let plimsoll = env!("CARGO_BIN_EXE_plimsoll");
    Command::new(plimsoll).arg("init").args(arguments).current_dir(folder).output().unwrap()
}

#[test]
fn a_team_begins_and_loses_nothing() {
    let folder = repository();
    let first = init(folder.path(), &[]);
    assert_eq!(first.status.code(), Some(0), "{}", text(&first.stderr));
    let said = text(&first.stdout);
    assert!(said.contains("plimsoll.yaml is written\n"), "{said}");
    assert!(said.contains(".github/workflows/plimsoll.yml is written\n"), "{said}");
    assert!(said.contains("--write-baseline"), "{said}");
    assert!(open(folder.path(), &[]).iter().all(|finding| !finding.contains("project/configuration")));

    write(folder.path(), "plimsoll.yaml", "fail-on: info\n");
    let second = text(&init(folder.path(), &["--baseline"]).stdout);
    assert_eq!(second.matches("stays as it is").count(), 2, "{second}");
    assert_eq!(fs::read_to_string(folder.path().join("plimsoll.yaml")).unwrap(), "fail-on: info\n");
    assert_eq!(open(folder.path(), &[]), [""; 0], "{second}");
    let third = text(&init(folder.path(), &["--baseline"]).stdout);
    assert!(third.contains("plimsoll.baseline.json is there already"), "{third}");

    let inside = init(&folder.path().join("web"), &["--ci", "github"]);
    assert!(text(&inside.stdout).contains("workflows belong into"), "{}", text(&inside.stdout));
    assert!(!folder.path().join("web/.github").exists());
    assert_eq!(init(folder.path(), &["nowhere"]).status.code(), Some(2));
}

const WORKLOADS: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: NAME, labels: {app: NAME}}\nspec:\n  replicas: 1\n  selector: {matchLabels: {app: NAME}}\n  template:\n    metadata: {labels: {app: NAME}}\n    spec:\n      containers:\n        - {name: NAME, image: 'nginx:1.29'}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: NAME}\nspec:\n  selector: {app: NAME}\n  ports: [{port: 80}]\n";

#[test]
fn each_of_those_that_a_finding_joins_is_known_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "-q"]);
    let workload = |name: &str, replicas: &str| {
        let text = WORKLOADS.replace("NAME", name).replace("replicas: 1", &format!("replicas: {replicas}"));
        write(folder.path(), &format!("{name}.yaml"), &text);
    };
    let single = |arguments: &[&str]| -> Vec<String> {
        let all = open(folder.path(), arguments);
        all.into_iter().filter(|finding| finding.ends_with("workload/single-replica")).collect()
    };
    write(folder.path(), "plimsoll.yaml", "rules: {workload/single-replica: warning}\n");
    ["a", "b"].iter().for_each(|name| workload(name, "1"));
    workload("c", "2");
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-qm", "one"]);
    assert_eq!(single(&[]), ["a.yaml:5 workload/single-replica"]);
    check(folder.path(), &["--write-baseline"]);
    workload("c", "1");
    assert_eq!(single(&[]).len(), 1, "one more is news to the baseline");
    assert_eq!(
        single(&["--no-baseline", "--changed-since", "HEAD"]).len(),
        1,
        "and to those who look at the change"
    );
    workload("c", "2");
    workload("a", "2");
    assert_eq!(single(&[]), [""; 0], "what is left was there before");
    assert_eq!(single(&["--no-baseline", "--changed-since", "HEAD"]), [""; 0]);
}

#[test]
fn what_becomes_worse_counts_again() {
    let folder = repository();
    check(folder.path(), &["--write-baseline"]);
    let configuration = "rules:\n  image/node-eol: error\n  image/root-user: error\n";
    write(folder.path(), "plimsoll.yaml", configuration);
    let worse = open(folder.path(), &[]);
    assert!(worse.iter().any(|finding| finding.starts_with("old/Dockerfile:1 image/")), "{worse:?}");
}

#[test]
fn a_folder_of_a_repository_has_the_names_of_the_whole() {
    let folder = repository();
    check(folder.path(), &["--write-baseline"]);
    let whole = fs::read_to_string(folder.path().join("plimsoll.baseline.json")).unwrap();
    assert_eq!(open(folder.path(), &["old"]), [""; 0]);
    assert_eq!(open(&folder.path().join("old"), &[]), [""; 0]);
    assert_eq!(notes(folder.path(), &["old"]), "", "what is not judged is not gone");
    assert_eq!(notes(folder.path(), &["--exclude", "old"]), "");
    check(&folder.path().join("old"), &["--write-baseline"]);
    assert_eq!(fs::read_to_string(folder.path().join("plimsoll.baseline.json")).unwrap(), whole);
    assert!(!folder.path().join("old/plimsoll.baseline.json").exists());
    let print = |arguments: &[&str]| {
        let output = check(folder.path(), &[&["--format", "gitlab", "--no-baseline"], arguments].concat());
        let all: Value = serde_json::from_slice(&output.stdout).unwrap();
        let all = all.as_array().unwrap().clone();
        all.iter()
            .map(|one| format!("{} {}", one["location"]["path"], one["fingerprint"]))
            .collect::<Vec<_>>()
    };
    let (whole, part) = (print(&[]), print(&["old"]));
    assert!(!part.is_empty() && part.iter().all(|one| whole.contains(one)), "{part:?} {whole:?}");
}

#[test]
fn a_hook_that_names_another_repository_changes_nothing() {
    let folder = repository();
    let output = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(["check", "--format", "concise", "--changed-since", "HEAD", "web"])
        .current_dir(folder.path())
        .env("GIT_DIR", folder.path().join(".git"))
        .env("GIT_INDEX_FILE", "/nowhere")
        .output()
        .unwrap();
    assert_eq!(
        (text(&output.stdout).as_str(), output.status.code()),
        ("", Some(0)),
        "{}",
        text(&output.stderr)
    );
    let output = check(folder.path(), &["--format", "concise", "--changed-since", "nowhere"]);
    assert!(text(&output.stderr).contains("note: all findings are printed"), "{}", text(&output.stderr));
    let both = check(folder.path(), &["--fix", "--changed-since", "HEAD"]);
    assert_eq!(both.status.code(), Some(2));
}
