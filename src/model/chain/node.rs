//! node itself: its options, and the file that it runs.

use super::argument::{Argument, base_name};
use super::resolve::{Next, Walk, step};
use super::{End, Entry, Role, Signal, Step, signal};
use crate::facts::{Fact, Why};
use crate::source::Spanned;

/// Options of node that take the next argument as their value. Source: Node.js documentation, command-line API.
const WITH_VALUE: [&str; 22] = [
    "-r",
    "--require",
    "--import",
    "--loader",
    "--experimental-loader",
    "-C",
    "--conditions",
    "--env-file",
    "--env-file-if-exists",
    "--title",
    "--icu-data-dir",
    "--openssl-config",
    "--watch-path",
    "--input-type",
    "--inspect-port",
    "--redirect-warnings",
    "--diagnostic-dir",
    "--report-dir",
    "--report-directory",
    "--disable-warning",
    "--test-reporter",
    "--unhandled-rejections",
];

/// node as a program of the chain.
pub(super) fn program(walk: &mut Walk<'_>, name: &str, arguments: &[Argument]) -> Option<Next> {
    if !matches!(name, "node" | "nodejs") {
        return None;
    }
    Some(run(walk, arguments))
}

fn run(walk: &mut Walk<'_>, arguments: &[Argument]) -> Next {
    let mut flags = Vec::new();
    let mut rest = arguments[1..].iter();
    let mut watches = false;
    while let Some(argument) = rest.next() {
        let Some(text) = argument.text.as_deref() else {
            return end(walk, arguments, Fact::Unknown(Why::Variable), flags, watches);
        };
        if !text.starts_with('-') || text == "-" {
            let program = file(walk, argument, text, rest.as_slice());
            return match program {
                Ok(tool) => Next::Run(tool),
                Err(entry) => end(walk, arguments, entry, flags, watches),
            };
        }
        if let Some(span) = argument.span {
            flags.push(Spanned::new(text.to_owned(), span));
        }
        match text {
            "--" => continue,
            "-e" | "--eval" | "-p" | "--print" | "-pe" | "-i" | "--interactive" | "-h" | "--help" | "-v"
            | "--version" => {
                return end(walk, arguments, Fact::Unknown(Why::Unsupported), flags, watches);
            }
            "--run" => return run_script(walk, arguments, rest.as_slice()),
            "--watch" | "--watch-path" => watches = true,
            _ if text.starts_with("--watch-path=") => watches = true,
            _ => {}
        }
        if let Some(script) = text.strip_prefix("--run=") {
            let script = Argument::implied(script, argument.span);
            return run_script(walk, arguments, &[script]);
        }
        if WITH_VALUE.contains(&text)
            && let Some(value) = rest.next()
            && let (Some(text), Some(span)) = (&value.text, value.span)
        {
            flags.push(Spanned::new(text.clone(), span));
        }
    }
    // Without a file node reads standard input.
    end(walk, arguments, Fact::Unknown(Why::NotFound), flags, watches)
}

/// The file, or the command of a package that it stands for.
fn file(
    walk: &Walk<'_>,
    argument: &Argument,
    text: &str,
    rest: &[Argument],
) -> Result<Vec<Argument>, Fact<Entry>> {
    if let Some(tool) = tool_of(text) {
        let mut all = vec![Argument { text: Some(tool.clone()), raw: tool, ..argument.clone() }];
        all.extend(rest.iter().cloned());
        return Ok(all);
    }
    Err(entry(walk, argument))
}

/// The command of a package, for a path into node_modules or to npm's own files.
fn tool_of(path: &str) -> Option<String> {
    if path.ends_with("/npm-cli.js") || path.ends_with("/npx-cli.js") {
        return Some(base_name(path).trim_end_matches("-cli.js").to_owned());
    }
    let name = base_name(path);
    if path.contains("node_modules/.bin/") {
        return Some(name.to_owned());
    }
    let (_, inside) = path.rsplit_once("node_modules/")?;
    let stem = name.trim_end_matches(".js").trim_end_matches(".cjs").trim_end_matches(".mjs");
    let package = inside.split('/').find(|part| !part.starts_with('@'))?;
    let known =
        matches!(stem, "pm2" | "pm2-runtime" | "next" | "nodemon" | "ts-node" | "tsx" | "nest" | "npm");
    if known {
        Some(stem.to_owned())
    } else {
        matches!(package, "next" | "nodemon").then(|| package.to_owned())
    }
}

/// What node runs for this argument: a file, or a folder with a package.json.
pub(super) fn entry(walk: &Walk<'_>, argument: &Argument) -> Fact<Entry> {
    let Some(text) = argument.text.as_deref() else { return Fact::Unknown(Why::Variable) };
    let Some(span) = argument.span.or_else(|| walk.place.folder.span()) else {
        return Fact::Unknown(Why::NotFound);
    };
    let Some(path) = walk.absolute(text) else {
        if walk.place.source.is_none() && matches!(walk.place.folder, Fact::Unknown(Why::UnknownBase)) {
            // Still in the WORKDIR of the base: what is copied there can be compared without its name.
            return Fact::written(located(walk, text.to_owned()), span);
        }
        let source = walk.place.source.as_ref().and_then(|folder| folder.join(text));
        let source = source.map_or(Fact::Unknown(Why::NotFound), |source| Fact::written(source, span));
        return Fact::written(Entry { path: text.to_owned(), source }, span);
    };
    // `node .` and `node folder`: package.json says which file.
    let folder = (walk.world.source_of)(&path);
    if let Fact::Known { value, .. } = &folder
        && walk.world.sources.is_folder(value)
        && !walk.world.sources.exists(value)
    {
        let main = match (walk.world.package_in)(value).map(|package| package.entry()) {
            Some(Fact::Known { value: Some(main), .. }) => main,
            Some(Fact::Known { value: None, .. }) | None => "index.js".to_owned(),
            Some(Fact::Unknown(why)) => return Fact::Unknown(why),
        };
        let file = Argument::implied(&format!("{path}/{main}"), Some(span));
        let path = walk.absolute(file.known()).unwrap_or(path);
        return Fact::written(located(walk, path), span);
    }
    Fact::written(located(walk, path), span)
}

/// The entry at a path, and the file that was copied there: with the extension that node would find. A file that a build
/// makes is where it would stand.
fn located(walk: &Walk<'_>, path: String) -> Entry {
    let ends = ["", ".js", ".cjs", ".mjs", ".json", "/index.js"];
    let found = ends.iter().find_map(|end| match (walk.world.source_of)(&format!("{path}{end}")) {
        Fact::Known { value, origin } if walk.world.sources.exists(&value) => {
            Some(Fact::Known { value, origin })
        }
        _ => None,
    });
    let source = found.unwrap_or_else(|| (walk.world.source_of)(&path));
    Entry { path, source }
}

/// Ends the chain with node.
pub(super) fn end(
    walk: &mut Walk<'_>,
    arguments: &[Argument],
    entry: Fact<Entry>,
    flags: Vec<Spanned<String>>,
    watches: bool,
) -> Next {
    if watches {
        walk.push(Step {
            signals: vec![Signal::Passes],
            row: Some(signal::FORWARDS),
            ..step("node --watch", Role::DevServer, arguments)
        });
    }
    walk.push(step("node", Role::Node, arguments));
    Next::Stop(End::Node { entry, flags })
}

/// `node --run script`: node starts a shell with the script, and passes no signal on.
fn run_script(walk: &mut Walk<'_>, arguments: &[Argument], rest: &[Argument]) -> Next {
    let mut running = step("node --run", Role::PackageManager, arguments);
    running.signals = vec![Signal::Swallows];
    running.row = Some(signal::NODE_RUN);
    walk.push(running);
    let Some(name) = rest.first().and_then(|argument| argument.text.clone()) else {
        return Next::Stop(End::Unknown(Why::Variable));
    };
    super::manager::script_of_package(walk, &name)
}
