//! All tests that look at the crate from outside, as modules of one binary: it links once.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

// The runner of actions is a Unix machine.
#[cfg(unix)]
mod action;
mod adoption;
mod browser;
mod cases;
mod cli;
mod commands;
mod completions;
mod corpus;
mod distribution;
mod dockerfile_expansion;
mod dockerfile_goldens;
mod dockerfile_properties;
mod docs;
mod exactness;
mod fixes;
mod formats;
mod hostile;
mod json_schema;
mod kustomize;
mod locks;
mod machine;
mod map;
mod objects;
mod pages;
mod purposes;
mod random;
mod reading;
mod registry;
mod reports;
mod schema;
mod script_facts;
mod seeds;
mod shell;
mod units;
mod weigh;
mod weigh_command;
mod weights;
mod yaml_goldens;
mod yaml_properties;
