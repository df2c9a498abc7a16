//! HTTP: one request after the other within a time, answers within a size, redirects that keep credentials where they belong.

use std::cell::OnceCell;
use std::time::{Duration, Instant};

use std::sync::Arc;

use ureq::Agent;
use ureq::http::{HeaderMap, Response};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use super::address::Url;
use super::said;
use crate::outcome::Failure;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// The most bytes of an answer: what registries allow a manifest to have.
const MOST: u64 = 4 << 20;
/// How often an answer may lead elsewhere.
const REDIRECTS: usize = 5;

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Head,
    Get,
}

/// An answer.
pub(super) struct Reply {
    pub(super) status: u16,
    headers: HeaderMap,
    /// Empty for HEAD.
    pub(super) body: Vec<u8>,
    /// A redirect led to another host.
    pub(super) elsewhere: bool,
}

impl Reply {
    /// Returns a header that is there once, as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        match self.headers(name).as_slice() {
            [value] => Some(value),
            _ => None,
        }
    }

    /// Returns all headers of a name, as text.
    pub(super) fn headers(&self, name: &str) -> Vec<&str> {
        self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect()
    }
}

/// Asks until its time is over.
pub(super) struct Client {
    until: Instant,
    plain: OnceCell<Agent>,
    secure: OnceCell<Agent>,
}

impl Client {
    pub(super) fn new(until: Instant) -> Self {
        Self { until, plain: OnceCell::new(), secure: OnceCell::new() }
    }

    /// How much time is left.
    pub(super) fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// Asks, and follows where it is led to. Credentials stay with the host they were meant for.
    pub(super) fn fetch(
        &self,
        method: Method,
        url: &Url,
        accept: &str,
        authorization: Option<&str>,
    ) -> Result<Reply, Failure> {
        let mut at = url.clone();
        let mut elsewhere = false;
        for _ in 0..=REDIRECTS {
            let agent = self.agent(&at)?;
            let request = match method {
                Method::Head => agent.head(at.text()),
                Method::Get => agent.get(at.text()),
            };
            let mut request = request.header("accept", accept);
            // Once away, always away: who was led to could lead back with an address of its own.
            if let Some(value) = authorization.filter(|_| !elsewhere) {
                request = request.header("authorization", value);
            }
            let response = request.config().timeout_global(Some(self.time(&at)?)).build().call();
            let reply = read(&at, response, method == Method::Get, elsewhere)?;
            if !matches!(reply.status, 301 | 302 | 303 | 307 | 308) {
                return Ok(reply);
            }
            let to = reply.header("location").and_then(|location| at.join(location));
            let to = to.ok_or_else(|| self.nonsense(&at, "it leads to an address that is not taken"))?;
            elsewhere |= !to.is_beside(url);
            at = to;
        }
        Err(self.nonsense(url, &format!("it leads elsewhere more than {REDIRECTS} times")))
    }

    /// Sends a form, which holds a secret and follows nobody.
    pub(super) fn post(&self, url: &Url, form: &[(&str, &str)]) -> Result<Reply, Failure> {
        let request = self.agent(url)?.post(url.text()).header("accept", "application/json");
        let request = request.config().timeout_global(Some(self.time(url)?)).build();
        read(url, request.send_form(form.iter().copied()), true, false)
    }

    /// Blames who answered.
    #[expect(clippy::unused_self, reason = "it is said of an answer to this client")]
    pub(super) fn nonsense(&self, url: &Url, why: &str) -> Failure {
        let mut failure = said::system(format!("`{}` gives no answer that can be used", url.authority));
        failure.causes.push(why.to_owned());
        failure
    }

    /// Returns the time that a request may take.
    fn time(&self, url: &Url) -> Result<Duration, Failure> {
        let left = self.left();
        if left.is_zero() { Err(unreachable(url, "the time for it is over")) } else { Ok(left) }
    }

    fn agent(&self, url: &Url) -> Result<&Agent, Failure> {
        let cell = if url.secure { &self.secure } else { &self.plain };
        if let Some(agent) = cell.get() {
            return Ok(agent);
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(CONNECT))
            .user_agent(concat!("onramp/", env!("CARGO_PKG_VERSION")));
        let config = if url.secure {
            let found = rustls_native_certs::load_native_certs();
            if found.certs.is_empty() {
                return Err(unreachable(url, "no authority for certificates is known on this machine")
                    .hint("install ca-certificates, or name a file of them in `SSL_CERT_FILE`"));
            }
            let roots: Vec<_> =
                found.certs.iter().map(|cert| Certificate::from_der(cert).to_owned()).collect();
            let tls = TlsConfig::builder()
                .root_certs(RootCerts::new_with_certs(&roots))
                .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()));
            config.tls_config(tls.build())
        } else {
            // No proxy reaches this machine.
            config.proxy(None)
        };
        Ok(cell.get_or_init(|| config.build().new_agent()))
    }
}

/// Reads an answer to its end.
fn read(
    url: &Url,
    response: Result<Response<ureq::Body>, ureq::Error>,
    with_body: bool,
    elsewhere: bool,
) -> Result<Reply, Failure> {
    let (head, mut body) = response.map_err(|error| unreachable(url, &why(&error)))?.into_parts();
    let body = if with_body {
        let read = body.with_config().limit(MOST).read_to_vec();
        read.map_err(|error| unreachable(url, &why(&error)))?
    } else {
        Vec::new()
    };
    Ok(Reply { status: head.status.as_u16(), headers: head.headers, body, elsewhere })
}

/// Blames the network.
fn unreachable(url: &Url, why: &str) -> Failure {
    let mut failure = said::system(format!("`{}` cannot be asked", url.authority));
    failure.causes.push(why.to_owned());
    failure.hint("without `--resolve-digest` no registry is asked")
}

/// Says what went wrong, without the address, whose query may be a secret.
fn why(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(_) => "there was no answer in time".to_owned(),
        ureq::Error::HostNotFound => "there is no host of this name".to_owned(),
        ureq::Error::BodyExceedsLimit(_) => format!("its answer has more than {MOST} bytes"),
        ureq::Error::BadUri(_) | ureq::Error::RequireHttpsOnly(_) => "its address is not taken".to_owned(),
        ureq::Error::ConnectProxyFailed(_) | ureq::Error::InvalidProxyUrl => {
            "the proxy of the environment does not connect to it".to_owned()
        }
        error => error.to_string(),
    }
}
