//! What people write that something is for: comments at the head of a file, and READMEs.
//!
//! Only whole turns of phrase count (`not intended for production`, `for local development only`, `no longer maintained`), and
//! only of what the text stands beside: "this password is not for production" speaks of a password.

use std::ops::Range;

/// A word of a text in lower case, with its bytes.
struct Word {
    text: String,
    at: Range<usize>,
}

/// Where a text says that what it stands beside is not for production. `own` are names of that thing, in lower case; a sentence
/// that has no other subject (`Not for production!`) is about it too.
pub fn not_for_production(text: &str, own: &[&str]) -> Option<Range<usize>> {
    find(text, own, |words, at| {
        if !is_not(&words[at].text) {
            return None;
        }
        let reach = at + 1..words.len().min(at + 10);
        let end = reach.clone().find(|index| words[*index].text.starts_with("production"))?;
        let between = || words[at + 1..end].iter().map(|word| word.text.as_str());
        let aims = matches!(words[end - 1].text.as_str(), "for" | "in" | "a" | "any" | "your" | "real")
            && between().any(|word| matches!(word, "for" | "in"));
        let next = words.get(end + 1).map_or("", |word| word.text.as_str());
        let is_quality = end == at + 1 && matches!(next, "ready" | "grade");
        ((aims || is_quality) && between().all(|word| BETWEEN.contains(&word))).then_some(end)
    })
}

/// Where a text says that what it stands beside is for development, demonstrations or learning only.
pub fn only_for_development(text: &str, own: &[&str]) -> Option<Range<usize>> {
    find(text, own, |words, at| {
        if words[at].text != "for" {
            return None;
        }
        let listed = words[at + 1..].iter().take_while(|word| FOR.contains(&word.text.as_str())).count();
        let end = at + 1 + listed;
        let says = words[at + 1..end].iter().any(|word| !JOINS.contains(&word.text.as_str()));
        let before = at.checked_sub(1).is_some_and(|before| words[before].text == "only");
        let after = words.get(end).is_some_and(|word| word.text == "only");
        (says && (before || after)).then_some(end - usize::from(!after))
    })
}

/// Where a text says that nobody works any longer on what it stands beside.
pub fn left_alone(text: &str, own: &[&str]) -> Option<Range<usize>> {
    find(text, own, |words, at| {
        let word = |index: usize| words.get(index).map_or("", |word| word.text.as_str());
        let (mut end, mut ends) = match (word(at), word(at + 1)) {
            ("no", "longer") => (at + 2, true),
            (not, _) if is_not(not) => (at + 1, false),
            _ => return None,
        };
        if word(end) == "actively" || word(end) == "being" {
            end += 1;
        }
        ends |= matches!(word(end + 1), "anymore") || (word(end + 1), word(end + 2)) == ("any", "more");
        (ends && matches!(word(end), "maintained" | "developed" | "supported")).then_some(end)
    })
}

/// The bytes of the first sentence about the thing itself in which `holds` finds its words from some word on.
fn find(text: &str, own: &[&str], holds: impl Fn(&[Word], usize) -> Option<usize>) -> Option<Range<usize>> {
    sentences(text).into_iter().find_map(|words| {
        let (at, end) = (0..words.len()).find_map(|at| Some((at, holds(&words, at)?)))?;
        let first = words.iter().position(|word| !OPENS.contains(&word.text.as_str()))?;
        let is_about = first >= at || (first..at).any(|index| is_subject(&words, index, own));
        is_about.then(|| words[at].at.start..words[end].at.end)
    })
}

/// True for a word that means the thing itself: `they`, `here`, `this file`, its name.
fn is_subject(words: &[Word], at: usize, own: &[&str]) -> bool {
    let next = words.get(at + 1).map_or("", |word| word.text.as_str());
    match words[at].text.as_str() {
        "they" | "it" | "here" => true,
        "this" | "these" => AFTER_THIS.contains(&next),
        word => own.contains(&word),
    }
}

/// The words of each sentence. An empty line ends one too, also within comments.
fn sentences(text: &str) -> Vec<Vec<Word>> {
    let mut sentences = vec![Vec::new()];
    let mut start = None;
    let mut has_letters = true;
    let ends = text.char_indices().chain([(text.len(), '\n')]);
    for (at, character) in ends {
        if character.is_alphanumeric() || character == '\'' && start.is_some() {
            start.get_or_insert(at);
            has_letters = true;
            continue;
        }
        let last = sentences.len() - 1;
        if let Some(from) = start.take() {
            sentences[last].push(Word { text: text[from..at].to_lowercase(), at: from..at });
        }
        let is_last = text[at..].chars().nth(1).is_none_or(char::is_whitespace);
        let is_empty_line = character == '\n' && !std::mem::replace(&mut has_letters, character != '\n');
        if is_empty_line || matches!(character, '.' | '!' | '?' | ';') && is_last {
            sentences.push(Vec::new());
        }
    }
    sentences
}

fn is_not(word: &str) -> bool {
    matches!(word, "not" | "never" | "cannot") || word.ends_with("n't")
}

/// Words that open a sentence and are not its subject.
const OPENS: &[&str] = &[
    "note",
    "warning",
    "important",
    "caution",
    "attention",
    "disclaimer",
    "please",
    "do",
    "should",
    "must",
    "is",
    "are",
    "for",
    "use",
    "only",
    "intended",
    "meant",
];

/// Words after `this` that go on with the thing itself.
const AFTER_THIS: &[&str] = &[
    "is",
    "are",
    "isn't",
    "aren't",
    "was",
    "should",
    "must",
    "may",
    "file",
    "files",
    "compose",
    "docker",
    "configuration",
    "config",
    "setup",
    "stack",
    "example",
    "examples",
    "sample",
    "samples",
    "manifest",
    "manifests",
    "deployment",
    "deployments",
    "directory",
    "folder",
    "demo",
    "environment",
];

/// Words that may stand between `not` and `production`.
const BETWEEN: &[&str] = &[
    "a",
    "an",
    "any",
    "appropriate",
    "as",
    "be",
    "being",
    "config",
    "configuration",
    "deploy",
    "deployed",
    "designed",
    "file",
    "fit",
    "for",
    "hardened",
    "in",
    "intended",
    "is",
    "it",
    "meant",
    "optimized",
    "or",
    "ready",
    "real",
    "recommended",
    "run",
    "running",
    "safe",
    "secure",
    "setup",
    "suitable",
    "suited",
    "supported",
    "that",
    "the",
    "them",
    "these",
    "they",
    "this",
    "to",
    "use",
    "used",
    "using",
    "your",
];

/// What something may be for that is not for production, and the words that join such.
const FOR: &[&str] = &[
    "demo",
    "demos",
    "demonstration",
    "dev",
    "development",
    "evaluation",
    "learning",
    "testing",
    "tests",
    "and",
    "local",
    "or",
    "purpose",
    "purposes",
    "the",
    "use",
];
const JOINS: &[&str] = &["and", "local", "or", "purpose", "purposes", "the", "use"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_turns_of_phrase_about_the_thing_itself() {
        for text in [
            "# NOTE: please do not use this configuration for production setups.",
            "# Not for production!",
            "The deployments here are quick, and small. As a result,\nthey may not be suitable for production. See below",
            "This setup isn't meant to be used in production",
            "# This file is not production-ready\n",
        ] {
            assert!(not_for_production(text, &[]).is_some(), "{text}");
        }
        for text in [
            "# The default token is insecure and should not be used in production.",
            "# this password is not for production",
            "Be careful when destroying it.\nAmbient is alpha, and is not suitable for production use.",
            "It does not use the production database",
            "# Made for production",
            "# This does not change anything.\n#\n# For production see compose.prod.yaml",
        ] {
            assert_eq!(not_for_production(text, &[]), None, "{text}");
        }
    }

    #[test]
    fn only_means_nothing_else() {
        for text in [
            "# This is intended to be used for demo, development, and learning\n# purposes only.",
            "# For local development only",
            "# Only for testing",
        ] {
            assert!(only_for_development(text, &[]).is_some(), "{text}");
        }
        for text in
            ["# For development see README", "# this key is for development only", "# for the team only"]
        {
            assert_eq!(only_for_development(text, &[]), None, "{text}");
        }
    }

    #[test]
    fn what_nobody_works_on_any_longer() {
        for text in ["# Shop\n\nThis is no longer maintained.", "Torrent is not actively developed anymore."]
        {
            assert!(left_alone(text, &["torrent"]).is_some(), "{text}");
        }
        for text in
            ["Node 12 is no longer supported.", "Torrent is not developed by us", "it is not maintained here"]
        {
            assert_eq!(left_alone(text, &["torrent"]), None, "{text}");
        }
    }
}
