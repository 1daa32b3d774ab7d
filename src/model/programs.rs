//! Which programs are in an image: what its base brings, and what its stages install or copy over that.

use super::{Image, Project, Run};
use crate::facts::base_images::{BroughtBy, comes_by};
use crate::facts::image::{Brought, PATH};

/// Packages that pull in none of the programs that the tables know. Libraries and fonts are told by their names.
const PLAIN_PACKAGES: [&str; 22] = [
    "ca-certificates",
    "tini",
    "dumb-init",
    "tzdata",
    "gcompat",
    "curl",
    "wget",
    "openssl",
    "procps",
    "jq",
    "python3",
    "g++",
    "gcc",
    "make",
    "su-exec",
    "gosu",
    "bash",
    "unzip",
    "zip",
    "xz-utils",
    "apt-transport-https",
    "iputils-ping",
];

impl Project {
    /// Whether a program, by its name or its path, is in an image when a container of it starts. `None`: not known.
    pub fn has_program(&self, image: &Image, program: &str) -> Option<bool> {
        let name = match program.rsplit_once('/') {
            // Elsewhere than where programs are looked for, only COPY could tell.
            Some((folder, _)) if !PATH.contains(&folder) => return None,
            Some((_, name)) => name,
            None => program,
        };
        let all: Vec<&Brought> = image.lineage().map(|stage| stage.brought()).collect();
        // What a Dockerfile of the project brings that this one is built on is not looked at.
        let complete = image.parent.is_none() && all.iter().all(|brought| brought.complete);
        let removes = all.iter().any(|brought| brought.removes);
        let known = comes_by(name);
        let (by, packages) = match known {
            Some((by, packages)) => (Some(by), packages.collect()),
            None => (None, Vec::new()),
        };
        let named = |set: &std::collections::BTreeSet<String>| {
            set.contains(name) || packages.iter().any(|package| set.contains(*package))
        };
        let is_brought = all.iter().any(|brought| {
            brought.files.contains(name)
                || named(&brought.system)
                || named(&brought.global)
                || brought.corepack && matches!(name, "yarn" | "yarnpkg" | "pnpm" | "pnpx")
        });
        let of_base = image.base.as_ref()?.has_program(name);
        match (is_brought, of_base) {
            (_, Some(true)) | (true, _) => (!removes).then_some(true),
            (false, None) => None,
            (false, Some(false)) => {
                let pulled_in = by == Some(BroughtBy::System)
                    && all.iter().flat_map(|brought| &brought.system).any(|package| !is_plain(package));
                let elsewhere = all.iter().any(|brought| brought.sets_path);
                (complete && !pulled_in && !elsewhere).then_some(false)
            }
        }
    }

    /// The same for the image that a run starts, be it one that the project does not build.
    pub fn run_has_program(&self, run: &Run, program: &str) -> Option<bool> {
        match run.image {
            Some(image) => self.has_program(self.image(image), program),
            None => {
                let name = program.rsplit_once('/').map_or(program, |(_, name)| name);
                run.base.as_ref()?.has_program(name)
            }
        }
    }
}

fn is_plain(package: &str) -> bool {
    PLAIN_PACKAGES.contains(&package)
        || ["lib", "font", "ttf-"].iter().any(|start| package.starts_with(start))
}

#[cfg(test)]
mod tests {
    use crate::model::Project;
    use crate::source::ProjectPath;

    fn has(dockerfile: &str, program: &str) -> Option<bool> {
        let files = [("Dockerfile", dockerfile)];
        let files = files.map(|(path, text)| (ProjectPath::new(path).unwrap(), text.to_owned()));
        let project = Project::from_texts(files);
        project.has_program(&project.images[0], program)
    }

    #[test]
    fn the_base_and_what_is_laid_over_it() {
        assert_eq!(has("FROM node:24-slim\n", "curl"), Some(false));
        assert_eq!(has("FROM node:24\n", "curl"), Some(true));
        assert_eq!(has("FROM node:24-alpine\n", "bash"), Some(false));
        assert_eq!(has("FROM node:24-alpine\n", "wget"), Some(true));
        assert_eq!(has("FROM node:26\n", "yarn"), Some(false));
        assert_eq!(has("FROM node:24\n", "yarn"), Some(true));
        assert_eq!(has("FROM gcr.io/distroless/nodejs24-debian13\n", "npm"), Some(false));
        assert_eq!(has("FROM gcr.io/distroless/nodejs24-debian13\n", "/bin/sh"), Some(false));
        assert_eq!(has("FROM gcr.io/distroless/nodejs24-debian13\n", "node"), None);
        assert_eq!(
            has("FROM node:24-slim\nRUN apt-get update && apt-get install -y curl\n", "curl"),
            Some(true)
        );
        assert_eq!(has("FROM alpine:3.22\nRUN apk add --no-cache nodejs\n", "node"), Some(true));
        assert_eq!(has("FROM node:26\nRUN corepack enable\n", "yarn"), Some(true));
        assert_eq!(has("FROM node:24-alpine AS a\nRUN npm i -g pm2\nFROM a\n", "pm2-runtime"), Some(true));
    }

    #[test]
    fn where_anything_may_have_come_in_nothing_is_missing() {
        assert_eq!(has("FROM registry.example.com/node:24\n", "curl"), None);
        assert_eq!(has("FROM node:24-slim\nRUN ./install.sh\n", "curl"), None);
        assert_eq!(has("FROM node:24-slim\nRUN apt-get install -y chromium\n", "wget"), None);
        assert_eq!(has("FROM node:24-slim\nRUN apt-get install -y chromium\n", "tini"), Some(false));
        assert_eq!(has("FROM node:24-slim\nENV PATH=/app/node_modules/.bin:$PATH\n", "nodemon"), None);
        assert_eq!(has("FROM node:24-slim\n", "/opt/bin/tini"), None);
    }
}
