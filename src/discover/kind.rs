//! What the path of a file makes it: Dockerfile, package, lock, source, YAML of whatever kind.

use crate::facts::size::COMMITTED;
use crate::source::ProjectPath;

/// What the name of a file says that it is. Contents decide the rest: see `model::read`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `Dockerfile`, `Dockerfile.prod`, `x.dockerfile`, `Containerfile`.
    Dockerfile,
    /// `.dockerignore`, `<Dockerfile>.dockerignore`, `.containerignore`.
    Ignorefile,
    /// `package.json`.
    Package,
    /// A lock file of npm, yarn, pnpm or bun.
    Lock,
    /// `tsconfig*.json`, `jsconfig.json`.
    Tsconfig,
    /// `.nvmrc`, `.node-version`, `.tool-versions`.
    NodeVersion,
    /// JavaScript or TypeScript.
    Script,
    /// A shell script.
    Shell,
    /// A template of a Helm chart: recognised, and not read as YAML.
    HelmTemplate,
    /// Any other YAML: its contents tell whether it is a manifest, a compose file, a kustomization, CI…
    Yaml,
    /// Any other JSON that may be a manifest or a build's configuration.
    Json,
    /// Text that may hold a secret: `.env`, `.npmrc`, keys.
    Settings,
    /// Text that may say how an image is built: Makefile, Tiltfile, Jenkinsfile, docker-bake.hcl.
    Build,
    /// A README: it may say what the files beside it are for.
    Readme,
    /// `plimsoll.sizes.json` in the root: what packages weigh.
    Sizes,
}

/// Names of READMEs.
pub const READMES: [&str; 7] =
    ["README.md", "readme.md", "Readme.md", "README.adoc", "README.rst", "README.txt", "README"];

/// A JSON without a word of Kubernetes, of a JSON patch or of a build is data: it is not kept. Nor is a README without a word
/// of what its folder is for.
pub(super) fn may_matter(kind: Kind, text: &str) -> bool {
    if kind == Kind::Readme {
        return ["roduction", "longer", "nymore", "ny more"].iter().any(|word| text.contains(word));
    }
    let is_patch = || text.contains("\"op\"") && text.contains("\"path\"");
    // A manifest, a build of Nest, the apps of pm2, the key of a cloud account.
    let words = ["\"apiVersion\"", "\"sourceRoot\"", "\"exec_mode\"", "\"instances\"", "\"service_account\""];
    kind != Kind::Json || words.iter().any(|word| text.contains(word)) || is_patch()
}

/// The kind that a path has by its name; `charts` are the folders with a Chart.yaml.
pub(super) fn kind_of(path: &ProjectPath, charts: &[ProjectPath]) -> Option<Kind> {
    let name = path.name();
    let lower = name.to_ascii_lowercase();
    if lower.ends_with(".dockerignore") || lower == ".containerignore" {
        return Some(Kind::Ignorefile);
    }
    if is_dockerfile_name(&lower) {
        return Some(Kind::Dockerfile);
    }
    let kind = match name {
        COMMITTED if path.parent().is_some_and(|folder| folder.is_root()) => Kind::Sizes,
        "package.json" => Kind::Package,
        "package-lock.json"
        | "npm-shrinkwrap.json"
        | "yarn.lock"
        | "pnpm-lock.yaml"
        | "bun.lock"
        | "bun.lockb" => Kind::Lock,
        name if may_hold_secret(name) => Kind::Settings,
        ".nvmrc" | ".node-version" | ".tool-versions" => Kind::NodeVersion,
        "Makefile" | "GNUmakefile" | "makefile" | "Tiltfile" | "Jenkinsfile" | "justfile" => Kind::Build,
        "kustomization" | "Kustomization" => Kind::Yaml,
        "nest-cli.json" => Kind::Json,
        name if READMES.contains(&name) => Kind::Readme,
        _ => return kind_by_extension(path, &lower, charts),
    };
    Some(kind)
}

fn kind_by_extension(path: &ProjectPath, lower: &str, charts: &[ProjectPath]) -> Option<Kind> {
    match path.extension()? {
        "yaml" | "yml" | "tpl" if is_helm_template(path, charts) => Some(Kind::HelmTemplate),
        "yaml" | "yml" => Some(Kind::Yaml),
        "json" if lower.starts_with("tsconfig") || lower == "jsconfig.json" => Some(Kind::Tsconfig),
        "json" => Some(Kind::Json),
        "hcl" if lower.contains("bake") => Some(Kind::Build),
        "mk" => Some(Kind::Build),
        "sh" | "bash" | "ash" => Some(Kind::Shell),
        "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "cts" | "tsx" if is_source(path, lower) => {
            Some(Kind::Script)
        }
        _ => None,
    }
}

/// Settings and keys, which are text when they are anything.
fn may_hold_secret(name: &str) -> bool {
    let names =
        [".npmrc", ".env", ".netrc", ".git-credentials", "id_rsa", "id_ed25519", "id_ecdsa", "id_dsa"];
    let ends = [".pem", ".key"];
    names.contains(&name) || name.starts_with(".env.") || ends.iter().any(|end| name.ends_with(end))
}

/// `dockerfile`, `containerfile`, with a suffix that is no other language's, or as an extension.
fn is_dockerfile_name(lower: &str) -> bool {
    let other_languages = [
        "md", "txt", "j2", "jinja", "jinja2", "erb", "tmpl", "template", "tpl", "in", "js", "ts", "go", "py",
        "rb", "sh", "json", "yml", "yaml", "xml", "html", "java", "snap", "patch", "diff", "bak", "orig",
        "rs",
    ];
    if other_languages
        .iter()
        .any(|extension| lower.rsplit_once('.').is_some_and(|(_, end)| end == *extension))
    {
        return false;
    }
    ["dockerfile", "containerfile"].iter().any(|word| {
        let suffix = lower.strip_prefix(word);
        suffix.is_some_and(|suffix| suffix.is_empty() || suffix.starts_with(['.', '-', '_']))
            || lower.strip_suffix(word).is_some_and(|stem| stem.ends_with(['.', '-', '_']) && stem.len() > 1)
    })
}

/// The templates of a chart are in `templates/` beside its Chart.yaml.
fn is_helm_template(path: &ProjectPath, charts: &[ProjectPath]) -> bool {
    charts.iter().any(|chart| path.relative_to(chart).is_some_and(|rest| rest.starts_with("templates/")))
}

/// True for source that may run in production: neither declarations nor tests nor what a bundler made.
fn is_source(path: &ProjectPath, lower: &str) -> bool {
    let made = [".d.ts", ".d.mts", ".d.cts", ".min.js", ".bundle.js"];
    let tests = [".test.", ".spec.", ".stories.", ".e2e-spec.", ".cy."];
    if made.iter().any(|end| lower.ends_with(end)) || tests.iter().any(|part| lower.contains(part)) {
        return false;
    }
    let folders = path.as_str().split('/').rev().skip(1);
    !folders.into_iter().any(|folder| {
        matches!(
            folder,
            "dist"
                | "out"
                | ".next"
                | ".nuxt"
                | ".output"
                | "coverage"
                | "vendor"
                | "third_party"
                | "__tests__"
                | "__mocks__"
                | "__fixtures__"
                | "cypress"
                | ".storybook"
        )
    })
}

/// A file without an extension is a script when its first line names the interpreter.
pub(super) fn kind_by_first_line(path: &ProjectPath, bytes: &[u8]) -> Option<Kind> {
    if path.extension().is_some() && !path.name().starts_with('.') {
        return None;
    }
    let line = bytes.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let line = std::str::from_utf8(line).ok()?;
    let interpreter = line.split_whitespace().filter_map(|word| word.rsplit('/').next());
    interpreter.into_iter().find_map(|word| match word {
        "sh" | "bash" | "ash" | "dash" => Some(Kind::Shell),
        "node" | "tsx" | "ts-node" => Some(Kind::Script),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(path: &str) -> Option<Kind> {
        kind_of(&ProjectPath::new(path).unwrap(), &[ProjectPath::new("chart").unwrap()])
    }

    #[test]
    fn names_make_kinds() {
        for path in ["Dockerfile", "a/Dockerfile.prod", "x.dockerfile", "Containerfile", "dockerfile-dev"] {
            assert_eq!(kind(path), Some(Kind::Dockerfile), "{path}");
        }
        for path in ["Dockerfile.md", "dockerfile.ts", "mydockerfile", "Dockerfile.j2"] {
            assert_ne!(kind(path), Some(Kind::Dockerfile), "{path}");
        }
        assert_eq!(kind("Dockerfile.dockerignore"), Some(Kind::Ignorefile));
        assert_eq!(kind("chart/templates/a.yaml"), Some(Kind::HelmTemplate));
        assert_eq!(kind("chart/values.yaml"), Some(Kind::Yaml));
        assert_eq!(kind("src/a.d.ts"), None);
        assert_eq!(kind("dist/a.js"), None);
        assert_eq!(kind("src/a.mts"), Some(Kind::Script));
        assert_eq!(kind("src/a.spec.ts"), None);
        assert_eq!(kind(COMMITTED), Some(Kind::Sizes));
        assert_eq!(kind("other/plimsoll.sizes.json"), Some(Kind::Json));
    }

    #[test]
    fn first_lines_make_kinds() {
        let path = ProjectPath::new("bin/www").unwrap();
        assert_eq!(kind_by_first_line(&path, b"#!/usr/bin/env node\n"), Some(Kind::Script));
        assert_eq!(kind_by_first_line(&path, b"#!/bin/sh -e\n"), Some(Kind::Shell));
        assert_eq!(kind_by_first_line(&path, b"\x7fELF"), None);
    }
}
