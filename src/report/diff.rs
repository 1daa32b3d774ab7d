//! What fixes would change, as a unified diff that `patch` and `git apply` take.

use std::collections::BTreeMap;

use similar::TextDiff;

use super::paint::Paint;
use crate::source::{ProjectPath, Sources};

/// The difference of each text to the file of its path; a file that is not there is made.
pub fn write(sources: &Sources, texts: &BTreeMap<ProjectPath, String>, paint: Paint) -> String {
    texts.iter().map(|(path, text)| of_file(sources, path, text, paint)).collect()
}

fn of_file(sources: &Sources, path: &ProjectPath, text: &str, paint: Paint) -> String {
    let before = sources.find(path).map(|file| sources.file(file).text());
    let diff = TextDiff::from_lines(before.unwrap_or(""), text);
    let old = before.map_or("/dev/null".to_owned(), |_| format!("a/{path}"));
    let unified = diff.unified_diff().header(&old, &format!("b/{path}")).to_string();
    if !paint.coloured {
        return unified;
    }
    unified.split_inclusive('\n').map(|line| paint.diff(line)).collect()
}
