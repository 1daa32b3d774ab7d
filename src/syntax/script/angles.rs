//! How many `<` of a text may be open type arguments at once.
//!
//! In TypeScript `a<b, c` is a comparison until a `>` says otherwise, so the parser keeps both readings. A syntax error
//! while n of them are open costs it n² steps in one recovery that nothing can cut short: 80 kB of `a<b,` take minutes.

/// `<` that may be open at once. The 15,000 TypeScript files of the public services that we test with reach 10; a text
/// that keeps below this one costs the parser no more than three times what ordinary code does.
pub(super) const MOST_OPEN: usize = 128;

/// True when more than [`MOST_OPEN`] may be open at one place.
///
/// Two counts are kept, each right about what the other can be led astray by: of all bytes, where an apostrophe in the
/// text of JSX hides nothing; and of the code without strings, templates and comments, where no `>` in a string closes.
pub(super) fn are_too_many(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (mut of_all, mut of_code) = (0_usize, 0_usize);
    let mut state = State::default();
    let mut at = 0;
    while at < bytes.len() {
        let count: fn(usize) -> usize = match (bytes[at], at.checked_sub(1).map(|before| bytes[before])) {
            (b'<', _) if bytes.get(at + 1) != Some(&b'=') => |open| open + 1,
            (b'>', before) if before != Some(b'=') && bytes.get(at + 1) != Some(&b'=') => {
                |open| open.saturating_sub(1)
            }
            (b';', _) => |_| 0,
            _ => |open| open,
        };
        of_all = count(of_all);
        if state.within == Within::Code {
            of_code = count(of_code);
        }
        if of_all.max(of_code) > MOST_OPEN {
            return true;
        }
        at += state.pass(bytes[at], bytes.get(at + 1).copied());
    }
    false
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Within {
    #[default]
    Code,
    /// A string, by its quote: it ends with its line at the latest.
    Quotes(u8),
    Template,
    LineComment,
    BlockComment,
}

/// Where the count is.
#[derive(Debug, Default)]
struct State {
    within: Within,
    /// Braces that are open in each `${` around.
    substitutions: Vec<u32>,
}

impl State {
    /// Goes over the next byte, or over two that belong together, and gives how many.
    fn pass(&mut self, byte: u8, next: Option<u8>) -> usize {
        let (within, step) = match (self.within, byte, next) {
            (Within::Code, b'/', Some(b'/')) => (Within::LineComment, 2),
            (Within::Code, b'/', Some(b'*')) => (Within::BlockComment, 2),
            (Within::Code, b'\'' | b'"', _) => (Within::Quotes(byte), 1),
            (Within::Code, b'`', _) => (Within::Template, 1),
            (Within::Code, b'{' | b'}', _) => (self.brace(byte), 1),
            (Within::Quotes(_) | Within::Template, b'\\', Some(_)) => (self.within, 2),
            (Within::Quotes(_) | Within::LineComment, b'\n', _) => (Within::Code, 1),
            (Within::Quotes(quote), _, _) if byte == quote => (Within::Code, 1),
            (Within::Template, b'`', _) => (Within::Code, 1),
            (Within::Template, b'$', Some(b'{')) => {
                self.substitutions.push(0);
                (Within::Code, 2)
            }
            (Within::BlockComment, b'*', Some(b'/')) => (Within::Code, 2),
            (within, _, _) => (within, 1),
        };
        self.within = within;
        step
    }

    /// A brace of the code: the last one of a substitution leads back into its template.
    fn brace(&mut self, byte: u8) -> Within {
        match (byte, self.substitutions.last_mut()) {
            (b'{', Some(open)) => *open += 1,
            (b'}', Some(0)) => {
                self.substitutions.pop();
                return Within::Template;
            }
            (b'}', Some(open)) => *open -= 1,
            _ => {}
        }
        Within::Code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_open_is_counted() {
        let many = MOST_OPEN + 1;
        for part in [
            "a<b,",
            "a<1|",
            "a<'>',",
            "a<\";\",",
            "a<`>`,",
            "a<`${`;`}`,",
            "a</*>*/b,",
            "a<//;\nb,",
            "a<(b)=>c,",
            "a<b>=c<d,",
            "a<'\\'>',",
        ] {
            assert!(are_too_many(&part.repeat(many)), "{part}");
        }
    }

    #[test]
    fn ordinary_code_is_not() {
        let many = MOST_OPEN * 4;
        for part in [
            "for (let i = 0; i < n; i++) {}\n",
            "const a: Map<string, Array<number>> = new Map<string, Array<number>>()\n",
            "<p>don't</p>\n",
            "<Field value={(x) => x} />\n",
            "i <= n &&\n",
            "a = '<' + '<b';\n",
            "a = `<${b}`;\n",
            "// a < b\n;",
        ] {
            assert!(!are_too_many(&part.repeat(many)), "{part}");
        }
        assert!(!are_too_many(&"a<b,".repeat(MOST_OPEN)));
    }
}
