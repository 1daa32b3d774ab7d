//! What is set by files that are not read as what they are: templates of charts and their values, Makefiles, scripts,
//! pipelines. They are asked for names alone. Where one of them sets a variable, what the project says of it otherwise is not
//! all that there is.

use rustc_hash::FxHashSet;

use super::read::{Reading, is_ci};
use super::{Image, Project};
use crate::facts::image::Stage;
use crate::syntax::dockerfile::{Instruction, Kind};

/// Names that such files set.
#[derive(Clone, Debug, Default)]
pub struct Elsewhere {
    node_env: bool,
    /// Build arguments that some FROM of the project is written with.
    arguments: FxHashSet<String>,
}

impl Project {
    /// True when a template of a chart, its values or a `docker run` says something of NODE_ENV: whether that is about the image
    /// that is asked for cannot be told.
    pub fn may_set_node_env(&self) -> bool {
        self.elsewhere().node_env
    }

    /// True when the name or the tag of the image in FROM is a build argument that something in the project sets: then its
    /// default is not what is built.
    pub fn is_from_set_elsewhere(&self, image: &Image, stage: &Stage) -> bool {
        let names = from_arguments(image, stage);
        !names.is_empty() && names.iter().any(|name| self.elsewhere().arguments.contains(name))
    }

    fn elsewhere(&self) -> &Elsewhere {
        self.elsewhere.get_or_init(|| {
            let stages =
                self.images.iter().flat_map(|image| image.stages.stages.iter().map(move |s| (image, s)));
            let wanted: FxHashSet<String> =
                stages.flat_map(|(image, stage)| from_arguments(image, stage)).collect();
            let mut found = Elsewhere::default();
            for (id, file) in self.sources.iter() {
                let reading = &self.readings[id.0 as usize];
                let needs_word = match reading {
                    Reading::Text | Reading::Package(..) => Some(false),
                    Reading::Compose(_) | Reading::Data(_) => Some(true),
                    Reading::Template => None,
                    _ => continue,
                };
                let text = file.text();
                found.node_env = found.node_env
                    || text.contains("NODE_ENV")
                        && match reading {
                            Reading::Template => true,
                            Reading::Data(_) => !is_ci(file),
                            Reading::Text => runs_with(text, "NODE_ENV"),
                            _ => false,
                        };
                let Some(needs_word) = needs_word else { continue };
                // A pipeline sets variables for many things: where none of them is for a build, it is not asked.
                let speaks_of_builds =
                    ["args", "Args", "ARGS", "build-arg"].iter().any(|word| text.contains(word));
                if needs_word && !speaks_of_builds {
                    continue;
                }
                let set = wanted.iter().filter(|name| sets(text, name, needs_word));
                found.arguments.extend(set.cloned());
            }
            found
        })
    }
}

/// The build arguments that decide the name or the tag of the image in FROM: those of its last part, and those that their
/// defaults are written with. A registry that somebody sets leaves the image what it is.
fn from_arguments(image: &Image, stage: &Stage) -> Vec<String> {
    let from = image.tree.instructions.get(stage.instructions.start);
    let Some(Instruction { kind: Kind::From(from), .. }) = from else { return Vec::new() };
    let mut names = variables(&from.image.value.text);
    let mut at = 0;
    while at < names.len() && names.len() < 16 {
        let before = image.tree.instructions.iter().take_while(|other| !matches!(other.kind, Kind::From(_)));
        let pairs = before.filter(|other| matches!(other.kind, Kind::Arg)).flat_map(Instruction::pairs);
        let default = pairs.filter(|pair| pair.name.value == names[at]).find_map(|pair| pair.value.as_ref());
        for name in default.map(|default| variables(&default.value)).unwrap_or_default() {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        at += 1;
    }
    names
}

/// The variables of the last part of a name with slashes: `$TAG`, `${TAG}`, `${TAG:-lts}`.
fn variables(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = text;
    let mut depth = 0_usize;
    while let Some(character) = rest.chars().next() {
        let after = &rest[character.len_utf8()..];
        match character {
            '/' if depth == 0 => names.clear(),
            '}' => depth = depth.saturating_sub(1),
            '$' => {
                let inside = after.strip_prefix('{').inspect(|_| depth += 1).unwrap_or(after);
                let end = inside.find(|c: char| !is_word(c)).unwrap_or(inside.len());
                if end > 0 {
                    names.push(inside[..end].to_owned());
                }
                rest = &inside[end..];
                continue;
            }
            _ => {}
        }
        rest = after;
    }
    names
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// True when a text gives a name a value: `NAME=x`, `NAME ?= x`, `--build-arg NAME`; in YAML `NAME: x`, too.
fn sets(text: &str, name: &str, is_yaml: bool) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        if before.ends_with(is_word) || after.starts_with(is_word) {
            return false;
        }
        let is_build_arg = before.trim_end_matches(['"', '\'', '=', ' ']).ends_with("--build-arg");
        let value = after.trim_start_matches(['"', '\'']).trim_start_matches([' ', '\t']);
        let signs: &[&str] = if is_yaml { &["=", ":"] } else { &["=", "?=", ":=", "::=", "+=", ": "] };
        let is_set = signs.iter().any(|sign| value.starts_with(sign)) && !value.starts_with("==");
        is_build_arg || is_set
    })
}

/// True when a text hands a variable to a container: `docker run -e NAME=x`.
fn runs_with(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].trim_end_matches(['"', '\'', '=', ' ']);
        [" -e", " --env"].iter().any(|flag| before.ends_with(flag))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_the_last_part_decide() {
        let of = |text: &str| variables(text).join(" ");
        assert_eq!(of("${REGISTRY}/base:${VERSION}"), "VERSION");
        assert_eq!(of("$REGISTRY/alpine"), "");
        assert_eq!(of("${IMAGE:-a/b:c}"), "IMAGE");
        assert_eq!(of("node:$A-${B}"), "A B");
        assert_eq!(of("node:24"), "");
    }

    #[test]
    fn a_name_is_set_where_it_gets_a_value() {
        for text in ["TAG=1", "TAG ?= 1", "x --build-arg TAG .", "args = {\n  TAG = \"1\"\n}", "'TAG': '1'"] {
            assert!(sets(text, "TAG", false), "{text}");
        }
        for text in ["echo $TAG", "MY_TAG=1", "[ x == TAG ]", "if TAG == 1", "# the TAG of it"] {
            assert!(!sets(text, "TAG", false), "{text}");
        }
        assert!(sets("args:\n  TAG: 1\n", "TAG", true) && sets("- TAG=1", "TAG", true));
        assert!(runs_with("docker run -e NODE_ENV=production x", "NODE_ENV"));
        assert!(!runs_with("export NODE_ENV=production", "NODE_ENV"));
    }
}
