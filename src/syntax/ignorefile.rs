//! Ignore files of build contexts (`.dockerignore`), read and matched as Docker does it.
//!
//! The rules are those of `moby/patternmatcher` (`ignorefile.ReadAll`, `PatternMatcher.MatchesOrParentMatches`): patterns
//! are tried in order and the last one that fits decides, a pattern that fits a folder covers all below it, and every
//! pattern begins at the root of the context: `node_modules` is not `api/node_modules`, `**/node_modules` is both.

mod pattern;

use crate::finding::Edit;
use crate::source::{FileId, Span};
use pattern::Pattern;

/// Longest line that is a pattern; a path has 4096 bytes at most.
const MAX_LINE: usize = 4096;

/// The patterns of an ignore file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignorefile {
    /// The file.
    pub file: FileId,
    /// Its patterns, in order.
    pub lines: Vec<Line>,
    /// False when a pattern is none that Docker accepts: the build then fails, and nothing is known of what is sent.
    pub valid: bool,
}

/// A pattern of an ignore file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its bytes, without blanks around it.
    pub span: Span,
    /// `!pattern`: what it fits is sent after all.
    pub negated: bool,
    pattern: Pattern,
}

impl Ignorefile {
    /// Reads the text of an ignore file.
    pub fn read(file: FileId, text: &str) -> Ignorefile {
        let mut found = Ignorefile { file, lines: Vec::new(), valid: true };
        let body = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut at = text.len() - body.len();
        for line in body.split_inclusive('\n') {
            let start = at;
            at += line.len();
            // Only a `#` in the first column makes a comment.
            let written = line.trim();
            if line.starts_with('#') || written.is_empty() {
                continue;
            }
            let offset = start + (line.len() - line.trim_start().len());
            let span = Span::new(file, offset, offset + written.len());
            let (negated, rest) = match written.strip_prefix('!') {
                Some(rest) => (true, rest.trim()),
                None => (false, written),
            };
            match Pattern::parse(&cleaned(rest)).filter(|_| !rest.is_empty() && rest.len() <= MAX_LINE) {
                Some(pattern) => found.lines.push(Line { span, negated, pattern }),
                None => found.valid = false,
            }
        }
        found
    }

    /// True when a file at `path`, relative to the root of the context, is left out of it.
    pub fn ignores(&self, path: &str) -> bool {
        self.decided_by(path).is_some_and(|line| !line.negated)
    }

    /// The last line that changes whether `path` is sent; `None` when none speaks of it.
    pub fn decided_by(&self, path: &str) -> Option<&Line> {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        let levels: Vec<&str> = ends.map(|end| &path[..end]).collect();
        let mut decided: Option<&Line> = None;
        for line in &self.lines {
            let is_ignored = decided.is_some_and(|line| !line.negated);
            if line.negated == is_ignored && levels.iter().rev().any(|level| line.pattern.fits(level)) {
                decided = Some(line);
            }
        }
        decided
    }
}

/// The edit that puts lines at the end of an ignore file, where they decide.
pub fn append(file: FileId, text: &str, lines: &[&str]) -> Edit {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut added = String::new();
    if !text.is_empty() && !text.ends_with('\n') {
        added.push_str(end);
    }
    for line in lines {
        added.push_str(line);
        added.push_str(end);
    }
    Edit { span: Span::at(file, text.len()), text: added }
}

/// A pattern as Go's `filepath.Clean` leaves it, without the `/` that it may begin with.
fn cleaned(pattern: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in pattern.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            ".." if pattern.starts_with('/') => {}
            part => parts.push(part),
        }
    }
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignores(text: &str, path: &str) -> bool {
        let read = Ignorefile::read(FileId(0), text);
        assert!(read.valid, "{text}");
        read.ignores(path)
    }

    #[test]
    fn what_is_left_out() {
        for (text, path) in [
            ("node_modules", "node_modules/a/b.js"),
            ("node_modules/", "node_modules/a"),
            ("./node_modules", "node_modules/a"),
            ("/node_modules", "node_modules/a"),
            ("**/node_modules", "node_modules/a"),
            ("**/node_modules", "api/web/node_modules/a"),
            ("**/node_modules/**", "api/node_modules/a"),
            ("*/node_modules", "api/node_modules/a"),
            ("*", "node_modules/a"),
            ("**", "a"),
            (".*", ".git/HEAD"),
            ("*.log", "a.log"),
            ("**/*.log", "a/b.log"),
            ("\u{feff}.git\r\n", ".git/HEAD"),
            ("[Dd]ist", "Dist/a"),
            ("a?c", "abc"),
            ("*\n!src", "node_modules/a"),
            ("*\n!src\nsrc/test", "src/test/a.js"),
            ("x/../node_modules", "node_modules/a"),
            ("\\#a", "#a"),
        ] {
            assert!(ignores(text, path), "{text:?} {path}");
        }
    }

    #[test]
    fn what_is_sent_all_the_same() {
        for (text, path) in [
            ("node_modules", "api/node_modules/a"),
            ("*.log", "a/b.log"),
            ("*\n!src", "src/a.js"),
            ("*\n!src/", "src/a/b.js"),
            ("node_modules\n!node_modules", "node_modules/a"),
            ("# node_modules", "node_modules/a"),
            ("node_modules # of the host", "node_modules/a"),
            (" # node_modules", "node_modules/a"),
            ("node_module", "node_modules/a"),
            ("node_modules/**", "node_modules"),
            (".env", ".env.local"),
            ("[^a]b", "ab"),
            ("a?c", "a/c"),
            ("a.c", "abc"),
            ("", "a"),
        ] {
            assert!(!ignores(text, path), "{text:?} {path}");
        }
    }

    #[test]
    fn what_docker_refuses_is_not_known() {
        for text in ["!", "[", "a[", "\\"] {
            assert!(!Ignorefile::read(FileId(0), text).valid, "{text:?}");
        }
    }

    #[test]
    fn the_line_that_decides_is_told() {
        let text = "*\n# all\n !api \napi/.env\n";
        let read = Ignorefile::read(FileId(0), text);
        let line = |path: &str| &text[read.decided_by(path).unwrap().span.range()];
        assert_eq!(line("api/a.js"), "!api");
        assert_eq!(line("api/.env"), "api/.env");
        assert_eq!(line("x"), "*");
    }

    #[test]
    fn costly_patterns_end() {
        let text = "*a".repeat(2000);
        assert!(!ignores(&text, &"a".repeat(1000).replace("aaaa", "aaab")));
    }
}
