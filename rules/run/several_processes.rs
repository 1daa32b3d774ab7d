//! Containers in which several programs live beside each other.

use crate::facts::base_images::Runtime;
use crate::model::Run;
use crate::model::chain::{Aside, Role, Step, When};
use crate::rules::{Cx, Sink};

/// Programs that start several others and stay with them.
const SUPERVISORS: [&str; 12] = [
    "supervisord",
    "s6-svscan",
    "s6-overlay-suexec",
    "runsvdir",
    "runit",
    "foreman",
    "honcho",
    "overmind",
    "goreman",
    "multirun",
    "circusd",
    "monit",
];
/// Programs that start others by the clock.
const CRON: [&str; 5] = ["crond", "cron", "supercronic", "busybox-crond", "fcron"];
/// Programs that serve until they are stopped.
const SERVERS: [&str; 14] = [
    "node",
    "nginx",
    "caddy",
    "httpd",
    "apache2",
    "haproxy",
    "redis-server",
    "mongod",
    "postgres",
    "mysqld",
    "nodemon",
    "pm2-runtime",
    "http-server",
    "serve",
];

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let is_other = matches!(run.runtime.known(), Some(Runtime::Other(_) | Runtime::None));
    if is_other || !run.stays(cx.project) {
        return;
    }
    let named = |names: &[&str]| run.chain.steps.iter().find(|step| names.contains(&step.program.as_str()));
    let help = "give each its own container, with its own probes, limits and restarts";
    if let Some(step) = named(&SUPERVISORS) {
        let message = format!(
            "{} starts several programs in one container: when one of them dies the pod stays up and ready",
            step.program
        );
        sink.report(run.start, message).help(help);
        return;
    }
    if let Some(step) = named(&CRON) {
        let message = format!(
            "{} starts work by the clock inside of the container: each replica does it, and what fails is seen by nobody",
            step.program
        );
        sink.report(run.start, message).help("make each entry of the crontab a CronJob");
        return;
    }
    let beside: Vec<&Aside> = run
        .chain
        .asides
        .iter()
        .filter(|aside| aside.when == When::Beside && lives(aside) || detaches(aside))
        .collect();
    let Some(first) = beside.first() else { return };
    let serves = |step: &&Step| !matches!(step.role, Role::Shell | Role::Script | Role::PackageManager);
    let main = run.chain.steps.last().filter(serves).map_or("other programs", |step| step.program.as_str());
    let name = first.words.join(" ");
    let message = if beside.len() > 1 && main != "node" {
        format!("{} programs live in one container: when `{name}` dies nothing restarts it", beside.len())
    } else {
        format!(
            "`{name}` lives in the container beside {main}: when it dies nothing restarts it, and no probe sees it"
        )
    };
    let mut draft = sink.report(run.start, message);
    for aside in beside.iter().filter(|aside| !run.start.contains(aside.at)) {
        draft = draft.related(aside.at, "started here");
    }
    draft.help(help);
}

/// Whether a program that the next one waits for leaves a daemon behind, as far as its name and options tell.
fn detaches(aside: &Aside) -> bool {
    let has = |text: &str| aside.words.iter().any(|word| word.contains(text));
    let first = aside.words.first().map_or("", |word| word.rsplit('/').next().unwrap_or(word));
    match first {
        "cron" | "crond" => {
            !aside.words.iter().any(|word| matches!(word.as_str(), "-f" | "-n" | "-foreground"))
        }
        "nginx" => aside.words.len() == 1,
        "service" => aside.words.get(2).is_some_and(|verb| verb == "start"),
        "redis-server" => has("--daemonize"),
        _ => false,
    }
}

/// Whether a program serves until it is stopped, as far as its name tells.
fn lives(aside: &Aside) -> bool {
    let mut words = aside.words.iter().map(|word| word.rsplit('/').next().unwrap_or(word));
    let first = words.next().unwrap_or("");
    let verb = words.next().unwrap_or("");
    let service = first == "service" && aside.words.get(2).is_some_and(|verb| verb == "start");
    service
        || SERVERS.contains(&first) && verb != "-e" && verb != "--version"
        || CRON.contains(&first)
        || first.ends_with("-server")
        || matches!((first, verb), ("next" | "nuxt" | "strapi" | "directus" | "fastify", "start"))
}
