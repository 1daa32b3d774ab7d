//! Text of a project in Markdown, in a cell of a table or anywhere else in a line: it can neither leave its place nor
//! become markup.
//!
//! A word that could mean something to Markdown, or to the site that shows it (a mention, an issue, an address), becomes
//! code, which all of them leave alone. That needs no list of what each site makes links of, but one of what is plain.

use std::fmt::Write as _;

use crate::report::clean;
use crate::report::words::parts;

/// A message: what it has between backticks is code, and so is every word that is not plain.
pub(in crate::report) fn prose(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for (part, is_code) in parts(&clean::line(text)) {
        if is_code {
            push_code(part, &mut safe);
        } else {
            push_words(part, &mut safe);
        }
    }
    safe
}

/// Text as code.
pub(in crate::report) fn code(text: &str) -> String {
    let mut safe = String::new();
    push_code(&clean::line(text), &mut safe);
    safe
}

/// Words that are not plain become code, those that follow each other together.
fn push_words(text: &str, safe: &mut String) {
    let words: Vec<&str> = text.split(' ').collect();
    let runs = words.chunk_by(|a, b| is_plain(a) == is_plain(b));
    for (at, run) in runs.enumerate() {
        if at > 0 {
            safe.push(' ');
        }
        let joined = run.join(" ");
        if is_plain(run[0]) {
            safe.push_str(&joined);
        } else {
            let body = joined.trim_end_matches([',', '.', ';', ':']);
            push_code(body, safe);
            safe.push_str(&joined[body.len()..]);
        }
    }
}

/// True for a word in which no site sees more than a word. Words with digits may name issues and commits.
fn is_plain(word: &str) -> bool {
    let letters = word.bytes().any(|byte| byte.is_ascii_alphabetic());
    let digits = word.bytes().any(|byte| byte.is_ascii_digit());
    let is_harmless = |each: char| {
        each.is_ascii_alphanumeric()
            || !each.is_ascii()
            || matches!(each, '-' | '/' | '.' | ',' | ';' | ':' | '\'' | '"' | '(' | ')')
    };
    word.chars().all(is_harmless)
        && !(letters && digits)
        && word.matches(':').count() < 2
        && !word.contains("//")
        && !word.to_ascii_lowercase().contains("www.")
}

/// A code span; where one could end too early, or a pipe end the cell, the element with all punctuation as entities.
fn push_code(text: &str, safe: &mut String) {
    if text.is_empty() {
        return;
    }
    let is_simple = !text.contains(['`', '|']) && !text.starts_with(' ') && !text.ends_with(' ');
    if is_simple && !safe.ends_with('`') {
        let _ = write!(safe, "`{text}`");
        return;
    }
    safe.push_str("<code>");
    for character in text.chars() {
        match character {
            ' ' => safe.push(' '),
            punctuation if punctuation.is_ascii_punctuation() => {
                let _ = write!(safe, "&#{};", u32::from(punctuation));
            }
            other => safe.push(other),
        }
    }
    safe.push_str("</code>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_plain_is_code() {
        for (text, shown) in [
            (
                "npm passes SIGTERM to sh, not to node: it waits",
                "npm passes SIGTERM to sh, not to node: it waits",
            ),
            ("write `npm ci`, once", "write `npm ci`, once"),
            ("start CMD [\"node\", \"a.js\"], at once", "start CMD `[\"node\", \"a.js\"]`, at once"),
            ("@team see #1, www.x.y and https://x", "`@team` see `#1, www.x.y` and `https://x`"),
            ("a|b", "<code>a&#124;b</code>"),
            ("an odd ` tick", "an odd <code>&#96;</code> tick"),
            ("$`x`$", "`$`<code>x</code>`$`"),
            ("<b> **x** :smile: GH-1", "`<b> **x** :smile: GH-1`"),
            ("", ""),
        ] {
            assert_eq!(prose(text), shown);
        }
        assert_eq!(code("a\\|b`c"), "<code>a&#92;&#124;b&#96;c</code>");
        assert_eq!(code("a\nb"), "`a b`");
    }
}
