//! Texts of a project that try to leave the field they are printed in, for every format: each of [`inputs`] stands in
//! each field that holds text of the project, and whoever reads the report must find it there and nowhere else.

use std::borrow::Cow;

use plimsoll::check::Failure;
use plimsoll::finding::{Edit, Finding, Fix, NewFile, Safety, Severity, SuppressedBy, Suppression};
use plimsoll::fingerprint;
use plimsoll::model::Note;
use plimsoll::source::{ProjectPath, SourceFile, Sources, Span};

use crate::reports::{Case, at, finding, label};

/// One attack or accident each. [`inputs`] has these and longer ones.
pub(crate) const INPUTS: &[&str] = &[
    // What ends a line or a field.
    "a\nb",
    "a\r\nb\rc\n\n",
    "a\tb\u{b}c\u{c}d",
    "a\u{85}b\u{2028}c\u{2029}d",
    "\"quotes\" and 'quotes' and `ticks`",
    "\\ back\\slash\\n \\u0041 \\",
    "a,b;c:d|e=f",
    " leading and trailing ",
    // Commands of CI systems.
    "::error file=a,line=1::taken over",
    "\n::add-mask::secret\n::stop-commands::x",
    "\n##[error]taken over\n##vso[task.complete result=Failed;]",
    "%0A::error::taken over%0D%25",
    "${{ github.token }} {{ .Values.x }} {{ '{{' }} $(id) `id` ${IFS}",
    "\nplimsoll-eof\nEOF\n{delimiter}\n",
    // Terminals.
    "\u{1b}[31mred\u{1b}[0m\u{1b}]8;;http://example.com\u{7}link\u{1b}]8;;\u{7}\u{9b}2J",
    "a\u{0}b\u{1}c\u{8}d\u{7f}e",
    "user\u{202e}gnp.exe\u{202c}\u{2066}x\u{2069}\u{200f}\u{61c}",
    // Markup.
    "</script><script>alert(1)</script>",
    "<!-- --> <!-- -- --!> <![CDATA[ x ]]> ]]>",
    "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>",
    "a & b &amp; &#0; &#x1b; &lt;b&gt; &nope; &#xFFFE;",
    "\"><img src=x onerror=alert(1)>' onmouseover='x",
    "</failure></testcase></testsuite>\n</file></checkstyle>",
    "</style></title></textarea></details></summary></pre>",
    // Markdown and SARIF messages.
    "[x](javascript:alert(1)) ![x](http://example.com/beacon) <http://example.com>",
    "# heading\n\n- item\n| a | b |\n|---|---|\n| c |\n```\nfence\n~~~~",
    "a|b\\|c `d|e` *f* _g_ ~~h~~ [^1] :tada: @owner #1 GH-2",
    "{0} {1} [link](0) [0] {{braces}} %s %d %n",
    // Paths.
    "../../etc/passwd",
    "-rf --output=x",
    "with space/100%/a#b/c?d=e&f/~g/h;i/j+k",
    "C:\\Windows\\system32",
    "file:///etc/passwd",
    "//host/share",
    "%2e%2e/%2F%00%C3%28",
    // Characters beyond the plain ones.
    "日本語 Ünïcödé é e\u{301} 👩‍👩‍👧 𝄞 \u{10ffff}",
    "\u{fffe}\u{ffff}\u{1fffe}\u{fdd0}\u{feff}\u{fff9}\u{fffd}",
    "\u{e0041}\u{e007f}\u{200b}\u{200d}\u{2060}\u{ad}\u{34f}",
    "Z\u{353}\u{35b}\u{31a}\u{324}\u{30e}\u{325}a\u{329}\u{353}l\u{333}",
    // What other readers take for something else.
    "=cmd|' /C calc'!A0",
    "null",
    "{\"ruleId\":\"x\"}",
    "__proto__",
];

/// [`INPUTS`], nothing at all, and a megabyte with a line end in it.
pub(crate) fn inputs() -> impl Iterator<Item = Cow<'static, str>> {
    let long = format!("{}\n</script>", "long & <é> ".repeat(100_000));
    INPUTS.iter().map(|input| Cow::Borrowed(*input)).chain([Cow::Borrowed(""), Cow::Owned(long)])
}

/// An input short enough to be told which one it was.
pub(crate) fn name(input: &str) -> String {
    input.chars().take(60).collect()
}

/// The rules of the three findings of [`case`], in their order: the first is open.
pub(crate) const RULES: [&str; 3] = ["run/signal-lost", "image/root-user", "image/floating-tag"];

/// Three findings, one open, one suppressed and one merged, two notes and a failed rule with `input` in each field that
/// comes from a project: the path and text of the file, message, help, labels, app, fix and what it writes, reason.
pub(crate) fn case(input: &str) -> Case {
    let mut sources = Sources::default();
    // The way to a path that is no tidy one.
    let path = |name: &str| ProjectPath::above(0, &format!("web/{input}/{name}"));
    let docker =
        sources.add(SourceFile::new(path("Dockerfile"), format!("FROM x\nRUN {input}\nTARGET{input}\n")));
    let other = sources.add(SourceFile::new(path("package.json"), format!("{input}\nOTHER")));
    let span = at(&sources, docker, "TARGET");
    let whole = Span::new(docker, 7, 7 + "RUN ".len() + input.len());
    let text = |before: &str| format!("{before}{input}");
    let mut findings: Vec<Finding> = RULES
        .into_iter()
        .map(|rule| {
            let mut one = finding(rule, Severity::Error, &text("message: "), label(span, &text("primary: ")));
            one.related.push(label(at(&sources, other, "OTHER"), &text("related: ")));
            one.related.push(label(whole, &text("related: ")));
            one.help = Some(text("help: "));
            one.app = Some(text("app: "));
            one.subject = text("subject: ");
            let edits = vec![Edit { span: whole, text: text("edit: ") }];
            let creates = vec![NewFile { path: path("new"), text: text("new: ") }];
            one.fixes.push(Fix {
                title: text("title: "),
                safety: Safety::Unsafe,
                edits: edits.clone(),
                creates,
            });
            one.fixes.push(Fix { title: text("title: "), safety: Safety::Safe, edits, creates: Vec::new() });
            one
        })
        .collect();
    findings[1].suppressed = Some(Suppression { by: SuppressedBy::Comment, reason: text("reason: ") });
    findings[2].merged_into = Some(RULES[1]);
    fingerprint::set_all(&sources, "", &mut findings);
    let notes = vec![
        Note { span: Some(span), message: text("note: ") },
        Note { span: None, message: text("note: ") },
    ];
    let failures = vec![Failure { rule: RULES[0], subject: text("subject: "), message: text("failure: ") }];
    Case { sources, findings, notes, failures }
}
