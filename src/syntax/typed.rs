//! Typed reading of a node with serde, without a copy in between: `typed::read::<Limits>(node)`.
//!
//! An error points at the node that does not fit. Aliases are walked where they stand, within a budget: a node that
//! is named a billion times costs an error and no time.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer, StringDeserializer};
use serde::de::{self, Deserialize, DeserializeSeed, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use crate::source::Span;

use super::scalar::{Value, whole};
use super::tree::{Entry, Ref, Schema};

/// Why a node is not of the type that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// What does not fit: lower case, no full stop.
    pub message: String,
    /// The node at fault; `None` only before the error met a node.
    pub span: Option<Span>,
}

impl Mismatch {
    fn new(message: impl Into<String>, span: Span) -> Mismatch {
        Mismatch { message: message.into(), span: Some(span) }
    }

    fn at(self, span: Span) -> Mismatch {
        Mismatch { span: self.span.or(Some(span)), ..self }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Mismatch {}

impl de::Error for Mismatch {
    fn custom<T: fmt::Display>(message: T) -> Mismatch {
        Mismatch { message: message.to_string(), span: None }
    }
}

/// Nodes that may be visited beyond ten times those of the tree.
const BUDGET: usize = 100_000;
/// Collections within each other, aliases followed.
const DEPTH: usize = 256;

/// Reads a node as a `T`. Texts may be borrowed from the tree.
pub fn read<'t, T: Deserialize<'t>>(node: Ref<'t>) -> Result<T, Mismatch> {
    let budget = Cell::new(BUDGET + 10 * node.tree.len());
    T::deserialize(Node { at: node, depth: 0, budget: &budget })
}

/// A node as a deserializer.
#[derive(Clone, Copy)]
struct Node<'t, 'b> {
    at: Ref<'t>,
    depth: usize,
    budget: &'b Cell<usize>,
}

impl<'t> Node<'t, '_> {
    fn inner(self, at: Ref<'t>) -> Self {
        Node { at, depth: self.depth + 1, ..self }
    }

    fn spend(self) -> Result<(), Mismatch> {
        let Some(left) = self.budget.get().checked_sub(1) else {
            return Err(Mismatch::new("aliases make this larger than any file should be", self.at.span()));
        };
        self.budget.set(left);
        if self.depth > DEPTH {
            return Err(Mismatch::new("collections within each other too deep", self.at.span()));
        }
        Ok(())
    }

    fn any<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.spend()?;
        let span = self.at.span();
        let is_kubernetes = self.at.tree.schema == Schema::Kubernetes;
        let result = match self.at.value() {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Int(value) => visitor.visit_i64(value),
            Value::UInt(value) => visitor.visit_u64(value),
            Value::Float(value) if is_kubernetes && !value.is_finite() => {
                Err(Mismatch::new("JSON has no infinity and no NaN", span))
            }
            // Kubernetes goes through JSON, where 1.0 is written 1.
            Value::Float(value) => match whole(value).filter(|_| is_kubernetes) {
                Some(value) => visitor.visit_i64(value),
                None => visitor.visit_f64(value),
            },
            Value::Str(text) => visitor.visit_borrowed_str(text),
            Value::Collection if self.at.is_sequence() => self.sequence(visitor),
            Value::Collection => visitor.visit_map(Mapping::new(self)),
            Value::Invalid => {
                Err(Mismatch::new("an alias that leads nowhere, or a tag that does not fit", span))
            }
        };
        result.map_err(|error| error.at(span))
    }

    fn sequence<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_seq(Sequence { node: self, items: Box::new(self.at.items()) })
    }
}

impl<'t> de::Deserializer<'t> for Node<'t, '_> {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.any(visitor)
    }

    fn deserialize_option<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.at.is_null() {
            true => visitor.visit_none(),
            false => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'t>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'t>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.spend()?;
        let span = self.at.span();
        let result = match self.at.value() {
            Value::Str(text) => visitor.visit_enum(text.into_deserializer()),
            Value::Collection if self.at.is_mapping() => {
                visitor.visit_enum(MapAccessDeserializer::new(Mapping::new(self)))
            }
            _ => Err(Mismatch::new("a name of a variant is wanted here", span)),
        };
        result.map_err(|error: Mismatch| error.at(span))
    }

    fn deserialize_ignored_any<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        <W: Visitor<'t>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq
        tuple tuple_struct map struct identifier
    }
}

struct Sequence<'t, 'b> {
    node: Node<'t, 'b>,
    items: Box<dyn Iterator<Item = Ref<'t>> + 't>,
}

impl<'t> de::SeqAccess<'t> for Sequence<'t, '_> {
    type Error = Mismatch;

    fn next_element_seed<T: DeserializeSeed<'t>>(&mut self, seed: T) -> Result<Option<T::Value>, Mismatch> {
        let Some(item) = self.items.next() else { return Ok(None) };
        seed.deserialize(self.node.inner(item)).map(Some).map_err(|error| error.at(item.span()))
    }
}

struct Mapping<'t, 'b> {
    node: Node<'t, 'b>,
    entries: Box<dyn Iterator<Item = Entry<'t>> + 't>,
    value: Option<Ref<'t>>,
}

impl<'t, 'b> Mapping<'t, 'b> {
    fn new(node: Node<'t, 'b>) -> Mapping<'t, 'b> {
        if !node.at.target().is_some_and(Ref::is_tangled) {
            return Mapping { node, entries: Box::new(node.at.entries()), value: None };
        }
        // Merge keys are resolved at once, whether the entries are asked for or not: that is paid here.
        let entries: Vec<_> = node.at.entries().collect();
        node.budget.set(node.budget.get().saturating_sub(entries.len()));
        Mapping { node, entries: Box::new(entries.into_iter()), value: None }
    }
}

impl<'t> de::MapAccess<'t> for Mapping<'t, '_> {
    type Error = Mismatch;

    fn next_key_seed<K: DeserializeSeed<'t>>(&mut self, seed: K) -> Result<Option<K::Value>, Mismatch> {
        let Some(entry) = self.entries.next() else { return Ok(None) };
        self.value = Some(entry.value);
        let key = match entry.key.key_text() {
            Some(Cow::Borrowed(text)) => seed.deserialize(BorrowedStrDeserializer::<Mismatch>::new(text)),
            Some(Cow::Owned(text)) => seed.deserialize(StringDeserializer::<Mismatch>::new(text)),
            None => Err(Mismatch::new("this cannot be a key", entry.key.span())),
        };
        key.map(Some).map_err(|error| error.at(entry.key.span()))
    }

    fn next_value_seed<V: DeserializeSeed<'t>>(&mut self, seed: V) -> Result<V::Value, Mismatch> {
        let Some(value) = self.value.take() else {
            return Err(Mismatch::new("a value was asked for before its key", self.node.at.span()));
        };
        seed.deserialize(self.node.inner(value)).map_err(|error| error.at(value.span()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::syntax::yaml;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Container<'t> {
        name: &'t str,
        #[serde(default)]
        ports: Vec<u16>,
        run_as_user: Option<i64>,
        policy: Option<Policy>,
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    enum Policy {
        Always,
        Never,
    }

    fn with<T>(text: &str, then: impl FnOnce(Ref<'_>) -> T) -> T {
        let parsed = yaml::parse(FileId(0), text.into(), Schema::Kubernetes);
        then(parsed.tree.root().unwrap())
    }

    #[test]
    fn structs_are_read_through_aliases_and_merges() {
        let text = "a: &a {name: web, ports: [80, 0x50], policy: Always}\nb:\n  <<: *a\n  runAsUser: 1e3\n";
        with(text, |root| {
            let read: Container<'_> = read(root.get("b").unwrap()).unwrap();
            let expected = Container {
                name: "web",
                ports: vec![80, 80],
                run_as_user: Some(1000),
                policy: Some(Policy::Always),
            };
            assert_eq!(read, expected);
        });
    }

    #[test]
    fn an_error_points_at_what_does_not_fit() {
        let place = |text: &str| {
            with(text, |root| {
                let span = read::<Container<'_>>(root).unwrap_err().span.unwrap();
                text[span.range()].to_owned()
            })
        };
        assert_eq!(place("name: web\nports: [80, http]\n"), "http");
        assert_eq!(place("name: yes\n"), "yes");
        assert_eq!(place("ports: []\n"), "ports: []");
        assert_eq!(place("name: web\npolicy: Sometimes\n"), "Sometimes");
    }

    #[test]
    fn an_alias_bomb_costs_the_budget_and_no_more() {
        let mut text = "a0: &a0 x\n".to_owned();
        for level in 1..40 {
            text.push_str(&format!("a{level}: &a{level} [*a{0}, *a{0}]\n", level - 1));
        }
        let error = with(&text, |root| read::<serde_json::Value>(root).unwrap_err());
        assert!(error.message.contains("larger"), "{error}");
    }
}
