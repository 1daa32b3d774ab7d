//! The stage fold on small Dockerfiles.

use std::collections::BTreeMap;

use super::*;
use crate::facts::command::Command;
use crate::facts::{Fact, Origin, Why};
use crate::source::{FileId, Span};
use crate::syntax::dockerfile::parse;
use crate::syntax::image_ref::ImageRef;

fn folded(text: &str) -> Stages {
    fold(&parse(FileId(0), text.as_bytes()).tree, &BTreeMap::new(), node)
}

/// A table that knows `node` alone.
fn node(image: &ImageRef, named_at: Span) -> Option<Config> {
    let row = BaseConfig {
        row: "node",
        user: Some(None),
        workdir: Some("/".to_owned()),
        entrypoint: Some(vec!["docker-entrypoint.sh".to_owned()]),
        cmd: Some(vec!["node".to_owned()]),
        shell: None,
    };
    (image.name() == "docker.io/library/node").then(|| Config::of_base(row, named_at))
}

fn words(command: &Fact<Option<Command>>) -> Option<Vec<String>> {
    match command.known() {
        Some(Some(Command::Exec(words))) => Some(words.iter().map(|word| word.value.clone()).collect()),
        Some(Some(Command::Shell(text))) => Some(vec![text.text.clone()]),
        _ => None,
    }
}

#[test]
fn fields_come_down_the_from_chain_with_the_bytes_that_set_them() {
    let text = "FROM node:22 AS Base\nUSER node\nWORKDIR /app\nCMD [\"a.js\"]\nFROM base\nWORKDIR sub\n";
    let stages = folded(text);
    let last = stages.shipped(None).unwrap();
    assert_eq!(last.from.stage(), Some(0));
    assert_eq!(last.config.user.known(), Some(&Some("node".to_owned())));
    assert_eq!(&text[last.config.user.span().unwrap().range()], "node");
    assert_eq!(last.config.workdir.known().map(String::as_str), Some("/app/sub"));
    assert_eq!(words(&last.config.cmd), Some(vec!["a.js".to_owned()]));
    assert_eq!(words(&last.config.entrypoint), Some(vec!["docker-entrypoint.sh".to_owned()]));
    assert!(matches!(&last.config.entrypoint, Fact::Known { origin: Origin::Table { row: "node", .. }, .. }));
    assert_eq!(stages.lineage(last).map(|stage| stage.index).collect::<Vec<_>>(), [1, 0]);
}

#[test]
fn entrypoint_clears_an_inherited_cmd_only() {
    let cmd = |text: &str| words(&folded(text).shipped(None).unwrap().config.cmd);
    assert_eq!(cmd("FROM node\nENTRYPOINT [\"x\"]\n"), None);
    assert_eq!(cmd("FROM node\nCMD [\"y\"]\nENTRYPOINT [\"x\"]\n"), Some(vec!["y".to_owned()]));
    assert_eq!(cmd("FROM node AS a\nCMD [\"y\"]\nFROM a\nENTRYPOINT [\"x\"]\n"), None);
    let stages = folded("FROM node\nENTRYPOINT []\n");
    assert_eq!(stages.stages[0].config.entrypoint.known(), Some(&None));
}

#[test]
fn what_comes_with_an_unknown_base_is_unknown() {
    let stages = folded("FROM example.com/x\nUSER 1000\n");
    let config = &stages.stages[0].config;
    assert_eq!(config.cmd, Fact::Unknown(Why::UnknownBase));
    assert_eq!(config.user.known(), Some(&Some("1000".to_owned())));
    let scratch = folded("FROM scratch\n");
    assert!(matches!(scratch.stages[0].config.user, Fact::Known { value: None, .. }));
    let broken = folded("FROM scratch\nUSER\n");
    assert_eq!(broken.stages[0].config.user, Fact::Unknown(Why::Broken));
}

#[test]
fn from_sees_global_args_and_earlier_stages_as_they_are_written() {
    let from =
        |text: &str| format!("{:?}", folded(text).shipped(None).unwrap().from.image().map(ImageRef::name));
    assert_eq!(from("ARG V=node\nFROM $V:22\n"), "Some(\"docker.io/library/node\")");
    assert_eq!(from("ARG V\nFROM node:$V\n"), "None");
    assert_eq!(from("FROM node AS Build\nFROM Build\n"), "None");
    assert_eq!(folded("FROM node AS Build\nFROM build\n").stages[1].from.stage(), Some(0));
    // A stage may not start from itself or a later one: that is an image of this name.
    assert_eq!(folded("FROM later\nFROM node AS later\n").stages[0].from.stage(), None);
    let platform = folded("FROM --platform=$BUILDPLATFORM node\n").stages[0].platform.clone();
    assert_eq!(platform, Some(Fact::Unknown(Why::Variable)));
}

#[test]
fn args_need_to_be_declared_in_the_stage() {
    let user = |text: &str| folded(text).shipped(None).unwrap().config.user.clone();
    let known = |text: &str| user(text).known().cloned().flatten();
    assert_eq!(known("ARG U=a\nFROM scratch\nARG U\nUSER $U\n").as_deref(), Some("a"));
    assert_eq!(known("ARG U=a\nFROM scratch\nUSER x$U\n").as_deref(), Some("x"));
    assert_eq!(known("FROM scratch\nARG U=a\nENV U=b\nUSER $U\n").as_deref(), Some("b"));
    assert_eq!(known("FROM scratch\nENV A=1\nENV A=2 B=$A\nUSER $B\n").as_deref(), Some("1"));
    assert_eq!(user("FROM scratch\nARG U\nUSER $U\n"), Fact::Unknown(Why::Variable));
    assert_eq!(known("FROM scratch AS a\nARG U=x\nFROM a\nUSER $U\n").as_deref(), Some("x"));
    let set = BTreeMap::from([("U".to_owned(), "set".to_owned())]);
    let tree = parse(FileId(0), b"FROM scratch\nARG U=a\nUSER $U\n").tree;
    assert_eq!(fold(&tree, &set, node).stages[0].config.user.known(), Some(&Some("set".to_owned())));
}

#[test]
fn copies_and_mounts_lead_to_the_stages_that_are_built() {
    let text = "FROM a AS deps\nFROM a AS test\nFROM a AS Build\nRUN --mount=from=deps,target=/d x\n\
                FROM a\nWORKDIR /srv\nARG D=dist\nCOPY --from=build $D ./\nCOPY --from=img:1 /x /y\nCOPY --from=9 a b\n";
    let stages = folded(text);
    let last = stages.shipped(None).unwrap();
    let reached: Vec<usize> = stages.reachable(last).iter().map(|stage| stage.index).collect();
    assert_eq!(reached, [0, 2, 3]);
    let copy = &last.copies[0];
    assert_eq!(copy.dest.value.known().map(String::as_str), Some("/srv/"));
    assert_eq!(copy.sources[0].value.known().map(String::as_str), Some("dist"));
    assert!(matches!(&last.copies[1].from, CopyFrom::Image(image) if image.value.text == "img:1"));
    assert!(matches!(&last.copies[2].from, CopyFrom::Unknown(why) if why.value == Why::NotFound));
    assert_eq!(stages.shipped(Some("BUILD")).map(|stage| stage.index), Some(2));
    assert!(stages.shipped(Some("nope")).is_none());
}

#[test]
fn run_bodies_are_what_the_shell_gets() {
    let text = "FROM a\nSHELL [\"/bin/bash\", \"-c\"]\nRUN a \\\n# note\n  && b\nRUN <<-E\n\techo\n\tE\n\
                RUN cat <<E > f\nx\nE\nRUN <<E\n#!/usr/bin/env node\n1\nE\nRUN [\"x\", \"y\"]\n";
    let stages = folded(text);
    let bodies: Vec<&RunBody> = stages.stages[0].runs.iter().map(|run| &run.body).collect();
    let shell = |body: &RunBody| match body {
        RunBody::Shell(text) => text.text.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(shell(bodies[0]), "a   && b");
    assert_eq!(shell(bodies[1]), "echo\n");
    assert_eq!(shell(bodies[2]), "cat <<E > f\nx\nE");
    assert!(matches!(bodies[3], RunBody::Program(text) if text.text.starts_with("#!/usr")));
    assert!(matches!(bodies[4], RunBody::Exec(words) if words.len() == 2));
    let RunBody::Shell(body) = bodies[1] else { unreachable!() };
    assert_eq!(&text[body.span(0, 4).range()], "echo");
    assert_eq!(stages.stages[0].runs[0].shell.known().map(|shell| shell[0].as_str()), Some("/bin/bash"));
}

#[test]
fn ports_volumes_signals_and_checks() {
    let text = "FROM scratch\nENV P=\"80 443\"\nEXPOSE $P 8000-8010/UDP\nVOLUME [\"/a\"]\nSTOPSIGNAL SIGQUIT\n\
                HEALTHCHECK --interval=5s CMD x\n";
    let config = folded(text).stages[0].config.clone();
    let ports: Vec<_> = config.exposed.items.iter().map(|port| port.value.range).collect();
    assert_eq!(ports, [Some((80, 80)), Some((443, 443)), Some((8000, 8010))]);
    assert_eq!(config.exposed.items[2].value.protocol, "udp");
    assert_eq!(config.volumes.items[0].value, "/a");
    assert_eq!(config.stop_signal.known(), Some(&Some("SIGQUIT".to_owned())));
    assert!(config.healthcheck.known().unwrap().is_some());
    let off = folded(&format!("{text}HEALTHCHECK NONE\n"));
    assert_eq!(off.stages[0].config.healthcheck.known(), Some(&None));
}

#[test]
fn thousands_of_stages_stay_small() {
    let mut text = String::from("FROM scratch AS a\n");
    (0..5_000).for_each(|n| text += &format!("ENV V{n}=x\n"));
    (0..5_000).for_each(|n| text += &format!("FROM a AS s{n}\nCOPY --from=s1 x y\n"));
    let stages = folded(&text);
    assert_eq!(stages.stages.len(), 5_001);
    assert_eq!(stages.stages[5_000].config.user, Fact::Unknown(Why::Unsupported));
    assert_eq!(stages.reachable(&stages.stages[5_000]).len(), 3);
}

#[test]
fn paths_below_the_workdir_of_an_unknown_base_are_kept() {
    let text = "FROM corp/node\nCOPY . ./\nCOPY a ./x//y/\nCOPY b ../z\nCOPY c /abs\nWORKDIR sub\nCOPY d e\nWORKDIR /app\nCOPY f g\n";
    let stages = folded(text);
    let places: Vec<Option<&str>> =
        stages.stages[0].copies.iter().map(|copy| copy.dest_in_base.as_deref()).collect();
    assert_eq!(places, [Some(""), Some("x/y"), None, None, None, None]);
}
