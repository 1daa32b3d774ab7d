//! The ports that a run listens on: what its code says, in the environment that its container gets.

use super::chain::{End, Role};
use super::{Project, Run};
use crate::facts::module::Listen;
use crate::facts::object::WorkloadKind;
use crate::facts::{Fact, Origin, Why};
use crate::source::{Span, Spanned};

/// A server of a run.
#[derive(Clone, Debug)]
pub struct Listening {
    /// Its port.
    pub port: Fact<u16>,
    /// The address it binds to; `None` for all of them.
    pub host: Fact<Option<String>>,
    /// The module that it comes from, when its file shows it.
    pub module: Option<String>,
    /// Where it starts to listen.
    pub at: Span,
}

impl Listening {
    /// True when it speaks gRPC.
    pub fn is_grpc(&self) -> bool {
        matches!(self.module.as_deref(), Some("@grpc/grpc-js" | "grpc"))
    }

    /// True when it is known to speak HTTP.
    pub fn is_http(&self) -> bool {
        self.module.as_deref().is_some_and(|module| !self.is_grpc() && !matches!(module, "net" | "http2"))
    }
}

/// The servers of a run.
#[derive(Clone, Debug)]
pub struct Serving {
    /// Those that are found.
    pub servers: Vec<Listening>,
    /// `Ok` when these are all, and each port is known.
    pub rest: Result<(), Why>,
}

/// Packages that open ports of their own, or start processes that do.
const OPENS_PORTS: [&str; 11] = [
    "lightship",
    "@opentelemetry/exporter-prometheus",
    "pm2",
    "moleculer-web",
    "parse-server",
    "next",
    "nuxt",
    "@apollo/server",
    "apollo-server",
    "graphql-yoga",
    "greenlock-express",
];
/// Modules that are loaded before a program and only change how its files are read.
const TRANSLATORS: [&str; 9] = [
    "source-map-support/register",
    "ts-node/register",
    "ts-node/register/transpile-only",
    "ts-node/esm",
    "tsconfig-paths/register",
    "module-alias/register",
    "esbuild-register",
    "@swc-node/register",
    "tsx",
];
/// Packages that set variables of the environment from files.
const LOADS_VARIABLES: [&str; 6] =
    ["dotenv", "dotenv-flow", "dotenv-safe", "dotenv-extended", "@nestjs/config", "env-cmd"];

impl Serving {
    /// The ports, when all of them are known and there is one.
    pub fn ports(&self) -> Option<Vec<u16>> {
        let ports: Vec<u16> = self.servers.iter().filter_map(|server| server.port.known().copied()).collect();
        (self.rest.is_ok() && !ports.is_empty()).then_some(ports)
    }

    /// The server of a port that is known to listen on it.
    pub fn on(&self, port: i64) -> Option<&Listening> {
        self.servers.iter().find(|server| server.port.known().is_some_and(|known| i64::from(*known) == port))
    }
}

impl Project {
    /// Finds the servers of all runs.
    pub(super) fn find_servers(&mut self) {
        let found: Vec<Serving> = self.runs.iter().map(|run| self.serving_of(run)).collect();
        for (run, serving) in self.runs.iter_mut().zip(found) {
            run.serving = serving;
        }
    }

    fn serving_of(&self, run: &Run) -> Serving {
        if let Some(serving) = self.of_framework(run) {
            return serving;
        }
        let Some(program) = run.program.as_ref().filter(|_| run.is_node()) else {
            return Serving { servers: Vec::new(), rest: Err(Why::NotFound) };
        };
        let servers: Vec<Listening> = program
            .listens
            .iter()
            .map(|listen| Listening {
                port: self.port_of(run, listen),
                host: self.host_of(run, listen),
                module: listen.server.clone(),
                at: listen.span,
            })
            .collect();
        let opens = OPENS_PORTS.iter().any(|name| program.reached.packages.contains_key(*name));
        let several = [Role::Runner, Role::ProcessManager, Role::DevServer];
        let beside = run.chain.steps.iter().any(|step| several.contains(&step.role));
        let mut rest = program.reached.complete();
        let translates = |module: &&str| TRANSLATORS.contains(module);
        let loaded_before = !run.preloaded().0.iter().all(translates);
        if opens || beside || loaded_before {
            rest = Err(Why::Unsupported);
        }
        if let Some(why) = servers.iter().find_map(|server| match server.port {
            Fact::Unknown(why) => Some(why),
            Fact::Known { .. } => None,
        }) {
            rest = Err(why);
        }
        Serving { servers, rest }
    }

    fn port_of(&self, run: &Run, listen: &Listen) -> Fact<u16> {
        let Some(variable) = &listen.variable else { return listen.port.clone() };
        match self.variable(run, &variable.value) {
            Ok(Some(Fact::Known { value, origin })) => match value.trim().parse() {
                Ok(port) => Fact::Known { value: port, origin: origin.clone() },
                Err(_) => Fact::Unknown(Why::Unsupported),
            },
            Ok(_) => self.injected(run, &variable.value).unwrap_or_else(|| listen.port.clone()),
            Err(why) => Fact::Unknown(why),
        }
    }

    fn host_of(&self, run: &Run, listen: &Listen) -> Fact<Option<String>> {
        let Some(variable) = &listen.host_variable else { return listen.host.clone() };
        match self.variable(run, variable) {
            Ok(Some(Fact::Known { value, origin })) => {
                Fact::Known { value: Some(value.clone()), origin: origin.clone() }
            }
            // Container runtimes set HOSTNAME to the name of the container or pod.
            Ok(_) if variable == "HOSTNAME" => Fact::Unknown(Why::Variable),
            Ok(_) => listen.host.clone(),
            Err(why) => Fact::Unknown(why),
        }
    }

    /// A variable as the program finds it: between the container's environment and the program, scripts and libraries may
    /// have set it.
    fn variable<'r>(&self, run: &'r Run, name: &str) -> Result<Option<&'r Fact<String>>, Why> {
        let assigns = |text: &str| {
            text.match_indices(name).any(|(at, _)| {
                let before = text[..at].chars().next_back();
                text[at + name.len()..].starts_with('=')
                    && before.is_none_or(|before| !before.is_alphanumeric() && before != '_')
            })
        };
        // The entrypoint of Node's own images only chooses between node and the command.
        let mut steps = run.chain.steps.iter().filter(|step| step.program != "docker-entrypoint.sh");
        if steps.any(|step| step.role == Role::Script || assigns(&step.command)) {
            return Err(Why::Variable);
        }
        let found = run.environment.get(name)?;
        let loads = |program: &super::reach::Program| {
            LOADS_VARIABLES.iter().any(|package| program.reached.packages.contains_key(*package))
        };
        let from_file = match &run.chain.end {
            End::Node { flags, .. } => flags.iter().any(|flag| flag.value.starts_with("--env-file")),
            _ => false,
        };
        if found.is_none() && (from_file || run.program.as_deref().is_some_and(loads)) {
            return Err(Why::NotFound);
        }
        Ok(found)
    }

    /// Knative tells a container its port in `PORT` (knative.dev, Container runtime contract).
    fn injected(&self, run: &Run, variable: &str) -> Option<Fact<u16>> {
        let container = self.container(run.container().filter(|_| variable == "PORT")?);
        if self.workload(container.workload).facts.kind != WorkloadKind::KnativeService {
            return None;
        }
        let Some(port) = container.facts.ports.items.first() else {
            return Some(Fact::Known { value: 8080, origin: Origin::Derived(vec![container.facts.anchor]) });
        };
        let number = port.value.number.known().copied().flatten().and_then(|port| u16::try_from(port).ok());
        Some(number.map_or(Fact::Unknown(Why::Variable), |number| Fact::written(number, port.span)))
    }

    /// A program of a package that serves by itself, with the options that it is started with.
    fn of_framework(&self, run: &Run) -> Option<Serving> {
        let step = run.chain.steps.last().filter(|step| step.role == Role::Framework)?;
        let at = step.at.unwrap_or(run.start);
        // Sources: the help of each program, seen on 2026-11-21.
        let (default, options, listens_everywhere): (u16, &[&str], bool) = match step.program.as_str() {
            "next" => (3000, &["-p", "--port"], true),
            "http-server" => (8080, &["-p", "--port"], true),
            "serve" => (3000, &["-p", "-l", "--listen"], true),
            "vite" => (4173, &["--port"], false),
            _ => return None,
        };
        let words: Vec<&str> = step.command.split_whitespace().collect();
        let given = options.iter().find_map(|option| {
            let joined = |word: &&str| word.strip_prefix(option)?.strip_prefix('=').map(str::to_owned);
            let apart = || {
                let at = words.iter().position(|word| word == option)?;
                words.get(at + 1).map(|word| (*word).to_owned())
            };
            words.iter().find_map(joined).or_else(apart)
        });
        let port = match given {
            Some(text) => text
                .trim_matches('"')
                .parse()
                .map_or(Fact::Unknown(Why::Unsupported), |port| Fact::written(port, at)),
            None => {
                let default = Fact::Known {
                    value: default,
                    origin: Origin::Default { owner: at, source: "its documentation" },
                };
                let variable = Some(Spanned::new("PORT".to_owned(), at)).filter(|_| step.program != "vite");
                let listen = Listen {
                    port: default,
                    variable,
                    port_value: None,
                    host: Fact::Unknown(Why::Unsupported),
                    host_variable: None,
                    host_value: None,
                    server: None,
                    span: at,
                };
                self.port_of(run, &listen)
            }
        };
        let host = match listens_everywhere {
            true => Fact::Known {
                value: None,
                origin: Origin::Default { owner: at, source: "its documentation" },
            },
            false => Fact::Unknown(Why::Unsupported),
        };
        let rest = match port {
            Fact::Unknown(why) => Err(why),
            Fact::Known { .. } => Ok(()),
        };
        Some(Serving { servers: vec![Listening { port, host, module: None, at }], rest })
    }
}
