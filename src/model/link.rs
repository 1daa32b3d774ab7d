//! Which image of the project a name in a manifest or a compose file means. A link is made only when one answer is
//! better than all others; otherwise it is unknown.

use crate::facts::base_images;
use crate::facts::{Fact, Origin, Why};
use crate::source::Span;
use crate::syntax::image_ref::ImageRef;

use super::ImageId;
use super::build::image_name;

/// An image of the project and the names that it may be called by.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) id: ImageId,
    /// Names that builds give it, without tags, each with where.
    pub(crate) built_as: Vec<(String, Span)>,
    /// Name of the folder of its Dockerfile or context; empty in the root.
    pub(crate) folder: String,
    /// Name of the package that it holds.
    pub(crate) package: Option<String>,
    /// Where its Dockerfile begins.
    pub(crate) span: Span,
}

/// The image that `written` names, with why in words.
pub(crate) fn link(written: &str, candidates: &[Candidate]) -> (Fact<ImageId>, &'static str) {
    let Some(name) = image_name(written) else { return (Fact::Unknown(Why::Variable), "") };
    let last = last_segment(&name);
    type Test<'a> = (&'static str, Box<dyn Fn(&Candidate) -> Option<Span> + 'a>);
    // An image that everybody knows is not ours because a folder is called like it.
    let is_public = base_images::lookup(&ImageRef::parse(written)).is_some();
    let tests: [Test<'_>; 5] = [
        ("a build gives it this name", Box::new(|candidate| built_as(candidate, |built| built == name))),
        (
            "a build gives it this name in another registry",
            Box::new(|candidate| built_as(candidate, |built| last_segment(built) == last)),
        ),
        (
            "it is the name of the folder",
            Box::new(|candidate| (candidate.folder == last).then_some(candidate.span)),
        ),
        (
            "it is the name of the package",
            Box::new(|candidate| {
                let package = candidate.package.as_deref().map(last_segment);
                (package == Some(last)).then_some(candidate.span)
            }),
        ),
        (
            "it ends in the name of the folder",
            Box::new(|candidate| {
                let folder = Some(candidate.folder.as_str()).filter(|folder| !folder.is_empty())?;
                let head = last.strip_suffix(folder)?;
                head.ends_with(['-', '_', '.']).then_some(candidate.span)
            }),
        ),
    ];
    let by_build = 2;
    let tests = if is_public { &tests[..by_build] } else { &tests[..] };
    for (reason, test) in tests {
        let mut hits = candidates.iter().filter_map(|candidate| Some((candidate.id, test(candidate)?)));
        match (hits.next(), hits.next()) {
            (None, _) => {}
            (Some((id, span)), None) => {
                return (Fact::Known { value: id, origin: Origin::Derived(vec![span]) }, reason);
            }
            (Some(_), Some(_)) => return (Fact::Unknown(Why::Ambiguous), ""),
        }
    }
    (Fact::Unknown(Why::NotFound), "")
}

fn built_as(candidate: &Candidate, is_it: impl Fn(&str) -> bool) -> Option<Span> {
    candidate.built_as.iter().find(|(built, _)| is_it(built)).map(|(_, span)| *span)
}

fn last_segment(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn candidate(id: u32, built_as: &[&str], folder: &str) -> Candidate {
        let span = Span::at(FileId(id), 0);
        Candidate {
            id: ImageId(id),
            built_as: built_as.iter().map(|name| ((*name).to_owned(), span)).collect(),
            folder: folder.to_owned(),
            package: None,
            span,
        }
    }

    #[test]
    fn the_best_evidence_wins_and_a_tie_is_unknown() {
        let candidates = [
            candidate(0, &["ghcr.io/a/shop"], "api"),
            candidate(1, &["ghcr.io/b/shop"], "web"),
            candidate(2, &[], "cart"),
        ];
        let known = |written: &str| link(written, &candidates).0.known().copied();
        assert_eq!(known("ghcr.io/b/shop:1"), Some(ImageId(1)));
        assert_eq!(known("shop:1"), None, "two builds end in this name");
        assert_eq!(known("$REGISTRY/cart:$TAG"), Some(ImageId(2)));
        assert_eq!(known("web"), Some(ImageId(1)));
        assert_eq!(known("registry.example/demo-cart"), Some(ImageId(2)));
        assert_eq!(known("scart"), None);
        assert_eq!(known("postgres:17"), None);
        assert_eq!(known("$IMAGE"), None);
    }
}
