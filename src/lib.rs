//! plimsoll reads everything that a Node.js service ships with and says whether it is fit for production on
//! Kubernetes.
//!
//! The road of the data, each step standing only on those before it:
//! [`source`] → [`syntax`] → [`facts`] → [`model`] → [`rules`] → [`check`] → [`report`]. `docs/architecture.md` is the map.

pub mod baseline;
pub mod check;
pub mod checklist;
pub mod cli;
pub mod config;
pub mod date;
pub mod discover;
pub mod facts;
pub mod finding;
pub mod fingerprint;
pub mod fix;
pub mod git;
pub mod model;
pub mod registry;
pub mod report;
pub mod rules;
pub mod since;
pub mod source;
pub mod suppress;
pub mod syntax;
pub mod weigh;
