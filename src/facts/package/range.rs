//! Version ranges as npm writes them, as far as one needs them to say which releases of Node they allow.
//!
//! Pre-releases are read as the release they precede. What is no range (a tag, an address) is no [`Range`].

/// Major, minor and patch.
pub type Version = (u64, u64, u64);

/// A union of half-open intervals of versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    intervals: Vec<(Version, Version)>,
}

const TOP: Version = (u64::MAX, 0, 0);

impl Range {
    /// Reads a range (`>=18 <23`, `^20.1 || 22.x`, `18 - 20`); `None` when it is none.
    /// The grammar is that of npm's semver, <https://github.com/npm/node-semver#range-grammar>.
    pub fn parse(text: &str) -> Option<Range> {
        let intervals = text.split("||").map(interval).collect::<Option<Vec<_>>>()?;
        Some(Range { intervals: intervals.into_iter().filter(|(low, high)| low < high).collect() })
    }

    /// True when the range holds this version.
    pub fn allows(&self, version: Version) -> bool {
        self.intervals.iter().any(|(low, high)| *low <= version && version < *high)
    }

    /// True when the range holds some release of this major.
    pub fn allows_major(&self, major: u64) -> bool {
        let (start, end) = ((major, 0, 0), (major.saturating_add(1), 0, 0));
        self.intervals.iter().any(|(low, high)| *low < end && start < *high)
    }

    /// The lowest version that the range holds; `None` for an empty range.
    pub fn lowest(&self) -> Option<Version> {
        self.intervals.iter().map(|(low, _)| *low).min()
    }
}

/// Comparators that must all hold, as one interval.
fn interval(text: &str) -> Option<(Version, Version)> {
    if let Some((from, to)) = text.split_once(" - ") {
        return Some((Partial::parse(from.trim())?.low(), Partial::parse(to.trim())?.after()));
    }
    let mut whole = ((0, 0, 0), TOP);
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        let (operator, rest) = operator(word);
        let rest = if rest.is_empty() && !operator.is_empty() { words.next()? } else { rest };
        let (low, high) = bounds(operator, Partial::parse(rest)?);
        whole = (whole.0.max(low), whole.1.min(high));
    }
    Some(whole)
}

fn operator(word: &str) -> (&str, &str) {
    let length = word.find(|first: char| !"<>=~^".contains(first)).unwrap_or(word.len());
    word.split_at(length)
}

fn bounds(operator: &str, partial: Partial) -> (Version, Version) {
    match operator {
        ">=" => (partial.low(), TOP),
        ">" => (partial.after(), TOP),
        "<" => ((0, 0, 0), partial.low()),
        "<=" => ((0, 0, 0), partial.after()),
        "^" => (partial.low(), partial.caret()),
        "~" | "~>" => (partial.low(), partial.tilde()),
        "" | "=" => (partial.low(), partial.after()),
        _ => (TOP, TOP),
    }
}

/// A version of which the last parts may be left open.
#[derive(Clone, Copy)]
struct Partial {
    major: Option<u64>,
    minor: Option<u64>,
    patch: Option<u64>,
}

impl Partial {
    fn parse(text: &str) -> Option<Partial> {
        let text = text.trim_start_matches(['v', 'V']);
        let release = text.split(['-', '+']).next().unwrap_or("");
        if release.is_empty() {
            return None;
        }
        let mut parts = [None; 3];
        let mut open = false;
        for (at, part) in release.split('.').enumerate() {
            let slot = parts.get_mut(at)?;
            open |= matches!(part, "x" | "X" | "*");
            if !open {
                *slot = Some(part.parse().ok().filter(|number| *number < u64::from(u32::MAX))?);
            }
        }
        let [major, minor, patch] = parts;
        Some(Partial { major, minor, patch })
    }

    fn low(self) -> Version {
        (self.major.unwrap_or(0), self.minor.unwrap_or(0), self.patch.unwrap_or(0))
    }

    /// The first version after all that this one stands for.
    fn after(self) -> Version {
        match (self.major, self.minor, self.patch) {
            (Some(major), Some(minor), Some(patch)) => (major, minor, patch + 1),
            (Some(major), Some(minor), None) => (major, minor + 1, 0),
            (Some(major), None, _) => (major + 1, 0, 0),
            (None, ..) => TOP,
        }
    }

    fn tilde(self) -> Version {
        match (self.major, self.minor) {
            (Some(major), Some(minor)) => (major, minor + 1, 0),
            _ => self.after(),
        }
    }

    fn caret(self) -> Version {
        match (self.major, self.minor, self.patch) {
            (Some(0), Some(0), Some(patch)) => (0, 0, patch + 1),
            (Some(0), Some(minor), _) => (0, minor + 1, 0),
            (Some(major), ..) => (major + 1, 0, 0),
            (None, ..) => TOP,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn majors(text: &str) -> Vec<u64> {
        let range = Range::parse(text).unwrap();
        (16..=26).filter(|major| range.allows_major(*major)).collect()
    }

    #[test]
    fn majors_of_the_ranges_that_packages_write() {
        assert_eq!(majors(">=18"), (18..=26).collect::<Vec<_>>());
        assert_eq!(majors("^18 || ^20.9.0 || >= 22"), [18, 20, 22, 23, 24, 25, 26]);
        assert_eq!(majors("20.x"), [20]);
        assert_eq!(majors("v20"), [20]);
        assert_eq!(majors(">=18 <21"), [18, 19, 20]);
        assert_eq!(majors(">18 <=20"), [19, 20]);
        assert_eq!(majors("18 - 20"), [18, 19, 20]);
        assert_eq!(majors("~20.11.1"), [20]);
        assert_eq!(majors("*").len(), 11);
        assert_eq!(majors("").len(), 11);
        assert_eq!(majors(">20.1"), (20..=26).collect::<Vec<_>>());
        assert_eq!(majors("<20.0.0"), [16, 17, 18, 19]);
        assert_eq!(majors(">22 <20"), [0; 0]);
        assert_eq!(majors(">= 18.0.0-rc.1"), (18..=26).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_no_range_is_none() {
        for text in ["lts/*", "latest", "1.2.3.4", "^", "node", "18,20", "99999999999999999999"] {
            assert_eq!(Range::parse(text), None, "{text}");
        }
    }

    #[test]
    fn caret_of_zero_and_exact_versions() {
        let range = Range::parse("^0.2.3").unwrap();
        assert!(range.allows((0, 2, 9)) && !range.allows((0, 3, 0)) && !range.allows((0, 2, 2)));
        let exact = Range::parse("=1.2.3").unwrap();
        assert!(exact.allows((1, 2, 3)) && !exact.allows((1, 2, 4)));
        assert_eq!(exact.lowest(), Some((1, 2, 3)));
    }
}
