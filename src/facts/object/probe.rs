//! Probes and lifecycle handlers of containers.

use super::reading::{At, PortRef};
use crate::facts::command::Command;
use crate::facts::{Fact, Why};
use crate::source::Span;

/// How the kubelet asks a container something, or tells it.
#[derive(Clone, Debug)]
pub enum Handler {
    /// An HTTP GET.
    Http {
        /// Path; `/` by default.
        path: Fact<String>,
        /// Port.
        port: Fact<Option<PortRef>>,
        /// `HTTP` or `HTTPS`.
        scheme: Fact<String>,
        /// Host; the pod's address by default.
        host: Fact<Option<String>>,
    },
    /// A TCP connection.
    Tcp {
        /// Port.
        port: Fact<Option<PortRef>>,
        /// Host; the pod's address by default.
        host: Fact<Option<String>>,
    },
    /// The gRPC health protocol.
    Grpc {
        /// Port.
        port: Fact<Option<PortRef>>,
    },
    /// A command in the container, without a shell.
    Exec {
        /// The command.
        command: Fact<Option<Command>>,
    },
    /// A pause of so many seconds (lifecycle only).
    Sleep {
        /// Seconds.
        seconds: Fact<Option<i64>>,
    },
    /// None of these, or more than one can be told from what is there.
    Unknown(Why),
}

/// A readiness, liveness or startup probe. Times are in seconds; defaults are those of the API.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Bytes of its key (`readinessProbe`).
    pub key: Span,
    /// Bytes of its value.
    pub span: Span,
    /// What it does.
    pub handler: Handler,
    /// Seconds before the first; default 0.
    pub initial_delay: Fact<i64>,
    /// Seconds between two; default 10.
    pub period: Fact<i64>,
    /// Seconds until it counts as failed; default 1.
    pub timeout: Fact<i64>,
    /// Failures in a row that count; default 3.
    pub failure_threshold: Fact<i64>,
    /// Successes in a row that count; default 1.
    pub success_threshold: Fact<i64>,
}

impl Probe {
    /// The probe at this place; `Known(None)` when there is none.
    pub(crate) fn read(at: At<'_>) -> Fact<Option<Probe>> {
        at.optional(|value| match value.unknown_why() {
            Some(why) => Err(why),
            None => Ok(Probe {
                key: at.anchor,
                span: value.span,
                handler: Handler::read(at),
                initial_delay: at.get("initialDelaySeconds").int_or(0),
                period: at.get("periodSeconds").int_or(10),
                timeout: at.get("timeoutSeconds").int_or(1),
                failure_threshold: at.get("failureThreshold").int_or(3),
                success_threshold: at.get("successThreshold").int_or(1),
            }),
        })
    }
}

impl Handler {
    pub(crate) fn read(at: At<'_>) -> Handler {
        let (http, tcp, grpc) = (at.get("httpGet"), at.get("tcpSocket"), at.get("grpc"));
        let (exec, sleep) = (at.get("exec"), at.get("sleep"));
        if http.exists() {
            return Handler::Http {
                path: http.get("path").text_or("/"),
                port: http.get("port").port(),
                scheme: http.get("scheme").text_or("HTTP"),
                host: http.get("host").text(),
            };
        }
        if tcp.exists() {
            return Handler::Tcp { port: tcp.get("port").port(), host: tcp.get("host").text() };
        }
        if grpc.exists() {
            return Handler::Grpc { port: grpc.get("port").port() };
        }
        if exec.exists() {
            return Handler::Exec { command: exec.get("command").command() };
        }
        if sleep.exists() {
            return Handler::Sleep { seconds: sleep.get("seconds").int() };
        }
        Handler::Unknown(at.value.and_then(|value| value.unknown_why()).unwrap_or(Why::Unsupported))
    }
}
