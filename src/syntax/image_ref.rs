//! References to container images: registry, repository, tag and digest, each with its place in the text.
//!
//! The grammar is that of the distribution project's `reference` package (the one that Docker and Kubernetes use).
//! A text with variables or placeholders is split all the same, but it is not literal: its parts may not be looked up.

use std::ops::Range;

/// One part of a reference.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RefPart {
    /// The part as it is written.
    pub text: String,
    /// Its bytes in the text of the reference.
    pub range: Range<usize>,
}

/// The name of an image as a Dockerfile, a manifest or a compose file writes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImageRef {
    /// The whole text, as written.
    pub text: String,
    /// The registry with its port; `None` when it is left out and Docker Hub is meant.
    pub registry: Option<RefPart>,
    /// The path in the registry, as written (`node`, `bitnami/node`).
    pub repository: RefPart,
    /// What follows the colon; `None` when left out.
    pub tag: Option<RefPart>,
    /// What follows the `@`: algorithm and hash (`sha256:…`).
    pub digest: Option<RefPart>,
    literal: bool,
}

impl ImageRef {
    /// Splits `text`; never fails.
    pub fn parse(text: &str) -> ImageRef {
        let outside = positions_outside_of_variables(text);
        let find = |byte: u8, from: usize, to: usize| {
            outside.iter().copied().find(|at| (from..to).contains(at) && text.as_bytes()[*at] == byte)
        };
        let at_sign = find(b'@', 0, text.len());
        let named = at_sign.unwrap_or(text.len());
        let slash = outside.iter().rev().copied().find(|at| *at < named && text.as_bytes()[*at] == b'/');
        let colon = find(b':', slash.map_or(0, |slash| slash + 1), named);
        let name = colon.unwrap_or(named);
        let first = find(b'/', 0, name).filter(|end| is_registry(&text[..*end]));

        let part = |range: Range<usize>| RefPart { text: text[range.clone()].to_owned(), range };
        let registry = first.map(|end| part(0..end));
        let repository = part(first.map_or(0, |end| end + 1)..name);
        let tag = colon.map(|colon| part(colon + 1..named));
        let digest = at_sign.map(|at| part(at + 1..text.len()));
        let literal = registry.as_ref().is_none_or(|part| is_host(&part.text))
            && is_repository(&repository.text)
            && tag.as_ref().is_none_or(|part| is_tag(&part.text))
            && digest.as_ref().is_none_or(|part| is_digest(&part.text));
        ImageRef { text: text.to_owned(), registry, repository, tag, digest, literal }
    }

    /// True when the text is a valid reference without variables, templates or placeholders.
    pub fn is_literal(&self) -> bool {
        self.literal
    }

    /// The registry to look it up in: `docker.io` when none is written.
    pub fn registry_name(&self) -> &str {
        match &self.registry {
            Some(registry) if registry.text != "index.docker.io" => &registry.text,
            _ => "docker.io",
        }
    }

    /// The repository to look it up by: on Docker Hub `library/` is put before a bare name.
    pub fn repository_name(&self) -> String {
        let repository = &self.repository.text;
        if self.registry_name() == "docker.io" && !repository.contains('/') {
            return format!("library/{repository}");
        }
        repository.clone()
    }

    /// Registry and repository in full: `docker.io/library/node`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.registry_name(), self.repository_name())
    }

    /// The tag as written.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_ref().map(|tag| tag.text.as_str())
    }

    /// The text up to the digest: what people call the image.
    pub fn without_digest(&self) -> &str {
        self.digest
            .as_ref()
            .map_or(&self.text, |digest| self.text[..digest.range.start].trim_end_matches('@'))
    }

    /// The digest as written.
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_ref().map(|digest| digest.text.as_str())
    }

    /// True for `scratch`, the name of the empty image in FROM.
    pub fn is_scratch(&self) -> bool {
        self.text == "scratch"
    }
}

/// Offsets of the bytes that stand outside of `${…}` and `{{…}}`.
fn positions_outside_of_variables(text: &str) -> Vec<usize> {
    let mut depth = 0usize;
    let mut outside = Vec::with_capacity(text.len());
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ if depth == 0 => outside.push(at),
            _ => {}
        }
    }
    // An open brace that never closes hides nothing.
    if depth == 0 { outside } else { (0..text.len()).collect() }
}

/// Whether the part before the first slash names a registry: by its dot, port or capitals, or because a variable
/// stands there.
fn is_registry(first: &str) -> bool {
    first == "localhost"
        || first.contains(['.', ':', '$', '{', '<', '%'])
        || first.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    };
    let named = host.split('.').all(|label| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    });
    let address = host.starts_with('[') && host.ends_with(']');
    // A registry in capitals without dot or port is a placeholder far more often than a host.
    let shouted = !host.contains('.') && port.is_none() && host != "localhost";
    (named || address)
        && !shouted
        && port.is_none_or(|port| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()))
}

fn is_repository(text: &str) -> bool {
    text.split('/').all(|part| {
        let edges = [part.bytes().next(), part.bytes().next_back()];
        edges.iter().all(|edge| edge.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
            && part.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-')
            })
    })
}

fn is_tag(text: &str) -> bool {
    text.len() <= 128
        && text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

fn is_digest(text: &str) -> bool {
    text.split_once(':').is_some_and(|(algorithm, hash)| {
        !algorithm.is_empty()
            && algorithm.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+._-".contains(&byte))
            && hash.len() >= 32
            && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (Option<String>, String, Option<String>, Option<String>, bool) {
        let image = ImageRef::parse(text);
        for part in [&image.registry, &image.tag, &image.digest].into_iter().flatten() {
            assert_eq!(text[part.range.clone()], part.text);
        }
        assert_eq!(text[image.repository.range.clone()], image.repository.text);
        let literal = image.is_literal();
        let text = |part: Option<RefPart>| part.map(|part| part.text);
        (text(image.registry), image.repository.text, text(image.tag), text(image.digest), literal)
    }

    #[test]
    fn references_split_as_docker_splits_them() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(parts("node"), (None, "node".into(), None, None, true));
        assert_eq!(parts("node:22"), (None, "node".into(), some("22"), None, true));
        assert_eq!(parts("bitnami/node:22"), (None, "bitnami/node".into(), some("22"), None, true));
        assert_eq!(parts("localhost/a"), (some("localhost"), "a".into(), None, None, true));
        assert_eq!(parts("reg:5000/a/b:c"), (some("reg:5000"), "a/b".into(), some("c"), None, true));
        assert_eq!(parts("ghcr.io/a/b"), (some("ghcr.io"), "a/b".into(), None, None, true));
        let digest = format!("sha256:{}", "0".repeat(64));
        assert_eq!(
            parts(&format!("node:22@{digest}")),
            (None, "node".into(), some("22"), Some(digest.clone()), true)
        );
    }

    #[test]
    fn what_is_not_written_out_is_split_but_not_literal() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(parts("node:$V"), (None, "node".into(), some("$V"), None, false));
        assert_eq!(
            parts("${REG:-docker.io/x}/node:${V:-22}"),
            (some("${REG:-docker.io/x}"), "node".into(), some("${V:-22}"), None, false)
        );
        assert!(!parts("{{ .Values.a }}:1").4);
        assert!(!parts("THE_IMAGE_NAME").4);
        assert!(!parts("<REGISTRY>/app").4);
        assert!(!parts("${a").4);
        assert!(!parts("").4);
        assert!(!parts("node:").4);
    }

    #[test]
    fn names_are_normalised_for_lookups() {
        assert_eq!(ImageRef::parse("node:22").name(), "docker.io/library/node");
        assert_eq!(ImageRef::parse("docker.io/node").name(), "docker.io/library/node");
        assert_eq!(ImageRef::parse("gcr.io/node").name(), "gcr.io/node");
        assert_eq!(ImageRef::parse("bitnami/node").name(), "docker.io/bitnami/node");
    }
}
