//! `plimsoll completions` and `plimsoll man`: the shells that are here can read them, and they know every command.

use std::io::Write;
use std::process::{Command, Stdio};

fn plimsoll(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_plimsoll")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The commands, as `--help` lists them.
fn commands() -> Vec<String> {
    let help = plimsoll(&["--help"]);
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = listed.take_while(|line| !line.is_empty()).filter_map(|line| {
        let indented = line.strip_prefix("  ").filter(|rest| !rest.starts_with(' '))?;
        indented.split_whitespace().next()
    });
    let names: Vec<String> = names.filter(|name| *name != "help").map(str::to_owned).collect();
    assert!(names.iter().any(|name| name == "check"), "{help}");
    names
}

/// What the program prints that reads `script`; nothing where there is no such program.
fn fed(program: &str, arguments: &[&str], script: &str) -> Option<String> {
    let started = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = started else {
        eprintln!("skipped: there is no {program} here");
        return None;
    };
    child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{program}: {errors}");
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn bash_registers_its_completions() {
    let script = plimsoll(&["completions", "bash"]);
    let asked = format!(
        "{script}\ncomplete -p plimsoll\nCOMP_WORDS=(plimsoll '')\nCOMP_CWORD=1\n\
         _plimsoll plimsoll '' plimsoll\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n"
    );
    if let Some(said) = fed("bash", &["--noprofile", "--norc"], &asked) {
        assert!(said.starts_with("complete ") && said.contains(" -F _plimsoll plimsoll\n"), "{said}");
        for command in commands() {
            assert!(said.lines().any(|line| line == command), "{command} is not offered: {said}");
        }
    }
}

#[test]
fn the_other_shells_can_parse_theirs() {
    for shell in ["fish", "zsh"] {
        fed(shell, &["-n", "/dev/stdin"], &plimsoll(&["completions", shell]));
    }
    for shell in ["elvish", "fish", "powershell", "zsh"] {
        let script = plimsoll(&["completions", shell]);
        for command in commands() {
            assert!(script.contains(&command), "{shell} does not know {command}");
        }
    }
}

#[test]
fn the_manual_holds_each_command() {
    let page = plimsoll(&["man"]);
    for command in commands() {
        // A hyphen is written `\-`.
        assert!(page.contains(&format!("plimsoll\\-{command}(1)")), "{command} is missing: {page}");
        let own = plimsoll(&["man", &command]);
        assert!(own.contains(&format!(".TH plimsoll-{command} 1")), "{own}");
    }
    let unknown = Command::new(env!("CARGO_BIN_EXE_plimsoll")).args(["man", "nothing"]).output().unwrap();
    assert_eq!(unknown.status.code(), Some(2));
}
