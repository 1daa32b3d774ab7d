//! Paths into a tree, compiled once and walked many times: `spec.template.spec.containers[*].image`.

use std::fmt;

use super::tree::Ref;

/// A compiled path.
///
/// Keys are parted by dots; `["a.b/c"]` is a key with any character. `[0]` is an item, `[*]` every item, `*` every
/// value of a mapping or sequence, and `**` the node itself with everything below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(Box<str>),
    Index(usize),
    Each,
    Below,
}

/// A path that cannot be read, and the offset where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadPath {
    /// What is wrong: lower case, no full stop.
    pub message: &'static str,
    /// Byte offset in the path.
    pub at: usize,
}

impl fmt::Display for BadPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.message, self.at)
    }
}

impl std::error::Error for BadPath {}

impl Path {
    /// Compiles a path; the empty one is the root.
    pub fn parse(text: &str) -> Result<Path, BadPath> {
        let mut steps = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            let (step, length) = if rest.starts_with('[') { bracket(rest, at)? } else { word(rest, at)? };
            steps.push(step);
            at += length;
            let rest = &text[at..];
            if rest.starts_with('.') && rest.len() > 1 {
                at += 1;
            } else if !rest.is_empty() && !rest.starts_with('[') {
                return Err(BadPath { message: "a `.` or `[` must come next", at });
            }
        }
        Ok(Path { steps })
    }

    /// The nodes that it leads to from `root`, in the order of the text, through aliases and merge keys. Nodes that
    /// aliases repeat beyond 100,000 plus ten times the tree's are left out.
    pub fn walk<'t>(&'t self, root: Ref<'t>) -> impl Iterator<Item = Ref<'t>> {
        let mut budget = 100_000 + 10 * root.tree.len();
        let mut pending = vec![(root, &self.steps[..])];
        std::iter::from_fn(move || {
            while let Some((node, steps)) = pending.pop() {
                let before = pending.len();
                let Some((step, rest)) = steps.split_first() else { return Some(node) };
                match step {
                    Step::Key(key) => pending.extend(node.get(key).map(|value| (value, rest))),
                    Step::Index(index) => pending.extend(node.items().nth(*index).map(|item| (item, rest))),
                    Step::Each => pending.extend(below(node).into_iter().map(|child| (child, rest))),
                    Step::Below => {
                        pending.extend(below(node).into_iter().map(|child| (child, steps)));
                        pending.push((node, rest));
                    }
                }
                budget = budget.checked_sub(1 + pending.len() - before)?;
            }
            None
        })
    }

    /// The first node that it leads to.
    pub fn find<'t>(&'t self, root: Ref<'t>) -> Option<Ref<'t>> {
        self.walk(root).next()
    }
}

/// Values of a mapping or items of a sequence, the last first.
fn below(node: Ref<'_>) -> Vec<Ref<'_>> {
    let mut children: Vec<_> = node.entries().map(|entry| entry.value).chain(node.items()).collect();
    children.reverse();
    children
}

/// A key without brackets, or stars.
fn word(rest: &str, at: usize) -> Result<(Step, usize), BadPath> {
    let length = rest.find(['.', '[']).unwrap_or(rest.len());
    let step = match &rest[..length] {
        "" => return Err(BadPath { message: "a key is missing", at }),
        "*" => Step::Each,
        "**" => Step::Below,
        key => Step::Key(key.into()),
    };
    Ok((step, length))
}

fn bracket(rest: &str, at: usize) -> Result<(Step, usize), BadPath> {
    if let Some(quoted) = rest.strip_prefix("[\"") {
        let end =
            quoted.find("\"]").ok_or(BadPath { message: "a key in brackets must end with `\"]`", at })?;
        return Ok((Step::Key(quoted[..end].into()), end + 4));
    }
    let end = rest.find(']').ok_or(BadPath { message: "a bracket is never closed", at })?;
    let step = match &rest[1..end] {
        "*" => Step::Each,
        index => Step::Index(
            index.parse().map_err(|_| BadPath { message: "an index or `*` must stand in brackets", at })?,
        ),
    };
    Ok((step, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::syntax::tree::Schema;
    use crate::syntax::yaml;

    fn found(text: &str, path: &str) -> Vec<String> {
        let parsed = yaml::parse(FileId(0), text.into(), Schema::Kubernetes);
        let path = Path::parse(path).unwrap();
        let nodes = path.walk(parsed.tree.root().unwrap());
        nodes.map(|node| text[node.span().range()].to_owned()).collect()
    }

    #[test]
    fn a_path_finds_every_node_in_order_through_aliases() {
        let text = "a: &a {i: 1, l: {x.y/z: 2}}\nb:\n- *a\n- {i: 3}\n- <<: *a\n";
        assert_eq!(found(text, "b[*].i"), ["1", "3", "1"]);
        assert_eq!(found(text, "b[1]"), ["{i: 3}"]);
        assert_eq!(found(text, "a.l[\"x.y/z\"]"), ["2"]);
        assert_eq!(found(text, "**.i"), ["1", "1", "3", "1"]);
        assert_eq!(found(text, "*[0].i"), ["1"]);
        assert_eq!(found(text, "").len(), 1);
    }

    #[test]
    fn a_bad_path_says_where() {
        for (path, at) in [("a..b", 2), ("a[", 1), ("a[x]", 1), ("a[\"b", 1), ("a[0]b", 4), ("a.", 1)] {
            assert_eq!(Path::parse(path).unwrap_err().at, at, "{path}");
        }
    }

    #[test]
    fn an_alias_bomb_ends_with_the_budget() {
        let mut text = "a0: &a0 x\n".to_owned();
        for level in 1..40 {
            text.push_str(&format!("a{level}: &a{level} [*a{0}, *a{0}]\n", level - 1));
        }
        assert!(found(&text, "**").len() < 102_000);
    }
}
