//! Pieces of code that can be told from their text. The tree's cursor takes almost a thousand instructions for a node, so
//! `app.use("/health", check)`, `const server = ` and `(req, res) => ` are read a byte at a time; at the first thing that is
//! not as plain the cursor takes over.

use super::Dialect;
use super::kind::{Kind, Role};
use super::piece::{Piece, is_list};
use super::walk::{Node, Step};
use super::word::is_word;

/// How far the beginning of a node was read.
pub(super) enum Start {
    /// To its end.
    Whole,
    /// Up to this offset, at which a child starts unless the node is not what it looks like.
    Until(u32),
    Nothing,
}

/// Bytes of the longest end of a list or template that is read after a child that was not plain: it may happen after each.
const LONGEST_REST: usize = 64;

/// Adds the steps of a node, which must hold no error, as far as it is plain: its own and its first children's.
pub(super) fn start(text: &[u8], node: Node, dialect: Dialect, steps: &mut Vec<Step>) -> Start {
    let Some(text) = text.get(..node.end as usize) else { return Start::Nothing };
    let before = steps.len();
    let mut piece = Piece { text, at: node.start as usize, dialect, steps, sure: None };
    if piece.node(node).is_some() && piece.at == text.len() {
        return Start::Whole;
    }
    let (start, len) = match piece.sure {
        Some((at, len)) => (Start::Until(at as u32), len),
        None => (Start::Nothing, before),
    };
    steps.truncate(len);
    start
}

/// True when nothing that matters stands between a child and the end of its parent, but for plain pieces whose steps are
/// added. Zero-width nodes before a bracket are not seen: the parser makes them up where code is missing.
pub(super) fn ends(
    text: &[u8],
    parent: Node,
    sound: bool,
    from: u32,
    dialect: Dialect,
    steps: &mut Vec<Step>,
) -> bool {
    let Some(rest) = text.get(from as usize..parent.end as usize) else { return false };
    match rest.trim_ascii_start() {
        [] => true,
        // A lone semicolon is a part of an `if`.
        [b')' | b']' | b'}' | b';' | b'`'] => parent.kind != Kind::If,
        [b'.', name @ ..] if parent.kind == Kind::Member && is_word(name) => {
            let start = parent.end - name.len() as u32;
            steps.push(Step::Leaf(Node {
                kind: Kind::Property,
                role: Role::Property,
                start,
                end: parent.end,
            }));
            true
        }
        rest @ [b',', ..] if sound && is_list(parent.kind) && rest.len() <= LONGEST_REST => {
            let before = steps.len();
            let text = &text[..parent.end as usize];
            let at = text.len() - rest.len();
            let mut piece = Piece { text, at, dialect, steps, sure: None };
            let plain = piece.elements(parent.kind, 1).is_some() && piece.at == text.len();
            if !plain {
                steps.truncate(before);
            }
            plain
        }
        rest if sound && parent.kind == Kind::Template && rest.len() <= LONGEST_REST => {
            !rest.windows(2).any(|two| two == b"${")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(kind: Kind, text: &str) -> (Start, Vec<Step>) {
        let node = Node { kind, role: Role::None, start: 0, end: text.len() as u32 };
        let mut found = Vec::new();
        let start = start(text.as_bytes(), node, Dialect::JavaScript, &mut found);
        (start, found)
    }

    fn read(kind: Kind, text: &str) -> Option<Vec<Step>> {
        match begin(kind, text) {
            (Start::Whole, found) => Some(found),
            _ => None,
        }
    }

    /// What is left to the cursor.
    fn left(kind: Kind, text: &str) -> &str {
        match begin(kind, text) {
            (Start::Whole, _) => "",
            (Start::Until(offset), _) => &text[offset as usize..],
            (Start::Nothing, _) => text,
        }
    }

    fn leaves(kind: Kind, text: &str) -> Option<Vec<(Kind, &str)>> {
        let leaf = |step: &Step| match step {
            Step::Leaf(node) => Some((node.kind, &text[node.start as usize..node.end as usize])),
            _ => None,
        };
        Some(read(kind, text)?.iter().filter_map(leaf).collect())
    }

    #[test]
    fn a_path_is_members_within_members() {
        let node = |kind, role, start, end| Node { kind, role, start, end };
        let expected = vec![
            Step::Enter(node(Kind::Member, Role::None, 0, 7)),
            Step::Enter(node(Kind::Member, Role::Object, 0, 4)),
            Step::Leaf(node(Kind::Identifier, Role::Object, 0, 1)),
            Step::Leaf(node(Kind::Property, Role::Property, 2, 4)),
            Step::Leave,
            Step::Leaf(node(Kind::Property, Role::Property, 5, 7)),
            Step::Leave,
        ];
        assert_eq!(read(Kind::Member, "a.bc.de"), Some(expected));
        assert_eq!(
            leaves(Kind::Member, "this.x"),
            Some(vec![(Kind::Keyword, "this"), (Kind::Property, "x")])
        );
    }

    #[test]
    fn a_list_is_its_elements() {
        let elements = leaves(Kind::Arguments, "( a, 'b,)' ,\n12, c.d, null, )");
        let expected = [
            (Kind::Identifier, "a"),
            (Kind::String, "'b,)'"),
            (Kind::Number, "12"),
            (Kind::Identifier, "c"),
            (Kind::Property, "d"),
            (Kind::Null, "null"),
        ];
        assert_eq!(elements.as_deref(), Some(&expected[..]));
        assert_eq!(leaves(Kind::Array, "[]"), Some(vec![]));
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_cursor() {
        for text in
            ["a?.b", "a.#b", "a\n.b", "f().b", "import.meta.url", "a.\u{e9}", "a.b\\u0063", "1.b", "a."]
        {
            assert_eq!(read(Kind::Member, text), None, "{text}");
        }
        for text in [
            "(a b)",
            "(...a)",
            "(f()())",
            "(-1)",
            "(1.5)",
            "(1n)",
            "('\\'')",
            "(/* a */)",
            "(,)",
            "(yield)",
            "(",
        ] {
            assert_eq!(read(Kind::Arguments, text), None, "{text}");
        }
    }

    #[test]
    fn the_cursor_goes_on_at_the_first_thing_that_is_not_plain() {
        for (kind, text, rest) in [
            (Kind::Arguments, "('/', check, () => {})", "() => {})"),
            (Kind::Arguments, "(a + b)", "a + b)"),
            (Kind::Call, "app.get('/', () => {})", "('/', () => {})"),
            (Kind::Call, "require('x')", ""),
            (Kind::Call, "a?.b()", "a?.b()"),
            (Kind::Declaration, "const a = b + 1;", "a = b + 1;"),
            (Kind::Declaration, "let port = Number(process.env.PORT);", ""),
            (Kind::Declarator, "{ a } = b", "{ a } = b"),
            (Kind::Declarator, "a = () => {}", "() => {}"),
            (Kind::Object, "{ a, 'b': 1, c() {} }", "c() {} }"),
            (Kind::Pair, "key: !value", "!value"),
            (Kind::Function, "async (req, res) => {}", "{}"),
            (Kind::Function, "x => x.id", ""),
            (Kind::Function, "function* () {}", "function* () {}"),
            (Kind::Await, "await a.b([1])", ""),
            (Kind::Template, "`\\${ ${a.b} ${c + 1} `", "${c + 1} `"),
            (Kind::Block, "{ a() }", "a() }"),
            (Kind::Array, "[[[[[]]]]]", "[[[[]]]]]"),
        ] {
            assert_eq!(left(kind, text), rest, "{text}");
        }
    }
}
