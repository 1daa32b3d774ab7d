//! What each command says of itself, and of the example: as files in testdata/commands, for people to look at, too.

use std::path::Path;
use std::process::{Command, Output};

fn plimsoll(arguments: &[&str]) -> Output {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/shop");
    let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
    command.args(arguments).current_dir(&example).env("NO_COLOR", "1");
    // No cache of whoever runs this.
    command.env("HOME", example.join("nowhere"));
    for variable in ["npm_config_cache", "PNPM_HOME", "YARN_GLOBAL_FOLDER", "LOCALAPPDATA", "XDG_DATA_HOME"] {
        command.env_remove(variable);
    }
    command.output().unwrap()
}

fn stdout(output: &Output) -> String {
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Without fingerprints, which hold where in a repository the example lies: it may be in none.
pub(crate) fn without_fingerprints(text: &str) -> String {
    let fingerprint = regex::Regex::new("\"[0-9a-f]{16}\"").unwrap();
    fingerprint.replace_all(text, "\"FINGERPRINT\"").into_owned()
}

fn compare(name: &str, text: &str) {
    let text = &without_fingerprints(text);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../testdata/commands");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// The commands that `plimsoll --help` lists.
fn commands() -> Vec<String> {
    let help = stdout(&plimsoll(&["--help"]));
    let list =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = list.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn every_command_says_what_it_does() {
    compare("help", &stdout(&plimsoll(&["--help"])));
    let commands = commands();
    assert!(commands.len() > 8, "{commands:?}");
    for command in commands.iter().filter(|command| *command != "help") {
        compare(&format!("help_{command}"), &stdout(&plimsoll(&[command, "--help"])));
    }
}

#[test]
fn every_command_tells_of_the_example() {
    let day = ["--as-of", "2026-11-20"];
    for (name, arguments) in [
        ("checklist", &["checklist", "--as-of", "2026-11-20"][..]),
        ("checklist_markdown", &["checklist", "--format", "markdown", "--as-of", "2026-11-20"]),
        ("fix_diff", &["fix", "--diff", "--as-of", "2026-11-20"]),
        ("weigh", &["weigh"]),
        ("weigh_why", &["weigh", "why", "express"]),
        ("map", &["map"]),
        ("map_mermaid", &["map", "--format", "mermaid"]),
        ("explain", &["explain", "run/signal-lost"]),
        ("rules", &["rules"]),
    ] {
        compare(name, &stdout(&plimsoll(arguments)));
    }
    for format in ["human", "concise", "github", "gitlab", "junit", "checkstyle", "sarif", "markdown"] {
        let output = plimsoll(&[&["check", "--format", format], &day[..]].concat());
        compare(&format!("check_{format}"), &stdout(&output));
    }
}
