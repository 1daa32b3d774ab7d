//! Following a chain: each program names the next, until node or something that starts nothing more.

use super::argument::{Argument, arguments, base_name, written};
use super::aside::Aside;
use super::{
    End, ProcessChain, Role, Signal, Start, Step, World, framework, manager, node, script, signal, wrapper,
};
use crate::facts::command::Command;
use crate::facts::module::Workers;
use crate::facts::package::Package;
use crate::facts::{Fact, Why};
use crate::source::{ProjectPath, Span, Spanned};

/// Programs that a chain may go through; one that is longer goes in circles.
const LONGEST: usize = 24;
/// Scripts that may start each other.
const DEEPEST: usize = 8;

/// Where a program is started.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The folder in the image.
    pub(super) folder: Fact<String>,
    /// The folder of the repository, when a workspace was named that cannot be found in the image.
    pub(super) source: Option<ProjectPath>,
}

/// What comes after a program.
pub(super) enum Next {
    /// Another program.
    Run(Vec<Argument>),
    /// Nothing that could be followed.
    Stop(End),
}

/// The state of following a chain.
pub(super) struct Walk<'a> {
    pub(super) start: &'a Start<'a>,
    pub(super) world: World<'a>,
    pub(super) steps: Vec<Step>,
    pub(super) place: Place,
    /// Scripts of package.json and shell scripts gone through.
    pub(super) scripts: usize,
    /// What the next shell is started by, when that is a package manager that gets past it.
    pub(super) past_shell: bool,
    /// What else is run on the way.
    pub(super) asides: Vec<Aside>,
    /// How many processes a process manager starts.
    pub(super) workers: Option<Spanned<Workers>>,
}

/// Follows the chain from what the container runtime starts.
pub fn resolve<'a>(start: &'a Start<'a>, world: World<'a>) -> ProcessChain {
    let mut walk = Walk {
        start,
        world,
        steps: Vec::new(),
        place: Place { folder: start.workdir.clone(), source: None },
        scripts: 0,
        past_shell: false,
        asides: Vec::new(),
        workers: None,
    };
    let end = match walk.first() {
        Next::Run(arguments) => walk.follow(arguments),
        Next::Stop(end) => end,
    };
    ProcessChain { steps: walk.steps, end, asides: walk.asides, workers: walk.workers }
}

impl<'a> Walk<'a> {
    /// ENTRYPOINT and CMD together, as the runtime starts them.
    fn first(&mut self) -> Next {
        let shell: Fact<&[String]> = match &self.start.shell {
            Fact::Known { value, origin } => Fact::Known { value: value.as_slice(), origin: origin.clone() },
            Fact::Unknown(why) => Fact::Unknown(*why),
        };
        let list = |command: &Command| match (command, &shell) {
            (Command::Exec(_), _) => Ok(arguments(command, &[])),
            (Command::Shell(_), Fact::Known { value, .. }) => Ok(arguments(command, value)),
            (Command::Shell(_), Fact::Unknown(why)) => Err(*why),
        };
        let cmd = match &self.start.cmd {
            Fact::Known { value: None, .. } => Ok(Vec::new()),
            Fact::Known { value: Some(command), .. } => list(command),
            Fact::Unknown(why) => Err(*why),
        };
        let entrypoint = match &self.start.entrypoint {
            Fact::Known { value: None, .. } => Ok(Vec::new()),
            // CMD is no part of an ENTRYPOINT in shell form.
            Fact::Known { value: Some(command @ Command::Shell(_)), .. } => {
                return list(command).map_or_else(|why| Next::Stop(End::Unknown(why)), Next::Run);
            }
            Fact::Known { value: Some(command), .. } => list(command),
            Fact::Unknown(why) => Err(*why),
        };
        match (entrypoint, cmd) {
            (Ok(mut all), Ok(rest)) => {
                all.extend(rest);
                if all.is_empty() { Next::Stop(End::Nothing) } else { Next::Run(all) }
            }
            // What the base starts is not known; most run what CMD says.
            (Err(why), Ok(rest)) if !rest.is_empty() => {
                self.push(Step {
                    signals: vec![Signal::Unknown(why)],
                    ..step("ENTRYPOINT", Role::Other, &rest[..0])
                });
                Next::Run(rest)
            }
            (Err(why), _) | (_, Err(why)) => Next::Stop(End::Unknown(why)),
        }
    }

    /// Follows from a program to the end.
    pub(super) fn follow(&mut self, arguments: Vec<Argument>) -> End {
        let mut next = Next::Run(arguments);
        loop {
            match next {
                Next::Stop(end) => return end,
                Next::Run(_) if self.steps.len() >= LONGEST || self.scripts > DEEPEST => {
                    return End::Unknown(Why::Unsupported);
                }
                Next::Run(arguments) => next = self.program(arguments),
            }
        }
    }

    /// One program: notes it, and says what it starts.
    fn program(&mut self, arguments: Vec<Argument>) -> Next {
        let Some(first) = arguments.first() else { return Next::Stop(End::Nothing) };
        let Some(path) = first.text.clone() else { return Next::Stop(End::Unknown(Why::Variable)) };
        let name = base_name(&path);
        if let Some(next) = self.entrypoint_of_base(&path, &arguments) {
            return next;
        }
        if let Some(known) = node::program(self, name, &arguments)
            .or_else(|| script::program(self, &path, name, &arguments))
            .or_else(|| wrapper::program(self, name, &arguments))
            .or_else(|| manager::program(self, name, &arguments))
            .or_else(|| framework::program(self, name, &arguments))
        {
            return known;
        }
        self.other(name, &arguments)
    }

    /// A program that the tables do not know.
    pub(super) fn other(&mut self, name: &str, arguments: &[Argument]) -> Next {
        self.push(step(name, Role::Other, arguments));
        Next::Stop(End::Other(name.to_owned()))
    }

    /// The script that is the base image's own ENTRYPOINT: it lies in the image, not in the repository.
    fn entrypoint_of_base(&mut self, path: &str, arguments: &[Argument]) -> Option<Next> {
        let base = self.start.base?;
        let own = base.entrypoint.as_deref()?.last()?;
        let is_meant = path == own || path == base_name(own);
        if !own.contains("entrypoint") || !is_meant || script::is_of_project(self, path) {
            return None;
        }
        if base.name == "docker.io/library/node" || base.name.ends_with("javascript-node") {
            return Some(self.official_entrypoint(arguments.to_vec()));
        }
        let (signals, row) = match base.name.as_str() {
            "docker.io/oven/bun"
            | "docker.io/denoland/deno"
            | "docker.io/library/nginx"
            | "docker.io/nginxinc/nginx-unprivileged"
            | "docker.io/library/postgres"
            | "docker.io/library/redis"
            | "docker.io/library/mongo"
            | "docker.io/library/mysql"
            | "docker.io/library/mariadb"
            | "docker.io/library/memcached"
            | "docker.io/library/rabbitmq" => (Signal::Replaced, Some(signal::ENTRYPOINT_EXECS)),
            _ => (Signal::Unknown(Why::UnknownBase), None),
        };
        self.push(Step {
            signals: vec![signals],
            row,
            ..step(base_name(path), Role::Script, &arguments[..1])
        });
        let mut rest = arguments[1..].to_vec();
        let is_file = |text: &str| [".js", ".mjs", ".ts", ".tsx"].iter().any(|end| text.ends_with(end));
        if base.name == "docker.io/oven/bun" && rest.first().is_some_and(|first| is_file(first.known())) {
            rest.insert(0, Argument::implied("bun", rest[0].span));
        }
        Some(if rest.is_empty() { Next::Stop(End::Nothing) } else { Next::Run(rest) })
    }

    /// The script of the official image: it puts `node` in front of what is no command, and becomes what comes then.
    pub(super) fn official_entrypoint(&mut self, mut arguments: Vec<Argument>) -> Next {
        self.push(Step {
            signals: vec![Signal::Replaced],
            row: Some(signal::ENTRYPOINT_EXECS),
            ..step("docker-entrypoint.sh", Role::Script, &arguments[..1])
        });
        arguments.remove(0);
        let Some(first) = arguments.first() else { return Next::Run(vec![Argument::implied("node", None)]) };
        let span = first.span;
        if first.text.as_deref().is_some_and(|text| self.is_for_node(text)) {
            arguments.insert(0, Argument::implied("node", span));
        }
        Next::Run(arguments)
    }

    /// Whether the first argument is no command: an option, or a script of JavaScript.
    fn is_for_node(&self, first: &str) -> bool {
        let is_script = |path: &str| [".js", ".mjs", ".cjs"].iter().any(|end| path.ends_with(end));
        if first.starts_with('-') || is_script(first) {
            return true;
        }
        // `dist/main`: not executable, when it stands for dist/main.js or a folder.
        if !first.contains('/') || base_name(first).contains('.') {
            return false;
        }
        let Some(path) = self.absolute(first) else { return false };
        [".js", "/index.js", ".ts", "/index.ts"].iter().any(|end| {
            match (self.world.source_of)(&format!("{path}{end}")) {
                Fact::Known { value, .. } => self.world.sources.exists(&value),
                Fact::Unknown(_) => false,
            }
        })
    }

    /// A path inside of the image, made absolute.
    pub(super) fn absolute(&self, path: &str) -> Option<String> {
        if path.starts_with('/') {
            return Some(normal(path));
        }
        Some(normal(&format!("{}/{path}", self.place.folder.known()?)))
    }

    /// Goes into a folder, as `cd` does.
    pub(super) fn enter(&mut self, folder: Option<&str>) {
        let entered = folder.and_then(|folder| self.absolute(folder));
        self.place.source = self.place.source.take().and_then(|source| source.join(folder?));
        let span = self.place.folder.span();
        self.place.folder = match (entered, span) {
            (Some(path), Some(span)) => Fact::written(path, span),
            _ => Fact::Unknown(Why::Variable),
        };
    }

    /// The folder of the repository that the current folder was copied from.
    pub(super) fn source_folder(&self) -> Option<ProjectPath> {
        if let Some(source) = &self.place.source {
            return Some(source.clone());
        }
        let folder = self.place.folder.known()?;
        (self.world.source_of)(folder).known().cloned()
    }

    /// The package.json of the current folder, or of the nearest above it.
    pub(super) fn package(&self) -> Option<&'a Package> {
        if let Some(source) = self.source_folder() {
            return source.ancestors().find_map(|folder| (self.world.package_in)(&folder));
        }
        // The folder itself may hold nothing but package.json: ask for the file.
        let path = self.absolute("package.json")?;
        let file = (self.world.source_of)(&path).known().cloned()?;
        (self.world.package_in)(&file.parent()?)
    }

    /// The value of a variable of the container's environment.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.start.env.get(name).and_then(Fact::known).cloned()
    }

    pub(super) fn push(&mut self, step: Step) {
        self.steps.push(step);
    }
}

/// A step for a program, as the last one of a chain.
pub(super) fn step(program: &str, role: Role, arguments: &[Argument]) -> Step {
    let span = |argument: &Argument| argument.span;
    let at: Option<Span> = arguments
        .iter()
        .filter_map(span)
        .reduce(|all, next| if all.file == next.file { all.to(next) } else { all });
    let command = if arguments.is_empty() { program.to_owned() } else { written(arguments) };
    Step {
        program: program.to_owned(),
        command,
        role,
        at,
        signals: vec![Signal::Receives],
        row: None,
        version: None,
        hooks: Vec::new(),
        script: None,
    }
}

/// An absolute path without `.`, `..` and doubled slashes.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    format!("/{}", parts.join("/"))
}
