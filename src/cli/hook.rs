//! `onramp hook`

use std::path::{Path, PathBuf};

use clap::builder::FalseyValueParser;
use clap::{Args, Subcommand};

use super::Global;
use super::repo::{Repo, cannot_open};
use super::terminal::Terminal;
use crate::apply::{self, Hook};
use crate::git;
use crate::outcome::{Failure, Outcome};
use crate::platform;
use crate::snapshot::SnapshotError;

/// Run `lint` from git's own hooks, without another tool
#[derive(Debug, Args)]
pub(super) struct HookArgs {
    #[command(subcommand)]
    command: HookCommand,
}

#[derive(Debug, Subcommand)]
enum HookCommand {
    /// Write the hook: what is staged is checked before each commit
    Install(InstallArgs),
    /// Remove what `install` wrote, and put back what it kept
    Uninstall,
}

#[derive(Debug, Args)]
struct InstallArgs {
    /// Also check what is pushed, commit by commit as it arrives on the other side
    #[arg(long, env = "ONRAMP_PRE_PUSH", value_parser = FalseyValueParser::new())]
    pre_push: bool,
    /// Keep a hook that is there, and run it first
    #[arg(long, conflicts_with = "force", env = "ONRAMP_CHAIN", value_parser = FalseyValueParser::new())]
    chain: bool,
    /// Replace a hook that is there, and write to a directory that other repositories share
    #[arg(long, env = "ONRAMP_FORCE", value_parser = FalseyValueParser::new())]
    force: bool,
}

/// The hooks that there can be, with what each runs.
const HOOKS: &[(&str, &str)] = &[
    (
        "pre-commit",
        "# A branch of something else has no platform to hold anything against.
if ! git cat-file -e \":$platform\" 2>/dev/null && ! git cat-file -e \"HEAD:$platform\" 2>/dev/null; then
  echo 'onramp: no platform.yaml here, so nothing is checked' >&2
  exit 0
fi
exec \"$onramp\" --repo {repo} --quiet lint --staged
",
    ),
    (
        "pre-push",
        "status=0
while read -r _ commit _ _; do
  case $commit in
  # What is pushed away has no commit.
  '') ;;
  *[!0]*)
    # A tag may be on something that is no commit, and a branch be of something else, which never had a platform.
    if ! git cat-file -e \"$commit^{commit}\" 2>/dev/null || [ -z \"$(git log -1 --format=%H \"$commit\" -- \":(top,literal)$platform\")\" ]; then
      echo 'onramp: no platform.yaml is pushed, so nothing is checked' >&2
      continue
    fi
    \"$onramp\" --repo {repo} --quiet lint --revision \"$commit\" </dev/null || status=$?
    ;;
  esac
done
exit $status
",
    ),
];

pub(super) fn run(args: &HookArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    let repo = Repo::open(global, None, terminal)?;
    let place = place(&repo.root).map_err(|error| {
        let path = repo.root.to_string_lossy().into();
        cannot_open(&SnapshotError::Git { path, error: Box::new(error) })
    })?;
    match &args.command {
        HookCommand::Install(args) => install(args, &place, terminal),
        HookCommand::Uninstall => uninstall(&place, terminal),
    }
}

/// Where hooks go, and what they are about.
struct Place {
    hooks: git::HooksDirectory,
    /// The config repo, seen from where hooks run.
    repo: String,
}

fn place(root: &Path) -> Result<Place, git::GitError> {
    let repo = git::Repo::discover(root)?;
    let prefix = if repo.prefix().is_empty() { "." } else { repo.prefix() };
    Ok(Place { hooks: repo.hooks_directory()?, repo: prefix.to_owned() })
}

impl Place {
    fn path(&self, hook: &str) -> PathBuf {
        self.hooks.path.join(hook)
    }

    fn look_at(&self, hook: &str) -> Result<Hook, Failure> {
        apply::look_at_hook(&self.path(hook)).map_err(|error| Failure::system(&error))
    }
}

fn install(args: &InstallArgs, place: &Place, terminal: &Terminal) -> Result<Outcome, Failure> {
    if !place.hooks.is_own && !args.force {
        let path = place.hooks.path.display();
        return Err(Failure::usage(format!(
            "`core.hooksPath` names `{path}`, outside of this repository: a hook there would run for others as well"
        ))
        .hint("run `onramp lint --staged` from the hook that is there, or write it all the same with `--force`"));
    }
    let chosen: Vec<_> =
        HOOKS.iter().filter(|(name, _)| *name == "pre-commit" || args.pre_push).copied().collect();
    // All are looked at before one is written.
    let mut found = Vec::new();
    for (name, _) in &chosen {
        let there = place.look_at(name)?;
        if there == Hook::Foreign && !args.force && !args.chain {
            return Err(Failure::usage(format!("there is a hook already: `{}`", place.path(name).display()))
                .hint("`--chain` keeps it and runs it first; `--force` replaces it")
                .hint("where it belongs to pre-commit, prek or another manager, give that one the entry of `docs/hooks.md` instead"));
        }
        found.push(there);
    }
    for ((name, commands), there) in chosen.into_iter().zip(found) {
        let path = place.path(name);
        let text = script(commands, &place.repo);
        apply::install_hook(&path, &text, args.chain && there == Hook::Foreign)
            .map_err(|error| Failure::system(&error))?;
        terminal.say(&format!("Wrote {}\n", path.display()))?;
    }
    Ok(Outcome::Clean)
}

fn uninstall(place: &Place, terminal: &Terminal) -> Result<Outcome, Failure> {
    let mut none = true;
    for (name, _) in HOOKS {
        if place.look_at(name)? != Hook::Ours {
            continue;
        }
        none = false;
        let path = place.path(name);
        let back = apply::uninstall_hook(&path).map_err(|error| Failure::system(&error))?;
        let word = if back { "Put back" } else { "Removed" };
        terminal.say(&format!("{word} {}\n", path.display()))?;
    }
    if none {
        terminal.say("Nothing to remove.\n")?;
    }
    Ok(Outcome::Clean)
}

/// Writes what a hook does. A program that starts git without the user's own `PATH`, as many windows do, finds `onramp` where it
/// is now.
fn script(commands: &str, repo: &str) -> String {
    let platform = match repo.trim_end_matches('/') {
        "." => platform::PATH.to_owned(),
        directory => format!("{directory}/{}", platform::PATH),
    };
    let here = std::env::current_exe().ok().and_then(|path| path.to_str().map(quoted)).unwrap_or_default();
    format!(
        "onramp=$(command -v onramp) || onramp={here}\n\
         if [ ! -x \"$onramp\" ]; then\n  \
         echo 'onramp is not installed; `git commit --no-verify` goes on without it' >&2\n  exit 1\nfi\n\
         platform={}\n{}",
        quoted(&platform),
        commands.replace("{repo}", &quoted(repo))
    )
}

/// Quotes a word for a shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_cannot_become_a_command() {
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's; rm -rf /"), r"'it'\''s; rm -rf /'");
        let text = script(HOOKS[0].1, "$(reboot)");
        assert!(text.ends_with("--repo '$(reboot)' --quiet lint --staged\n"), "{text}");
    }
}
