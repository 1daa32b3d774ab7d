//! What a Dockerfile builds: stages, what each inherits and sets, what it copies and runs.
//!
//! Variables are expanded per instruction as BuildKit does it, stages are resolved in the order of the file
//! (`dockerfile2llb/convert.go`), and every field of the configuration is a fact with the bytes that set it. What
//! comes with an image that no table knows is unknown.

mod brought;
mod config;
mod copy;
mod expand;
mod fold;
mod run;
mod stage;
#[cfg(test)]
mod tests;

pub use brought::{Brought, PATH};
pub use config::{BaseConfig, Config, Env, Health, signal_name};
pub(crate) use copy::in_folder;
pub use copy::{CopyFrom, CopyStep};
pub use fold::{Stages, fold};
pub use run::{RunBody, RunStep};
pub use stage::{Stage, StageFrom};
