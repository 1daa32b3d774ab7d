//! The measured table, row by row.

use super::*;

const DEBIAN: &str = "node:24.10.0-bookworm";
const ALPINE: &str = "node:24.10.0-alpine";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Expected {
    Drained,
    Swallowed,
    NotTold,
    CutOff,
    /// Drained when it takes less than 1.6 s.
    Limited,
    Differs,
    Unknown,
}
use Expected::{CutOff, Differs, Drained, Limited, NotTold, Swallowed, Unknown};

fn result(chain: &ProcessChain) -> Expected {
    match chain.sigterm() {
        Delivery::Reaches => Drained,
        Delivery::ReachesFor { milliseconds: 1_600, .. } => Limited,
        Delivery::ReachesFor { .. } => panic!("another limit"),
        Delivery::Lost { how: Loss::Swallowed, .. } => Swallowed,
        Delivery::Lost { how: Loss::ChildNotTold, .. } => NotTold,
        Delivery::Lost { how: Loss::CutOff, .. } => CutOff,
        Delivery::Lost { how: Loss::Differs, .. } => Differs,
        Delivery::Unknown(_) => Unknown,
    }
}

#[test]
fn commands_do_what_was_measured() {
    for (cmd, debian, alpine) in [
        (r#"["node","server.js"]"#, Drained, Drained),
        (r#"["tini","--","node","server.js"]"#, Drained, Drained),
        ("node server.js", Swallowed, Drained),
        ("cd x && node ..", Swallowed, Drained),
        (r#"["bash","-c","node server.js"]"#, Drained, Drained),
        ("exec node server.js", Drained, Drained),
        ("node server.js && true", Swallowed, Swallowed),
        (r#"["bash","-c","node server.js && true"]"#, Swallowed, Swallowed),
        ("node server.js | cat", Swallowed, Swallowed),
        (r#"["tini","--","npm","start"]"#, NotTold, Drained),
        (r#"["tini","-g","--","npm","start"]"#, CutOff, Drained),
        (r#"["dumb-init","npm","start"]"#, CutOff, Drained),
        (r#"["dumb-init","--","node","server.js"]"#, Drained, Drained),
        (r#"["tini","--","sh","-c","node server.js"]"#, NotTold, Drained),
        (r#"["npx","node","server.js"]"#, NotTold, Drained),
        (r#"["bun","run","start"]"#, Drained, Drained),
        (r#"["node","--run","start"]"#, Swallowed, Swallowed),
        (r#"["node","--watch","server.js"]"#, Drained, Drained),
        (r#"["nodemon","server.js"]"#, Drained, Drained),
        (r#"["tsx","server.js"]"#, Drained, Drained),
        (r#"["ts-node","server.js"]"#, Drained, Drained),
        (r#"["cross-env","A=1","node","server.js"]"#, Drained, Drained),
        (r#"["dotenv","-e",".env","--","node","server.js"]"#, Drained, Drained),
        (r#"["pm2-runtime","server.js"]"#, Limited, Limited),
        ("migrate && npm start", Swallowed, Drained),
        (r#"["forever","server.js"]"#, Unknown, Unknown),
    ] {
        assert_eq!(result(&started(DEBIAN, cmd)), debian, "{cmd} on Debian");
        assert_eq!(result(&started(ALPINE, cmd)), alpine, "{cmd} on Alpine");
    }
}

#[test]
fn npm_does_what_was_measured_of_its_version() {
    for (version, debian, alpine) in [
        (Version(6, 14, 18), NotTold, Drained),
        (Version(7, 24, 2), NotTold, Drained),
        (Version(8, 19, 4), NotTold, Drained),
        (Version(9, 6, 6), NotTold, Drained),
        (Version(9, 6, 7), Swallowed, Swallowed),
        (Version(9, 8, 1), Swallowed, Swallowed),
        (Version(10, 2, 4), Swallowed, Swallowed),
        (Version(10, 2, 5), Swallowed, Swallowed),
        (Version(10, 3, 0), NotTold, Drained),
        (Version(10, 9, 0), NotTold, Drained),
        (Version(11, 0, 0), NotTold, Drained),
        (Version(11, 19, 0), NotTold, Drained),
        (Version(12, 2, 0), Unknown, Unknown),
    ] {
        for (base, expected) in [(DEBIAN, debian), (ALPINE, alpine)] {
            let cmd = Some(r#"["npm","start"]"#);
            let chain = chain(&Case { base, cmd, files: SERVICE, npm: Some(version), ..Case::default() });
            assert_eq!(result(&chain), expected, "npm {version} on {base}");
        }
    }
}

#[test]
fn npm_comes_from_the_tag_of_the_base() {
    for (base, expected) in [
        ("node:18.16.1", NotTold),
        ("node:18.17.0", Swallowed),
        ("node:20.11.1-alpine", Swallowed),
        ("node:20.12.0-alpine", Drained),
        ("node:20", NotTold),
        ("node:20-alpine", Drained),
        // Whichever npm it is: on Debian the shell or npm loses it.
        ("node:lts-bookworm", Differs),
        // On Alpine that decides.
        ("node:lts-alpine", Unknown),
        ("acme/node-thing:1", Unknown),
    ] {
        assert_eq!(result(&started(base, r#"["npm","start"]"#)), expected, "{base}");
    }
}

#[test]
fn yarn_and_pnpm_do_what_was_measured_of_their_version() {
    for (version, debian, alpine) in [
        (Version(1, 22, 22), CutOff, CutOff),
        (Version(4, 5, 0), Drained, Drained),
        (Version(3, 2, 0), Unknown, Unknown),
    ] {
        for (base, expected) in [(DEBIAN, debian), (ALPINE, alpine)] {
            let cmd = Some(r#"["yarn","start"]"#);
            let chain = chain(&Case { base, cmd, files: SERVICE, yarn: Some(version), ..Case::default() });
            assert_eq!(result(&chain), expected, "yarn {version} on {base}");
        }
    }
    for (version, debian, alpine) in [
        (Some(Version(7, 33, 0)), CutOff, Drained),
        (Some(Version(9, 15, 0)), CutOff, Drained),
        (Some(Version(10, 0, 0)), CutOff, Drained),
        (Some(Version(10, 20, 0)), Unknown, Unknown),
        (Some(Version(11, 28, 0)), Drained, Drained),
        (Some(Version(12, 21, 0)), Unknown, Unknown),
        (None, Unknown, Unknown),
    ] {
        for (base, expected) in [(DEBIAN, debian), (ALPINE, alpine)] {
            let cmd = Some(r#"["pnpm","start"]"#);
            let chain = chain(&Case { base, cmd, files: SERVICE, pnpm: version, ..Case::default() });
            assert_eq!(result(&chain), expected, "pnpm {version:?} on {base}");
        }
    }
}

#[test]
fn the_text_of_the_script_decides_too() {
    for (script, debian, alpine) in [
        ("exec node server.js", Drained, Drained),
        ("NODE_ENV=production node server.js", NotTold, Drained),
        ("node server.js | bunyan", NotTold, NotTold),
        ("node migrate.js && node server.js", NotTold, Drained),
        ("npm run serve", NotTold, Drained),
        ("nodemon server.js", NotTold, Drained),
        ("npm run loop", Unknown, Unknown),
    ] {
        let package = format!(
            r#"{{"scripts":{{"start":"{script}","serve":"node server.js","loop":"npm run back","back":"npm run loop"}}}}"#
        );
        for (base, expected) in [(DEBIAN, debian), (ALPINE, alpine)] {
            let files = &[("package.json", package.as_str()), ("server.js", "")];
            let chain = chain(&Case { base, cmd: Some(r#"["npm","start"]"#), files, ..Case::default() });
            let found = result(&chain);
            // Two loops of scripts never end in node; on Debian the first shell loses the signal all the same.
            let expected = if script == "npm run loop" && base == DEBIAN { NotTold } else { expected };
            assert_eq!(found, expected, "{script} on {base}");
        }
    }
}

#[test]
fn scripts_in_files_lose_it_without_exec() {
    for (text, expected) in [
        ("#!/bin/sh\nset -e\nnode migrate.js\nexec node server.js\n", Drained),
        ("#!/bin/sh\nnode server.js\n", Swallowed),
        ("#!/bin/bash\nexec \"$@\"\n", Drained),
        ("#!/bin/sh\nif [ -n \"$WAIT\" ]; then sleep 5; fi\nexec \"$@\"\n", Drained),
        ("#!/bin/sh\ntrap 'kill -TERM $PID' TERM\nnode server.js &\nPID=$!\nwait $PID\n", Unknown),
        ("#!/bin/sh\nnode server.js &\nwait\n", Swallowed),
        ("#!/bin/sh\n\"$@\"\n", Swallowed),
        ("#!/bin/sh\nif [ \"$A\" ]; then exec node a.js; else exec node server.js; fi\n", Unknown),
    ] {
        for base in [DEBIAN, ALPINE] {
            let files = &[("start.sh", text), ("server.js", "")];
            let cmd = Some(r#"["node","server.js"]"#);
            let entrypoint = Some(r#"["/app/start.sh"]"#);
            let chain = chain(&Case { base, entrypoint, cmd, files, ..Case::default() });
            assert_eq!(result(&chain), expected, "{text} on {base}");
        }
    }
}

#[test]
fn what_is_lost_is_said() {
    let said = |base: &str, cmd: &str| started(base, cmd).sentence().unwrap();
    assert_eq!(
        said("node:24.10.0", r#"["npm","start"]"#),
        "npm 11.6.1 passes SIGTERM to sh, not to node: node is killed mid-request when the pod stops"
    );
    assert_eq!(
        said("node:20.9.0-alpine", r#"["npm","start"]"#),
        "npm 10.1.0 does not pass SIGTERM on: node is killed at the end of the grace period"
    );
    assert_eq!(
        said("node:24", "node server.js"),
        "sh stays the first process and does not pass SIGTERM to node: node is killed at the end of the grace period"
    );
    assert_eq!(
        said("node:24", r#"["pm2-runtime","server.js"]"#),
        "pm2-runtime kills node 1.6 s after SIGTERM, however long the grace period is"
    );
    assert_eq!(started("node:24", r#"["node","server.js"]"#).sentence(), None);
    assert_eq!(started("node:24", r#"["npm","start"]"#).line(), "npm → sh → node");
}

#[test]
fn rows_have_names_of_their_own() {
    let mut names: Vec<&str> = ROWS.iter().map(|row| row.id).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), ROWS.len());
}
