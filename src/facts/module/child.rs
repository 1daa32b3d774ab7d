//! Processes that code starts: children of `child_process` and of libraries over it, workers of `cluster`.

use super::{Call, FileFacts, Value, When, Workers};
use crate::source::{Span, Spanned};

/// A process that code starts beside its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    /// The library that starts it.
    pub library: &'static str,
    /// How.
    pub kind: ChildKind,
    /// When the first process of the program comes to it.
    pub reached: When,
    /// Bytes of the call.
    pub span: Span,
}

/// What a started process is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChildKind {
    /// Another program, by its name when that is written out.
    Program(Option<String>),
    /// A line for `/bin/sh`, with its first word when that is written out.
    Line(Option<String>),
    /// A browser, which starts processes of its own.
    Browser,
    /// The same program again, so many times when that is known.
    Worker(Option<Spanned<Workers>>),
}

/// The processes that a file starts, in the order of the calls.
pub fn children(facts: &FileFacts) -> Vec<Child> {
    let concerns = |name: &str| {
        let name = name.strip_prefix("node:").unwrap_or(name);
        LIBRARIES.contains(&name)
    };
    if !facts.imports.iter().any(|import| facts.specifier(import).is_some_and(concerns)) {
        return Vec::new();
    }
    facts.calls.iter().filter_map(|call| child(facts, call)).collect()
}

/// What `cluster` says to the first process that it is.
const FIRST: [&str; 2] = ["isprimary", "ismaster"];

const LIBRARIES: [&str; 11] = [
    "child_process",
    "cluster",
    "execa",
    "cross-spawn",
    "shelljs",
    "puppeteer",
    "puppeteer-core",
    "playwright",
    "playwright-core",
    "throng",
    "recluster",
];

fn child(facts: &FileFacts, call: &Call) -> Option<Child> {
    if let Some((module @ ("playwright" | "playwright-core"), member)) = facts.module_path(call.callee)
        && matches!(&*member, "chromium.launch" | "firefox.launch" | "webkit.launch")
    {
        let library = *LIBRARIES.iter().find(|library| **library == module)?;
        let reached = facts.when_given(call.at.start, &FIRST);
        return Some(Child { library, kind: ChildKind::Browser, reached, span: facts.span(call.at) });
    }
    let found = facts.module_member(call.callee)?;
    let library = *LIBRARIES.iter().find(|library| **library == found.module)?;
    let first = || facts.argument(call, 0).and_then(|argument| facts.text_of(argument));
    let program = || ChildKind::Program(first().map(str::to_owned));
    let line = || ChildKind::Line(first().and_then(|line| line.split_whitespace().next()).map(str::to_owned));
    let kind = match (library, found.member) {
        ("child_process", Some("spawn" | "execFile")) | ("cross-spawn", None | Some("spawn")) => program(),
        ("execa", Some("execa") | None) => program(),
        ("child_process", Some("exec")) | ("shelljs", Some("exec")) => line(),
        ("puppeteer" | "puppeteer-core", Some("launch")) => ChildKind::Browser,
        ("cluster", Some("fork")) => ChildKind::Worker(per_cpu(facts)),
        ("throng", None) => ChildKind::Worker(throng(facts, call)),
        ("recluster", None) => ChildKind::Worker(None),
        _ => return None,
    };
    let reached = facts.when_given(call.at.start, &FIRST);
    Some(Child { library, kind, reached, span: facts.span(call.at) })
}

/// One worker for each CPU, where the file asks how many there are and takes the answer as it is.
fn per_cpu(facts: &FileFacts) -> Option<Spanned<Workers>> {
    let asks = facts.calls.iter().find(|call| {
        facts.module_member(call.callee).is_some_and(|found| {
            found.module == "os" && matches!(found.member, Some("cpus" | "availableParallelism"))
        })
    })?;
    let text = facts.text();
    let (before, after) = (&text[..asks.at.start as usize], &text[asks.at.end as usize..]);
    let line = (before.rsplit('\n').next().unwrap_or(""), after.lines().next().unwrap_or(""));
    // `process.env.WEB_CONCURRENCY || os.cpus().length`: something else may say how many.
    let decided = ["||", "??", "?", "process.env", "Math.", "config"];
    let is_default = decided.iter().any(|sign| line.0.contains(sign) || line.1.contains(sign));
    (!is_default).then(|| Spanned::new(Workers::PerCpu, facts.span(asks.at)))
}

/// `throng({ count: 4 })`, `throng({ workers: 4 })`; without one it takes one for each CPU. `None` where a variable or an
/// expression says how many.
fn throng(facts: &FileFacts, call: &Call) -> Option<Spanned<Workers>> {
    let options = facts.resolve(facts.argument(call, 0)?);
    let count = ["count", "workers"].iter().find_map(|key| facts.entry(options, key).ok().flatten());
    let Some(count) = count else {
        let is_plain = matches!(facts.value(options), Value::Object(_) | Value::Function(_));
        return is_plain.then(|| Spanned::new(Workers::PerCpu, facts.span(call.at)));
    };
    match facts.value(facts.resolve(count)) {
        Value::Number(number) => {
            Some(Spanned::new(Workers::of(&number.to_string())?, facts.value_span(count)))
        }
        // `os.cpus().length`.
        Value::Member { object, .. } => match facts.value(facts.resolve(object)) {
            Value::Call(cpus) => per_cpu(facts).filter(|asked| asked.span == facts.span(facts.call(cpus).at)),
            _ => None,
        },
        _ => None,
    }
}
