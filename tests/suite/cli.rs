//! The program as its users start it: exit statuses, formats, and that it neither runs nor fetches anything.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn plimsoll(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

fn shop() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/shop")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn the_example_tells_its_story() {
    let output = plimsoll(&shop(), &["check", "--as-of", "2026-11-20"]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    insta::assert_snapshot!("shop_human", stdout(&output));
    let output = plimsoll(&shop(), &["check", "--as-of", "2026-11-20", "--format", "concise"]);
    insta::assert_snapshot!("shop_concise", stdout(&output));
    let output = plimsoll(&shop(), &["check", "--as-of", "2026-11-20", "--format", "json"]);
    insta::assert_snapshot!("shop_json", crate::commands::without_fingerprints(&stdout(&output)));
}

#[test]
fn two_runs_say_the_same_bytes() {
    for format in ["human", "json", "checklist", "github", "markdown", "html"] {
        let said = || plimsoll(&shop(), &["check", "--format", format, "--as-of", "2026-11-20"]);
        let (once, twice) = (said(), said());
        assert_eq!(once.status.code(), Some(1), "{format}: {}", String::from_utf8_lossy(&once.stderr));
        assert!(!once.stdout.is_empty() && once.stdout == twice.stdout, "{format}");
    }
}

#[test]
fn each_format_is_described() {
    let help = stdout(&plimsoll(&shop(), &["check", "--help"]));
    let formats = help.split("--format <FORMAT>").nth(1).unwrap().split("--output").next().unwrap();
    let names = formats.lines().filter_map(|line| line.trim().strip_prefix("- ")?.split(':').next());
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/formats.md");
    let page = fs::read_to_string(page).unwrap();
    let missing: Vec<&str> = names.filter(|name| !page.contains(&format!("\n| `{name}` |"))).collect();
    assert_eq!(missing, [""; 0], "rows of docs/formats.md");
    assert!(formats.contains("- concise: "), "{formats}");
}

#[test]
fn exit_statuses_say_what_happened() {
    let empty = tempfile::tempdir().unwrap();
    let status = |folder: &Path, arguments: &[&str]| plimsoll(folder, arguments).status.code();
    assert_eq!(status(empty.path(), &["check"]), Some(0), "nothing to judge is no fault");
    assert_eq!(status(empty.path(), &["check", "missing"]), Some(2), "an unreadable root");
    assert_eq!(status(empty.path(), &["check", "--as-of", "yesterday"]), Some(2), "a bad flag");
    assert_eq!(status(empty.path(), &["explain", "no/such-rule"]), Some(2), "a rule that there is not");
    assert_eq!(status(empty.path(), &["explain", "image/root-user"]), Some(0));
    assert_eq!(status(empty.path(), &["rules"]), Some(0));
    fs::write(empty.path().join("Dockerfile"), "FROM node:22\nCMD [\"node\", \"a.js\"]\n").unwrap();
    let day = ["check", "--as-of", "2026-11-20"];
    assert_eq!(status(empty.path(), &day), Some(0), "warnings do not fail by default");
    assert_eq!(status(empty.path(), &[&day[..], &["--fail-on", "warning"]].concat()), Some(1));
    assert_eq!(
        status(empty.path(), &[&day[..], &["--fail-on", "warning", "--severity", "error"]].concat()),
        Some(1)
    );
}

#[test]
fn manifests_come_from_standard_input() {
    use std::io::Write;
    use std::process::Stdio;
    let mut child = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(["check", "-", "--format", "concise"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n    - name: a\n      image: a:1\n";
    child.stdin.take().unwrap().write_all(pod.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("stdin.yaml:7:13") && text.contains("container/resources-missing"), "{text}");
}

/// A project that would like to be run: hooks, scripts, substitutions, plugins.
fn hostile(folder: &Path) {
    let files = [
        (
            "package.json",
            r#"{"name":"a","scripts":{"preinstall":"touch owned","start":"$(touch owned)"},"dependencies":{"b":"http://127.0.0.1:9/b"}}"#,
        ),
        (
            "Dockerfile",
            "# syntax=127.0.0.1:9/evil\nFROM node:22\nADD http://127.0.0.1:9/x /x\nRUN `touch owned`\nCMD $(touch owned)\n",
        ),
        (
            "kustomization.yaml",
            "resources: [http://127.0.0.1:9/base]\ngenerators: [evil.yaml]\nhelmCharts: [{name: a, repo: http://127.0.0.1:9}]\n",
        ),
        (
            "evil.yaml",
            "apiVersion: v1\nkind: Evil\nmetadata: {name: a, annotations: {config.kubernetes.io/function: 'exec: {path: ./touch}'}}\n",
        ),
        (".yarnrc.yml", "yarnPath: ./evil.js\n"),
        ("evil.js", "require('fs').writeFileSync('owned', '')\n"),
        (".git/config", "[core]\n\tfsmonitor = touch owned\n"),
    ];
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

#[test]
fn nothing_is_executed_and_nothing_is_fetched() {
    if !Path::new("/usr/bin/strace").exists() {
        eprintln!("skipped: no strace to watch the system calls with");
        return;
    }
    let hostile_folder = tempfile::tempdir().unwrap();
    hostile(hostile_folder.path());
    for folder in [shop(), hostile_folder.path().to_path_buf()] {
        let trace = tempfile::NamedTempFile::new().unwrap();
        let output = Command::new("/usr/bin/strace")
            .args(["-f", "-qq", "-e", "trace=execve,execveat,connect,socket,sendto,bind", "-o"])
            .arg(trace.path())
            .arg(env!("CARGO_BIN_EXE_plimsoll"))
            .args(["check", "--format", "json", "--as-of", "2026-11-20"])
            .current_dir(&folder)
            .output()
            .unwrap();
        assert!(output.stdout.starts_with(b"{"), "{}", String::from_utf8_lossy(&output.stderr));
        let calls = fs::read_to_string(trace.path()).unwrap();
        let calls: Vec<&str> = calls.lines().filter(|line| !line.contains("+++ exited")).collect();
        // The first call is strace's own start of the program: it shows that the trace works.
        assert_eq!(calls.len(), 1, "{calls:#?}");
        assert!(calls[0].contains("execve("), "{calls:#?}");
    }
    assert!(!hostile_folder.path().join("owned").exists());
}

#[test]
fn the_configuration_is_read_and_judged() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("Dockerfile"), "FROM node:24-slim\nCMD [\"node\", \"a.js\"]\n").unwrap();
    let configure = |text: &str| fs::write(folder.path().join("plimsoll.yaml"), text).unwrap();
    let status = |arguments: &[&str]| plimsoll(folder.path(), arguments).status.code();
    configure("fail-on: warning\nas-of: 2026-11-20\n");
    assert_eq!(status(&["check"]), Some(1), "warnings fail");
    assert_eq!(status(&["check", "--fail-on", "error"]), Some(0), "a flag goes before it");
    assert_eq!(status(&["check", "--no-config"]), Some(0));
    configure("rulez: {}\n");
    let said = stdout(&plimsoll(folder.path(), &["check", "--format", "concise"]));
    assert!(said.contains("plimsoll.yaml:1:1: error[project/configuration] there is no key"), "{said}");
    configure("a: [\n");
    let broken = plimsoll(folder.path(), &["check"]);
    assert_eq!(broken.status.code(), Some(2), "no YAML at all");
    assert!(String::from_utf8_lossy(&broken.stderr).contains("plimsoll.yaml:"), "it says where");
}

#[test]
fn the_checklist_has_every_item_in_each_format() {
    let day = ["--as-of", "2026-11-20"];
    let table = stdout(&plimsoll(&shop(), &[&["checklist"][..], &day].concat()));
    assert!(table.contains("broken   SIGTERM is handled"), "{table}");
    let markdown = stdout(&plimsoll(&shop(), &[&["checklist", "--format", "markdown"][..], &day].concat()));
    assert!(markdown.contains("| ❌ | SIGTERM is handled | `src/server.js:"), "{markdown}");
    let json = stdout(&plimsoll(&shop(), &[&["checklist", "--format", "json"][..], &day].concat()));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let items = json["checklist"][0]["items"].as_array().unwrap();
    assert_eq!(items.len(), plimsoll::checklist::items().count());
    let check = stdout(&plimsoll(&shop(), &[&["check", "--format", "json"][..], &day].concat()));
    let check: serde_json::Value = serde_json::from_str(&check).unwrap();
    assert_eq!(check["checklist"], json["checklist"], "the report of check has the same one");
}

#[test]
fn one_fault_of_the_start_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("package.json", r#"{"name": "web", "private": true, "scripts": {"start": "node server.js"}}"#);
    write("server.js", "require('http').createServer((request, response) => response.end()).listen(3000);\n");
    let start_and_signals = |dockerfile: &str| -> Vec<String> {
        write("Dockerfile", dockerfile);
        let said =
            stdout(&plimsoll(folder.path(), &["check", "--as-of", "2026-11-20", "--format", "concise"]));
        let concerns = |line: &&str| line.contains("[run/") || line.contains("[image/shell-form-start]");
        said.lines().filter(concerns).map(str::to_owned).collect()
    };
    let debian = "FROM node:24-slim\nWORKDIR /app\nCOPY package.json server.js ./\nUSER node\n";
    for (start, who) in [("CMD npm start\n", "sh stays"), ("CMD [\"npm\", \"start\"]\n", "npm 11")] {
        let said = start_and_signals(&format!("{debian}{start}"));
        assert_eq!(said.len(), 2, "{said:#?}");
        assert!(said[0].contains(&format!("error[run/signal-lost] {who}")), "{said:#?}");
        assert!(said[1].contains("[run/sigterm-unhandled]"), "{said:#?}");
    }
    // Nothing is lost behind BusyBox: the longer chain is what remains to be said.
    let alpine = debian.replace("24-slim", "24-alpine");
    let said = start_and_signals(&format!("{alpine}CMD [\"npm\", \"start\"]\n"));
    assert_eq!(said.len(), 2, "{said:#?}");
    assert!(said[0].contains("warning[run/package-manager-start]"), "{said:#?}");
}

#[test]
fn the_readme_shows_what_is_said() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap().replace("\r\n", "\n");
    let output =
        plimsoll(&root.join("testdata/first"), &["check", "--as-of", "2026-11-20", "--format", "concise"]);
    let said = stdout(&output);
    assert!(readme.contains(&format!("```text\n{said}```\n")), "README.md does not show this:\n{said}");
    let dockerfile = fs::read_to_string(root.join("testdata/first/Dockerfile")).unwrap();
    assert!(
        readme.contains(&format!("```dockerfile\n{dockerfile}```\n")),
        "README.md shows another Dockerfile"
    );
}

#[test]
fn fixes_are_shown_and_written() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("report.yaml");
    let before = "apiVersion: batch/v1\nkind: CronJob\nmetadata:\n  name: report\nspec:\n  schedule: \"0 3 * * *\"\n  \
                  jobTemplate: {}\n";
    let written = "  schedule: \"0 3 * * *\"\n  concurrencyPolicy: Forbid\n";
    fs::write(&manifest, before).unwrap();
    let rule = ["--rule", "cron/concurrency-policy"];
    let shown = plimsoll(folder.path(), &[&["fix", "--diff"][..], &rule].concat());
    assert_eq!(shown.status.code(), Some(1), "something would change");
    assert!(stdout(&shown).contains("\n+  concurrencyPolicy: Forbid\n"), "{}", stdout(&shown));
    assert_eq!(fs::read_to_string(&manifest).unwrap(), before, "--diff writes nothing");
    let fixed = plimsoll(folder.path(), &[&["fix"][..], &rule].concat());
    assert_eq!(fixed.status.code(), Some(0));
    assert!(stdout(&fixed).contains("fixed 1 finding in 1 file"), "{}", stdout(&fixed));
    let after = fs::read_to_string(&manifest).unwrap();
    assert_eq!(after, before.replace("  schedule: \"0 3 * * *\"\n", written));
    let again = plimsoll(folder.path(), &[&["fix", "--diff"][..], &rule].concat());
    assert_eq!((again.status.code(), stdout(&again).as_str()), (Some(0), ""), "a second run changes nothing");
    let unknown = plimsoll(folder.path(), &["fix", "--rule", "no/such-rule"]);
    assert_eq!(unknown.status.code(), Some(2));
}
