//! Ways to start node itself, which several rules offer as their fix.

use crate::facts::command::Command;
use crate::facts::secret::is_secret_name;
use crate::facts::{Fact, Origin};
use crate::finding::Edit;
use crate::model::chain::{Role, Step};
use crate::model::contents::source_of;
use crate::model::{Image, Project, Run};
use crate::source::{Span, Spanned};
use crate::syntax::dockerfile::Keyword;
use crate::syntax::mapped::MappedText;
use crate::syntax::shell::{self, ShellCommand, Word};

/// Words that a shell runs by itself, so that no program of that name need be there.
const BUILTINS: [&str; 18] = [
    "cd", "exec", "eval", ".", "source", "set", "unset", "export", "ulimit", "umask", "trap", "wait", "exit",
    "read", "test", "[", "[[", "command",
];

/// The list that says the same as a line for a shell, when that is one simple command of plain words.
pub(crate) fn as_list(line: &MappedText) -> Option<String> {
    let script = shell::parse(line);
    let command = script.only()?;
    list(&plain_words(command)?)
}

fn list(words: &[String]) -> Option<String> {
    let quoted: Option<Vec<String>> = words.iter().map(|word| serde_json::to_string(word).ok()).collect();
    Some(format!("[{}]", quoted?.join(", ")))
}

/// The words of a command that needs no shell.
fn plain_words(command: &ShellCommand) -> Option<Vec<String>> {
    let is_simple = command.assignments.is_empty()
        && command.redirects.is_empty()
        && !command.background
        && !command.piped;
    let words: Option<Vec<String>> =
        command.words.iter().map(|word| plain(word).map(str::to_owned)).collect();
    words.filter(|words| {
        is_simple
            && words.first().is_some_and(|first| !first.is_empty() && !BUILTINS.contains(&first.as_str()))
    })
}

/// A word that the shell hands over as it is written.
fn plain(word: &Word) -> Option<&str> {
    let literal = word.literal()?;
    let is_home = word.raw.starts_with('~');
    (!is_home && literal.chars().all(|next| !next.is_control())).then_some(literal)
}

/// The shell form of ENTRYPOINT or CMD as a list. None where a manifest hands arguments to it, which it drops today.
pub(crate) fn list_form(project: &Project, image: &Image, line: &MappedText) -> Option<Edit> {
    let at = line.span(0, line.text.len());
    let is_own = at.file == image.dockerfile;
    let shell = image.config().shell.known()?.first()?;
    let is_posix = matches!(shell.rsplit('/').next(), Some("sh" | "bash" | "ash" | "dash"));
    let gets_words = image.containers.iter().any(|id| {
        let facts = &project.container(*id).facts;
        facts.args.known() != Some(&None)
    });
    if !is_own || !is_posix || gets_words || lacks_interpreter(project, image, line) {
        return None;
    }
    Some(Edit { span: at, text: as_list(line)? })
}

/// True for a script of the project that names no interpreter: a shell runs it all the same, the system does not.
fn lacks_interpreter(project: &Project, image: &Image, line: &MappedText) -> bool {
    let script = shell::parse(line);
    let program = script.only().and_then(|command| command.words.first()).and_then(|word| word.literal());
    let Some(program) = program.filter(|program| program.contains('/')) else { return false };
    let workdir = image.config().workdir.known().map_or("", |workdir| workdir.trim_end_matches('/'));
    let path = match program.starts_with('/') {
        true => program.to_owned(),
        false => format!("{workdir}/{program}"),
    };
    let source = source_of(image, &path, &project.sources);
    match source.known().and_then(|path| project.sources.find(path)) {
        Some(file) => !project.sources.file(file).text().starts_with("#!"),
        None => program.ends_with(".sh") || program.ends_with(".js"),
    }
}

/// Where a line is to be put before an instruction, and how its line ends. `None` when something stands before the
/// instruction on its own line.
pub(crate) fn line_before(project: &Project, instruction: Span) -> Option<(Span, &'static str)> {
    let start = instruction.start as usize;
    let before = &project.sources.file(instruction.file).text()[..start];
    let end = if before.ends_with("\r\n") { "\r\n" } else { "\n" };
    (before.is_empty() || before.ends_with('\n')).then(|| (Span::at(instruction.file, start), end))
}

/// Where a line is to be put that holds for what the image starts and for no step of its build: before the first CMD or
/// ENTRYPOINT of the shipped stage, behind all its RUNs.
pub(crate) fn before_start(project: &Project, image: &Image) -> Option<(Span, &'static str)> {
    let stage = image.stage();
    let instructions = image.tree.instructions.get(stage.instructions.clone())?;
    let last_run = stage.runs.last().map_or(stage.instructions.start, |run| run.instruction);
    let index = instructions
        .iter()
        .position(|instruction| matches!(instruction.keyword, Keyword::Cmd | Keyword::Entrypoint))?;
    if stage.instructions.start + index < last_run
        || instructions.iter().any(|instruction| instruction.is_broken())
    {
        return None;
    }
    line_before(project, instructions[index].span)
}

/// Edits by which CMD starts node itself instead of a script of package.json. Only where the script is node with a file
/// and plain arguments, nothing runs before or after it, and the code does not ask what npm told it.
pub(crate) fn node_itself(project: &Project, run: &Run) -> Option<Vec<Edit>> {
    let image = project.image(run.image?);
    let Fact::Known { value: Some(command), origin: Origin::Written(_) } = &image.config().cmd else {
        return None;
    };
    let at = command.span().filter(|at| *at == run.start && at.file == image.dockerfile)?;
    if !starts_script(command) || !lies_at_workdir(project, image) {
        return None;
    }
    let step = plain_chain(run).filter(|_| !is_ignored_by_compose(project, run))?;
    let script = shell::parse(step.script.as_ref()?);
    let (variables, words) = node_words(script.only()?)?;
    let program = run.program.as_ref()?;
    let of_npm = ["npm_package", "npm_config", "npm_lifecycle"];
    if !program.children.is_empty() || program.mentions(&project.sources, &of_npm) {
        return None;
    }
    let range = image.stage().instructions.clone();
    let instruction = image.tree.instructions.get(range)?.iter().find(|one| one.span.contains(at))?;
    let list = list(&words)?;
    let text = match command {
        Command::Exec(_) => list.trim_start_matches('[').trim_end_matches(']').to_owned(),
        Command::Shell(_) => list,
    };
    let mut edits = vec![Edit { span: at, text }];
    let is_set =
        |(name, value): &&Variable| image.config().env.get(name).and_then(Fact::known) == Some(value);
    let missing: Vec<&Variable> = variables.iter().filter(|variable| !is_set(variable)).collect();
    if missing.iter().any(|(name, value)| !belongs_in_image(name, value)) {
        return None;
    }
    if !missing.is_empty() {
        let (span, end) = line_before(project, instruction.span)?;
        let lines = missing.iter().map(|(name, value)| format!("ENV {name}={value}{end}"));
        edits.insert(0, Edit { span, text: lines.collect() });
    }
    Some(edits)
}

/// True for a service of compose without an init whose code lets SIGTERM end it: as process 1 it would not even end.
fn is_ignored_by_compose(project: &Project, run: &Run) -> bool {
    let service = run.service().and_then(|id| project.compose_services.get(id.0 as usize));
    let handles_none = run.program.as_ref().is_some_and(|program| {
        let mut handlers = program.signals.items.iter();
        !handlers.any(|handler| handler.value.signal == "SIGTERM")
    });
    handles_none && service.is_some_and(|service| service.facts.init.known() == Some(&false))
}

/// False for what nobody would write into an image: secrets, and a mode that is none of production.
fn belongs_in_image(name: &str, value: &str) -> bool {
    !is_secret_name(name)
        && !name.to_ascii_uppercase().ends_with("KEY")
        && (name != "NODE_ENV" || value == "production")
}

/// `npm start`, `yarn run serve`: a manager and a script, without options or arguments.
fn starts_script(command: &Command) -> bool {
    let words: Vec<String> = match command {
        Command::Exec(words) => words.iter().map(|word: &Spanned<String>| word.value.clone()).collect(),
        Command::Shell(line) => shell::parse(line).only().and_then(plain_words).unwrap_or_default(),
    };
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["npm" | "yarn" | "pnpm", "start"] => true,
        ["npm" | "yarn" | "pnpm", "run", name] | ["yarn" | "pnpm", name] => !name.starts_with('-'),
        _ => false,
    }
}

/// Whether the package.json is that of the WORKDIR, in which the manager then starts the script.
fn lies_at_workdir(project: &Project, image: &Image) -> bool {
    let Some(workdir) = image.config().workdir.known() else { return false };
    let path = format!("{}/package.json", workdir.trim_end_matches('/'));
    source_of(image, &path, &project.sources).known().is_some_and(|path| project.sources.exists(path))
}

/// The package manager of a chain in which nothing but it, shells and what sets variables stands before node.
fn plain_chain(run: &Run) -> Option<&Step> {
    let (last, before) = run.chain.steps.split_last()?;
    let is_plain = |step: &Step| match step.role {
        Role::Init | Role::Shell => true,
        // From version 2 on Yarn may tell node where its packages are.
        Role::PackageManager if step.program == "yarn" => {
            step.hooks.is_empty() && step.version.is_some_and(|versions| versions.highest.0 == 1)
        }
        Role::PackageManager => step.hooks.is_empty() && step.program != "node --run",
        Role::Wrapper => step.program == "cross-env",
        Role::Script => step.program == "docker-entrypoint.sh",
        _ => false,
    };
    let mut managers = before.iter().filter(|step| step.role == Role::PackageManager);
    let manager = managers.next()?;
    let is_only = managers.next().is_none() && before.iter().all(is_plain) && run.chain.asides.is_empty();
    (is_only && last.role == Role::Node).then_some(manager)
}

/// The name and the value of a variable.
type Variable = (String, String);

/// The variables that a script sets, and the words of node.
fn node_words(command: &ShellCommand) -> Option<(Vec<Variable>, Vec<String>)> {
    if !command.redirects.is_empty() || command.background {
        return None;
    }
    let mut variables: Vec<Variable> = Vec::new();
    for assignment in &command.assignments {
        variables.push((assignment.name.clone(), plain(&assignment.value)?.to_owned()));
    }
    let words: Option<Vec<&str>> = command.words.iter().map(plain).collect();
    let words = words?;
    let mut rest = &words[..];
    if rest.first() == Some(&"cross-env") {
        rest = &rest[1..];
        while let Some((name, value)) = rest.first()?.split_once('=') {
            variables.push((name.to_owned(), value.to_owned()));
            rest = &rest[1..];
        }
    }
    let is_plain = |value: &String| {
        !value.is_empty()
            && value.chars().all(|next| next.is_ascii_alphanumeric() || "-_./:,=@*".contains(next))
    };
    let starts_file = rest.first() == Some(&"node")
        && rest.get(1).is_some_and(|word| !word.is_empty() && !word.starts_with('-'));
    let all_plain = variables.iter().all(|(_, value)| is_plain(value));
    (starts_file && all_plain).then(|| (variables, rest.iter().map(|word| (*word).to_owned()).collect()))
}
