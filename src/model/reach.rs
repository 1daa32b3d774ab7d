//! What a program of the project reaches from its entry file: modules, and what they do with signals.
//!
//! Source is parsed here and nowhere else, and only what an entry leads to: each file once, whoever asks first.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use crate::facts::module::{
    self, Child, FileFacts, ImportId, Kept, Listen, LogSink, Route, Schedule, SignalHandler, When, signals,
};
use crate::facts::resolve::{Reached, Resolution, Resolver};
use crate::facts::{Found, Why};
use crate::model::opening::{Opening, openings};
use crate::model::read::{Files, Reading};
use crate::model::shutdown::{Shutdown, shutdown};
use crate::model::{port, route};
use crate::source::{FileId, ProjectPath, Sources, Span};
use crate::syntax::script::Dialect;

/// The facts of scripts, drawn when they are first asked for.
#[derive(Debug, Default)]
pub struct Scripts {
    // Boxed: most files of a project are no scripts, or nothing leads to them.
    facts: Vec<OnceLock<Option<Box<FileFacts>>>>,
    readable: Vec<bool>,
}

impl Scripts {
    /// Room for the facts of these files.
    pub(crate) fn new(files: &Files) -> Scripts {
        Scripts {
            facts: files.readings.iter().map(|_| OnceLock::new()).collect(),
            readable: files.readings.iter().map(|reading| matches!(reading, Reading::Script)).collect(),
        }
    }

    /// The facts of a script; `None` for a file that is none, or that went away since it was found.
    pub fn facts(&self, sources: &Sources, file: FileId) -> Option<&FileFacts> {
        let index = file.0 as usize;
        if !self.readable[index] {
            return None;
        }
        self.facts[index]
            .get_or_init(|| {
                let source = sources.file(file);
                let text = source.text_if_there()?;
                let dialect = Dialect::of(&source.path).or_else(|| Dialect::of_first_line(text))?;
                let mut facts = module::read(file, text.clone(), dialect).tree;
                facts.shrink();
                Some(Box::new(facts))
            })
            .as_deref()
    }

    /// The scripts that were read, by what led to them.
    pub fn drawn(&self) -> impl Iterator<Item = FileId> {
        let drawn = |(index, facts): (usize, &OnceLock<Option<Box<FileFacts>>>)| {
            matches!(facts.get(), Some(Some(_))).then_some(FileId(index as u32))
        };
        self.facts.iter().enumerate().filter_map(drawn)
    }
}

/// The program that starts at an entry file.
#[derive(Debug)]
pub struct Program {
    /// The entry file.
    pub entry: FileId,
    /// The files it reaches.
    pub reached: Reached,
    /// The same files by id, in the same order.
    pub files: Vec<FileId>,
    /// The signals that they listen for. `rest` is an error when a name is computed, or when a file that is reached is
    /// out of sight.
    pub signals: Found<SignalHandler>,
    /// The ports that they listen on.
    pub listens: Vec<Listen>,
    /// The work that they start by the clock, where production reaches it.
    pub schedules: Vec<Schedule>,
    /// The processes that they start.
    pub children: Vec<Child>,
    /// What they do when SIGTERM comes.
    pub shutdown: Shutdown,
    /// The places beside the standard output to which they send logs, where production reaches that.
    pub logs: Vec<LogSink>,
    /// What they keep for their own process, where production reaches that.
    pub kept: Vec<Kept>,
    /// The connections that it opens as it starts, with clients that do not try again.
    pub openings: Vec<Opening>,
    /// The routes that they serve. `rest` is an error when something else may answer requests.
    pub routes: Found<Route>,
}

impl Program {
    /// True when one of these words stands anywhere in the text of a file that it reaches, be it in a comment.
    pub fn mentions(&self, sources: &Sources, words: &[&str]) -> bool {
        let is_in = |file: &FileId| words.iter().any(|word| sources.file(*file).text().contains(word));
        self.files.iter().any(is_in)
    }

    /// The import by which a file is first reached; `None` for the entry itself.
    pub fn imported_at(&self, file: FileId) -> Option<Span> {
        let index = self.files.iter().position(|reached| *reached == file)?;
        self.reached.files.get(index)?.by.map(|(_, at)| at)
    }
}

/// Follows the imports of an entry file.
pub(crate) fn program(
    entry: &ProjectPath,
    sources: &Sources,
    resolver: &Resolver,
    scripts: &Scripts,
) -> Option<Arc<Program>> {
    let id = sources.find(entry)?;
    let facts = |path: &ProjectPath| scripts.facts(sources, sources.find(path)?);
    let reached = resolver.follow(sources, std::slice::from_ref(entry), facts);
    let files: Vec<FileId> = reached.files.iter().filter_map(|file| sources.find(&file.path)).collect();
    let mut found: Found<SignalHandler> = Found { items: Vec::new(), rest: unheard(&reached, sources) };
    let elsewhere = elsewhere(&reached, sources, scripts);
    let mut listens = Vec::new();
    let (mut schedules, mut logs, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    let mut children = Vec::new();
    let imports = |of: &FileFacts, import: ImportId| {
        let path = &sources.file(of.file).path;
        match resolver.resolve(sources, path, of.specifier(&of.imports[import.0 as usize])?) {
            Resolution::File(found) => scripts.facts(sources, sources.find(&found)?),
            _ => None,
        }
    };
    let all: Vec<&FileFacts> = files.iter().filter_map(|file| scripts.facts(sources, *file)).collect();
    for facts in &all {
        let signals = signals(facts);
        found.items.extend(signals.items);
        found.rest = found.rest.and(signals.rest);
        listens.extend(module::listens(facts).into_iter().map(|mut listen| {
            port::follow(&mut listen, facts, &imports);
            listen
        }));
        if elsewhere.contains(&facts.file) {
            continue;
        }
        let reached = |schedule: &Schedule| schedule.reached == When::Production;
        schedules.extend(module::schedules(facts).into_iter().filter(reached));
        let started = module::children(facts).into_iter();
        children.extend(started.filter(|child| facts.when(child.span.start) != When::Elsewhere));
        kept.extend(module::kept(facts).into_iter().filter(|kept| kept.reached == When::Production));
        logs.extend(module::logs(facts).into_iter().filter(|sink| sink.reached == When::Production));
    }
    let shutdown = shutdown(&files, &found, &listens, sources, resolver, scripts);
    let loads = |package: &str| reached.packages.contains_key(package);
    let openings =
        scripts.facts(sources, id).map(|entry| openings(entry, &loads, &imports)).unwrap_or_default();
    let routes = route::routes(&all, &listens, &loads, &imports);
    Some(Arc::new(Program {
        entry: id,
        reached,
        files,
        signals: found,
        listens,
        children,
        schedules,
        logs,
        kept,
        openings,
        routes,
        shutdown,
    }))
}

/// `Ok` when nothing stayed out of sight that may listen for signals. Data, styles and what a generator writes from a
/// schema do not.
fn unheard(reached: &Reached, sources: &Sources) -> Result<(), Why> {
    let silent = |text: &str| {
        let path = text.trim_end_matches(['\'', '"', '`', ')']).split(['?', '!']).next().unwrap_or(text);
        let name = path.rsplit('/').next().unwrap_or(path);
        let data = name.rsplit_once('.').is_some_and(|(_, end)| NO_SCRIPTS.contains(&end));
        data || path.split('/').any(|part| GENERATED.contains(&part)) || name.contains("_pb")
    };
    let first = reached.unresolved.iter().find(|one| !silent(sources.text(one.span)));
    match first {
        Some(one) if one.specifier.is_none() => Err(Why::Dynamic),
        Some(_) => Err(Why::NotFound),
        None if reached.unread.is_empty() => Ok(()),
        None => Err(Why::Unsupported),
    }
}

/// Extensions of files that are imported and hold no code of the project.
const NO_SCRIPTS: [&str; 20] = [
    "json", "css", "scss", "sass", "less", "svg", "png", "jpg", "jpeg", "gif", "webp", "ico", "html",
    "graphql", "gql", "md", "txt", "node", "wasm", "proto",
];
/// Folders that generators write clients and types of schemas to.
const GENERATED: [&str; 4] = ["generated", "__generated__", ".prisma", "__generated"];

/// The files that are taken in only where `NODE_ENV` is not `production`; as far as the first imports
/// of them tell.
fn elsewhere(reached: &Reached, sources: &Sources, scripts: &Scripts) -> BTreeSet<FileId> {
    let mut elsewhere = BTreeSet::new();
    for file in &reached.files {
        let Some((_, at)) = file.by else { continue };
        let importer = scripts.facts(sources, at.file);
        let guarded = importer.is_some_and(|facts| facts.when(at.start) == When::Elsewhere);
        if guarded || elsewhere.contains(&at.file) {
            elsewhere.extend(sources.find(&file.path));
        }
    }
    elsewhere
}
