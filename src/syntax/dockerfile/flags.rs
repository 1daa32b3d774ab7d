//! Which flags an instruction takes, and the fields of `--mount`.

use super::kind::Mount;
use super::suggest::nearest;
use super::tree::{Flag, Instruction};
use super::typed::Fault;

/// How often a flag may stand and what it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Allowed {
    /// `--link`, `--link=true`; once.
    Switch,
    /// `--from=x`; once.
    Text,
    /// `--mount=x`; any number of times.
    Texts,
}

/// Refuses the first flag that is unknown, doubled, or has a wrong value.
pub(super) fn check_flags(instruction: &Instruction, allowed: &[(&str, Allowed)]) -> Result<(), Fault> {
    for (at, flag) in instruction.flags.iter().enumerate() {
        let keyword = instruction.keyword.as_str();
        let name = flag.name();
        let refuse = |message: String, help: Option<String>| Err(Fault { span: flag.span, message, help });
        let Some((_, kind)) = allowed.iter().find(|(known, _)| *known == name) else {
            let help = nearest(name, allowed.iter().map(|(known, _)| *known));
            return refuse(
                format!("{keyword} has no flag --{name}: the build stops here"),
                help.map(|near| format!("did you mean --{near}?")),
            );
        };
        if *kind != Allowed::Texts && instruction.flags[..at].iter().any(|before| before.name() == name) {
            return refuse(format!("the flag --{name} stands twice: the build stops here"), None);
        }
        if !value_fits(*kind, flag) {
            return refuse(format!("the flag --{name} lacks a fitting value: the build stops here"), None);
        }
    }
    Ok(())
}

fn value_fits(kind: Allowed, flag: &Flag) -> bool {
    match kind {
        Allowed::Text | Allowed::Texts => flag.value().is_some(),
        Allowed::Switch => flag
            .value()
            .is_none_or(|value| value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false")),
    }
}

/// The `--mount` flags of RUN.
pub(super) fn mounts(instruction: &Instruction) -> Result<Vec<Mount>, Fault> {
    instruction.flags.iter().filter(|flag| flag.name() == "mount").map(mount).collect()
}

fn mount(flag: &Flag) -> Result<Mount, Fault> {
    let value = flag.value().unwrap_or("");
    let Some(fields) = csv_fields(value) else {
        let message = "the fields of --mount do not parse: the build stops here";
        return Err(Fault::new(flag.span, message, "write key=value pairs with a comma between them"));
    };
    let split = |field: String| match field.split_once('=') {
        Some((key, value)) => (key.to_lowercase(), Some(value.to_owned())),
        None => (field.to_lowercase(), None),
    };
    let mount = Mount { fields: fields.into_iter().map(split).collect(), span: flag.span };
    let variable = mount.from().is_some_and(|from| from.find('$').is_some_and(|at| at + 1 < from.len()));
    if variable {
        return Err(Fault::new(
            flag.span,
            "from of --mount holds a variable, which is not expanded there: the build stops here",
            "name a stage with FROM $image AS name, and mount from that",
        ));
    }
    Ok(mount)
}

/// One record of CSV as Go's encoding/csv reads it; `None` when it refuses.
fn csv_fields(text: &str) -> Option<Vec<String>> {
    if text.is_empty() {
        return None;
    }
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        let (field, after) = if let Some(quoted) = rest.strip_prefix('"') {
            quoted_field(quoted)?
        } else {
            let (field, after) = match rest.split_once(',') {
                Some((field, after)) => (field, Some(after)),
                None => (rest, None),
            };
            if field.contains('"') {
                return None;
            }
            (field.to_owned(), after)
        };
        fields.push(field);
        match after {
            Some(after) => rest = after,
            None => return Some(fields),
        }
    }
}

fn quoted_field(text: &str) -> Option<(String, Option<&str>)> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let (inside, after) = rest.split_once('"')?;
        field.push_str(inside);
        if let Some(more) = after.strip_prefix('"') {
            field.push('"');
            rest = more;
        } else if after.is_empty() {
            return Some((field, None));
        } else {
            return Some((field, Some(after.strip_prefix(',')?)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mount_fields_are_csv() {
        let fields = |text| csv_fields(text).map(|fields| fields.join("|"));
        assert_eq!(fields("type=cache,target=/x"), Some("type=cache|target=/x".into()));
        assert_eq!(fields("\"a,b\",c"), Some("a,b|c".into()));
        assert_eq!(fields("a\"b"), None);
        assert_eq!(fields("\"a"), None);
        assert_eq!(fields(""), None);
    }
}
