//! The GitHub Action, run as GitHub's runner runs it: the steps of `action.yml` with bash, a release that is served on this
//! machine, and the program under test in it. Where bash, curl or tar is missing, the tests say so and pass.

mod release;
mod runner;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use release::{Release, target};
use runner::{Run, Runner};

const PROGRAM: &str = env!("CARGO_BIN_EXE_plimsoll");

/// True, with a word on it, where the action cannot be tried.
fn skipped() -> bool {
    let missing = ["bash", "curl", "tar"]
        .into_iter()
        .find(|program| Command::new(program).arg("--version").output().is_err());
    if let Some(program) = missing {
        eprintln!("skipped: there is no {program} here");
    }
    missing.is_some()
}

/// A release whose program hands on to the one under test: quick to pack and to unpack.
fn thin_release() -> Release {
    Release::of_script(&format!("exec '{PROGRAM}' \"$@\""), &["0.1.0"])
}

fn runner(release: &Release, workspace: &Path) -> Runner {
    let mut runner = Runner::new(&release.action, workspace);
    runner.environment = vec![("PLIMSOLL_RELEASES_URL".to_owned(), release.url.clone())];
    runner
}

/// A copy of the example, in a folder whose name is not easy.
fn shop(folder: &Path) -> PathBuf {
    let workspace = folder.join("a shop; 'really'");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/shop"), &workspace);
    workspace
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Services whose images run as root: at least one warning for each, and no error.
fn with_warnings(workspace: &Path, count: usize) {
    for number in 0..count {
        let folder = workspace.join(format!("services/shop-{number}"));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("Dockerfile"), "FROM node:24\nCMD [\"node\", \"server.js\"]\n").unwrap();
    }
}

fn number(run: &Run, output: &str) -> usize {
    run.outputs[output].parse().unwrap_or_else(|_| panic!("{output} is no number: {run:?}"))
}

fn refused(run: &Run, because: &str) {
    assert!(!run.succeeded, "{run:?}");
    let errors = run.annotations("error");
    assert!(errors.iter().any(|error| error.message.contains(because)), "{because}: {run:?}");
}

#[test]
fn a_release_is_installed_and_what_it_finds_is_handed_on() {
    if skipped() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let workspace = shop(folder.path());
    let release = Release::of(Path::new(PROGRAM), &["0.1.0", "0.0.9"]);
    let runner = runner(&release, &workspace);
    let run = runner.run(&[]);
    assert!(!run.succeeded, "the example has errors: {run:?}");
    assert_eq!(
        release.asked(),
        [format!("/v0.1.0/plimsoll-{}.tar.gz", target())],
        "the newest listed release"
    );
    assert_eq!(run.outputs["exit-code"], "1");
    assert_eq!(run.outputs["sarif"], "");
    let (errors, warnings) = (number(&run, "errors"), number(&run, "warnings"));
    assert!(errors > 0 && warnings > 0 && number(&run, "findings") >= errors + warnings, "{run:?}");
    assert_eq!(run.annotations("error").len(), errors.min(10), "{}", run.log);
    let placed = run.annotations("error").into_iter().find(|error| error.properties.contains_key("file"));
    let file = &placed.unwrap().properties["file"];
    assert!(workspace.join(file).is_file(), "{file} is no path of the repository");
    assert!(run.summary.contains("signal-lost"), "{}", run.summary);

    let again = runner.run(&[("version", "v0.1.0"), ("fail-on", "never"), ("summary", "false")]);
    assert!(again.succeeded, "{again:?}");
    assert_eq!(release.asked().len(), 1, "the second run takes the archive from the tool cache");
    assert_eq!((again.outputs["exit-code"].as_str(), again.summary.as_str()), ("1", ""));
}

#[test]
fn what_is_not_vouched_for_is_never_run() {
    if skipped() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let marker = folder.path().join("was-run");
    let release = Release::of_script(&format!("touch '{}'", marker.display()), &["0.1.0"]);
    let runner = runner(&release, folder.path());
    let listed = release.action.join("action/checksums.txt");
    let right = fs::read_to_string(&listed).unwrap();
    fs::write(&listed, right.replace(&release.checksum, &"0".repeat(64))).unwrap();
    refused(&runner.run(&[]), &format!("is {}, but should be 0000", release.checksum));
    assert_eq!(release.asked().len(), 1);

    refused(&runner.run(&[("version", "0.2.0")]), "does not list v0.2.0/plimsoll-");
    refused(&runner.run(&[("version", "0.2.0"), ("checksum", "cafe")]), "is no SHA-256");
    fs::write(&listed, "# No release yet.\n").unwrap();
    refused(&runner.run(&[]), "knows no release of plimsoll");
    assert_eq!(release.asked().len(), 1, "nothing is downloaded that could not be checked");
    refused(&runner.run(&[("version", "0.2.0"), ("checksum", &"1".repeat(64))]), "but should be 1111");
    assert!(!marker.exists(), "a program ran that nobody vouched for");

    // Nothing of all that is left in the cache; the right checksum in the input is enough.
    let run = runner.run(&[("version", "0.2.0"), ("checksum", &release.checksum)]);
    assert!(marker.exists(), "{run:?}");
    assert_eq!(release.asked().last().unwrap(), &format!("/v0.2.0/plimsoll-{}.tar.gz", target()));
}

#[test]
fn an_archive_that_was_changed_in_the_cache_is_downloaded_anew() {
    if skipped() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let release = thin_release();
    let runner = runner(&release, folder.path());
    assert!(runner.run(&[]).succeeded);
    let cached = runner.tool_cache().join(format!("plimsoll/0.1.0/plimsoll-{}.tar.gz", target()));
    fs::write(&cached, "something else").unwrap();
    assert!(runner.run(&[]).succeeded);
    assert_eq!(release.asked().len(), 2);
}

#[test]
fn downloads_need_tls_but_for_this_machine() {
    if skipped() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let release = thin_release();
    let mut runner = runner(&release, folder.path());
    let elsewhere = release.url.replace("127.0.0.1", "127.0.0.2");
    runner.environment = vec![("PLIMSOLL_RELEASES_URL".to_owned(), elsewhere)];
    refused(&runner.run(&[]), "cannot be downloaded");
    assert_eq!(release.asked(), [""; 0]);
}

#[test]
fn an_input_is_a_value_and_never_a_program() {
    if skipped() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let workspace = folder.path().to_owned();
    with_warnings(&workspace, 1);
    let release = thin_release();
    let runner = runner(&release, &workspace);
    let hostile = [
        "$(touch was-run)",
        "`touch was-run`",
        "; touch was-run #",
        "\"; touch was-run; \"",
        "'; touch was-run; '",
        "x\ntouch was-run\n::warning::from an input",
        "::warning::from an input",
        "##[warning]from an input",
        "%0A::warning::from an input",
        "--output=was-run",
        "-",
        "*",
        "a b\r\n::warning::from an input",
        "${{ github.token }}",
    ];
    let inputs =
        ["path", "version", "checksum", "format", "fail-on", "changed-only", "sarif-file", "summary", "args"];
    for value in hostile {
        for input in inputs {
            let run = runner.run(&[(input, value)]);
            // A flag is what `args` is for, and a file with any name what `sarif-file` is for.
            let file_is_meant = input == "args" && value.starts_with("--output");
            assert!(file_is_meant || !workspace.join("was-run").exists(), "{input}: {value}: {run:?}");
            let _ = fs::remove_file(workspace.join("was-run"));
            let said =
                |name: &str| run.annotations(name).iter().any(|it| it.message.starts_with("from an input"));
            assert!(!said("warning") && !said("error"), "{input}: {value}: {run:?}");
            let names = ["error", "warning", "notice", "stop-commands"];
            for command in &run.commands {
                assert!(names.contains(&command.name.as_str()), "{input}: {value}: {command:?}");
            }
        }
    }
}

#[test]
fn many_findings_stay_within_the_limits_and_the_worst_come_first() {
    if skipped() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let workspace = shop(folder.path());
    with_warnings(&workspace, 60);
    let release = thin_release();
    let run = runner(&release, &workspace).run(&[("fail-on", "never")]);
    assert!(run.succeeded, "{run:?}");
    let warnings = number(&run, "warnings");
    assert!(warnings > 50, "{run:?}");
    // That no step has more than ten of a type is held by the runner.
    let annotated = run.annotations("warning");
    assert_eq!(annotated.len(), 10, "{}", run.log);
    let left = format!("{} more warnings", warnings - 9);
    assert!(annotated[9].message.contains(&left), "{left}: {:?}", annotated[9]);
    let first = |name: &str| run.commands.iter().position(|command| command.name == name).unwrap();
    assert!(first("error") < first("warning"), "{}", run.log);
    for expected in [format!("{warnings} warnings"), "shop-59".to_owned()] {
        assert!(run.summary.contains(&expected), "{expected}: {}", run.summary);
    }
}

#[test]
fn what_fails_is_what_fail_on_says_and_what_could_not_be_done() {
    if skipped() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    with_warnings(folder.path(), 1);
    let release = thin_release();
    let runner = runner(&release, folder.path());
    for (fail_on, succeeds) in [("", true), ("error", true), ("warning", false), ("never", true)] {
        let run = runner.run(&[("fail-on", fail_on)]);
        assert_eq!(run.succeeded, succeeds, "{fail_on}: {run:?}");
        assert_eq!(run.outputs["errors"], "0");
    }
    let run = runner.run(&[("fail-on", "never"), ("path", "no such folder")]);
    refused(&run, "no such folder");
    assert_eq!((run.outputs["exit-code"].as_str(), run.outputs["findings"].as_str()), ("2", ""));
    refused(&runner.run(&[("fail-on", "sometimes")]), "must be error, warning, info or never");
    refused(&runner.run(&[("summary", "yes")]), "must be true or false");
}

#[test]
fn flags_are_cut_at_blanks_and_other_formats_make_no_annotations() {
    if skipped() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let workspace = shop(folder.path());
    let release = thin_release();
    let runner = runner(&release, &workspace);
    let run = runner.run(&[("args", "  --severity error\n\t--exclude k8s/**  "), ("format", "concise")]);
    assert_eq!(run.outputs["warnings"], "0", "{run:?}");
    assert!(run.log.contains("error[run/signal-lost]") && !run.log.contains("k8s/"), "{}", run.log);
    assert!(run.annotations("error").is_empty(), "{run:?}");
}

#[test]
fn a_sarif_report_can_be_kept() {
    if skipped() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let workspace = shop(folder.path());
    let release = thin_release();
    let run = runner(&release, &workspace).run(&[("sarif-file", "the report.sarif")]);
    assert_eq!(run.outputs["sarif"], "the report.sarif");
    let report = fs::read_to_string(workspace.join("the report.sarif")).unwrap();
    assert!(report.contains("\"2.1.0\""), "{report}");
}

#[test]
fn a_summary_is_cut_at_a_line_and_text_gives_no_commands() {
    if skipped() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let release = Release::of_script(
        r#"[ "$1" != --version ] || exit 0
        for argument; do
            file=${argument#--also=*=}
            case $argument in
                --also=markdown=*) yes 'a line of a long summary: ✅' | head -n 60000 >"$file" ;;
                --also=json=*) printf '{\n  "version": 1,\n  "summary": {\n    "errors": 1,\n    "warnings": 2,\n    "infos": 3\n  },\n' >"$file" ;;
            esac
        done
        case "$*" in *format=github*) ;; *) echo '::warning::from the output' ;; esac
        echo '::warning::from the errors' >&2"#,
        &["0.1.0"],
    );
    for format in ["github", "human"] {
        let run = runner(&release, folder.path()).run(&[("format", format)]);
        assert!(run.succeeded && run.log.contains("from the errors"), "{}", run.log);
        assert!(run.annotations("warning").is_empty(), "{}", run.log);
        assert_eq!((run.outputs["findings"].as_str(), run.outputs["warnings"].as_str()), ("6", "2"));
        let (kept, note) = run.summary.trim_end().rsplit_once("\n\n").unwrap();
        assert!(note.starts_with("The rest is left out here"), "{note}");
        assert!(kept.len() > 1_000_000 && kept.trim_end().ends_with(": ✅"), "it ends inside of a line");
    }
}

fn git(workspace: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(workspace)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_pull_request_answers_for_what_it_changes() {
    if skipped() || Command::new("git").arg("--version").output().is_err() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let origin = shop(folder.path());
    with_warnings(&origin, 3);
    git(&origin, &["init", "-q"]);
    git(&origin, &["add", "."]);
    git(&origin, &["commit", "-q", "-m", "What there was"]);
    let workspace = folder.path().join("checkout");
    git(folder.path(), &["clone", "-q", &origin.display().to_string(), "checkout"]);
    git(&workspace, &["switch", "-q", "-c", "topic"]);
    fs::write(workspace.join("services/shop-1/Dockerfile"), "FROM node:24\nCMD [\"node\", \"new.js\"]\n")
        .unwrap();
    git(&workspace, &["commit", "-q", "-a", "-m", "One file"]);

    let release = thin_release();
    let mut runner = runner(&release, &workspace);
    let all = runner.run(&[("changed-only", "true"), ("fail-on", "never")]);
    assert!(number(&all, "findings") > 10, "a push is no pull request: {all:?}");
    runner.environment.push(("GITHUB_BASE_REF".to_owned(), "main".to_owned()));
    let run = runner.run(&[("changed-only", "true")]);
    assert!(run.succeeded, "the errors are not of this branch: {run:?}");
    let annotations =
        [run.annotations("error"), run.annotations("warning"), run.annotations("notice")].concat();
    assert!(!annotations.is_empty() && number(&run, "findings") == annotations.len(), "{run:?}");
    for annotation in annotations {
        assert_eq!(annotation.properties["file"], "services/shop-1/Dockerfile", "{run:?}");
    }

    // A shallow checkout knows no base: everything is reported, and it is said why.
    runner.environment.push(("GITHUB_BASE_REF".to_owned(), "elsewhere".to_owned()));
    let run = runner.run(&[("changed-only", "true"), ("fail-on", "never")]);
    assert_eq!(number(&run, "findings"), number(&all, "findings"), "{run:?}");
    assert!(run.log.contains("elsewhere"), "{}", run.log);
}
