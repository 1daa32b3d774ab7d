//! What a program does when SIGTERM comes: which servers it stops, what it closes, when it ends and with which code.
//!
//! Handlers are followed through the functions that they call, also into other modules. What could not be followed makes
//! `complete` an error; what was found on the way stays true.

mod follow;
mod server;
mod walk;

#[cfg(test)]
mod tests;

use crate::facts::module::{
    Client, Listen, SignalHandler, When, answers_close, clients, endless_intervals, waits_for_close,
};
use crate::facts::resolve::Resolver;
use crate::facts::{Fact, Found, Why};
use crate::model::reach::Scripts;
use crate::source::{FileId, Sources, Span};

pub use server::Server;

/// What a program does when it is asked to stop.
#[derive(Debug)]
pub struct Shutdown {
    /// What each function does that the code itself gives to `process.on("SIGTERM", …)`.
    pub handlers: Vec<Handling>,
    /// `Ok` when these are all handlers of SIGTERM, and everything that they call was followed.
    pub complete: Result<(), Why>,
    /// The servers that listen.
    pub servers: Vec<Server>,
    /// Connections that are opened when the program is loaded.
    pub clients: Vec<Client>,
    /// Intervals that are started when the program is loaded, and that nobody can stop.
    pub intervals: Vec<Span>,
    /// True when some listener waits for something to have closed, and may end or close the rest.
    pub ends_elsewhere: bool,
    /// True when answers may tell clients to end their connections.
    pub answers_close: bool,
}

/// What one handler of SIGTERM does.
#[derive(Clone, Debug)]
pub struct Handling {
    /// Bytes of the call that adds it.
    pub at: Span,
    /// The calls that end the process.
    pub ends: Vec<End>,
    /// The calls that close something.
    pub closes: Vec<Close>,
    /// The calls that end connections of a server.
    pub drains: Vec<Span>,
    /// `Ok` when every function that it calls was followed.
    pub complete: Result<(), Why>,
}

/// A call that ends the process.
#[derive(Clone, Debug)]
pub struct End {
    /// Its bytes.
    pub span: Span,
    /// The exit code; `None` for a signal that the process sends to itself.
    pub code: Option<Fact<i64>>,
    /// When it is reached.
    pub moment: Moment,
}

/// A call that closes something.
#[derive(Clone, Debug)]
pub struct Close {
    /// Its bytes.
    pub span: Span,
    /// What it closes.
    pub target: Target,
    /// When it is reached.
    pub moment: Moment,
}

/// What is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Servers that listen, by their place in [`Shutdown::servers`].
    Servers(Vec<usize>),
    /// Something that a package made or is, and that no server was given to.
    Package(String),
    /// Nobody can tell.
    Unknown,
}

/// When something on the way out is reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// True when it is reached whatever happens.
    pub certain: bool,
    /// True when it is reached only after something failed.
    pub failing: bool,
    /// What was waited for before.
    pub after: Waits,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Waits {
    /// That a server closes.
    pub server: bool,
    /// Something else that is known to be no server.
    pub other: bool,
    /// Something of which nobody can tell what it is.
    pub unknown: bool,
    /// A time in milliseconds.
    pub delay: f64,
    /// A time that nobody can tell.
    pub some_delay: bool,
}

impl Waits {
    /// First this, then that.
    fn then(self, next: Waits) -> Waits {
        Waits { delay: self.delay + next.delay, ..self.and(next) }
    }

    /// Both at once.
    fn and(self, other: Waits) -> Waits {
        Waits {
            server: self.server || other.server,
            other: self.other || other.other,
            unknown: self.unknown || other.unknown,
            delay: self.delay.max(other.delay),
            some_delay: self.some_delay || other.some_delay,
        }
    }

    /// True when no time passes.
    pub fn is_none(&self) -> bool {
        *self == Waits::default()
    }
}

impl Moment {
    /// When the signal comes.
    const START: Moment = Moment {
        certain: true,
        failing: false,
        after: Waits { server: false, other: false, unknown: false, delay: 0.0, some_delay: false },
    };
}

impl Shutdown {
    /// What the handlers close, all together.
    pub fn closes(&self) -> impl Iterator<Item = &Close> {
        self.handlers.iter().flat_map(|handling| &handling.closes)
    }

    /// The calls by which the handlers end the process, all together.
    pub fn ends(&self) -> impl Iterator<Item = &End> {
        self.handlers.iter().flat_map(|handling| &handling.ends)
    }

    /// Servers that listen in production.
    pub fn servers(&self) -> impl Iterator<Item = (usize, &Server)> {
        self.servers.iter().enumerate().filter(|(_, server)| server.mode == When::Production)
    }

    /// True when some handler closes this server, or something of which nobody can tell what it is.
    pub fn may_close(&self, server: usize) -> bool {
        self.closes().any(|close| match &close.target {
            Target::Servers(closed) => closed.contains(&server),
            Target::Package(_) => false,
            Target::Unknown => true,
        })
    }

    /// The longest time in milliseconds that a handler lets pass before it ends the process or closes something, with the
    /// place that says so; `None` when there is none, or when nobody can tell.
    pub fn own_time(&self) -> Option<(f64, Span)> {
        let ends = self.ends().map(|end| (end.moment, end.span));
        let closes = self.closes().map(|close| (close.moment, close.span));
        let timed = ends.chain(closes).filter(|(moment, _)| moment.after.delay > 0.0);
        timed.map(|(moment, span)| (moment.after.delay, span)).max_by(|a, b| a.0.total_cmp(&b.0))
    }
}

impl End {
    /// True when the process ends before anything was waited for that may be the close of a server.
    pub fn is_at_once(&self) -> bool {
        let Moment { certain, failing, after } = self.moment;
        let waited = after.server || after.unknown || after.some_delay || after.delay > 0.0;
        self.code.is_some() && certain && !failing && !waited
    }
}

/// Follows the handlers of SIGTERM of a program.
pub(crate) fn shutdown(
    files: &[FileId],
    signals: &Found<SignalHandler>,
    listens: &[Listen],
    sources: &Sources,
    resolver: &Resolver,
    scripts: &Scripts,
) -> Shutdown {
    let world = follow::World::new(files, sources, resolver, scripts);
    let mut shutdown = Shutdown {
        handlers: Vec::new(),
        complete: signals.rest,
        servers: Vec::new(),
        clients: Vec::new(),
        intervals: Vec::new(),
        ends_elsewhere: false,
        answers_close: false,
    };
    for facts in files.iter().filter_map(|file| scripts.facts(sources, *file)) {
        shutdown.intervals.extend(endless_intervals(facts));
        shutdown.clients.extend(clients(facts));
        shutdown.ends_elsewhere |= waits_for_close(facts);
        shutdown.answers_close |= answers_close(facts);
    }
    shutdown.servers = listens.iter().filter_map(|listen| server::server(&world, listen)).collect();
    let handlers = signals.items.iter().filter(|handler| handler.value.signal == "SIGTERM");
    for handler in handlers {
        let call = handler.value.listener;
        let handling = call.and_then(|call| walk::handling(&world, &shutdown.servers, handler.span, call));
        let known = handling.as_ref().map_or(Err(Why::Unsupported), |handling| handling.complete);
        shutdown.complete = shutdown.complete.and(known);
        shutdown.handlers.extend(handling);
    }
    shutdown
}
