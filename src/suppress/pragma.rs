//! Reads the text of a comment that suppresses: ours, hadolint's (`hadolint ignore=DL3002`,
//! `hadolint global ignore=…`) and BuildKit's (`check=skip=…`).

use crate::date::Date;

/// What a pragma covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// The next node, or the line it trails.
    Next,
    /// The whole file.
    File,
    /// As `Next`, for findings that only have part in it.
    Related,
}

/// Whose words it uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tool {
    Plimsoll,
    Hadolint,
    Buildkit,
}

/// A comment that suppresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pragma {
    pub(super) tool: Tool,
    pub(super) scope: Scope,
    /// Ids of rules, in the tool's words.
    pub(super) rules: Vec<String>,
    /// The last day it holds.
    pub(super) until: Option<Date>,
    /// Why; made up for other tools, whose comments have none.
    pub(super) reason: String,
}

/// The pragma of a comment; `None` when it is none, an error when it means to be one and is not.
pub(super) fn read(comment: &str) -> Option<Result<Pragma, String>> {
    let text = comment.trim_start_matches(['#', '/', '*', ' ', '\t']);
    let text = text.strip_suffix("*/").unwrap_or(text).trim();
    if let Some(rest) = text.strip_prefix("plimsoll:") {
        return Some(read_ours(rest.trim_start()));
    }
    if let Some(rest) = text.strip_prefix("hadolint") {
        return read_hadolint(rest.trim_start()).map(Ok);
    }
    read_buildkit(text.strip_prefix("check=")?).map(Ok)
}

fn read_ours(text: &str) -> Result<Pragma, String> {
    let shape = || "write `plimsoll: ignore[rule] reason`: this comment ignores nothing".to_owned();
    let (word, rest) = text.split_once('[').ok_or_else(shape)?;
    let (list, rest) = rest.split_once(']').ok_or_else(shape)?;
    let scope = match word.trim() {
        "ignore" => Scope::Next,
        "ignore-file" => Scope::File,
        "ignore-related" => Scope::Related,
        _ => return Err(shape()),
    };
    let rules = words(list);
    if rules.is_empty() {
        return Err(shape());
    }
    let rest = rest.trim_start_matches([':', '-', '—', ' ', '\t']);
    let (until, reason) = match rest.strip_prefix("until ") {
        // `until the next release` is a reason, `until 2026-13-01` a slip.
        Some(after) if after.trim_start().starts_with(|first: char| first.is_ascii_digit()) => {
            let after = after.trim_start();
            let (day, reason) = after.split_once(char::is_whitespace).unwrap_or((after, ""));
            let day = day.trim_end_matches([',', ':', ';']);
            (Some(day.parse().map_err(|error| format!("{error}: the comment ignores nothing"))?), reason)
        }
        _ => (None, rest),
    };
    Ok(Pragma { tool: Tool::Plimsoll, scope, rules, until, reason: reason.trim().to_owned() })
}

fn read_hadolint(text: &str) -> Option<Pragma> {
    let (scope, rest) = match text.strip_prefix("global") {
        Some(rest) => (Scope::File, rest.trim_start()),
        None => (Scope::Next, text),
    };
    let list = rest.strip_prefix("ignore")?.trim_start().strip_prefix('=')?;
    // Anything after ` #` is hadolint's way to give a reason.
    let list = list.split('#').next().unwrap_or(list);
    let reason = "hadolint's comment ignores it".to_owned();
    Some(Pragma { tool: Tool::Hadolint, scope, rules: words(list), until: None, reason })
}

fn read_buildkit(text: &str) -> Option<Pragma> {
    let skip = text.split(';').find_map(|part| part.trim().strip_prefix("skip="))?;
    let reason = "BuildKit's check directive skips it".to_owned();
    Some(Pragma { tool: Tool::Buildkit, scope: Scope::File, rules: words(skip), until: None, reason })
}

fn words(list: &str) -> Vec<String> {
    list.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(text: &str) -> Pragma {
        read(text).unwrap().unwrap()
    }

    #[test]
    fn our_comments_are_read_in_each_language() {
        let pragma =
            ours("# plimsoll: ignore[image/root-user, image/node-eol] until 2027-01-31 port 80 is needed");
        assert_eq!(pragma.rules, ["image/root-user", "image/node-eol"]);
        assert_eq!((pragma.scope, pragma.reason.as_str()), (Scope::Next, "port 80 is needed"));
        assert_eq!(pragma.until.unwrap().to_string(), "2027-01-31");
        assert_eq!(ours("/* plimsoll: ignore-file[a/b] made by a tool */").reason, "made by a tool");
        assert_eq!(ours("// plimsoll:ignore-related[a/b]: see above").scope, Scope::Related);
        assert_eq!(ours("# plimsoll: ignore[a/b] until the base moves").reason, "until the base moves");
        assert_eq!(ours("# plimsoll: ignore[a/b]").reason, "");
    }

    #[test]
    fn what_means_to_be_one_and_is_not_is_said() {
        for wrong in
            ["# plimsoll: ignore", "# plimsoll: ignore[]", "# plimsoll: ignore[a", "# plimsoll: allow[a] x"]
        {
            assert!(read(wrong).unwrap().unwrap_err().contains("ignores nothing"), "{wrong}");
        }
        assert!(read("# plimsoll: ignore[a/b] until 2026-02-30 x").unwrap().is_err());
        assert!(read("# an ordinary comment").is_none());
    }

    #[test]
    fn other_tools_are_understood() {
        let pragma = ours("# hadolint ignore=DL3002, DL3008 # as agreed");
        assert_eq!((pragma.tool, pragma.scope), (Tool::Hadolint, Scope::Next));
        assert_eq!(pragma.rules, ["DL3002", "DL3008"]);
        assert_eq!(ours("# hadolint global ignore=DL3003").scope, Scope::File);
        assert_eq!(ours("# check=error=true;skip=JSONArgsRecommended").rules, ["JSONArgsRecommended"]);
        assert!(read("# hadolint is fine").is_none());
        assert!(read("# check=error=true").is_none());
    }
}
