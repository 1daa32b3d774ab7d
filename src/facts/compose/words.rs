//! How compose splits the string form of `command` and `entrypoint` into arguments: quotes and backslashes, no shell.

use std::ops::Range;

/// Splits a text into words, each with its bytes in the text. `None` when a quote is not closed.
pub fn split(text: &str) -> Option<Vec<(String, Range<usize>)>> {
    let mut words = Vec::new();
    let mut word: Option<(String, usize)> = None;
    let mut quote: Option<char> = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if quote.is_none() && character.is_whitespace() {
            words.extend(word.take().map(|(word, start)| (word, start..at)));
            continue;
        }
        let (word, _) = word.get_or_insert_with(|| (String::new(), at));
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '\'' | '"') => quote = Some(character),
            (None, '\\') => word.extend(characters.next().map(|(_, next)| next)),
            (Some('"'), '\\') => match characters.peek() {
                Some((_, next @ ('"' | '\\' | '$' | '`'))) => {
                    word.push(*next);
                    characters.next();
                }
                _ => word.push('\\'),
            },
            _ => word.push(character),
        }
    }
    words.extend(word.map(|(word, start)| (word, start..text.len())));
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_a_shell_splits_them() {
        let words =
            |text: &str| split(text).map(|words| words.into_iter().map(|(word, _)| word).collect::<Vec<_>>());
        assert_eq!(words("npm run dev").unwrap(), ["npm", "run", "dev"]);
        assert_eq!(words(r#"sh -c "a && 'b' \"c\"""#).unwrap(), ["sh", "-c", r#"a && 'b' "c""#]);
        assert_eq!(words(r"a\ b '' 'c d'e").unwrap(), ["a b", "", "c de"]);
        assert_eq!(words("  ").unwrap(), Vec::<String>::new());
        assert_eq!(words("a 'b"), None);
        assert_eq!(split("a  'b c'").unwrap()[1].1, 3..8);
    }
}
