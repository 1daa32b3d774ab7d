//! Text within XML 1.0 (<https://www.w3.org/TR/xml/>).

/// `text` as the value of an attribute between double quotes. Tabs and line ends are written as references, because
/// readers make spaces of those that stand there (3.3.3).
pub(super) fn attribute(text: &str) -> String {
    escaped(text, |character| match character {
        '\t' => Some("&#9;"),
        '\n' => Some("&#10;"),
        _ => None,
    })
}

/// `text` between tags.
pub(super) fn text(text: &str) -> String {
    escaped(text, |_| None)
}

fn escaped(text: &str, more: impl Fn(char) -> Option<&'static str>) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    for character in text.chars() {
        let reference = match character {
            '&' => Some("&amp;"),
            '<' => Some("&lt;"),
            // Not only in `]]>`: simple readers look for it everywhere.
            '>' => Some("&gt;"),
            '"' => Some("&quot;"),
            '\'' => Some("&#39;"),
            // Readers make a line feed of it (2.11).
            '\r' => Some("&#13;"),
            _ => more(character),
        };
        match reference {
            Some(reference) => escaped.push_str(reference),
            None => escaped.push(permitted(character)),
        }
    }
    escaped
}

/// The character itself, or what stands for one that a document must not hold in any form (2.2).
fn permitted(character: char) -> char {
    match character {
        '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'.. => character,
        _ => char::REPLACEMENT_CHARACTER,
    }
}
