//! Patterns of `${name#pattern}`, `${name%pattern}` and `${name/pattern/text}`: `*` and `?`, no brackets.

/// Steps that one match may cost: pattern times value.
const BUDGET: usize = 4_000_000;

/// A pattern, ready to match.
#[derive(Clone, Debug)]
pub(super) struct Pattern(Vec<Token>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    /// `*`
    Any,
    /// `?`
    One,
    Char(char),
}

/// Why a pattern does not match anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PatternError {
    /// An escape before a character that has no special meaning.
    Escape,
    /// Pattern and value are too long to match.
    TooComplex,
}

impl Pattern {
    /// Reads a pattern as BuildKit does: `\` escapes `*`, `?`, `\`, `}` and `/`, nothing else.
    pub(super) fn parse(text: &str) -> Result<Pattern, PatternError> {
        let mut tokens = Vec::new();
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            tokens.push(match character {
                '*' => Token::Any,
                '?' => Token::One,
                '\\' => match characters.next() {
                    Some(escaped @ ('*' | '?' | '\\' | '}' | '/')) => Token::Char(escaped),
                    _ => return Err(PatternError::Escape),
                },
                other => Token::Char(other),
            });
        }
        Ok(Pattern(tokens))
    }

    /// The value without the shortest or longest match at its start.
    pub(super) fn trim_start(&self, value: &str, longest: bool) -> Result<String, PatternError> {
        let value: Vec<char> = value.chars().collect();
        let end = ends(&self.0, &value, longest)?.unwrap_or(0);
        Ok(value[end..].iter().collect())
    }

    /// The value without the shortest or longest match at its end.
    pub(super) fn trim_end(&self, value: &str, longest: bool) -> Result<String, PatternError> {
        let tokens: Vec<Token> = self.0.iter().rev().copied().collect();
        let value: Vec<char> = value.chars().rev().collect();
        let end = ends(&tokens, &value, longest)?.unwrap_or(0);
        Ok(value[end..].iter().rev().collect())
    }

    /// The value with its first match, or all of them, replaced. A match is as long as it can be.
    pub(super) fn replace(&self, value: &str, with: &str, all: bool) -> Result<String, PatternError> {
        let value: Vec<char> = value.chars().collect();
        if self.0.len().saturating_mul(value.len()).saturating_mul(value.len()) > BUDGET {
            return Err(PatternError::TooComplex);
        }
        let mut result = String::new();
        let mut at = 0;
        let mut open = true;
        while at <= value.len() {
            let end = if open { ends(&self.0, &value[at..], true)? } else { None };
            if let Some(len) = end {
                result.push_str(with);
                open = all;
                at += len;
                if len > 0 {
                    continue;
                }
            }
            result.extend(value.get(at));
            at += 1;
        }
        Ok(result)
    }
}

/// Where a match that starts at the start of `value` ends: the nearest or the farthest place.
fn ends(tokens: &[Token], value: &[char], longest: bool) -> Result<Option<usize>, PatternError> {
    if tokens.len().saturating_mul(value.len()) > BUDGET {
        return Err(PatternError::TooComplex);
    }
    // reach[i]: the tokens so far match the first i characters.
    let mut reach = vec![false; value.len() + 1];
    reach[0] = true;
    for token in tokens {
        match token {
            Token::Any => {
                for at in 1..reach.len() {
                    reach[at] |= reach[at - 1] && value[at - 1] != '\n';
                }
            }
            one => {
                for at in (1..reach.len()).rev() {
                    let fits = match one {
                        Token::Char(character) => value[at - 1] == *character,
                        _ => value[at - 1] != '\n',
                    };
                    reach[at] = reach[at - 1] && fits;
                }
                reach[0] = false;
            }
        }
    }
    Ok(if longest { reach.iter().rposition(|hit| *hit) } else { reach.iter().position(|hit| *hit) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_a_shell_matches_them() {
        let pattern = |text| Pattern::parse(text).unwrap();
        assert_eq!(pattern("f*o").trim_start("foooby", false).unwrap(), "ooby");
        assert_eq!(pattern("f*o").trim_start("foooby", true).unwrap(), "by");
        assert_eq!(pattern("*.").trim_start("a.b.c", true).unwrap(), "c");
        assert_eq!(pattern(".*").trim_end("a.b.c", false).unwrap(), "a.b");
        assert_eq!(pattern("?x").trim_end("abx", false).unwrap(), "a");
        assert_eq!(pattern("x").trim_end("abc", true).unwrap(), "abc");
        assert_eq!(pattern("o*y").replace("foooby!", "X", false).unwrap(), "fX!");
        assert_eq!(pattern("a").replace("banana", "o", true).unwrap(), "bonono");
        assert_eq!(pattern("\\*").replace("a*b", "-", true).unwrap(), "a-b");
        assert!(Pattern::parse("\\a").is_err());
    }

    #[test]
    fn a_costly_pattern_is_refused() {
        let value = "a".repeat(100_000);
        assert_eq!(
            Pattern::parse(&"*".repeat(100_000)).unwrap().trim_start(&value, true),
            Err(PatternError::TooComplex)
        );
    }
}
