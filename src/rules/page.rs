//! Reads a rule page: front matter, title, reason and examples. The page is the rule's documentation, its
//! metadata and its tests; what it may say is fixed by the types of [`front`] and by this reader, and anything
//! else is an error with its line.

pub mod front;

use std::fmt;

use crate::source::ProjectPath;

pub use front::{Equivalents, Front, OptionKind, OptionSpec, OptionValue};

/// A rule page.
#[derive(Clone, Debug)]
pub struct Page {
    /// The front matter.
    pub front: Front,
    /// The H1: the fault's name.
    pub title: String,
    /// What stands between the title and the first section, as Markdown.
    pub reason: String,
    /// The examples, in the order of the page.
    pub examples: Vec<Example>,
    /// Everything after the front matter, as written.
    pub body: String,
}

/// What an example shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The fault, on the marked lines and nowhere else.
    Bad,
    /// The files of the `Bad` before it after its fixes: files that it does not list stay as they are.
    Fixed,
    /// Files without the fault.
    Good,
}

/// An example: one or more files.
#[derive(Clone, Debug)]
pub struct Example {
    /// What it shows.
    pub role: Role,
    /// What follows the colon of its heading.
    pub caption: String,
    /// Line of its heading, from 1.
    pub line: u32,
    /// Its files.
    pub files: Vec<ExampleFile>,
}

/// A file of an example.
#[derive(Clone, Debug)]
pub struct ExampleFile {
    /// Its path in the project that the example is.
    pub path: ProjectPath,
    /// The language word of its fence.
    pub language: String,
    /// Its text, without the marks.
    pub text: String,
    /// The fence says `latin1`: the text is stored one byte a character, which is not UTF-8.
    pub latin1: bool,
    /// Lines (from 1) on which a finding is expected, with a part of the message that it must have.
    pub marks: Vec<(u32, String)>,
}

/// What is wrong with a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageError {
    /// The path of the page.
    pub path: String,
    /// Line, from 1.
    pub line: u32,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

impl std::error::Error for PageError {}

impl Page {
    /// Reads the page that stands at `path` (for errors only).
    pub fn parse(path: &str, text: &str) -> Result<Page, PageError> {
        read(text).map_err(|(line, message)| PageError { path: path.to_owned(), line, message })
    }

    /// The examples of one role.
    pub fn examples(&self, role: Role) -> impl Iterator<Item = &Example> {
        self.examples.iter().filter(move |example| example.role == role)
    }
}

/// Line and message of what is wrong.
type Fault = (u32, String);

fn read(text: &str) -> Result<Page, Fault> {
    let rest = text.strip_prefix("---\n").ok_or((1, "the page must begin with a line `---`".to_owned()))?;
    let end = rest.find("\n---\n").ok_or((1, "the front matter has no closing `---`".to_owned()))?;
    let front = Front::parse(&rest[..=end]).map_err(|(line, message)| (line + 1, message))?;
    let body = &rest[end + 5..];
    let first_line = 1 + text[..text.len() - body.len()].matches('\n').count() as u32;
    let mut reader = Reader::default();
    reader.read(body, first_line)?;
    if reader.title.is_empty() {
        return Err((first_line, "the page has no title".to_owned()));
    }
    Ok(Page {
        front,
        title: reader.title,
        reason: reader.reason.trim().to_owned(),
        examples: reader.examples,
        body: body.trim().to_owned(),
    })
}

/// What was read of the body so far.
#[derive(Default)]
struct Reader {
    title: String,
    reason: String,
    examples: Vec<Example>,
    section: Section,
}

/// The part of the page that a line stands in.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Section {
    #[default]
    Reason,
    Example,
    Other,
}

/// A fence that is open.
struct Fence {
    mark: String,
    line: u32,
    /// The file of an example; `None` in prose.
    file: Option<ExampleFile>,
}

impl Reader {
    fn read(&mut self, body: &str, first_line: u32) -> Result<(), Fault> {
        let mut fence: Option<Fence> = None;
        let mut path: Option<ProjectPath> = None;
        for (line, number) in body.split_inclusive('\n').zip(first_line..) {
            let bare = line.trim_end();
            if let Some(mut open) = fence.take() {
                if bare == open.mark {
                    self.close(open.file, number)?;
                } else {
                    if let Some(file) = &mut open.file {
                        file.push_line(line);
                    }
                    fence = Some(open);
                }
            } else if bare.starts_with("```") {
                fence = Some(self.open(bare, number, path.take())?);
            } else if let Some(title) = bare.strip_prefix("# ") {
                self.begin_page(title, number)?;
                continue;
            } else if let Some(heading) = bare.strip_prefix("## ") {
                path = None;
                self.begin_section(heading, number)?;
            } else if !bare.is_empty() && self.section == Section::Example {
                path = example_path(bare, number)?;
            }
            if self.section == Section::Reason {
                self.reason.push_str(line);
            }
        }
        match fence {
            Some(fence) => Err((fence.line, "the fence is not closed".to_owned())),
            None => Ok(()),
        }
    }

    fn begin_page(&mut self, title: &str, line: u32) -> Result<(), Fault> {
        if !self.title.is_empty() {
            return Err((line, "the page has a second title".to_owned()));
        }
        self.title = title.trim().to_owned();
        Ok(())
    }

    fn begin_section(&mut self, heading: &str, line: u32) -> Result<(), Fault> {
        let Some((role, caption)) = role_of(heading) else {
            self.section = Section::Other;
            return Ok(());
        };
        if role == Role::Fixed && self.examples.last().is_none_or(|example| example.role != Role::Bad) {
            return Err((line, "`## Fixed` must follow the `## Bad` that it mends".to_owned()));
        }
        self.examples.push(Example { role, caption: caption.to_owned(), line, files: Vec::new() });
        self.section = Section::Example;
        Ok(())
    }

    fn open(&self, bare: &str, line: u32, path: Option<ProjectPath>) -> Result<Fence, Fault> {
        let words = bare.trim_start_matches('`');
        let mark = bare[..bare.len() - words.len()].to_owned();
        if self.section != Section::Example {
            return Ok(Fence { mark, line, file: None });
        }
        let Some(path) = path else {
            return Err((
                line,
                "an example's fence needs a line with its path before it: `path`:".to_owned(),
            ));
        };
        let mut words = words.split_whitespace();
        let language = words.next().unwrap_or("").to_owned();
        let mut file = ExampleFile { path, language, text: String::new(), latin1: false, marks: Vec::new() };
        for word in words {
            if word == "latin1" {
                file.latin1 = true;
                continue;
            }
            let number = word.strip_prefix("line=").and_then(|number| number.parse().ok());
            let number = number.ok_or_else(|| (line, format!("unknown word {word:?} on the fence")))?;
            file.marks.push((number, String::new()));
        }
        Ok(Fence { mark, line, file: Some(file) })
    }

    fn close(&mut self, file: Option<ExampleFile>, line: u32) -> Result<(), Fault> {
        let (Some(file), Some(example)) = (file, self.examples.last_mut()) else { return Ok(()) };
        if !file.marks.is_empty() && example.role != Role::Bad {
            return Err((line, "only `## Bad` may mark lines".to_owned()));
        }
        if example.files.iter().any(|other| other.path == file.path) {
            return Err((line, format!("the example has {} twice", file.path)));
        }
        example.files.push(file);
        Ok(())
    }
}

impl ExampleFile {
    /// The bytes that the file has in the project that the example is.
    pub fn bytes(&self) -> Vec<u8> {
        if self.latin1 {
            // A page that uses it for anything else than Latin-1 gets question marks.
            return self.text.chars().map(|character| u8::try_from(character).unwrap_or(b'?')).collect();
        }
        self.text.clone().into_bytes()
    }

    /// Takes a line of the fence, without its mark when it has one: `CMD npm start  # ← npm is started`. The mark
    /// is no part of the example's text, so languages without such comments may carry it too.
    fn push_line(&mut self, line: &str) {
        let bare = line.trim_end_matches('\n');
        let mark = ["# ←", "// ←"].iter().find_map(|mark| bare.split_once(mark));
        let Some((before, expected)) = mark else {
            self.text.push_str(line);
            return;
        };
        let number = self.text.matches('\n').count() as u32 + 1;
        self.marks.push((number, expected.trim().to_owned()));
        self.text.push_str(before.trim_end());
        self.text.push('\n');
    }
}

/// Role and caption of an example's heading.
fn role_of(heading: &str) -> Option<(Role, &str)> {
    let (word, caption) = heading.split_once(':').unwrap_or((heading, ""));
    let role = match word.trim() {
        "Bad" => Role::Bad,
        "Fixed" => Role::Fixed,
        "Good" => Role::Good,
        _ => return None,
    };
    Some((role, caption.trim()))
}

/// The path of a line that holds a path in backticks and a colon, and nothing else; `None` for prose.
fn example_path(bare: &str, line: u32) -> Result<Option<ProjectPath>, Fault> {
    let path = bare.strip_prefix('`').and_then(|rest| rest.strip_suffix("`:").or(rest.strip_suffix(":`")));
    let Some(path) = path.filter(|path| !path.contains('`')) else { return Ok(None) };
    match ProjectPath::new(path) {
        Some(path) if !path.is_root() => Ok(Some(path)),
        _ => Err((line, format!("{path:?} is no path inside of a project"))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FixKind, On};
    use super::*;
    use crate::model::purpose::Purpose;

    const PAGE: &str = r#"---
severity: error
on: image
fix: safe
since: 0.1.0
options:
  - {name: level, type: text, default: major, doc: how}
equivalents:
  hadolint: [DL3002]
---

# Root

It runs as root.

```console
$ id
```

## Bad: no user

Prose.

`Dockerfile`:
```dockerfile
FROM node:24  # ← as root
CMD ["node"]
```

`a/package.json`:
```json line=1
{}
```

## Fixed

`Dockerfile`:
```dockerfile
FROM x
```

## Good

`Dockerfile`:
```dockerfile
USER node
```

## More

Text.
"#;

    fn fault(page: &str) -> String {
        Page::parse("p.md", page).unwrap_err().to_string()
    }

    #[test]
    fn a_page_is_read() {
        let page = Page::parse("p.md", PAGE).unwrap();
        assert_eq!((page.title.as_str(), page.front.on, page.front.fix), ("Root", On::Image, FixKind::Safe));
        assert_eq!(page.reason, "It runs as root.\n\n```console\n$ id\n```");
        assert_eq!(page.front.purpose, [Purpose::Ship]);
        assert_eq!(page.front.equivalents.hadolint, ["DL3002"]);
        let roles: Vec<Role> = page.examples.iter().map(|example| example.role).collect();
        assert_eq!(roles, [Role::Bad, Role::Fixed, Role::Good]);
        let bad = &page.examples[0];
        assert_eq!((bad.caption.as_str(), bad.line), ("no user", 20));
        assert_eq!(bad.files[0].text, "FROM node:24\nCMD [\"node\"]\n");
        assert_eq!(bad.files[0].marks, [(1, "as root".to_owned())]);
        assert_eq!(bad.files[1].path.as_str(), "a/package.json");
        assert_eq!(bad.files[1].marks, [(1, String::new())]);
    }

    #[test]
    fn what_is_wrong_has_a_line() {
        assert!(fault(&PAGE.replace("fix: safe", "fixes: safe")).starts_with("p.md:4: "));
        assert!(fault(&PAGE.replace("severity: error\n", "")).contains("severity"));
        assert!(fault(&PAGE.replace("default: major", "default: 1")).contains("not of its type"));
        assert!(fault(&PAGE.replace("`a/package.json`:\n", "")).starts_with("p.md:30: "));
        assert!(fault(&PAGE.replace("# Root\n", "")).contains("no title"));
        assert!(fault(&PAGE.replace("line=1", "lines=1")).contains("unknown word"));
        assert!(fault(&PAGE.replace("## Fixed", "## Good\n\n## Fixed")).contains("must follow"));
        assert!(fault(&PAGE.replace("a/package.json", "../package.json")).contains("no path inside"));
        assert!(fault(&PAGE.replace("USER node\n```", "USER node")).contains("not closed"));
        assert!(fault("# Root\n").starts_with("p.md:1: "));
    }
}
