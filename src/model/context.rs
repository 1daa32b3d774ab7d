//! The build context of a Dockerfile: the folder whose files COPY sees and whose ignore file counts.
//!
//! Whoever builds the image says it; compose before bake, skaffold, Tilt, Okteto, CI and `docker build` lines. Where nobody
//! says it, it is the one folder in which everything that is copied exists. Ignore files are those that Docker
//! finds: `<Dockerfile>.dockerignore` beside the Dockerfile, else `.dockerignore` at the root of the context.

use crate::facts::{Fact, Origin, Why};
use crate::source::{ProjectPath, Sources, Span};

use super::build::Build;

/// The context of a Dockerfile at `dockerfile` that begins at `span`, and in words what it is known from. `builds`
/// are those of this Dockerfile; `copied` are the literal sources of its COPY and ADD from the context.
pub(crate) fn context_of(
    dockerfile: &ProjectPath,
    span: Span,
    builds: &[&Build],
    copied: &[&str],
    sources: &Sources,
) -> (Fact<ProjectPath>, &'static str) {
    if let Some(first) = builds.iter().map(|build| build.by).min() {
        let speaking: Vec<&&Build> = builds.iter().filter(|build| build.by == first).collect();
        let context = &speaking[0].context;
        if speaking.iter().any(|build| build.context != *context) {
            return (Fact::Unknown(Why::Ambiguous), "");
        }
        let origin = Origin::Derived(speaking.iter().map(|build| build.span).collect());
        return (Fact::Known { value: context.clone(), origin }, first.as_str());
    }
    let Some(folder) = dockerfile.parent() else { return (Fact::Unknown(Why::NotFound), "") };
    match by_copies(&folder, copied, sources) {
        Ok((context, reason)) => {
            (Fact::Known { value: context, origin: Origin::Derived(vec![span]) }, reason)
        }
        Err(why) => (Fact::Unknown(why), ""),
    }
}

/// The folder, from the Dockerfile's own up to the root, in which all that is copied exists.
fn by_copies(
    folder: &ProjectPath,
    copied: &[&str],
    sources: &Sources,
) -> Result<(ProjectPath, &'static str), Why> {
    let folders: Vec<ProjectPath> = folder.ancestors().collect();
    if folders.len() == 1 {
        return Ok((folder.clone(), "the Dockerfile stands in the root"));
    }
    // What is found in no folder is made by a build before this one and tells nothing.
    let telling: Vec<&&str> = copied
        .iter()
        .filter(|source| {
            !is_everything(source) && folders.iter().any(|folder| is_there(folder, source, sources))
        })
        .collect();
    let fits: Vec<&ProjectPath> = folders
        .iter()
        .filter(|folder| telling.iter().all(|source| is_there(folder, source, sources)))
        .collect();
    match fits.as_slice() {
        [] => Err(Why::NotFound),
        [one] => Ok(((*one).clone(), "all that is copied is there")),
        // A package of its own with a Dockerfile beside it is built where it stands, unless what is copied names it
        // from above.
        [first, ..] if *first == folder && is_package(folder, sources) => {
            Ok((folder.clone(), "the Dockerfile stands in a package of its own"))
        }
        _ => Err(Why::Ambiguous),
    }
}

fn is_everything(source: &str) -> bool {
    matches!(source.trim_end_matches('/'), "." | "" | "./" | "*" | "./*")
}

fn is_package(folder: &ProjectPath, sources: &Sources) -> bool {
    folder.join("package.json").is_some_and(|path| sources.exists(&path))
}

/// True when a source of COPY names something below `folder`. Wildcards of Go's `filepath.Match` are matched part by
/// part.
fn is_there(folder: &ProjectPath, source: &str, sources: &Sources) -> bool {
    let source = source.trim_start_matches('/');
    if !source.contains(['*', '?', '[']) {
        return folder.join(source).is_some_and(|path| sources.exists(&path) || sources.is_folder(&path));
    }
    let pattern: Vec<&str> = source.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    // Only paths that begin as the pattern does before its first wildcard are looked at.
    let whole = pattern.join("/");
    let literal = whole.split(['*', '?', '[', '\\']).next().unwrap_or("");
    sources.beginning(folder, literal).any(|path| {
        let rest = path.relative_to(folder).unwrap_or("");
        let mut parts = rest.split('/');
        pattern.iter().all(|part| parts.next().is_some_and(|name| matches_part(part, name)))
    })
}

/// `*` and `?` of one part of a path; a character class counts as any one character.
pub(super) fn matches_part(pattern: &str, name: &str) -> bool {
    let wildcard = pattern.find(['*', '?', '[']).unwrap_or(pattern.len());
    if !name.starts_with(&pattern[..wildcard]) {
        return false;
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut at, mut in_name) = (0, 0);
    let mut last_star: Option<(usize, usize)> = None;
    while in_name < name.len() {
        match pattern.get(at) {
            Some('*') => {
                last_star = Some((at, in_name));
                at += 1;
            }
            Some('[') => {
                at += pattern[at..].iter().position(|c| *c == ']').unwrap_or(0) + 1;
                in_name += 1;
            }
            Some(character) if *character == '?' || *character == name[in_name] => {
                at += 1;
                in_name += 1;
            }
            _ => match last_star {
                Some((star, taken)) => {
                    last_star = Some((star, taken + 1));
                    at = star + 1;
                    in_name = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|character| *character == '*')
}

/// The ignore file that Docker applies for a Dockerfile and a context.
pub fn ignorefile_of(
    dockerfile: &ProjectPath,
    context: &ProjectPath,
    sources: &Sources,
) -> Option<ProjectPath> {
    let own = dockerfile.parent()?.join(&format!("{}.dockerignore", dockerfile.name()));
    let shared = [".dockerignore", ".containerignore"].map(|name| context.join(name));
    own.into_iter().chain(shared.into_iter().flatten()).find(|path| sources.exists(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn context(dockerfile: &str, copied: &[&str], files: &[&str]) -> Option<String> {
        let mut sources = Sources::default();
        files.iter().for_each(|file| sources.list(ProjectPath::new(file).unwrap()));
        let path = ProjectPath::new(dockerfile).unwrap();
        let (context, _) = context_of(&path, Span::at(FileId(0), 0), &[], copied, &sources);
        context.known().map(|context| context.as_str().to_owned())
    }

    #[test]
    fn what_is_copied_tells_the_context() {
        let files =
            ["package.json", "api/package.json", "api/src/a.js", "api/Dockerfile", "docker/Dockerfile"];
        assert_eq!(context("Dockerfile", &["."], &files).as_deref(), Some(""));
        assert_eq!(context("docker/Dockerfile", &["package.json", "."], &files).as_deref(), Some(""));
        assert_eq!(context("api/Dockerfile", &["api/package.json", "."], &files).as_deref(), Some(""));
        assert_eq!(context("api/Dockerfile", &["src/", "."], &files).as_deref(), Some("api"));
        assert_eq!(context("api/Dockerfile", &["package*.json", "."], &files).as_deref(), Some("api"));
        assert_eq!(context("docker/Dockerfile", &["."], &files), None, "everything is everywhere");
        assert_eq!(context("docker/Dockerfile", &["dist"], &files), None, "made by another build");
    }

    #[test]
    fn parts_match_as_go_has_it() {
        for (pattern, name) in
            [("package*.json", "package-lock.json"), ("*", "a"), ("?.js", "a.js"), ("[ab].js", "b.js")]
        {
            assert!(matches_part(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("package*.json", "package.yaml"), ("a", "ab"), ("?", "")] {
            assert!(!matches_part(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn docker_finds_ignore_files_in_two_places() {
        let mut sources = Sources::default();
        for file in ["api/Dockerfile.prod.dockerignore", ".dockerignore", "web/.dockerignore"] {
            sources.list(ProjectPath::new(file).unwrap());
        }
        let of = |dockerfile: &str, context: &str| {
            let path = |text: &str| ProjectPath::new(text).unwrap();
            ignorefile_of(&path(dockerfile), &path(context), &sources).map(|path| path.as_str().to_owned())
        };
        assert_eq!(of("api/Dockerfile.prod", "").as_deref(), Some("api/Dockerfile.prod.dockerignore"));
        assert_eq!(of("web/Dockerfile", "").as_deref(), Some(".dockerignore"));
        assert_eq!(of("web/Dockerfile", "web").as_deref(), Some("web/.dockerignore"));
        assert_eq!(of("api/Dockerfile", "api"), None);
    }
}
