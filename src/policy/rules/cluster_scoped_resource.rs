//! An extra resource that belongs to a whole cluster.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::kubernetes::{self, Scope};
use crate::platform::LoadedPlatform;
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::PlatformAndState(check_platform, check) };

static CODE: Code = Code::unreadable(
    "cluster-scoped-resource",
    include_str!("../../../docs/rules/cluster-scoped-resource.md"),
);

fn check_platform(platform: &LoadedPlatform, sink: &mut Sink) {
    for (index, allowed) in platform.model.extra_resources.kinds.iter().enumerate() {
        let (kind, group) = allowed.split_once('.').map_or((&**allowed, None), |(kind, of)| (kind, Some(of)));
        if kubernetes::is_cluster_kind(group, kind) {
            let location = platform.locate(["extraResources", "kinds", &index.to_string()]);
            let message = format!("`{kind}` belongs to a whole cluster, so no API can bring one along");
            sink.push(Diagnostic::new(&CODE, location, message).help("take it out of the list"));
        }
    }
}

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for object in &context.hatch.resources {
        if kubernetes::scope(&object.api_version, &object.kind) != Some(Scope::Cluster) {
            continue;
        }
        let message = format!("`{}` belongs to a whole cluster, not to one API", object.title());
        sink.push(
            object
                .finding(&CODE, &["kind"], message)
                .label("has no namespace")
                .help("ask the platform team for it"),
        );
    }
}
