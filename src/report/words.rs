//! Words of messages: what stands between backticks is code.

/// The parts of a text and whether they are code; without backticks that pair up, all of it is prose.
pub(super) fn parts(text: &str) -> Vec<(&str, bool)> {
    if text.matches('`').count() % 2 == 1 {
        return vec![(text, false)];
    }
    let parts = text.split('`').enumerate().map(|(at, part)| (part, at % 2 == 1));
    parts.filter(|(part, _)| !part.is_empty()).collect()
}
