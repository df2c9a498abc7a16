//! What the binary says of itself.

use crate::env::{Env, METADATA};

#[test]
fn the_main_help_names_every_command() {
    let env = Env::new();
    insta::assert_snapshot!(env.run(&["-h"]).success(), @"
    The on-ramp of an API platform: a GitOps config-repo generator and linter

    Usage: onramp [OPTIONS] <COMMAND>

    Commands:
      init            Scaffold a config repo with an example API
      new             Write the metadata.yaml of a new API
      lint            Check metadata and platform, and look for foreign files among the generated ones
      render          Write base and overlays
      build           Print what is applied: the manifests that an overlay builds to
      diff            Show what a change of the repo changes in the clusters
      check           Check a change before it is merged: what it does in the cluster, and whether it
                      may
      bump-image      Release an image: change it where it is said, commit, and push
      promote         Release in one environment what runs in another
      rollback        Release again what ran before
      restart         Replace the pods of an API by new ones with the same images
      history         Say which images were released when, by whom, and whether the commits say so
      verify-release  Check that commits are releases and nothing else, and tell the truth of themselves
      migrate         Take over branches of files by hand, with proof
      adopt           Take adopted APIs to the platform's full standard
      upgrade         Move APIs to a newer version of the templates
      schema          Print a JSON schema
      explain         Explain a rule, or list them all
      config          Show what is configured, and where each value comes from
      route           Say who answers a URL, and list all routes
      hook            Run `lint` from git's own hooks, without another tool
      lsp             Speak with an editor: findings, hover, completion, fixes
      policy          Hand the platform's rules to others
      completions     Print the completions of a shell
      man             Print the manual page
      help            Print this message or the help of the given subcommand(s)

    Options:
          --repo <DIR>    The config repo [default: the nearest directory upwards with a platform.yaml]
                          [env: ONRAMP_REPO=]
      -j, --jobs <N>      How many threads to use [default: one for each core] [env: ONRAMP_JOBS=]
          --color <WHEN>  Whether to use colours [env: ONRAMP_COLOR=] [default: auto] [possible values:
                          auto, always, never]
          --today <DATE>  The day that rules about dates go by [default: today] [env: ONRAMP_TODAY=]
      -q, --quiet         Say nothing but findings and errors [env: ONRAMP_QUIET=]
      -v, --verbose       Say what is looked at [env: ONRAMP_VERBOSE=]
      -h, --help          Print help (see more with '--help')
      -V, --version       Print version
    ");
    assert_eq!(env.run(&["--version"]).success(), "onramp 0.1.0\n");
    assert_eq!(env.run(&["lint", "--version"]).success(), "onramp-lint 0.1.0\n");
}

#[test]
fn every_command_has_help_with_its_usage() {
    let env = Env::new();
    let usages: Vec<String> = onramp::cli::command()
        .get_subcommands()
        .map(|command| {
            let short = env.run(&[command.get_name(), "-h"]).success();
            let long = env.run(&[command.get_name(), "--help"]).success();
            assert_eq!(env.run(&["help", command.get_name()]).success(), long);
            assert!(long.lines().count() >= short.lines().count(), "{long}");
            let usage = short.lines().find(|line| line.starts_with("Usage: ")).expect("a usage");
            format!("{}\n    {usage}", short.lines().next().unwrap_or_default())
        })
        .collect();
    insta::assert_snapshot!(usages.join("\n"), @"
    Scaffold a config repo with an example API
        Usage: onramp init [OPTIONS] [DIR]
    Write the metadata.yaml of a new API
        Usage: onramp new [OPTIONS] <NAME>
    Check metadata and platform, and look for foreign files among the generated ones
        Usage: onramp lint [OPTIONS] [PATH or API]...
    Write base and overlays
        Usage: onramp render [OPTIONS] [PATH or API]...
    Print what is applied: the manifests that an overlay builds to
        Usage: onramp build [OPTIONS] [PATH or API]
    Show what a change of the repo changes in the clusters
        Usage: onramp diff [OPTIONS] --base <REV> [PATH or API]...
    Check a change before it is merged: what it does in the cluster, and whether it may
        Usage: onramp check [OPTIONS] --base <REV>
    Release an image: change it where it is said, commit, and push
        Usage: onramp bump-image [OPTIONS]
    Release in one environment what runs in another
        Usage: onramp promote [OPTIONS] --from <ENV> --to <ENV> <API>
    Release again what ran before
        Usage: onramp rollback [OPTIONS] --env <ENV> <API>
    Replace the pods of an API by new ones with the same images
        Usage: onramp restart [OPTIONS] --env <ENV> <API>
    Say which images were released when, by whom, and whether the commits say so
        Usage: onramp history [OPTIONS] [PATH or API]...
    Check that commits are releases and nothing else, and tell the truth of themselves
        Usage: onramp verify-release [OPTIONS] <OLD..NEW>
    Take over branches of files by hand, with proof
        Usage: onramp migrate [OPTIONS] <COMMAND>
    Take adopted APIs to the platform's full standard
        Usage: onramp adopt [OPTIONS] --standard [API]...
    Move APIs to a newer version of the templates
        Usage: onramp upgrade [OPTIONS] [PATH or API]...
    Print a JSON schema
        Usage: onramp schema [OPTIONS] <NAME>
    Explain a rule, or list them all
        Usage: onramp explain [OPTIONS] [CODE]
    Show what is configured, and where each value comes from
        Usage: onramp config [OPTIONS] <COMMAND>
    Say who answers a URL, and list all routes
        Usage: onramp route [OPTIONS] <COMMAND>
    Run `lint` from git's own hooks, without another tool
        Usage: onramp hook [OPTIONS] <COMMAND>
    Speak with an editor: findings, hover, completion, fixes
        Usage: onramp lsp [OPTIONS]
    Hand the platform's rules to others
        Usage: onramp policy [OPTIONS] <COMMAND>
    Print the completions of a shell
        Usage: onramp completions [OPTIONS] <SHELL>
    Print the manual page
        Usage: onramp man [OPTIONS] [COMMAND]
    ");
}

#[test]
fn the_flags_of_each_command_are_known() {
    let env = Env::new();
    insta::assert_snapshot!(own_options(&env, &["lint", "-h"]), @"
    --stdin-filename <PATH>   The file that standard input stands for; all others are read as they
    --revision <REV>          Look at a git revision, without checking it out [env:
    --staged                  Look at what is staged for the next commit, and there at the APIs
    --no-index                Read all that rules across APIs could need, and keep nothing of it
    --changed-since <REV>     Only APIs in whose directories something differs from where the head
    --select <CODE>           Only findings of these codes, and what cannot be read: CODE or a
    --ignore <CODE>           No findings of these codes, in the same form; comes after --select
    --baseline <FILE>         Findings that this file knows do not count; those that it knows and
    --update-baseline         Take what is gone out of the baseline; nothing is ever added [env:
    --write-baseline          Write all that is found into a new baseline [env:
    --format <FORMAT[=FILE]>  How to show findings: FORMAT on standard output, FORMAT=FILE in a
    --fail-level <LEVEL>      The least severity that makes the exit code 1 [env:
    --exit-zero               Exit with 0 whatever is found [env: ONRAMP_EXIT_ZERO=]
    --fix                     Mend what can be mended without a look at the outcome [env:
    --unsafe-fixes            Also apply fixes whose outcome somebody has to look at; implies
    --fix [env: ONRAMP_UNSAFE_FIXES=]
    --diff                    Write nothing; print what fixes would change as a unified diff, and
    --show-waived             Also list the findings that pass, with what lets them: in JSON, and
    ");
    insta::assert_snapshot!(own_options(&env, &["render", "-h"]), @r"
    --check           Write nothing; exit with 1 if anything would change [env: ONRAMP_CHECK=]
    --diff            Write nothing; print what would change as a unified diff [env: ONRAMP_DIFF=]
    --revision <REV>  Compare with a git revision, without checking it out [env: ONRAMP_REVISION=]
    ");
    insta::assert_snapshot!(own_options(&env, &["new", "-h"]), @r"
    --team <TEAM>        Team that answers for it [env: ONRAMP_TEAM=]
    --email <EMAIL>      Where mail reaches the team [env: ONRAMP_EMAIL=]
    --image <IMAGE>      Image with its tag or digest [env: ONRAMP_IMAGE=]
    --port <PORT>        Port that the container listens on [env: ONRAMP_PORT=]
    --tier <TIER>        Size class from platform.yaml [default: the first] [env: ONRAMP_TIER=]
    --lifecycle <STATE>  State from platform.yaml [default: the first] [env: ONRAMP_LIFECYCLE=]
    --prefix <PREFIX>    Prefix on the unified host [default: the API's name] [env:
    --env <ENV>          Environment that it is in (can be repeated) [default: all that the state
    ");
    insta::assert_snapshot!(own_options(&env, &["config", "show", "-h"]), @"--env <ENV>     The environment [default: what holds in all of them] [env: ONRAMP_ENV=]");
}

/// The lines of a help that start an option of that command alone.
fn own_options(env: &Env, args: &[&str]) -> String {
    let help = env.run(args).success();
    let global = ["--repo", "--jobs", "--color", "--today", "--quiet", "--verbose", "--help", "--version"];
    let options = help.lines().filter(|line| line.trim_start().starts_with('-'));
    let own = options.filter(|line| !global.iter().any(|name| line.contains(name)));
    own.map(str::trim).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_flag_has_a_variable() {
    let mut commands = vec![onramp::cli::command()];
    while let Some(command) = commands.pop() {
        for argument in command.get_arguments().filter(|argument| argument.get_long().is_some()) {
            let long = argument.get_long().unwrap_or_default();
            // The last three are git's and Docker's to set.
            if matches!(long, "help" | "version" | "index-file" | "docker-config" | "quarantine") {
                continue;
            }
            // These write no findings, and a format of findings in a pipeline's variable would break them.
            let of_its_own = match (long, command.get_name()) {
                // `upgrade --all` asks for something else, and this one writes to every adopted API.
                ("all", "adopt") | ("format", "adopt" | "diff" | "upgrade") => command.get_name(),
                ("format", "explain" | "list") => "route",
                (_, "history") if !matches!(long, "env" | "revision") => "history",
                ("format", "bump-image" | "promote" | "rollback" | "restart") => "release",
                ("format", "run" | "verify" | "sync" | "plan") => "migrate",
                _ => "",
            };
            let words = format!("{of_its_own}-{long}");
            let expected = format!("ONRAMP_{}", words.trim_matches('-').to_uppercase().replace('-', "_"));
            let variable = argument.get_env().map(|name| name.to_string_lossy().into_owned());
            assert_eq!(variable, Some(expected), "--{long} of {}", command.get_name());
        }
        commands.extend(command.get_subcommands().cloned());
    }
}

#[test]
fn exit_codes() {
    let env = Env::with_api(METADATA);
    let broken = Env::with_api(&METADATA.replace("tier: standard", "tier: huge"));
    let blocked = Env::with_api(METADATA);
    blocked.write("onboarding/payments/base", "a file where a directory must be\n");
    let cases: &[(&Env, &[&str], i32)] = &[
        (&env, &["lint"], 0),
        (&env, &["render", "--diff"], 0),
        (&env, &["render", "--check"], 1),
        (&broken, &["lint"], 1),
        (&broken, &["render"], 1),
        (&broken, &["config", "show", "payments"], 0),
        (&env, &[], 2),
        (&env, &["nope"], 2),
        (&env, &["lint", "--nope"], 2),
        (&env, &["lint", "nope"], 2),
        (&env, &["lint", "--fail-level", "nope"], 2),
        (&env, &["lint", "--format", "nope"], 2),
        (&env, &["lint", "-q", "-v"], 2),
        (&env, &["lint", "--jobs", "many"], 2),
        (&env, &["--repo", "nope", "lint"], 2),
        (&env, &["--repo", "platform.yaml", "lint"], 2),
        (&env, &["schema", "nope"], 2),
        (&env, &["explain", "nope"], 2),
        (&env, &["man", "nope"], 2),
        (&env, &["completions", "nope"], 2),
        (&env, &["config", "show", "nope"], 2),
        (&env, &["config", "show", "payments", "--env", "nope"], 2),
        (&env, &["render", "--revision", "HEAD"], 2),
        (&blocked, &["render"], 3),
    ];
    for (env, args, code) in cases {
        let run = env.run(args);
        assert_eq!(run.code, *code, "{args:?}: {run}");
        assert!(!run.stderr.contains("panicked"), "{args:?}: {run}");
        assert_eq!(run.stderr.is_empty(), *code < 2 && args != &["render"], "{args:?}: {run}");
    }
}

#[test]
fn a_repo_that_is_not_there_is_told_in_one_line() {
    let env = Env::with_api(METADATA);
    insta::assert_snapshot!(env.run(&["--repo", "nope", "lint"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: `nope` cannot be read: No such file or directory (os error 2)
    ");
    insta::assert_snapshot!(env.run(&["--repo", "platform.yaml", "lint"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: `platform.yaml` is not a directory
    hint: put a directory there, or name another path
    ");
}
