//! Makes text of the analysed project harmless for a terminal: no control character, nothing that reorders or hides
//! what stands around it, no second line.

/// Characters of one line that a report prints at most.
const LONGEST: usize = 600;

/// The character to print for `character`; one for one, so that columns stay.
pub fn character(character: char) -> char {
    if is_harmful(character) { char::REPLACEMENT_CHARACTER } else { character }
}

/// True for what a terminal would obey instead of print, and for what reorders the text around it.
pub fn is_harmful(character: char) -> bool {
    match character {
        // Bidirectional marks, embeddings, overrides and isolates.
        '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        // Line and paragraph separators; byte-order marks and interlinear marks; tags, which nobody sees.
        '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => true,
        _ => character.is_control(),
    }
}

/// A message as one harmless line of bounded length. Line ends and tabs become spaces.
pub fn line(text: &str) -> String {
    let print = |each: char| if matches!(each, '\n' | '\t') { ' ' } else { character(each) };
    let mut characters = text.trim_end().chars();
    let mut line: String =
        characters.by_ref().filter(|each| *each != '\r').map(print).take(LONGEST).collect();
    if characters.next().is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        assert_eq!(
            line("a\u{1b}[31mb\r\n\tc\u{202e}d\u{2028}\u{85}e\n"),
            "a\u{fffd}[31mb  c\u{fffd}d\u{fffd}\u{fffd}e"
        );
        assert_eq!(line("日本 é ✓"), "日本 é ✓");
        assert_eq!(line(&"x".repeat(1_000_000)).chars().count(), LONGEST + 1);
        assert_eq!(line(&"x".repeat(LONGEST)).chars().count(), LONGEST);
    }
}
