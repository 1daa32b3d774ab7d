//! The globs that workspaces are declared with: `*`, `?`, `**`, `{a,b}`, and `!` before a pattern that excludes.
//!
//! A pattern with character classes is taken by its letters. Names that begin with a dot are only found by their dot,
//! and nothing in node_modules is, as in the globs of npm, yarn and pnpm.

/// Alternatives that braces of one pattern may stand for.
const MAX_ALTERNATIVES: usize = 256;
/// Patterns of one workspace, and bytes of one pattern, that are read.
const MAX_PATTERNS: usize = 1000;
const MAX_PATTERN: usize = 1024;

/// Patterns of a workspace.
pub(super) struct Patterns {
    wanted: Vec<Vec<String>>,
    excluded: Vec<Vec<String>>,
}

impl Patterns {
    pub(super) fn new<'a>(patterns: impl Iterator<Item = &'a str>) -> Patterns {
        let mut found = Patterns { wanted: Vec::new(), excluded: Vec::new() };
        for pattern in patterns.take(MAX_PATTERNS).filter(|pattern| pattern.len() <= MAX_PATTERN) {
            let (list, pattern) = match pattern.strip_prefix('!') {
                Some(excluded) => (&mut found.excluded, excluded),
                None => (&mut found.wanted, pattern),
            };
            for pattern in expand(pattern) {
                let parts = pattern.split('/').filter(|part| !matches!(*part, "" | "."));
                list.push(parts.map(str::to_owned).collect());
            }
        }
        found
    }

    /// True when some pattern wants the folder and none excludes it.
    pub(super) fn holds(&self, folder: &str) -> bool {
        let parts: Vec<&str> = folder.split('/').collect();
        let any = |patterns: &[Vec<String>]| patterns.iter().any(|pattern| matches(pattern, &parts));
        !parts.contains(&"node_modules") && any(&self.wanted) && !any(&self.excluded)
    }
}

/// The patterns that one with braces stands for.
fn expand(pattern: &str) -> Vec<String> {
    let mut open = vec![pattern.to_owned()];
    let mut done = Vec::new();
    while let Some(pattern) = open.pop() {
        match innermost_braces(&pattern) {
            Some((start, end)) if open.len() + done.len() < MAX_ALTERNATIVES => {
                let (before, after) = (&pattern[..start], &pattern[end + 1..]);
                let parts: Vec<&str> = pattern[start + 1..end].split(',').take(MAX_ALTERNATIVES).collect();
                open.extend(parts.into_iter().rev().map(|part| format!("{before}{part}{after}")));
            }
            _ => done.push(pattern),
        }
    }
    done
}

/// The first pair of braces that holds no other.
fn innermost_braces(pattern: &str) -> Option<(usize, usize)> {
    let end = pattern.find('}')?;
    Some((pattern[..end].rfind('{')?, end))
}

/// Parts of a pattern against parts of a path. `**` stands for any number of parts.
fn matches(pattern: &[String], path: &[&str]) -> bool {
    // reached[n]: the patterns so far can have matched the first n parts.
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    for part in pattern {
        let mut next = vec![false; path.len() + 1];
        for at in 0..=path.len() {
            if part == "**" {
                let grown = at > 0 && next[at - 1] && !path[at - 1].starts_with('.');
                next[at] = reached[at] || grown;
            } else {
                next[at] = at > 0 && reached[at - 1] && matches_name(part, path[at - 1]);
            }
        }
        reached = next;
    }
    reached[path.len()]
}

/// One part of a pattern against one name.
fn matches_name(pattern: &str, name: &str) -> bool {
    if name.starts_with('.') && !pattern.starts_with('.') {
        return false;
    }
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut seen) = (0, 0);
    // The last star, and how much of the name it has taken.
    let mut star: Option<(usize, usize)> = None;
    while seen < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == name[seen] => (at, seen) = (at + 1, seen + 1),
            _ => match star {
                Some((start, taken)) => {
                    star = Some((start, taken + 1));
                    (at, seen) = (start + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert!(
            matches_name("*-api", "shop-api") && matches_name("a*b*c", "aXbYbc") && matches_name("*", "x")
        );
        assert!(!matches_name("*-api", "api") && !matches_name("*", ".x") && matches_name(".*", ".x"));
    }

    #[test]
    fn braces_nest_and_are_bounded() {
        assert_eq!(expand("{a,b{c,d}}/x"), ["a/x", "bc/x", "a/x", "bd/x"]);
        assert!(expand(&"{a,b}".repeat(30)).len() <= 2 * MAX_ALTERNATIVES);
        assert_eq!(expand("a}b{"), ["a}b{"]);
    }
}
