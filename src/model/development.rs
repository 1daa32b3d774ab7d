//! What running code needs of development dependencies: imports that are reached from the entry, programs of the
//! process chain and of the scripts it starts, life-cycle scripts of an install. Whoever leaves development
//! dependencies out of an image asks here first.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::chain::{End, Role};
use super::{Image, Package, Project, Run};
use crate::facts::image::{RunStep, Stage};
use crate::facts::lock::{Lock, Manager, Reach};
use crate::facts::module::{FileFacts, Import, ImportKind, Value, ValueId};
use crate::facts::node_modules::{self, Act};
use crate::facts::package::{DependencyKind, Script};
use crate::facts::{Found, Why};
use crate::source::{Span, Spanned};
use crate::syntax::script::Dialect;
use crate::syntax::shell::{self, Join, ShellCommand};

/// Scripts that may run each other.
const MOST_SCRIPTS: usize = 32;

/// A development dependency that something needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The package.
    pub name: String,
    /// Its entry in devDependencies.
    pub entry: Span,
    /// Who needs it.
    pub by: NeededBy,
}

/// Who needs a development dependency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NeededBy {
    /// An import that the entry file reaches.
    Import,
    /// A program that is started, by its name.
    Program(String),
}

/// Programs whose package has another name, or that several packages have. From `bin` of the packages in the npm registry;
/// seen on 2026-11-21.
const PROVIDED_BY: &[(&str, &[&str])] = &[
    ("nest", &["@nestjs/cli"]),
    ("tsc", &["typescript"]),
    ("sequelize", &["sequelize-cli"]),
    ("dotenv", &["dotenv-cli"]),
    ("babel", &["@babel/cli", "babel-cli"]),
    ("babel-node", &["@babel/node", "babel-cli"]),
    ("swc", &["@swc/cli"]),
    ("ng", &["@angular/cli"]),
    ("vue-cli-service", &["@vue/cli-service"]),
    ("remix-serve", &["@remix-run/serve"]),
    ("remix", &["@remix-run/dev"]),
    ("react-router-serve", &["@react-router/serve"]),
    ("react-router", &["@react-router/dev"]),
    ("tsnd", &["ts-node-dev"]),
    ("run-s", &["npm-run-all", "npm-run-all2"]),
    ("run-p", &["npm-run-all", "npm-run-all2"]),
    ("webpack", &["webpack-cli", "webpack"]),
    ("typeorm-ts-node-commonjs", &["typeorm"]),
    ("typeorm-ts-node-esm", &["typeorm"]),
    ("cross-env-shell", &["cross-env"]),
    ("firebase", &["firebase-tools"]),
];

/// The programs that a package brings under other names than its own, as far as they are known.
pub(super) fn programs_of(package: &str) -> impl Iterator<Item = &str> {
    let brings = move |(_, packages): &&(&str, &[&str])| packages.contains(&package);
    PROVIDED_BY.iter().filter(brings).map(|(program, _)| *program)
}

/// Programs that write packages into the files they make.
const BUNDLERS: [&str; 10] =
    ["esbuild", "webpack", "rollup", "ncc", "tsup", "vite", "parcel", "rspack", "rolldown", "tsdown"];

impl Project {
    /// The development dependencies that a run needs. None are needed when there are no items and `rest` is `Ok`.
    pub fn development_needs(&self, run: &Run) -> Found<Need> {
        let mut found = Found { items: Vec::new(), rest: Ok(()) };
        let package = run.image.and_then(|image| self.image(image).package).map(|id| self.package(id));
        let Some(package) = package else {
            found.rest = Err(Why::NotFound);
            return found;
        };
        self.needs_of_chain(run, package, &mut found);
        self.needs_of_imports(run, package, &mut found);
        // A program of an npm script is met in the script and in the chain that goes through it.
        let mut seen = FxHashSet::default();
        found.items.retain(|need| seen.insert((need.span, need.value.name.clone())));
        found
    }

    /// True when a run is known to start without these dependencies of a package, and an install's scripts to do their work.
    /// What the code imports is not looked at.
    pub fn starts_without(&self, run: &Run, package: &Package, names: &[&str]) -> bool {
        let mut facts = (*package.facts).clone();
        for entry in &mut facts.dependencies.items {
            if entry.value.kind == DependencyKind::Production && names.contains(&entry.value.name.as_str()) {
                entry.value.kind = DependencyKind::Development;
            }
        }
        // The lock files still tell of the entries as they are.
        let moved = Package {
            id: package.id,
            file: package.file,
            folder: package.folder.clone(),
            facts: Arc::new(facts),
            workspace: package.workspace,
            locks: Vec::new(),
            app: package.app,
        };
        let mut found = Found { items: Vec::new(), rest: Ok(()) };
        self.needs_of_chain(run, &moved, &mut found);
        self.needs_of_imports(run, &moved, &mut found);
        let scripts = lifecycle(Manager::Npm).iter().map(|name| (*name).to_owned());
        self.scripts(&moved, scripts.collect(), &mut found);
        found.items.is_empty() && found.rest.is_ok()
    }

    /// True when the image of a run is known to be installed without development dependencies, and nothing in it or in its
    /// build misses these. What the code imports is not looked at.
    pub fn leaves_out(&self, package: &Package, run: &Run, names: &[&str]) -> bool {
        let Some(image) = run.image.map(|image| self.image(image)) else { return false };
        let provenance = self.provenance(image.id);
        let builds = provenance.installs.iter().any(|install| {
            let stages = image.stages.reachable(image.stage());
            let mut later = stages.into_iter().flat_map(|stage| &stage.runs);
            later.any(|run| run.instruction >= install.instruction && self.may_use_packages(run, install.at))
        });
        provenance.is_without_development()
            && provenance.scripts.is_empty()
            && !builds
            && self.starts_without(run, package, names)
    }

    /// The same where stages that have development dependencies build with them.
    pub fn ships_without(&self, package: &Package, run: &Run, names: &[&str]) -> bool {
        let Some(image) = run.image.map(|image| self.image(image)) else { return false };
        let provenance = self.provenance(image.id);
        let shipped: Vec<usize> = image.lineage().map(|stage| stage.index).collect();
        let misses = |stage: &Stage, run: &RunStep| {
            let has_own = provenance.installs.iter().any(|install| install.stage == stage.index);
            let before = || {
                let installs = provenance.installs.iter();
                installs.filter(|install| {
                    install.instruction <= run.instruction && (!has_own || install.stage == stage.index)
                })
            };
            let last = before().next_back().filter(|_| has_own);
            let has_all = !shipped.contains(&stage.index)
                && last.is_some_and(|install| install.development == Ok(true));
            !has_all && before().any(|install| self.may_use_packages(run, install.at))
        };
        let mut stages = image.stages.reachable(image.stage()).into_iter();
        provenance.is_without_development()
            && provenance.scripts.iter().all(|ran| ran.development.known() == Some(&true))
            && !stages.any(|stage| stage.runs.iter().any(|run| misses(stage, run)))
            && self.starts_without(run, package, names)
    }

    /// The development dependencies that a script of a package starts at once and surely.
    pub fn needs_of_script(&self, package: &Package, name: &str) -> Found<Need> {
        let mut found = Found { items: Vec::new(), rest: Ok(()) };
        self.scripts(package, vec![name.to_owned()], &mut found);
        found
    }

    /// What the programs of the process chain need.
    fn needs_of_chain(&self, run: &Run, package: &Package, found: &mut Found<Need>) {
        if let End::Unknown(why) = run.chain.end {
            found.rest = Err(why);
        }
        for step in &run.chain.steps {
            match step.role {
                Role::PackageManager => {
                    let words: Vec<Option<&str>> = step.command.split_whitespace().map(Some).collect();
                    match node_modules::of_words(&words) {
                        Some(Act::Script { name, .. }) => {
                            let all = [format!("pre{name}"), name.clone(), format!("post{name}")];
                            self.scripts(package, all.to_vec(), found);
                        }
                        // `npx x` fetches what it does not find.
                        _ => found.rest = Err(Why::Unsupported),
                    }
                }
                // What such a script runs before the last command is not looked at.
                Role::Script if step.program != "docker-entrypoint.sh" => found.rest = Err(Why::Unsupported),
                Role::Node | Role::Shell | Role::Init | Role::Script => {}
                _ => {
                    if let (Some(name), Some(at)) = (self.provider(package, &step.program), step.at) {
                        self.need(run, package, (name, NeededBy::Program(step.program.clone())), at, found);
                    } else if step.role == Role::Other {
                        found.rest = Err(Why::NotFound);
                    }
                }
            }
        }
        if let End::Node { flags, .. } = &run.chain.end {
            self.needs_of_flags(run, package, flags, found);
        }
    }

    /// `-r ts-node/register`, `--import tsx`.
    fn needs_of_flags(
        &self,
        run: &Run,
        package: &Package,
        flags: &[Spanned<String>],
        found: &mut Found<Need>,
    ) {
        let mut flags = flags.iter();
        while let Some(flag) = flags.next() {
            let (name, inline) =
                flag.value.split_once('=').map_or((flag.value.as_str(), None), |(a, b)| (a, Some(b)));
            if !matches!(name, "-r" | "--require" | "--import" | "--loader" | "--experimental-loader") {
                continue;
            }
            let Some(module) = inline.or_else(|| flags.next().map(|next| next.value.as_str())) else {
                continue;
            };
            let depth = if module.starts_with('@') { 2 } else { 1 };
            let name = module.split('/').take(depth).collect::<Vec<_>>().join("/");
            if is_development(package, &name) {
                self.need(run, package, (name, NeededBy::Program(module.to_owned())), flag.span, found);
            }
        }
    }

    /// What imports need that are reached from the entry and surely run when it starts.
    fn needs_of_imports(&self, run: &Run, package: &Package, found: &mut Found<Need>) {
        let Some(program) = &run.program else {
            found.rest = Err(Why::NotFound);
            return;
        };
        found.rest = found.rest.and(program.reached.complete());
        let mut seen = FxHashSet::default();
        for (name, places) in &program.reached.packages {
            for at in places {
                let file = &self.sources.file(at.file).path;
                let own = self.package_of(file).unwrap_or(package);
                let production = [own, package].iter().any(|package| is_production(package, name));
                if production || !is_development(own, name) || !seen.insert(name) {
                    continue;
                }
                // A bundler puts what is imported into its output; the compilers leave the import.
                let loads = self
                    .scripts
                    .facts(&self.sources, at.file)
                    .is_some_and(|facts| loads_at_start(facts, *at, file));
                if !loads || self.may_be_bundled(run, own) {
                    found.rest = Err(Why::Dynamic);
                } else {
                    self.need(run, own, (name.clone(), NeededBy::Import), *at, found);
                }
            }
        }
    }

    /// Enters a need, unless something else brings the package along.
    fn need(
        &self,
        run: &Run,
        package: &Package,
        (name, by): (String, NeededBy),
        at: Span,
        found: &mut Found<Need>,
    ) {
        let Some(entry) = package.facts.of_kind(DependencyKind::Development).find(|entry| entry.name == name)
        else {
            return;
        };
        // A base that nobody knows may bring a program for the whole system.
        let of_base = matches!(by, NeededBy::Program(_)) && run.base.is_none();
        let brought = of_base || self.is_installed_by_name(run, &name);
        match self.stays_without_development(package, &name).filter(|_| !brought) {
            Some(false) => found.items.push(Spanned::new(Need { name, entry: entry.key, by }, at)),
            Some(true) => {}
            None => found.rest = Err(Why::Ambiguous),
        }
    }

    /// Whether a package is there without development dependencies, because a production dependency needs it, too;
    /// `None` when no lock file tells.
    fn stays_without_development(&self, package: &Package, name: &str) -> Option<bool> {
        let (lock, reach) = self.locked(package, false)?;
        Some(lock.reached(&reach, name).next().is_some())
    }

    /// The lock file of a package, with what an install takes of it.
    pub fn locked<'p>(&self, package: &'p Package, development: bool) -> Option<(&'p Lock, Reach)> {
        let lock = package.locks.first().filter(|lock| lock.complete)?;
        let root = self.sources.file(lock.file).path.parent()?;
        let importer = lock.importer(package.folder.relative_to(&root)?, &package.facts)?;
        Some((lock, lock.reach(&importer, development)))
    }

    /// Number of packages that an install brings for development alone, as the lock file tells.
    pub fn packages_for_development(&self, package: &Package) -> Option<usize> {
        let (_, all) = self.locked(package, true)?;
        let (_, production) = self.locked(package, false)?;
        all.count().checked_sub(production.count())
    }

    fn is_installed_by_name(&self, run: &Run, name: &str) -> bool {
        run.image.is_some_and(|image| self.names_package(self.image(image), name))
    }

    /// True when a RUN of the image names the package: `npm install -g nodemon`.
    pub fn names_package(&self, image: &Image, name: &str) -> bool {
        let scripts = image.stages.reachable(image.stage()).into_iter().flat_map(|stage| &stage.runs);
        let names = |text: &str| {
            text.split_whitespace()
                .any(|word| word == name || word.strip_prefix(name).is_some_and(|rest| rest.starts_with('@')))
        };
        scripts.filter_map(|run| run.script()).any(|script| names(&script.text))
    }

    /// True unless what runs is the source itself, or what a compiler makes of it file by file.
    pub(super) fn may_be_bundled(&self, run: &Run, package: &Package) -> bool {
        let End::Node { entry, .. } = &run.chain.end else { return true };
        let written = entry.known().and_then(|entry| entry.source.known());
        let entry = run.entry.known().map(|id| &self.sources.file(*id).path);
        if written.is_some() && written == entry {
            return false;
        }
        let Some(build) = package.facts.script("build") else { return true };
        let commands = shell::parse(&build.text).commands;
        let compiles = |command: &ShellCommand| {
            let words: Vec<&str> = command.words.iter().filter_map(|word| word.literal()).collect();
            match words[..] {
                ["tsc" | "babel" | "swc" | "rimraf" | "rm" | "tsc-alias" | "cp" | "mkdir", ..] => true,
                ["nest", "build", ..] => !words.iter().any(|word| word.contains("webpack")),
                _ => false,
            }
        };
        commands.is_empty() || !commands.iter().all(compiles)
    }

    /// True when a run starts what a bundler of the package's scripts may have written, with its packages in it.
    pub(super) fn is_bundled(&self, run: &Run, package: &Package) -> bool {
        let bundles = |command: &ShellCommand| {
            let words: Vec<&str> = command.words.iter().filter_map(|word| word.literal()).collect();
            match words[..] {
                ["node", file, ..] => {
                    BUNDLERS.iter().chain(&["build", "bundle"]).any(|word| file.contains(word))
                }
                _ => words.iter().any(|word| BUNDLERS.contains(word)),
            }
        };
        let is_of_builds = |name: &str| ["build", "bundle", "compile"].iter().any(|word| name.contains(word));
        let scripts = package.facts.scripts.items.iter();
        let mut builds = scripts.filter(|script| is_of_builds(&script.value.name.value));
        builds.any(|script| shell::parse(&script.value.text).commands.iter().any(bundles))
            && self.may_be_bundled(run, package)
    }

    /// The development dependency that provides a program, when no other dependency does.
    fn provider(&self, package: &Package, program: &str) -> Option<String> {
        let named = PROVIDED_BY.iter().find(|(name, _)| *name == program);
        let packages = named.map_or(std::slice::from_ref(&program), |(_, packages)| packages);
        if packages.iter().any(|name| is_production(package, name)) {
            return None;
        }
        packages.iter().find(|name| is_development(package, name)).map(|name| (*name).to_owned())
    }

    /// What scripts need, and those that they run.
    fn scripts(&self, package: &Package, mut open: Vec<String>, found: &mut Found<Need>) {
        let mut left = MOST_SCRIPTS;
        while let Some(name) = open.pop() {
            let Some(script) = package.facts.script(&name) else { continue };
            if left == 0 {
                found.rest = Err(Why::Unsupported);
                return;
            }
            left -= 1;
            self.script(package, script, &mut open, found);
        }
    }

    fn script(&self, package: &Package, script: &Script, open: &mut Vec<String>, found: &mut Found<Need>) {
        let parsed = shell::parse(&script.text);
        if !parsed.clean {
            found.rest = Err(Why::Broken);
        }
        for (index, command) in parsed.commands.iter().enumerate() {
            let words: Vec<Option<&str>> = command.words.iter().map(|word| word.literal()).collect();
            if let Some(Act::Script { name, chosen: false, folder: None }) = node_modules::of_words(&words) {
                open.extend([format!("pre{name}"), name.clone(), format!("post{name}")]);
                continue;
            }
            for (at, word) in words.iter().enumerate().take(3) {
                let Some(name) = word.and_then(|program| self.provider(package, program)) else { continue };
                let may_fail = parsed.commands.get(index + 1).is_some_and(|next| next.joined == Join::Or);
                let sure = command.place.is_top()
                    && command.joined != Join::Or
                    && !may_fail
                    && is_started(&words[..at]);
                match (sure, self.stays_without_development(package, &name)) {
                    (true, Some(false)) => {
                        let entry = package
                            .facts
                            .of_kind(DependencyKind::Development)
                            .find(|entry| entry.name == name);
                        let program = word.unwrap_or_default().to_owned();
                        if let Some(entry) = entry {
                            let need = Need { name, entry: entry.key, by: NeededBy::Program(program) };
                            found.items.push(Spanned::new(need, command.words[at].span));
                        }
                    }
                    (_, Some(true)) => {}
                    _ => found.rest = Err(Why::Dynamic),
                }
            }
        }
    }
}

/// True for words before a program that start it: none, or those that set something and run the rest.
fn is_started(before: &[Option<&str>]) -> bool {
    before.iter().all(|word| {
        word.is_some_and(|word| matches!(word, "cross-env" | "env" | "exec") || word.contains('='))
    })
}

/// True when the package is in devDependencies and in no other section.
fn is_development(package: &Package, name: &str) -> bool {
    package.facts.dependencies.rest.is_ok()
        && !is_production(package, name)
        && package.facts.of_kind(DependencyKind::Development).any(|entry| entry.name == name)
}

fn is_production(package: &Package, name: &str) -> bool {
    let others = [DependencyKind::Production, DependencyKind::Optional, DependencyKind::Peer];
    others.iter().any(|kind| package.facts.of_kind(*kind).any(|entry| entry.name == name))
}

/// Life-cycle scripts that an install without development dependencies runs. Yarn 1 leaves `prepare` out then, and what
/// pnpm does changed between its versions.
pub fn lifecycle(manager: Manager) -> &'static [&'static str] {
    match manager {
        Manager::Npm => &["preinstall", "install", "postinstall", "prepare"],
        _ => &["preinstall", "install", "postinstall"],
    }
}

/// True when the import at `specifier` is surely carried out as soon as its file is loaded: not lazy, not tried, not one
/// that a compiler drops because only types are used.
pub(super) fn loads_at_start(facts: &FileFacts, specifier: Span, path: &crate::source::ProjectPath) -> bool {
    let Some(import) = facts.imports.iter().find(|import| facts.span(import.specifier_at) == specifier)
    else {
        return false;
    };
    let is_typescript = matches!(Dialect::of(path), Some(dialect) if dialect != Dialect::JavaScript);
    match import.kind {
        ImportKind::Static if is_typescript => import.names.is_empty() || is_called(facts, import),
        ImportKind::Static | ImportKind::Reexport => !is_typescript,
        ImportKind::Require | ImportKind::ImportEquals => {
            import.function == crate::facts::module::FunctionId::MODULE && is_plain_statement(facts, import)
        }
        ImportKind::Dynamic => false,
    }
}

/// True when a name that the import takes is called, made an instance of or extended: then no compiler drops it.
fn is_called(facts: &FileFacts, import: &Import) -> bool {
    let names: Vec<&str> = facts.imported[import.names.range()]
        .iter()
        .filter(|name| !name.type_only)
        .filter_map(|name| name.local.map(|local| facts.name(local)))
        .collect();
    let called = facts.calls.iter().map(|call| call.callee);
    let extended = facts.classes.iter().filter_map(|class| class.extends);
    called.chain(extended).any(|value| root(facts, value).is_some_and(|name| names.contains(&name)))
}

/// The name at the start of `a.b.c` and `a().b`.
fn root(facts: &FileFacts, mut value: ValueId) -> Option<&str> {
    for _ in 0..32 {
        match facts.value(value) {
            Value::Ident(name) => return Some(facts.name(name)),
            Value::Member { object, .. } => value = object,
            Value::Call(call) => value = facts.call(call).callee,
            _ => return None,
        }
    }
    None
}

/// True for `const x = require("x")` and the like at the very start of a line: an indented one may stand in a `try` or
/// behind a condition.
fn is_plain_statement(facts: &FileFacts, import: &Import) -> bool {
    let text = facts.text();
    let start = text[..import.at.start as usize].rfind('\n').map_or(0, |newline| newline + 1);
    let before = text[start..import.at.start as usize].trim_start_matches('\u{feff}');
    let begins = ["const ", "let ", "var ", "import ", "module.exports", "exports."]
        .iter()
        .any(|word| before.starts_with(word));
    (before.is_empty() || begins) && !before.contains(['?', '&', '|', '>', ';'])
}
