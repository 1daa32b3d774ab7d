//! What a misspelt word was meant to be.

/// The name that differs from `text` by the fewest letters, when that is at most a third of them.
pub(super) fn nearest<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if text.chars().count() > 24 {
        return None;
    }
    let near = names.map(|name| (distance(text, name), name)).min_by_key(|(distance, _)| *distance)?;
    let allowed = (near.1.len() / 3).clamp(1, 3);
    (near.0 <= allowed).then_some(near.1)
}

/// Number of insertions, deletions, replacements and swaps of neighbours between two words.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let mut rows = vec![vec![0; right.len() + 1]; left.len() + 1];
    for (row, line) in rows.iter_mut().enumerate() {
        line[0] = row;
    }
    rows[0] = (0..=right.len()).collect();
    for row in 1..=left.len() {
        for column in 1..=right.len() {
            let same = left[row - 1] == right[column - 1];
            let replaced = rows[row - 1][column - 1] + usize::from(!same);
            let moved = (rows[row - 1][column] + 1).min(rows[row][column - 1] + 1);
            let mut best = replaced.min(moved);
            let swapped = row > 1
                && column > 1
                && left[row - 1] == right[column - 2]
                && left[row - 2] == right[column - 1];
            if swapped {
                best = best.min(rows[row - 2][column - 2] + 1);
            }
            rows[row][column] = best;
        }
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found() {
        let names = || ["FROM", "RUN", "COPY", "WORKDIR"].into_iter();
        assert_eq!(nearest("ROM", names()), Some("FROM"));
        assert_eq!(nearest("COPPY", names()), Some("COPY"));
        assert_eq!(nearest("RNU", names()), Some("RUN"));
        assert_eq!(nearest("WROKDIR", names()), Some("WORKDIR"));
        assert_eq!(nearest("ECHO", names()), None);
    }
}
