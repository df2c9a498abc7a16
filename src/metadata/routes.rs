//! `routes`: how requests from outside reach an API, in words that no router owns.

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor, value};

use super::unions::IntOrString;
use crate::ordered::Ordered;
use crate::platform::RouterKind;

/// The two entries, and how far the API has moved from one to the other.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routes {
    /// Which entries are served; those that are written when left out.
    pub stage: Option<Stage>,
    /// Hosts that the API had before it came onto the platform.
    pub legacy: Option<LegacyRoute>,
    /// A prefix on the platform's one host.
    pub unified: Option<UnifiedRoute>,
}

/// How far an API has moved from its own hosts to the platform's one host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Only its own hosts.
    Legacy,
    /// Both.
    Dual,
    /// Only the one host.
    Unified,
}

/// The hosts of old.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LegacyRoute {
    /// Hosts, each with its paths.
    #[serde(default)]
    pub hosts: Vec<LegacyHost>,
    /// Workload that paths lead to which name none.
    pub workload: Option<String>,
    /// Port that paths lead to which name none.
    pub port: Option<IntOrString>,
    /// Live name of the object.
    pub name: Option<String>,
    /// The day after which the hosts should be gone, as `YYYY-MM-DD`.
    pub sunset: Option<String>,
    /// Certificate of the hosts that name none.
    pub tls: Option<Tls>,
    /// How long a request may take.
    pub timeout: Option<Timeout>,
    /// The greatest body of a request.
    pub max_body_size: Option<ByteSize>,
    /// Networks that requests may come from; empty for all.
    #[serde(default)]
    pub allowed_sources: Vec<String>,
    /// How many requests a client may send.
    pub rate_limit: Option<RateLimit>,
    /// Annotations of the objects, by router.
    #[serde(default)]
    pub annotations: RouterAnnotations,
}

/// The prefix on the unified host.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct UnifiedRoute {
    /// The prefix.
    pub prefix: Option<String>,
    /// Whether it is taken off before the container sees the path; so when left out.
    pub strip: Option<bool>,
    /// What takes its place.
    pub rewrite_prefix: Option<String>,
    /// Workload that it leads to.
    pub workload: Option<String>,
    /// Port that it leads to.
    pub port: Option<IntOrString>,
    /// Live name of the object.
    pub name: Option<String>,
    /// Certificate of the host.
    pub tls: Option<Tls>,
    /// How long a request may take.
    pub timeout: Option<Timeout>,
    /// The greatest body of a request.
    pub max_body_size: Option<ByteSize>,
    /// Networks that requests may come from; empty for all.
    #[serde(default)]
    pub allowed_sources: Vec<String>,
    /// How many requests a client may send.
    pub rate_limit: Option<RateLimit>,
    /// Annotations of the objects, by router.
    #[serde(default)]
    pub annotations: RouterAnnotations,
}

/// One host of old: its name alone leads all of it to the API.
#[derive(Clone, Debug, PartialEq)]
pub struct LegacyHost {
    /// The host.
    pub host: String,
    /// Its paths; empty for the whole host.
    pub paths: Vec<RoutePath>,
    /// Its certificate, where it is another than the route's.
    pub tls: Option<Tls>,
}

/// One path of a host.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RoutePath {
    /// The prefix; `/` for the whole host.
    pub prefix: String,
    /// Whether only the path itself is meant, and nothing below it.
    #[serde(default)]
    pub exact: bool,
    /// Whether the prefix is taken off; not so when left out.
    pub strip: Option<bool>,
    /// What takes its place.
    pub rewrite_prefix: Option<String>,
    /// Workload that it leads to.
    pub workload: Option<String>,
    /// Port that it leads to.
    pub port: Option<IntOrString>,
}

/// Where a certificate comes from.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Tls {
    /// The Secret that holds it, or that the issuer writes.
    pub secret: Option<String>,
    /// cert-manager's `ClusterIssuer` that makes it.
    pub issuer: Option<String>,
    /// A certificate that the load balancer already has, by name.
    pub pre_shared_certificate: Option<String>,
}

/// How many requests a client may send.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RateLimit {
    /// Requests in a second.
    pub requests_per_second: u32,
    /// Requests beyond that which are let through at once; the router's own number when left out.
    pub burst: Option<u32>,
}

/// Annotations of an entry's objects, for what its neutral words cannot say.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RouterAnnotations {
    /// For ingress-nginx.
    pub ingress_nginx: Ordered<String>,
    /// For Gateways of the Gateway API.
    pub gateway_api: Ordered<String>,
    /// For the Ingress controller of Google Cloud.
    pub gce_ingress: Ordered<String>,
    /// For Kong.
    pub kong: Ordered<String>,
}

/// A duration such as `30s`, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout(pub u32);

/// A number of bytes such as `10Mi`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteSize(pub u64);

/// What a route says beside its hosts and paths, whichever of the two it is.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// How long a request may take.
    pub timeout: Option<Timeout>,
    /// The greatest body of a request.
    pub max_body_size: Option<ByteSize>,
    /// Networks that requests may come from; empty for all.
    pub allowed_sources: &'a [String],
    /// How many requests a client may send.
    pub rate_limit: Option<&'a RateLimit>,
    /// Annotations of the objects, by router.
    pub annotations: &'a RouterAnnotations,
}

impl Routes {
    /// Returns the hosts of old where they are served.
    pub fn served_legacy(&self) -> Option<&LegacyRoute> {
        self.legacy.as_ref().filter(|_| self.stage != Some(Stage::Unified))
    }

    /// Returns the prefix on the unified host where it is served.
    pub fn served_unified(&self) -> Option<&UnifiedRoute> {
        self.unified.as_ref().filter(|_| self.stage != Some(Stage::Legacy))
    }
}

impl Stage {
    /// Returns the stage's name, as metadata.yaml spells it.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Legacy => "legacy",
            Stage::Dual => "dual",
            Stage::Unified => "unified",
        }
    }
}

impl RouterAnnotations {
    /// Returns those for one router.
    pub fn of(&self, router: RouterKind) -> &Ordered<String> {
        match router {
            RouterKind::IngressNginx => &self.ingress_nginx,
            RouterKind::GatewayApi => &self.gateway_api,
            RouterKind::GceIngress => &self.gce_ingress,
            RouterKind::Kong => &self.kong,
        }
    }
}

impl LegacyRoute {
    /// Returns what it says beside hosts and paths.
    pub fn settings(&self) -> Settings<'_> {
        Settings {
            timeout: self.timeout,
            max_body_size: self.max_body_size,
            allowed_sources: &self.allowed_sources,
            rate_limit: self.rate_limit.as_ref(),
            annotations: &self.annotations,
        }
    }
}

impl UnifiedRoute {
    /// Returns what it says beside its prefix.
    pub fn settings(&self) -> Settings<'_> {
        Settings {
            timeout: self.timeout,
            max_body_size: self.max_body_size,
            allowed_sources: &self.allowed_sources,
            rate_limit: self.rate_limit.as_ref(),
            annotations: &self.annotations,
        }
    }
}

impl<'de> Deserialize<'de> for LegacyHost {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Long {
            host: String,
            #[serde(default)]
            paths: Vec<RoutePath>,
            tls: Option<Tls>,
        }

        struct ShortOrLong;
        impl<'de> Visitor<'de> for ShortOrLong {
            type Value = LegacyHost;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a host name or a map with `host`")
            }

            fn visit_str<E: Error>(self, host: &str) -> Result<LegacyHost, E> {
                Ok(LegacyHost { host: host.to_owned(), paths: Vec::new(), tls: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<LegacyHost, A::Error> {
                let Long { host, paths, tls } = Long::deserialize(value::MapAccessDeserializer::new(map))?;
                Ok(LegacyHost { host, paths, tls })
            }
        }
        deserializer.deserialize_any(ShortOrLong)
    }
}

impl<'de> Deserialize<'de> for Timeout {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let units = [("s", 1), ("m", 60), ("h", 3600)];
        number_with_unit(&text, &units)
            .and_then(|seconds| u32::try_from(seconds).ok())
            .map(Self)
            .ok_or_else(|| D::Error::custom("a duration such as `30s`"))
    }
}

impl<'de> Deserialize<'de> for ByteSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let units = [
            ("Ki", 1 << 10),
            ("Mi", 1 << 20),
            ("Gi", 1 << 30),
            ("k", 1_000),
            ("M", 1_000_000),
            ("G", 1_000_000_000),
            ("", 1),
        ];
        number_with_unit(&text, &units).map(Self).ok_or_else(|| D::Error::custom("a size such as `10Mi`"))
    }
}

/// Reads a number and the first unit that its text ends with.
fn number_with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (number, factor) =
        units.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, factor)))?;
    let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse::<u64>().ok().filter(|_| plain)?.checked_mul(*factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeout(text: &str) -> Option<u32> {
        serde_json::from_value(text.into()).ok().map(|Timeout(seconds)| seconds)
    }

    fn bytes(text: &str) -> Option<u64> {
        serde_json::from_value(text.into()).ok().map(|ByteSize(bytes)| bytes)
    }

    #[test]
    fn units_are_read() {
        assert_eq!([timeout("30s"), timeout("2m"), timeout("1h")], [Some(30), Some(120), Some(3600)]);
        assert_eq!([timeout("30"), timeout("1.5s"), timeout("+3s"), timeout("s")], [None; 4]);
        assert_eq!(
            [bytes("10Mi"), bytes("10M"), bytes("512")],
            [Some(10 << 20), Some(10_000_000), Some(512)]
        );
        assert_eq!([bytes("10MB"), bytes("-1"), bytes("99999999999Gi")], [None; 3]);
    }

    #[test]
    fn a_stage_serves_its_entries() {
        let routes = |stage: &str| -> Routes {
            serde_json::from_value(serde_json::json!({
                "stage": stage, "legacy": { "hosts": ["a.example"] }, "unified": { "prefix": "/a" },
            }))
            .expect("it is of the type")
        };
        let served = |stage: &str| {
            let routes = routes(stage);
            (routes.served_legacy().is_some(), routes.served_unified().is_some())
        };
        assert_eq!(served("legacy"), (true, false));
        assert_eq!(served("dual"), (true, true));
        assert_eq!(served("unified"), (false, true));
        assert_eq!(routes("dual").legacy.expect("it is written").hosts[0].host, "a.example");
    }
}
