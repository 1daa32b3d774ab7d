//! The commands that the documentation names, run as they stand there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Pages whose commands are run in the example project. The commands of one page follow each other.
const PAGES: [&str; 6] = [
    "README.md",
    "docs/quick-start.md",
    "docs/ci.md",
    "docs/formats.md",
    "docs/weigh.md",
    "docs/configuration.md",
];

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The lines of the ```sh blocks of a page that call plimsoll.
fn commands(page: &str) -> Vec<String> {
    let text = fs::read_to_string(top().join(page)).unwrap();
    let mut commands = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line.trim() {
            "```sh" => inside = true,
            "```" => inside = false,
            line if inside && (line.starts_with("plimsoll ") || line.contains("| plimsoll ")) => {
                commands.push(line.to_owned());
            }
            _ => {}
        }
    }
    commands
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The example in a repository of its own, with what was fetched of `main`.
fn example() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&top().join("testdata/shop"), folder.path());
    for arguments in [
        &["init", "-q"][..],
        &["add", "-A"],
        &[
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.com",
            "-c",
            "commit.gpgsign=false",
            "commit",
            "-qm",
            "one",
        ],
        &["update-ref", "refs/remotes/origin/main", "HEAD"],
    ] {
        assert!(Command::new("git").args(arguments).current_dir(folder.path()).status().unwrap().success());
    }
    folder
}

#[cfg(unix)]
#[test]
fn every_command_does_its_job() {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_plimsoll"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    for page in PAGES {
        let folder = example();
        let commands = commands(page);
        assert!(!commands.is_empty() || page == "docs/configuration.md", "{page}");
        // Tests ask no registry.
        for command in commands.iter().filter(|command| !command.contains("--registry")) {
            let offline =
                command.replace("--update --offline", "--update").replace("--update", "--update --offline");
            let output = Command::new("sh")
                .args(["-c", &offline])
                .current_dir(folder.path())
                .env("PATH", &path)
                .env("HOME", folder.path().join("nowhere"))
                .env("GITHUB_STEP_SUMMARY", folder.path().join("summary-of-the-step.md"))
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(matches!(output.status.code(), Some(0 | 1)), "{page}: {command}\n{said}");
            assert!(!said.contains("error:"), "{page}: {command}\n{said}");
        }
    }
}

#[test]
fn the_workflow_of_the_guide_is_the_one_that_init_writes() {
    let guide = fs::read_to_string(top().join("docs/ci.md")).unwrap();
    let written =
        include_str!("../../src/cli/init/workflow.yml").replace("VERSION", env!("CARGO_PKG_VERSION"));
    let lines = |text: &str| -> Vec<String> {
        let without_comments = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        without_comments.map(str::to_owned).collect()
    };
    let (guide, written) = (lines(&guide).join("\n"), lines(&written).join("\n"));
    assert!(guide.contains(&written), "{written}");
}

#[test]
fn pages_lead_to_pages_that_there_are() {
    let folder = fs::read_dir(top().join("docs")).unwrap();
    let pages = folder.map(|entry| entry.unwrap().path()).chain([top().join("README.md")]);
    for page in pages.filter(|page| page.extension().is_some_and(|extension| extension == "md")) {
        let text = fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let link = link.split('#').next().unwrap();
            if link.is_empty() || link.contains("://") {
                continue;
            }
            assert!(page.parent().unwrap().join(link).exists(), "{}: {link}", page.display());
        }
    }
}
