//! The build commands that say where output comes from: `esbuild src/main.ts --outfile=dist/app.js`.

use super::output::source_at;
use super::{SaidBy, SourceOf};
use crate::source::{ProjectPath, Sources};

/// What a build command reads and writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Build {
    /// Entry files or folders.
    pub entries: Vec<String>,
    /// The one file it writes.
    pub out_file: Option<String>,
    /// The folder it writes to.
    pub out_dir: Option<String>,
    /// The folder of the sources that is mirrored below the output.
    pub root: Option<String>,
}

impl Build {
    /// Reads the words of a command. `None` when it is no build tool that plimsoll knows: tsc, swc, esbuild, tsup, ncc,
    /// babel.
    pub fn from_words(words: &[&str]) -> Option<Build> {
        let tool = words.first()?.rsplit('/').next()?;
        if !["tsc", "swc", "esbuild", "tsup", "ncc", "babel"].contains(&tool) {
            return None;
        }
        let mut build = Build::default();
        let mut rest = words[1..].iter();
        while let Some(word) = rest.next() {
            let (flag, written) =
                word.split_once('=').map_or((*word, None), |(flag, value)| (flag, Some(value)));
            let into = match flag {
                "--outfile" | "--out-file" => &mut build.out_file,
                "--outdir" | "--out-dir" | "--outDir" | "-d" | "--dist" => &mut build.out_dir,
                "-o" if tool == "ncc" => &mut build.out_dir,
                "-o" => &mut build.out_file,
                "--outbase" | "--rootDir" => &mut build.root,
                _ if flag.starts_with('-') => continue,
                entry => {
                    build.entries.push(entry.to_owned());
                    continue;
                }
            };
            *into = written.or_else(|| rest.next().copied()).map(str::to_owned);
        }
        if tool == "ncc" {
            build.entries.retain(|entry| entry != "build");
            build.out_dir.get_or_insert_with(|| "dist".to_owned());
        }
        if tool == "tsup" {
            build.out_dir.get_or_insert_with(|| "dist".to_owned());
        }
        Some(build)
    }

    /// The source that this command, run in `folder`, builds `output` from.
    pub fn source_of(
        &self,
        sources: &Sources,
        folder: &ProjectPath,
        output: &ProjectPath,
    ) -> Option<SourceOf> {
        let found = |path| Some(SourceOf { path, said_by: SaidBy::BuildCommand });
        let there = |entry: &String| folder.join(entry).filter(|path| sources.exists(path));
        if let Some(file) = &self.out_file {
            let same = folder.join(file).as_ref() == Some(output);
            return self.entries.iter().filter(|_| same).find_map(there).and_then(found);
        }
        let out_dir = folder.join(self.out_dir.as_ref()?)?;
        let rest = output.relative_to(&out_dir).filter(|rest| !rest.is_empty())?;
        let roots = self.roots(sources, folder);
        if let Some(path) = roots.iter().find_map(|root| source_at(sources, root, rest)) {
            return found(path);
        }
        // One entry that is bundled: its output has the name of the entry, or of the bundle.
        let stem = |path: &str| path.rsplit('/').next()?.split('.').next().map(str::to_owned);
        let mut entries = self.entries.iter().filter_map(there);
        let named = entries.clone().find(|entry| stem(entry.as_str()) == stem(rest));
        let single = || entries.next().filter(|_| self.entries.len() == 1 && rest == "index.js");
        named.or_else(single).and_then(found)
    }

    /// Folders that the output may mirror, the written one first.
    fn roots(&self, sources: &Sources, folder: &ProjectPath) -> Vec<ProjectPath> {
        let mut roots: Vec<ProjectPath> = self.root.iter().filter_map(|root| folder.join(root)).collect();
        for entry in self.entries.iter().filter_map(|entry| folder.join(entry)) {
            if !sources.exists(&entry) {
                roots.push(entry);
            }
        }
        roots.push(folder.clone());
        roots
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::resolve::tests::project;

    fn source(command: &str, output: &str) -> Option<String> {
        let words: Vec<&str> = command.split(' ').collect();
        let sources =
            project(&[("app/src/main.ts", ""), ("app/src/cli/run.ts", ""), ("app/lib/main.ts", "")]);
        let folder = ProjectPath::new("app").unwrap();
        let output = ProjectPath::new(output).unwrap();
        Some(Build::from_words(&words)?.source_of(&sources, &folder, &output)?.path.to_string())
    }

    #[test]
    fn commands_say_what_they_read_and_write() {
        let main = Some("app/src/main.ts".to_owned());
        assert_eq!(source("esbuild src/main.ts --bundle --outfile=dist/app.js", "app/dist/app.js"), main);
        assert_eq!(source("esbuild src/main.ts --bundle --outfile=dist/app.js", "app/dist/main.js"), None);
        assert_eq!(source("esbuild src/main.ts src/cli/run.ts --outdir=dist", "app/dist/main.js"), main);
        assert_eq!(
            source("node_modules/.bin/swc src -d dist --strip-leading-paths", "app/dist/main.js"),
            main
        );
        assert_eq!(source("swc src --out-dir dist", "app/dist/src/main.js"), main);
        assert_eq!(source("tsc --outDir dist --rootDir src", "app/dist/main.js"), main);
        assert_eq!(source("tsup src/main.ts --format cjs", "app/dist/main.cjs"), main);
        assert_eq!(source("ncc build src/main.ts -o out", "app/out/index.js"), main);
        assert_eq!(source("webpack --mode production", "app/dist/main.js"), None);
    }
}
