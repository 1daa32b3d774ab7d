//! Comments of a script that speak to a linter.

use super::Script;
use crate::source::FileId;
use crate::syntax::comment::{self, Comment};

impl Script {
    /// The pragmas among its comments; each stands before a statement, or another node that begins a line.
    pub fn pragmas(&self, file: FileId, text: &str) -> Vec<Comment> {
        if !comment::is_pragma(text) {
            return Vec::new();
        }
        let mut comments = Vec::new();
        let mut others = Vec::new();
        let mut cursor = self.tree.walk();
        loop {
            let node = cursor.node();
            let bytes = (node.start_byte() as u32, node.end_byte() as u32);
            match node.kind() {
                "comment" | "html_comment" => comments.push(bytes),
                _ if node.is_named() => others.push(bytes),
                _ => {}
            }
            if cursor.goto_first_child() || cursor.goto_next_sibling() {
                continue;
            }
            loop {
                if !cursor.goto_parent() {
                    return comment::pragmas(file, text, comments, || others);
                }
                if cursor.goto_next_sibling() {
                    break;
                }
            }
        }
    }
}
