//! BuildKit's tables of variable expansion and word splitting, and our own of pattern forms.

use std::collections::BTreeMap;
use std::fs;

use plimsoll::syntax::dockerfile::shell_words::{Expanded, Mode, Variable, expand};

use super::dockerfile_goldens::shared;

fn expanded(text: &str, values: &BTreeMap<String, String>) -> Option<Expanded> {
    let lookup = |name: &str| values.get(name).cloned().map_or(Variable::Unset, Variable::Set);
    expand(text, Mode::expand('\\'), &lookup).ok()
}

fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn buildkits_table_of_variables() {
    let Some(path) = shared("buildkit/shell/envVarTest") else { return };
    let env = values(&[("PWD", "/home"), ("SHELL", "bash"), ("KOREAN", "한국어"), ("NULL", "")]);
    let table = fs::read_to_string(path).unwrap();
    let mut rows = 0;
    for line in table.lines().filter(|line| !line.trim_start().starts_with('#')) {
        // The sign at the start says on which systems the row holds.
        let Some((system, row)) = line.split_once('|') else { continue };
        let (text, wanted) = row.split_once('|').unwrap();
        if system.trim() == "W" {
            continue;
        }
        rows += 1;
        let (text, wanted) = (text.trim(), wanted.trim());
        let ours = expanded(text, &env).map(|expanded| expanded.text);
        let wanted = (wanted != "error").then(|| wanted.to_owned());
        assert_eq!(ours, wanted, "{text}");
    }
    assert!(rows > 200, "{rows} rows");
}

#[test]
fn buildkits_table_of_words() {
    let Some(path) = shared("buildkit/shell/wordsTest") else { return };
    let table = fs::read_to_string(path).unwrap();
    let mut env = BTreeMap::new();
    let mut rows = 0;
    for line in table.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        if let Some(pair) = line.strip_prefix("ENV ") {
            let (name, value) = pair.split_once('=').unwrap();
            env.insert(name.trim_start().to_owned(), value.to_owned());
            continue;
        }
        rows += 1;
        let (text, wanted) = line.split_once(" | ").unwrap();
        let ours = expanded(text.trim(), &env)
            .map(|expanded| expanded.words.into_iter().map(|word| word.text).collect::<Vec<_>>());
        let wanted = (wanted.trim() != "error")
            .then(|| wanted.trim_start().split(',').map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(ours, wanted, "{text}");
    }
    assert!(rows > 20, "{rows} rows");
}

#[test]
fn pattern_forms() {
    let env = values(&[("F", "foooby"), ("P", "/a/b.tar.gz"), ("E", "")]);
    for (text, wanted) in [
        ("${F#f*o}", "ooby"),
        ("${F##f*o}", "by"),
        ("${P%.*}", "/a/b.tar"),
        ("${P%%.*}", "/a/b"),
        ("${P##*/}", "b.tar.gz"),
        ("${F/o/x}", "fxooby"),
        ("${F//o/x}", "fxxxby"),
        ("${P//\\//_}", "_a_b.tar.gz"),
        ("${F/z/x}", "foooby"),
        ("${E:-d}${E-d}${E:+y}${E+y}", "dy"),
        ("${U%x}", ""),
    ] {
        assert_eq!(expanded(text, &env).map(|expanded| expanded.text).as_deref(), Some(wanted), "{text}");
    }
    for text in ["${F^^}", "${F:1}", "${F/o", "${F/o/x", "${U?}", "${E:?empty}"] {
        assert_eq!(expanded(text, &env), None, "{text}");
    }
}

#[test]
fn nesting_is_bounded() {
    let deep = |depth: usize| format!("{}x{}", "${a:-".repeat(depth), "}".repeat(depth));
    assert_eq!(expanded(&deep(20), &BTreeMap::new()).map(|expanded| expanded.text).as_deref(), Some("x"));
    assert_eq!(expanded(&deep(100_000), &BTreeMap::new()), None);
}
