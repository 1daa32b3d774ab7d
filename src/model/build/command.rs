//! `docker build` as it stands in scripts, Makefiles and Tiltfiles: read as text, because those
//! languages are many and the words are the same in all.

use crate::source::{FileId, ProjectPath, SourceFile, Sources, Span};

use super::folder::{Folder, Shells};
use super::{Build, BuiltBy, DockerfileIn, Written, bake};

/// Builds that the text of a Makefile, Tiltfile, Jenkinsfile, bake file or shell script names.
pub(crate) fn in_text(id: FileId, file: &SourceFile, sources: &Sources) -> Vec<Build> {
    let name = file.path.name();
    let Some(base) = file.path.parent() else { return Vec::new() };
    if name == "Tiltfile" {
        return in_tiltfile(id, file.text(), &base, sources);
    }
    if name.ends_with(".hcl") {
        return bake::builds(id, file.text(), &base, sources);
    }
    let by = if name == "Jenkinsfile" { BuiltBy::Ci } else { BuiltBy::Command };
    let is_shell = file.path.extension().is_some_and(|extension| matches!(extension, "sh" | "bash"));
    let shells = if is_shell { Shells::One } else { Shells::EachLine };
    in_lines(id, file.text(), 0, Folder::new(base, shells), sources, by)
}

/// Builds in the lines of a script that stands in `text` from byte `start` of the file.
pub(crate) fn in_lines(
    id: FileId,
    text: &str,
    start: usize,
    mut folder: Folder,
    sources: &Sources,
    by: BuiltBy,
) -> Vec<Build> {
    let mut builds = Vec::new();
    let mut at = 0;
    let mut read = 0;
    while let Some(found) = text[at..].find(" build").map(|found| at + found) {
        at = found + " build".len();
        let line_start = text[..found].rfind('\n').map_or(0, |newline| newline + 1);
        let before = text[line_start..found].trim_end();
        let tool = ["docker", "docker buildx", "podman", "buildah", "nerdctl"].iter().find(|tool| {
            before
                .strip_suffix(*tool)
                .is_some_and(|head| !head.ends_with(|c: char| c.is_alphanumeric() || c == '-'))
        });
        let is_word = text[at..].starts_with([' ', '\t', '\\']);
        if tool.is_none() || !is_word || before.trim_start().starts_with('#') {
            continue;
        }
        let (words, end) = words_of_command(text, at);
        let from = line_start + text[line_start..found].len() - tool.map_or(0, |tool| tool.len());
        folder.read(&text[read.min(from)..from], sources);
        read = from;
        let span = Span::new(id, start + from, start + end);
        builds.extend(
            folder
                .current()
                .and_then(|base| in_words(&words).resolve(base, DockerfileIn::Base, sources, by, span)),
        );
        at = end.max(at);
    }
    builds
}

/// The words of a command from `at` to its end, which an operator, a comment or an unescaped line end makes.
fn words_of_command(text: &str, at: usize) -> (Vec<String>, usize) {
    let mut words = vec![String::new()];
    let mut quote = None;
    let mut characters = text[at..].char_indices().peekable();
    // `$(…)` and `${…}` are parts of a word, whatever stands in them.
    let mut open: Vec<char> = Vec::new();
    while let Some((offset, character)) = characters.next() {
        let last = words.len() - 1;
        let expands = words[last].ends_with('$') || !open.is_empty();
        match character {
            '(' if expands => open.push(')'),
            '{' if expands => open.push('}'),
            '\n' => open.clear(),
            _ => {}
        }
        if let Some(close) = open.last() {
            words[last].push(character);
            if character == *close {
                open.pop();
            }
            continue;
        }
        match (character, quote) {
            (_, Some(open)) if character == open => quote = None,
            (_, Some(_)) => words[last].push(character),
            ('"' | '\'', None) => quote = Some(character),
            ('\\', None) => {
                // A continued line goes on with the next one; any other escaped character stands for itself.
                let newline = characters.next_if(|(_, next)| matches!(next, '\n' | '\r'));
                if newline.is_some_and(|(_, next)| next == '\r') {
                    characters.next_if(|(_, next)| *next == '\n');
                }
            }
            ('\n' | ';' | '&' | '|' | '#' | ')', None) => return (words, at + offset),
            (' ' | '\t' | '\r', None) => {
                if !words[last].is_empty() {
                    words.push(String::new());
                }
            }
            _ => words[last].push(character),
        }
    }
    (words, text.len())
}

/// Flags of `docker build` and `docker buildx build` that take no value (Docker's reference of the command).
const FLAGS: [&str; 10] = [
    "--check",
    "--force-rm",
    "--load",
    "--no-cache",
    "--pull",
    "--push",
    "--quiet",
    "--rm",
    "--squash",
    "--compress",
];

/// What the words after `build` say.
pub(crate) fn in_words(words: &[String]) -> Written {
    let mut written = Written::default();
    let mut words = words.iter().filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        let Some(name) = word.strip_prefix('-').filter(|name| !name.is_empty()) else {
            written.context = Some(word.clone());
            continue;
        };
        let (flag, inline) = match word.split_once('=') {
            Some((flag, value)) => (flag, Some(value.to_owned())),
            None => (word.as_str(), None),
        };
        written.pushed |= flag == "--push";
        if FLAGS.contains(&flag) || name == "q" || name == "D" {
            continue;
        }
        let Some(value) = inline.or_else(|| words.next().cloned()) else { break };
        match flag {
            "-f" | "--file" => written.dockerfile = Some(value),
            "-t" | "--tag" => written.names.push(value),
            "--target" => written.target = Some(value),
            _ => {}
        }
    }
    written
}

/// `docker_build('name', 'context', dockerfile='…', target='…', live_update=[…])` of a Tiltfile.
fn in_tiltfile(id: FileId, text: &str, base: &ProjectPath, sources: &Sources) -> Vec<Build> {
    let mut builds = Vec::new();
    for (at, call) in text.match_indices("docker_build(") {
        let inside = &text[at + call.len()..];
        let Some(end) = inside.find(')') else { continue };
        let span = Span::new(id, at, at + call.len() + end + 1);
        let mut written = Written::default();
        for (index, argument) in inside[..end].split(',').enumerate() {
            let (name, value) = match argument.split_once('=') {
                Some((name, value)) => (name.trim(), value),
                None => (["ref", "context"].get(index).copied().unwrap_or(""), argument),
            };
            let value = value.trim().trim_matches(['"', '\'']).to_owned();
            match name {
                "ref" => written.names.push(value),
                "context" => written.context = Some(value),
                "dockerfile" => written.dockerfile = Some(value),
                "target" => written.target = Some(value),
                "live_update" => written.synced = Some(span),
                _ => {}
            }
        }
        builds.extend(written.resolve(base, DockerfileIn::Base, sources, BuiltBy::Tilt, span));
    }
    builds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn builds(path: &str, text: &str) -> Vec<Build> {
        let mut sources = Sources::default();
        for other in ["Dockerfile", "api/Dockerfile", "api/Dockerfile.prod"] {
            sources.list(ProjectPath::new(other).unwrap());
        }
        let file = SourceFile::new(ProjectPath::new(path).unwrap(), text);
        in_text(FileId(0), &file, &sources)
    }

    fn summary(build: &Build) -> String {
        let target = build.target.as_deref().unwrap_or("-");
        format!("{} in {} target {target} as {}", build.dockerfile, build.context, build.names.join(" "))
    }

    #[test]
    fn lines_of_docker_build() {
        let text = "build:\n\tdocker build --no-cache -t shop:1 \\\n\t  --target=prod -f api/Dockerfile.prod . && docker push shop\n";
        let found = builds("Makefile", text);
        assert_eq!(
            found.iter().map(summary).collect::<Vec<_>>(),
            ["api/Dockerfile.prod in . target prod as shop"]
        );
        assert!(text[found[0].span.range()].starts_with("docker build"));
        let found = builds("ci.sh", "cd api && docker buildx build --push -t \"$R/api:$T\" .\n");
        assert_eq!(found.iter().map(summary).collect::<Vec<_>>(), ["api/Dockerfile in api target - as api"]);
        assert!(found[0].pushed);
    }

    #[test]
    fn folders_and_expansions_before_the_context() {
        let text = "cd api\ndocker build -t x/$(name):${TAG:-a b} .\n";
        assert_eq!(
            builds("ci.sh", text).iter().map(summary).collect::<Vec<_>>(),
            ["api/Dockerfile in api target - as "]
        );
        let text = "all:\n\tcd api\n\tdocker build -f Dockerfile -t shop:$(TAG) api\n";
        assert_eq!(
            builds("Makefile", text).iter().map(summary).collect::<Vec<_>>(),
            ["Dockerfile in api target - as shop"]
        );
    }

    #[test]
    fn near_misses_are_no_builds() {
        for text in [
            "# docker build .\n",
            "docker-compose build api\n",
            "docker builder prune\n",
            "docker build $X\n",
        ] {
            assert_eq!(builds("ci.sh", text), [], "{text}");
        }
    }

    #[test]
    fn tilt() {
        let found = builds("Tiltfile", "docker_build('shop', './api', dockerfile='api/Dockerfile.prod')\n");
        assert_eq!(
            found.iter().map(summary).collect::<Vec<_>>(),
            ["api/Dockerfile.prod in api target - as shop"]
        );
    }
}
