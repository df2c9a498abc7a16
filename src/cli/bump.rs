//! `onramp bump-image`

mod digest;
mod interactive;

use std::path::PathBuf;

use clap::Args;
use clap::builder::FalseyValueParser;

use super::Global;
use super::release::{WhereArgs, WhoArgs, release};
use super::repo::read_file;
use super::terminal::Terminal;
use crate::diagnostic::Sink;
use crate::outcome::{Failure, Outcome};
use crate::release::{Ask, Bump, Request, Terms, read_request};
use crate::yaml;

/// Release an image: change it where it is said, commit, and push
///
/// Exactly the image changes: its key in metadata.yaml, the entry of the overlay, and the record in `releases/`. Nothing is
/// rendered, and what the overlays build to is held against what was meant. The commit is made on the tip of the branch, without
/// work tree, and made anew if somebody else was faster.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct BumpArgs {
    /// The API
    #[arg(long, value_name = "API", required_unless_present_any = ["request", "interactive"], env = "ONRAMP_API")]
    api: Option<String>,
    /// The environment
    #[arg(long, value_name = "ENV", required_unless_present_any = ["request", "interactive"], env = "ONRAMP_ENV")]
    env: Option<String>,
    /// The image with its tag, digest or both; also NAME=IMAGE, as for `kustomize edit set image`
    #[arg(long, value_name = "IMAGE", required_unless_present_any = ["request", "interactive"], env = "ONRAMP_IMAGE")]
    image: Option<String>,
    /// The namespace that it is expected in
    #[arg(long, value_name = "NAME", env = "ONRAMP_NAMESPACE")]
    namespace: Option<String>,
    /// The workload, by its key in metadata.yaml or its name in the cluster; KIND/NAME where two have one name
    #[arg(long, visible_alias = "deployment", value_name = "NAME", env = "ONRAMP_WORKLOAD")]
    workload: Option<String>,
    /// The container
    #[arg(long, value_name = "NAME", env = "ONRAMP_CONTAINER")]
    container: Option<String>,
    /// Several releases in one commit, from a file; see `onramp schema request`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["api", "env", "image", "namespace", "workload", "container", "interactive"], env = "ONRAMP_REQUEST")]
    request: Option<PathBuf>,
    /// Search, choose and confirm on a terminal
    #[arg(long, short, conflicts_with_all = ["remote", "request"], env = "ONRAMP_INTERACTIVE", value_parser = FalseyValueParser::new())]
    interactive: bool,
    /// Change every image that fits, where several keys of metadata.yaml do
    #[arg(long, env = "ONRAMP_ALL_MATCHING", value_parser = FalseyValueParser::new())]
    all_matching: bool,
    /// Let an image of another repository take the place of the one that runs
    #[arg(long, env = "ONRAMP_ALLOW_REPOSITORY_CHANGE", value_parser = FalseyValueParser::new())]
    allow_repository_change: bool,
    /// Let an older image take the place of a newer one
    #[arg(long, env = "ONRAMP_ALLOW_DOWNGRADE", value_parser = FalseyValueParser::new())]
    allow_downgrade: bool,
    /// Ask the registry for the digest of the tag, and release REPO:TAG@DIGEST; a digest that is given stays
    #[arg(long, env = "ONRAMP_RESOLVE_DIGEST", value_parser = FalseyValueParser::new())]
    resolve_digest: bool,
    /// Where the Docker config lies, for the credentials of the registry [default: ~/.docker]
    #[arg(long, value_name = "DIR", env = "DOCKER_CONFIG")]
    docker_config: Option<PathBuf>,
    /// Who releases, and why.
    #[command(flatten)]
    who: WhoArgs,
    /// Where it lands.
    #[command(flatten)]
    at: WhereArgs,
}

pub(super) fn run(args: &BumpArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    if args.interactive {
        return interactive::run(args, global, terminal);
    }
    let mut origin = args.who.origin();
    let mut bumps = match &args.request {
        Some(file) => {
            let bytes = read_file(file, yaml::MAX_BYTES as u64)?
                .ok_or_else(|| Failure::usage(format!("there is no file `{}`", file.display())))?;
            let path = file.to_string_lossy();
            let mut sink = Sink::default();
            let read = read_request(&path, bytes, &mut sink).ok_or_else(|| {
                let mut failure = Failure::usage(format!("`{path}` is no release request"));
                failure.causes.extend(sink.into_findings().into_iter().map(|finding| finding.message));
                failure.hint("`onramp schema request` prints what it may say")
            })?;
            origin.request = Some(read.id);
            origin.reason = origin.reason.or(read.reason);
            read.bumps
        }
        None => vec![args.bump()],
    };
    digest::resolve(&mut bumps, args, terminal)?;
    let request = Request { ask: Ask::Bump(bumps), terms: args.terms(), origin };
    release(&request, &args.at, global, terminal)
}

impl BumpArgs {
    fn bump(&self) -> Bump {
        let image = self.image.clone().unwrap_or_default();
        let (name, image) = match image.split_once('=') {
            Some((name, image)) => (Some(name.to_owned()), image.to_owned()),
            None => (None, image),
        };
        Bump {
            api: self.api.clone().unwrap_or_default(),
            environment: self.env.clone().unwrap_or_default(),
            image,
            name,
            namespace: self.namespace.clone(),
            workload: self.workload.clone(),
            container: self.container.clone(),
        }
    }

    fn terms(&self) -> Terms {
        Terms {
            all_matching: self.all_matching,
            repository_change: self.allow_repository_change,
            downgrade: self.allow_downgrade,
            pull_request: self.at.pr_branch,
        }
    }
}
