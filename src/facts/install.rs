//! Commands that install packages: what they install, and whether the lock file binds them.
//!
//! The forms are those of the managers' own documentation: npm 11 (`npm help install`), yarn 1 and 4, pnpm 11, bun 1.

use super::lock::Manager;

/// A command that installs packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Install {
    /// Who installs.
    pub manager: Manager,
    /// What is installed.
    pub what: What,
    /// Whether the lock file binds it.
    pub strict: Strict,
}

/// What a command installs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// All that package.json asks for.
    All,
    /// Newer versions of what package.json asks for.
    Newer,
    /// Packages by name, here or for the whole system.
    Named,
}

/// Whether a command stops when package.json and the lock file disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strict {
    /// It does.
    Yes,
    /// It does where the variable `CI` is set.
    WithCi,
    /// It writes another lock file.
    No,
}

/// Options of all managers that take the next word as their value and say nothing of what is installed.
pub(super) const WITH_VALUE: &[&str] = &[
    "--registry",
    "--cache",
    "--loglevel",
    "-w",
    "--workspace",
    "-F",
    "--filter",
    "--network-timeout",
    "--network-concurrency",
    "--mutex",
    "--cache-folder",
    "--store-dir",
    "--store",
    "--reporter",
    "--fetch-timeout",
    "--fetch-retries",
    "--maxsockets",
    "--location",
    "--mode",
    "--child-concurrency",
    "--userconfig",
    "--backend",
];

/// Options that take the next word as their value and say where or what to install.
const CHOOSING: &[&str] =
    &["--prefix", "-C", "--dir", "--cwd", "--omit", "--include", "--only", "--modules-folder"];

/// Options that make a command tell something and do nothing.
pub(super) const TELLING: &[&str] =
    &["--version", "-v", "-V", "--help", "-h", "--dry-run", "--package-lock-only", "--lockfile-only"];

/// Reads the words of a command; `None` when it installs nothing. `corepack` and `npx` before a manager are seen
/// through.
pub fn of_words(words: &[&str]) -> Option<Install> {
    let words = match words {
        ["corepack" | "npx" | "exec" | "sudo", rest @ ..] => rest,
        _ => words,
    };
    let (program, rest) = words.split_first()?;
    let manager = Manager::from_name(program.rsplit('/').next()?)?;
    let mut flags: Vec<&str> = Vec::new();
    let mut plain: Vec<&str> = Vec::new();
    let mut rest = rest.iter().copied();
    while let Some(word) = rest.next() {
        if !word.starts_with('-') {
            plain.push(word);
            continue;
        }
        let value = if WITH_VALUE.contains(&word) || CHOOSING.contains(&word) { rest.next() } else { None };
        flags.push(word);
        flags.extend(value.filter(|value| *value == "global"));
    }
    if flags.iter().any(|flag| TELLING.contains(flag)) {
        return None;
    }
    let is_global =
        flags.iter().any(|flag| matches!(*flag, "-g" | "--global" | "--location=global" | "global"));
    let (verb, names) = plain.split_first().map_or(("", &[][..]), |(verb, names)| (*verb, names));
    let (what, strict) = match (manager, verb) {
        (Manager::Yarn, "global") => (What::Named, Strict::No),
        (_, "add") => (What::Named, Strict::No),
        (Manager::Npm, "ci" | "clean-install" | "ic" | "install-clean" | "cit" | "install-ci-test") => {
            (What::All, Strict::Yes)
        }
        (Manager::Pnpm | Manager::Bun, "ci" | "clean-install") => (What::All, Strict::Yes),
        (Manager::Npm, "install" | "i" | "in" | "isntall" | "it" | "install-test") => (What::All, Strict::No),
        (Manager::Npm, "audit") if names == ["fix"] => (What::Newer, Strict::No),
        (Manager::Npm | Manager::Pnpm | Manager::Bun, "update" | "up" | "upgrade") => {
            (What::Newer, Strict::No)
        }
        (Manager::Yarn, "upgrade" | "up") => (What::Newer, Strict::No),
        (Manager::Yarn, "" | "install") => (What::All, of_yarn(&flags)),
        (Manager::Pnpm, "install" | "i") => (What::All, of_pnpm(&flags)),
        (Manager::Bun, "install" | "i") if flags.contains(&"--frozen-lockfile") => (What::All, Strict::Yes),
        (Manager::Bun, "install" | "i") => (What::All, Strict::No),
        _ => return None,
    };
    let named = is_global || (what == What::All && !names.is_empty());
    Some(Install { manager, what: if named { What::Named } else { what }, strict })
}

/// Yarn 2 and later are strict where `CI` is set; whether this is one of them the lock file knows.
fn of_yarn(flags: &[&str]) -> Strict {
    if flags.contains(&"--no-immutable") {
        return Strict::No;
    }
    let strict = ["--immutable", "--frozen-lockfile", "--pure-lockfile"];
    if strict.iter().any(|flag| flags.contains(flag)) { Strict::Yes } else { Strict::WithCi }
}

/// Offline, pnpm has nothing but what was fetched by the lock file.
fn of_pnpm(flags: &[&str]) -> Strict {
    let has = |flag: &str| flags.contains(&flag);
    if has("--no-frozen-lockfile")
        || has("--frozen-lockfile=false")
        || has("--fix-lockfile")
        || has("--no-lockfile")
    {
        return Strict::No;
    }
    let strict = has("--frozen-lockfile") || has("--frozen-lockfile=true") || has("--offline");
    if strict { Strict::Yes } else { Strict::WithCi }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(command: &str) -> Option<(What, Strict)> {
        let words: Vec<&str> = command.split(' ').collect();
        of_words(&words).map(|install| (install.what, install.strict))
    }

    #[test]
    fn what_the_lock_file_does_not_bind() {
        for command in
            ["npm install", "npm i --omit=dev", "npm --prefix api install --only production", "bun install"]
        {
            assert_eq!(read(command), Some((What::All, Strict::No)), "{command}");
        }
        for command in
            ["yarn", "yarn --production", "yarn install --network-timeout 600000", "pnpm i -f --prod"]
        {
            assert_eq!(read(command), Some((What::All, Strict::WithCi)), "{command}");
        }
        for command in ["npm update", "npm audit fix --force", "yarn upgrade", "pnpm up"] {
            assert_eq!(read(command), Some((What::Newer, Strict::No)), "{command}");
        }
    }

    #[test]
    fn what_it_binds() {
        for command in [
            "npm ci --omit dev",
            "yarn --frozen-lockfile",
            "yarn install --immutable",
            "pnpm install --frozen-lockfile",
            "pnpm install -r --offline --prod",
            "corepack pnpm i --frozen-lockfile",
            "bun ci",
        ] {
            assert_eq!(read(command), Some((What::All, Strict::Yes)), "{command}");
        }
    }

    #[test]
    fn what_is_another_matter() {
        for command in
            ["npm install -g pm2", "npm i sharp", "npm install --location global x", "yarn global add serve"]
        {
            assert_eq!(read(command).map(|(what, _)| what), Some(What::Named), "{command}");
        }
        for command in
            ["npm run install", "yarn build", "yarn --version", "npm", "pnpm", "pnpm fetch", "node ci"]
        {
            assert_eq!(read(command), None, "{command}");
        }
    }
}
