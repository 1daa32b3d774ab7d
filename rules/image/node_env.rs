//! Servers that run without NODE_ENV=production, whoever starts them.

use crate::finding::{Edit, Safety, Severity};
use crate::model::chain::Role;
use crate::model::purpose::Purpose;
use crate::model::run_mode::{Effect, Mode, developed_in, effect_of, mode_of};
use crate::model::{Image, Run};
use crate::rules::{Cx, Sink, start};
use crate::syntax::shell;

pub(crate) fn check(cx: &Cx<'_>, image: &Image, sink: &mut Sink) {
    let ships = |run: &&Run| {
        run.image == Some(image.id) && run.purpose.decided == Purpose::Ship && run.stays(cx.project)
    };
    let runs: Vec<&Run> = cx.project.runs.iter().filter(ships).filter(|run| run.is_node()).collect();
    // Where somebody develops in the container it is in the mode that it should be in.
    if runs.iter().any(|run| developed_in(cx.project, run).is_some()) {
        return;
    }
    if image.is_base || runs.is_empty() || !image.runs_node(cx.project) {
        return;
    }
    let modes: Vec<(&Run, Mode)> =
        runs.into_iter().map(|run| (run, mode_of(cx.project, image, run))).collect();
    let told = modes.iter().find_map(|(run, mode)| match mode {
        Mode::Other(value, at) => Some((*run, Some((value, *at)))),
        Mode::Unset => Some((*run, None)),
        Mode::Production | Mode::Unknown => None,
    });
    match told {
        None => {}
        Some((_, Some((value, at)))) => {
            let message =
                format!("the server runs with NODE_ENV={value}: libraries work as on a developer's machine");
            sink.report(at, message).help("set NODE_ENV=production where it ships");
        }
        Some((run, None)) => {
            let (effect, severity) = match effect_of(cx.project, run) {
                Effect::None => return,
                Effect::Package(effect) => (effect, Severity::Warning),
                Effect::Code => ("the code asks for it, and runs as in development", Severity::Warning),
                Effect::Perhaps => ("what asks for it runs as in development", Severity::Info),
            };
            let message = format!("nothing sets NODE_ENV to production: {effect}");
            let finding = sink
                .report(image.stage().from_span, message)
                .severity(severity)
                .related(run.start, "the server starts here")
                .help("write `ENV NODE_ENV=production` in the shipped stage, after its installs");
            // Where another run differs, the manifests are the place to set it.
            if modes.iter().all(|(_, mode)| *mode == Mode::Unset)
                && let Some((at, newline)) = start::before_start(cx.project, image)
            {
                let safety = if may_change(cx, image, &modes) { Safety::Unsafe } else { Safety::Safe };
                let text = format!("ENV NODE_ENV=production{newline}");
                finding.fix(
                    "Set `ENV NODE_ENV=production` in the shipped stage",
                    safety,
                    vec![Edit { span: at, text }],
                );
            }
        }
    }
}

/// True unless no code of the service asks for it, and nothing installs or builds when the container starts.
fn may_change(cx: &Cx<'_>, image: &Image, modes: &[(&Run, Mode)]) -> bool {
    let package = image.package.map(|id| cx.project.package(id));
    modes.iter().any(|(run, _)| {
        let asks = run.program.as_ref().is_none_or(|program| {
            program.reached.complete().is_err() || program.mentions(&cx.project.sources, &["NODE_ENV"])
        });
        asks || run.chain.steps.iter().any(|step| match step.role {
            Role::Node | Role::Init => false,
            Role::Shell => step.command.contains(['&', ';']),
            Role::Script => step.program != "docker-entrypoint.sh",
            // `npm start`: its script and nothing before or after it.
            Role::PackageManager => {
                let name = step.command.split_whitespace().next_back().unwrap_or("start");
                let script = package.and_then(|package| package.facts.script(name));
                !step.hooks.is_empty()
                    || script.is_none_or(|script| shell::parse(&script.text).only().is_none())
            }
            _ => true,
        })
    })
}
