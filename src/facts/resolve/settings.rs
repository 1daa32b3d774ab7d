//! Compiler configurations with what they extend: the settings in force, each path made one of the project.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::tsconfig::TsConfig;
use super::{Resolver, glob, package_name};
use crate::source::{ProjectPath, Sources};
use crate::syntax::script;

/// The settings in force of one configuration file.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The configuration file.
    pub path: Option<ProjectPath>,
    /// Folder that bare names are looked for in.
    pub base_url: Option<ProjectPath>,
    /// Patterns with their targets.
    pub paths: Vec<(String, Vec<ProjectPath>)>,
    /// Folder that output is written to.
    pub out_dir: Option<ProjectPath>,
    /// Folder of the sources that is mirrored below `out_dir`, where it is written.
    pub root_dir: Option<ProjectPath>,
    /// True when nothing is written.
    pub no_emit: bool,
    inputs: Inputs,
    shared: OnceLock<Option<ProjectPath>>,
    /// Other configurations of the same project.
    references: Vec<ProjectPath>,
}

/// Names of the configuration that holds for the files of a folder.
const NAMES: [&str; 2] = ["tsconfig.json", "jsconfig.json"];

/// The settings in force of every configuration.
pub(super) fn settle(
    configs: Vec<TsConfig>,
    workspaces: &BTreeMap<String, ProjectPath>,
) -> BTreeMap<ProjectPath, Settings> {
    let configs: BTreeMap<ProjectPath, TsConfig> =
        configs.into_iter().map(|config| (config.path.clone(), config)).collect();
    let settle_one = |config: &TsConfig| (config.path.clone(), merge(config, &configs, workspaces));
    configs.values().map(settle_one).collect()
}

fn merge(
    config: &TsConfig,
    configs: &BTreeMap<ProjectPath, TsConfig>,
    workspaces: &BTreeMap<String, ProjectPath>,
) -> Settings {
    let own = config.path.parent().unwrap_or_else(ProjectPath::root);
    let mut settings = Settings { path: Some(config.path.clone()), ..Settings::default() };
    let mut inputs = Inputs::default();
    let mut composite = false;
    for layer in layers(config, configs, workspaces) {
        let folder = layer.path.parent().unwrap_or_else(ProjectPath::root);
        // A path is relative to the configuration that writes it, `${configDir}` is the one that is extended from.
        let at = |path: &String| match path.strip_prefix("${configDir}") {
            Some(rest) => own.join(rest.trim_start_matches('/')),
            None => folder.join(path),
        };
        if let Some(base_url) = &layer.base_url {
            settings.base_url = at(base_url);
        }
        if let Some(paths) = &layer.paths {
            let base = layer.base_url.as_ref().and_then(&at).or_else(|| settings.base_url.clone());
            let base = base.unwrap_or_else(|| folder.clone());
            let target = |path: &String| match path.strip_prefix("${configDir}") {
                Some(rest) => own.join(rest.trim_start_matches('/')),
                None => base.join(path),
            };
            settings.paths = paths
                .iter()
                .map(|(pattern, targets)| (pattern.clone(), targets.iter().filter_map(target).collect()))
                .collect();
        }
        if let Some(out_dir) = &layer.out_dir {
            settings.out_dir = at(out_dir);
        }
        if let Some(root_dir) = &layer.root_dir {
            settings.root_dir = at(root_dir);
        }
        settings.no_emit = layer.no_emit.unwrap_or(settings.no_emit);
        composite = layer.composite.unwrap_or(composite);
        inputs.take(layer, &folder);
    }
    settings.references =
        config.references.iter().filter_map(|path| referenced(&own, path, configs)).collect();
    if composite && settings.root_dir.is_none() {
        settings.root_dir = Some(own);
    }
    settings.inputs = inputs;
    settings
}

impl Settings {
    /// The folder of the sources that is mirrored below `out_dir`: as written, else the folder that all inputs share.
    pub(super) fn root(&self, sources: &Sources) -> Option<ProjectPath> {
        let own = self.path.as_ref()?.parent()?;
        let shared = || self.inputs.shared_folder(sources, &own, self.out_dir.as_ref());
        self.root_dir.clone().or_else(|| self.shared.get_or_init(shared).clone())
    }
}

/// A configuration after those that it extends, the outermost first. A cycle ends where it would begin again.
fn layers<'c>(
    config: &'c TsConfig,
    configs: &'c BTreeMap<ProjectPath, TsConfig>,
    workspaces: &BTreeMap<String, ProjectPath>,
) -> Vec<&'c TsConfig> {
    let mut layers = Vec::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![config];
    while let Some(layer) = open.pop() {
        if !seen.insert(&layer.path) {
            continue;
        }
        layers.push(layer);
        // Later ones win, so they are the nearer layers: on the stack they come last.
        open.extend(layer.extends.iter().filter_map(|name| extended(layer, name, configs, workspaces)));
    }
    layers.reverse();
    layers
}

fn extended<'c>(
    layer: &TsConfig,
    name: &str,
    configs: &'c BTreeMap<ProjectPath, TsConfig>,
    workspaces: &BTreeMap<String, ProjectPath>,
) -> Option<&'c TsConfig> {
    let path = if name.starts_with('.') {
        layer.path.parent()?.join(name)?
    } else {
        let (package, rest) = package_name(name);
        workspaces.get(package)?.join(if rest.is_empty() { NAMES[0] } else { rest })?
    };
    let named =
        |ending: &str| ProjectPath::new(&format!("{path}{ending}")).and_then(|path| configs.get(&path));
    configs.get(&path).or_else(|| named(".json")).or_else(|| named("/tsconfig.json"))
}

fn referenced(
    own: &ProjectPath,
    path: &str,
    configs: &BTreeMap<ProjectPath, TsConfig>,
) -> Option<ProjectPath> {
    let path = own.join(path)?;
    if configs.contains_key(&path) {
        return Some(path);
    }
    path.join(NAMES[0]).filter(|path| configs.contains_key(path))
}

/// The files that a configuration compiles, as far as its patterns say.
#[derive(Clone, Debug, Default)]
struct Inputs {
    files: Option<(ProjectPath, Vec<String>)>,
    include: Option<(ProjectPath, Vec<String>)>,
    exclude: Option<(ProjectPath, Vec<String>)>,
    allow_js: bool,
}

impl Inputs {
    fn take(&mut self, layer: &TsConfig, folder: &ProjectPath) {
        let written = |list: &Option<Vec<String>>| list.clone().map(|list| (folder.clone(), list));
        self.files = written(&layer.files).or_else(|| self.files.take());
        self.include = written(&layer.include).or_else(|| self.include.take());
        self.exclude = written(&layer.exclude).or_else(|| self.exclude.take());
        self.allow_js = layer.allow_js.unwrap_or(self.allow_js);
    }

    /// The innermost folder that holds all inputs: what TypeScript takes for `rootDir` when it is not set.
    fn shared_folder(
        &self,
        sources: &Sources,
        own: &ProjectPath,
        out_dir: Option<&ProjectPath>,
    ) -> Option<ProjectPath> {
        let mut shared: Option<ProjectPath> = None;
        if let Some((folder, files)) = &self.files {
            for path in files.iter().filter_map(|file| folder.join(file)) {
                widen(&mut shared, path.parent()?);
            }
        }
        let whole = (own.clone(), vec!["**/*".to_owned()]);
        let none = (own.clone(), Vec::new());
        let include = self.include.as_ref().unwrap_or(if self.files.is_some() { &none } else { &whole });
        for pattern in &include.1 {
            let Some(start) = include.0.join(glob::fixed_part(pattern)) else { continue };
            for path in sources.below(&start).chain(sources.exists(&start).then_some(&start)) {
                let fits = path.relative_to(&include.0).is_some_and(|path| glob::matches(pattern, path));
                if fits && self.compiles(path, out_dir) {
                    widen(&mut shared, path.parent()?);
                }
            }
        }
        shared
    }

    fn compiles(&self, path: &ProjectPath, out_dir: Option<&ProjectPath>) -> bool {
        let written = match path.extension() {
            Some("ts" | "tsx" | "mts" | "cts") => !script::is_declaration(path),
            Some("js" | "jsx" | "mjs" | "cjs") => self.allow_js,
            _ => false,
        };
        let hidden = path.as_str().split('/').any(|part| part == "node_modules" || part.starts_with('.'));
        let excluded = self.exclude.as_ref().is_some_and(|(folder, patterns)| {
            let path = path.relative_to(folder);
            path.is_some_and(|path| patterns.iter().any(|pattern| glob::matches(pattern, path)))
        });
        written
            && !hidden
            && !excluded
            && !out_dir.is_some_and(|out_dir| path.is_in(out_dir) && !out_dir.is_root())
    }
}

fn widen(shared: &mut Option<ProjectPath>, folder: ProjectPath) {
    *shared = match shared.take() {
        None => Some(folder),
        Some(known) => known.ancestors().find(|known| folder.is_in(known)),
    };
}

impl Resolver {
    /// The configuration in force for a file: that of the nearest folder, then those it references.
    fn settings_of<'r>(&'r self, file: &ProjectPath) -> impl Iterator<Item = &'r Settings> {
        let in_folder =
            |folder: ProjectPath| NAMES.iter().find_map(|name| self.settings.get(&folder.join(name)?));
        let nearest = file.ancestors().skip(1).find_map(in_folder);
        let references = nearest.map(|nearest| nearest.references.as_slice()).unwrap_or_default();
        nearest.into_iter().chain(references.iter().filter_map(|path| self.settings.get(path)))
    }

    /// All configurations in the folders above a path, nearest first.
    pub(super) fn settings_above<'r>(&'r self, path: &ProjectPath) -> Vec<&'r Settings> {
        let mut found: Vec<(usize, &Settings)> = self
            .settings
            .iter()
            .filter_map(|(config, settings)| {
                let folder = config.parent()?;
                path.is_in(&folder).then(|| (folder.as_str().len(), settings))
            })
            .collect();
        found.sort_by_key(|(depth, settings)| (std::cmp::Reverse(*depth), settings.path.clone()));
        found.into_iter().map(|(_, settings)| settings).collect()
    }

    /// A file by `paths` and `baseUrl` of the settings in force.
    pub(super) fn by_settings(
        &self,
        sources: &Sources,
        from: &ProjectPath,
        specifier: &str,
        typescript: bool,
    ) -> Option<ProjectPath> {
        self.settings_of(from).find_map(|settings| {
            let mapped = candidates(&settings.paths, specifier).into_iter();
            let based = settings.base_url.as_ref().and_then(|base| base.join(specifier));
            mapped.chain(based).find_map(|path| self.path(sources, &path, typescript))
        })
    }
}

/// The paths that a specifier may mean by the pattern that fits it best: an exact one, else the longest prefix.
fn candidates(paths: &[(String, Vec<ProjectPath>)], specifier: &str) -> Vec<ProjectPath> {
    if let Some((_, targets)) = paths.iter().find(|(pattern, _)| pattern == specifier) {
        return targets.clone();
    }
    let fitting = paths.iter().filter_map(|(pattern, targets)| {
        let (before, after) = pattern.split_once('*')?;
        let middle = specifier.strip_prefix(before)?.strip_suffix(after)?;
        Some((before.len(), middle, targets))
    });
    let Some((_, middle, targets)) = fitting.max_by_key(|(len, _, _)| *len) else { return Vec::new() };
    targets.iter().filter_map(|target| ProjectPath::new(&target.as_str().replace('*', middle))).collect()
}
