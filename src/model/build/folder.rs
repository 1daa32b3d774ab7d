//! In which folder a line of a script runs: `cd` followed from line to line, as far as it can be told from the text.

use crate::source::{ProjectPath, Sources};

/// What one shell reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shells {
    /// One shell reads the whole script.
    One,
    /// Each line has a shell of its own, as in a Makefile.
    EachLine,
}

/// The folder that a script stands in while it runs.
pub(crate) struct Folder {
    start: ProjectPath,
    shells: Shells,
    /// `None` when it is not a folder of the project, or not known.
    current: Option<ProjectPath>,
    pushed: Vec<Option<ProjectPath>>,
    blocks: Vec<Block>,
}

/// Commands that a `cd` before them may not hold for, or that may not run.
struct Block {
    /// The word or sign that ends it.
    end: &'static str,
    before: Option<ProjectPath>,
    /// True when a branch before this one went elsewhere.
    moved: bool,
}

impl Folder {
    /// At the start of a script.
    pub(crate) fn new(start: ProjectPath, shells: Shells) -> Self {
        let current = Some(start.clone());
        Folder { start, shells, current, pushed: Vec::new(), blocks: Vec::new() }
    }

    /// Where the script is now.
    pub(crate) fn current(&self) -> Option<&ProjectPath> {
        self.current.as_ref()
    }

    /// Goes on over the text up to the next command.
    pub(crate) fn read(&mut self, text: &str, sources: &Sources) {
        let mut continues = true;
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 && self.shells == Shells::EachLine && !continues {
                *self = Folder::new(self.start.clone(), self.shells);
            }
            let line = line.trim();
            continues = line.ends_with('\\');
            if !line.starts_with('#') {
                line.split([';', '&', '|']).for_each(|command| self.command(command, sources));
            }
        }
    }

    fn command(&mut self, command: &str, sources: &Sources) {
        let mut command = command.trim().trim_start_matches(['@', '-']).trim_start();
        loop {
            let (word, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
            match word {
                "then" | "do" => {}
                "else" | "elif" => self.other_branch(),
                "if" => self.open("fi"),
                "for" | "while" | "until" | "select" => self.open("done"),
                "case" => self.open("esac"),
                "{" => self.open("}"),
                _ => break,
            }
            command = rest.trim_start();
        }
        while let Some(rest) = command.strip_prefix('(') {
            self.open(")");
            command = rest.trim_start();
        }
        let argument = |name: &str| command.strip_prefix(name).filter(|rest| rest.starts_with([' ', '\t']));
        if let Some(path) = argument("cd").or_else(|| argument("pushd")) {
            if command.starts_with('p') {
                self.pushed.push(self.current.clone());
            }
            self.change(path, sources);
        } else if command == "cd" || command == "pushd" {
            self.current = None;
        } else if command.starts_with("popd") {
            self.current = self.pushed.pop().flatten();
        }
        self.close_all(command);
    }

    /// `cd path`: the folder of the script itself, one of the project, or none that is known.
    fn change(&mut self, path: &str, sources: &Sources) {
        let path = path.trim().trim_start_matches("-- ").trim_end_matches([')', '}']).trim();
        let path = path.trim_matches(['"', '\'']);
        let of_script = path.contains("dirname") && (path.contains("$0") || path.contains("BASH_SOURCE"));
        let (from, rest) = if of_script {
            // `"$(dirname "$0")/.."`: closing signs may have been cut off above.
            let rest = path.rsplit_once(')').map_or("", |(_, rest)| rest);
            (Some(self.start.clone()), rest.trim_start_matches(['"', '/']))
        } else {
            (self.current.clone(), path)
        };
        let literal = !rest.contains(['$', '`', '*', '~', '\\']) && !rest.starts_with(['/', '-']);
        let found = from.filter(|_| literal).and_then(|from| from.join(rest));
        self.current = found.filter(|folder| folder.is_root() || sources.is_folder(folder));
    }

    fn open(&mut self, end: &'static str) {
        self.blocks.push(Block { end, before: self.current.clone(), moved: false });
    }

    fn other_branch(&mut self) {
        if let Some(block) = self.blocks.last_mut() {
            block.moved |= self.current != block.before;
            self.current.clone_from(&block.before);
        }
    }

    /// The blocks that a command opens or ends behind its first word.
    fn close_all(&mut self, command: &str) {
        if let Some(word) = command.split_whitespace().next()
            && matches!(word, "fi" | "done" | "esac" | "}")
        {
            self.close(word);
        }
        for (_, sign) in command.match_indices(['(', ')']) {
            if sign == "(" { self.open(")") } else { self.close(")") }
        }
        if command.ends_with(" {") || command.ends_with("){") {
            self.open("}");
        }
    }

    fn close(&mut self, end: &str) {
        let Some(block) = self.blocks.pop_if(|block| block.end == end) else { return };
        // A subshell leaves its folder behind; whether a branch was run is not known.
        if end == ")" {
            self.current = block.before;
        } else if block.moved || self.current != block.before {
            self.current = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends_in(shells: Shells, script: &str) -> Option<String> {
        let mut sources = Sources::default();
        ["Dockerfile", "app/api/Dockerfile", "app/web/Dockerfile"]
            .iter()
            .for_each(|path| sources.list(ProjectPath::new(path).unwrap()));
        let mut folder = Folder::new(ProjectPath::new("app").unwrap(), shells);
        folder.read(script, &sources);
        folder.current().map(ToString::to_string)
    }

    #[test]
    fn folders_are_followed_over_lines() {
        for (script, expected) in [
            ("", "app"),
            ("cd api\n", "app/api"),
            ("cd api || exit 1\nnpm ci; cd ../web &&", "app/web"),
            ("# cd api\n", "app"),
            ("cd \"$(dirname \"$0\")/web\"\n", "app/web"),
            ("cd $(dirname $0)\n", "app"),
            ("(cd api && make)\n", "app"),
            ("(\n  cd api\n", "app/api"),
            ("(\n  cd api\n  make\n)\n", "app"),
            ("pushd api\nmake\npopd\n", "app"),
            ("X=$(cd api && pwd)\n", "app"),
            ("if true; then cd api; make; cd ..; fi\n", "app"),
            ("echo cd api\n", "app"),
        ] {
            assert_eq!(ends_in(Shells::One, script).as_deref(), Some(expected), "{script}");
        }
    }

    #[test]
    fn folders_that_cannot_be_told_are_not_known() {
        for script in [
            "cd $DIR\n",
            "cd /tmp\n",
            "cd\n",
            "cd -\n",
            "cd cloned\n",
            "cd ../..\n",
            "if test $X; then\n cd api\nelse\n make\nfi\n",
            "for d in a b; do\n cd api\ndone\n",
            "enter() {\n  cd api\n}\nenter\n",
        ] {
            assert_eq!(ends_in(Shells::One, script), None, "{script}");
        }
    }

    #[test]
    fn each_line_of_a_makefile_has_its_shell() {
        assert_eq!(ends_in(Shells::EachLine, "\tcd api\n\t").as_deref(), Some("app"));
        assert_eq!(ends_in(Shells::EachLine, "\t@cd api && \\\n\t  ").as_deref(), Some("app/api"));
    }
}
