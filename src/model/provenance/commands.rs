//! RUN: what its commands, and the scripts that they run, do to node_modules.

use std::sync::Arc;

use super::manager::{configured, is_berry, pnpm_major};
use super::trees::Trees;
use super::{Build, Chosen, IN_BASE, Install, MOST_SCRIPTS, Modules, Ran};
use crate::facts::image::{RunBody, RunStep, Stage};
use crate::facts::lock::Manager;
use crate::facts::node_modules::{self, Act, Asked, Settings};
use crate::facts::{Fact, Why};
use crate::model::contents::{normal, source_in};
use crate::model::{Package, PackageId};
use crate::source::{ProjectPath, Span};
use crate::syntax::mapped::MappedText;
use crate::syntax::shell::{self, Join, ShellCommand};

/// Scripts that may run each other.
const DEPTH: usize = 6;

/// Scripts that npm runs around an install of the package itself (npm documentation, "scripts", life cycle).
const LIFECYCLE: [&str; 4] = ["preinstall", "install", "postinstall", "prepare"];

/// Where a command runs.
#[derive(Clone)]
struct At<'a> {
    stage: &'a Stage,
    run: &'a RunStep,
    /// The folder, when it is known.
    folder: Option<String>,
    settings: Settings,
    /// True where the command may not run at all.
    perhaps: bool,
    /// How many scripts it stands in.
    depth: usize,
    /// Where the Dockerfile starts the script it stands in.
    started: Option<Span>,
}

impl<'a> At<'a> {
    /// The same in a script that is started at `span` in a folder.
    fn inside(&self, folder: &str, span: Span) -> At<'a> {
        let started = Some(self.started.unwrap_or(span));
        At { folder: Some(folder.to_owned()), depth: self.depth + 1, started, ..self.clone() }
    }
}

/// A command that does something, with its bytes.
struct Doing {
    written: String,
    span: Span,
    last_word: Option<Span>,
}

impl<'a> Build<'a> {
    /// Does to `trees` what a RUN does.
    pub(super) fn run(&mut self, stage: &'a Stage, run: &'a RunStep, trees: &mut Trees) {
        let mut settings = Settings::clone(&run.settings);
        if settings.rest == Err(Why::UnknownBase) && self.leaves_environment(stage) {
            settings.rest = Ok(());
        }
        let folder = match &*run.workdir {
            Fact::Known { value, .. } => Some(value.clone()),
            Fact::Unknown(Why::UnknownBase) => Some(IN_BASE.to_owned()),
            Fact::Unknown(_) => None,
        };
        let mut at = At { stage, run, folder, settings, perhaps: false, depth: 0, started: None };
        match &run.body {
            RunBody::Exec(words) => {
                let texts: Vec<Option<&str>> = words.iter().map(|word| Some(word.value.as_str())).collect();
                let (Some(act), Some(span)) = (node_modules::of_words(&texts), run.body.span()) else {
                    return;
                };
                let written: Vec<&str> = texts.iter().copied().flatten().take(2).collect();
                self.act(act, &mut at, Doing { written: written.join(" "), span, last_word: None }, trees);
            }
            RunBody::Shell(text) => self.script(text, &mut at, trees),
            RunBody::Program(text) if text.text.lines().next().is_some_and(|line| line.ends_with("sh")) => {
                self.script(text, &mut at, trees);
            }
            RunBody::Program(_) => trees.forget(None, Why::Unsupported),
        }
    }

    fn script(&mut self, text: &MappedText, at: &mut At<'a>, trees: &mut Trees) {
        if at.depth > DEPTH || self.gone_through > MOST_SCRIPTS {
            return trees.forget(None, Why::Unsupported);
        }
        self.gone_through += 1;
        let script = shell::parse(text);
        let outside = at.perhaps;
        let mut before_subshell: Option<Option<String>> = None;
        let mut after_test = false;
        for command in &script.commands {
            if command.place.substitution {
                continue;
            }
            match (command.place.subshell, before_subshell.is_some()) {
                (true, false) => before_subshell = Some(at.folder.clone()),
                (false, true) => at.folder = before_subshell.take().flatten(),
                _ => {}
            }
            let in_turn = matches!(command.joined, Join::And | Join::Or);
            let is_test =
                matches!(command.program(), Some("[" | "[[" | "test" | "grep" | "command" | "which"));
            after_test = in_turn && after_test || is_test;
            at.perhaps = outside
                || command.place.branch
                || command.place.looped
                || command.place.function
                || command.joined == Join::Or
                || (in_turn && after_test);
            self.command(command, at, trees);
        }
        at.perhaps = outside;
    }

    fn command(&mut self, command: &ShellCommand, at: &mut At<'a>, trees: &mut Trees) {
        let exported = command.words.is_empty() || command.program() == Some("export");
        let before = (!exported && !command.assignments.is_empty()).then(|| at.settings.clone());
        for assignment in &command.assignments {
            let value = assignment.value.literal();
            let fact = value.map_or(Fact::Unknown(Why::Variable), |value| {
                Fact::written(value.to_owned(), assignment.value.span)
            });
            at.settings.set(&assignment.name, fact);
        }
        let words: Vec<Option<&str>> = command.words.iter().map(|word| word.literal()).collect();
        for (name, value) in words.iter().flatten().map_while(|word| word.split_once('=')) {
            at.settings.set(name, Fact::written(value.to_owned(), command.span));
        }
        if let Some(act) = node_modules::of_words(&words) {
            let shown = &command.words[..command.words.len().min(2)];
            let raw: Vec<&str> = shown.iter().map(|word| word.raw.as_str()).collect();
            let span = shown.iter().map(|word| word.span).reduce(Span::to).unwrap_or(command.span);
            let last_word = command.words.last().map(|word| word.span);
            self.act(act, at, Doing { written: raw.join(" "), span, last_word }, trees);
        }
        if let Some(before) = before {
            at.settings = before;
        }
    }

    fn act(&mut self, act: Act, at: &mut At<'a>, doing: Doing, trees: &mut Trees) {
        let path = |at: &At<'_>, folder: Option<&str>| join(at.folder.as_deref(), folder.unwrap_or("."));
        match act {
            Act::Enter(to) => at.folder = to.and_then(|to| path(at, Some(&to))),
            Act::Configure => at.settings.set("NPM_CONFIG_OMIT", Fact::written("dev".to_owned(), doing.span)),
            Act::Anything => trees.forget(None, Why::Unsupported),
            Act::Install(install) => {
                let folder = path(at, install.folder.as_deref());
                self.install(&install, folder, at, doing, trees);
            }
            Act::Add(_) => match path(at, None) {
                Some(folder) => {
                    trees.add(Modules::unknown(
                        format!("{}/node_modules", top(&folder)),
                        Why::Ambiguous,
                        None,
                    ));
                }
                None => trees.rest = Err(Why::Variable),
            },
            Act::Prune(install) => {
                let Some(folder) = path(at, install.folder.as_deref()) else {
                    return trees.forget(None, Why::Variable);
                };
                let made = format!("{}/node_modules", top(&folder));
                match development(&install, self.package_in(&folder, at), at) {
                    Ok(true) => {}
                    Ok(false) if !at.perhaps => trees.clean(&made, doing.span),
                    Ok(false) => trees.forget(Some(&made), Why::Dynamic),
                    Err(why) => trees.forget(Some(&made), why),
                }
            }
            Act::Deploy(install, to) => {
                let Some(to) = path(at, Some(&to)) else { return trees.rest = Err(Why::Variable) };
                let made = format!("{}/node_modules", top(&to));
                let package = path(at, None).and_then(|folder| self.package_in(&folder, at));
                trees.set(Modules {
                    development: decided(development(&install, package, at), doing.span),
                    chosen: Some(Chosen {
                        at: package.map(|package| package.id),
                        here: install.chosen.is_none(),
                        words: install.chosen.unwrap_or_default(),
                    }),
                    ..Modules::unknown(made, Why::Dynamic, None)
                });
            }
            Act::Remove(paths) => {
                for removed in paths.iter().filter_map(|removed| path(at, Some(removed))) {
                    if at.perhaps {
                        trees.forget(Some(&removed), Why::Dynamic)
                    } else {
                        trees.remove(&removed)
                    }
                }
            }
            Act::Copy { from, to, moved } => {
                let Some(to) =
                    path(at, Some(&to)).map(|path| (path, to.ends_with(['/', '.']) || from.len() > 1))
                else {
                    return;
                };
                for from in from
                    .iter()
                    .filter_map(|from| path(at, Some(from.trim_end_matches("/.").trim_end_matches("/*"))))
                {
                    move_along(&from, &to, moved, trees);
                }
            }
            Act::Script { chosen: true, .. } => {}
            Act::Script { name, folder, .. } => {
                let Some(folder) = path(at, folder.as_deref()) else { return };
                self.package_script(&name, folder, at, doing.span, trees);
            }
            Act::File(file) => self.file(&file, at, &doing, trees),
        }
    }

    fn install(
        &mut self,
        install: &node_modules::Install,
        folder: Option<String>,
        at: &At<'a>,
        doing: Doing,
        trees: &mut Trees,
    ) {
        let Some(folder) = folder else { return trees.rest = Err(Why::Variable) };
        let package = self.package_in(&folder, at);
        let development = self.with_development(install, package, at);
        let span = at.started.unwrap_or(doing.span);
        let made = Arc::new(Install {
            stage: at.stage.index,
            instruction: at.run.instruction,
            manager: install.manager,
            written: doing.written,
            at: doing.span,
            last_word: doing.last_word,
            asked: install.development,
            development,
            package: package.map(|package| package.id),
            ignores_scripts: install.ignores_scripts,
            is_in_dockerfile: at.started.is_none(),
            is_certain: !at.perhaps,
        });
        self.installs.push(Arc::clone(&made));
        let path = format!("{}/node_modules", top(&folder));
        // What is installed into a mount is not in the image.
        if is_mounted(at.run, &path) {
            return;
        }
        let unsure = at.perhaps
            && trees.at(&path).is_none_or(|known| known.development.known().copied() != development.ok());
        let development = if unsure { Fact::Unknown(Why::Dynamic) } else { decided(development, span) };
        let at_package = package.map(|package| package.id);
        let chosen = install.chosen.clone().map(|words| Chosen { at: at_package, words, here: false });
        trees.set(Modules { path, development, by: Some(made), copied: Vec::new(), chosen });
        if let Some(package) = package.filter(|_| !install.ignores_scripts) {
            for name in LIFECYCLE {
                self.body_of(package, name, at.inside(&folder, span), trees);
            }
        }
    }

    /// Whether an install brings development dependencies.
    fn with_development(
        &self,
        install: &node_modules::Install,
        package: Option<&Package>,
        at: &At<'_>,
    ) -> Result<bool, Why> {
        let folders = || package.into_iter().flat_map(|package| package.folder.ancestors());
        let text_of = |name: &str| {
            let file = folders().find_map(|folder| self.project.sources.find(&folder.join(name)?))?;
            Some(self.project.sources.file(file).text())
        };
        if install.manager == Manager::Yarn && package.is_some_and(is_berry) {
            // Yarn 2 and later know neither the option nor NODE_ENV, and often write no node_modules at all.
            let has_folder = text_of(".yarnrc.yml").is_some_and(|text| {
                let mut lines = text.trim_start_matches('\u{feff}').lines();
                lines.any(|line| line.starts_with("nodeLinker") && line.contains("node-modules"))
            });
            return match (install.focus, install.development) {
                (true, Asked::Without) => Ok(false),
                (_, Asked::Unknown) | (false, Asked::Without) => Err(Why::Unsupported),
                _ if has_folder => Ok(true),
                _ => Err(Why::Unsupported),
            };
        }
        let configured = text_of(".npmrc")
            .filter(|_| install.development == Asked::Nothing)
            .and_then(|text| text.lines().rev().find_map(|line| configured(install.manager, line)));
        match (configured, install.manager, package.and_then(pnpm_major)) {
            (None, ..) | (_, Manager::Pnpm, Some(11..)) => development(install, package, at),
            (_, Manager::Pnpm, None) => Err(Why::Ambiguous),
            (Some(with), ..) => Ok(with),
        }
    }

    /// Runs a script of package.json, with those before and after it.
    fn package_script(&mut self, name: &str, folder: String, at: &At<'a>, span: Span, trees: &mut Trees) {
        let Some(package) = self.package_in(&folder, at) else { return };
        if package.facts.script(name).is_some() {
            let seen = trees.covering(&format!("{}/node_modules", top(&folder)));
            self.scripts.push(Ran {
                stage: at.stage.index,
                instruction: at.run.instruction,
                name: name.to_owned(),
                package: package.id,
                at: at.started.unwrap_or(span),
                development: seen.map_or(Fact::Unknown(Why::NotFound), |modules| modules.development.clone()),
            });
        }
        for name in [format!("pre{name}"), name.to_owned(), format!("post{name}")] {
            self.body_of(package, &name, at.inside(&folder, span), trees);
        }
    }

    /// Runs the text of a script, when the package has it.
    fn body_of(&mut self, package: &Package, name: &str, mut inside: At<'a>, trees: &mut Trees) {
        if let Some(script) = package.facts.script(name) {
            self.script(&script.text, &mut inside, trees);
        }
    }

    /// Runs a shell script of the project; one that cannot be found may do anything.
    fn file(&mut self, file: &str, at: &At<'a>, doing: &Doing, trees: &mut Trees) {
        let path = join(at.folder.as_deref(), file);
        let source =
            path.and_then(|path| self.source(&path, at)).and_then(|path| self.project.sources.find(&path));
        let Some(id) = source else { return trees.forget(None, Why::NotFound) };
        let text = MappedText::verbatim(id, self.project.sources.file(id).text(), 0);
        let mut inside =
            At { depth: at.depth + 1, started: Some(at.started.unwrap_or(doing.span)), ..at.clone() };
        self.script(&text, &mut inside, trees);
    }

    /// The package whose package.json lies in a folder of the stage, or is mounted there.
    fn package_in(&self, folder: &str, at: &At<'_>) -> Option<&'a Package> {
        let path = format!("{}/package.json", top(folder));
        let project = self.project;
        let folder = self.source(&path, at)?.parent()?;
        let id: PackageId = project.package_at(&folder)?.id;
        Some(project.package(id))
    }

    /// The file of the project that a path of the stage was copied or is mounted from.
    fn source(&self, path: &str, at: &At<'_>) -> Option<ProjectPath> {
        let context = self.image.context.known()?;
        let mounted = at.run.mounts.iter().find_map(|(mount, from)| {
            let target = join(at.folder.as_deref(), mount.target()?)?;
            let rest = super::trees::below(path, &target)?;
            let source = mount.source().unwrap_or("");
            (mount.kind() == "bind" && *from == crate::facts::image::CopyFrom::Context)
                .then(|| context.join(format!("{source}{rest}").trim_start_matches('/')))?
        });
        if mounted.is_some() {
            return mounted;
        }
        let path = path.strip_prefix(IN_BASE).map_or(path, |rest| rest.trim_start_matches('/'));
        source_in(self.image, at.stage, path, &self.project.sources).known().cloned()
    }
}

impl Trees {
    /// Takes the development dependencies out of a folder.
    fn clean(&mut self, path: &str, by: Span) {
        for modules in self.items.iter_mut().filter(|modules| modules.path == path) {
            modules.development = Fact::written(false, by);
        }
    }
}

/// Takes along what a command copies or moves. Whether the target is a folder, only the build knows: then it may lie there
/// under either name.
fn move_along(from: &str, (to, is_folder): &(String, bool), moved: bool, trees: &mut Trees) {
    let name = from.rsplit('/').next().unwrap_or(from);
    let inside = format!("{}/{name}", top(to));
    let mut taken = trees.moved(from, &inside);
    if !is_folder {
        taken.extend(trees.moved(from, to));
    }
    if moved {
        trees.remove(from);
    }
    taken.into_iter().for_each(|modules| trees.set(modules));
}

fn development(install: &node_modules::Install, package: Option<&Package>, at: &At<'_>) -> Result<bool, Why> {
    match install.development {
        Asked::Without => Ok(false),
        Asked::With => Ok(true),
        Asked::Unknown => Err(Why::Variable),
        Asked::Nothing => {
            let major = package.filter(|_| install.manager == Manager::Pnpm).and_then(pnpm_major);
            at.settings.development(install.manager, major)
        }
    }
}

fn decided(development: Result<bool, Why>, span: Span) -> Fact<bool> {
    development.map_or_else(Fact::Unknown, |with| Fact::written(with, span))
}

fn is_mounted(run: &RunStep, path: &str) -> bool {
    let folder = run.workdir.known().map(String::as_str);
    let targets = run.mounts.iter().filter_map(|(mount, _)| join(folder, mount.target()?));
    targets.into_iter().any(|target| super::trees::below(path, &target).is_some())
}

/// A path in a folder, absolute; `None` when the folder is not known.
fn join(folder: Option<&str>, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return Some(normal(path));
    }
    if path.starts_with(['~', '$']) {
        return None;
    }
    Some(normal(&format!("{}/{path}", folder?)))
}

/// A folder as what stands before a slash: the root is nothing.
fn top(folder: &str) -> &str {
    folder.trim_end_matches('/')
}
