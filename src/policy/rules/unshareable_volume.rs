//! A volume for one node that pods on several nodes would mount.

use serde_json::Value as Json;

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::effective::Path;
use crate::kustomize::Object;
use crate::policy::{Built, Check, EffectiveContext, PodTemplate, Rule, list, text, title};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "unshareable-volume",
    Severity::Warning,
    WaivedBy::Owner,
    include_str!("../../../docs/rules/unshareable-volume.md"),
);

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    for built in &context.environments {
        for deployment in built.of_kind("Deployment") {
            let Some(pod) = PodTemplate::of(deployment) else { continue };
            let Some(why) = several(built, deployment) else { continue };
            let volumes = list(pod.json, "/spec/volumes");
            for (index, volume) in volumes.iter().enumerate() {
                let wanted = text(volume, "/persistentVolumeClaim/claimName");
                let Some(claim) = built.named("PersistentVolumeClaim", wanted) else { continue };
                let modes = list(&claim.json, "/spec/accessModes");
                let alone = |mode: &Json| mode == "ReadWriteOnce" || mode == "ReadWriteOncePod";
                if modes.is_empty() || !modes.iter().all(alone) {
                    continue;
                }
                let path = pod.path.clone().below(&["spec", "volumes"]).element(volumes, index);
                let path = path.below(&["persistentVolumeClaim", "claimName"]);
                let message =
                    format!("`{}` {why}, and its volume `{wanted}` is for one node", title(deployment));
                sink.push(
                    context
                        .finding(built, deployment, &path, &CODE, message)
                        .label("a pod on another node waits for it")
                        .related(
                            context.locate(built, claim, &Path::keys(&["spec", "accessModes"])),
                            "for one node",
                        )
                        .help("run one pod with `strategy: Recreate`, or take a StatefulSet with a claim for each pod"),
                );
            }
        }
    }
}

/// Says why there can be two pods at once; nothing where there cannot.
fn several(built: &Built<'_>, deployment: &Object) -> Option<String> {
    let spec = &deployment.json["spec"];
    let scaled = built.of_kind("HorizontalPodAutoscaler").find(|autoscaler| {
        let target = &autoscaler.json["spec"]["scaleTargetRef"];
        target["kind"] == "Deployment" && target["name"] == deployment.json["metadata"]["name"]
    });
    let most = scaled.map_or(&spec["replicas"], |autoscaler| &autoscaler.json["spec"]["maxReplicas"]);
    match most.as_u64().unwrap_or(1) {
        0 => None,
        1 => {
            let strategy = &spec["strategy"];
            let surge = &strategy["rollingUpdate"]["maxSurge"];
            let in_place = strategy["type"] == "Recreate" || *surge == 0 || *surge == "0%" || *surge == "0";
            (!in_place).then(|| "starts its new pod beside the old one".to_owned())
        }
        most => Some(format!("runs {most} pods")),
    }
}
