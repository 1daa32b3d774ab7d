//! The way from a scalar's text back to its bytes: escapes, folded lines and the indentation of blocks.

use crate::source::Span;

use super::mapped::MappedText;
use super::tree::{Kind, Ref, Style, Text};

impl Ref<'_> {
    /// The bytes of a scalar without its quotes, or of a block without its header; for others [`Ref::span`].
    pub fn inner_span(self) -> Span {
        let span = self.span();
        match self.kind() {
            Kind::Scalar(Style::Single | Style::Double, _) => {
                let end = span.end.saturating_sub(1).max(span.start);
                Span { start: (span.start + 1).min(end), end, ..span }
            }
            Kind::Scalar(Style::Literal | Style::Folded, _) => {
                let header = self.header_span().map_or(span.start, |header| header.end);
                let text = &self.tree.text[header as usize..span.range().end];
                let body = text.find('\n').map_or(span.end, |newline| header + newline as u32 + 1);
                Span { start: body.min(span.end), ..span }
            }
            _ => span,
        }
    }

    /// The header of a block: `|` or `>` with its indicators.
    pub fn header_span(self) -> Option<Span> {
        let Kind::Scalar(Style::Literal | Style::Folded, _) = self.kind() else { return None };
        let span = self.span();
        let text = &self.tree.text[span.range()];
        let is_other = |mark: char| !matches!(mark, '|' | '>' | '+' | '-' | '0'..='9');
        let length = text.find(is_other).unwrap_or(text.len());
        Some(Span { end: span.start + length as u32, ..span })
    }

    /// The text of a scalar with the way back to its bytes, also through an alias; `None` for a collection.
    pub fn mapped(self) -> Option<MappedText> {
        let target = self.target()?;
        let Kind::Scalar(style, text) = target.kind() else { return None };
        let cooked = target.str()?;
        let file = self.tree.file;
        if let Text::Verbatim(start, _) = text {
            return Some(MappedText::verbatim(file, cooked, start as usize));
        }
        let inner = target.inner_span();
        let source = self.tree.text.get(inner.range())?;
        let mut mapped = MappedText::new(file);
        match style {
            Style::Double => quoted(&mut mapped, source, inner.range().start),
            Style::Plain | Style::Single => folded_lines(&mut mapped, source, inner.range().start, style),
            Style::Literal | Style::Folded => block(&mut mapped, source, inner.range().start, cooked),
        }
        if mapped.text != cooked {
            // What granit reads in a way of its own still has its place as a whole.
            mapped = MappedText::new(file);
            mapped.push_replaced(cooked, target.span());
        }
        Some(mapped)
    }
}

/// The offset of the first line end at or after `from`, and the offset after it.
fn line_end(source: &str, from: usize) -> Option<(usize, usize)> {
    let at = from + source[from..].find(['\n', '\r'])?;
    let is_pair = source[at..].starts_with("\r\n");
    Some((at, at + if is_pair { 2 } else { 1 }))
}

/// Where the next line with text begins after the line end at `from`, and the number of blank lines before it.
fn after_break(source: &str, from: usize) -> (usize, usize) {
    let mut blank_lines = 0;
    let mut at = from;
    loop {
        let text = at + source[at..].bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        match source.as_bytes().get(text) {
            Some(b'\n' | b'\r') => {
                blank_lines += 1;
                at = line_end(source, text).map_or(source.len(), |(_, next)| next);
            }
            _ => return (text, blank_lines),
        }
    }
}

/// Appends what a line end between two lines of text stands for: a blank, or as many newlines as lines are blank.
fn push_break(mapped: &mut MappedText, blank_lines: usize, from: usize, to: usize) {
    let span = Span::new(mapped.file, from, to);
    match blank_lines {
        0 => mapped.push_replaced(" ", span),
        count => mapped.push_replaced(&"\n".repeat(count), span),
    }
}

/// Plain and single-quoted text over several lines; `''` is one quote.
fn folded_lines(mapped: &mut MappedText, source: &str, base: usize, style: Style) {
    let mut from = 0;
    loop {
        let end = line_end(source, from);
        let to = end.map_or(source.len(), |(at, _)| at);
        let line = match end {
            Some(_) => source[from..to].trim_end_matches([' ', '\t']),
            None => &source[from..to],
        };
        let mut at = from;
        for (quote, _) in line.match_indices("''").filter(|_| style == Style::Single) {
            mapped.push(&source[at..from + quote], base + at);
            mapped.push_replaced("'", Span::new(mapped.file, base + from + quote, base + from + quote + 2));
            at = from + quote + 2;
        }
        mapped.push(&source[at..from + line.len()], base + at);
        let Some((_, next)) = end else { return };
        let (text, blank_lines) = after_break(source, next);
        push_break(mapped, blank_lines, base + from + line.len(), base + text);
        from = text;
    }
}

/// Double-quoted text of YAML, and every string of JSON.
fn quoted(mapped: &mut MappedText, source: &str, base: usize) {
    let mut at = 0;
    while at < source.len() {
        let length = source[at..].find(['\\', '\n', '\r']).unwrap_or(source.len() - at);
        let run = &source[at..at + length];
        let is_break = source[at + length..].starts_with(['\n', '\r']);
        let kept = if is_break { run.trim_end_matches([' ', '\t']) } else { run };
        mapped.push(kept, base + at);
        let from = at + kept.len();
        at += length;
        if is_break {
            let next = line_end(source, at).map_or(source.len(), |(_, next)| next);
            let (text, blank_lines) = after_break(source, next);
            push_break(mapped, blank_lines, base + from, base + text);
            at = text;
        } else if at < source.len() {
            at = escape(mapped, source, base, at);
        }
    }
}

/// Appends what the escape at `at` stands for; the offset after it.
fn escape(mapped: &mut MappedText, source: &str, base: usize, at: usize) -> usize {
    let Some(mark) = source[at + 1..].chars().next() else { return source.len() };
    let after = at + 1 + mark.len_utf8();
    let (character, end) = match mark {
        '\n' | '\r' => {
            // An escaped line end joins the lines; blank lines after it still count.
            let next = line_end(source, at + 1).map_or(source.len(), |(_, next)| next);
            let (text, blank_lines) = after_break(source, next);
            mapped.push_replaced(&"\n".repeat(blank_lines), Span::new(mapped.file, base + at, base + text));
            return text;
        }
        'x' => code(source, after, 2),
        'u' => code(source, after, 4),
        'U' => code(source, after, 8),
        mark => (simple(mark), after),
    };
    let mut buffer = [0; 4];
    let text = character.map_or("", |character| character.encode_utf8(&mut buffer));
    mapped.push_replaced(text, Span::new(mapped.file, base + at, base + end));
    end
}

fn simple(mark: char) -> Option<char> {
    Some(match mark {
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        ' ' | '"' | '/' | '\\' => mark,
        _ => return None,
    })
}

/// The character of `length` hexadecimal digits at `at`, two surrogates being one character, and the offset after it.
fn code(source: &str, at: usize, length: usize) -> (Option<char>, usize) {
    let digits =
        |at: usize| source.get(at..at + length).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let Some(first) = digits(at) else { return (None, (at + length).min(source.len())) };
    let end = at + length;
    let low = source[end..].starts_with("\\u").then(|| digits(end + 2)).flatten();
    match (first, low) {
        (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) if length == 4 => {
            (char::from_u32(0x10000 + ((first - 0xd800) << 10) + (low - 0xdc00)), end + 2 + length)
        }
        _ => (char::from_u32(first), end),
    }
}

/// The lines of a block found in its text one after the other: what stands between two of them is the line end.
fn block(mapped: &mut MappedText, source: &str, base: usize, cooked: &str) {
    let indent = block_indent(source, cooked);
    let (mut from, mut done) = (0, 0);
    // Where in the source the bytes begin that what is not yet given out stands for.
    let mut gap = 0;
    while from < source.len() {
        let (end, next) = line_end(source, from).unwrap_or((source.len(), source.len()));
        let blanks = source[from..end].bytes().take_while(|byte| *byte == b' ').count();
        let start = from + blanks.min(indent);
        let line = &source[start..end];
        if !line.is_empty() {
            let separators = cooked[done..].bytes().take_while(|byte| matches!(byte, b' ' | b'\n')).count();
            let at = (0..=separators).find(|skip| cooked[done + skip..].starts_with(line));
            let Some(skip) = at else { return };
            let separator = Span::new(mapped.file, base + gap.min(start), base + start);
            mapped.push_replaced(&cooked[done..done + skip], separator);
            mapped.push(line, base + start);
            done += skip + line.len();
            gap = end;
        }
        from = next;
    }
    // What the last lines' ends stand for: they come after the body, which ends with its last visible character.
    mapped.push_replaced(
        &cooked[done..],
        Span::new(mapped.file, base + gap, (base + source.len()).max(base + gap)),
    );
}

/// Blanks that are no part of a block's text.
fn block_indent(source: &str, cooked: &str) -> usize {
    let first = cooked.trim_start_matches('\n');
    let own = first.len() - first.trim_start_matches(' ').len();
    let line = source.split(['\n', '\r']).find(|line| !line.trim_end_matches(' ').is_empty()).unwrap_or("");
    let blanks = line.len() - line.trim_start_matches(' ').len();
    blanks.saturating_sub(own)
}

#[cfg(test)]
mod tests {
    use crate::source::FileId;
    use crate::syntax::tree::Schema;
    use crate::syntax::{json, yaml};

    /// Every scalar of the text, and what its mapped pieces give.
    fn check(text: &str, places: &[(&str, &str)]) {
        let parsed = yaml::parse(FileId(0), text.into(), Schema::Core);
        assert_eq!(parsed.issues, [], "{text}");
        let root = parsed.tree.root().unwrap();
        let value = root.get("v").unwrap();
        let mapped = value.mapped().unwrap();
        assert_eq!(Some(mapped.text.as_str()), value.str());
        for (cooked, written) in places {
            let at = mapped.text.find(cooked).unwrap_or_else(|| panic!("{cooked:?} in {:?}", mapped.text));
            let span = mapped.span(at, at + cooked.len());
            assert_eq!(&text[span.range()], *written, "{cooked:?} of {text:?}");
        }
    }

    #[test]
    fn every_style_leads_back_to_its_bytes() {
        check("v: a\n  b\n\n  c\n", &[("b", "b"), ("\n", "\n\n  "), ("c", "c")]);
        check("v: 'it''s\n\n   c'\n", &[("'", "''"), ("s", "s"), ("c", "c")]);
        check(r#"v: "a\tb\u00e9c\x41d""#, &[("\t", r"\t"), ("é", r"\u00e9"), ("A", r"\x41"), ("d", "d")]);
        check("v: \"a \\\n   b\n\n  c\"\n", &[("b", "b"), ("c", "c"), ("a", "a")]);
        check(
            "v: |\n  one\n    two\n\n  three\nw: 1\n",
            &[("one", "one"), ("  two", "  two"), ("three", "three")],
        );
        check(
            "v: >-\n  one\n  two\n\n    more\n  last\n",
            &[("two", "two"), ("  more", "  more"), ("last", "last")],
        );
        check("v: |2\r\n    x\r\n  y\r\n", &[("  x", "  x"), ("y", "y")]);
    }

    #[test]
    fn surrogates_of_json_are_one_character() {
        let text = r#"{"v": "a\ud834\udd1eb\/"}"#;
        let parsed = json::parse(FileId(0), text.into(), json::Dialect::Strict);
        let mapped = parsed.tree.root().unwrap().get("v").unwrap().mapped().unwrap();
        assert_eq!(mapped.text, "a𝄞b/");
        assert_eq!(&text[mapped.span(1, 5).range()], r"\ud834\udd1e");
        assert_eq!(&text[mapped.span(6, 7).range()], r"\/");
    }

    #[test]
    fn a_block_has_a_header_and_a_body() {
        let text = "v: |-  # why\n  one\n  two\nw: 1\n";
        let parsed = yaml::parse(FileId(0), text.into(), Schema::Core);
        let value = parsed.tree.root().unwrap().get("v").unwrap();
        assert_eq!(&text[value.span().range()], "|-  # why\n  one\n  two");
        assert_eq!(&text[value.header_span().unwrap().range()], "|-");
        assert_eq!(&text[value.inner_span().range()], "  one\n  two");
    }
}
