//! The value of a text with variables, at its place in a stage.

use std::collections::BTreeMap;

use crate::facts::{Fact, Why};
use crate::source::{Span, Spanned};
use crate::syntax::dockerfile::shell_words::{ExpandError, Mode, Variable, expand};

use super::config::Env;

/// Arguments that BuildKit sets by itself: their values depend on the machine that builds.
/// (Dockerfile reference, "Automatic platform ARGs in the global scope" and "Predefined ARGs".)
const PREDEFINED: [&str; 18] = [
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETARCH",
    "TARGETVARIANT",
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDARCH",
    "BUILDVARIANT",
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "FTP_PROXY",
    "ftp_proxy",
    "NO_PROXY",
    "no_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// Values of ARGs by name; `None` for one that is declared without a value.
pub(super) type BuildArgs = BTreeMap<String, Fact<String>>;

/// What variables hold at one place.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) escape: char,
    /// ENV; `None` before the first FROM.
    pub(super) env: Option<&'a Env>,
    pub(super) args: &'a BuildArgs,
}

impl Scope<'_> {
    fn lookup(&self, name: &str) -> Variable {
        let known = |fact: &Fact<String>| match fact {
            Fact::Known { value, .. } => Variable::Set(value.clone()),
            Fact::Unknown(_) => Variable::Unknown,
        };
        // ENV wins over ARG.
        if let Some(fact) = self.env.and_then(|env| env.get(name)) {
            return known(fact);
        }
        if let Some(fact) = self.args.get(name) {
            return known(fact);
        }
        match self.env {
            Some(env) if env.rest.is_err() => Variable::Unknown,
            None if PREDEFINED.contains(&name) => Variable::Unknown,
            _ => Variable::Unset,
        }
    }

    /// The value of a text.
    pub(super) fn text(&self, text: &str, span: Span) -> Fact<String> {
        self.in_mode(Mode::expand(self.escape), text, span)
    }

    /// The same.
    pub(super) fn spanned(&self, text: &Spanned<String>) -> Fact<String> {
        self.text(&text.value, text.span)
    }

    fn in_mode(&self, mode: Mode, text: &str, span: Span) -> Fact<String> {
        match expand(text, mode, &|name| self.lookup(name)) {
            Ok(expanded) => Fact::written(expanded.text, span),
            Err(error) => Fact::Unknown(why(&error)),
        }
    }

    /// The values of a text that is cut at blanks after it is expanded (EXPOSE).
    pub(super) fn words(&self, text: &Spanned<String>) -> Result<Vec<Spanned<String>>, Why> {
        match expand(&text.value, Mode::expand(self.escape), &|name| self.lookup(name)) {
            Ok(expanded) => {
                Ok(expanded.words.into_iter().map(|word| Spanned::new(word.text, text.span)).collect())
            }
            Err(error) => Err(why(&error)),
        }
    }
}

fn why(error: &ExpandError) -> Why {
    match error {
        ExpandError::Syntax(_) => Why::Broken,
        ExpandError::Required(_) | ExpandError::Unknown(_) => Why::Variable,
        ExpandError::TooComplex => Why::Unsupported,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Origin;
    use crate::source::FileId;

    #[test]
    fn env_wins_over_arg_and_the_unknown_stays_unknown() {
        let span = Span::new(FileId(0), 0, 1);
        let fact = |text: &str| Fact::written(text.to_owned(), span);
        let variables = BTreeMap::from([("A".to_owned(), fact("env"))]);
        let mut env = Env { variables, rest: Ok(()) };
        let args =
            BTreeMap::from([("A".to_owned(), fact("arg")), ("B".to_owned(), Fact::Unknown(Why::Variable))]);
        let scope = Scope { escape: '\\', env: Some(&env), args: &args };
        assert_eq!(scope.text("$A-$C", span), fact("env-"));
        assert_eq!(scope.text("${B:-x}", span), Fact::Unknown(Why::Variable));
        assert_eq!(scope.text("${", span), Fact::Unknown(Why::Broken));
        env.rest = Err(Why::UnknownBase);
        let scope = Scope { escape: '\\', env: Some(&env), args: &args };
        assert_eq!(scope.text("$C", span), Fact::Unknown(Why::Variable));
        let scope = Scope { env: None, ..scope };
        assert_eq!(scope.text("$TARGETARCH", span), Fact::Unknown(Why::Variable));
        assert!(matches!(scope.text("x", span), Fact::Known { origin: Origin::Written(_), .. }));
    }

    #[test]
    fn values_that_double_stay_small() {
        let span = Span::new(FileId(0), 0, 1);
        let mut value = Fact::written("aaaaaaaa".to_owned(), span);
        for _ in 0..100 {
            let args = BTreeMap::from([("A".to_owned(), value)]);
            value = Scope { escape: '\\', env: None, args: &args }.text("$A$A", span);
        }
        assert_eq!(value, Fact::Unknown(Why::Variable));
    }
}
