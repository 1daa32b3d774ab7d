//! Heredocs: which words of a line open one, and where the lines of each end.

use rustc_hash::FxHashMap;

use super::logical::{Logical, leading_space, lossy};
use super::shell_words::{Mode, Variable, Word, expand};
use crate::source::Span;

/// A word that opens a heredoc.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    pub(super) name: String,
    pub(super) expand: bool,
    pub(super) chomp: bool,
    pub(super) fd: u64,
    pub(super) span: Span,
}

/// BuildKit lexes heredocs with `\` whatever the escape directive says.
const RAW: Mode =
    Mode { escape: '\\', raw_quotes: true, literal_quotes: false, raw_escapes: true, keep_unset: true };

/// The heredocs that a line opens. A line that BuildKit's lexer refuses opens none.
pub(super) fn markers(line: &Logical) -> Vec<Marker> {
    if !line.bytes.windows(2).any(|pair| pair == b"<<") {
        return Vec::new();
    }
    let text = lossy(&line.bytes);
    let Ok(expanded) = expand(&text, RAW, &|_| Variable::Unset) else { return Vec::new() };
    // Each byte that is not UTF-8 stands as three in the text: offsets after it are two too many.
    let replaced = replaced_bytes(&line.bytes);
    let byte = |at: usize| at - 2 * replaced.partition_point(|start| *start < at);
    let span = |word: &Word| line.span(byte(word.range.start)..byte(word.range.end));
    expanded.words.iter().filter_map(|word| marker(&word.text, span(word))).collect()
}

/// Where the replacement characters of [`lossy`] start in its text.
fn replaced_bytes(bytes: &[u8]) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        at += chunk.valid().len();
        for _ in chunk.invalid() {
            starts.push(at);
            at += char::REPLACEMENT_CHARACTER.len_utf8();
        }
    }
    starts
}

/// Reads a word as `[fd]<<[-]name`.
pub(super) fn marker(word: &str, span: Span) -> Option<Marker> {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let rest = word[digits..].strip_prefix("<<")?;
    let chomp = rest.starts_with('-');
    let rest = &rest[usize::from(chomp)..];
    // Blanks of Go's `\s`, which knows ASCII only.
    let name = rest.trim_start_matches(['\t', '\n', '\u{c}', '\r', ' ']);
    if name.is_empty() || name.contains('<') {
        return None;
    }
    let lex = |raw_quotes| {
        let mode = Mode { raw_quotes, raw_escapes: false, ..RAW };
        let mut words = expand(name, mode, &|_| Variable::Unset).ok()?.words;
        (words.len() == 1).then(|| words.swap_remove(0).text)
    };
    let (bare, raw) = (lex(false)?, lex(true)?);
    let quotes = |text: &str| text.matches(['\'', '"']).count();
    let fd = word[..digits].parse().unwrap_or(if digits == 0 { 0 } else { u64::MAX });
    Some(Marker { expand: quotes(&bare) == quotes(&raw), name: bare, chomp, fd, span })
}

/// Finds the lines that end heredocs, in time linear in the text however many have no end.
#[derive(Default)]
pub(super) struct Terminators<'s> {
    /// Lines by their text, with tabs and without; made when the first search fails.
    index: Option<[FxHashMap<&'s [u8], Vec<u32>>; 2]>,
}

impl<'s> Terminators<'s> {
    /// The range (without line end) of the first line at or after `from` that ends a heredoc. `from` starts a line.
    pub(super) fn find(
        &mut self,
        text: &'s [u8],
        from: usize,
        marker: &Marker,
    ) -> Option<std::ops::Range<usize>> {
        let name = marker.name.as_bytes();
        if let Some(index) = &self.index {
            let starts = index[usize::from(marker.chomp)].get(name)?;
            let start = *starts.get(starts.partition_point(|start| (*start as usize) < from))? as usize;
            return lines(text, start).next();
        }
        let found = lines(text, from).find(|range| key(&text[range.clone()], marker.chomp) == name);
        if found.is_none() {
            self.build(text);
        }
        found
    }

    fn build(&mut self, text: &'s [u8]) {
        let mut index: [FxHashMap<&[u8], Vec<u32>>; 2] = Default::default();
        for range in lines(text, 0) {
            let line = &text[range.clone()];
            index[0].entry(key(line, false)).or_default().push(range.start as u32);
            index[1].entry(key(line, true)).or_default().push(range.start as u32);
        }
        self.index = Some(index);
    }
}

fn key(line: &[u8], chomp: bool) -> &[u8] {
    let tabs = if chomp { line.iter().take_while(|byte| **byte == b'\t').count() } else { 0 };
    &line[tabs..]
}

/// The lines from byte `from` on, each without the `\r` and `\n` at its end.
fn lines(text: &[u8], from: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    let mut at = from;
    std::iter::from_fn(move || {
        if at >= text.len() {
            return None;
        }
        let start = at;
        let len =
            text[start..].iter().position(|byte| *byte == b'\n').map_or(text.len() - start, |len| len + 1);
        at = start + len;
        Some(start..start + trim_line_end(&text[start..at]).len())
    })
}

/// A line without the `\r` and `\n` bytes at its end.
pub(super) fn trim_line_end(line: &[u8]) -> &[u8] {
    let len = line.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |last| last + 1);
    &line[..len]
}

/// True for a line whose first byte after white space is `#`.
pub(super) fn is_comment(line: &[u8]) -> bool {
    line.get(leading_space(line)) == Some(&b'#')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn names(text: &str) -> Vec<String> {
        let line = Logical::new(FileId(0), text.as_bytes(), 0);
        markers(&line)
            .into_iter()
            .map(|marker| {
                assert!(text[marker.span.range()].contains("<<"));
                format!(
                    "{}{}{}",
                    marker.name,
                    ["!", ""][usize::from(marker.expand)],
                    ["", "-"][usize::from(marker.chomp)]
                )
            })
            .collect()
    }

    #[test]
    fn bytes_that_are_not_utf8_move_no_marker() {
        let bytes = b"COPY \xf3A <<B \xf0\x9f <<\xffC ";
        let spans: Vec<&[u8]> = markers(&Logical::new(FileId(0), bytes, 0))
            .into_iter()
            .map(|marker| &bytes[marker.span.range()])
            .collect();
        assert_eq!(spans, [&b"<<B"[..], b"<<\xffC"]);
    }

    #[test]
    fn words_that_open_heredocs() {
        assert_eq!(names("RUN <<EOF"), ["EOF"]);
        assert_eq!(names("RUN << EOF"), ["EOF"]);
        assert_eq!(names("RUN cat <<-'E F' 3<<B"), ["E F!-", "B"]);
        assert_eq!(names("RUN echo it\\'s <<EOF"), ["EOF"]);
        assert_eq!(names("RUN echo $((1 << 2))"), ["2))"]);
        for none in
            ["RUN cat<<EOF", "RUN cat <<< x", "RUN 'a <<EOF", "RUN ${x^^} <<EOF", "RUN <<", "RUN $((1<<2))"]
        {
            assert_eq!(names(none), [""; 0], "{none}");
        }
    }
}
