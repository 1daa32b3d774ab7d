//! What the packages of an image cost: the graph of what one install brings, what each direct dependency holds in it, and what
//! the image would be lighter by without it.
//!
//! A lock file says what is installed, and why; nothing here looks at a disk: sizes come from whoever asks. What
//! removing an entry of package.json saves is what nothing else brings, which is what the entry dominates in the graph.

mod dominate;
mod duplicate;
mod graph;
mod group;
mod saving;
mod shipped;
mod system;
#[cfg(test)]
mod tests;
mod weigh;
mod why;

pub use duplicate::{Duplicate, duplicates};
pub use graph::{Graph, Node, Root, Target};
pub use group::Group;
pub(crate) use saving::Savings;
pub use saving::{Saving, savings};
pub use shipped::Weighed;
pub use weigh::{Weight, Weights, weigh};
pub use why::{Cause, Ways, why};
