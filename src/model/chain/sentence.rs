//! What a chain does with SIGTERM, said to people.

use super::{Delivery, End, Loss, ProcessChain, Role, Signal, Step};

impl ProcessChain {
    /// One sentence on what becomes of SIGTERM when the pod stops: lower case, no full stop. `None` when it reaches the
    /// last program, or when that is not known.
    pub fn sentence(&self) -> Option<String> {
        let last = self.last_name();
        match self.sigterm() {
            Delivery::Lost { step, how } => Some(self.lost(step, how, &last)),
            Delivery::ReachesFor { milliseconds, step } => {
                let name = &self.steps.get(step)?.program;
                let seconds = f64::from(milliseconds) / 1000.0;
                Some(format!(
                    "{name} kills {last} {seconds} s after SIGTERM, however long the grace period is"
                ))
            }
            Delivery::Reaches | Delivery::Unknown(_) => None,
        }
    }

    /// The chain in one line: `tini → npm → sh → node`. Programs that became the next one are left out.
    pub fn line(&self) -> String {
        let names: Vec<&str> = self.remaining().map(|(_, step)| step.program.as_str()).collect();
        names.join(" → ")
    }

    fn last_name(&self) -> String {
        match &self.end {
            End::Node { .. } => "node".to_owned(),
            End::Other(name) => name.clone(),
            End::Nothing | End::Unknown(_) => "the app".to_owned(),
        }
    }

    fn lost(&self, at: usize, how: Loss, last: &str) -> String {
        let step = &self.steps[at];
        let name = with_version(step);
        let before = self.remaining().take_while(|(index, _)| *index < at).last().map(|(_, before)| before);
        match (how, before) {
            (Loss::ChildNotTold, Some(before)) if step.role == Role::Shell || step.role == Role::Script => {
                format!(
                    "{} passes SIGTERM to {}, not to {last}: {last} is killed mid-request when the pod stops",
                    with_version(before),
                    step.program
                )
            }
            (Loss::ChildNotTold, _) => {
                format!(
                    "{name} ends at SIGTERM without telling {last}: {last} is killed mid-request when the pod stops"
                )
            }
            (Loss::CutOff, _) => {
                format!(
                    "{name} ends as soon as SIGTERM comes: {last} is killed before it has finished its requests"
                )
            }
            (Loss::Differs, _) => format!(
                "whichever version of {} this is, SIGTERM does not get to {last}: {last} is killed without having \
                 finished its requests",
                step.program
            ),
            (Loss::Swallowed, _) if step.signals.contains(&Signal::Waits) => format!(
                "{name} stays the first process and does not pass SIGTERM to {last}: {last} is killed at the end of \
                 the grace period"
            ),
            (Loss::Swallowed, _) => {
                format!("{name} does not pass SIGTERM on: {last} is killed at the end of the grace period")
            }
        }
    }
}

/// The name, with the version where that is why.
fn with_version(step: &Step) -> String {
    match step.version {
        Some(versions) if versions.lowest == versions.highest => {
            format!("{} {}", step.program, versions.lowest)
        }
        _ => step.program.clone(),
    }
}
