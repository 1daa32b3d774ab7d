//! What fixes would change, as a unified diff that `patch` and `git apply` take.

use std::collections::BTreeMap;

use similar::TextDiff;

use super::clean;
use super::paint::Paint;
use crate::source::{ProjectPath, Sources};

/// The difference of each text to the file of its path; a file that is not there is made. For a terminal it is made
/// harmless, and is no patch any more where a file holds what a terminal would obey.
pub fn write(
    sources: &Sources,
    texts: &BTreeMap<ProjectPath, String>,
    paint: Paint,
    is_for_terminal: bool,
) -> String {
    let diffs = texts.iter().map(|(path, text)| of_file(sources, path, text));
    let shown = diffs.map(|diff| if is_for_terminal { shown(&diff) } else { diff });
    shown.map(|diff| diff.split_inclusive('\n').map(|line| paint.diff(line)).collect::<String>()).collect()
}

fn of_file(sources: &Sources, path: &ProjectPath, text: &str) -> String {
    let before = sources.find(path).map(|file| sources.file(file).text());
    let diff = TextDiff::from_lines(before.unwrap_or(""), text);
    let old = before.map_or("/dev/null".to_owned(), |_| format!("a/{path}"));
    diff.unified_diff().header(&header(&old), &header(&format!("b/{path}"))).to_string()
}

/// The name of a file as git writes it there: between quotes when it holds what would end the line.
fn header(name: &str) -> String {
    if !name.contains(['"', '\\']) && !name.contains(char::is_control) {
        return name.to_owned();
    }
    let mut quoted = String::from("\"");
    for character in name.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => {
                let mut bytes = [0; 4];
                let octal = control.encode_utf8(&mut bytes).bytes().map(|byte| format!("\\{byte:03o}"));
                quoted.extend(octal);
            }
            other => quoted.push(other),
        }
    }
    quoted + "\""
}

fn shown(diff: &str) -> String {
    diff.chars().map(|each| if matches!(each, '\n' | '\t') { each } else { clean::character(each) }).collect()
}
