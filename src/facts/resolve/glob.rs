//! The patterns of `include` and `exclude` in tsconfig.json.

/// True when `path` fits `pattern`: `*` and `?` within a part, `**` over any parts. A pattern that names a folder holds
/// everything in it. Both are relative to one folder, without `./`.
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let names: Vec<&str> = path.split('/').collect();
    // `reached[i]`: the first `i` parts fit the names read so far.
    let mut reached = vec![false; parts.len() + 1];
    reached[0] = true;
    skip_stars(&parts, &mut reached);
    for name in names {
        if reached[parts.len()] {
            return true;
        }
        let mut next = vec![false; parts.len() + 1];
        for (index, part) in parts.iter().enumerate().filter(|(index, _)| reached[*index]) {
            if *part == "**" {
                next[index] = true;
                next[index + 1] |= index + 1 == parts.len();
            } else if fits(part, name) {
                next[index + 1] = true;
            }
        }
        skip_stars(&parts, &mut next);
        reached = next;
    }
    reached[parts.len()]
}

fn skip_stars(parts: &[&str], reached: &mut [bool]) {
    for (index, part) in parts.iter().enumerate() {
        // A last `**` needs a name to stand for, or else `a/**` would be `a`.
        if reached[index] && *part == "**" && index + 1 < parts.len() {
            reached[index + 1] = true;
        }
    }
}

/// One part against one name, by the greedy method: back to the last `*` when it does not go on.
fn fits(part: &str, name: &str) -> bool {
    let (part, name) = (part.as_bytes(), name.as_bytes());
    let (mut at, mut read) = (0, 0);
    let mut star = None;
    while read < name.len() {
        match part.get(at) {
            Some(b'*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(byte) if *byte == b'?' || *byte == name[read] => {
                at += 1;
                read += 1;
            }
            _ => {
                let Some((star_at, star_read)) = star else { return false };
                star = Some((star_at, star_read + 1));
                at = star_at + 1;
                read = star_read + 1;
            }
        }
    }
    part[at..].iter().all(|byte| *byte == b'*')
}

/// The folder in front of the first wildcard.
pub(super) fn fixed_part(pattern: &str) -> &str {
    let Some(wild) = pattern.find(['*', '?']) else { return pattern };
    pattern[..wild].rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_tsconfig() {
        let cases = [
            ("src", "src/a/b.ts", true),
            ("src/**/*", "src/a/b.ts", true),
            ("src/**/*", "src/b.ts", true),
            ("src/**", "src/b.ts", true),
            ("**/*", "a.ts", true),
            ("**/*.spec.ts", "a/b.spec.ts", true),
            ("**/*spec.ts", "b.spec.ts", true),
            ("*.ts", "a/b.ts", false),
            ("./src/*.ts", "src/a.ts", true),
            ("src/?.ts", "src/ab.ts", false),
            ("test", "testing/a.ts", false),
            ("**/**/**/**/**/x", "a/b/c/d/e/f/g/y", false),
        ];
        for (pattern, path, expected) in cases {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
        assert_eq!(fixed_part("src/app/**/*.ts"), "src/app");
        assert_eq!(fixed_part("**/*.ts"), "");
        assert_eq!(fixed_part("src"), "src");
    }
}
