//! Places as SARIF has them: addresses of files, and regions of lines and columns.

use std::fmt::Write as _;
use std::path::{MAIN_SEPARATOR, Path};

use serde::Serialize;

use super::Message;
use crate::source::{Position, SourceFile, Span};

/// A place in a file (3.28).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Place {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u32>,
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: ArtifactLocation,
    region: Region,
}

/// The address of a file (3.4).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ArtifactLocation {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

/// Lines and columns from 1; the column of the end is that after the last character (3.30).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

impl Place {
    pub(super) fn new(
        id: Option<u32>,
        artifact_location: ArtifactLocation,
        region: Region,
        message: Option<Message>,
    ) -> Place {
        Place { id, physical_location: Physical { artifact_location, region }, message }
    }
}

impl ArtifactLocation {
    /// The address of a path as seen from the working directory: relative to it, but for a path that is absolute.
    pub(super) fn of(path: &str) -> ArtifactLocation {
        let absolute = Path::new(path).is_absolute();
        let path = if MAIN_SEPARATOR == '/' { path.to_owned() } else { path.replace(MAIN_SEPARATOR, "/") };
        let path = percent_encoded(&path);
        if !absolute {
            return ArtifactLocation { uri: path, uri_base_id: Some("%SRCROOT%") };
        }
        let root = if path.starts_with('/') { "" } else { "/" };
        ArtifactLocation { uri: format!("file://{root}{path}"), uri_base_id: None }
    }
}

/// All but the unreserved characters of RFC 3986 and `/` as `%` and two digits.
fn percent_encoded(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

impl Region {
    pub(super) fn of(file: &SourceFile, span: Span) -> Region {
        let (start, end) = (position(file, span.start), position(file, span.end));
        Region {
            start_line: start.line,
            start_column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }
}

/// Where a byte stands. Nothing begins a line after the last line end: the end of such a file is the column behind that
/// line end (3.30.2, example 8), and GitHub refuses lines that are not there.
fn position(file: &SourceFile, byte: u32) -> Position {
    let text = file.text();
    if byte as usize >= text.len() && text.ends_with('\n') {
        let last = file.position(text.len() as u32 - 1);
        return Position { column: last.column + 1, ..last };
    }
    file.position(byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, ProjectPath};

    #[test]
    fn the_end_of_a_file_is_in_its_last_line() {
        let end = |text: &str| {
            let file = SourceFile::new(ProjectPath::root(), text);
            let Region { end_line, end_column, .. } =
                Region::of(&file, Span::new(FileId(0), text.len(), text.len() + 9));
            (end_line, end_column)
        };
        assert_eq!(end("abcd\r\nefg\r\nhijk\r\nlmn\r\n"), (4, 6));
        assert_eq!(end("a\nbé"), (2, 3));
        assert_eq!(end("\n"), (1, 2));
        assert_eq!(end(""), (1, 1));
    }

    #[test]
    fn addresses_are_relative_unless_the_path_is_not() {
        let uri = |path: &str| ArtifactLocation::of(path).uri;
        assert_eq!(uri("a b/[c]%/é#?.yaml"), "a%20b/%5Bc%5D%25/%C3%A9%23%3F.yaml");
        assert_eq!(uri("c:/x"), "c%3A/x");
        assert_eq!(uri("../x"), "../x");
        if cfg!(unix) {
            assert_eq!(uri("/srv/a b/x"), "file:///srv/a%20b/x");
            assert_eq!(ArtifactLocation::of("/srv/x").uri_base_id, None);
        }
    }
}
