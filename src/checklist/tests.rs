use super::*;
use crate::check::{Config, check};
use crate::rules::{self, RuleSet};

fn judged(files: &[(&str, &str)]) -> Vec<AppChecklist> {
    let texts = files.iter().map(|(path, text)| (ProjectPath::new(path).unwrap(), (*text).to_owned()));
    let project = Project::from_texts(texts);
    let day = "2026-11-20".parse().unwrap();
    let outcome = check(&project, &RuleSet::default(), &Config::on(day));
    checklist(&project, &outcome, day)
}

fn state(apps: &[AppChecklist], item: &str) -> State {
    apps[0].items.iter().find(|judgement| judgement.item == item).unwrap().state
}

const SERVER: &str = "const server = require('http').createServer(() => {}).listen(3000);
process.on('SIGTERM', () => server.close(() => process.exit(0)));
";

#[test]
fn an_item_is_met_on_known_facts_only() {
    let dockerfile =
        "FROM node:24-slim\nWORKDIR /app\nCOPY server.js .\nUSER node\nCMD [\"node\", \"server.js\"]\n";
    let apps = judged(&[("Dockerfile", dockerfile), ("package.json", "{}"), ("server.js", SERVER)]);
    for met in ["start", "signals", "user", "context", "supported", "schedule"] {
        assert_eq!(state(&apps, met), State::Met, "{met}: {:?}", apps[0].items);
    }
    for unknown in ["probes", "replicas", "exposure"] {
        assert_eq!(state(&apps, unknown), State::Unknown, "{unknown}: no manifest runs it");
    }
}

#[test]
fn what_is_not_known_is_not_met() {
    let dockerfile = "FROM registry.example/node:1\nCOPY . .\nCMD [\"node\", \"dist/server.js\"]\n";
    let apps = judged(&[("Dockerfile", dockerfile), ("package.json", "{}")]);
    for unknown in ["signals", "user", "supported", "schedule", "logs"] {
        assert_eq!(state(&apps, unknown), State::Unknown, "{unknown}: {:?}", apps[0].items);
    }
}

#[test]
fn an_item_is_broken_by_its_rules() {
    let dockerfile = "FROM node:16-slim\nCOPY server.js .\nCMD [\"npm\", \"start\"]\n";
    let package = "{\"scripts\": {\"start\": \"node server.js\"}}";
    let apps = judged(&[("Dockerfile", dockerfile), ("package.json", package), ("server.js", SERVER)]);
    for broken in ["start", "user", "supported"] {
        assert_eq!(state(&apps, broken), State::Broken, "{broken}: {:?}", apps[0].items);
    }
}

#[test]
fn every_item_of_a_rule_is_in_the_checklist() {
    for rule in rules::all() {
        let item = rule.checklist.unwrap_or("syntax");
        assert!(items().any(|known| known == item), "{} is of item {item}", rule.id);
    }
}
