//! Which rules are asked, and how: the rules of a run with their severities and options.

use std::collections::BTreeMap;
use std::fmt;

use super::page::OptionValue;
use super::{Rule, all};
use crate::finding::Severity;

/// A rule that is asked.
#[derive(Clone, Debug)]
pub struct Selected {
    /// The rule.
    pub rule: &'static Rule,
    /// The severity that the configuration gives it; the check's own when there is none.
    pub severity: Option<Severity>,
    /// The options that the configuration sets; the page's defaults hold for the others.
    pub options: BTreeMap<String, OptionValue>,
}

/// The rules of a run, in the order of their ids.
#[derive(Clone, Debug)]
pub struct RuleSet {
    selected: Vec<Selected>,
}

/// A name that no rule has or had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownRule(pub String);

impl fmt::Display for UnknownRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no rule {:?}: `plimsoll rules` lists them", self.0)
    }
}

impl std::error::Error for UnknownRule {}

impl Default for RuleSet {
    /// The rules of the set `default`.
    fn default() -> RuleSet {
        RuleSet::of(|rule| rule.set == "default")
    }
}

impl RuleSet {
    /// The rules for which `wanted` is true.
    pub fn of(wanted: impl Fn(&Rule) -> bool) -> RuleSet {
        let rules = all().iter().filter(|rule| wanted(rule));
        RuleSet { selected: rules.map(Selected::as_is).collect() }
    }

    /// Every rule there is.
    pub fn everything() -> RuleSet {
        RuleSet::of(|_| true)
    }

    /// Adds a rule that the set may lack, and hands out its settings.
    pub fn enable(&mut self, rule: &'static Rule) -> &mut Selected {
        let place = self.selected.binary_search_by(|selected| selected.rule.id.cmp(rule.id));
        let place = place.unwrap_or_else(|place| {
            self.selected.insert(place, Selected::as_is(rule));
            place
        });
        &mut self.selected[place]
    }

    /// Takes a rule out.
    pub fn disable(&mut self, rule: &Rule) {
        self.selected.retain(|selected| selected.rule.id != rule.id);
    }

    /// The rules with their settings.
    pub fn as_slice(&self) -> &[Selected] {
        &self.selected
    }

    /// The settings of a rule that is asked.
    pub fn get(&self, id: &str) -> Option<&Selected> {
        match self.selected.binary_search_by(|selected| selected.rule.id.cmp(id)) {
            Ok(at) => Some(&self.selected[at]),
            Err(_) => self.selected.iter().find(|selected| selected.rule.is_called(id)),
        }
    }

    /// Rules that no registry knows.
    #[cfg(test)]
    pub(crate) fn of_samples(rules: Vec<Rule>) -> RuleSet {
        let mut rules: Vec<&'static Rule> =
            rules.into_iter().map(|rule| &*Box::leak(Box::new(rule))).collect();
        rules.sort_by_key(|rule| rule.id);
        RuleSet { selected: rules.into_iter().map(Selected::as_is).collect() }
    }
}

impl Selected {
    /// The rule with nothing configured.
    pub(crate) fn as_is(rule: &'static Rule) -> Selected {
        Selected { rule, severity: None, options: BTreeMap::new() }
    }
}
