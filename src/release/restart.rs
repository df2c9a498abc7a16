//! New pods with the images that run: one annotation of their template, which a render keeps.

use super::message::compose_restart;
use super::{Draft, Plan, guard, proof};
use crate::diagnostic::Sink;
use crate::fleet;
use crate::metadata::Metadata;
use crate::outcome::Failure;
use crate::record::{Restart, record_path};
use crate::render::{self, FileTree, TemplateSets};

impl Draft<'_> {
    /// Plans a restart.
    ///
    /// Unlike an image, an annotation that is not there yet has no place in the overlay that it could be spliced into. So the
    /// API is rendered with it and without, and what differs is what changes; what is committed has to be what is rendered
    /// without it.
    pub(super) fn restart(mut self, api: &str, environment: &str) -> Result<Plan, Failure> {
        let view = self.view;
        let Some(reason) = self.request.origin.reason.clone() else {
            return Err(Failure::usage("a restart needs a reason").hint("say it with `--reason`"));
        };
        let mut record = self.record(api, environment)?;
        let mut metadata = self.metadata(api)?;
        guard::may_release(view, self.request, api, environment, &metadata)?;
        let runs_on = |metadata: &Metadata| {
            let here = metadata.environments.iter().find(|here| here.name == environment);
            here.is_some_and(|here| here.merged.api.workloads.iter().any(|workload| workload.kind.runs_on()))
        };
        if !runs_on(&metadata) {
            return Err(Failure::usage(format!(
                "nothing of `{api}` in `{environment}` runs on, so there is nothing to restart"
            )));
        }
        if let Some(restart) = &record.restart {
            metadata.restart(environment, &restart.time);
        }
        let templates = fleet::templates(view.snapshot, view.platform, &mut Sink::default())
            .map_err(|error| Failure::system(&error))?;
        let before = self.render(&metadata, &templates)?;
        let time = view.now.to_string();
        metadata.restart(environment, &time);
        let after = self.render(&metadata, &templates)?;
        for (path, text) in after.iter().filter(|(path, text)| before.get(*path) != Some(*text)) {
            if self.text(path)? != before.get(path).cloned() {
                return Err(Failure::refused(format!(
                    "`{path}` is not what onramp renders, so a restart would change more"
                ))
                .hint(format!("run `onramp render {api}`, and commit what it writes")));
            }
            self.files.insert(path.clone(), Some(text.clone()));
        }
        if self.files.is_empty() {
            // The same second, or a template of the repo's own that leaves annotations out.
            return Err(Failure::refused(format!(
                "a restart of `{api}` in `{environment}` would change nothing"
            ))
            .hint("the templates leave the pods' annotations out, or it was restarted this very second"));
        }
        let actor = self.request.origin.actor.clone();
        record.restart = Some(Restart { time, reason, actor });
        self.files.insert(record_path(api, environment), Some(record.to_text()));
        proof::prove_restart(view.snapshot, &self.laid(&self.files)?, api, environment)?;
        self.plan.message = compose_restart(api, environment, &self.request.origin);
        self.plan.files = self.files;
        Ok(self.plan)
    }

    fn render(&self, metadata: &Metadata, templates: &TemplateSets) -> Result<FileTree, Failure> {
        let pin = metadata.top.api.template.as_deref();
        let Some(templates) = templates.of(pin) else {
            return Err(Failure::refused(format!(
                "there is no version `{}` of the templates",
                pin.unwrap_or_default()
            )));
        };
        render::drafts(metadata, &self.view.platform.model, templates)
            .map(render::Drafts::into_tree)
            .map_err(|finding| Failure::refused(finding.message))
    }
}
