//! From arguments to what they say, with the checks of BuildKit's `instructions` package.
//!
//! A broken instruction gets one issue, at its first fault, and stays in the tree.

use crate::source::{Span, Spanned};
use crate::syntax::Issue;
use crate::syntax::image_ref::ImageRef;

use super::flags::{Allowed, check_flags, mounts};
use super::health;
use super::heredoc::marker;
use super::kind::{Copy, From, KEYWORDS, Keyword, Kind, Port, Run};
use super::lines::SYNTAX;
use super::suggest::nearest;
use super::tree::{Args, Instruction};

/// Why BuildKit refuses an instruction.
pub(super) struct Fault {
    pub(super) span: Span,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl Fault {
    pub(super) fn new(
        span: Span,
        message: impl Into<String>,
        help: impl Into<Option<&'static str>>,
    ) -> Fault {
        Fault { span, message: message.into(), help: help.into().map(str::to_owned) }
    }
}

/// What an instruction says.
pub(super) fn kind(instruction: &Instruction, issues: &mut Vec<Issue>) -> Kind {
    read(instruction).unwrap_or_else(|fault| {
        let Fault { span, message, help } = fault;
        issues.push(Issue { rule: SYNTAX, message, span, help, related: Vec::new() });
        if instruction.keyword == Keyword::Unknown { Kind::Unknown } else { Kind::Broken }
    })
}

fn read(instruction: &Instruction) -> Result<Kind, Fault> {
    let plain = |kind: Kind| check_flags(instruction, &[]).map(|()| kind);
    match instruction.keyword {
        Keyword::From => from(instruction),
        Keyword::Run => run(instruction),
        Keyword::Copy => copy(instruction).map(|copy| Kind::Copy(Box::new(copy))),
        Keyword::Add => copy(instruction).map(|copy| Kind::Add(Box::new(copy))),
        Keyword::Env => named_pairs(instruction).and_then(|()| plain(Kind::Env)),
        Keyword::Label => named_pairs(instruction).and_then(|()| plain(Kind::Label)),
        // BuildKit does not look at flags of ARG and STOPSIGNAL.
        Keyword::Arg => named_pairs(instruction).map(|()| Kind::Arg),
        Keyword::StopSignal => one_argument(instruction).map(Kind::StopSignal),
        Keyword::User => plain(Kind::User(one_argument(instruction)?)),
        Keyword::Workdir => plain(Kind::Workdir(one_argument(instruction)?)),
        Keyword::Maintainer => plain(Kind::Maintainer(one_argument(instruction)?)),
        Keyword::Expose => plain(Kind::Expose(words(instruction)?.into_iter().map(Port::parse).collect())),
        Keyword::Volume => plain(Kind::Volume(volumes(instruction)?)),
        Keyword::Cmd => plain(Kind::Cmd),
        Keyword::Entrypoint => plain(Kind::Entrypoint),
        Keyword::Shell => shell(instruction).and_then(|()| plain(Kind::Shell)),
        Keyword::Healthcheck => {
            health::healthcheck(instruction).map(|check| Kind::Healthcheck(Box::new(check)))
        }
        Keyword::Onbuild => onbuild(instruction).and_then(|()| plain(Kind::Onbuild)),
        Keyword::Unknown => Err(unknown(instruction)),
    }
}

fn unknown(instruction: &Instruction) -> Fault {
    let name = &instruction.name.value;
    let near = nearest(&name.to_uppercase(), KEYWORDS.iter().map(|(name, _)| *name));
    Fault {
        span: instruction.name.span,
        message: format!("unknown instruction {name:?}: the build stops here"),
        help: near.map(|near| format!("did you mean {near}?")),
    }
}

pub(super) fn too_few(instruction: &Instruction, what: &str) -> Fault {
    let message = format!("{} needs {what}: the build stops here", instruction.keyword.as_str());
    Fault::new(instruction.span, message, None)
}

/// The arguments as words; at least one.
fn words(instruction: &Instruction) -> Result<Vec<Spanned<String>>, Fault> {
    let words = match &instruction.args {
        Args::Words(words) => words.clone(),
        Args::Json(items) => {
            items.iter().map(|item| Spanned::new(item.text.text.clone(), item.span)).collect()
        }
        _ => Vec::new(),
    };
    if words.is_empty() { Err(too_few(instruction, "at least one argument")) } else { Ok(words) }
}

fn one_argument(instruction: &Instruction) -> Result<Spanned<String>, Fault> {
    match &instruction.args {
        Args::Text(text) => Ok(Spanned::new(text.text.clone(), text.span(0, text.text.len()))),
        _ => Err(too_few(instruction, "an argument")),
    }
}

fn named_pairs(instruction: &Instruction) -> Result<(), Fault> {
    if instruction.pairs().is_empty() {
        return Err(too_few(instruction, "at least one argument"));
    }
    // `ARG =x` is refused; a lone `ARG` word cannot be empty.
    match instruction.pairs().iter().find(|pair| pair.name.value.is_empty()) {
        None => Ok(()),
        Some(pair) => {
            let span = pair.value.as_ref().map_or(pair.name.span, |value| pair.name.span.to(value.span));
            let message =
                format!("{} has a value without a name: the build stops here", instruction.keyword.as_str());
            Err(Fault::new(span, message, "write name=value without a blank around the ="))
        }
    }
}

fn volumes(instruction: &Instruction) -> Result<Vec<Spanned<String>>, Fault> {
    let volumes = words(instruction)?;
    match volumes.iter().find(|volume| volume.value.trim().is_empty()) {
        Some(empty) => Err(Fault::new(empty.span, "VOLUME has an empty path: the build stops here", None)),
        None => Ok(volumes),
    }
}

fn shell(instruction: &Instruction) -> Result<(), Fault> {
    match &instruction.args {
        Args::Json(items) if !items.is_empty() => Ok(()),
        Args::Json(_) | Args::None => Err(too_few(instruction, "at least one argument")),
        _ => Err(Fault::new(
            instruction.span,
            "SHELL takes a JSON array only: the build stops here",
            "write it as SHELL [\"/bin/bash\", \"-c\"]",
        )),
    }
}

fn onbuild(instruction: &Instruction) -> Result<(), Fault> {
    let Args::Sub(trigger) = &instruction.args else {
        return Err(too_few(instruction, "an instruction"));
    };
    let first = trigger.chain.first().map_or(&trigger.instruction.name, |(name, _)| name);
    match Keyword::of(&first.value) {
        keyword @ (Keyword::Onbuild | Keyword::From | Keyword::Maintainer) => Err(Fault::new(
            first.span,
            format!("{} may not stand in ONBUILD: the build stops here", keyword.as_str()),
            None,
        )),
        _ => Ok(()),
    }
}

fn from(instruction: &Instruction) -> Result<Kind, Fault> {
    let words = words(instruction).unwrap_or_default();
    let (image, alias) = match &words[..] {
        [image] => (image, None),
        [image, word, alias] if word.value.eq_ignore_ascii_case("as") => (image, Some(alias)),
        _ => {
            return Err(Fault::new(
                instruction.span,
                "FROM takes an image, or an image, AS and a name: the build stops here",
                "write it as FROM image AS name",
            ));
        }
    };
    if let Some(alias) = alias.filter(|alias| !is_stage_name(&alias.value.to_lowercase())) {
        let message = format!("{:?} is no name for a stage: the build stops here", alias.value);
        let help = "start it with a letter and use letters, digits, -, _ and . only";
        return Err(Fault::new(alias.span, message, help));
    }
    check_flags(instruction, &[("platform", Allowed::Text)])?;
    Ok(Kind::From(Box::new(From {
        image: Spanned::new(ImageRef::parse(&image.value), image.span),
        platform: instruction.flag("platform").and_then(|flag| flag.spanned()),
        alias: alias.cloned(),
    })))
}

fn is_stage_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte))
}

fn run(instruction: &Instruction) -> Result<Kind, Fault> {
    let allowed = [
        ("mount", Allowed::Texts),
        ("network", Allowed::Text),
        ("security", Allowed::Text),
        ("device", Allowed::Texts),
    ];
    check_flags(instruction, &allowed)?;
    let value = |name| instruction.flag(name).and_then(|flag| flag.spanned());
    Ok(Kind::Run(Box::new(Run {
        mounts: mounts(instruction)?,
        network: value("network"),
        security: value("security"),
    })))
}

fn copy(instruction: &Instruction) -> Result<Copy, Fault> {
    let is_copy = instruction.keyword == Keyword::Copy;
    let mut words = words(instruction).unwrap_or_default();
    let Some(dest) = words.pop().filter(|_| !words.is_empty()) else {
        return Err(too_few(instruction, "a source and a destination"));
    };
    let mut allowed = vec![
        ("chown", Allowed::Text),
        ("chmod", Allowed::Text),
        ("link", Allowed::Switch),
        ("exclude", Allowed::Texts),
    ];
    if is_copy {
        allowed.extend([("from", Allowed::Text), ("parents", Allowed::Switch)]);
    } else {
        allowed.extend([
            ("keep-git-dir", Allowed::Switch),
            ("checksum", Allowed::Text),
            ("unpack", Allowed::Switch),
        ]);
    }
    check_flags(instruction, &allowed)?;
    if marker(&dest.value, dest.span).is_some() {
        let message =
            format!("{} cannot write to a heredoc: the build stops here", instruction.keyword.as_str());
        return Err(Fault::new(dest.span, message, "put the destination last"));
    }
    let mut inline = Vec::new();
    let mut sources = Vec::new();
    for word in words {
        match marker(&word.value, word.span) {
            Some(marker) => {
                inline.extend(instruction.heredocs.iter().rposition(|heredoc| heredoc.name == marker.name));
            }
            None => sources.push(word),
        }
    }
    let value = |name| instruction.flag(name).and_then(|flag| flag.spanned());
    let set = |name| {
        let flag = instruction.flag(name);
        flag.is_some_and(|flag| flag.value().is_none_or(|value| value.eq_ignore_ascii_case("true")))
    };
    let exclude = instruction.flags.iter().filter(|flag| flag.name() == "exclude");
    Ok(Copy {
        from: value("from").filter(|_| is_copy),
        sources,
        inline,
        dest,
        chown: value("chown"),
        chmod: value("chmod"),
        link: set("link"),
        parents: set("parents"),
        exclude: exclude.filter_map(|flag| flag.spanned()).collect(),
    })
}
