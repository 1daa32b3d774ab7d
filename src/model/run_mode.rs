//! Whether a server runs with NODE_ENV=production: by the image, by who runs it, by the commands that start it, or by
//! the framework; and whether somebody develops in it.

use super::build::BuiltBy;
use super::chain::{Role, Step};
use super::contents::source_of;
use super::{Image, Project, Run, RunBy};
use crate::facts::node_modules::{self, Act};
use crate::facts::{Fact, Origin};
use crate::source::{ProjectPath, Span};

/// What NODE_ENV is when a server runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `production`.
    Production,
    /// Another value that says development, with the bytes that set it.
    Other(String, Span),
    /// It is not set.
    Unset,
    /// It cannot be known.
    Unknown,
}

/// Programs that set it to production by themselves where they serve. From the code of next 16.4.6, @nuxt/cli 4.0.3 and
/// 2.18.1, @remix-run/serve 2.17.5, @react-router/serve 8.4.0, vite 8.3.8, astro 7.3.5, @medusajs/cli 2.21.2 and
/// gatsby-cli 5.16.0; seen on 2026-11-21. Strapi 5 sets `development`.
const SETS_IT: [&str; 9] =
    ["next", "nuxt", "nuxi", "remix-serve", "react-router-serve", "vite", "astro", "medusa", "gatsby"];

/// Packages that do their work otherwise without it. From the code of express 5.3.0 and finalhandler 2.1.1 (which
/// @nestjs/platform-express 12.5.1 stands on), react and react-dom 19.3.1, vue 3.5.45, @apollo/server 5.5.1 and
/// apollo-server-core 3.13.0; seen on 2026-11-21.
const READERS: [(&str, &str); 8] = [
    ("express", "Express compiles templates for each request and shows stack traces"),
    ("@nestjs/platform-express", "Express compiles templates for each request and shows stack traces"),
    ("react-dom", "React renders with all checks of development"),
    ("react", "React renders with all checks of development"),
    ("vue", "Vue renders with all checks of development"),
    ("@apollo/server", "Apollo offers its playground and shows stack traces"),
    ("apollo-server", "Apollo offers its playground and shows stack traces"),
    ("apollo-server-express", "Apollo offers its playground and shows stack traces"),
];

/// What happens in a run without NODE_ENV=production, as far as known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A package does its work otherwise.
    Package(&'static str),
    /// The service's own code asks for the variable.
    Code,
    /// None is known: the code cannot be followed to its end, packages included.
    Perhaps,
    /// Neither the code nor a package that is known to asks for it.
    None,
}

/// Who copies a developer's changed sources into containers of a run that starts what waits for them, and where that is
/// said. The image may be deployed all the same.
pub fn developed_in(project: &Project, run: &Run) -> Option<(BuiltBy, Span)> {
    let watches = run.chain.steps.iter().any(Step::is_watcher);
    let builds = &project.image(run.image.filter(|_| watches)?).builds;
    builds.iter().find_map(|build| Some((build.by, build.synced?)))
}

/// What happens in a run without NODE_ENV=production.
pub fn effect_of(project: &Project, run: &Run) -> Effect {
    let Some(program) = &run.program else { return Effect::Perhaps };
    if let Some((_, effect)) = READERS.iter().find(|(name, _)| program.reached.packages.contains_key(*name)) {
        return Effect::Package(effect);
    }
    match program.mentions(&project.sources, &["NODE_ENV"]) {
        true => Effect::Code,
        // The code of packages is not read, and any of them may ask for it.
        false if program.reached.complete().is_ok() && program.reached.packages.is_empty() => Effect::None,
        false => Effect::Perhaps,
    }
}

/// What NODE_ENV is in a run of an image of the project.
pub fn mode_of(project: &Project, image: &Image, run: &Run) -> Mode {
    match run.environment.get("NODE_ENV") {
        Ok(Some(Fact::Known { value, .. })) if value == "production" => Mode::Production,
        Ok(Some(Fact::Known { value, origin: Origin::Written(at) })) if is_development(value) => {
            match is_set_on_the_way(project, image, run) {
                false => Mode::Other(value.clone(), *at),
                true => Mode::Unknown,
            }
        }
        Ok(None) if image.base.as_ref().is_some_and(|base| base.leaves_environment()) => {
            // Who runs it may be a chart, whose templates are not read.
            let is_run_unseen = run.by == RunBy::Image && project.may_set_node_env();
            let may_be_set = is_run_unseen || is_set_on_the_way(project, image, run);
            if may_be_set { Mode::Unknown } else { Mode::Unset }
        }
        _ => Mode::Unknown,
    }
}

fn is_development(value: &str) -> bool {
    matches!(value, "development" | "dev")
}

/// True when something between the first process and the server may set it, or the server itself.
fn is_set_on_the_way(project: &Project, image: &Image, run: &Run) -> bool {
    let steps = run.chain.steps.iter().any(|step| may_set(project, image, run, step));
    // Of an entry file that is not known, nothing is known.
    let by_program = run.program.as_ref().is_none_or(|program| {
        let dotenv = program
            .reached
            .packages
            .keys()
            .any(|name| matches!(name.as_str(), "dotenv" | "dotenv-flow" | "dotenv-expand"));
        let text = project.sources.file(program.entry).text();
        dotenv && settings_file_sets_it(project, image) || assigns(text)
    });
    steps || by_program || is_traced_output(image)
}

fn may_set(project: &Project, image: &Image, run: &Run, step: &Step) -> bool {
    if step.command.contains("NODE_ENV")
        || step.command.contains("--env-file")
        || SETS_IT.contains(&step.program.as_str())
    {
        return true;
    }
    match step.role {
        Role::PackageManager => {
            let words: Vec<Option<&str>> = step.command.split_whitespace().map(Some).collect();
            let Some(Act::Script { name, .. }) = node_modules::of_words(&words) else { return true };
            let package = image.package.map(|id| project.package(id));
            let script = package.and_then(|package| package.facts.script(&name));
            script.is_none_or(|script| script.text.text.contains("NODE_ENV"))
        }
        Role::Script if step.program != "docker-entrypoint.sh" => script_sets_it(project, image, run, step),
        Role::DevServer => !matches!(step.program.as_str(), "nodemon" | "node-dev" | "supervisor"),
        Role::Framework | Role::Runner | Role::ProcessManager | Role::Other => true,
        _ => false,
    }
}

/// True unless the text of a shell script is there and says nothing of it.
fn script_sets_it(project: &Project, image: &Image, run: &Run, step: &Step) -> bool {
    let words =
        step.command.split_whitespace().find(|word| !word.starts_with('-') && word.ends_with(&step.program));
    let folder = image.config().workdir.known().map_or("", String::as_str);
    let path = words.map(|word| match word.starts_with('/') {
        true => word.to_owned(),
        false => super::contents::normal(&format!("{folder}/{word}")),
    });
    let source = path.and_then(|path| source_of(image, &path, &project.sources).known().cloned());
    let file = source.and_then(|path| project.sources.find(&path));
    run.image.is_none() || file.is_none_or(|file| project.sources.file(file).text().contains("NODE_ENV"))
}

/// `process.env.NODE_ENV = "production"` in the entry file.
fn assigns(text: &str) -> bool {
    text.match_indices("NODE_ENV").any(|(at, name)| {
        let rest = text[at + name.len()..].trim_start_matches(['\'', '"', ']', ' ']);
        ["=", "||=", "??="].iter().any(|sign| rest.starts_with(sign)) && !rest.starts_with("==")
    })
}

/// True when a `.env` of the context says something of it, or cannot be read.
fn settings_file_sets_it(project: &Project, image: &Image) -> bool {
    let Some(context) = image.context.known() else { return true };
    let package = image.package.map(|id| project.package(id).folder.clone());
    let folders: Vec<ProjectPath> = package.into_iter().chain([context.clone()]).collect();
    let paths =
        folders.iter().filter_map(|folder| folder.join(".env")).filter(|path| project.sources.exists(path));
    paths.into_iter().any(|path| {
        project.sources.find(&path).is_none_or(|file| project.sources.file(file).text().contains("NODE_ENV"))
    })
}

/// The servers that Next.js (`standalone`) and Nuxt (`.output`) write set it themselves.
fn is_traced_output(image: &Image) -> bool {
    let copies = image.lineage().flat_map(|stage| &stage.copies);
    copies
        .flat_map(|copy| &copy.sources)
        .filter_map(|source| source.value.known())
        .any(|source| source.contains("standalone") || source.contains(".output"))
}
