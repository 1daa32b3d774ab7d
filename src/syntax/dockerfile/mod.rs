//! Dockerfiles, read as BuildKit reads them, with every byte's place.
//!
//! The behaviour is that of BuildKit's `frontend/dockerfile` (parser, shell and instructions packages of 2026-08);
//! where BuildKit gives up, the rest of the file is read on and an [`Issue`](super::Issue) says why.

mod kind;
mod tree;

pub use kind::{Copy, From, Healthcheck, Keyword, Kind, Mount, Port, Run};
pub use tree::{
    Args, Directive, Dockerfile, Flag, Form, Heredoc, Instruction, JsonItem, Pair, Part, PartKind, Trigger,
};
