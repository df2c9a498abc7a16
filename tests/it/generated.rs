//! What is written down and comes from the program: README blocks, the command reference, the index
//! of rules. Compared here; `UPDATE=1 cargo test` writes them anew, and the diff is read.

#![expect(clippy::disallowed_methods, reason = "tests read and write the project's documents")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use onramp::diagnostic::WaivedBy;
use onramp::policy::RULES;

use crate::env::{Env, Run};

/// Where the README says that it tries things.
const DEMO: &str = "/tmp/onramp-demo";

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(project(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Insists that a file is what the program says, or makes it so.
#[track_caller]
pub(crate) fn compare(path: &str, actual: &str) {
    if std::env::var_os("UPDATE").is_some() {
        fs::write(project(path), actual).expect("documents can be written");
        return;
    }
    let written = fs::read_to_string(project(path)).unwrap_or_default();
    let what = "is not what the program says; `UPDATE=1 cargo test` writes it anew";
    for (number, (line, expected)) in written.lines().zip(actual.lines()).enumerate() {
        assert_eq!(line, expected, "{path}:{} {what}", number + 1);
    }
    assert_eq!(written.len(), actual.len(), "{path} {what}");
}

/// A fenced block of a document.
struct Block {
    info: String,
    lines: Vec<String>,
    /// Line of the opening fence, from 1.
    at: usize,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for (index, line) in text.lines().enumerate() {
        match (open, line.strip_prefix("```")) {
            (false, Some(info)) => {
                blocks.push(Block { info: info.to_owned(), lines: Vec::new(), at: index + 1 });
            }
            (true, None) => blocks.last_mut().expect("a block is open").lines.push(line.to_owned()),
            (true, Some(_)) | (false, None) => {}
        }
        open ^= line.starts_with("```");
    }
    blocks
}

/// Runs one line of a console block; nothing where it is only checked to be a command of `.ci/run`.
fn run(env: &Env, line: &str) -> Option<Run> {
    let words: Vec<String> =
        line.split_whitespace().map(|word| word.replace(DEMO, &env.root().to_string_lossy())).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["onramp", args @ ..] | ["cargo", "run", "--release", "--locked", "--", args @ ..] => {
            Some(env.run(args))
        }
        ["cargo", ..] => {
            assert!(read(".ci/run").lines().any(|known| known == line), "`{line}` is a command of .ci/run");
            None
        }
        ["git", args @ ..] => Some(env.try_git(args, &[])),
        _ => panic!("`{line}` is neither onramp, git nor cargo"),
    }
}

/// Applies a change that the document shows.
fn apply(env: &Env, block: &Block) {
    let mut git = Command::new("git");
    git.args(["apply", "--unidiff-zero", "-"]).current_dir(env.root()).stdin(Stdio::piped());
    let mut child = git.spawn().expect("git runs");
    let mut input = child.stdin.take().expect("standard input is piped");
    std::io::Write::write_all(&mut input, (block.lines.join("\n") + "\n").as_bytes()).expect("git reads");
    drop(input);
    assert!(child.wait().expect("git ends").success(), "README.md:{} applies", block.at);
}

/// The README is run from top to bottom: its console blocks in one config repo, its diff blocks
/// applied between them.
#[test]
fn readme_shows_what_the_program_prints() {
    let readme = read("README.md");
    let env = Env::new();
    let mut lines: Vec<String> = readme.lines().map(str::to_owned).collect();
    let mut commands = 0;
    let mut replaced = Vec::new();
    for block in blocks(&readme) {
        match block.info.as_str() {
            "diff" => apply(&env, &block),
            "console" => {
                let mut actual = Vec::new();
                for line in block.lines.iter().filter(|line| line.starts_with("$ ")) {
                    actual.push(line.clone());
                    commands += 1;
                    if let Some(run) = run(&env, &line[2..]) {
                        assert!(matches!(run.code, 0 | 1), "README.md:{} {run}", block.at);
                        let printed = format!("{}{}", run.stdout, run.stderr).replace("[ROOT]", DEMO);
                        actual.extend(printed.lines().map(|line| line.trim_end().to_owned()));
                    }
                }
                replaced.push((block.at, block.lines.len(), actual));
            }
            _ => {}
        }
    }
    assert!(commands >= 7, "{commands} commands are shown");
    for (at, length, actual) in replaced.into_iter().rev() {
        lines.splice(at..at + length, actual);
    }
    compare("README.md", &(lines.join("\n") + "\n"));
}

#[test]
fn readme_has_the_exit_codes_of_the_source() {
    let readme = read("README.md");
    for row in exit_codes().lines() {
        assert!(readme.lines().any(|line| line == row), "README.md has the row {row}");
    }
}

#[test]
fn the_command_reference_is_the_help() {
    let mut text = String::from(
        "# Commands\n\n\
         <!-- Generated from the help texts by tests/it/generated.rs; `UPDATE=1 cargo test` writes it anew. -->\n\n\
         Every option that shows `[env: NAME]` can be set by that variable as well; the command line wins.\n\n\
         ## Exit codes\n\n",
    );
    text.push_str(&exit_codes());
    let mut root = stable(onramp::cli::command());
    root.build();
    section(&root, &[], &mut text);
    compare("docs/cli.md", &text);
}

/// The table in the documentation of `src/outcome.rs`.
fn exit_codes() -> String {
    let source = read("src/outcome.rs");
    let rows = source.lines().filter_map(|line| line.strip_prefix("//! ").filter(|row| row.starts_with('|')));
    rows.flat_map(|row| [row, "\n"]).collect()
}

/// Takes what differs between terminals out of a command: its width, and the variables that are set.
fn stable(command: clap::Command) -> clap::Command {
    command.term_width(100).mut_args(|arg| arg.hide_env_values(true)).mut_subcommands(stable)
}

fn section(command: &clap::Command, parents: &[&str], text: &mut String) {
    let path: Vec<&str> = parents.iter().copied().chain([command.get_name()]).collect();
    let mut help = command.clone().render_long_help().to_string();
    if !parents.is_empty() {
        help = without_global_options(command, &help);
    }
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    let _ = write!(text, "\n## {}\n\n```text\n{}\n```\n", path.join(" "), help.join("\n").trim_end());
    if parents.is_empty() {
        text.push_str("\nThe options above belong to every command and are not repeated below.\n");
    }
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        section(sub, &path, text);
    }
}

/// Takes the options of every command out of the help of one.
fn without_global_options(command: &clap::Command, help: &str) -> String {
    let global: Vec<String> = command
        .get_arguments()
        .filter(|arg| arg.is_global_set() || matches!(arg.get_id().as_str(), "help" | "version"))
        .filter_map(|arg| arg.get_long().map(|long| format!("--{long}")))
        .collect();
    assert!(global.len() > 4, "global options are known: {global:?}");
    let Some((before, options)) = help.split_once("\nOptions:\n") else { return help.to_owned() };
    let mut kept = String::new();
    let mut keep = false;
    for line in options.lines() {
        // An option starts in the third column with its short name, or in the seventh with its long one.
        if line.starts_with("  -") || line.starts_with("      --") {
            let names = |word: &str| global.iter().any(|name| name == word);
            keep = !line.split([' ', ',']).any(names);
        }
        if keep {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    if kept.is_empty() { before.to_owned() } else { format!("{before}\nOptions:\n{kept}") }
}

#[test]
fn the_index_of_rules_is_the_list() {
    let mut text = String::from(
        "# Rules\n\n\
         <!-- Generated from the list of rules by tests/it/generated.rs; `UPDATE=1 cargo test` writes it anew. -->\n\n\
         `onramp explain CODE` prints a page. The severity is the one that holds where `rules` in `platform.yaml` says\n\
         nothing else; a finding that nobody may change is always an error, because what cannot be read or rendered\n\
         cannot be allowed. To except one API from a rule, see [waivers](../waivers.md).\n\n\
         | code | severity | who may change it | summary |\n|---|---|---|---|\n",
    );
    let mut codes: Vec<_> = RULES.iter().map(|rule| rule.code).collect();
    codes.sort_by_key(|code| code.name);
    for code in codes {
        let who = match code.waived_by {
            WaivedBy::Owner => "the owner of the API",
            WaivedBy::Platform => "the platform team",
            WaivedBy::Never => "nobody",
        };
        let summary = code.summary().replace('|', "\\|");
        let _ =
            writeln!(text, "| [`{0}`]({0}.md) | {1} | {who} | {summary} |", code.name, code.severity.name());
    }
    compare("docs/rules/README.md", &text);
}

#[test]
fn the_changelog_knows_the_version() {
    let version = env!("CARGO_PKG_VERSION");
    assert!(read("CHANGELOG.md").contains(version), "CHANGELOG.md mentions {version}");
}

/// The rule that CONTRIBUTING.md shows is the rule that is there.
#[test]
fn contributing_shows_a_real_rule() {
    let text = read("CONTRIBUTING.md");
    let (before, rest) = text.split_once("```rust\n").expect("a rule is shown");
    let (_, after) = rest.split_once("```\n").expect("the block ends");
    let rule = read("src/policy/rules/image_not_pinned.rs");
    compare("CONTRIBUTING.md", &format!("{before}```rust\n{rule}```\n{after}"));
}

/// The examples of the user's guide are complete or can be completed: a block whose info ends with a
/// file name is that file, or top-level keys of it, and lints clean on the platform of `init`.
#[test]
fn the_examples_of_the_guide_are_valid() {
    let platform = read("templates/init/platform.yaml");
    let mut shown = 0;
    for block in blocks(&read("docs/metadata.md")) {
        let Some(file) = block.info.strip_prefix("yaml ") else { continue };
        shown += 1;
        let text = block.lines.join("\n") + "\n";
        let env = Env::new();
        let path = if file == "metadata.yaml" { "onboarding/payments/metadata.yaml" } else { file };
        env.write("platform.yaml", &platform);
        env.write("onboarding/payments/metadata.yaml", completed(METADATA, ""));
        // Another API, which some examples name.
        env.write(
            "onboarding/orders/metadata.yaml",
            completed(METADATA, "").replace("name: payments", "name: orders"),
        );
        let minimum = match file {
            "metadata.yaml" => METADATA,
            "platform.yaml" => PLATFORM,
            _ => &[],
        };
        env.write(path, completed(minimum, &text));
        for part in text.split(|c: char| c.is_whitespace() || "[]{},\"".contains(c)) {
            // Files that the example names.
            let named = ["config/", "patches/", "resources/"].iter().any(|start| part.starts_with(start));
            if named && part.contains('.') {
                // What a patch may be for, and what an API may bring along.
                let object = match part.split('/').next() {
                    Some("patches") => {
                        "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: payments }\n"
                    }
                    Some("resources") => {
                        "apiVersion: batch/v1\nkind: CronJob\nmetadata: { name: nightly }\nspec:\n  \
                         schedule: 0 3 * * *\n  jobTemplate: { spec: { template: { spec: { \
                         restartPolicy: Never, containers: [{ name: a, image: payments-app }] } } } }\n"
                    }
                    _ => "{}\n",
                };
                env.write(&format!("onboarding/payments/{part}"), object);
            }
        }
        let mut found = env.run(&["lint", "--format", "json"]).findings();
        // An example shows a few keys, and no whole service.
        let lacking = ["missing-probe ", "missing-request ", "missing-limit ", "autoscaler-without-request "];
        found.retain(|found| !lacking.iter().any(|code| found.starts_with(code)));
        assert_eq!(found, Vec::<String>::new(), "docs/metadata.md:{}", block.at);
        let rendered = env.run(&["render", "--check", "--color", "never"]);
        assert!(rendered.stdout.contains("would change"), "docs/metadata.md:{} {rendered}", block.at);
    }
    assert!(shown > 8, "{shown} examples are shown");
}

/// What a metadata.yaml has at least.
const METADATA: &[&str] = &[
    "apiVersion: onramp/v1",
    "name: payments",
    "owner: { team: payments, email: payments@acme.example }",
    "image: europe-docker.pkg.dev/acme/apis/payments:v2.0.0",
    "ports: { http: 8080 }",
    "environments: { staging: {}, prod: { replicas: 2 } }",
];

/// What a platform.yaml has at least.
const PLATFORM: &[&str] = &["apiVersion: onramp/v1", "environments: { staging: {}, prod: {} }"];

/// Puts the top-level keys that a text leaves out before it.
fn completed(minimum: &[&str], text: &str) -> String {
    let has = |key: &str| text.lines().any(|line| line.starts_with(&format!("{key}:")));
    // Ports at the top would hold for workloads that have none.
    let wanted = |key: &str| !has(key) && (key != "ports" || !has("workloads"));
    let missing = minimum.iter().filter(|line| wanted(line.split(':').next().unwrap_or_default()));
    missing.flat_map(|line| [line, "\n"]).chain([text]).collect()
}
