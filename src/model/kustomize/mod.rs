//! Kustomize, read natively: the objects that `kustomize build` makes of a kustomization, every value with the bytes
//! that set it, in the base, a patch or the kustomization itself.
//!
//! Nothing is executed and nothing is fetched. What lies outside of the subset (plugins, Helm charts, remote bases,
//! replacements, vars, own configurations) is noted, and what it may touch is unknown. The order of the steps is that
//! of kustomize 5: resources, generators, components, then transformers.

mod build;
mod fields;
mod generator;
mod hash;
mod json_patch;
mod layout;
mod merge;
mod outside;
mod patch;
mod references;
mod resource;
mod selector;
mod transform;

pub use build::{Build, Files, build};
pub use layout::{Layout, is_kustomization_name};
