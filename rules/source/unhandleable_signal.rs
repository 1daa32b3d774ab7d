//! Listeners for signals that no process can handle.

use crate::facts::module::{FileFacts, ListensBy, SignalHandler, signals};
use crate::finding::{Edit, Safety};
use crate::model::Module;
use crate::rules::{Cx, Sink};
use crate::source::Span;
use crate::syntax::script::{self, Dialect};

pub(crate) fn check(cx: &Cx<'_>, module: &Module, sink: &mut Sink) {
    let Some(facts) = cx.project.scripts.facts(&cx.project.sources, module.file) else { return };
    for found in signals(facts).items {
        let handler = &found.value;
        if handler.by != ListensBy::Process || !matches!(handler.signal.as_str(), "SIGKILL" | "SIGSTOP") {
            continue;
        }
        let message = format!(
            "no process can handle {}: Node throws EINVAL here, and the program ends where it meant to prepare its end",
            handler.signal
        );
        let mut draft = sink
            .report(handler.named_at, message)
            .help("handle `SIGTERM`, which is what Kubernetes and docker send");
        if !found.span.contains(handler.named_at) {
            draft = draft.related(found.span, "the listener is added here");
        }
        if let Some((title, edit)) = fix(cx, facts, handler) {
            draft.fix(title, Safety::Safe, vec![edit]);
        }
    }
}

/// The statement that adds this listener alone goes; of a list of names only the name does.
fn fix(cx: &Cx<'_>, facts: &FileFacts, handler: &SignalHandler) -> Option<(String, Edit)> {
    let call = facts.call(handler.listener?);
    let named = handler.named_at;
    let edit = |span| Edit { span, text: String::new() };
    let direct = facts.argument(call, 0).is_some_and(|event| facts.value_span(event) == named);
    if direct {
        let statement = facts.span(call.statement?);
        if !can_go(cx, statement) {
            return None;
        }
        return Some((format!("remove the listener for {}", handler.signal), edit(with_line(cx, statement))));
    }
    let item = item_with_comma(cx, named)?;
    Some((format!("take {} out of the list", handler.signal), edit(item)))
}

/// True for a statement whose neighbours mean the same without it: it is not the body of an `if` or a loop, which would
/// take the next one, and the next begins with nothing that goes on with the one before.
fn can_go(cx: &Cx<'_>, statement: Span) -> bool {
    let file = cx.project.sources.file(statement.file);
    let dialect = Dialect::of(&file.path).or_else(|| Dialect::of_first_line(&file.text));
    let script = dialect.and_then(|dialect| script::parse(statement.file, &file.text, dialect).tree);
    let after = file.text[statement.end as usize..].trim_start();
    let goes_on = after.starts_with(['(', '[', '`', '+', '-', '/', '*', '.', ','])
        && !after.starts_with("//")
        && !after.starts_with("/*");
    !goes_on && script.is_some_and(|script| script.lists(statement))
}

/// A statement, with its line when nothing else stands on it.
fn with_line(cx: &Cx<'_>, statement: Span) -> Span {
    let text = &*cx.project.sources.file(statement.file).text;
    let (before, after) = (&text[..statement.start as usize], &text[statement.end as usize..]);
    let indent = before.len() - before.trim_end_matches([' ', '\t']).len();
    let rest = after.len() - after.trim_start_matches([' ', '\t']).len();
    let starts = before[..before.len() - indent].ends_with('\n') || before.len() == indent;
    let line_end =
        ["\r\n", "\n"].iter().find(|end| after[rest..].starts_with(**end)).map_or(0, |end| end.len());
    if !starts || (line_end == 0 && after.len() != rest) {
        return statement;
    }
    let end = statement.end + (rest + line_end) as u32;
    Span { start: statement.start - indent as u32, end, ..statement }
}

/// An item of a list that is written where it is used, with the comma that it leaves behind. `None` when it is the only
/// one, or when a name may carry the list elsewhere.
fn item_with_comma(cx: &Cx<'_>, item: Span) -> Option<Span> {
    let text = &*cx.project.sources.file(item.file).text;
    let (before, after) = (&text[..item.start as usize], &text[item.end as usize..]);
    let opening = before.rfind('[')?;
    if before[..opening].trim_end().ends_with(['=', ':']) || before[opening..].contains(['(', '{', ']']) {
        return None;
    }
    let next = after.trim_start();
    let following = next.strip_prefix(',').map(str::trim_start).filter(|next| !next.starts_with(']'));
    if let Some(following) = following {
        let end = text.len() - following.len();
        return Some(Span { end: end as u32, ..item });
    }
    let kept = before.trim_end().strip_suffix(',')?.trim_end();
    Some(Span { start: kept.len() as u32, ..item })
}
