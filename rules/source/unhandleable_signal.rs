//! Listeners for signals that no process can handle.

use crate::facts::module::{Call, FileFacts, ListensBy, SignalHandler, Value, signals};
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

/// The statement that adds this listener alone goes; of a chain of calls only this one does, of a list of names only the
/// name.
fn fix(cx: &Cx<'_>, facts: &FileFacts, handler: &SignalHandler) -> Option<(String, Edit)> {
    let call = facts.call(handler.listener?);
    let named = handler.named_at;
    let edit = |span| Edit { span, text: String::new() };
    let direct = facts.argument(call, 0).is_some_and(|event| facts.value_span(event) == named);
    if direct {
        let span = alone(cx, facts, call).or_else(|| link(cx, facts, call))?;
        return Some((format!("Remove the listener for {}", handler.signal), edit(span)));
    }
    let item = item_with_comma(cx, named)?;
    Some((format!("Take {} out of the list", handler.signal), edit(item)))
}

/// The statement of a listener, with its line, when it does nothing else and can go.
fn alone(cx: &Cx<'_>, facts: &FileFacts, call: &Call) -> Option<Span> {
    let (object, _) = facts.method(call)?;
    let statement = facts.span(call.statement?);
    let adds_others = matches!(facts.value(object), Value::Call(_))
        || cx.text(statement).trim_end_matches(';').trim_end() != cx.text(facts.span(call.at));
    (!adds_others && can_go(cx, statement)).then(|| with_line(cx, statement))
}

/// A listener in a chain of calls, from what it is called on to its end: what follows is called on that then, which is
/// the process.
fn link(cx: &Cx<'_>, facts: &FileFacts, call: &Call) -> Option<Span> {
    let (object, _) = facts.method(call)?;
    let at = facts.span(call.at);
    let link = Span { start: facts.value_span(object).end, ..at };
    let goes_on = cx.project.sources.file(at.file).text()[at.end as usize..].trim_start().starts_with('.');
    let is_chained = goes_on || matches!(facts.value(object), Value::Call(_));
    (is_chained && cx.text(link).trim_start().starts_with('.')).then_some(link)
}

/// True for a statement whose neighbours mean the same without it: it is not the body of an `if` or a loop, which would
/// take the next one, and the next begins with nothing that goes on with the one before.
fn can_go(cx: &Cx<'_>, statement: Span) -> bool {
    let file = cx.project.sources.file(statement.file);
    let dialect = Dialect::of(&file.path).or_else(|| Dialect::of_first_line(file.text()));
    let script = dialect.and_then(|dialect| script::parse(statement.file, file.text(), dialect).tree);
    let after = file.text()[statement.end as usize..].trim_start();
    let goes_on = after.starts_with(['(', '[', '`', '+', '-', '/', '*', '.', ','])
        && !after.starts_with("//")
        && !after.starts_with("/*");
    !goes_on && script.is_some_and(|script| script.lists(statement))
}

/// A statement, with its line when nothing else stands on it.
fn with_line(cx: &Cx<'_>, statement: Span) -> Span {
    let text = cx.project.sources.file(statement.file).text();
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
    let text = cx.project.sources.file(item.file).text();
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
