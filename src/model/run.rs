//! Runs: each image as a container, a compose service, or nothing but itself starts it, with the chain of programs down to
//! the entry file and what that reaches.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::chain::{self, End, ProcessChain, Start, Tools, World};
use super::environment::{self, ConfigMaps, Environment};
use super::plan::Plan;
use super::reach::{Program, program};
use super::read::Reading;
use super::serve::Serving;
use super::{ComposeId, ContainerId, Image, Project, Run, RunBy, RunId, contents};
use crate::facts::base_images::{NodeVersion, Runtime, Tool, Version, Versions};
use crate::facts::command::Command;
use crate::facts::image::signal_name;
use crate::facts::module;
use crate::facts::object::{Role, WorkloadKind};
use crate::facts::package::Package;
use crate::facts::resolve::Resolver;
use crate::facts::{Fact, Origin, Why};
use crate::source::{FileId, ProjectPath, Span, Spanned};

impl Project {
    /// Finds the runs of a project and follows each from its first process to its entry file and beyond.
    pub(super) fn find_runs(&mut self, resolver: &Resolver) {
        let plans = self.plans();
        let maps = ConfigMaps::of(self);
        let chains: Vec<ProcessChain> = plans.par_iter().map(|plan| self.chain_of(plan)).collect();
        let taken: Vec<Option<ProcessChain>> =
            plans.iter().zip(&chains).map(|(plan, chain)| self.package_start(plan, chain)).collect();
        let followed = taken.iter().zip(&chains).map(|(taken, chain)| taken.as_ref().unwrap_or(chain));
        let entries: Vec<Fact<ProjectPath>> = followed.map(|chain| self.entry_of(chain, resolver)).collect();
        let distinct: BTreeSet<&ProjectPath> = entries.iter().filter_map(Fact::known).collect();
        let programs: BTreeMap<ProjectPath, Option<Arc<Program>>> = distinct
            .into_par_iter()
            .map(|entry| (entry.clone(), program(entry, &self.sources, resolver, &self.scripts)))
            .collect();
        let mut runs = Vec::new();
        for (((plan, chain), taken), entry) in plans.into_iter().zip(chains).zip(taken).zip(entries) {
            let program = entry.known().and_then(|entry| programs.get(entry).cloned().flatten());
            let entry: Fact<FileId> = match (entry, &program) {
                (Fact::Known { origin, .. }, Some(program)) => Fact::Known { value: program.entry, origin },
                (Fact::Known { .. }, None) => Fact::Unknown(Why::NotFound),
                (Fact::Unknown(why), _) => Fact::Unknown(why),
            };
            runs.push(Run {
                id: RunId(runs.len() as u32),
                by: plan.by,
                image: plan.image,
                start: plan.start(),
                environment: self.environment_of(&plan, &maps),
                runtime: runtime_of(plan.runtime, &chain, plan.at),
                purpose: plan.purpose.clone(),
                app: plan.app,
                base: plan.base,
                chain,
                taken,
                entry,
                program,
                serving: Serving { servers: Vec::new(), rest: Err(Why::NotFound) },
            });
        }
        for run in &runs {
            if let RunBy::Container(id) = run.by {
                self.containers[id.0 as usize].run = Some(run.id);
            }
        }
        self.runs = runs;
        self.find_servers();
    }

    fn environment_of(&self, plan: &Plan<'_>, maps: &ConfigMaps<'_>) -> Environment {
        let mut environment = match plan.image {
            Some(image) => environment::of_image(self.image(image)),
            None => environment::of_known(plan.base.is_some()),
        };
        match plan.by {
            RunBy::Image => {}
            RunBy::Container(id) => {
                let container = self.container(id);
                environment.lay_container(container, self.workload(container.workload).unit, maps);
            }
            RunBy::Compose(id) => environment.lay_service(&self.compose_services[id.0 as usize]),
        }
        environment
    }

    fn chain_of(&self, plan: &Plan<'_>) -> ProcessChain {
        let image = plan.image.map(|image| self.image(image));
        let source_of = |path: &str| match image {
            Some(image) => contents::source_of(image, path, &self.sources),
            None => Fact::Unknown(Why::NotFound),
        };
        let start = Start {
            entrypoint: plan.entrypoint.clone(),
            cmd: plan.cmd.clone(),
            shell: plan.shell.clone(),
            base: plan.base.as_ref(),
            workdir: plan.workdir.clone(),
            env: &plan.env,
            tools: tools(plan, image),
        };
        self.follow(&start, &source_of)
    }

    /// The chain of a start, in an image whose files come from where `source_of` says.
    fn follow(&self, start: &Start<'_>, source_of: &dyn Fn(&str) -> Fact<ProjectPath>) -> ProcessChain {
        let package_in =
            |folder: &ProjectPath| -> Option<&Package> { Some(&*self.package_at(folder)?.facts) };
        let workspace = |name: &str| {
            let named = |package: &&super::Package| {
                package.facts.name.known().and_then(Option::as_deref) == Some(name)
            };
            self.packages.iter().find(named).map(|package| package.folder.clone())
        };
        let ecosystem = |path: &ProjectPath| {
            let file = self.sources.find(path);
            let Some(file) = file else { return Vec::new() };
            if let Reading::Data(tree) = &self.readings[file.0 as usize] {
                return module::managed_data(tree);
            }
            self.scripts.facts(&self.sources, file).map(module::managed).unwrap_or_default()
        };
        let world = World {
            sources: &self.sources,
            source_of,
            package_in: &package_in,
            workspace: &workspace,
            ecosystem: &ecosystem,
        };
        chain::resolve(start, world)
    }

    /// The chain of the package's `start` script, for an image whose start comes with a base that no table knows: it is
    /// what such bases run. It tells the program, not how its process is started.
    fn package_start(&self, plan: &Plan<'_>, chain: &ProcessChain) -> Option<ProcessChain> {
        let Fact::Known { value: Runtime::Node(_), .. } = plan.runtime else { return None };
        let from_base = matches!(chain.end, End::Unknown(Why::UnknownBase));
        let image = self.image(plan.image.filter(|_| from_base)?);
        let package = self.package(image.package?);
        package.facts.scripts.items.iter().find(|script| script.value.name.value == "start")?;
        let source_of = |path: &str| {
            let inside = path.strip_prefix("/app").map(|rest| rest.trim_start_matches('/'));
            let source = inside.and_then(|inside| match inside {
                "" => Some(package.folder.clone()),
                inside => package.folder.join(inside),
            });
            source.map_or(Fact::Unknown(Why::NotFound), |source| Fact::written(source, plan.at))
        };
        let words = ["npm", "start"].map(|word| Spanned::new(word.to_owned(), plan.at)).to_vec();
        let start = Start {
            entrypoint: Fact::written(None, plan.at),
            cmd: Fact::written(Some(Command::Exec(words)), plan.at),
            shell: plan.shell.clone(),
            base: None,
            workdir: Fact::written("/app".to_owned(), plan.at),
            env: &plan.env,
            tools: Tools::of(None),
        };
        Some(self.follow(&start, &source_of))
    }

    /// The source of the file that node runs.
    fn entry_of(&self, chain: &ProcessChain, resolver: &Resolver) -> Fact<ProjectPath> {
        let End::Node { entry, .. } = &chain.end else {
            return Fact::Unknown(Why::NotFound);
        };
        let (entry, origin) = match entry {
            Fact::Known { value, origin } => (value, origin),
            Fact::Unknown(why) => return Fact::Unknown(*why),
        };
        match &entry.source {
            Fact::Known { value, .. } => match resolver.program(&self.sources, value) {
                Some(found) => Fact::Known { value: found.path, origin: origin.clone() },
                None => Fact::Unknown(Why::NotFound),
            },
            Fact::Unknown(why) => Fact::Unknown(*why),
        }
    }
}

/// The package managers of an image: those that a stage installs over those of the base.
fn tools(plan: &Plan<'_>, image: Option<&Image>) -> Tools {
    let mut tools = Tools::of(plan.base.as_ref());
    let stages: Vec<_> = image.iter().flat_map(|image| image.lineage()).collect();
    for (name, version) in stages.iter().rev().flat_map(|stage| &stage.brought().managers) {
        let exact = version.as_deref().and_then(|text| {
            let of_line = |major: u32| Versions {
                lowest: Version(major, 0, 0),
                highest: Version(major, u32::MAX, u32::MAX),
            };
            Version::parse(text).map(Versions::one).or_else(|| text.parse().ok().map(of_line))
        });
        match name.as_str() {
            "npm" => tools.npm = Tool::Present(exact),
            "yarn" => tools.yarn = Tool::Present(exact),
            _ => tools.pnpm = Tool::Present(exact),
        }
    }
    tools
}

/// A chain that ends in node runs Node, whatever is known of the image.
fn runtime_of(image: Fact<Runtime>, chain: &ProcessChain, at: Span) -> Fact<Runtime> {
    match (&image, &chain.end) {
        (Fact::Known { value: Runtime::Node(_), .. }, _) => image,
        (_, End::Node { .. }) => {
            let at = chain.steps.last().and_then(|step| step.at).unwrap_or(at);
            Fact::Known { value: Runtime::Node(NodeVersion::default()), origin: Origin::Written(at) }
        }
        _ => image,
    }
}

impl Run {
    /// The container, for a run in a pod.
    pub fn container(&self) -> Option<ContainerId> {
        match self.by {
            RunBy::Container(id) => Some(id),
            _ => None,
        }
    }

    /// The compose service, for a run by compose.
    pub fn service(&self) -> Option<ComposeId> {
        match self.by {
            RunBy::Compose(id) => Some(id),
            _ => None,
        }
    }

    /// True when it is known that Node runs.
    pub fn is_node(&self) -> bool {
        matches!(self.runtime.known(), Some(Runtime::Node(_)))
    }

    /// The version of Node, as far as the image's name tells it.
    pub fn node(&self) -> Option<NodeVersion> {
        match self.runtime.known() {
            Some(Runtime::Node(version)) => Some(*version),
            _ => None,
        }
    }

    /// The signal that asks it to stop, by its full name: what compose says, else the image, else SIGTERM. `None`: not known.
    pub fn stop_signal(&self, project: &Project) -> Option<String> {
        let of_service = self.service().map(|id| &project.compose_service(id).facts.stop_signal);
        let of_image = self.image.map(|id| &project.image(id).config().stop_signal);
        for signal in [of_service, of_image].into_iter().flatten() {
            match signal {
                Fact::Known { value: Some(signal), .. } => return Some(signal_name(signal)),
                // No official image of Node sets one (docker-nodejs, distroless; seen on 2026-11-20).
                Fact::Known { value: None, .. } | Fact::Unknown(Why::UnknownBase) => {}
                Fact::Unknown(_) => return None,
            }
        }
        Some("SIGTERM".to_owned())
    }

    /// The modules that are loaded before the program, by node's flags or `NODE_OPTIONS`, and whether these are all.
    pub fn preloaded(&self) -> (Vec<&str>, Result<(), Why>) {
        let mut words: Vec<&str> = match &self.chain.end {
            End::Node { flags, .. } => flags.iter().map(|flag| flag.value.as_str()).collect(),
            _ => Vec::new(),
        };
        let complete = match self.environment.get("NODE_OPTIONS") {
            Ok(None) => Ok(()),
            Ok(Some(Fact::Known { value, .. })) => {
                words.extend(value.split_whitespace());
                Ok(())
            }
            Ok(Some(Fact::Unknown(why))) => Err(*why),
            Err(why) => Err(why),
        };
        let options = ["-r", "--require", "--import", "--loader", "--experimental-loader"];
        let mut modules = Vec::new();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let (option, inline) = word.split_once('=').map_or((word, None), |(a, b)| (a, Some(b)));
            if options.contains(&option) {
                modules.extend(inline.or_else(|| words.next()));
            }
        }
        (modules, complete)
    }

    /// True when it is meant to run until it is stopped: no init container, no Job, no change of a database's tables,
    /// nothing that other services wait for to its end.
    pub fn stays(&self, project: &Project) -> bool {
        let ends = self.chain.steps.last().is_some_and(|step| is_task(&step.command));
        let awaited = self.service().is_some_and(|id| project.compose_service(id).is_task);
        !ends
            && !awaited
            && self.container().is_none_or(|id| {
                let container = project.container(id);
                let kind = project.workload(container.workload).facts.kind;
                container.facts.role != Role::Init
                    && !matches!(kind, WorkloadKind::Job | WorkloadKind::CronJob)
            })
    }

    /// What CMD would have to say for node to be started directly; `None` when the file that it runs is not known.
    pub fn direct_command(&self) -> Option<String> {
        let End::Node { entry, flags } = &self.chain.end else { return None };
        let path = &entry.known()?.path;
        let flags = flags.iter().map(|flag| flag.value.as_str());
        let words = std::iter::once("node").chain(flags).chain([path.as_str()]);
        let words: Vec<String> = words.map(|word| format!("{word:?}")).collect();
        Some(format!("[{}]", words.join(", ")))
    }
}

/// True for a command of a tool that changes or fills the tables of a database and ends: `pnpm exec prisma migrate deploy`.
fn is_task(command: &str) -> bool {
    const TOOLS: [&str; 6] = ["prisma", "knex", "sequelize", "sequelize-cli", "typeorm", "drizzle-kit"];
    const TASKS: [&str; 6] = ["migrate", "migration", "seed", "db", "push", "generate"];
    let mut words = command.split_whitespace().skip_while(|word| !TOOLS.contains(word)).skip(1);
    let is_list = command.contains(['&', ';', '|']);
    let task = words.next().and_then(|word| word.split(':').next());
    !is_list && task.is_some_and(|task| TASKS.contains(&task))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The source of the entry file of the first run.
    fn entry(dockerfile: &str, files: &[&str]) -> Option<String> {
        let files = files.iter().map(|path| (*path, "")).chain([("Dockerfile", dockerfile)]);
        let files = files.map(|(path, text)| (ProjectPath::new(path).unwrap(), text.to_owned()));
        let project = Project::from_texts(files);
        let entry = *project.runs[0].entry.known()?;
        Some(project.sources.file(entry).path.to_string())
    }

    #[test]
    fn a_built_file_leads_to_its_source() {
        let files = ["src/main.ts", "tsconfig.json", "package.json"];
        let built = "FROM node:24 AS build\nWORKDIR /app\nCOPY package*.json ./\nCOPY . .\nRUN npm run build\n\
                     FROM node:24\nWORKDIR /srv\nCOPY --from=build /app/dist ./dist\nCMD [\"node\", \"dist/main\"]\n";
        assert_eq!(entry(built, &files).as_deref(), Some("src/main.ts"));
        assert_eq!(entry(&built.replace("dist/main", "dist/other"), &files), None);
        // Nothing but what the build needs is copied: what it makes stands beside its package.json.
        for copies in ["package.json tsconfig.json ./", "package*.json tsconfig.json ./"] {
            let part = built.replace("package*.json ./", copies).replace("COPY . .", "COPY src ./src");
            assert_eq!(entry(&part, &files).as_deref(), Some("src/main.ts"), "{copies}");
            let copied = part.replace("dist/main", "src/main.ts");
            assert_eq!(entry(&copied, &files), None, "the sources are not in the last stage");
        }
        let plain = "FROM node:24\nCOPY src /a\nCMD [\"node\", \"/a/main.ts\"]\n";
        assert_eq!(entry(plain, &files).as_deref(), Some("src/main.ts"));
    }
}
