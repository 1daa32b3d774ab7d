//! Servers for development as the program that a container starts.

use crate::model::Run;
use crate::model::chain::{Role, Step};
use crate::rules::{Cx, Sink};

pub(crate) fn check(cx: &Cx<'_>, run: &Run, sink: &mut Sink) {
    let serves = |step: &&Step| step.role == Role::DevServer && !step.is_watcher();
    let Some(step) = run.chain.steps.iter().find(serves).filter(|_| run.stays(cx.project)) else { return };
    let message = format!(
        "`{}` is a development server: it compiles while it serves, shows its sources and errors to clients, and \
         was never meant to take load",
        step.command
    );
    let mut draft = sink.report(run.start, message);
    if let Some(at) = step.at.filter(|at| !run.start.contains(*at)) {
        draft = draft.related(at, format!("{} is started here", step.program));
    }
    draft.help(instead(&step.program));
}

/// What the tool's own documentation starts in production.
fn instead(program: &str) -> &'static str {
    match program {
        "next" => "build in the image (`RUN next build`) and start `next start`, or the standalone server",
        "nuxt" | "nuxi" => "build in the image (`RUN nuxt build`) and start `node .output/server/index.mjs`",
        "nest" => "build in the image (`RUN nest build`) and start `node dist/main.js`",
        "strapi" | "medusa" | "keystone" | "directus" => {
            "build in the image and start the framework's own `start` command"
        }
        "fastify" => "drop `--watch`",
        _ => "build static files in a build stage, and serve them with a web server",
    }
}
