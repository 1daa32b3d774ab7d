//! Chains of small images: what is started, where it ends, and what becomes of SIGTERM.

mod follow;
mod signals;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::facts::base_images::{self, Version, Versions};
use crate::source::{FileId, SourceFile};
use crate::syntax::image_ref::ImageRef;
use crate::syntax::json;
use crate::syntax::mapped::MappedText;

/// An image whose /app is the repository.
#[derive(Default)]
struct Case<'a> {
    base: &'a str,
    entrypoint: Option<&'a str>,
    cmd: Option<&'a str>,
    files: &'a [(&'a str, &'a str)],
    npm: Option<Version>,
    yarn: Option<Version>,
    pnpm: Option<Version>,
    env: &'a [(&'a str, &'a str)],
}

/// A service that starts by its package.json.
const SERVICE: &[(&str, &str)] =
    &[("package.json", r#"{"name":"shop","scripts":{"start":"node server.js"}}"#), ("server.js", "listen()")];

/// `[…]` is the exec form, anything else the shell form.
fn command(text: &str, file: FileId) -> Command {
    if !text.starts_with('[') {
        return Command::Shell(MappedText::verbatim(file, text, 0));
    }
    let tree = json::parse(file, Arc::from(text), json::Dialect::Strict).tree;
    let words = tree.root().unwrap().items();
    Command::Exec(words.map(|word| Spanned::new(word.str().unwrap().to_owned(), word.span())).collect())
}

fn chain(case: &Case<'_>) -> ProcessChain {
    let mut sources = Sources::default();
    let mut file = |path: &str, text: &str| {
        sources.add(SourceFile::new(ProjectPath::new(path).unwrap(), text.to_owned()))
    };
    let entrypoint_file = file("ENTRYPOINT", case.entrypoint.unwrap_or(""));
    let cmd_file = file("CMD", case.cmd.unwrap_or(""));
    let mut packages = BTreeMap::new();
    for (path, text) in case.files {
        let id = file(path, text);
        if path.ends_with("package.json") {
            let tree = json::parse(id, Arc::from(*text), json::Dialect::Strict).tree;
            packages.insert(ProjectPath::new(path).unwrap().parent().unwrap(), Package::read(&tree));
        }
    }
    let base = base_images::lookup(&ImageRef::parse(case.base));
    let at = Span::at(cmd_file, 0);
    let implied = |list: &Option<Vec<String>>| match list {
        None => Fact::Unknown(Why::UnknownBase),
        Some(list) if list.is_empty() => Fact::written(None, at),
        Some(list) => {
            let words = list.iter().map(|word| Spanned::new(word.clone(), at)).collect();
            Fact::written(Some(Command::Exec(words)), at)
        }
    };
    let said = |text: Option<&str>, file, inherited: Option<&Option<Vec<String>>>| match (text, inherited) {
        (Some(text), _) => Fact::written(Some(command(text, file)), at),
        (None, Some(list)) => implied(list),
        (None, None) => Fact::Unknown(Why::UnknownBase),
    };
    let entrypoint = said(case.entrypoint, entrypoint_file, base.as_ref().map(|base| &base.entrypoint));
    let nothing = Some(Vec::new());
    let inherited =
        if case.entrypoint.is_some() { Some(&nothing) } else { base.as_ref().map(|base| &base.cmd) };
    let cmd = said(case.cmd, cmd_file, inherited);
    let env =
        case.env.iter().map(|(name, value)| ((*name).to_owned(), Fact::written((*value).to_owned(), at)));
    let env = env.collect();
    let mut tools = Tools::of(base.as_ref());
    let one = |version| Tool::Present(Some(Versions::one(version)));
    tools.npm = case.npm.map_or(tools.npm, one);
    tools.yarn = case.yarn.map_or(tools.yarn, one);
    tools.pnpm = case.pnpm.map_or(tools.pnpm, one);
    let start = Start {
        entrypoint,
        cmd,
        shell: Fact::written(vec!["/bin/sh".to_owned(), "-c".to_owned()], at),
        base: base.as_ref(),
        workdir: Fact::written("/app".to_owned(), at),
        env: &env,
        tools,
    };
    let source_of = |path: &str| {
        let inside =
            path.strip_prefix("/app").and_then(|rest| ProjectPath::new(rest.trim_start_matches('/')));
        // What stands in built is made while the image is built.
        let made = |path: &ProjectPath| path.as_str().starts_with("built/");
        match inside.filter(|path| sources.exists(path) || sources.is_folder(path) || made(path)) {
            Some(path) => Fact::written(path, at),
            None => Fact::Unknown(Why::NotFound),
        }
    };
    let package_in = |folder: &ProjectPath| packages.get(folder);
    let workspace = |name: &str| {
        let named = |package: &&Package| package.name.known().and_then(Option::as_deref) == Some(name);
        packages.iter().find(|(_, package)| named(package)).map(|(folder, _)| folder.clone())
    };
    let world = World {
        sources: &sources,
        source_of: &source_of,
        package_in: &package_in,
        workspace: &workspace,
        ecosystem: &|_| Vec::new(),
    };
    resolve(&start, world)
}

/// The chain of a CMD on a base image, with the files of [`SERVICE`].
fn started(base: &str, cmd: &str) -> ProcessChain {
    chain(&Case { base, cmd: Some(cmd), files: SERVICE, ..Case::default() })
}

/// The path of the entry in the image, and the file of the repository.
fn entry(chain: &ProcessChain) -> (String, Option<String>) {
    match &chain.end {
        End::Node { entry: Fact::Known { value, .. }, .. } => {
            (value.path.clone(), value.source.known().map(ToString::to_string))
        }
        other => (format!("{other:?}"), None),
    }
}
