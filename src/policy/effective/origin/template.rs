//! Places that a template of the repo's own says.

use super::Asked;
use crate::diagnostic::Location;
use crate::effective::Taken;

/// Finds the line of a template of the repo's own that writes a place.
pub(super) fn own(asked: &Asked<'_, '_>) -> Option<Location> {
    let in_pod = asked.in_pod();
    let names: &[&str] = match asked.kind() {
        _ if in_pod.is_some() => &["pod.yaml.j2"],
        "Deployment" => &["deployment.yaml.j2"],
        "StatefulSet" => &["statefulset.yaml.j2"],
        "CronJob" => &["cronjob.yaml.j2"],
        "Job" => &["job.yaml.j2"],
        "Service" => &["service.yaml.j2"],
        "ServiceAccount" => &["serviceaccount.yaml.j2"],
        "HorizontalPodAutoscaler" | "PodDisruptionBudget" => &["scaling.yaml.j2"],
        "NetworkPolicy" => &["networkpolicy.yaml.j2"],
        "ExternalSecret" => &["externalsecret.yaml.j2"],
        "Rollout" => &["rollout.yaml.j2"],
        "HTTPRoute" | "HealthCheckPolicy" | "GCPBackendPolicy" => &["gateway-api.yaml.j2"],
        "Ingress" => &["ingress-nginx.yaml.j2", "gce-ingress.yaml.j2", "kong.yaml.j2"],
        "BackendConfig" => &["gce-ingress.yaml.j2"],
        "KongPlugin" => &["kong.yaml.j2"],
        _ => return None,
    };
    let mut own = names.iter().filter_map(|name| asked.context.templates.own(name));
    let way = in_pod.unwrap_or(asked.way);
    own.find_map(|(path, text)| Some(Location::at(path, written(text, asked.kind(), way)?)))
}

/// Finds the key of a template that a way leads to: each key below the one before it. Nothing where the template does not
/// write the place itself.
fn written(text: &str, kind: &str, way: &[Taken<'_>]) -> Option<std::ops::Range<usize>> {
    let mut found = None;
    let keys: Vec<&str> =
        way.iter().filter(|taken| taken.index.is_none()).map(|taken| &*taken.text).collect();
    let mut wanted = keys.iter().peekable();
    let mut indent = None;
    let mut offset = 0;
    // Several objects may stand in one template.
    let mut mine = !text.contains("\n---") || !text.contains(&format!("kind: {kind}"));
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start_matches([' ', '-']);
        let depth = line.len() - trimmed.len();
        mine = mine || trimmed.trim_end() == format!("kind: {kind}");
        if let Some(key) = wanted.peek().filter(|_| mine)
            && trimmed.strip_prefix(**key).is_some_and(|rest| rest.starts_with(':'))
            && indent.is_none_or(|indent| depth > indent)
        {
            let start = offset + depth;
            found = Some(start..start + key.len());
            indent = Some(depth);
            wanted.next();
        }
        offset += line.len();
    }
    found.filter(|_| wanted.peek().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: &str, keys: &[&str]) -> Option<usize> {
        let text = "apiVersion: v1\nkind: A\nmetadata:\n  name: {{ a }}\nspec:\n  name: b\n---\nkind: B\nspec:\n  list:\n  - name: c\n";
        let way: Vec<Taken<'_>> =
            keys.iter().map(|key| Taken { text: (*key).into(), index: None, value: None }).collect();
        written(text, kind, &way).map(|range| text[..range.start].matches('\n').count() + 1)
    }

    #[test]
    fn a_key_is_found_below_those_before_it() {
        assert_eq!(line("A", &["metadata", "name"]), Some(4));
        assert_eq!(line("A", &["spec", "name"]), Some(6));
        assert_eq!(line("B", &["spec", "list", "name"]), Some(11));
        assert_eq!(line("A", &["spec", "other"]), None);
    }
}
