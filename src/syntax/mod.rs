//! The languages, each read into a tree that keeps every byte's place. No rule and no Kubernetes in here.
//!
//! Reading never fails: what cannot be read is an [`Issue`] with a position, and the rest is in the tree.

pub mod comment;
pub mod cooked;
pub mod dockerfile;
pub mod edit;
pub mod ignorefile;
pub mod image_ref;
pub mod json;
pub mod limits;
pub mod mapped;
pub mod margin;
pub mod query;
pub mod scalar;
pub mod script;
pub mod shell;
pub mod tree;
pub mod typed;
pub mod view;
pub mod yaml;

use crate::source::Span;

/// A tree and what was wrong with its text.
#[derive(Clone, Debug)]
pub struct Parsed<T> {
    /// What could be read.
    pub tree: T,
    /// What could not, in the order of the text.
    pub issues: Vec<Issue>,
}

/// Something in a text that its language does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Id of the rule that reports it (`dockerfile/syntax`).
    pub rule: &'static str,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// The bytes at fault.
    pub span: Span,
    /// What to write instead, where that is known.
    pub help: Option<String>,
    /// Other bytes that have part in it: the first of two equal keys, the bracket that is never closed.
    pub related: Vec<Span>,
}

impl Issue {
    /// An issue with no help and no other place.
    pub fn new(rule: &'static str, message: impl Into<String>, span: Span) -> Issue {
        Issue { rule, message: message.into(), span, help: None, related: Vec::new() }
    }

    /// The same with what to write instead.
    pub fn with_help(self, help: impl Into<String>) -> Issue {
        Issue { help: Some(help.into()), ..self }
    }
}
