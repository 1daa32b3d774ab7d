//! Which registry has which packages, and what it is told of who asks: `--registry`, the environment, `.npmrc` of the project
//! and of the user, `.yarnrc.yml`.
//!
//! A project's `.npmrc` comes with the project: whoever wrote it may name a host of his own and, as `${SECRET}`, what lies in
//! the environment of whoever looks at it. So a host that only the project names is told nothing, and `${…}` in a project's
//! file is not replaced, but in tokens for a host that the user named in the command or the environment.
//!
//! npm hands the project's settings on as variables: those are the project's word, too ([`Echo`]).
//!
//! Source: npm 11's documentation of npmrc and config; @npmcli/config, lib/env-replace.js; npm-registry-fetch, lib/auth.js.

use std::fs;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use super::address::Address;
use super::echo::Echo;
use crate::source::FileId;
use crate::syntax::tree::{Ref, Schema};
use crate::syntax::yaml;

/// The registry that npm asks when nobody says otherwise.
const USUAL: &str = "https://registry.npmjs.org/";

/// Who named a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// Whoever runs the program: by a flag, the environment, a file of his own, or by saying nothing.
    User,
    /// The project that is looked at.
    Project,
}

/// A registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Registry {
    /// Its address.
    pub(super) address: Address,
    /// Who named it.
    pub(super) by: By,
}

/// What is said to a host: a token or a name with a password.
#[derive(Clone, PartialEq, Eq)]
struct Credential {
    /// `host/path/`, as .npmrc names it.
    place: String,
    /// The value of the header `Authorization`.
    header: String,
}

/// The registries of a project.
#[derive(Clone)]
pub struct Registries {
    usual: Registry,
    by_scope: FxHashMap<String, Registry>,
    credentials: Vec<Credential>,
    /// A file with certificates that are trusted besides the known ones.
    pub(super) authorities: Vec<PathBuf>,
}

/// Looks a variable of the environment up; an empty one is none.
pub type Environment<'e> = &'e dyn Fn(&str) -> Option<String>;

impl Registries {
    /// What is asked for the packages of the project in a folder. `told` is the address that was given as a flag.
    pub fn find(
        root: &Path,
        told: Option<&Address>,
        environment: Environment<'_>,
    ) -> Result<Registries, String> {
        let named = |name: &str| {
            environment(&format!("npm_config_{name}"))
                .or_else(|| environment(&format!("NPM_CONFIG_{}", name.to_ascii_uppercase())))
        };
        let echo = Echo::find(root, environment);
        let file = |name: &str| echo.file(name, Path::new(&named(name)?));
        let own = file("userconfig").or_else(|| {
            let home = environment("HOME").or_else(|| environment("USERPROFILE"))?;
            Some(Path::new(&home).join(".npmrc"))
        });
        let variable = named("registry").map(|address| Address::read(&address)).transpose();
        let variable = variable.map_err(|fault| format!("the variable npm_config_registry: {fault}"))?;
        let variable = variable.map(|address| echo.registry(address));
        let texts = Texts {
            user: own.as_deref().and_then(text_of).unwrap_or_default(),
            project: text_of(&root.join(".npmrc")).unwrap_or_default(),
            yarn: text_of(&root.join(".yarnrc.yml")).unwrap_or_default(),
            classic: text_of(&root.join(".yarnrc")).unwrap_or_default(),
        };
        let mut registries = texts.registries(told, variable, environment)?;
        registries.authorities.extend(file("cafile"));
        registries.authorities.extend(
            ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"]
                .iter()
                .filter_map(|name| environment(name).map(PathBuf::from)),
        );
        Ok(registries)
    }

    /// The registry that has a package.
    pub(super) fn of(&self, package: &str) -> &Registry {
        let scope = package.split_once('/').map(|(scope, _)| scope);
        scope.and_then(|scope| self.by_scope.get(scope)).unwrap_or(&self.usual)
    }

    /// What is said to an address that is asked on behalf of a registry: nothing on another server than the registry's own, and
    /// nothing in the clear where only the project says so.
    pub(super) fn authorization(&self, registry: &Registry, address: &Address) -> Option<&str> {
        let is_open = registry.by == By::Project && !address.is_secure;
        if is_open || !address.is_at(&registry.address) {
            return None;
        }
        let place = address.without_scheme();
        let fitting = self.credentials.iter().filter(|credential| place.starts_with(&credential.place));
        // Of two for one place the last one holds, as of two lines of a file.
        fitting.max_by_key(|credential| credential.place.len()).map(|credential| credential.header.as_str())
    }
}

/// The text of a small file; what is a pipe or has no end is not opened.
fn text_of(path: &Path) -> Option<String> {
    let file = path.metadata().ok().filter(|file| file.is_file() && file.len() <= MAX_FILE);
    file.and_then(|_| fs::read_to_string(path).ok())
}

/// Largest file of settings that is read, in bytes (1 MiB).
const MAX_FILE: u64 = 1 << 20;

/// The files, as read.
struct Texts {
    user: String,
    project: String,
    /// `.yarnrc.yml`.
    yarn: String,
    /// `.yarnrc`.
    classic: String,
}

impl Texts {
    fn registries(
        &self,
        told: Option<&Address>,
        variable: Option<Registry>,
        environment: Environment<'_>,
    ) -> Result<Registries, String> {
        let user = Npmrc::read(&self.user, Some(environment))?;
        let project = Npmrc::read(&self.project, None)?;
        let by_user = |address| Registry { address, by: By::User };
        let by_project = |address| Registry { address, by: By::Project };
        let told = told.cloned().map(by_user).or(variable);
        // A host that is named in the command is known to whoever wrote the command.
        let told_host =
            told.as_ref().filter(|told| told.by == By::User).map(|told| told.address.host.clone());
        let mut by_scope: FxHashMap<String, Registry> =
            user.by_scope.into_iter().map(|(scope, address)| (scope, by_user(address))).collect();
        by_scope.extend(project.by_scope.into_iter().map(|(scope, address)| (scope, by_project(address))));
        for (scope, address) in berry_scopes(&self.yarn)?.into_iter().chain(classic_scopes(&self.classic)?) {
            by_scope.entry(scope).or_insert_with(|| by_project(address));
        }
        let unread = project.unread.iter().find(|key| match key.strip_suffix(":registry") {
            Some(scope) => !by_scope.contains_key(scope),
            None => told_host.is_none() && user.usual.is_none(),
        });
        if let Some(key) = unread {
            return Err(format!(
                "`{key}` in the project's .npmrc has a variable in it, which is not read from there: {NAME_IT}"
            ));
        }
        let is_told = |credential: &Credential| {
            told_host.is_some() && credential.place.split('/').next() == told_host.as_deref()
        };
        let mut credentials = user.credentials;
        credentials.extend(credentials_in(&self.project, environment).filter(is_told));
        let said = told.or_else(|| project.usual.map(by_project)).or_else(|| user.usual.map(by_user));
        let usual = match said {
            Some(registry) => registry,
            None => match berry(&self.yarn)? {
                Some(address) => by_project(address),
                None => by_user(Address::read(USUAL)?),
            },
        };
        Ok(Registries { usual, by_scope, credentials, authorities: user.authority.into_iter().collect() })
    }
}

const NAME_IT: &str = "name the registry in your own .npmrc, or the one of all packages with --registry";

/// What a `.npmrc` says of registries.
#[derive(Default)]
struct Npmrc {
    usual: Option<Address>,
    by_scope: Vec<(String, Address)>,
    credentials: Vec<Credential>,
    authority: Option<PathBuf>,
    /// Keys of registries whose address has a variable in it that is not known, or not to be looked up.
    unread: Vec<String>,
}

impl Npmrc {
    /// Reads a file. Without an environment nothing is looked up there.
    fn read(text: &str, environment: Option<Environment<'_>>) -> Result<Npmrc, String> {
        let mut said = Npmrc::default();
        for (key, value) in settings(text) {
            let is_address = key == "registry" || key.starts_with('@') && key.ends_with(":registry");
            let Some(value) = replaced(value, environment) else {
                said.unread.extend(is_address.then(|| key.to_owned()));
                continue;
            };
            if is_address {
                let address = Address::read(&value).map_err(|fault| format!(".npmrc, {key}: {fault}"))?;
                match key.strip_suffix(":registry") {
                    Some(scope) => said.by_scope.push((scope.to_owned(), address)),
                    None => said.usual = Some(address),
                }
            } else if key == "cafile" {
                said.authority = Some(PathBuf::from(&value));
            } else {
                said.credentials.extend(credential(key, &value));
            }
        }
        Ok(said)
    }
}

fn credentials_in<'t>(text: &'t str, environment: Environment<'t>) -> impl Iterator<Item = Credential> + 't {
    settings(text).filter_map(move |(key, value)| credential(key, &replaced(value, Some(environment))?))
}

/// The lines of `key=value`.
fn settings(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with([';', '#', '[']));
    lines.filter_map(|line| {
        let (key, value) = line.split_once('=')?;
        Some((plain(key), plain(value)))
    })
}

/// `//host/path/:_authToken` and `//host/path/:_auth`.
fn credential(key: &str, value: &str) -> Option<Credential> {
    let (place, kind) = key.strip_prefix("//")?.rsplit_once(':')?;
    let header = match kind {
        "_authToken" => format!("Bearer {value}"),
        "_auth" => format!("Basic {value}"),
        _ => return None,
    };
    let (host, path) = place.split_once('/').unwrap_or((place, ""));
    let path = path.trim_matches('/');
    let path = if path.is_empty() { String::new() } else { format!("{path}/") };
    let is_sayable = value.bytes().all(|byte| byte.is_ascii_graphic());
    (is_sayable && !host.is_empty())
        .then(|| Credential { place: format!("{}/{path}", host.to_ascii_lowercase()), header })
}

fn plain(text: &str) -> &str {
    let text = text.trim();
    let quoted = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    quoted('"').or_else(|| quoted('\'')).unwrap_or(text)
}

/// A value with its `${NAME}` replaced; `${NAME?}` may be missing. `None`: empty, or with a name that nothing is known of.
fn replaced(value: &str, environment: Option<Environment<'_>>) -> Option<String> {
    let mut text = String::new();
    let mut rest = value;
    while let Some(start) = rest.find("${") {
        let (name, after) = rest[start + 2..].split_once('}')?;
        text.push_str(&rest[..start]);
        match name.strip_suffix('?') {
            Some(name) => text.push_str(&environment?(name).unwrap_or_default()),
            None => text.push_str(&environment?(name)?),
        }
        rest = after;
    }
    text.push_str(rest);
    (!text.is_empty()).then_some(text)
}

/// The registry that a `.yarnrc.yml` names, where it says it plainly.
fn berry(text: &str) -> Result<Option<Address>, String> {
    if !text.contains("npmRegistryServer") {
        return Ok(None);
    }
    let tree = yaml::parse(FileId(0), text.into(), Schema::Core).tree;
    let server = tree.root().and_then(|root| root.get("npmRegistryServer")).and_then(Ref::str);
    let server = server.filter(|server| !server.contains("${"));
    server.map(Address::read).transpose().map_err(|fault| format!(".yarnrc.yml, npmRegistryServer: {fault}"))
}

/// The registries of scopes that a `.yarnrc.yml` names plainly.
fn berry_scopes(text: &str) -> Result<Vec<(String, Address)>, String> {
    if !text.contains("npmScopes") {
        return Ok(Vec::new());
    }
    let tree = yaml::parse(FileId(0), text.into(), Schema::Core).tree;
    let scopes = tree.root().and_then(|root| root.get("npmScopes"));
    let named = scopes.into_iter().flat_map(Ref::written_entries).filter_map(|entry| {
        let server = entry.value.get("npmRegistryServer").and_then(Ref::str)?;
        Some((entry.key.str()?, server)).filter(|_| !server.contains("${"))
    });
    let read = |(scope, server): (&str, &str)| {
        let address = Address::read(server).map_err(|fault| format!(".yarnrc.yml, npmScopes: {fault}"))?;
        Ok((format!("@{scope}"), address))
    };
    named.map(read).collect()
}

/// The registries of scopes that a `.yarnrc` names: `"@scope:registry" "https://host/"`.
fn classic_scopes(text: &str) -> Result<Vec<(String, Address)>, String> {
    let named = text.lines().filter_map(|line| {
        let (key, value) = line.trim().split_once(char::is_whitespace)?;
        let scope = plain(key).strip_suffix(":registry").filter(|scope| scope.starts_with('@'))?;
        Some((scope.to_owned(), plain(value)))
    });
    let read = |(scope, value): (String, &str)| {
        let address = Address::read(value).map_err(|fault| format!(".yarnrc, {scope}:registry: {fault}"))?;
        Ok((scope, address))
    };
    named.map(read).collect()
}

#[cfg(test)]
mod tests;
