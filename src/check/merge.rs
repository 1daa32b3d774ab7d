//! Makes one of findings that say the same: of one rule at one place, and of two rules of which one yields.

use rustc_hash::FxHashMap;

use super::{Key, Raised};
use crate::finding::Label;
use crate::rules::RuleSet;

/// A finding that many variants share names at most so many other places.
const MOST_RELATED: usize = 12;

/// Findings of one rule with the same primary bytes become one: overlays and variants each see the same line. The
/// first stays, with the worst severity and the places of all.
pub(super) fn same_place(raised: Vec<Raised>) -> Vec<Raised> {
    let mut merged: Vec<Raised> = Vec::with_capacity(raised.len());
    let mut places = FxHashMap::default();
    for next in raised {
        let place = (next.finding.rule, next.finding.primary.span);
        let at = *places.entry(place).or_insert(merged.len());
        if at == merged.len() {
            merged.push(next);
            continue;
        }
        let first = &mut merged[at];
        first.finding.severity = first.finding.severity.max(next.finding.severity);
        for label in next.finding.related {
            add_related(&mut first.finding.related, label);
        }
        for other in next.finding.others {
            if !first.finding.others.iter().any(|there| there.span == other.span) {
                first.finding.others.push(other);
            }
        }
        join(&mut first.own, next.own);
        join(&mut first.concerns, next.concerns);
    }
    merged
}

fn join(keys: &mut Vec<Key>, others: Vec<Key>) {
    for key in others {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
}

fn add_related(related: &mut Vec<Label>, label: Label) {
    if related.len() < MOST_RELATED && !related.contains(&label) {
        related.push(label);
    }
}

/// Makes the finding of a rule that yields a note of the stronger one on the same subject: on the thing itself, on
/// what it is part of, or on a part of it.
pub(super) fn weaker(raised: &mut [Raised], rules: &RuleSet) {
    let mut concerned: FxHashMap<(&str, Key), usize> = FxHashMap::default();
    let mut owned: FxHashMap<(&str, Key), usize> = FxHashMap::default();
    for (at, raised) in raised.iter().enumerate() {
        let rule = raised.finding.rule;
        for key in &raised.own {
            owned.entry((rule, *key)).or_insert(at);
        }
        for key in &raised.concerns {
            concerned.entry((rule, *key)).or_insert(at);
        }
    }
    let stronger = |weak: &Raised| -> Option<usize> {
        let rule = rules.get(weak.finding.rule)?.rule;
        rule.yields_to.iter().find_map(|strong| {
            let whole = weak.own.iter().find_map(|key| concerned.get(&(*strong, *key)));
            whole.or_else(|| weak.concerns.iter().find_map(|key| owned.get(&(*strong, *key)))).copied()
        })
    };
    let targets: Vec<Option<usize>> = raised.iter().map(stronger).collect();
    for at in 0..raised.len() {
        let Some(target) = last_target(&targets, at) else { continue };
        let weak = &raised[at].finding;
        let message = match weak.primary.span == raised[target].finding.primary.span {
            true => format!("also {}", weak.rule),
            false => format!("{} ({})", weak.message, weak.rule),
        };
        let label = Label { span: weak.primary.span, message };
        raised[at].finding.merged_into = Some(raised[target].finding.rule);
        add_related(&mut raised[target].finding.related, label);
    }
}

/// The finding at the end of a chain of yielding; `None` when there is nothing to yield to, or the rules yield to
/// each other in a circle.
fn last_target(targets: &[Option<usize>], at: usize) -> Option<usize> {
    let mut target = targets[at]?;
    for _ in 0..8 {
        match targets[target] {
            Some(next) => target = next,
            None => return Some(target),
        }
    }
    None
}
