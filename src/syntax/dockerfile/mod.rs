//! Dockerfiles, read as BuildKit reads them, with every byte's place.
//!
//! The behaviour is that of BuildKit's `frontend/dockerfile` (parser, shell and instructions packages of 2026-08);
//! where BuildKit gives up, the rest of the file is read on and an [`Issue`](super::Issue) says why.

mod args;
mod flags;
mod health;
mod heredoc;
mod json_form;
mod kind;
mod lines;
mod logical;
mod pattern;
pub mod shell_words;
mod suggest;
mod swallowed;
mod tree;
mod typed;
mod words;

use super::Parsed;
use crate::source::FileId;

pub use kind::{Copy, From, Healthcheck, Keyword, Kind, Mount, Port, Run};
pub use tree::{
    Args, Directive, Dockerfile, Flag, Form, Heredoc, Instruction, JsonItem, Pair, Part, PartKind, Trigger,
};

/// Reads a Dockerfile. Never fails: what BuildKit refuses is an issue of `dockerfile/syntax`, and an instruction that
/// a continuation made an argument is one of `dockerfile/swallowed-instruction`.
pub fn parse(file: FileId, text: &[u8]) -> Parsed<Dockerfile> {
    lines::read(file, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_missing_from_is_one_issue() {
        let issues = |text: &str| {
            let parsed = parse(FileId(0), text.as_bytes());
            parsed.issues.iter().map(|issue| text[issue.span.range()].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(issues("ROM node\nWORKDIR /a\nCOPY . .\n"), ["ROM"]);
        assert_eq!(issues("ARG A\nWORKDIR /a\nCOPY . .\n"), ["WORKDIR"]);
        assert_eq!(issues("# nothing\n"), [""]);
    }

    #[test]
    fn a_misspelt_keyword_is_told_what_it_was_meant_to_be() {
        let parsed = parse(FileId(0), b"ROM node\n");
        assert_eq!(parsed.issues[0].help.as_deref(), Some("did you mean FROM?"));
        assert!(matches!(parsed.tree.instructions[0].kind, Kind::Unknown));
    }

    #[test]
    fn typed_instructions_say_what_they_hold() {
        let text = "FROM --platform=linux/amd64 node:22 AS build\nRUN --mount=type=secret,id=x,dst=/s a\n\
                    COPY --from=a --chown=1:2 --link x y /d/\nHEALTHCHECK --interval=1m --retries=3 CMD x\n";
        let parsed = parse(FileId(0), text.as_bytes());
        assert_eq!(parsed.issues, []);
        let kinds: Vec<&Kind> =
            parsed.tree.instructions.iter().map(|instruction| &instruction.kind).collect();
        let [Kind::From(from), Kind::Run(run), Kind::Copy(copy), Kind::Healthcheck(check)] = kinds[..] else {
            panic!("{kinds:?}");
        };
        assert_eq!(from.image.value.tag(), Some("22"));
        assert_eq!(&text[from.platform.as_ref().unwrap().span.range()], "linux/amd64");
        assert_eq!(from.alias.as_ref().unwrap().value, "build");
        assert_eq!((run.mounts[0].kind(), run.mounts[0].target()), ("secret", Some("/s")));
        assert_eq!(copy.sources.len(), 2);
        assert_eq!(&text[copy.chown.as_ref().unwrap().span.range()], "1:2");
        assert!(copy.link && copy.dest.value == "/d/");
        assert_eq!(check.interval.as_ref().unwrap().value.as_secs(), 60);
        assert_eq!(check.retries.as_ref().unwrap().value, 3);
    }
}
