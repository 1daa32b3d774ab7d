//! Whether a place in the code is reached in production: what the conditions around it say of `NODE_ENV`.

use super::{FileFacts, Name};

/// Branches that one question goes through at most, and how deep conditions may nest.
const STEPS: usize = 32;
/// Bytes of the longest condition that is looked into.
const LONGEST: usize = 400;

/// When code is reached, as far as the conditions around it tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Whenever the code around it runs in production.
    Production,
    /// Only outside of production.
    Elsewhere,
    /// A condition that cannot be told from the code.
    Unknown,
}

impl FileFacts {
    /// When the code at `offset` is reached, within its file.
    pub fn when(&self, offset: u32) -> When {
        self.when_given(offset, &[])
    }

    /// The same where some names, by their last part in lower case, are known to be true.
    pub fn when_given(&self, offset: u32, given: &[&str]) -> When {
        let mut next = self.branches.partition_point(|branch| branch.at.start <= offset).checked_sub(1);
        let mut found = When::Production;
        for _ in 0..STEPS {
            let Some(branch) = next.and_then(|index| self.branches.get(index)) else { return found };
            next = branch.outer.map(|outer| outer as usize);
            if !branch.at.holds(offset) {
                continue;
            }
            let condition = self.text.get(branch.condition.start as usize..branch.condition.end as usize);
            let condition = condition.unwrap_or("");
            match self.in_production(condition, branch.condition.start, STEPS, given) {
                Some(holds) if holds == branch.holds => {}
                Some(_) => return When::Elsewhere,
                None => found = When::Unknown,
            }
        }
        When::Unknown
    }

    /// Whether a condition holds when `NODE_ENV` is `production`. `start` is the offset of its text.
    fn in_production(&self, text: &str, start: u32, steps: usize, given: &[&str]) -> Option<bool> {
        let start = start + (text.len() - text.trim_start().len()) as u32;
        let text = Some(text.trim()).filter(|text| text.len() <= LONGEST)?;
        let steps = steps.checked_sub(1)?;
        if let Some(inner) = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'))
            && is_balanced(inner)
        {
            return self.in_production(inner, start + 1, steps, given);
        }
        for (operator, decides) in [("||", true), ("&&", false)] {
            let Some((left, at, right)) = split(text, operator) else { continue };
            let left = self.in_production(left, start, steps, given);
            let right = self.in_production(right, start + at as u32, steps, given);
            return match (left, right) {
                (Some(holds), _) | (_, Some(holds)) if holds == decides => Some(decides),
                (Some(_), Some(_)) => Some(!decides),
                _ => None,
            };
        }
        for (operator, equal) in [("!==", false), ("===", true), ("!=", false), ("==", true)] {
            let Some((left, right)) = text.split_once(operator) else { continue };
            let (left, right) = (unwrapped(left), unwrapped(right));
            let (name, value) = match (literal(left), literal(right)) {
                (None, Some(value)) => (left, value),
                (Some(value), None) => (right, value),
                _ => return None,
            };
            let said = self.is_node_env(name, start + offset_in(text, name)) || is_environment(name, value);
            return said.then_some((value == "production") == equal);
        }
        if let Some(inner) = text.strip_prefix('!') {
            return self.in_production(inner, start + 1, steps, given).map(|holds| !holds);
        }
        self.by_name(text, start, steps, given)
    }

    /// `isProduction`, `config.isDev`, `__DEV__`: by what the file gives the name, else by the name.
    fn by_name(&self, text: &str, start: u32, steps: usize, given: &[&str]) -> Option<bool> {
        if !is_dotted(text) {
            return None;
        }
        let name = Name { start, end: start + text.len() as u32 };
        if let Some(value) = self.lookup(name) {
            let span = self.value_span(value);
            let written = self.text.get(span.range())?;
            if written != text
                && let Some(holds) = self.in_production(written, span.start, steps, given)
            {
                return Some(holds);
            }
        }
        let last = text.rsplit('.').next()?;
        let bare: String = last.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
        match bare.to_ascii_lowercase().as_str() {
            "isprod" | "isproduction" | "inproduction" | "production" | "prod" | "isproductionenv" => {
                Some(true)
            }
            "isdev" | "isdevelopment" | "dev" | "development" | "isdevelop" | "isdevmode"
            | "isdevelopmentenv" | "istest" | "istesting" | "islocal" => Some(false),
            other => given.contains(&other).then_some(true),
        }
    }

    /// True for `process.env.NODE_ENV`, for a name that holds it, and for `app.get("env")`.
    fn is_node_env(&self, text: &str, start: u32) -> bool {
        let said = |text: &str| {
            let text = text.replace(['?', ' '], "");
            text.ends_with("NODE_ENV")
                || text.ends_with("['NODE_ENV']")
                || text.ends_with("[\"NODE_ENV\"]")
                || text.ends_with(".get('env')")
                || text.ends_with(".get(\"env\")")
                || text.contains("NODE_ENV||")
        };
        let name = Name { start, end: start + text.len() as u32 };
        said(text)
            || is_dotted(text)
                && self.lookup(name).is_some_and(|value| {
                    self.text
                        .get(self.value_span(value).range())
                        .is_some_and(|text| text.len() < 120 && said(text))
                })
    }
}

/// `config.env === 'development'`: a name that says so, compared with a value of `NODE_ENV`.
fn is_environment(name: &str, value: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
    matches!(value, "production" | "development" | "test")
        && is_dotted(name)
        && matches!(last.as_str(), "env" | "environment" | "nodeenv" | "node_env")
}

/// Offset of `part` in `text`, of which it is a slice.
fn offset_in(text: &str, part: &str) -> u32 {
    (part.as_ptr() as usize - text.as_ptr() as usize) as u32
}

/// What stands in brackets.
fn unwrapped(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'))
        .filter(|text| is_balanced(text))
        .unwrap_or(text)
}

fn is_dotted(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '.'))
}

fn literal(text: &str) -> Option<&str> {
    ['\'', '"', '`'].into_iter().find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))
}

/// True when no bracket of `text` closes one that was opened before it.
fn is_balanced(text: &str) -> bool {
    let mut open = 0_i32;
    text.bytes().all(|byte| {
        open += match byte {
            b'(' => 1,
            b')' => -1,
            _ => 0,
        };
        open >= 0
    })
}

/// What stands before and behind an operator outside of brackets, with the offset of the latter.
fn split<'t>(text: &'t str, operator: &str) -> Option<(&'t str, usize, &'t str)> {
    let found = text.match_indices(operator).find(|(at, _)| {
        let before = &text[..*at];
        is_balanced(before) && before.matches('(').count() == before.matches(')').count()
    });
    found.map(|(at, _)| (&text[..at], at + operator.len(), &text[at + operator.len()..]))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::read;
    use super::*;
    use crate::source::FileId;
    use crate::syntax::script::Dialect;

    /// When the call of `here()` is reached.
    fn when(text: &str) -> When {
        let facts = read(FileId(0), Arc::from(text), Dialect::TypeScript).tree;
        facts.when(text.find("here()").unwrap() as u32)
    }

    #[test]
    fn conditions_on_node_env_are_understood() {
        for text in [
            "here()",
            "if (process.env.NODE_ENV === 'production') { here() }",
            "if (process.env.NODE_ENV !== 'production') { a() } else { here() }",
            "const prod = process.env.NODE_ENV === 'production'; prod && here()",
            "if (!isDev) here()",
            "if (process.env.NODE_ENV !== 'test') { here() }",
            "if (process.env.NODE_ENV === 'test') { a() } here()",
            "if ((process.env['NODE_ENV']) == \"production\") f([here()])",
        ] {
            assert_eq!(when(text), When::Production, "{text}");
        }
        for text in [
            "if (process.env.NODE_ENV !== 'production') { here() }",
            "if ('development' === process.env.NODE_ENV) if (x) here()",
            "const env = process.env.NODE_ENV || 'development'; if (env == 'development') { f(() => here()) }",
            "const a = [...(config.isDev ? [here()] : [])]",
            "isProduction ? x : here()",
            "!isProduction && here()",
            "if (app.get('env') === 'development' || isTest) { here() }",
            "if (app.locals.ENV === 'development') { here() }",
            "if (x && process.env.NODE_ENV !== 'production') { here() }",
        ] {
            assert_eq!(when(text), When::Elsewhere, "{text}");
        }
        for text in [
            "if (process.env.LOG_FILE) { here() }",
            "x && here()",
            "if (process.env.NODE_ENV === env) here()",
            "if (x || process.env.NODE_ENV !== 'production') { here() }",
        ] {
            assert_eq!(when(text), When::Unknown, "{text}");
        }
        let deep = format!("{}here(){}", "if (a) {".repeat(5_000), "}".repeat(5_000));
        assert_eq!(when(&deep), When::Unknown);
        let wide = format!("if ({}x) here()", "a && ".repeat(20_000));
        assert_eq!(when(&wide), When::Unknown);
    }
}
