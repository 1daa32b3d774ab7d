//! What a scalar means to the one who reads it: Kubernetes, Compose and YAML 1.2 read the same bytes differently.
//!
//! Sources: `resolve.go` of go.yaml.in/yaml/v2 2.4 under sigs.k8s.io/yaml (Kubernetes), of yaml.v3 (Compose), and
//! section 10.3.2 of YAML 1.2.2 (core schema). JSON is always read by the core schema.

use std::borrow::Cow;

use super::tree::{Format, Kind, Ref, Schema, Style};

/// The value of a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'t> {
    /// `null`, `~`, or nothing at all.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer that fits 64 bits with a sign.
    Int(i64),
    /// An integer above [`i64::MAX`].
    UInt(u64),
    /// Any other number, and integers beyond 64 bits.
    Float(f64),
    /// Text.
    Str(&'t str),
    /// A sequence or a mapping: not a scalar at all.
    Collection,
    /// A scalar that its reader refuses (`!!int yes`), or an alias that leads nowhere.
    Invalid,
}

impl<'t> Ref<'t> {
    /// What it means by the schema of its tree, also through an alias.
    pub fn value(self) -> Value<'t> {
        let Some(target) = self.target() else { return Value::Invalid };
        let Kind::Scalar(style, _) = target.kind() else { return Value::Collection };
        let Some(text) = target.str() else { return Value::Invalid };
        let schema = if self.tree.format == Format::Json { Schema::Core } else { self.tree.schema };
        let tag = target.props().and_then(|props| props.tag.as_deref());
        resolve(schema, tag, style, text)
    }

    /// The boolean that it is.
    pub fn as_bool(self) -> Option<bool> {
        match self.value() {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The integer that it is; a float without a fraction counts (`1.0`, `1e3`), as it does in JSON.
    pub fn as_i64(self) -> Option<i64> {
        match self.value() {
            Value::Int(value) => Some(value),
            Value::Float(value) => whole(value),
            _ => None,
        }
    }

    /// The text that it is: `None` for `5`, `true` and `null`, which are no text.
    pub fn as_str(self) -> Option<&'t str> {
        match self.value() {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// True for `null`, `~` and an absent value.
    pub fn is_null(self) -> bool {
        self.value() == Value::Null
    }

    /// Its text as a key of a mapping: Kubernetes turns `on` into `true` and `0644` into `420`. `None` for a
    /// collection, and for a scalar that cannot be a key there.
    pub fn key_text(self) -> Option<Cow<'t, str>> {
        let text = self.str()?;
        let is_kubernetes = self.tree.schema == Schema::Kubernetes && self.tree.format == Format::Yaml;
        if !is_kubernetes {
            return Some(Cow::Borrowed(text));
        }
        match self.value() {
            Value::Str(text) => Some(Cow::Borrowed(text)),
            Value::Bool(value) => Some(Cow::Borrowed(if value { "true" } else { "false" })),
            Value::Int(value) => Some(Cow::Owned(value.to_string())),
            Value::Float(value) => Some(Cow::Owned(float_key(value))),
            Value::Null | Value::UInt(_) | Value::Collection | Value::Invalid => None,
        }
    }
}

/// How sigs.k8s.io/yaml writes a float that is a key: with the digits of 32 bits.
fn float_key(value: f64) -> String {
    if value.is_nan() {
        return ".nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    (value as f32).to_string()
}

/// The integer that a float without a fraction is.
pub(super) fn whole(value: f64) -> Option<i64> {
    const LIMIT: f64 = 9_007_199_254_740_992.0;
    (value.fract() == 0.0 && value.abs() <= LIMIT).then_some(value as i64)
}

const YAML: &str = "tag:yaml.org,2002:";

/// The value of a scalar written with this tag, style and text.
pub fn resolve<'t>(schema: Schema, tag: Option<&str>, style: Style, text: &'t str) -> Value<'t> {
    let Some(tag) = tag else {
        return if style == Style::Plain { plain(schema, text) } else { Value::Str(text) };
    };
    let Some(kind) = tag.strip_prefix(YAML) else { return Value::Str(text) };
    let value = plain(schema, text);
    match (kind, value) {
        ("null", Value::Null) | ("bool", Value::Bool(_)) | ("int", Value::Int(_) | Value::UInt(_)) => value,
        ("float", Value::Float(_)) => value,
        ("float", Value::Int(value)) => Value::Float(value as f64),
        ("float", Value::UInt(value)) => Value::Float(value as f64),
        ("null" | "bool" | "int" | "float", _) => Value::Invalid,
        _ => Value::Str(text),
    }
}

/// The value of a scalar without quotes and tag.
fn plain(schema: Schema, text: &str) -> Value<'_> {
    let Some(first) = text.bytes().next() else { return Value::Null };
    match first {
        b'~' | b'n' | b'N' if matches!(text, "~" | "null" | "Null" | "NULL") => Value::Null,
        b'0'..=b'9' | b'+' | b'-' | b'.' => number(schema, text).unwrap_or(Value::Str(text)),
        _ => boolean(schema, text).map_or(Value::Str(text), Value::Bool),
    }
}

fn boolean(schema: Schema, text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ if schema != Schema::Kubernetes => None,
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

fn number(schema: Schema, text: &str) -> Option<Value<'static>> {
    match text {
        ".nan" | ".NaN" | ".NAN" => return Some(Value::Float(f64::NAN)),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Some(Value::Float(f64::INFINITY)),
        "-.inf" | "-.Inf" | "-.INF" => return Some(Value::Float(f64::NEG_INFINITY)),
        _ => {}
    }
    if schema == Schema::Core {
        return core_integer(text).or_else(|| float(text));
    }
    // The Go libraries drop every underscore of what starts like a number, wherever it stands.
    let digits: Cow<'_, str> = match text.contains('_') {
        true => Cow::Owned(text.replace('_', "")),
        false => Cow::Borrowed(text),
    };
    go_integer(&digits).or_else(|| float(&digits))
}

/// Integers of the core schema: decimal with a sign, `0o` and `0x` without.
fn core_integer(text: &str) -> Option<Value<'static>> {
    let (digits, radix) = match text.as_bytes() {
        [b'0', b'o', ..] => (&text[2..], 8),
        [b'0', b'x', ..] => (&text[2..], 16),
        _ => (text, 10),
    };
    if radix != 10 && !digits.starts_with(|digit: char| digit.is_ascii_hexdigit()) {
        return None;
    }
    match digits.strip_prefix('+') {
        Some(digits) if !digits.starts_with('-') => signed_or_unsigned(digits, radix),
        Some(_) => None,
        None => signed_or_unsigned(digits, radix),
    }
}

/// Integers as `strconv.ParseInt` with base 0 reads them: a leading 0 means octal, as in `0644`.
fn go_integer(text: &str) -> Option<Value<'static>> {
    let (sign, body) = match text.as_bytes().first()? {
        b'-' => ("-", &text[1..]),
        b'+' => ("", &text[1..]),
        _ => ("", text),
    };
    let bytes = body.as_bytes();
    let (digits, radix) = match bytes {
        [b'0', b'x' | b'X', _, ..] => (&body[2..], 16),
        [b'0', b'o' | b'O', _, ..] => (&body[2..], 8),
        [b'0', b'b' | b'B', _, ..] => (&body[2..], 2),
        [b'0', _, ..] => (&body[1..], 8),
        _ => (body, 10),
    };
    if !digits.starts_with(|digit: char| digit.is_ascii_hexdigit()) {
        return None;
    }
    let value = match sign {
        "-" => signed_or_unsigned(&format!("-{digits}"), radix),
        _ => signed_or_unsigned(digits, radix),
    };
    // ParseUint takes no sign: what is too large for 63 bits and has a plus goes on as a float.
    value.filter(|value| !(text.starts_with('+') && matches!(value, Value::UInt(_))))
}

fn signed_or_unsigned(digits: &str, radix: u32) -> Option<Value<'static>> {
    if digits.starts_with('+') {
        return None;
    }
    let signed = i64::from_str_radix(digits, radix).map(Value::Int);
    signed.or_else(|_| u64::from_str_radix(digits, radix).map(Value::UInt)).ok()
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`; what overflows stays text, as it does in Go.
fn float(text: &str) -> Option<Value<'static>> {
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match body.find(['e', 'E']) {
        Some(at) => (&body[..at], Some(&body[at + 1..])),
        None => (body, None),
    };
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_mantissa = !whole.is_empty() || !fraction.is_empty();
    if !has_mantissa || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    if let Some(exponent) = exponent {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if digits.is_empty() || !is_digits(digits) {
            return None;
        }
    }
    text.parse().ok().filter(|value: &f64| value.is_finite()).map(Value::Float)
}

/// The bytes of a base64 text (RFC 4648, blanks allowed); `None` when it is none.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count, mut padded) = (0_u32, 0_u32, 0_u32);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        let value = match byte {
            b'=' => {
                padded += 1;
                continue;
            }
            _ if padded > 0 => return None,
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 1;
        if count % 4 == 0 {
            bytes.extend_from_slice(&bits.to_be_bytes()[1..]);
            bits = 0;
        }
    }
    let rest = (bits << (6 * (4 - count % 4) % 24)).to_be_bytes();
    match (count % 4, padded) {
        (0, 0) => {}
        (2, 2) => bytes.push(rest[1]),
        (3, 1) => bytes.extend_from_slice(&rest[1..3]),
        _ => return None,
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kubernetes(text: &str) -> Value<'_> {
        resolve(Schema::Kubernetes, None, Style::Plain, text)
    }

    #[test]
    fn kubernetes_reads_yaml_1_1() {
        assert_eq!(kubernetes("yes"), Value::Bool(true));
        assert_eq!(kubernetes("off"), Value::Bool(false));
        assert_eq!(kubernetes("0644"), Value::Int(420));
        assert_eq!(kubernetes("08"), Value::Float(8.0));
        assert_eq!(kubernetes("-0x1F"), Value::Int(-31));
        assert_eq!(kubernetes("1_000"), Value::Int(1000));
        assert_eq!(kubernetes("12:30"), Value::Str("12:30"));
        assert_eq!(kubernetes("1e400"), Value::Str("1e400"));
        assert_eq!(kubernetes("18446744073709551615"), Value::UInt(u64::MAX));
        assert_eq!(kubernetes("+18446744073709551615"), Value::Float(18446744073709551615.0));
        assert_eq!(kubernetes("nil"), Value::Str("nil"));
    }

    #[test]
    fn compose_and_core_keep_yes_and_on_as_text() {
        for schema in [Schema::Compose, Schema::Core] {
            assert_eq!(resolve(schema, None, Style::Plain, "yes"), Value::Str("yes"));
            assert_eq!(resolve(schema, None, Style::Plain, "True"), Value::Bool(true));
        }
        assert_eq!(resolve(Schema::Compose, None, Style::Plain, "0644"), Value::Int(420));
        assert_eq!(resolve(Schema::Core, None, Style::Plain, "0644"), Value::Int(644));
        assert_eq!(resolve(Schema::Core, None, Style::Plain, "0o14"), Value::Int(12));
        assert_eq!(resolve(Schema::Core, None, Style::Plain, "+-1"), Value::Str("+-1"));
        assert_eq!(resolve(Schema::Core, None, Style::Plain, "0x-1"), Value::Str("0x-1"));
    }

    #[test]
    fn a_tag_decides_or_is_refused() {
        let tagged = |tag: &str, text| resolve(Schema::Kubernetes, Some(tag), Style::Double, text);
        assert_eq!(tagged("tag:yaml.org,2002:int", "5"), Value::Int(5));
        assert_eq!(tagged("tag:yaml.org,2002:int", "yes"), Value::Invalid);
        assert_eq!(tagged("!Ref", "5"), Value::Str("5"));
        assert_eq!(tagged("tag:yaml.org,2002:str", "5"), Value::Str("5"));
    }
}
