//! Whether SIGTERM gets to the end of a chain: one walk over what remains of its steps.

use super::{End, ProcessChain, Signal};
use crate::facts::Why;

/// What becomes of a SIGTERM that the container runtime sends to the first process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// The last program gets it, and has the whole grace period to end.
    Reaches,
    /// The last program gets it, and is killed after so many milliseconds by the step of this index.
    ReachesFor {
        /// Milliseconds until the kill.
        milliseconds: u32,
        /// Index of the step.
        step: usize,
    },
    /// It is lost, whatever of the things that are not known is true.
    Lost {
        /// Index of the first step that loses it.
        step: usize,
        /// In which way.
        how: Loss,
    },
    /// It is not known.
    Unknown(Why),
}

/// How a signal gets lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Loss {
    /// Nothing happens until SIGKILL at the end of the grace period.
    Swallowed,
    /// The container ends at once; the last program is killed without having been told.
    ChildNotTold,
    /// The last program is told, but the container ends before it has finished.
    CutOff,
    /// In one of these ways or another, by what is not known of the step.
    Differs,
}

/// What may come of the steps seen so far.
#[derive(Default)]
struct Outcomes {
    reaches: bool,
    limit: Option<(u32, usize)>,
    lost: Option<(usize, Loss)>,
    unknown: Option<Why>,
}

impl ProcessChain {
    /// Follows a SIGTERM from the first process to the last one.
    pub fn sigterm(&self) -> Delivery {
        if let End::Unknown(why) = self.end
            && self.steps.is_empty()
        {
            return Delivery::Unknown(why);
        }
        if self.steps.is_empty() {
            return Delivery::Unknown(Why::NotFound);
        }
        let mut outcomes = Outcomes::default();
        self.walk(&mut outcomes);
        if let Some((step, how)) = outcomes.lost
            && !outcomes.reaches
            && outcomes.unknown.is_none()
        {
            return Delivery::Lost { step, how };
        }
        if outcomes.lost.is_some() || outcomes.unknown.is_some() {
            return Delivery::Unknown(outcomes.unknown.unwrap_or(Why::Ambiguous));
        }
        // A chain that was not followed to its end says nothing about what comes after.
        if let End::Unknown(why) = self.end {
            return Delivery::Unknown(why);
        }
        match outcomes.limit {
            Some((milliseconds, step)) => Delivery::ReachesFor { milliseconds, step },
            None => Delivery::Reaches,
        }
    }

    /// Sends the signal down. Of a step with several possible behaviours each is taken: those that lose it are noted,
    /// and the walk goes on with those that do not.
    fn walk(&self, outcomes: &mut Outcomes) {
        // The processes that may stand before this step: none at all, or some.
        let (mut may_be_first, mut may_have_parent) = (true, false);
        let mut group = false;
        let last = self.steps.len() - 1;
        for (at, step) in self.steps.iter().enumerate() {
            let mut goes_on = false;
            let mut remains = false;
            let mut replaced = false;
            for signal in &step.signals {
                let mut lose = |how| match &mut outcomes.lost {
                    Some((_, other)) if *other != how => *other = Loss::Differs,
                    lost => *lost = lost.or(Some((at, how))),
                };
                match signal {
                    Signal::Receives => outcomes.reaches = true,
                    Signal::Replaced => replaced = true,
                    Signal::Passes => (goes_on, remains) = (true, true),
                    Signal::PassesToGroup => (goes_on, remains, group) = (true, true, true),
                    Signal::PassesFor(milliseconds) => {
                        (goes_on, remains) = (true, true);
                        outcomes.limit.get_or_insert((*milliseconds, at));
                    }
                    Signal::ExitsEarly => lose(Loss::CutOff),
                    Signal::Swallows if group => {
                        outcomes.unknown.get_or_insert(Why::Unsupported);
                    }
                    Signal::Swallows => lose(Loss::Swallowed),
                    Signal::LeavesChild if group => lose(Loss::CutOff),
                    Signal::LeavesChild => lose(Loss::ChildNotTold),
                    Signal::Waits if group => lose(Loss::CutOff),
                    Signal::Waits => {
                        lose(if may_have_parent && !may_be_first {
                            Loss::ChildNotTold
                        } else {
                            Loss::Swallowed
                        });
                    }
                    Signal::Unknown(why) => {
                        outcomes.unknown.get_or_insert(*why);
                        (goes_on, remains) = (true, true);
                    }
                }
            }
            if !goes_on && !replaced {
                return;
            }
            if at == last {
                // The chain stops short: what comes next would have to get the signal.
                outcomes.reaches = true;
            }
            may_have_parent = may_have_parent || remains;
            may_be_first = may_be_first && replaced;
        }
    }
}
