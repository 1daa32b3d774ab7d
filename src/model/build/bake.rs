//! Targets of `docker buildx bake`, and those that a matrix makes of one: `target "x" { matrix = { item = images } … }`.
//! Of the language only what names a build is read; source: docs.docker.com/build/bake/reference and `matrices`.

use crate::source::{FileId, ProjectPath, Sources, Span};

use super::{Build, BuiltBy, DockerfileIn, Written};

/// Builds that one matrix may make.
const MOST_OF_MATRIX: usize = 256;

/// Builds that the text of a bake file names. Paths are those of the folder that bake is started in: that of the file, or the
/// root of the project.
pub(super) fn builds(id: FileId, text: &str, base: &ProjectPath, sources: &Sources) -> Vec<Build> {
    let mut builds = Vec::new();
    for (at, _) in text.match_indices("target \"") {
        if text[..at].rfind('\n').is_some_and(|newline| !text[newline..at].trim().is_empty()) {
            continue;
        }
        let Some(open) = text[at..].find('{').map(|open| at + open) else { continue };
        let end = text[open..].find("\n}").map_or(text.len(), |end| open + end + 2);
        let span = Span::new(id, at, end);
        for written in of_target(text, &text[open..end]) {
            let in_folder = |base: &ProjectPath| {
                written.clone().resolve(base, DockerfileIn::Context, sources, BuiltBy::Bake, span)
            };
            builds.extend(in_folder(base).or_else(|| in_folder(&ProjectPath::root())));
        }
    }
    builds
}

/// What the block of a target says, once for each row of its matrix.
fn of_target(text: &str, block: &str) -> Vec<Written> {
    match matrix(text, block) {
        None => vec![written(block, "", &Row::new())],
        Some((variable, rows)) => rows.iter().map(|row| written(block, variable, row)).collect(),
    }
}

/// The values of a row by their keys; what is no object has the key of no letters.
type Row<'t> = Vec<(&'t str, &'t str)>;

fn written(block: &str, variable: &str, row: &Row) -> Written {
    let fill = |text: &str| {
        row.iter().fold(text.to_owned(), |text, (key, value)| {
            let name = if key.is_empty() { variable.to_owned() } else { format!("{variable}.{key}") };
            // `context = item.source` is a value of its own.
            if text == name { (*value).to_owned() } else { text.replace(&format!("${{{name}}}"), value) }
        })
    };
    let one = |key: &str| {
        let value = attribute(block, key)?.trim();
        let quoted = value.strip_prefix('"').and_then(|rest| rest.split('"').next());
        quoted.or(Some(value).filter(|_| !variable.is_empty() && value.starts_with(variable))).map(fill)
    };
    let tags = attribute(block, "tags").unwrap_or("").split('"').enumerate();
    let is_name = |name: &String| name.chars().any(char::is_alphanumeric);
    let names = tags
        .filter(|(at, part)| at % 2 == 1 && (variable.is_empty() || part.contains(&format!("${{{variable}"))))
        .map(|(_, part)| fill(part).trim_start_matches('/').to_owned())
        .filter(is_name)
        .collect();
    Written {
        context: one("context"),
        dockerfile: one("dockerfile"),
        target: one("target"),
        names,
        pushed: false,
        synced: None,
    }
}

/// The variable of a matrix that has one, and its rows: a list of texts, or of objects that stands in the file under a name.
fn matrix<'t>(text: &'t str, block: &'t str) -> Option<(&'t str, Vec<Row<'t>>)> {
    let inside = attribute(block, "matrix")?.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
    let (variable, value) = inside.split_once('=')?;
    let (variable, value) = (variable.trim(), value.trim());
    let list = if value.starts_with('[') { value } else { attribute(text, value)?.trim() };
    let list = list.strip_prefix('[')?.strip_suffix(']')?;
    let mut rows: Vec<Row> = Vec::new();
    let (mut depth, mut from) = (0_usize, 0);
    for (at, character) in list.char_indices() {
        match character {
            '{' | '[' => {
                from = if depth == 0 { at + 1 } else { from };
                depth += 1;
            }
            '}' | ']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    rows.push(texts_of(&list[from..at]));
                }
            }
            _ => {}
        }
    }
    if rows.is_empty() {
        rows = list.split('"').skip(1).step_by(2).map(|value| vec![("", value)]).collect();
    }
    (rows.len() <= MOST_OF_MATRIX).then_some((variable, rows))
}

/// `key = "text"` of an object, as long as no other block opens.
fn texts_of(object: &str) -> Row<'_> {
    let pairs = object.split([',', '\n']).filter_map(|part| {
        let (key, value) = part.split_once('=')?;
        Some((key.trim(), value.trim().strip_prefix('"')?.strip_suffix('"')?))
    });
    pairs.collect()
}

/// The text of an attribute that begins a line: to the end of the line, or to the bracket that closes it.
fn attribute<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let after = line.trim_start().strip_prefix(key).and_then(|rest| rest.trim_start().strip_prefix('='));
        if let Some(after) = after {
            let from = start + line.len() - after.len();
            return Some(&text[from..from + closed(&text[from..])]);
        }
        start += line.len();
    }
    None
}

/// Bytes to the end of the line at which no bracket is open.
fn closed(text: &str) -> usize {
    let mut depth = 0_i32;
    for (at, character) in text.char_indices() {
        match character {
            '[' | '{' | '(' => depth += 1,
            ']' | '}' | ')' => depth -= 1,
            '\n' if depth <= 0 => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Dockerfile context target names` of each build.
    fn found(text: &str) -> Vec<String> {
        let mut sources = Sources::default();
        for other in ["api/Dockerfile", "shop/src/cart/Dockerfile", "shop/src/web/Dockerfile"] {
            sources.list(ProjectPath::new(other).unwrap());
        }
        let line = |build: &Build| {
            let target = build.target.as_deref().unwrap_or("-");
            format!("{} {} {target} {}", build.dockerfile, build.context, build.names.join(" "))
        };
        builds(FileId(0), text, &ProjectPath::root(), &sources).iter().map(line).collect()
    }

    #[test]
    fn a_target_is_a_build() {
        let text = "target \"api\" {\n  context = \"api\"\n  target = \"prod\"\n  tags = [\"x/api:1\", \"x/api:2\"]\n}\n";
        assert_eq!(found(text), ["api/Dockerfile api prod x/api x/api"]);
        let text = "target \"api\" {\n  context = \"api\"\n  tags = [\n    \"x/api:1\",\n  ]\n}\n";
        assert_eq!(found(text), ["api/Dockerfile api - x/api"]);
    }

    #[test]
    fn a_matrix_is_a_build_for_each_row() {
        let target = "target \"default\" {\n  matrix = {\n    item = images\n  }\n  name = item.name\n  context = \"./shop/src/${item.source}\"\n  tags = [\n    for x in setproduct([HUB], \"${split(\",\", TAGS)}\") : join(\"/${item.name}:\", x)\n  ]\n}\n";
        let images = "images = [\n  // two\n  {\n    name = \"shop-cart-v1\"\n    args = {\n      a = \"b\"\n    }\n    source = \"cart\"\n  },\n  { name = \"shop-web\", source = \"web\" },\n]\n";
        assert_eq!(
            found(&(images.to_owned() + target)),
            [
                "shop/src/cart/Dockerfile shop/src/cart - shop-cart-v1",
                "shop/src/web/Dockerfile shop/src/web - shop-web"
            ]
        );
        let texts = "target \"all\" {\n  matrix = { item = [\"cart\", \"web\"] }\n  context = \"shop/src/${item}\"\n  tags = [\"r/${item}:1\"]\n}\n";
        assert_eq!(
            found(texts),
            [
                "shop/src/cart/Dockerfile shop/src/cart - r/cart",
                "shop/src/web/Dockerfile shop/src/web - r/web"
            ]
        );
        assert_eq!(found(target), [""; 0], "nobody knows the rows");
    }
}
