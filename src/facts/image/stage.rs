//! A stage: what it starts from, what it is called, and what its instructions do.

use std::ops::Range;
use std::sync::OnceLock;

use crate::facts::Fact;
use crate::source::{Span, Spanned};
use crate::syntax::image_ref::ImageRef;

use super::brought::{self, Brought};
use super::config::Config;
use super::copy::CopyStep;
use super::run::RunStep;

/// One stage of a Dockerfile.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Its number, from 0.
    pub index: usize,
    /// What it starts from.
    pub from: StageFrom,
    /// The image or stage as FROM writes it; the FROM itself when that is broken.
    pub from_span: Span,
    /// Its name in lower case.
    pub name: Option<Spanned<String>>,
    /// Value of `--platform`; `None` when none is written.
    pub platform: Option<Fact<String>>,
    /// Its instructions as indices into the Dockerfile's, its FROM first.
    pub instructions: Range<usize>,
    /// The configuration at its end, inherited fields included.
    pub config: Config,
    /// Its COPY and ADD instructions, in order.
    pub copies: Vec<CopyStep>,
    /// Its RUN instructions, in order.
    pub runs: Vec<RunStep>,
    /// What its instructions bring, read when it is first asked for.
    pub(super) brought: OnceLock<Brought>,
}

impl Stage {
    /// Which programs its instructions bring.
    pub fn brought(&self) -> &Brought {
        self.brought.get_or_init(|| brought::of_stage(self))
    }
}

/// What a stage starts from.
#[derive(Clone, Debug)]
pub enum StageFrom {
    /// An image from outside; unknown when a variable in it is.
    Image(Fact<Box<ImageRef>>),
    /// An earlier stage.
    Stage(usize),
    /// Nothing.
    Scratch,
    /// Its FROM is broken.
    Broken,
}

impl StageFrom {
    /// The earlier stage, when it is one.
    pub fn stage(&self) -> Option<usize> {
        match self {
            StageFrom::Stage(index) => Some(*index),
            _ => None,
        }
    }

    /// The image, when it is one and known.
    pub fn image(&self) -> Option<&ImageRef> {
        match self {
            StageFrom::Image(image) => image.known().map(|image| &**image),
            _ => None,
        }
    }
}
