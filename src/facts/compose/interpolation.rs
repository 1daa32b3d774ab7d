//! Variables in compose files: `$X`, `${X}`, `${X:-default}`, `${X:?message}`, `$$`.
//!
//! Source: "Interpolation" in the Compose specification. No environment and no `.env` is read: what a file sets by
//! default is what everybody gets who sets nothing.

use crate::facts::Why;
use crate::facts::object::value::{Data, Is, Value};

/// How deep defaults may hold variables with defaults.
const DEPTH: usize = 16;

/// Puts defaults in the place of variables, in every value below; keys are not interpolated.
pub(super) fn apply(value: &mut Value) {
    match &mut value.data {
        Data::Map(fields) => fields.iter_mut().for_each(|field| apply(&mut field.value)),
        Data::Seq(items) => items.iter_mut().for_each(apply),
        Data::Scalar(scalar) => {
            if !scalar.text.contains('$') || scalar.is != Is::Text {
                return;
            }
            match expand(&scalar.text) {
                Ok(text) => {
                    scalar.is = Is::of_text(&text);
                    scalar.text = text.into();
                    scalar.node = None;
                }
                Err(why) => scalar.is = Is::Unknown(why),
            }
        }
    }
}

/// The text with every variable at its default.
///
/// # Errors
/// [`Why::Variable`] when a variable has no default; [`Why::Broken`] for text that compose refuses.
pub fn expand(text: &str) -> Result<String, Why> {
    expand_at(text, 0)
}

fn expand_at(text: &str, depth: usize) -> Result<String, Why> {
    if depth > DEPTH {
        return Err(Why::Unsupported);
    }
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        expanded.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            expanded.push('$');
            rest = after;
        } else if let Some(after) = rest.strip_prefix('{') {
            let end = closing(after).ok_or(Why::Broken)?;
            expanded.push_str(&default_of(&after[..end], depth)?);
            rest = &after[end + 1..];
        } else if rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            return Err(Why::Variable);
        } else {
            return Err(Why::Broken);
        }
    }
    expanded.push_str(rest);
    Ok(expanded)
}

/// The default that stands between the braces of `${…}`.
fn default_of(body: &str, depth: usize) -> Result<String, Why> {
    let name = body.len() - body.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').len();
    let operation = &body[name..];
    match operation.strip_prefix(":-").or_else(|| operation.strip_prefix('-')) {
        Some(default) if name > 0 => expand_at(default, depth + 1),
        _ => Err(Why::Variable),
    }
}

/// The offset of the brace that closes what was opened before `text`.
fn closing(text: &str) -> Option<usize> {
    let mut open = 1_usize;
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' if at > 0 && bytes[at - 1] == b'$' => open += 1,
            b'}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_its_default_or_unknown() {
        assert_eq!(expand("app:${TAG:-1.2}"), Ok("app:1.2".to_owned()));
        assert_eq!(expand("${A-x}${B:-}"), Ok("x".to_owned()));
        assert_eq!(expand("${A:-${B:-deep}}!"), Ok("deep!".to_owned()));
        assert_eq!(expand("cost $$5"), Ok("cost $5".to_owned()));
        assert_eq!(expand("app:$TAG"), Err(Why::Variable));
        assert_eq!(expand("${TAG}"), Err(Why::Variable));
        assert_eq!(expand("${TAG:?set it}"), Err(Why::Variable));
        assert_eq!(expand("${TAG:+x}"), Err(Why::Variable));
        assert_eq!(expand("${TAG"), Err(Why::Broken));
        assert_eq!(expand("a$"), Err(Why::Broken));
        assert!(expand(&"${A:-".repeat(10_000)).is_err());
        assert!(expand(&format!("{}{}", "${A:-".repeat(10_000), "}".repeat(10_000))).is_err());
    }
}
