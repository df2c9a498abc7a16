//! A version of the templates that platform.yaml does not name.

use crate::diagnostic::{Diagnostic, Location, Sink, nearest};
use crate::platform::{CURRENT, LoadedPlatform};
use crate::policy::{ApiContext, Check, Rule};
use crate::render::codes::UNKNOWN_TEMPLATE_VERSION;

/// The rule. A version whose directory is empty raises the same code when templates are loaded.
pub(super) const RULE: Rule =
    Rule { code: &UNKNOWN_TEMPLATE_VERSION, check: Check::PlatformAndState(check_platform, check) };

fn check_platform(platform: &LoadedPlatform, sink: &mut Sink) {
    let settings = &platform.model.templates;
    check_version(platform, &settings.default, || platform.locate(["templates", "default"]), sink);
    for (index, version) in settings.versions.iter().enumerate().filter(|(_, version)| *version == CURRENT) {
        let place = platform.locate(["templates", "versions", &index.to_string()]);
        let message = format!("`{version}` is the name of what lies at the top of `templates/`");
        let finding = Diagnostic::new(&UNKNOWN_TEMPLATE_VERSION, place, message);
        sink.push(finding.label("not a kept version").help("call the kept version otherwise"));
    }
}

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let top = &context.metadata.top;
    if let Some(version) = &top.api.template {
        check_version(context.platform, version, || context.locate(&top.tree, &["template"]), sink);
    }
}

fn check_version(platform: &LoadedPlatform, version: &str, locate: impl Fn() -> Location, sink: &mut Sink) {
    let settings = &platform.model.templates;
    if settings.age(version).is_some() {
        return;
    }
    let names: Vec<String> = settings.all().map(|name| format!("`{name}`")).collect();
    let help = match nearest(version, settings.all()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("versions are {}", names.join(", ")),
    };
    let message = format!("`platform.yaml` has no version `{version}` of the templates");
    let finding = Diagnostic::new(&UNKNOWN_TEMPLATE_VERSION, locate(), message);
    sink.push(finding.label("not a version").help(help).meant(version, nearest(version, settings.all())));
}
