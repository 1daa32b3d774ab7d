//! Items about processes: how they start, end, keep time and log.

use super::deployed::Deployed;
use super::{Evidence, all, count};
use crate::date::Date;
use crate::model::Run;
use crate::model::chain::{End, Role};
use crate::model::reach::Program;

const NO_SOURCE: &str = "the source of what it runs was not found";

pub(super) fn start(deployed: &Deployed<'_>, _: Date) -> Evidence {
    all(deployed.runs.iter().map(|run| starts(run)), "nothing starts it")
}

fn starts(run: &Run) -> Evidence {
    let between = run
        .chain
        .remaining()
        .find(|(_, step)| !matches!(step.role, Role::Init | Role::Node | Role::Framework));
    match (&run.chain.end, between) {
        (End::Unknown(why), _) => {
            Evidence::Unknown(format!("what starts cannot be followed: {}", why.as_str()))
        }
        (_, Some((_, step))) => Evidence::Unknown(format!("`{}` stands between", step.command)),
        (End::Node { .. }, None) => {
            let command = run.chain.steps.last().map_or("node", |step| step.command.as_str());
            Evidence::Met(Some(run.start), format!("`{command}` is started"))
        }
        (End::Other(program), None) => Evidence::Unknown(format!("`{program}` is started")),
        (End::Nothing, None) => Evidence::Unknown("nothing says what to start".to_owned()),
    }
}

pub(super) fn signals(deployed: &Deployed<'_>, _: Date) -> Evidence {
    let handles = |run: &Run| {
        let Some(program) = &run.program else { return Evidence::Unknown(NO_SOURCE.to_owned()) };
        let handler = program.signals.items.iter().find(|handler| handler.value.signal == "SIGTERM");
        match (handler, &program.signals.rest) {
            (Some(handler), _) => Evidence::Met(Some(handler.span), "SIGTERM is handled here".to_owned()),
            (None, Err(why)) => {
                Evidence::Unknown(format!("no handler was found, and not all is read: {}", why.as_str()))
            }
            (None, Ok(())) => {
                Evidence::Unknown("nothing handles it, and nothing shows that it serves".to_owned())
            }
        }
    };
    all(deployed.servers().map(handles), "no process is meant to stay")
}

/// Evidence from the whole source of every process: what no rule found there is not there.
fn of_sources(deployed: &Deployed<'_>, absent: &str) -> Evidence {
    let whole = |program: Result<&Program, ()>| match program {
        Err(()) => Evidence::Unknown(NO_SOURCE.to_owned()),
        Ok(program) => match program.signals.rest {
            Err(why) => Evidence::Unknown(format!("not all of its source is read: {}", why.as_str())),
            Ok(()) => {
                let files = count(program.files.len(), "file", "files");
                Evidence::Met(None, format!("{absent} in {files} of source"))
            }
        },
    };
    all(deployed.programs().into_iter().map(whole), "no process is meant to stay")
}

pub(super) fn schedule(deployed: &Deployed<'_>, _: Date) -> Evidence {
    of_sources(deployed, "no scheduler")
}

pub(super) fn logs(deployed: &Deployed<'_>, _: Date) -> Evidence {
    of_sources(deployed, "no known logger that writes to a file")
}
