//! A config file where Kustomize cannot read it.

use crate::diagnostic::{Code, Diagnostic, Location, Sink};
use crate::metadata::ConfigFile;
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::unreadable("misplaced-file", include_str!("../../../docs/rules/misplaced-file.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let top = &context.metadata.top;
    for (at, config) in top.api.configs() {
        for (index, file) in config.files.iter().enumerate() {
            if !file.path.starts_with("config/") {
                let location = context.locate_config_file(&top.tree, &at, index, file);
                sink.push(finding(file, location, "config/"));
            }
        }
    }
    for environment in context.environments() {
        let directory = format!("config/{}/", environment.name);
        for (at, config) in environment.api.configs() {
            // Under another name it is another ConfigMap, of which the base has nothing.
            let name = environment.api.config_name_at(&at);
            let above = top.api.configs().find(|(known, _)| top.api.config_name_at(known) == name);
            let above = above.map(|(_, config)| config);
            for (index, file) in config.files.iter().enumerate() {
                // What the base has already is read there.
                let inherited = above.is_some_and(|above| above.files.iter().any(|known| known == file));
                if !inherited && !file.path.starts_with(&directory) {
                    let location = context.locate_config_file(environment.tree, &at, index, file);
                    sink.push(finding(file, location, &directory));
                }
            }
        }
    }
}

fn finding(file: &ConfigFile, location: Location, directory: &str) -> Diagnostic {
    Diagnostic::new(&CODE, location, format!("`{}` lies outside `{directory}`", file.path))
        .label(format!("must lie in `{directory}`"))
        .help(format!("move the file into `{directory}`: Kustomize reads only what lies beside or below it"))
}
