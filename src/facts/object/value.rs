//! The one form that object views read: a tree of values of which each knows the bytes that set it.
//!
//! A raw object is built from the tree of its file; a built one (kustomize) from several files, so that neighbours may
//! stand in different files. Aliases and merge keys are resolved here, within a budget, and nothing else.

use std::borrow::Cow;
use std::sync::Arc;

use crate::facts::Why;
use crate::source::{Span, Spanned};
use crate::syntax::mapped::MappedText;
use crate::syntax::scalar;
use crate::syntax::tree::{Format, Kind, NodeId, Ref, Schema, Tree};

/// How deep values may nest: what the readers allow in a file. Aliases could otherwise nest without end.
const DEPTH: usize = 256;

/// A value and the bytes that set it.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// The bytes of the value itself, not of its key.
    pub span: Span,
    /// What it is.
    pub data: Data,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// A scalar.
    Scalar(Scalar),
    /// A mapping in the order of the file; no key stands twice.
    Map(Vec<Field>),
    /// A sequence.
    Seq(Vec<Value>),
}

/// A key of a mapping with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The key.
    pub key: Box<str>,
    /// The bytes of the key.
    pub key_span: Span,
    /// What it is set to.
    pub value: Value,
}

/// A scalar: its text and how Kubernetes reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct Scalar {
    /// The text as YAML or JSON cooks it.
    pub text: Box<str>,
    /// What it means.
    pub is: Is,
    /// The node it was read from, in the tree of its span's file; `None` for a value that plimsoll composed.
    pub node: Option<NodeId>,
}

/// What a scalar means to Kubernetes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Is {
    /// Nothing at all: the same as an absent key.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Another number.
    Float(f64),
    /// Text.
    Text,
    /// Something that is filled in later, or that plimsoll could not build.
    Unknown(Why),
}

impl Value {
    /// A text that plimsoll composed, with the bytes that it goes back to.
    pub fn text(text: impl Into<Box<str>>, span: Span) -> Value {
        Value { span, data: Data::Scalar(Scalar { text: text.into(), is: Is::Text, node: None }) }
    }

    /// A whole number that plimsoll composed.
    pub fn int(number: i64, span: Span) -> Value {
        let text = number.to_string().into_boxed_str();
        Value { span, data: Data::Scalar(Scalar { text, is: Is::Int(number), node: None }) }
    }

    /// A value that cannot be known, with the text that is known of it.
    pub fn unknown(text: impl Into<Box<str>>, why: Why, span: Span) -> Value {
        Value { span, data: Data::Scalar(Scalar { text: text.into(), is: Is::Unknown(why), node: None }) }
    }

    /// Nothing.
    pub fn null(span: Span) -> Value {
        Value { span, data: Data::Scalar(Scalar { text: "".into(), is: Is::Null, node: None }) }
    }

    /// An empty mapping.
    pub fn map(span: Span) -> Value {
        Value { span, data: Data::Map(Vec::new()) }
    }

    /// Reads a node of `tree`. `budget` is the number of nodes that may still be made: aliases cannot blow up.
    pub fn read(node: Ref<'_>, budget: &mut usize) -> Value {
        Value::read_as(node, node.tree.schema, budget)
    }

    /// Reads a node as somebody else than the tree's own reader does.
    pub fn read_as(node: Ref<'_>, schema: Schema, budget: &mut usize) -> Value {
        Value::read_but(node, schema, None, budget)
    }

    /// As [`Value::read_as`], without what stands under the key `but`, which is nothing then.
    pub(super) fn read_but(
        node: Ref<'_>,
        schema: Schema,
        but: Option<&'static str>,
        budget: &mut usize,
    ) -> Value {
        Reader { schema, but, budget }.read(node, 0)
    }

    /// The fields of a mapping; none for anything else.
    pub fn fields(&self) -> &[Field] {
        match &self.data {
            Data::Map(fields) => fields,
            _ => &[],
        }
    }

    /// The fields of a mapping, to change them.
    pub fn fields_mut(&mut self) -> Option<&mut Vec<Field>> {
        match &mut self.data {
            Data::Map(fields) => Some(fields),
            _ => None,
        }
    }

    /// The items of a sequence; none for anything else.
    pub fn items(&self) -> &[Value] {
        match &self.data {
            Data::Seq(items) => items,
            _ => &[],
        }
    }

    /// The items of a sequence, to change them.
    pub fn items_mut(&mut self) -> Option<&mut Vec<Value>> {
        match &mut self.data {
            Data::Seq(items) => Some(items),
            _ => None,
        }
    }

    /// The field of this key, also one that is null.
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields().iter().find(|field| &*field.key == key)
    }

    /// The value of a key. Null counts as absent, as it does to Kubernetes.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.field(key).map(|field| &field.value).filter(|value| !value.is_null())
    }

    /// The value of a key, to change it; null included.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.fields_mut()?.iter_mut().find(|field| &*field.key == key).map(|field| &mut field.value)
    }

    /// The value at a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The scalar that it is.
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.data {
            Data::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// Its text, when it is a known text.
    pub fn as_str(&self) -> Option<&str> {
        self.scalar().filter(|scalar| scalar.is == Is::Text).map(|scalar| &*scalar.text)
    }

    /// Its text with its bytes, when it is a known text.
    pub fn as_spanned(&self) -> Option<Spanned<String>> {
        Some(Spanned::new(self.as_str()?.to_owned(), self.span))
    }

    /// True for null and for an absent value after a key.
    pub fn is_null(&self) -> bool {
        self.scalar().is_some_and(|scalar| scalar.is == Is::Null)
    }

    /// Why it is not known, when it is not.
    pub fn unknown_why(&self) -> Option<Why> {
        match self.scalar()?.is {
            Is::Unknown(why) => Some(why),
            _ => None,
        }
    }

    /// Sets a key, at its place when it is there and at the end when not.
    pub fn set(&mut self, key: &str, key_span: Span, value: Value) {
        let Data::Map(fields) = &mut self.data else { return };
        match fields.iter_mut().find(|field| &*field.key == key) {
            Some(field) => *field = Field { key: key.into(), key_span, value },
            None => fields.push(Field { key: key.into(), key_span, value }),
        }
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &str) -> Option<Field> {
        let fields = self.fields_mut()?;
        let at = fields.iter().position(|field| &*field.key == key)?;
        Some(fields.remove(at))
    }

    /// The scalar that stands at exactly these bytes.
    pub fn scalar_at(&self, span: Span) -> Option<&Scalar> {
        match &self.data {
            Data::Scalar(scalar) => (self.span == span).then_some(scalar),
            Data::Map(fields) => fields.iter().find_map(|field| field.value.scalar_at(span)),
            Data::Seq(items) => items.iter().find_map(|item| item.scalar_at(span)),
        }
    }
}

impl Is {
    /// What a text means that a variable or a patch put in the place of a plain scalar.
    pub fn of_text(text: &str) -> Is {
        match text {
            "true" => return Is::Bool(true),
            "false" => return Is::Bool(false),
            _ => {}
        }
        match text.parse::<i64>() {
            Ok(number) if !text.starts_with(['+', '0']) || text == "0" => Is::Int(number),
            _ => Is::Text,
        }
    }
}

impl Scalar {
    /// The text with the way back to its bytes; `span` is the span of the value that holds it.
    pub fn mapped(&self, trees: &[Arc<Tree>], span: Span) -> MappedText {
        let tree = trees.iter().find(|tree| tree.file == span.file);
        let node = tree.zip(self.node).and_then(|(tree, node)| tree.at(node).mapped());
        node.unwrap_or_else(|| {
            let mut text = MappedText::new(span.file);
            text.push_replaced(&self.text, span);
            text
        })
    }
}

/// Reads nodes, and counts them.
struct Reader<'b> {
    schema: Schema,
    but: Option<&'static str>,
    budget: &'b mut usize,
}

impl Reader<'_> {
    fn read(&mut self, node: Ref<'_>, depth: usize) -> Value {
        let span = node.span();
        let Some(target) = node.target() else { return Value::unknown("", Why::Broken, span) };
        if *self.budget == 0 || depth > DEPTH {
            return Value::unknown("", Why::Unsupported, span);
        }
        *self.budget -= 1;
        let data = match target.kind() {
            Kind::Mapping(true) if is_template_action(target) => {
                return Value::unknown(&target.tree.text[target.span().range()], Why::Templated, span);
            }
            Kind::Mapping(_) => Data::Map(self.fields(target, depth)),
            Kind::Sequence(_) => {
                let mut items = Vec::with_capacity(target.len());
                items.extend(target.children().map(|item| self.read(item, depth + 1)));
                Data::Seq(items)
            }
            _ => Data::Scalar(self.scalar(target)),
        };
        Value { span, data }
    }

    fn fields(&mut self, mapping: Ref<'_>, depth: usize) -> Vec<Field> {
        let mut fields = Vec::with_capacity(mapping.len() / 2);
        for entry in mapping.entries() {
            let key = match self.schema {
                Schema::Kubernetes => entry.key.key_text(),
                _ => entry.key.str().map(Cow::Borrowed),
            };
            let Some(key) = key else { continue };
            let value = match self.but {
                Some(but) if *key == *but => Value::null(entry.value.span()),
                _ => self.read(entry.value, depth + 1),
            };
            fields.push(Field { key: key.into(), key_span: entry.key.span(), value });
        }
        fields
    }

    fn scalar(&self, node: Ref<'_>) -> Scalar {
        let text: Box<str> = node.str().unwrap_or_default().into();
        let is = if text.contains("{{") { Is::Unknown(Why::Templated) } else { self.meaning(node) };
        Scalar { text, is, node: Some(node.id) }
    }

    fn meaning(&self, node: Ref<'_>) -> Is {
        let value = match node.kind() {
            Kind::Scalar(style, _) if self.schema != node.tree.schema && node.tree.format == Format::Yaml => {
                let tag = node.props().and_then(|props| props.tag.as_deref());
                scalar::resolve(self.schema, tag, style, node.str().unwrap_or_default())
            }
            _ => node.value(),
        };
        match value {
            scalar::Value::Null => Is::Null,
            scalar::Value::Bool(is) => Is::Bool(is),
            scalar::Value::Int(number) => Is::Int(number),
            scalar::Value::UInt(number) => Is::Float(number as f64),
            scalar::Value::Float(number) => Is::Float(number),
            scalar::Value::Str(_) => Is::Text,
            scalar::Value::Collection | scalar::Value::Invalid => Is::Unknown(Why::Broken),
        }
    }
}

/// `{{ .Values.x }}` without quotes is, to YAML, a flow mapping whose key is a flow mapping.
fn is_template_action(mapping: Ref<'_>) -> bool {
    mapping.children().next().is_some_and(|key| matches!(key.kind(), Kind::Mapping(true)))
}
