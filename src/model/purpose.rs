//! What an image, a service or a unit is for. Decided once, here, from evidence; a rule's page names the purposes
//! that it speaks to.

use std::fmt;

use crate::source::Span;

/// What something is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// It runs in production.
    Ship,
    /// It is for a developer's machine.
    Develop,
    /// It runs tests or makes load.
    Test,
    /// It only builds something else.
    Build,
}

impl Purpose {
    /// The word of rule pages and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::Ship => "ship",
            Purpose::Develop => "develop",
            Purpose::Test => "test",
            Purpose::Build => "build",
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A purpose with the evidence for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purposes {
    /// The purpose that was decided.
    pub decided: Purpose,
    /// Why, each with the bytes that say so; empty when it is only assumed.
    pub evidence: Vec<(String, Option<Span>)>,
}

impl Purposes {
    /// Assumed to ship: nothing speaks for anything else.
    pub fn assumed() -> Purposes {
        Purposes { decided: Purpose::Ship, evidence: Vec::new() }
    }

    /// Decided by one piece of evidence.
    pub fn because(decided: Purpose, reason: impl Into<String>, span: Option<Span>) -> Purposes {
        Purposes { decided, evidence: vec![(reason.into(), span)] }
    }
}
