//! What a load balancer can ask a pod, from the readiness probe.
//!
//! The load balancers of Google Cloud probe `/` unless they are told otherwise, and take a backend
//! that does not answer 200 there for dead.

use super::backend::Backend;
use crate::metadata::{IntOrString, Probe};

/// A health check as Google Cloud's load balancers know it. Seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthCheck<'a> {
    /// What is asked.
    pub protocol: Protocol<'a>,
    /// Port of the container.
    pub port: u16,
    /// Seconds between questions, 1 to 300.
    pub interval: u32,
    /// Seconds until one counts as failed, no more than the interval.
    pub timeout: u32,
    /// Successes in a row that count as success, 1 to 10.
    pub healthy: u32,
    /// Failures in a row that count as failure, 1 to 10.
    pub unhealthy: u32,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol<'a> {
    /// A GET, by HTTP or HTTPS.
    Get {
        /// Whether by HTTPS.
        secure: bool,
        /// The path.
        path: &'a str,
        /// The host that the request names.
        host: Option<&'a str>,
    },
    /// Whether the port accepts.
    Tcp,
    /// The gRPC health protocol.
    Grpc {
        /// The service in the request.
        service: Option<&'a str>,
    },
}

// Kubernetes' own defaults of a probe.
const PERIOD: u32 = 10;
const TIMEOUT: u32 = 1;
const SUCCESSES: u32 = 1;
const FAILURES: u32 = 3;

impl<'a> HealthCheck<'a> {
    /// Makes the check that asks what the readiness probe asks. A command cannot be asked from outside.
    pub(super) fn of(backend: &Backend<'a>) -> Option<Self> {
        let probe = backend.readiness()?;
        let (protocol, port) = question(backend, probe)?;
        let interval = probe.period_seconds.unwrap_or(PERIOD).clamp(1, 300);
        Some(Self {
            protocol,
            port,
            interval,
            timeout: probe.timeout_seconds.unwrap_or(TIMEOUT).clamp(1, interval),
            healthy: probe.success_threshold.unwrap_or(SUCCESSES).clamp(1, 10),
            unhealthy: probe.failure_threshold.unwrap_or(FAILURES).clamp(1, 10),
        })
    }
}

fn question<'a>(backend: &Backend<'a>, probe: &'a Probe) -> Option<(Protocol<'a>, u16)> {
    let number = |port: &IntOrString| backend.container_port(port);
    if let Some(get) = &probe.http_get {
        let headers = get.http_headers.iter().flatten();
        let mut host =
            headers.filter(|header| header.name.eq_ignore_ascii_case("host")).map(|header| &*header.value);
        let protocol = Protocol::Get {
            secure: get.scheme.as_deref() == Some("HTTPS"),
            path: get.path.as_deref().unwrap_or("/"),
            host: host.next_back(),
        };
        Some((protocol, number(&get.port)?))
    } else if let Some(socket) = &probe.tcp_socket {
        Some((Protocol::Tcp, number(&socket.port)?))
    } else {
        let grpc = probe.grpc.as_ref()?;
        Some((Protocol::Grpc { service: grpc.service.as_deref() }, grpc.port))
    }
}
