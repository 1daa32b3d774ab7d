//! Instructions that became arguments because the line before them ends in a continuation.

use crate::syntax::Issue;

use super::kind::Keyword;
use super::logical::{Logical, is_blank, lossy};
use super::tree::{Args, Instruction};

/// Id of the rule that reports them.
const RULE: &str = "dockerfile/swallowed-instruction";

/// Looks at the continuation lines of an instruction.
pub(super) fn check(line: &Logical, instruction: &Instruction, issues: &mut Vec<Issue>) {
    let name = &instruction.name.value;
    // Where keywords are written small, a word in capitals says nothing.
    if name.bytes().any(|byte| byte.is_ascii_lowercase()) || line.starts().nth(1).is_none() {
        return;
    }
    let mut starts = line.starts().peekable();
    let mut quotes = Quotes::default();
    let mut read = 0;
    while let Some(start) = starts.next() {
        if start == 0 {
            continue;
        }
        let end = starts.peek().copied().unwrap_or(line.bytes.len());
        let piece = &line.bytes[start..end];
        let blanks = piece.iter().take_while(|byte| is_blank(**byte)).count();
        let Some(keyword) = keyword_of(&piece[blanks..]) else { continue };
        // Quotes are read only up to where a keyword stands: most files never get here.
        quotes.read(&line.bytes[read..start]);
        read = start;
        if quotes.open() || belongs(line, instruction, start) {
            continue;
        }
        let at = start + blanks;
        issues.push(Issue {
            rule: RULE,
            message: format!(
                "{} is an argument of the {name} above it, because the line before it ends in a continuation",
                keyword.as_str()
            ),
            span: line.span(at..at + keyword.as_str().len()),
            help: Some("remove the continuation at the end of the line before".to_owned()),
            related: Vec::new(),
        });
    }
}

/// `ONBUILD \` and `HEALTHCHECK --interval=5s \` go on with a keyword of their own.
fn belongs(line: &Logical, instruction: &Instruction, start: usize) -> bool {
    let before = &line.bytes[..start];
    let words = || before.split(|byte| is_blank(*byte)).filter(|word| !word.is_empty()).skip(1);
    match instruction.keyword {
        Keyword::Onbuild => {
            words().next().is_none() || matches!(&instruction.args, Args::Sub(sub) if !sub.chain.is_empty())
        }
        Keyword::Healthcheck => words().all(|word| word.starts_with(b"--")),
        // Nothing but the keyword stands before it: it is a lone word, no instruction of its own.
        _ => words().next().is_none() && before.iter().any(|byte| is_blank(*byte)),
    }
}

/// The keyword that a line starts with, when what follows has the form of its arguments.
fn keyword_of(line: &[u8]) -> Option<Keyword> {
    let len = line.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    if !line.get(len).is_some_and(|byte| is_blank(*byte)) {
        return None;
    }
    let keyword = Keyword::of(std::str::from_utf8(&line[..len]).ok()?);
    if keyword == Keyword::Unknown {
        return None;
    }
    let rest = lossy(&line[len..]);
    let mut words = rest.split_whitespace().skip_while(|word| word.starts_with("--"));
    let first = words.next()?;
    let more = words.clone().next();
    let starts = |characters: &str| first.starts_with(|character: char| characters.contains(character));
    let plausible = match keyword {
        Keyword::Unknown => false,
        Keyword::From => {
            let image = first.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '$');
            let named = words.next().is_some_and(|word| word.eq_ignore_ascii_case("as"));
            image && (more.is_none() || named && words.next().is_some() && words.next().is_none())
        }
        // `COPY table FROM …` is SQL.
        Keyword::Copy | Keyword::Add => {
            more.is_some_and(|word| !matches!(word, "FROM" | "TO" | "COLUMN" | "(" | "&&" | "|"))
                && !starts("=&|;()")
        }
        Keyword::Run => !starts("=&|;)") && more.is_some(),
        Keyword::Cmd | Keyword::Entrypoint => starts("[") || more.is_some() && !starts("=&|;()"),
        Keyword::Shell => starts("["),
        Keyword::Expose => starts("0123456789$"),
        Keyword::Workdir => starts("/$.\""),
        Keyword::User => more.is_none() && !starts("=&|;()"),
        Keyword::Volume => starts("[/$\""),
        Keyword::Env => first.contains('=') && !starts("=") || more.is_some() && !starts("=&|;()"),
        Keyword::Label => first.contains('=') && !starts("="),
        Keyword::Arg => more.is_none() && !starts("=&|;()"),
        Keyword::StopSignal => first.starts_with("SIG") || starts("0123456789"),
        Keyword::Healthcheck => matches!(first, "CMD" | "NONE"),
        Keyword::Onbuild => Keyword::of(first) != Keyword::Unknown,
        Keyword::Maintainer => true,
    };
    plausible.then_some(keyword)
}

/// Whether a text stands inside of quotes.
#[derive(Default)]
struct Quotes {
    quote: Option<u8>,
    escaped: bool,
}

impl Quotes {
    fn read(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if std::mem::take(&mut self.escaped) {
                continue;
            }
            match (*byte, self.quote) {
                (b'\\', None | Some(b'"')) => self.escaped = true,
                (b'"' | b'\'', None) => self.quote = Some(*byte),
                (byte, Some(quote)) if byte == quote => self.quote = None,
                _ => {}
            }
        }
    }

    fn open(&self) -> bool {
        self.quote.is_some()
    }
}

#[cfg(test)]
mod tests {
    use crate::source::FileId;

    fn found(text: &str) -> Vec<String> {
        let parsed = super::super::parse(FileId(0), text.as_bytes());
        let swallowed = parsed.issues.iter().filter(|issue| issue.rule == super::RULE);
        swallowed.map(|issue| text[issue.span.range()].to_owned()).collect()
    }

    #[test]
    fn a_keyword_after_a_continuation_is_found() {
        assert_eq!(found("FROM a\nRUN npm ci && \\\nCOPY . .\n"), ["COPY"]);
        assert_eq!(found("FROM a\nENV A=b \\\n  C=d \\\n\nFROM node:22 AS x\n"), ["FROM"]);
        assert_eq!(found("FROM a\nRUN x \\\n# note\nCMD [\"node\"]\n"), ["CMD"]);
        assert_eq!(found("FROM a\nRUN x \\\nUSER node\n"), ["USER"]);
        assert_eq!(found("FROM a\nRUN x \\\nFROM 0321.dkr.ecr.amazonaws.com/x:1 as prod\n"), ["FROM"]);
        assert_eq!(found("FROM a\nHEALTHCHECK CMD x \\\nCMD [\"node\", \"a\"]\n"), ["CMD"]);
    }

    #[test]
    fn near_misses_are_not() {
        for text in [
            "RUN apt-get \\\ninstall curl\n",
            "RUN set -x \\\nUSER=x y\n",
            "RUN set -x \\\n && ADD a b\n",
            "RUN psql -c \"SELECT a \\\nFROM t\"\n",
            "RUN psql -c 'COPY t \\\nCOPY t FROM stdin'\n",
            "RUN psql \\\nCOPY t FROM stdin\n",
            "HEALTHCHECK --interval=5s \\\n  CMD curl localhost\n",
            "ONBUILD \\\n  RUN npm ci\n",
            "RUN x \\\nFROMAGE x\n",
            "run x \\\nCOPY a b\n",
            "RUN <<EOF\nx \\\nCOPY a b\nEOF\n",
        ] {
            assert_eq!(found(&format!("FROM a\n{text}")), [""; 0], "{text}");
        }
    }
}
