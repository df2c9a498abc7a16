//! Routers: what answers for hosts and paths.
//!
//! Each is one file behind one small interface; [`ROUTERS`] names them all.

mod ingress_nginx;

use serde_json::Value as Json;

use crate::metadata::{Api, ServicePort};
use crate::platform::{Environment, RouterKind};

/// A router that routes can be rendered for.
pub trait Router: Sync {
    /// Which value of `router` in platform.yaml means this one.
    fn kind(&self) -> RouterKind;

    /// The template that it renders.
    fn template(&self) -> &'static str;

    /// Prepares the template's context for one API in one environment.
    fn context(&self, entries: &[Entry<'_>], environment: &Environment) -> Json;

    /// Returns what Argo Rollouts needs in order to lead a share of the requests that come through
    /// these objects, where the router can do that.
    fn rollout_routing(&self, objects: &[&str]) -> Option<Json> {
        let _ = objects;
        None
    }
}

/// All routers.
pub static ROUTERS: &[&dyn Router] = &[&ingress_nginx::IngressNginx];

/// One way into an API; each becomes an object of its own, since a rewrite on one changes the
/// matching of a whole host.
#[derive(Debug)]
pub struct Entry<'a> {
    /// Name of the object.
    pub name: String,
    /// Hosts that it answers on.
    pub hosts: Vec<&'a str>,
    /// The prefix that is matched and stripped; none for the whole host.
    pub prefix: Option<&'a str>,
    /// Service that it leads to.
    pub service: String,
    /// Port of the Service.
    pub port: ServicePort,
}

/// Finds the router of an environment.
pub fn of(kind: RouterKind) -> Option<&'static dyn Router> {
    ROUTERS.iter().copied().find(|router| router.kind() == kind)
}

/// Returns the entries of an API in an environment: the legacy hosts, and the prefix on the unified
/// host.
pub fn entries<'a>(api: &'a Api, environment: &'a Environment) -> Vec<Entry<'a>> {
    let mut entries = Vec::new();
    let Some(workload) = api.workload(None) else { return entries };
    if let Some(legacy) = &api.routes.legacy
        && let Some(port) = workload.route_port(legacy.port.as_deref())
    {
        entries.push(Entry {
            name: format!("{}-legacy", api.name),
            hosts: legacy.hosts.iter().map(String::as_str).collect(),
            prefix: None,
            service: api.service_name(workload),
            port,
        });
    }
    if let Some(unified) = &api.routes.unified
        && let Some(port) = workload.route_port(unified.port.as_deref())
        && let (Some(host), Some(prefix)) = (&environment.unified_host, &unified.prefix)
    {
        entries.push(Entry {
            name: format!("{}-unified", api.name),
            hosts: vec![host],
            prefix: Some(prefix),
            service: api.service_name(workload),
            port,
        });
    }
    entries
}
