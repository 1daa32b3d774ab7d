//! The fold over a Dockerfile: from instructions to stages, each with its effective configuration.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::facts::command::Command;
use crate::facts::node_modules::{DECIDING, Settings};
use crate::facts::{Fact, Origin, Why};
use crate::source::{Span, Spanned};
use crate::syntax::dockerfile::{Dockerfile, Form, From, Instruction, JsonItem, Keyword, Kind, Port};
use crate::syntax::image_ref::ImageRef;

use super::config::{Config, Env, Health, size_of_values};
use super::copy::{self, CopyFrom, Names, below};
use super::expand::{BuildArgs, Scope};
use super::run::{self, RunStep};
use super::stage::{Stage, StageFrom};

/// Bytes that all stages together may inherit: a file of thousands of stages over thousands of variables must not
/// fill memory. Stages past it are unknown.
const MAX_INHERITED: usize = 64 << 20;

/// The stages of a Dockerfile.
#[derive(Clone, Debug, Default)]
pub struct Stages {
    /// In the order of the file.
    pub stages: Vec<Stage>,
}

impl Stages {
    /// The stage that a build ships: `target` by its name in any case or its number, else the last one. `None` when
    /// there is no such stage.
    pub fn shipped(&self, target: Option<&str>) -> Option<&Stage> {
        let Some(target) = target else { return self.stages.last() };
        let name = target.to_lowercase();
        let named = |stage: &&Stage| stage.name.as_ref().is_some_and(|known| known.value == name);
        self.stages.iter().rfind(named).or_else(|| self.stages.get(target.parse::<usize>().ok()?))
    }

    /// The stage and those it is built on by FROM, nearest first. (FROM leads to earlier stages only.)
    pub fn lineage<'a>(&'a self, stage: &'a Stage) -> impl Iterator<Item = &'a Stage> {
        std::iter::successors(Some(stage), |stage| self.stages.get(stage.from.stage()?))
    }

    /// The stages that are built for `target`, itself included, in the order of the file: along FROM, COPY --from
    /// and mounts. Cycles, which BuildKit refuses, end.
    pub fn reachable(&self, target: &Stage) -> Vec<&Stage> {
        let mut seen = vec![false; self.stages.len()];
        let mut open = vec![target.index];
        while let Some(index) = open.pop() {
            let Some(stage) = self.stages.get(index).filter(|_| !std::mem::replace(&mut seen[index], true))
            else {
                continue;
            };
            let mounts = stage.runs.iter().flat_map(|run| run.mounts.iter().map(|(_, from)| from));
            let edges = stage.copies.iter().map(|copy| &copy.from).chain(mounts).filter_map(CopyFrom::stage);
            open.extend(stage.from.stage().into_iter().chain(edges));
        }
        self.stages.iter().filter(|stage| seen[stage.index]).collect()
    }
}

/// Folds a Dockerfile into stages. `build_args` are those that the build is known to set; `base` is asked for
/// the configuration of images from outside, each with the bytes that name it.
pub fn fold(
    dockerfile: &Dockerfile,
    build_args: &BTreeMap<String, String>,
    base: impl Fn(&ImageRef, Span) -> Option<Config>,
) -> Stages {
    let alias = |instruction: &Instruction| match &instruction.kind {
        Kind::From(from) => from.alias.as_ref().map(|alias| alias.value.to_lowercase()),
        _ => None,
    };
    let froms = dockerfile.instructions.iter().filter(|instruction| instruction.keyword == Keyword::From);
    let mut fold = Fold {
        dockerfile,
        build_args,
        names: Names::default(),
        globals: BuildArgs::new(),
        stages: Vec::new(),
        args: Vec::new(),
        inherited: 0,
    };
    froms.for_each(|from| fold.names.push(alias(from)));
    let mut open: Option<Open> = None;
    for (index, instruction) in dockerfile.instructions.iter().enumerate() {
        if instruction.keyword == Keyword::From {
            fold.close(open.take(), index);
            open = Some(fold.open(index, instruction, &base));
        } else if let Some(open) = &mut open {
            fold.apply(open, index, instruction);
        } else if matches!(instruction.kind, Kind::Arg) {
            let globals = fold.declared(instruction, None, &fold.globals);
            fold.globals.extend(globals);
        }
    }
    fold.close(open, dockerfile.instructions.len());
    Stages { stages: fold.stages }
}

struct Fold<'a> {
    dockerfile: &'a Dockerfile,
    build_args: &'a BTreeMap<String, String>,
    names: Names,
    /// ARGs before the first FROM.
    globals: BuildArgs,
    stages: Vec<Stage>,
    /// ARGs at the end of each stage.
    args: Vec<BuildArgs>,
    /// Bytes inherited so far.
    inherited: usize,
}

/// A stage while its instructions are read.
struct Open {
    stage: Stage,
    args: BuildArgs,
    /// Whether this stage has set CMD itself, so that ENTRYPOINT keeps it.
    sets_cmd: bool,
    in_force: InForce,
}

/// What RUN instructions share until an instruction changes it.
struct InForce {
    shell: Arc<Fact<Vec<String>>>,
    workdir: Arc<Fact<String>>,
    user: Arc<Fact<Option<String>>>,
    settings: Arc<Settings>,
}

impl Fold<'_> {
    fn close(&mut self, open: Option<Open>, end: usize) {
        let Some(Open { mut stage, args, .. }) = open else { return };
        stage.instructions.end = end;
        self.stages.push(stage);
        self.args.push(args);
    }

    fn open(
        &mut self,
        index: usize,
        instruction: &Instruction,
        base: &impl Fn(&ImageRef, Span) -> Option<Config>,
    ) -> Open {
        let scope = Scope { escape: self.dockerfile.escape, env: None, args: &self.globals };
        let (from, from_span, name, platform) = match &instruction.kind {
            Kind::From(from) => {
                let name = from.alias.clone().map(|alias| alias.map(|name| name.to_lowercase()));
                let platform = from.platform.as_ref().map(|platform| scope.spanned(platform));
                (self.source(from, scope), from.image.span, name, platform)
            }
            _ => (StageFrom::Broken, instruction.span, None, None),
        };
        let (config, args) = self.inherit(&from, from_span, base);
        let in_force = InForce {
            shell: Arc::new(config.shell.clone()),
            workdir: Arc::new(config.workdir.clone()),
            user: Arc::new(config.user.clone()),
            settings: Arc::new(settings(&config.env, &args)),
        };
        let stage = Stage {
            index: self.stages.len(),
            from,
            from_span,
            name,
            platform,
            instructions: index..index,
            config,
            copies: Vec::new(),
            runs: Vec::new(),
            brought: Default::default(),
        };
        Open { stage, args, sets_cmd: false, in_force }
    }

    /// The configuration and the ARGs that a stage starts with.
    fn inherit(
        &mut self,
        from: &StageFrom,
        from_span: Span,
        base: &impl Fn(&ImageRef, Span) -> Option<Config>,
    ) -> (Config, BuildArgs) {
        let unknown = |why| (Config::unknown(why), BuildArgs::new());
        match from {
            StageFrom::Scratch => (Config::scratch(from_span), BuildArgs::new()),
            StageFrom::Broken => unknown(Why::Broken),
            StageFrom::Image(Fact::Unknown(why)) => unknown(*why),
            StageFrom::Stage(parent) => {
                let (config, args) = (&self.stages[*parent].config, &self.args[*parent]);
                match within(&mut self.inherited, config, args) {
                    true => (config.clone(), args.clone()),
                    false => unknown(Why::Unsupported),
                }
            }
            StageFrom::Image(Fact::Known { value, .. }) => match base(value, from_span) {
                None => unknown(Why::UnknownBase),
                Some(config) => match within(&mut self.inherited, &config, &BuildArgs::new()) {
                    true => (config, BuildArgs::new()),
                    false => unknown(Why::Unsupported),
                },
            },
        }
    }

    /// What FROM names: an earlier stage by its name, compared as it is written; else an image.
    fn source(&self, from: &From, scope: Scope) -> StageFrom {
        let image = &from.image;
        let text = match scope.text(&image.value.text, image.span) {
            Fact::Known { value, .. } => value,
            Fact::Unknown(why) => return StageFrom::Image(Fact::Unknown(why)),
        };
        if let Some(index) = self.names.last_before(&text, self.stages.len()) {
            return StageFrom::Stage(index);
        }
        if text == "scratch" {
            return StageFrom::Scratch;
        }
        let parsed = ImageRef::parse(&text);
        if !parsed.is_literal() {
            let why = if text.contains("{{") { Why::Templated } else { Why::Placeholder };
            return StageFrom::Image(Fact::Unknown(why));
        }
        StageFrom::Image(Fact::written(Box::new(parsed), image.span))
    }

    /// The ARGs of an instruction with their values.
    fn declared(&self, instruction: &Instruction, env: Option<&Env>, args: &BuildArgs) -> BuildArgs {
        let scope = Scope { escape: self.dockerfile.escape, env, args };
        let value = |name: &str, default: Option<&Spanned<String>>, span: Span| {
            if let Some(set) = self.build_args.get(name) {
                return Fact::written(set.clone(), span);
            }
            match default {
                Some(default) => scope.spanned(default),
                // In a stage it takes the value that the global one has.
                None => self.globals.get(name).cloned().unwrap_or(Fact::Unknown(Why::Variable)),
            }
        };
        let pairs = instruction.pairs().iter();
        pairs
            .map(|pair| {
                let name = pair.name.value.clone();
                let fact = value(&name, pair.value.as_ref(), pair.name.span);
                (name, fact)
            })
            .collect()
    }

    fn apply(&mut self, open: &mut Open, index: usize, instruction: &Instruction) {
        let names = &self.names;
        let config = &mut open.stage.config;
        let scope = Scope { escape: self.dockerfile.escape, env: Some(&config.env), args: &open.args };
        match &instruction.kind {
            Kind::Arg => {
                let declared = self.declared(instruction, Some(&config.env), &open.args);
                open.args.extend(declared);
            }
            Kind::Env => {
                // All pairs of one ENV see the variables before it.
                let pair = |pair: &crate::syntax::dockerfile::Pair| {
                    let value = pair.value.as_ref()?;
                    let name = scope.spanned(&pair.name).known()?.clone();
                    let fact = scope.spanned(value);
                    // What an ARG gives is only a default; `production` is what no build undoes by accident.
                    let is_default =
                        value.value.contains('$') && fact.known().is_some_and(|text| text != "production");
                    let decides = DECIDING.contains(&name.as_str());
                    Some((name, if decides && is_default { Fact::Unknown(Why::Variable) } else { fact }))
                };
                let pairs: Vec<_> = instruction.pairs().iter().filter_map(pair).collect();
                config.env.variables.extend(pairs);
            }
            Kind::User(user) => config.user = scope.spanned(user).map(Some),
            Kind::Workdir(path) => {
                config.workdir = match scope.spanned(path) {
                    Fact::Known { value, origin } => match below(&config.workdir, &value, false) {
                        Ok(value) => Fact::Known { value, origin },
                        // Below the base's WORKDIR, and so no longer that folder itself.
                        Err(Why::UnknownBase) => Fact::Unknown(Why::Variable),
                        Err(why) => Fact::Unknown(why),
                    },
                    unknown => unknown,
                };
            }
            Kind::Cmd => {
                config.cmd = written(instruction, command(instruction));
                open.sets_cmd = true;
            }
            Kind::Entrypoint => {
                let command = command(instruction).filter(|command| *command != Command::Exec(Vec::new()));
                config.entrypoint = written(instruction, command);
                if !open.sets_cmd {
                    config.cmd = written(instruction, None);
                }
            }
            Kind::Shell => {
                if let Some(Form::Exec(items)) = instruction.command() {
                    let words = items.iter().map(|item| item.text.text.clone()).collect();
                    config.shell = written(instruction, words);
                }
            }
            Kind::StopSignal(signal) => config.stop_signal = scope.spanned(signal).map(Some),
            Kind::Healthcheck(check) => {
                let health = command(instruction).filter(|_| check.enabled).map(|command| Health {
                    command,
                    interval: check.interval.clone(),
                    timeout: check.timeout.clone(),
                    start_period: check.start_period.clone(),
                    retries: check.retries.clone(),
                });
                config.healthcheck = written(instruction, health);
            }
            Kind::Expose(ports) => {
                for port in ports {
                    match scope.words(&port.text) {
                        Ok(words) => {
                            let ports = words.into_iter().map(|word| {
                                let span = word.span;
                                Spanned::new(Port::parse(word), span)
                            });
                            config.exposed.items.extend(ports);
                        }
                        Err(why) => config.exposed.rest = Err(why),
                    }
                }
            }
            Kind::Volume(volumes) => {
                for volume in volumes {
                    match scope.spanned(volume) {
                        Fact::Known { value, .. } => {
                            config.volumes.items.push(Spanned::new(value, volume.span));
                        }
                        Fact::Unknown(why) => config.volumes.rest = Err(why),
                    }
                }
            }
            Kind::Copy(copy) => {
                open.stage.copies.push(copy::step((index, false), copy, names, scope, &config.workdir));
            }
            Kind::Add(copy) => {
                open.stage.copies.push(copy::step((index, true), copy, names, scope, &config.workdir));
            }
            Kind::Run(run) => open.stage.runs.push(RunStep {
                instruction: index,
                body: run::body(instruction),
                shell: Arc::clone(&open.in_force.shell),
                workdir: Arc::clone(&open.in_force.workdir),
                user: Arc::clone(&open.in_force.user),
                settings: Arc::clone(&open.in_force.settings),
                mounts: run
                    .mounts
                    .iter()
                    .map(|mount| (mount.clone(), run::mount_source(mount, names)))
                    .collect(),
            }),
            Kind::Broken => forget(config, instruction.keyword),
            Kind::From(_) | Kind::Label | Kind::Onbuild | Kind::Maintainer(_) | Kind::Unknown => {}
        }
        match instruction.keyword {
            Keyword::Shell => open.in_force.shell = Arc::new(config.shell.clone()),
            Keyword::Workdir => open.in_force.workdir = Arc::new(config.workdir.clone()),
            Keyword::User => open.in_force.user = Arc::new(config.user.clone()),
            Keyword::Env | Keyword::Arg => {
                let now = settings(&open.stage.config.env, &open.args);
                if now != *open.in_force.settings {
                    open.in_force.settings = Arc::new(now);
                }
            }
            _ => {}
        }
    }
}

/// The variables that package managers ask for: ENV wins over ARG, whose defaults a build may replace.
fn settings(env: &Env, args: &BuildArgs) -> Settings {
    let mut settings = Settings { values: Vec::new(), rest: env.rest };
    for name in DECIDING {
        let of_arg = || match args.get(name)? {
            Fact::Known { value, .. } if value != "production" => Some(Fact::Unknown(Why::Variable)),
            fact => Some(fact.clone()),
        };
        if let Some(fact) = env.get(name).cloned().or_else(of_arg) {
            settings.set(name, fact);
        }
    }
    settings
}

/// Counts what a stage inherits; false once all stages together inherit too much.
fn within(inherited: &mut usize, config: &Config, args: &BuildArgs) -> bool {
    if *inherited <= MAX_INHERITED {
        *inherited += config.size() + size_of_values(args);
    }
    *inherited <= MAX_INHERITED
}

/// A broken instruction would have set something: what it is not known any more.
fn forget(config: &mut Config, keyword: Keyword) {
    let why = Why::Broken;
    match keyword {
        Keyword::User => config.user = Fact::Unknown(why),
        Keyword::Workdir => config.workdir = Fact::Unknown(why),
        Keyword::Cmd => config.cmd = Fact::Unknown(why),
        Keyword::Entrypoint => {
            config.entrypoint = Fact::Unknown(why);
            config.cmd = Fact::Unknown(why);
        }
        Keyword::Shell => config.shell = Fact::Unknown(why),
        Keyword::StopSignal => config.stop_signal = Fact::Unknown(why),
        Keyword::Healthcheck => config.healthcheck = Fact::Unknown(why),
        Keyword::Env => config.env.rest = Err(why),
        Keyword::Expose => config.exposed.rest = Err(why),
        Keyword::Volume => config.volumes.rest = Err(why),
        _ => {}
    }
}

fn written<T>(instruction: &Instruction, value: T) -> Fact<T> {
    let span = instruction.command().and_then(|form| match form {
        Form::Exec(items) => Some(items.first()?.span.to(items.last()?.span)),
        Form::Shell(text) => Some(text.span(0, text.text.len())),
    });
    Fact::Known { value, origin: Origin::Written(span.unwrap_or(instruction.span)) }
}

/// The command of an instruction; an empty one when none is written.
fn command(instruction: &Instruction) -> Option<Command> {
    let word = |item: &JsonItem| Spanned::new(item.text.text.clone(), item.span);
    Some(match instruction.command() {
        Some(Form::Exec(items)) => Command::Exec(items.iter().map(word).collect()),
        Some(Form::Shell(text)) => Command::Shell(text.clone()),
        None => Command::Exec(Vec::new()),
    })
}
