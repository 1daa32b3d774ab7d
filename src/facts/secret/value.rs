//! Values: those that have the form of one kind of secret alone, and those that are no secret whatever the name says.

use std::ops::Range;

use super::Secret;

/// Tokens that begin with a mark of their issuer: the mark, the number of letters, digits, `-` and `_` that follow at
/// least, and what they are. Forms are those that the issuers document for scanners.
const MARKED: [(&str, usize, &str); 16] = [
    ("AKIA", 16, "an AWS access key"),
    ("ghp_", 36, "a GitHub token"),
    ("gho_", 36, "a GitHub token"),
    ("ghu_", 36, "a GitHub token"),
    ("ghs_", 36, "a GitHub token"),
    ("ghr_", 36, "a GitHub token"),
    ("github_pat_", 50, "a GitHub token"),
    ("glpat-", 20, "a GitLab token"),
    ("npm_", 36, "an npm token"),
    ("xoxb-", 20, "a Slack token"),
    ("xoxp-", 20, "a Slack token"),
    ("xoxa-", 20, "a Slack token"),
    ("sk_live_", 20, "a live key of Stripe"),
    ("rk_live_", 20, "a live key of Stripe"),
    ("sk-proj-", 30, "a key of OpenAI"),
    ("dckr_pat_", 20, "a Docker Hub token"),
];

/// The first secret in a text that is known by its form, with its bytes: a private key, a token with its issuer's
/// mark, an address with a password in it.
pub fn in_text(text: &str) -> Option<(Range<usize>, Secret)> {
    private_key(text).or_else(|| marked(text)).or_else(|| in_address(text))
}

fn private_key(text: &str) -> Option<(Range<usize>, Secret)> {
    let start = text.find("-----BEGIN ")?;
    let line = text[start..].lines().next().unwrap_or("");
    let end = line.find("PRIVATE KEY").map(|at| start + at + "PRIVATE KEY-----".len())?;
    Some((start..end.min(text.len()), Secret::Recognised("a private key")))
}

fn marked(text: &str) -> Option<(Range<usize>, Secret)> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let found = MARKED.iter().filter_map(|(mark, least, what)| {
        let start = text.find(mark)?;
        let stands_alone = start == 0 || !is_part(text.as_bytes()[start - 1]);
        let rest = text.as_bytes()[start + mark.len()..].iter().take_while(|byte| is_part(**byte)).count();
        let token = &text[start..start + mark.len() + rest];
        // Documentation prints tokens that end so, or that repeat one character.
        let is_sample = token.ends_with("EXAMPLE") || is_repeated(&token[mark.len()..]);
        (stands_alone && rest >= *least && !is_sample)
            .then_some((start..start + token.len(), Secret::Recognised(what)))
    });
    found.min_by_key(|(range, _)| range.start)
}

fn is_repeated(text: &str) -> bool {
    let mut characters = text.chars();
    let first = characters.next();
    characters.all(|character| Some(character) == first)
}

/// `scheme://user:password@host`, where the password is written out and the host is another machine.
fn in_address(text: &str) -> Option<(Range<usize>, Secret)> {
    let mut from = 0;
    while let Some(found) = text[from..].find("://") {
        let start = from + found + 3;
        from = start;
        let authority = text[start..].split(['/', '?', '#', ' ', '\n', '"', '\'', ',']).next().unwrap_or("");
        let Some((login, host)) = authority.rsplit_once('@') else { continue };
        let Some((user, password)) = login.split_once(':') else { continue };
        let host = host.split(':').next().unwrap_or("");
        let is_here = matches!(host, "" | "localhost" | "127.0.0.1" | "0.0.0.0" | "host" | "dummy")
            || host.ends_with("example.com")
            || host.ends_with(".example");
        if is_here || is_reference(password) || is_placeholder(user, password) && !is_well_known(password) {
            continue;
        }
        let at = start + user.len() + 1..start + login.len();
        let is_default = password == user || is_well_known(password);
        let secret =
            if is_default { Secret::WellKnown } else { Secret::Recognised("an address with a password") };
        return Some((at, secret));
    }
    None
}

/// True for what stands for a value that comes from elsewhere: a variable, a template, a path, an address, the name in a
/// store; and for what is no secret to anybody: nothing, a switch.
pub(super) fn is_reference(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let is_variable =
        text.starts_with('$') || ["$(", "${", "{{", "#{", "<%"].iter().any(|mark| text.contains(mark));
    let is_bracketed = [('<', '>'), ('[', ']'), ('{', '}'), ('%', '%'), ('@', '@')]
        .iter()
        .any(|(open, close)| text.starts_with(*open) && text.ends_with(*close));
    let is_path = ["/", "./", "../", "~/"].iter().any(|head| text.starts_with(head))
        || [".pem", ".key", ".json", ".txt", ".crt"].iter().any(|end| lower.ends_with(end));
    let is_switch = matches!(
        lower.as_str(),
        "" | "true"
            | "false"
            | "yes"
            | "no"
            | "on"
            | "off"
            | "null"
            | "nil"
            | "none"
            | "undefined"
            | "enabled"
            | "disabled"
    );
    let in_store =
        ["vault:", "arn:", "projects/", "secretsmanager:", "ssm:", "ref+", "file:", "env:", "aws-sm:"]
            .iter()
            .any(|head| lower.starts_with(head));
    is_variable || is_bracketed || is_path || is_switch || in_store || text.contains("://")
}

/// Parts of words that say: this is not the value.
const STANDING_IN: &[&str] = &[
    "dummy",
    "fake",
    "placeholder",
    "example",
    "sample",
    "your",
    "xxx",
    "todo",
    "tbd",
    "fixme",
    "replace",
    "insert",
    "redacted",
    "masked",
    "***",
    "...",
    "buildtime",
    "justfor",
    "unused",
    "notused",
    "notset",
    "unset",
    "ignored",
    "notasecret",
    "providedby",
];

/// True for a text that stands where somebody is to put the value, or that a build only needs to be there.
pub(super) fn is_placeholder(name: &str, text: &str) -> bool {
    let plain = plain(text);
    // `GOOGLE_API_KEY_VAL` under that name is what a script replaces.
    let own_name = self::plain(name);
    let is_own_name = plain == own_name || own_name.len() >= 6 && plain.contains(&own_name);
    let is_test = matches!(
        plain.as_str(),
        "test"
            | "testing"
            | "mock"
            | "foo"
            | "bar"
            | "foobar"
            | "build"
            | "value"
            | "string"
            | "ci"
            | "abc"
            | "x"
            | "na"
    );
    let is_built = plain.starts_with("test") && plain.len() <= "testsecretkey".len();
    is_own_name
        || is_test
        || is_built
        || STANDING_IN.iter().any(|part| text.contains(part) || plain.contains(part))
        || is_repeated(&plain)
}

/// Defaults that stand in every manual.
const DEFAULTS: &[&str] = &[
    "password",
    "passwd",
    "passw0rd",
    "p4ssw0rd",
    "password1",
    "password123",
    "pass",
    "secret",
    "secretkey",
    "supersecret",
    "topsecret",
    "mysecret",
    "mysecretkey",
    "mypassword",
    "mysecretpassword",
    "admin",
    "admin123",
    "root",
    "rootpassword",
    "postgres",
    "mysql",
    "mongo",
    "guest",
    "minioadmin",
    "letmein",
    "default",
    "keyboardcat",
];

/// True for a password that everybody knows.
pub(super) fn is_well_known(text: &str) -> bool {
    let plain = plain(text);
    DEFAULTS.contains(&plain.as_str())
        || ["changeme", "changeit", "changethis"].iter().any(|part| plain.contains(part))
        || "1234567890".starts_with(&plain) && plain.len() >= 4
}

/// Letters and digits in lower case.
fn plain(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
