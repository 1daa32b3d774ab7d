//! How views read fields: what is written, what then holds by default, and what cannot be known.
//!
//! Every view goes through [`At`], so that absence, templates and broken documents mean the same everywhere.

use super::quantity::{self, Quantity};
use super::value::{Data, Is, Value};
use crate::facts::command::Command;
use crate::facts::{Fact, Found, Origin, Why};
use crate::source::{Span, Spanned};

/// A place in an object: a value, or where the value would stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'v> {
    /// The value, when it is there and not null.
    pub(crate) value: Option<&'v Value>,
    /// The bytes to show for something that is missing here: the key of the nearest value that is there.
    pub(crate) anchor: Span,
    /// Why absence says nothing, when it says nothing (a document that is cut, a template in the way). When it is
    /// [`Why::Unsupported`], what is written says nothing either: something may still change it.
    missing: Result<(), Why>,
    /// Who sets defaults.
    source: &'static str,
}

impl<'v> At<'v> {
    pub(crate) fn new(value: &'v Value, anchor: Span, missing: Result<(), Why>) -> At<'v> {
        At { value: Some(value), anchor, missing, source: "kubernetes" }
    }

    /// The same place with defaults that somebody else sets.
    pub(crate) fn by(self, source: &'static str) -> At<'v> {
        At { source, ..self }
    }

    /// A field of this place that is not there.
    pub(crate) fn absent(self) -> At<'v> {
        At { value: None, ..self }
    }

    /// The same place with other bytes to show for what is missing.
    pub(crate) fn anchored(self, anchor: Span) -> At<'v> {
        At { anchor, ..self }
    }

    pub(crate) fn get(self, key: &str) -> At<'v> {
        let missing = self.missing.and(self.shape(|data| matches!(data, Data::Map(_))));
        match self.value.and_then(|value| value.field(key)).filter(|field| !field.value.is_null()) {
            Some(field) => At { value: Some(&field.value), anchor: field.key_span, missing, ..self },
            None => At { value: None, missing, ..self },
        }
    }

    pub(crate) fn path(self, keys: &[&str]) -> At<'v> {
        keys.iter().fold(self, |at, key| at.get(key))
    }

    /// The items of a list, and whether they are all there are.
    pub(crate) fn items(self) -> (Vec<At<'v>>, Result<(), Why>) {
        let rest = self.missing.and(self.shape(|data| matches!(data, Data::Seq(_))));
        let items = self.value.map_or(&[] as &[Value], Value::items);
        let items = items.iter().map(|item| At { value: Some(item), anchor: item.span, ..self });
        (items.collect(), rest)
    }

    /// The fields of a mapping, and whether they are all there are.
    pub(crate) fn fields(self) -> (Vec<Keyed<'v>>, Result<(), Why>) {
        let rest = self.missing.and(self.shape(|data| matches!(data, Data::Map(_))));
        let fields = self.value.map_or(&[] as &[_], Value::fields).iter().map(|field| {
            let at = At {
                value: Some(&field.value).filter(|value| !value.is_null()),
                anchor: field.key_span,
                ..self
            };
            (Spanned::new(field.key.to_string(), field.key_span), at)
        });
        (fields.collect(), rest)
    }

    pub(crate) fn exists(self) -> bool {
        self.value.is_some()
    }

    /// The bytes of the value, or the anchor.
    pub(crate) fn span(self) -> Span {
        self.value.map_or(self.anchor, |value| value.span)
    }

    /// `Ok` when the value has this shape or is absent.
    fn shape(self, fits: impl Fn(&Data) -> bool) -> Result<(), Why> {
        match self.value {
            Some(value) if !fits(&value.data) => Err(value.unknown_why().unwrap_or(Why::Broken)),
            _ => Ok(()),
        }
    }

    /// The value by `read`, or the default of Kubernetes.
    pub(crate) fn or<T>(self, default: T, read: impl Fn(&Value) -> Result<T, Why>) -> Fact<T> {
        match (self.value, self.missing) {
            (_, Err(Why::Unsupported)) => Fact::Unknown(Why::Unsupported),
            (Some(value), _) => match read(value) {
                Ok(read) => Fact::Known { value: read, origin: origin(value) },
                Err(why) => Fact::Unknown(value.unknown_why().unwrap_or(why)),
            },
            (None, Err(why)) => Fact::Unknown(why),
            (None, Ok(())) => {
                let origin = Origin::Default { owner: self.anchor, source: self.source };
                Fact::Known { value: default, origin }
            }
        }
    }

    pub(crate) fn optional<T>(self, read: impl Fn(&Value) -> Result<T, Why>) -> Fact<Option<T>> {
        self.or(None, |value| read(value).map(Some))
    }

    pub(crate) fn text(self) -> Fact<Option<String>> {
        self.optional(text)
    }

    pub(crate) fn text_or(self, default: &str) -> Fact<String> {
        self.or(default.to_owned(), text)
    }

    pub(crate) fn int(self) -> Fact<Option<i64>> {
        self.optional(int)
    }

    pub(crate) fn int_or(self, default: i64) -> Fact<i64> {
        self.or(default, int)
    }

    pub(crate) fn bool(self) -> Fact<Option<bool>> {
        self.optional(boolean)
    }

    pub(crate) fn bool_or(self, default: bool) -> Fact<bool> {
        self.or(default, boolean)
    }

    pub(crate) fn port(self) -> Fact<Option<PortRef>> {
        self.optional(port)
    }

    pub(crate) fn quantity(self) -> Fact<Option<Quantity>> {
        self.quantity_with(quantity::parse)
    }

    pub(crate) fn quantity_with(self, parse: impl Fn(&str) -> Option<Quantity>) -> Fact<Option<Quantity>> {
        self.optional(|value| parse(scalar_text(value)?).ok_or(Why::Broken))
    }

    /// A field that the API demands: unknown when it is absent.
    pub(crate) fn required(self) -> Fact<String> {
        match self.value {
            _ if self.missing == Err(Why::Unsupported) => Fact::Unknown(Why::Unsupported),
            Some(value) => match text(value) {
                Ok(text) => Fact::Known { value: text, origin: origin(value) },
                Err(why) => Fact::Unknown(why),
            },
            None => Fact::Unknown(self.missing.err().unwrap_or(Why::NotFound)),
        }
    }

    /// A list of texts.
    pub(crate) fn texts(self) -> Found<String> {
        let (items, mut rest) = self.items();
        let mut found = Vec::new();
        for item in items.into_iter().filter_map(|item| item.value) {
            match text(item) {
                Ok(text) => found.push(Spanned::new(text, item.span)),
                Err(why) => rest = rest.and(Err(why)),
            }
        }
        Found { items: found, rest }
    }

    /// Keys and texts of a mapping: labels, selectors, `data`.
    pub(crate) fn pairs(self) -> Vec<Pair> {
        let (fields, _) = self.fields();
        fields.into_iter().map(|(key, at)| Pair { key, value: at.required() }).collect()
    }

    /// Labels, of pods or of a selector. A value that the API would refuse is no label yet: something fills it in
    /// (`$(SLOT)`, `#{App}#`).
    pub(crate) fn labels(self) -> Vec<Pair> {
        let mut labels = self.pairs();
        for label in &mut labels {
            if label.value.known().is_some_and(|value| !is_label_value(value)) {
                label.value = Fact::Unknown(Why::Placeholder);
            }
        }
        labels
    }

    /// A command in exec form. Its texts are the kernel's or a shell's, so only what a template fills in is unknown.
    pub(crate) fn command(self) -> Fact<Option<Command>> {
        self.optional(|value| {
            let Data::Seq(items) = &value.data else { return Err(Why::Broken) };
            let arguments = items.iter().map(|item| Ok(Spanned::new(plain_text(item)?, item.span)));
            arguments.collect::<Result<Vec<_>, Why>>().map(Command::Exec)
        })
    }

    /// A text whose `${X}` is not ours to judge: values of environment variables, file contents.
    pub(crate) fn plain(self) -> Fact<Option<String>> {
        self.optional(plain_text)
    }
}

/// A key of a mapping and the place of its value.
pub(crate) type Keyed<'v> = (Spanned<String>, At<'v>);

/// A key with its text, as in labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The key.
    pub key: Spanned<String>,
    /// The text it is set to.
    pub value: Fact<String>,
}

/// A port by number or by name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PortRef {
    /// Its number.
    Number(u16),
    /// The name of a container's or a Service's port.
    Name(String),
}

/// What plimsoll composed (a default of a variable, an image with the tag of a kustomization) stands nowhere as it is.
fn origin(value: &Value) -> Origin {
    match value.scalar() {
        Some(scalar) if scalar.node.is_none() => Origin::Derived(vec![value.span]),
        _ => Origin::Written(value.span),
    }
}

/// Source: Kubernetes documentation, "Labels and Selectors", syntax and character set.
fn is_label_value(text: &str) -> bool {
    let is_inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let is_outer = |c: char| c.is_ascii_alphanumeric();
    text.is_empty() || text.starts_with(is_outer) && text.ends_with(is_outer) && text.chars().all(is_inner)
}

fn scalar_text(value: &Value) -> Result<&str, Why> {
    let scalar = value.scalar().ok_or(Why::Broken)?;
    match scalar.is {
        Is::Unknown(why) => Err(why),
        _ => unfilled(&scalar.text).map_or(Ok(&scalar.text), Err),
    }
}

fn text(value: &Value) -> Result<String, Why> {
    scalar_text(value).map(str::to_owned)
}

fn plain_text(value: &Value) -> Result<String, Why> {
    let scalar = value.scalar().ok_or(Why::Broken)?;
    match scalar.is {
        Is::Unknown(why) => Err(why),
        _ => Ok(scalar.text.to_string()),
    }
}

fn int(value: &Value) -> Result<i64, Why> {
    match value.scalar().ok_or(Why::Broken)?.is {
        Is::Int(number) => Ok(number),
        // YAML writers that quote everything are read as kubectl's users mean them.
        Is::Text => scalar_text(value)?.parse().map_err(|_| Why::Broken),
        Is::Unknown(why) => Err(why),
        _ => Err(Why::Broken),
    }
}

fn boolean(value: &Value) -> Result<bool, Why> {
    match value.scalar().ok_or(Why::Broken)?.is {
        Is::Bool(is) => Ok(is),
        Is::Text => scalar_text(value)?.parse().map_err(|_| Why::Broken),
        Is::Unknown(why) => Err(why),
        _ => Err(Why::Broken),
    }
}

fn port(value: &Value) -> Result<PortRef, Why> {
    match value.scalar().ok_or(Why::Broken)?.is {
        Is::Int(number) => u16::try_from(number).map(PortRef::Number).map_err(|_| Why::Broken),
        Is::Text => {
            let text = scalar_text(value)?;
            Ok(text.parse().map_or_else(|_| PortRef::Name(text.to_owned()), PortRef::Number))
        }
        Is::Unknown(why) => Err(why),
        _ => Err(Why::Broken),
    }
}

/// Why a text is not yet what the cluster gets: a variable of envsubst or of an OpenShift Template, or a
/// placeholder between angle brackets that a person or a script replaces.
pub fn unfilled(text: &str) -> Option<Why> {
    if text.contains("{{") {
        return Some(Why::Templated);
    }
    if text.contains("${")
        || text.starts_with('$') && text[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    {
        return Some(Why::Variable);
    }
    if text.trim().is_empty() && !text.is_empty() {
        return Some(Why::Placeholder);
    }
    let inner = text.split_once('<')?.1.split_once('>')?.0;
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.');
    (!inner.is_empty() && inner.chars().all(is_name)).then_some(Why::Placeholder)
}
