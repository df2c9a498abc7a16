//! `onramp new`

use std::fmt::Write as _;
use std::sync::Arc;

use clap::Args;

use super::Global;
use super::repo::{Repo, cannot_open};
use super::terminal::Terminal;
use crate::apply;
use crate::diagnostic::Sink;
use crate::fleet;
use crate::metadata;
use crate::outcome::{Failure, Outcome};
use crate::platform::{self, Platform};
use crate::policy::{self, ApiContext, Hatch};
use crate::report::{FORMATS, Report};
use crate::yaml::encode_scalar;

/// Write the metadata.yaml of a new API
///
/// On a terminal it asks for what is not given by flags.
#[derive(Debug, Args)]
pub(super) struct NewArgs {
    /// Name of the API, which becomes its directory
    name: String,
    /// Team that answers for it
    #[arg(long, value_name = "TEAM", env = "ONRAMP_TEAM")]
    team: Option<String>,
    /// Where mail reaches the team
    #[arg(long, value_name = "EMAIL", env = "ONRAMP_EMAIL")]
    email: Option<String>,
    /// Image with its tag or digest
    #[arg(long, value_name = "IMAGE", env = "ONRAMP_IMAGE")]
    image: Option<String>,
    /// Port that the container listens on
    #[arg(long, value_name = "PORT", env = "ONRAMP_PORT")]
    port: Option<u16>,
    /// Size class from platform.yaml [default: the first]
    #[arg(long, value_name = "TIER", env = "ONRAMP_TIER")]
    tier: Option<String>,
    /// State from platform.yaml [default: the first]
    #[arg(long, value_name = "STATE", env = "ONRAMP_LIFECYCLE")]
    lifecycle: Option<String>,
    /// Prefix on the unified host [default: the API's name]
    #[arg(long, value_name = "PREFIX", env = "ONRAMP_PREFIX")]
    prefix: Option<String>,
    /// Environment that it is in (can be repeated) [default: all that the state allows]
    #[arg(long = "env", value_name = "ENV", env = "ONRAMP_ENV")]
    environments: Vec<String>,
}

pub(super) fn run(args: &NewArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    let repo = Repo::open(global, None, terminal)?;
    let mut sink = Sink::default();
    let platform = platform::read(&repo.snapshot, &mut sink).map_err(|error| cannot_open(&error))?;
    let path: Arc<str> = fleet::metadata_path(&args.name).into();
    let mut text = None;
    if let Some(platform) = &platform {
        if repo.snapshot.read(&path, metadata::MAX_BYTES).map_err(|error| cannot_open(&error))?.is_some() {
            return Err(Failure::usage(format!("`{path}` exists already")));
        }
        let written = compose(args, &platform.model)?;
        if let Some(metadata) = metadata::read(&path, written.clone().into_bytes(), platform, &mut sink) {
            let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
            let context = ApiContext {
                name: &args.name,
                directory,
                metadata: &metadata,
                platform,
                entries: &[],
                snapshot: &repo.snapshot,
                hatch: Hatch::default(),
                holdings: Vec::new(),
                today: &repo.today,
            };
            policy::check_api(&context, &mut sink);
        }
        text = Some(written);
    }
    let broken = sink.has_errors();
    let report = Report::new(sink.into_findings(), &repo.snapshot, 1, 0);
    if broken {
        Terminal::error(&(FORMATS[0].write)(&report, terminal.style()));
    }
    let Some(text) = text.filter(|_| !broken) else {
        return Err(Failure::usage(format!("`{path}` would not be valid; nothing was written")));
    };
    apply::create(&repo.root.join(&*path), &text).map_err(|error| Failure::system(&error))?;
    terminal
        .say(&format!("Wrote {path}. Next: `onramp lint {0}`, then `onramp render {0}`.\n", args.name))?;
    Ok(Outcome::Clean)
}

/// Writes the file, asking for what is missing.
fn compose(args: &NewArgs, platform: &Platform) -> Result<String, Failure> {
    let team = answer(args.team.clone(), "--team", "Team that answers for the API:", None)?;
    let email = answer(args.email.clone(), "--email", "Where mail reaches the team:", None)?;
    let image = answer(args.image.clone(), "--image", "Image with its tag or digest:", None)?;
    let port = args.port.map(|port| port.to_string());
    let port = answer(port, "--port", "Port that the container listens on:", Some("8080"))?;
    let tier = args.tier.clone().or_else(|| platform.tiers.keys().next().map(str::to_owned));
    let lifecycle = args.lifecycle.clone().or_else(|| platform.lifecycles.keys().next().map(str::to_owned));
    let allowed =
        lifecycle.as_deref().and_then(|name| platform.lifecycles.get(name)).map(|state| &state.environments);
    let is_allowed = |name: &&str| {
        allowed.is_none_or(|allowed| allowed.is_empty() || allowed.iter().any(|allowed| allowed == name))
    };
    let environments: Vec<&str> = if args.environments.is_empty() {
        platform.environments.keys().filter(is_allowed).collect()
    } else {
        args.environments.iter().map(String::as_str).collect()
    };
    let prefix = args.prefix.clone().unwrap_or_else(|| format!("/{}", args.name));
    let has_host =
        |name: &&str| platform.environments.get(name).is_some_and(|known| known.unified_host.is_some());
    let routed = environments.iter().any(has_host);

    let mut text = String::from("# yaml-language-server: $schema=../../schemas/metadata.schema.json\n");
    let mut line = |key: &str, value: &str| writeln!(text, "{key}: {value}").unwrap_or_default();
    line("apiVersion", "onramp/v1");
    line("name", &encode_scalar(&args.name));
    line("owner", &format!("{{ team: {}, email: {} }}", flow(&team), flow(&email)));
    if let Some(lifecycle) = &lifecycle {
        line("lifecycle", &encode_scalar(lifecycle));
    }
    if let Some(tier) = &tier {
        line("tier", &encode_scalar(tier));
    }
    line("image", &encode_scalar(&image));
    line("ports", &format!("{{ http: {port} }}"));
    // Whether the port answers is what can be asked of any container.
    line("probes", "{ readiness: { tcpSocket: { port: http } } }");
    if routed {
        line("routes", &format!("{{ unified: {{ prefix: {} }} }}", flow(&prefix)));
    }
    text.push_str("environments:\n");
    for environment in environments {
        let least = platform.environments.get(environment).map_or(0, |settings| settings.min_replicas);
        let own = if least > 1 { format!("{{ replicas: {least} }}") } else { "{}".to_owned() };
        let _ = writeln!(text, "  {}: {own}", encode_scalar(environment));
    }
    Ok(text)
}

/// Writes text for a place inside braces, where a comma or brace would end it.
fn flow(text: &str) -> String {
    let plain = encode_scalar(text);
    if plain.starts_with('"') || !plain.contains([',', '{', '}', '[', ']']) {
        plain
    } else {
        format!("{text:?}")
    }
}

fn answer(
    given: Option<String>,
    flag: &str,
    question: &str,
    default: Option<&str>,
) -> Result<String, Failure> {
    if let Some(given) = given {
        return Ok(given);
    }
    if !Terminal::is_interactive() {
        return default.map(str::to_owned).ok_or_else(|| {
            Failure::usage(format!("`{flag}` is missing")).hint("on a terminal, `onramp new` asks for it")
        });
    }
    let mut prompt = inquire::Text::new(question);
    if let Some(default) = default {
        prompt = prompt.with_default(default);
    }
    prompt.prompt().map_err(|error| Failure::usage(format!("no answer: {error}")))
}
