//! What routes lead to: the workloads that have a Service.

use crate::metadata::{Api, IntOrString, Probe, ServicePort, Workload};

/// A workload with a Service.
#[derive(Clone, Debug)]
pub struct Backend<'a> {
    /// The workload.
    pub workload: &'a Workload,
    /// Name of the Service.
    pub service: String,
    /// Ports of the Service.
    pub ports: Vec<ServicePort>,
}

/// Something in `routes` that says, or leaves open, where it leads.
#[derive(Debug)]
pub struct Leg<'a> {
    /// The map in metadata.yaml that says it.
    pub at: Vec<String>,
    /// The workload, where it is named.
    pub workload: Option<&'a str>,
    /// Where it is named.
    pub workload_at: Vec<String>,
    /// The port, where it is named.
    pub port: Option<&'a IntOrString>,
    /// Where it is named.
    pub port_at: Vec<String>,
}

/// Returns the workloads of an API that routes can lead to. The only workload of an API is one of them even
/// without ports, so that what it lacks can be said.
pub fn backends(api: &Api) -> Vec<Backend<'_>> {
    let each = api.workloads.iter().map(|workload| Backend {
        workload,
        service: api.service_name(workload),
        ports: workload.service_ports(),
    });
    each.filter(|backend| !api.several || !backend.ports.is_empty()).collect()
}

/// Finds the workload that a route names, or the only one.
pub fn backend_of<'b, 'a>(backends: &'b [Backend<'a>], workload: Option<&str>) -> Option<&'b Backend<'a>> {
    match workload {
        Some(name) => backends.iter().find(|backend| backend.workload.name == name),
        None if backends.len() == 1 => backends.first(),
        None => None,
    }
}

impl<'a> Backend<'a> {
    /// Finds the port that a route leads to: the one that it names, or whose number at the Service it
    /// names, else `http`, else the only one.
    pub fn port(&self, wanted: Option<&IntOrString>) -> Option<&ServicePort> {
        let named = |name: &str| self.ports.iter().find(|port| port.name.as_deref() == Some(name));
        match wanted {
            Some(IntOrString::Text(name)) => named(name),
            Some(IntOrString::Int(number)) => self.ports.iter().find(|port| u32::from(port.port) == *number),
            None => named("http").or(match &self.ports[..] {
                [only] => Some(only),
                _ => None,
            }),
        }
    }

    /// Returns the probe that says when it can serve.
    pub fn readiness(&self) -> Option<&'a Probe> {
        self.workload.main.probes.readiness.as_ref()
    }

    /// Returns the number of a container port that a probe names or numbers.
    pub fn container_port(&self, port: &IntOrString) -> Option<u16> {
        match port {
            IntOrString::Int(number) => u16::try_from(*number).ok(),
            IntOrString::Text(name) => self.workload.port_named(name),
        }
    }
}

/// Returns everything in an API's routes that leads somewhere: an entry that is served, and each path
/// of its own.
pub fn legs(api: &Api) -> Vec<Leg<'_>> {
    let mut legs = Vec::new();
    if let Some(legacy) = api.routes.served_legacy() {
        let at = keys(&["routes", "legacy"]);
        if legacy.hosts.is_empty() || legacy.hosts.iter().any(|host| host.paths.is_empty()) {
            let workload = (legacy.workload.as_deref(), at.clone());
            legs.push(Leg::new(at.clone(), workload, (legacy.port.as_ref(), at.clone())));
        }
        for (host_index, host) in legacy.hosts.iter().enumerate() {
            for (index, path) in host.paths.iter().enumerate() {
                let mut own = at.clone();
                own.extend(keys(&["hosts", &host_index.to_string(), "paths", &index.to_string()]));
                let workload = match &path.workload {
                    Some(workload) => (Some(workload.as_str()), own.clone()),
                    None => (legacy.workload.as_deref(), at.clone()),
                };
                let port = match &path.port {
                    Some(port) => (Some(port), own.clone()),
                    None => (legacy.port.as_ref(), at.clone()),
                };
                legs.push(Leg::new(own, workload, port));
            }
        }
    }
    if let Some(unified) = api.routes.served_unified() {
        let at = keys(&["routes", "unified"]);
        let workload = (unified.workload.as_deref(), at.clone());
        legs.push(Leg::new(at.clone(), workload, (unified.port.as_ref(), at)));
    }
    legs
}

impl<'a> Leg<'a> {
    fn new(
        at: Vec<String>,
        (workload, mut workload_at): (Option<&'a str>, Vec<String>),
        (port, mut port_at): (Option<&'a IntOrString>, Vec<String>),
    ) -> Self {
        workload_at.push("workload".to_owned());
        port_at.push("port".to_owned());
        Self { at, workload, workload_at, port, port_at }
    }
}

fn keys(path: &[&str]) -> Vec<String> {
    path.iter().map(|key| (*key).to_owned()).collect()
}
