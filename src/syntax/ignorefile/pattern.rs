//! One pattern: `*` and `?` within a name, `**` across folders, `[a-z]`, `\` before a character that is meant itself.

/// A pattern, ready to match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Token>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Char(char),
    /// `?`
    One,
    /// `*`
    Name,
    /// `**` before something: any number of whole folders.
    Folders,
    /// `**` at the end: whatever follows.
    Rest,
    /// `[a-z]`, `[^a-z]`
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Pattern {
    /// Reads a pattern that is cleaned; `None` for one that Docker refuses.
    pub(super) fn parse(text: &str) -> Option<Pattern> {
        let mut tokens = Vec::new();
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            tokens.push(match character {
                '*' if characters.peek() == Some(&'*') => {
                    characters.next();
                    characters.next_if_eq(&'/');
                    if characters.peek().is_some() { Token::Folders } else { Token::Rest }
                }
                '*' => Token::Name,
                '?' => Token::One,
                '\\' => Token::Char(characters.next()?),
                '[' => class(&mut characters)?,
                other => Token::Char(other),
            });
        }
        Some(Pattern(tokens))
    }

    /// True when all of `path` fits. The cost is that of pattern times path.
    pub(super) fn fits(&self, path: &str) -> bool {
        let path: Vec<char> = path.chars().collect();
        // reach[i]: the tokens so far fit the first i characters.
        let mut reach = vec![false; path.len() + 1];
        reach[0] = true;
        for token in &self.0 {
            step(token, &path, &mut reach);
        }
        reach[path.len()]
    }
}

fn step(token: &Token, path: &[char], reach: &mut [bool]) {
    match token {
        Token::Name => {
            for at in 1..reach.len() {
                reach[at] |= reach[at - 1] && path[at - 1] != '/';
            }
        }
        Token::Rest => {
            for at in 1..reach.len() {
                reach[at] |= reach[at - 1];
            }
        }
        Token::Folders => {
            let mut began = reach[0];
            for at in 1..reach.len() {
                let here = reach[at];
                reach[at] |= began && path[at - 1] == '/';
                began |= here;
            }
        }
        one => {
            for at in (1..reach.len()).rev() {
                reach[at] = reach[at - 1] && fits_one(one, path[at - 1]);
            }
            reach[0] = false;
        }
    }
}

fn fits_one(token: &Token, character: char) -> bool {
    match token {
        Token::Char(wanted) => *wanted == character,
        Token::Class { negated, ranges } => {
            ranges.iter().any(|(from, to)| (*from..=*to).contains(&character)) != *negated
        }
        _ => character != '/',
    }
}

/// The class behind a `[`; `None` when it is empty or never closed.
fn class(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<Token> {
    let negated = characters.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        let from = match characters.next()? {
            ']' if !ranges.is_empty() => return Some(Token::Class { negated, ranges }),
            ']' => return None,
            '\\' => characters.next()?,
            other => other,
        };
        let to = match characters.next_if_eq(&'-') {
            None => from,
            Some(_) => match characters.next()? {
                '\\' => characters.next()?,
                ']' => return None,
                other => other,
            },
        };
        ranges.push((from, to));
    }
}
