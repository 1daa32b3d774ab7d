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
