//! What programs do with SIGTERM: measured with each program as the first process of a PID namespace, the signal sent
//! from outside, an app that takes 0.7 s to drain, and 6 s until SIGKILL.

use crate::facts::Why;
use crate::facts::base_images::{Tool, Version, Versions};

/// What a program of the chain does when SIGTERM comes to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signal {
    /// It handles it itself, or dies of it: the last program of a chain.
    Receives,
    /// It is no longer there: its process became the next program.
    Replaced,
    /// It hands the signal on and waits for the next program to end.
    Passes,
    /// It hands the signal on to its process group, and ends when the program that it started ends.
    PassesToGroup,
    /// It hands the signal on, but kills what has not ended after so many milliseconds.
    PassesFor(u32),
    /// It hands the signal on and ends at once: the container stops while requests are served.
    ExitsEarly,
    /// It stays, and the next program never hears of it: SIGKILL comes at the end of the grace period.
    Swallows,
    /// It ends at once and the next program never hears of it.
    LeavesChild,
    /// A shell that waits for its child: as the first process it swallows the signal, anywhere else it leaves its child.
    Waits,
    /// It is not known.
    Unknown(Why),
}

/// A row of the measured table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    /// Its name.
    pub id: &'static str,
    /// What was started.
    pub program: &'static str,
    /// What happened.
    pub result: &'static str,
    /// Where and when it was measured.
    pub source: &'static str,
}

const D1: &str = "85 runs on Debian 12 with dash 0.5.12 and BusyBox 1.35, 2026-11-20";
const PID1: &str =
    "runs of process 1 on Debian 12 with dash 0.5.12, bash 5.2.15 and BusyBox 1.35, 2026-11-20";

macro_rules! rows {
    ($($name:ident = $id:literal, $program:literal, $result:literal, $source:expr;)*) => {
        $(pub(super) const $name: &Row = &Row { id: $id, program: $program, result: $result, source: $source };)*
        /// The measured table, for `plimsoll facts`.
        pub const ROWS: &[&Row] = &[$($name),*];
    };
}

rows! {
    INIT = "init", "tini -- node, dumb-init node", "the signal reaches node", D1;
    INIT_GROUP = "init-group", "tini -g -- npm start, dumb-init npm start",
        "the signal reaches every process; behind dash the container ends before node has drained, behind BusyBox not", PID1;
    SH_WAITS = "sh-waits", "sh -c \"node …\" in dash; any shell script without exec; pipes",
        "the shell waits: as process 1 it ignores the signal, elsewhere it dies and leaves node", D1;
    SH_EXECS = "sh-execs", "sh -c \"node …\" in BusyBox; bash -c \"node …\"; exec",
        "the last command takes the shell's process", PID1;
    SH_SOME = "sh-some", "bash -c \"a && node …\"", "bash from 5.1 on runs the last command in its own process", PID1;
    SH_TRAP = "sh-trap", "a script with trap", "the script decides", "not measured";
    NPM_PASSES = "npm-passes", "npm 6 to 9.6.6, 10.3 to 11.19",
        "npm signals the shell of the script and ends with it", D1;
    NPM_SWALLOWS = "npm-swallows", "npm 9.6.7 to 10.2.5", "npm stays until SIGKILL and tells nobody", D1;
    YARN_CLASSIC = "yarn-1", "yarn 1.22", "yarn ends at once", D1;
    YARN_BERRY = "yarn-4", "yarn 4", "yarn has a shell of its own, passes the signal on and waits", D1;
    PNPM_OLD = "pnpm-7-10", "pnpm 7 to 10.0",
        "in dash pnpm ends at once after signalling node; where the shell becomes node, it waits", D1;
    PNPM_NEW = "pnpm-11", "pnpm 11.28", "passed on and waited for; exit status 1", D1;
    BUN = "bun-run", "bun run", "passed on and waited for", D1;
    NODE_RUN = "node-run", "node --run (22, 24, 26)", "the signal is not passed on", D1;
    FORWARDS = "forwards", "node --watch, nodemon, tsx, ts-node, cross-env, dotenv, concurrently",
        "passed on and waited for", D1;
    PM2_RUNTIME = "pm2-runtime", "pm2-runtime", "passed on; what has not ended after 1.6 s is killed", D1;
    ENTRYPOINT_EXECS = "entrypoint-execs", "docker-entrypoint.sh of node, nginx, postgres, redis and other official images",
        "ends with exec \"$@\"", "nodejs/docker-node f27d936f, nginx/docker-nginx, docker-library/postgres, docker-library/redis";
}

/// npm's behaviour in a range of versions.
pub(super) fn npm(tool: Tool) -> (Vec<Signal>, &'static Row) {
    let window = (Version(9, 6, 7), Version(10, 2, 5));
    let end = Version(11, u32::MAX, u32::MAX);
    let Some(versions) = versions(tool) else {
        return (vec![Signal::Passes, Signal::Swallows], NPM_PASSES);
    };
    if versions.within(window.0, window.1) {
        return (vec![Signal::Swallows], NPM_SWALLOWS);
    }
    if versions.lowest < Version(6, 0, 0) || versions.highest > end {
        return (vec![Signal::Unknown(Why::Unsupported)], NPM_PASSES);
    }
    if versions.highest < window.0 || versions.lowest > window.1 {
        return (vec![Signal::Passes], NPM_PASSES);
    }
    (vec![Signal::Passes, Signal::Swallows], NPM_PASSES)
}

/// Yarn's behaviour; `true` when it runs scripts in a shell of its own.
pub(super) fn yarn(tool: Tool) -> (Vec<Signal>, Option<&'static Row>, bool) {
    match versions(tool) {
        Some(versions) if versions.within(Version(1, 22, 0), Version(1, u32::MAX, 0)) => {
            (vec![Signal::ExitsEarly], Some(YARN_CLASSIC), false)
        }
        Some(versions) if versions.within(Version(4, 0, 0), Version(4, u32::MAX, u32::MAX)) => {
            (vec![Signal::Passes], Some(YARN_BERRY), true)
        }
        _ => (vec![Signal::Unknown(Why::Unsupported)], None, false),
    }
}

/// pnpm's behaviour, by whether the shell of the script stays.
pub(super) fn pnpm(tool: Tool, shell_stays: Option<bool>) -> (Vec<Signal>, Option<&'static Row>) {
    let Some(versions) = versions(tool) else { return (vec![Signal::Unknown(Why::Unsupported)], None) };
    if versions.within(Version(7, 0, 0), Version(10, 0, u32::MAX)) {
        let signals = match shell_stays {
            Some(true) => vec![Signal::ExitsEarly],
            Some(false) => vec![Signal::Passes],
            None => vec![Signal::ExitsEarly, Signal::Passes],
        };
        return (signals, Some(PNPM_OLD));
    }
    if versions.within(Version(11, 28, 0), Version(11, u32::MAX, u32::MAX)) {
        return (vec![Signal::Passes], Some(PNPM_NEW));
    }
    (vec![Signal::Unknown(Why::Unsupported)], None)
}

/// True when pnpm of this version reaches the app past a shell that stays.
pub(super) fn pnpm_reaches_past_shell(tool: Tool) -> bool {
    versions(tool).is_some_and(|versions| versions.lowest >= Version(7, 0, 0))
}

/// The versions that a tool may have, where they are known.
pub(super) fn versions(tool: Tool) -> Option<Versions> {
    match tool {
        Tool::Present(versions) => versions,
        Tool::Absent | Tool::Unknown => None,
    }
}
