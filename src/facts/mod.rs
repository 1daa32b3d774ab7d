//! What one file says, in the field's terms: stages, packages, imports, objects. Facts are drawn from the trees of
//! `syntax` and know nothing of other files; what files say together is `model`.
//!
//! A fact is known, with the bytes or the table that it is known from, or unknown, with why. Rules speak of known
//! facts only.

pub mod base_images;
pub mod command;
pub mod compose;
pub mod end_of_life;
pub mod heavy;
pub mod image;
pub mod install;
pub mod keeping;
pub mod loads;
pub mod lock;
pub mod module;
pub mod native;
pub mod node_modules;
pub mod object;
pub mod package;
pub mod replacement;
pub mod resolve;
pub mod secret;
pub mod server;
pub mod size;
pub mod statement;
pub mod system_package;
pub mod table;
pub mod tool;
pub mod workspace;

use crate::source::{Span, Spanned};

/// Something that is known, with where from, or is not, with why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact<T> {
    /// It is known.
    Known {
        /// What it is.
        value: T,
        /// What it is known from.
        origin: Origin,
    },
    /// It cannot be known by reading.
    Unknown(Why),
}

/// What a fact is known from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The bytes that say it.
    Written(Span),
    /// Nothing says it, and this is what then holds.
    Default {
        /// The place where it would be said.
        owner: Span,
        /// Who sets the default (`kubernetes`, `docker`, `npm`).
        source: &'static str,
    },
    /// A row of one of our tables.
    Table {
        /// The bytes that name the row.
        named_at: Span,
        /// The row, as `plimsoll facts` prints it.
        row: &'static str,
    },
    /// Several facts together.
    Derived(Vec<Span>),
}

impl Origin {
    /// The bytes to show for it.
    pub fn span(&self) -> Option<Span> {
        match self {
            Origin::Written(span) | Origin::Table { named_at: span, .. } => Some(*span),
            Origin::Default { owner, .. } => Some(*owner),
            Origin::Derived(spans) => spans.first().copied(),
        }
    }
}

/// Why something is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// A template fills it in (`{{ .Values.x }}`, `${PARAM}` of an OpenShift Template).
    Templated,
    /// A variable without a known value stands in it.
    Variable,
    /// A placeholder that a pipeline replaces (`THE_IMAGE_NAME`, `<REGISTRY>/app`).
    Placeholder,
    /// It comes with a base image that no table knows.
    UnknownBase,
    /// It names a file, stage or script that is not there, or that was not read.
    NotFound,
    /// Code computes it.
    Dynamic,
    /// Several answers are equally right.
    Ambiguous,
    /// It lies outside of what plimsoll understands (a PowerShell body, a generator plugin).
    Unsupported,
    /// The text around it does not parse.
    Broken,
}

impl Why {
    /// A phrase for reports: `it is templated`.
    pub fn as_str(self) -> &'static str {
        match self {
            Why::Templated => "it is filled in by a template",
            Why::Variable => "it holds a variable whose value is not known",
            Why::Placeholder => "it is a placeholder",
            Why::UnknownBase => "the base image is not known",
            Why::NotFound => "what it names was not found",
            Why::Dynamic => "code computes it",
            Why::Ambiguous => "there are several answers",
            Why::Unsupported => "plimsoll does not understand it",
            Why::Broken => "the text around it does not parse",
        }
    }
}

impl<T> Fact<T> {
    /// A value that stands in the file.
    pub fn written(value: T, span: Span) -> Fact<T> {
        Fact::Known { value, origin: Origin::Written(span) }
    }

    /// The value, when it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Fact::Known { value, .. } => Some(value),
            Fact::Unknown(_) => None,
        }
    }

    /// The bytes to show for a known value.
    pub fn span(&self) -> Option<Span> {
        match self {
            Fact::Known { origin, .. } => origin.span(),
            Fact::Unknown(_) => None,
        }
    }

    /// True when the bytes of the project say it, and no default.
    pub fn is_written(&self) -> bool {
        matches!(self, Fact::Known { origin: Origin::Written(_), .. })
    }

    /// The same origin with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Fact::Known { value, origin } => Fact::Known { value: f(value), origin },
            Fact::Unknown(why) => Fact::Unknown(why),
        }
    }

    /// The same fact by reference.
    pub fn as_ref(&self) -> Fact<&T> {
        match self {
            Fact::Known { value, origin } => Fact::Known { value, origin: origin.clone() },
            Fact::Unknown(why) => Fact::Unknown(*why),
        }
    }
}

/// A collection of which perhaps not all is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    /// What was found, each with its bytes.
    pub items: Vec<Spanned<T>>,
    /// `Ok` when these are all there are: only then may a rule say that something is not among them.
    pub rest: Result<(), Why>,
}

impl<T> Default for Found<T> {
    fn default() -> Found<T> {
        Found { items: Vec::new(), rest: Ok(()) }
    }
}
