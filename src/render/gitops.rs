//! What points the GitOps engine at the overlays.

use serde_json::json;

use super::{FileTree, Templates, header};
use crate::diagnostic::Diagnostic;
use crate::platform::{self, Engine, Platform};
use crate::yaml;

/// Renders the engine's files, one for each environment; none where platform.yaml asks for none.
///
/// # Errors
/// Returns the finding of a template that fails.
pub fn wiring(platform: &Platform, templates: &Templates) -> Result<FileTree, Box<Diagnostic>> {
    let mut tree = FileTree::new();
    let Some(gitops) = &platform.gitops else { return Ok(tree) };
    for (name, environment) in platform.environments.iter() {
        let clusters: Vec<_> =
            environment.clusters().into_iter().map(|cluster| json!({ "cluster": cluster })).collect();
        let context = json!({
            "gitops": { "repoURL": gitops.repo_url, "revision": gitops.revision, "project": gitops.project },
            "environment": { "name": name, "clusters": clusters },
        });
        let (path, template) = match gitops.engine {
            Engine::Argocd => (format!("argocd/{name}.yaml"), "applicationset.yaml.j2"),
        };
        let mut documents = templates.render(template, context.clone())?;
        if platform.namespace_objects.enabled {
            documents.extend(templates.render("applicationset-namespaces.yaml.j2", context)?);
        }
        let mut text = header(platform::PATH);
        yaml::emit_documents(&mut text, &documents);
        tree.insert(path, text);
    }
    Ok(tree)
}
