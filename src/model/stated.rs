//! What people say that files are for: the head of a compose file, the README of a folder, and the scripts beside a manifest
//! that apply it.

use std::collections::BTreeMap;

use super::purpose::{Purpose, Purposes, of_name};
use super::read::{Files, Reading};
use crate::discover::READMES;
use crate::facts::statement;
use crate::source::{FileId, ProjectPath, SourceFile, Sources, Span};

/// Bytes at the beginning of a README in which it says what it is about.
const HEAD: usize = 1_000;
/// Scripts of a folder that are looked into; where there are more, none tells.
const MOST_SCRIPTS: usize = 16;

/// What READMEs and scripts say, by their folders.
#[derive(Debug, Default)]
pub(crate) struct Stated {
    readmes: BTreeMap<ProjectPath, Purposes>,
    scripts: BTreeMap<ProjectPath, Vec<FileId>>,
}

impl Stated {
    /// Reads what the READMEs of a project say, and remembers its scripts.
    pub(crate) fn find(files: &Files) -> Stated {
        let mut stated = Stated::default();
        for (id, file, reading) in files.iter() {
            let Some(folder) = file.path.parent() else { continue };
            match reading {
                // That of the whole project speaks of all that it holds.
                Reading::Readme if !folder.is_root() => {
                    let found = of_readme(id, file, &folder);
                    stated.readmes.extend(found.map(|purposes| (folder, purposes)));
                }
                Reading::Text if matches!(file.path.extension(), Some("sh" | "bash")) => {
                    stated.scripts.entry(folder).or_default().push(id);
                }
                _ => {}
            }
        }
        stated
    }

    /// What the nearest README, that of the whole project left out, says of a folder.
    pub(crate) fn of_folder(&self, sources: &Sources, folder: &ProjectPath) -> Option<Purposes> {
        if self.readmes.is_empty() {
            return None;
        }
        let has_readme = |folder: &ProjectPath| {
            READMES.iter().any(|name| folder.join(name).is_some_and(|path| sources.exists(&path)))
        };
        let above = folder.ancestors().take_while(|folder| !folder.is_root());
        let nearest = above.into_iter().find(has_readme)?;
        self.readmes.get(&nearest).cloned()
    }

    /// The purpose that the names of all scripts tell that stand beside a file and name it.
    pub(crate) fn of_scripts(&self, sources: &Sources, file: &ProjectPath) -> Option<Purposes> {
        let scripts = self.scripts.get(&file.parent()?).filter(|scripts| scripts.len() <= MOST_SCRIPTS)?;
        let naming = scripts.iter().filter_map(|id| {
            let script = sources.file(*id);
            let at = script.text().find(file.name())?;
            Some((of_name(script.path.name()), Span::new(*id, at, at + file.name().len())))
        });
        let naming: Vec<(Option<Purpose>, Span)> = naming.collect();
        let (purpose, span) = *naming.first()?;
        let all_agree = naming.iter().all(|(other, _)| *other == purpose);
        let reason = "the name of the script beside it that names it";
        all_agree.then_some(Purposes::because(purpose?, reason, Some(span)))
    }
}

fn of_readme(id: FileId, file: &SourceFile, folder: &ProjectPath) -> Option<Purposes> {
    // Names of what everything in a folder runs on say nothing of the folder's own.
    const COMMON: [&str; 9] =
        ["docker", "kubernetes", "compose", "helm", "deploy", "server", "client", "backend", "frontend"];
    let names: Vec<String> = folder.as_str().split('/').map(str::to_lowercase).collect();
    let own: Vec<&str> = names.iter().map(String::as_str).filter(|name| !COMMON.contains(name)).collect();
    let text = file.text_once()?;
    let end = (0..=HEAD.min(text.len())).rev().find(|end| text.is_char_boundary(*end))?;
    let head = &text[..end];
    let (at, reason) = statement::not_for_production(head, &own)
        .map(|at| (at, "the README of its folder says that it is not for production"))
        .or_else(|| {
            let at = statement::left_alone(head, &own)?;
            Some((at, "the README of its folder says that nobody works on it any longer"))
        })?;
    Some(Purposes::because(Purpose::Develop, reason, Some(Span::new(id, at.start, at.end))))
}

/// What the comment at the head of a compose file says that it is for.
pub(crate) fn of_head(id: FileId, file: &SourceFile) -> Option<Purposes> {
    let is_comment = |line: &&str| line.trim().is_empty() || line.trim_start().starts_with('#');
    let length = file.text().split_inclusive('\n').take_while(is_comment).map(str::len).sum();
    let head = &file.text()[..length];
    let at =
        statement::not_for_production(head, &[]).or_else(|| statement::only_for_development(head, &[]))?;
    let reason = "the comment at its head says that it is not for production";
    Some(Purposes::because(Purpose::Develop, reason, Some(Span::new(id, at.start, at.end))))
}
