//! Requests: bounded in time, bytes and steps, through the proxy that the environment names, with a token for the registry's
//! own server only.

use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;
use ureq::http::{Response, StatusCode, header};
use ureq::{Agent, Body, Proxy, Timeout};

use super::address::Address;
use super::settings::{Environment, Registries, Registry};
use super::{AT_ONCE, trust};

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For a connection.
    pub connection: Duration,
    /// For a document, from the first byte that is sent to the last that is received.
    pub document: Duration,
    /// For an archive.
    pub archive: Duration,
    /// For all together: nothing is begun later.
    pub all: Duration,
    /// Before a request is made again that was answered by "not now".
    pub pause: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        let seconds = Duration::from_secs;
        Patience {
            connection: seconds(10),
            document: seconds(30),
            archive: seconds(180),
            all: seconds(900),
            pause: seconds(1),
        }
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The server said no.
    Status(u16),
    /// There was no talking to this host, for this reason.
    Unreachable(String, String),
    /// What was said makes no sense.
    Senseless(String),
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Document,
    Archive,
}

/// What to do after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// Try again.
    Again,
    /// Leave this package.
    Leave,
    /// Leave the host: every other request would fail as well.
    GiveUp,
}

const MAX_REDIRECTS: usize = 5;
const MAX_TRIES: u32 = 3;
/// Packages in a row that get no answer, after which a host is asked no more.
const MAX_FAILURES: u32 = 3;

/// How it goes with a host.
#[derive(Default)]
struct Health {
    /// Failures since the last answer.
    failures: u32,
    /// The last one.
    cause: String,
}

/// Makes the requests of one run.
pub(super) struct Wire<'r> {
    registries: &'r Registries,
    patience: Patience,
    end: Instant,
    /// For `http` and `https`: proxies differ.
    documents: [Agent; 2],
    archives: [Agent; 2],
    proxies: [Option<Proxy>; 2],
    hosts: Mutex<FxHashMap<String, Health>>,
}

impl<'r> Wire<'r> {
    pub(super) fn new(
        registries: &'r Registries,
        patience: Patience,
        environment: Environment<'_>,
    ) -> Result<Wire<'r>, String> {
        let tls = trust::config(&registries.authorities);
        let proxies = [trust::proxy(false, environment)?, trust::proxy(true, environment)?];
        let agent = |is_secure: bool, whole: Duration| -> Agent {
            let config = Agent::config_builder()
                .tls_config(tls.clone())
                .proxy(proxies[usize::from(is_secure)].clone())
                .user_agent(concat!("plimsoll/", env!("CARGO_PKG_VERSION")))
                .http_status_as_error(false)
                // Each step is looked at here: whether it may be taken, and what is said there.
                .max_redirects(0)
                .max_redirects_will_error(false)
                .max_idle_connections(AT_ONCE)
                .max_idle_connections_per_host(AT_ONCE)
                .timeout_connect(Some(patience.connection))
                .timeout_global(Some(whole))
                .build();
            config.into()
        };
        Ok(Wire {
            registries,
            patience,
            end: Instant::now() + patience.all,
            documents: [agent(false, patience.document), agent(true, patience.document)],
            archives: [agent(false, patience.archive), agent(true, patience.archive)],
            proxies,
            hosts: Mutex::default(),
        })
    }

    /// The bytes of a document, at most `limit` of them.
    pub(super) fn document(
        &self,
        registry: &Registry,
        address: &Address,
        accept: &str,
        limit: u64,
    ) -> Result<Vec<u8>, Fault> {
        let (body, from) = self.get(registry, Kind::Document, address, accept)?;
        let mut bytes = Vec::new();
        let read = body.into_reader().take(limit + 1).read_to_end(&mut bytes);
        read.map_err(|error| self.broken_off(&from, Kind::Document, error))?;
        if bytes.len() as u64 > limit {
            return Err(Fault::Senseless(format!("an answer of more than {} MiB", limit >> 20)));
        }
        Ok(bytes)
    }

    /// An archive, to be read as it comes in, and the address that has it in the end.
    pub(super) fn archive(
        &self,
        registry: &Registry,
        address: &Address,
    ) -> Result<(impl Read + use<>, Address), Fault> {
        let (body, from) = self.get(registry, Kind::Archive, address, "*/*")?;
        Ok((body.into_reader(), from))
    }

    /// Follows an address to where there is an answer.
    fn get(
        &self,
        registry: &Registry,
        kind: Kind,
        address: &Address,
        accept: &str,
    ) -> Result<(Body, Address), Fault> {
        let mut address = address.clone();
        for _ in 0..=MAX_REDIRECTS {
            let response = self.send(registry, kind, &address, accept)?;
            let status = response.status();
            if status.is_success() {
                return Ok((response.into_body(), address));
            }
            let location = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
            match location.filter(|_| status.is_redirection()) {
                Some(location) => address = address.lead(location).ok_or_else(not_followed)?,
                None => return Err(Fault::Status(status.as_u16())),
            }
        }
        Err(Fault::Senseless("its address leads on and on".to_owned()))
    }

    /// One request, made again where the server was busy or hung up.
    fn send(
        &self,
        registry: &Registry,
        kind: Kind,
        address: &Address,
        accept: &str,
    ) -> Result<Response<Body>, Fault> {
        let unreachable = |cause: String| Fault::Unreachable(address.host.clone(), cause);
        let agents = if kind == Kind::Archive { &self.archives } else { &self.documents };
        let agent = &agents[usize::from(address.is_secure)];
        let mut tries = 0;
        let (cause, then) = loop {
            if let Some(cause) = self.is_over(&address.host) {
                return Err(unreachable(cause));
            }
            let mut request = agent.get(address.to_string()).header(header::ACCEPT, accept);
            if let Some(value) = self.registries.authorization(registry, address) {
                request = request.header(header::AUTHORIZATION, value);
            }
            let (cause, then) = match request.call() {
                Ok(response) if !is_for_now(response.status()) => return Ok(response),
                Ok(response) => (format!("it answers {}", response.status()), Then::Again),
                Err(error) => self.cause(kind, error).map_err(Fault::Senseless)?,
            };
            tries += 1;
            if then != Then::Again || tries == MAX_TRIES {
                break (cause, then);
            }
            thread::sleep(self.patience.pause * tries);
        };
        let cause = match self.proxy(address) {
            Some(proxy) => format!("{cause} (by the proxy {}:{})", proxy.host(), proxy.port()),
            None => cause,
        };
        self.failed(&address.host, &cause, then);
        Err(unreachable(cause))
    }

    /// The proxy that leads to an address.
    fn proxy(&self, address: &Address) -> Option<&Proxy> {
        let proxy = self.proxies[usize::from(address.is_secure)].as_ref()?;
        let uri = address.to_string().parse().ok()?;
        (!proxy.is_no_proxy(&uri)).then_some(proxy)
    }

    /// An answer that began and did not end.
    pub(super) fn broken_off(&self, from: &Address, kind: Kind, error: io::Error) -> Fault {
        match self.cause(kind, ureq::Error::from(error)) {
            Ok((cause, _)) => {
                self.failed(&from.host, &cause, Then::Leave);
                Fault::Unreachable(from.host.clone(), cause)
            }
            Err(fault) => Fault::Senseless(fault),
        }
    }

    /// Why a host cannot be talked to, in words. The error says what is wrong with an answer that came.
    fn cause(&self, kind: Kind, error: ureq::Error) -> Result<(String, Then), String> {
        let whole = if kind == Kind::Archive { self.patience.archive } else { self.patience.document };
        Ok(match error {
            ureq::Error::HostNotFound => ("no host of this name is known".to_owned(), Then::GiveUp),
            ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => {
                (format!("no connection within {} s", self.patience.connection.as_secs_f32()), Then::GiveUp)
            }
            ureq::Error::Timeout(_) => {
                (format!("no whole answer within {} s", whole.as_secs_f32()), Then::Leave)
            }
            ureq::Error::ConnectProxyFailed(said) => (format!("the proxy says {said}"), Then::GiveUp),
            ureq::Error::Io(error) => match error.kind() {
                io::ErrorKind::ConnectionRefused => ("connection refused".to_owned(), Then::GiveUp),
                // The words of TLS: what is wrong with a certificate.
                io::ErrorKind::InvalidData => (format!("{error}{OWN_AUTHORITY}"), Then::GiveUp),
                _ => (error.to_string(), Then::Again),
            },
            ureq::Error::Rustls(_) | ureq::Error::Tls(_) => (format!("{error}{OWN_AUTHORITY}"), Then::GiveUp),
            ureq::Error::ConnectionFailed => (error.to_string(), Then::GiveUp),
            other => return Err(format!("an answer that cannot be read ({other})")),
        })
    }

    /// Why a host is asked no more, when it is not.
    fn is_over(&self, host: &str) -> Option<String> {
        if Instant::now() > self.end {
            return Some(format!("{} s were not enough to ask for all", self.patience.all.as_secs_f32()));
        }
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.get(host).filter(|health| health.failures >= MAX_FAILURES).map(|health| health.cause.clone())
    }

    fn failed(&self, host: &str, cause: &str, then: Then) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let health = hosts.entry(host.to_owned()).or_default();
        health.failures += if then == Then::GiveUp { MAX_FAILURES } else { 1 };
        health.cause = cause.to_owned();
    }

    /// Notes that a whole answer came.
    pub(super) fn answered(&self, host: &str) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(health) = hosts.get_mut(host).filter(|health| health.failures < MAX_FAILURES) {
            health.failures = 0;
        }
    }
}

/// What there is to say of an address that is not to be asked.
pub(super) fn not_followed() -> Fault {
    let which = "an address that is not followed (http and https are, and from https only https)";
    Fault::Senseless(which.to_owned())
}

const OWN_AUTHORITY: &str = " (NODE_EXTRA_CA_CERTS can name a file with a company's own authority)";

/// True for what a server says that is busy, or a proxy before one that is not there.
fn is_for_now(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 502 | 503 | 504)
}
