//! Text of a project in a page: it can neither be markup nor end the value of an attribute, nor turn the direction of
//! what stands around it.

use crate::report::clean;
use crate::report::words::parts;

/// A line of text, for an element or a quoted attribute.
pub(in crate::report) fn text(text: &str) -> String {
    escaped(&clean::line(text))
}

/// Text that is cleaned already.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// A message: what it has between backticks is code.
pub(super) fn prose(message: &str) -> String {
    let part = |(part, is_code): (&str, bool)| match is_code {
        true => format!("<code>{}</code>", escaped(part)),
        false => escaped(part),
    };
    parts(&clean::line(message)).into_iter().map(part).collect()
}
