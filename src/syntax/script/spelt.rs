//! Small pieces of code that can be told from their text. The tree's cursor takes hundreds of instructions for a node,
//! so `app.use` and `("/health", check)` are read a byte at a time, and all that is not as plain is left to the cursor.

use super::Dialect;
use super::kind::{Kind, Role};
use super::walk::{Node, Step};

/// What follows a child before its parent ends.
pub(super) enum Rest {
    /// Nothing, or the closing bracket or semicolon.
    End,
    /// The property of a member, from this offset to the parent's end.
    Property(u32),
    /// Something else.
    More,
}

/// What stands between a child and the end of its parent. Zero-width nodes before a bracket are not seen: the parser
/// makes them up where code is missing.
pub(super) fn rest(text: &[u8], parent: Kind, from: u32, end: u32) -> Rest {
    let Some(rest) = text.get(from as usize..end as usize) else { return Rest::More };
    let rest = rest.trim_ascii_start();
    match rest {
        [] => Rest::End,
        // A lone semicolon is a part of an `if`.
        [b')' | b']' | b'}' | b';' | b'`'] if parent != Kind::If => Rest::End,
        [b'.', name @ ..] if parent == Kind::Member && is_word(name) => {
            Rest::Property(end - name.len() as u32)
        }
        _ => Rest::More,
    }
}

/// True when a node starts with a bracket: it is passed over without a look.
pub(super) fn opens_with_bracket(text: &[u8], start: u32) -> bool {
    matches!(text.get(start as usize), Some(b'(' | b'[' | b'{' | b'`'))
}

/// Bytes of the largest piece that is read so: what turns out not to be plain is read twice.
const MOST: usize = 4096;

/// The steps of a node, itself included, when it is plain. Else nothing is added and the answer is false.
pub(super) fn steps(text: &[u8], node: Node, dialect: Dialect, steps: &mut Vec<Step>) -> bool {
    let own = match text.get(node.start as usize..node.end as usize) {
        Some(own) if own.len() <= MOST => own,
        _ => return false,
    };
    let before = steps.len();
    let plain = match node.kind {
        Kind::Member => member(own, node, steps) == Some(own.len()),
        Kind::Arguments | Kind::Array => list(own, node, steps).is_some(),
        // TypeScript has a node around each parameter.
        Kind::Parameters if dialect == Dialect::JavaScript => list(own, node, steps).is_some(),
        _ => false,
    };
    if !plain {
        steps.truncate(before);
    }
    plain
}

/// `a.b.c` at the start of `own`: gives its length.
fn member(own: &[u8], node: Node, steps: &mut Vec<Step>) -> Option<usize> {
    let first = word(own);
    let kind = kind_of_word(&own[..first])?;
    let mut ends = first;
    let mut dots = 0;
    while own.get(ends) == Some(&b'.') {
        let property = word(&own[ends + 1..]);
        if property == 0 {
            return None;
        }
        ends += 1 + property;
        dots += 1;
    }
    enter_member(&own[..ends], node, dots, steps);
    let role = if dots > 0 { Role::Object } else { node.role };
    let mut at = node.start + first as u32;
    steps.push(Step::Leaf(Node { kind, role, start: node.start, end: at }));
    for _ in 0..dots {
        let start = at + 1;
        at = start + word(&own[(start - node.start) as usize..]) as u32;
        steps.push(Step::Leaf(Node { kind: Kind::Property, role: Role::Property, start, end: at }));
        steps.push(Step::Leave);
    }
    Some(ends)
}

/// Enters the members that a path of names is, outer before inner.
fn enter_member(path: &[u8], node: Node, dots: usize, steps: &mut Vec<Step>) {
    let mut end = path.len();
    let mut role = node.role;
    for _ in 0..dots {
        steps.push(Step::Enter(Node {
            kind: Kind::Member,
            role,
            start: node.start,
            end: node.start + end as u32,
        }));
        end = path[..end].iter().rposition(|byte| *byte == b'.').unwrap_or(0);
        role = Role::Object;
    }
}

/// A list whose elements are names, paths of names, strings and whole numbers.
fn list(own: &[u8], node: Node, steps: &mut Vec<Step>) -> Option<()> {
    steps.push(Step::Enter(node));
    let inner = own.get(1..own.len().checked_sub(1)?)?;
    let mut rest = inner.trim_ascii_start();
    while let Some(&byte) = rest.first() {
        let start = node.end - 1 - rest.len() as u32;
        let mut leaf = |kind: Kind, len: usize| {
            steps.push(Step::Leaf(Node { kind, role: Role::None, start, end: start + len as u32 }));
            len
        };
        let len = match byte {
            b'"' | b'\'' => leaf(Kind::String, string(rest)?),
            b'0'..=b'9' => leaf(Kind::Number, number(rest)?),
            _ => {
                let kind = Kind::Member;
                member(rest, Node { kind, role: Role::None, start, end: start }, steps)?
            }
        };
        rest = rest[len..].trim_ascii_start();
        match rest.split_first() {
            None => break,
            Some((b',', behind)) => rest = behind.trim_ascii_start(),
            Some(_) => return None,
        }
    }
    steps.push(Step::Leave);
    Some(())
}

/// Bytes of a quoted string, with its quotes.
fn string(text: &[u8]) -> Option<usize> {
    let quote = *text.first()?;
    let inner = text[1..].iter().position(|byte| *byte == quote || matches!(byte, b'\\' | b'\n'))?;
    (text[1 + inner] == quote).then_some(inner + 2)
}

/// Bytes of a whole decimal number.
fn number(text: &[u8]) -> Option<usize> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let more = text.get(digits).is_some_and(|byte| is_word_byte(*byte) || *byte == b'.');
    (!more).then_some(digits)
}

/// Bytes of the word at the start of `text`; 0 when none stands there that is ASCII throughout.
fn word(text: &[u8]) -> usize {
    let len = text.iter().position(|byte| !is_word_byte(*byte)).unwrap_or(text.len());
    let plain = text.first().is_some_and(|byte| !byte.is_ascii_digit());
    if plain && text.get(len).is_none_or(|byte| byte.is_ascii() && *byte != b'\\') { len } else { 0 }
}

fn is_word(text: &[u8]) -> bool {
    !text.is_empty() && word(text) == text.len()
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$')
}

/// What a word is as an expression; `None` for words that start one, or may.
fn kind_of_word(word: &[u8]) -> Option<Kind> {
    Some(match word {
        [] | b"import" | b"new" | b"yield" | b"await" | b"async" | b"function" | b"class" => return None,
        b"this" | b"super" => Kind::Keyword,
        b"undefined" => Kind::Undefined,
        b"null" => Kind::Null,
        b"true" => Kind::True,
        b"false" => Kind::False,
        _ => Kind::Identifier,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: Kind, text: &str) -> Option<Vec<Step>> {
        let node = Node { kind, role: Role::None, start: 0, end: text.len() as u32 };
        let mut found = Vec::new();
        steps(text.as_bytes(), node, Dialect::JavaScript, &mut found).then_some(found)
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
            "(f())",
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
}
