//! Which programs the instructions of a stage bring into it: packages that RUN installs, files that COPY and RUN put
//! where programs are looked for.

use std::collections::{BTreeMap, BTreeSet};

use super::copy::{CopyFrom, CopyStep};
use super::run::{RunBody, RunStep};
use super::stage::Stage;
use crate::syntax::shell::{self, ShellCommand, Word};

/// The folders in which programs are looked for.
pub const PATH: [&str; 6] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// What a stage brings, without what it starts from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brought {
    /// Packages of the distribution that are installed.
    pub system: BTreeSet<String>,
    /// Packages that npm, Yarn, pnpm or bun install for the whole system.
    pub global: BTreeSet<String>,
    /// Package managers that are installed by name, each with the version that is asked for.
    pub managers: BTreeMap<String, Option<String>>,
    /// Programs that are put into a folder of [`PATH`], by name.
    pub files: BTreeSet<String>,
    /// Corepack is turned on: it brings yarn and pnpm.
    pub corepack: bool,
    /// Packages or programs are taken away again, which of them is not known.
    pub removes: bool,
    /// PATH is set: programs may lie elsewhere.
    pub sets_path: bool,
    /// False when something ran that may bring any program.
    pub complete: bool,
}

/// Commands that bring no program, whatever they are given.
const PLAIN: [&str; 56] = [
    "rm",
    "mkdir",
    "chown",
    "chmod",
    "echo",
    "set",
    "export",
    "cd",
    "adduser",
    "addgroup",
    "useradd",
    "groupadd",
    "usermod",
    "groupmod",
    "deluser",
    "userdel",
    "groupdel",
    "tsc",
    "nest",
    "next",
    "vite",
    "webpack",
    "sed",
    "grep",
    "cat",
    "test",
    "[",
    "[[",
    "true",
    "false",
    ":",
    "touch",
    "date",
    "ls",
    "find",
    "sleep",
    "env",
    "printf",
    "node",
    "locale-gen",
    "update-ca-certificates",
    "sort",
    "awk",
    "head",
    "tail",
    "exit",
    "ulimit",
    "du",
    "apt-key",
    "gpg",
    "prisma",
    "sync",
    "git",
    "jq",
    "ssh",
    "openssl",
];

/// Reads a stage.
pub(super) fn of_stage(stage: &Stage) -> Brought {
    let mut brought = Brought { complete: true, ..Brought::default() };
    brought.sets_path = stage.config.env.get("PATH").is_some();
    for copy in &stage.copies {
        brought.copied(copy);
    }
    for run in &stage.runs {
        brought.ran(run);
    }
    brought
}

impl Brought {
    fn copied(&mut self, copy: &CopyStep) {
        let Some(dest) = copy.dest.value.known() else {
            self.complete = self.complete && copy.dest_in_base.is_some();
            return;
        };
        let is_folder = dest.ends_with('/');
        let dest = dest.trim_end_matches('/');
        let holds_path = PATH.iter().any(|folder| *folder == dest || folder.starts_with(&format!("{dest}/")));
        let (parent, name) = dest.rsplit_once('/').unwrap_or(("", dest));
        let sources = copy.sources.iter().map(|source| source.value.known());
        for source in sources {
            let source = source.map(|source| source.trim_end_matches('/'));
            let last = source.and_then(|source| source.rsplit('/').next()).filter(|last| !last.contains('*'));
            if PATH.contains(&parent) && !is_folder {
                self.files.insert(name.to_owned());
            }
            if !holds_path {
                continue;
            }
            match last {
                // A tree that is laid over the system, or an archive that ADD unpacks.
                None | Some("" | "." | "bin" | "sbin" | "local" | "usr" | "rootfs") => self.complete = false,
                Some(last) if PATH.contains(&dest) => {
                    self.files.insert(last.to_owned());
                    // A folder's content is copied, not the folder.
                    self.complete = self.complete && matches!(copy.from, CopyFrom::Context);
                }
                Some(last) => {
                    let is_file = last.contains('.') && !copy.is_add;
                    self.complete = self.complete && is_file;
                }
            }
        }
    }

    fn ran(&mut self, run: &RunStep) {
        let script = match &run.body {
            RunBody::Exec(words) => {
                let words: Vec<Option<&str>> = words.iter().map(|word| Some(word.value.as_str())).collect();
                return self.command(&words);
            }
            RunBody::Program(_) => {
                self.complete = false;
                return;
            }
            RunBody::Shell(script) => shell::parse(script),
        };
        self.complete = self.complete && script.clean;
        for command in &script.commands {
            self.files_of(command);
            let words: Vec<Option<&str>> = command.words.iter().map(Word::literal).collect();
            if !words.is_empty() && !command.place.function {
                self.command(&words);
            }
        }
    }

    /// Files that a command may write into a folder of programs.
    fn files_of(&mut self, command: &ShellCommand) {
        let targets = command.redirects.iter().filter_map(|redirect| redirect.target.as_ref());
        for word in command.words.iter().skip(1).chain(targets) {
            let raw = word.raw.trim_matches(['"', '\'']);
            if let Some((_, name)) = raw.rsplit_once("bin/") {
                self.files.insert(name.to_owned());
            }
        }
    }

    fn command(&mut self, words: &[Option<&str>]) {
        let program = words.first().copied().flatten().map(|path| path.rsplit('/').next().unwrap_or(path));
        let rest = words.get(1..).unwrap_or(&[]);
        match program {
            Some("sudo") => self.command(rest),
            Some("apt-get" | "apt" | "apk" | "dnf" | "microdnf" | "yum" | "aptitude") => self.system(rest),
            Some("npm" | "yarn" | "pnpm" | "bun" | "npx") => self.node_packages(rest),
            Some("corepack") => {
                self.corepack = true;
                rest.iter().flatten().for_each(|word| self.manager(word));
            }
            // What they fetch is a program only where it is put among programs, or run.
            Some("curl" | "wget") => {}
            Some("cp" | "mv" | "ln" | "install") => {
                let to = rest.iter().rev().flatten().next().copied().unwrap_or("/");
                let to = to.trim_end_matches('/');
                self.complete = self.complete && !(to.is_empty() || PATH.contains(&to) || to == "/usr/local");
            }
            Some(program) if PLAIN.contains(&program) => {}
            _ => self.complete = false,
        }
    }

    fn system(&mut self, words: &[Option<&str>]) {
        let options = |word: &&str| word.starts_with('-') || word.starts_with('+');
        let verb = words.iter().flatten().find(|word| !options(word)).copied();
        match verb {
            Some("install" | "add") => {}
            Some("remove" | "purge" | "autoremove" | "del" | "erase") => {
                self.removes = true;
                return;
            }
            _ => return,
        }
        let mut after_virtual = false;
        for word in words {
            let Some(word) = word else {
                self.complete = false;
                continue;
            };
            if std::mem::replace(&mut after_virtual, matches!(*word, "-t" | "--virtual")) || options(word) {
                continue;
            }
            let name = word.split(['=', '<', '>', '~', '@', ':']).next().unwrap_or(word);
            if name.contains('/') || name.contains('*') {
                self.complete = false;
            }
            if Some(name) != verb {
                self.system.insert(name.to_owned());
            }
        }
    }

    /// Notes `npm@10.9.0`, and `npm` without a version.
    fn manager(&mut self, word: &str) {
        let (name, version) = word.split_once('@').unwrap_or((word, ""));
        if matches!(name, "npm" | "yarn" | "pnpm") {
            self.managers
                .insert(name.to_owned(), Some(version.to_owned()).filter(|version| !version.is_empty()));
        }
    }

    fn node_packages(&mut self, words: &[Option<&str>]) {
        let is_global = words
            .iter()
            .flatten()
            .any(|word| matches!(*word, "-g" | "--global" | "--location=global" | "global" | "link"));
        if !is_global {
            return;
        }
        for word in words {
            match word {
                Some(word) => {
                    let at = word.char_indices().skip(1).find(|(_, next)| *next == '@');
                    let name = at.map_or(*word, |(at, _)| &word[..at]);
                    self.global.insert(name.to_owned());
                    self.manager(word);
                    // A package that lies in the image itself brings whatever its `bin` says.
                    self.complete =
                        self.complete && !matches!(*word, "." | "link") && !word.starts_with("./");
                }
                None => self.complete = false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fold;
    use super::*;
    use crate::source::FileId;
    use crate::syntax::dockerfile::parse;

    fn brought(text: &str) -> Brought {
        let tree = parse(FileId(0), text.as_bytes()).tree;
        let stages = fold(&tree, &Default::default(), |_, _| None);
        of_stage(&stages.stages[0])
    }

    #[test]
    fn what_is_installed_and_copied_is_known_by_name() {
        let found = brought(
            "FROM x\nWORKDIR /app\nRUN apk add --no-cache -t .build 'git=2' tini && npm i -g pm2@5 @nestjs/cli@10\n\
             COPY --from=y /usr/bin/jq /usr/local/bin/\nADD https://x.example/t /sbin/tini\nCOPY . .\n\
             RUN curl -fLo /usr/local/bin/wait https://x.example/wait && chmod +x /usr/local/bin/wait\n",
        );
        let all = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(" ");
        assert_eq!(all(&found.system), "git tini");
        assert!(found.global.contains("pm2") && found.global.contains("@nestjs/cli"));
        assert!(found.files.contains("tini") && found.files.contains("wait") && found.files.contains("jq"));
    }

    #[test]
    fn what_may_bring_anything_leaves_all_open() {
        for line in [
            "RUN curl https://x.example/install.sh | bash",
            "RUN ./setup.sh",
            "RUN apt-get install -y $PACKAGES",
            "RUN xargs apk add < packages.txt",
            "COPY rootfs /",
            "COPY --from=y /usr/local /usr/local",
            "RUN tar -xzf a.tgz -C /usr/local",
        ] {
            assert!(!brought(&format!("FROM x\nWORKDIR /app\n{line}\n")).complete, "{line}");
        }
        for line in
            ["RUN npm ci && npm run build", "COPY . .", "RUN rm -rf /tmp/x", "COPY a.sh /usr/local/bin/"]
        {
            assert!(brought(&format!("FROM x\nWORKDIR /app\n{line}\n")).complete, "{line}");
        }
    }
}
