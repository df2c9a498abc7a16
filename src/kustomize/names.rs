//! `namePrefix` and `nameSuffix`.

use super::kustomization::Kustomization;
use super::resource::Resource;

/// Puts prefix and suffix around the names of objects.
pub(super) fn run(kustomization: &Kustomization, resources: &mut [Resource]) {
    if let Some(prefix) = &kustomization.prefix {
        for resource in resources.iter_mut().filter(|resource| !keeps_its_name(resource)) {
            resource.prefixes.push(prefix.value.clone());
            resource.remember();
            let name = format!("{}{}", prefix.value, resource.name());
            resource.set_name(&name);
        }
    }
    if let Some(suffix) = &kustomization.suffix {
        for resource in resources.iter_mut().filter(|resource| !keeps_its_name(resource)) {
            resource.suffixes.push(suffix.value.clone());
            resource.remember();
            let name = format!("{}{}", resource.name(), suffix.value);
            resource.set_name(&name);
        }
    }
}

/// Tells whether an object's name means something elsewhere, so that kustomize leaves it.
fn keeps_its_name(resource: &Resource) -> bool {
    let kind = resource.previous.first().map_or_else(|| resource.kind(), |previous| &previous.kind);
    match kind {
        "CustomResourceDefinition" | "Namespace" => true,
        "APIService" => resource.group() == "apiregistration.k8s.io",
        _ => false,
    }
}
