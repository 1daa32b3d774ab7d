//! The `.env` beside a compose file: what variables are worth to everybody who sets none.
//!
//! Source: "Environment files" in the Compose specification: `KEY=value`, quotes, comments, `export`. A value that holds a
//! variable itself is left out: then it is unknown.

use rustc_hash::FxHashMap;

/// Variables by name.
pub type Variables = FxHashMap<String, String>;

/// Reads the text of an `.env`.
pub fn variables(text: &str) -> Variables {
    let mut found = Variables::default();
    for line in text.trim_start_matches('\u{feff}').lines() {
        let line = line.trim_start();
        let Some((name, value)) = line.strip_prefix("export ").unwrap_or(line).split_once('=') else {
            continue;
        };
        let name = name.trim();
        let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if name.is_empty() || !is_name(name) {
            continue;
        }
        match value_of(value.trim()) {
            Some(value) => drop(found.insert(name.to_owned(), value)),
            None => drop(found.remove(name)),
        }
    }
    found
}

/// `None` where it goes on in the next line, or holds a variable.
fn value_of(text: &str) -> Option<String> {
    if let Some(rest) = text.strip_prefix('\'') {
        return Some(rest.split_once('\'')?.0.to_owned());
    }
    let value = match text.strip_prefix('"') {
        Some(rest) => rest.split_once('"')?.0,
        None if text.starts_with('#') => "",
        None => text.split_once(" #").map_or(text, |(value, _)| value).trim_end(),
    };
    (!value.contains(['$', '\\'])).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_set_variables() {
        let found = variables(
            "# a comment\nA=1\nexport B='two words' # why\nC=\"three\"\nD=4 # four\nE=\nF=$A\nG\n1 H=x\nI=a#b\r\nA=2\n",
        );
        let get = |name: &str| found.get(name).map(String::as_str);
        assert_eq!([get("A"), get("B"), get("C")], [Some("2"), Some("two words"), Some("three")]);
        assert_eq!([get("D"), get("E"), get("I")], [Some("4"), Some(""), Some("a#b")]);
        assert_eq!([get("F"), get("G"), get("1 H")], [None, None, None]);
    }
}
