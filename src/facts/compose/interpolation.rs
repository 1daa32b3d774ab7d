//! Variables in compose files: `$X`, `${X}`, `${X:-default}`, `${X:?message}`, `$$`.
//!
//! Source: "Interpolation" in the Compose specification. No environment is read: what the file and the `.env` beside it set
//! is what everybody gets who sets nothing.

use super::dotenv::Variables;
use crate::facts::Why;
use crate::facts::object::value::{Data, Is, Value};

/// How deep defaults may hold variables with defaults.
const DEPTH: usize = 16;

/// Puts defaults in the place of variables, in every value below; keys are not interpolated.
pub(super) fn apply(value: &mut Value, variables: &Variables) {
    match &mut value.data {
        Data::Map(fields) => fields.iter_mut().for_each(|field| apply(&mut field.value, variables)),
        Data::Seq(items) => items.iter_mut().for_each(|item| apply(item, variables)),
        Data::Scalar(scalar) => {
            if !scalar.text.contains('$') || scalar.is != Is::Text {
                return;
            }
            match expand_at(&scalar.text, variables, 0) {
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
    expand_at(text, &Variables::default(), 0)
}

fn expand_at(text: &str, variables: &Variables, depth: usize) -> Result<String, Why> {
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
            expanded.push_str(&value_of(&after[..end], variables, depth)?);
            rest = &after[end + 1..];
        } else if rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            let (name, after) = rest.split_at(name_length(rest));
            expanded.push_str(variables.get(name).ok_or(Why::Variable)?);
            rest = after;
        } else {
            return Err(Why::Broken);
        }
    }
    expanded.push_str(rest);
    Ok(expanded)
}

/// What stands for the text between the braces of `${…}`.
fn value_of(body: &str, variables: &Variables, depth: usize) -> Result<String, Why> {
    let (name, operation) = body.split_at(name_length(body));
    let set = variables.get(name);
    let filled = set.filter(|value| !value.is_empty());
    let or_default = |set: Option<&String>, default: &str| match set {
        Some(value) => Ok(value.clone()),
        None if name.is_empty() => Err(Why::Variable),
        None => expand_at(default, variables, depth + 1),
    };
    if let Some(default) = operation.strip_prefix(":-") {
        return or_default(filled, default);
    }
    if let Some(default) = operation.strip_prefix('-') {
        return or_default(set, default);
    }
    let plain = if operation.starts_with(":?") { filled } else { set };
    let asks = operation.is_empty() || operation.starts_with([':', '?']) && !operation.starts_with(":+");
    plain.filter(|_| asks).cloned().ok_or(Why::Variable)
}

fn name_length(text: &str) -> usize {
    text.len() - text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').len()
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
        let variables = [("A", "1"), ("E", "")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let with = |text: &str| expand_at(text, &variables.iter().cloned().collect(), 0);
        assert_eq!(with("a:$A-${A}-${A:-2}-${E:-3}-${E-4}").as_deref(), Ok("a:1-1-1-3-"));
        assert_eq!(with("${A:?}${A?set it}").as_deref(), Ok("11"));
        assert_eq!([with("${E:?}"), with("${A:+x}"), with("$B")], [const { Err(Why::Variable) }; 3]);
        assert!(expand(&"${A:-".repeat(10_000)).is_err());
        assert!(expand(&format!("{}{}", "${A:-".repeat(10_000), "}".repeat(10_000))).is_err());
    }
}
