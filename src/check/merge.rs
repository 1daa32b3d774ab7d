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
        for key in next.keys {
            if !first.keys.contains(&key) {
                first.keys.push(key);
            }
        }
    }
    merged
}

fn add_related(related: &mut Vec<Label>, label: Label) {
    if related.len() < MOST_RELATED && !related.contains(&label) {
        related.push(label);
    }
}

/// Makes the finding of a rule that yields a note of the stronger one that concerns the same thing.
pub(super) fn weaker(raised: &mut [Raised], rules: &RuleSet) {
    let mut by_key: FxHashMap<(&str, Key), usize> = FxHashMap::default();
    for (at, raised) in raised.iter().enumerate() {
        for key in &raised.keys {
            by_key.entry((raised.finding.rule, *key)).or_insert(at);
        }
    }
    let stronger = |weak: &Raised| -> Option<usize> {
        let rule = rules.get(weak.finding.rule)?.rule;
        let places =
            rule.yields_to.iter().flat_map(|strong| weak.keys.iter().map(move |key| (*strong, *key)));
        places.filter_map(|place| by_key.get(&place).copied()).next()
    };
    let targets: Vec<Option<usize>> = raised.iter().map(stronger).collect();
    for at in 0..raised.len() {
        let Some(target) = last_target(&targets, at) else { continue };
        let label = Label {
            span: raised[at].finding.primary.span,
            message: format!("{} ({})", raised[at].finding.message, raised[at].finding.rule),
        };
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
