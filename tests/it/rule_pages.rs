//! The examples of `docs/rules/` are executed: what is flagged raises the code, what is accepted
//! raises nothing.

use std::fs;
use std::path::Path;

use onramp::diagnostic::Sink;
use onramp::kustomize::Builder;
use onramp::policy::RULES;
use onramp::snapshot::Snapshot;

use crate::env::Env;
use crate::generated::compare;

const HEADINGS: &[&str] =
    &["## What it checks", "## Why", "## Flagged", "## Accepted", "## How to fix", "## Waiving it"];

/// One fenced block of a page.
struct Block {
    info: String,
    body: String,
}

impl Block {
    fn has(&self, word: &str) -> bool {
        self.info.split_whitespace().any(|other| other == word)
    }

    fn path(&self) -> &str {
        self.info.split_whitespace().last().expect("a path")
    }
}

/// The platform that examples stand on.
const PLATFORM: &str = include_str!("../../fixtures/rules/platform.yaml");

#[test]
fn every_page_has_its_headings_in_order() {
    for rule in RULES {
        let page = rule.code.page;
        assert!(
            page.starts_with(&format!("# {}\n", rule.code.name)),
            "{}: the title is the code",
            rule.code.name
        );
        let headings: Vec<&str> = page.lines().filter(|line| line.starts_with("## ")).collect();
        assert_eq!(headings, HEADINGS, "{}", rule.code.name);
        assert!(rule.code.summary().ends_with('.'), "{}: the summary is a sentence", rule.code.name);
    }
}

#[test]
fn every_page_belongs_to_a_rule() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules");
    let mut pages: Vec<String> = fs::read_dir(directory)
        .expect("the pages are there")
        .map(|entry| entry.expect("entries can be read").file_name().to_string_lossy().into_owned())
        .filter_map(|name| name.strip_suffix(".md").map(str::to_owned))
        .filter(|name| name != "README")
        .collect();
    pages.sort();
    let mut codes: Vec<&str> = RULES.iter().map(|rule| rule.code.name).collect();
    codes.sort_unstable();
    assert_eq!(pages, codes);
}

#[test]
fn flagged_examples_raise_their_code() {
    let mut shown = 0;
    let mut wrong = Vec::new();
    // Where each is found, to be read by people: the line, the column, and what stands there.
    let mut places = String::new();
    for rule in RULES {
        let Some(blocks) = example(rule.code.page, "## Flagged") else { continue };
        shown += 1;
        let findings = lint(&blocks);
        let code = rule.code.name;
        let own = |finding: &String| finding.starts_with(&format!("{code} "));
        if !findings.iter().any(own) || !findings.iter().all(own) {
            wrong.push(format!("{code}: {findings:?}"));
        }
        let mut lines: Vec<String> =
            findings.iter().map(|finding| format!("{finding}{}\n", text_at(finding, &blocks))).collect();
        lines.dedup();
        places.extend(lines);
    }
    if wrong.is_empty() {
        compare("fixtures/rules/places.txt", &places);
    }
    assert!(wrong.is_empty(), "each raises its code and nothing else:\n{}", wrong.join("\n"));
    assert!(shown > RULES.len() * 3 / 4, "most pages can show an example, {shown} do");
}

#[test]
fn accepted_examples_raise_nothing() {
    let mut wrong = Vec::new();
    for rule in RULES {
        let Some(blocks) = example(rule.code.page, "## Accepted") else { continue };
        let findings = lint(&blocks);
        if !findings.is_empty() {
            wrong.push(format!("{}: {findings:?}", rule.code.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns what stands at the place of a finding, in quotes: up to the end of its line or 40 characters. Of what stands in no block
/// as it was written nothing.
fn text_at(finding: &str, blocks: &[Block]) -> String {
    let place = finding.rsplit(' ').next().unwrap_or_default();
    let mut parts = place.rsplitn(3, ':');
    let mut number = || parts.next().and_then(|number| number.parse::<usize>().ok());
    let (Some(column), Some(line)) = (number(), number()) else { return String::new() };
    let path = parts.next().unwrap_or_default();
    let written = |block: &&Block| block.path() == path && !block.has("escaped") && !block.has("before");
    let text = blocks.iter().find(written).and_then(|block| block.body.lines().nth(line - 1));
    let text: Option<String> = text.map(|line| line.chars().skip(column - 1).take(40).collect());
    text.map(|text| format!("  {text}")).unwrap_or_default()
}

/// Runs render as well as lint, since some codes are raised by rendering only.
fn lint(blocks: &[Block]) -> Vec<String> {
    if blocks.iter().any(|block| block.has("after")) {
        return check(blocks);
    }
    let env = Env::new();
    env.write("platform.yaml", PLATFORM);
    for block in blocks {
        let mut words = block.info.split_whitespace();
        if let Some("symlink") = words.next() {
            let (link, target) = (words.next().expect("a link"), words.nth(1).expect("a target"));
            env.link(link, target);
        } else {
            let escaped = block.info.split_whitespace().any(|word| word == "escaped");
            let path = block.info.split_whitespace().last().expect("a path");
            let bytes = if escaped { expand(&block.body) } else { block.body.clone().into_bytes() };
            env.write(path, bytes);
        }
    }
    // An overlay without an API is there to be built.
    let names =
        |name: &str| blocks.iter().find_map(|block| block.info.rsplit(' ').next()?.strip_suffix(name));
    if let (Some(overlay), None) = (names("/kustomization.yaml"), names("/metadata.yaml")) {
        return build(&env, overlay);
    }
    let mut findings = env.run(&["lint", "--format", "json"]).findings();
    if findings.is_empty() {
        let rendered = env.run(&["render", "--check", "--color", "never"]);
        // Of render only the codes are looked at: the first line of each finding.
        let codes = RULES.iter().map(|rule| rule.code.name);
        findings.extend(
            codes
                .filter(|code| rendered.stdout.lines().any(|line| line == *code))
                .map(|code| format!("{code} ")),
        );
    }
    findings
}

/// Commits what is marked `before`, rendered, and then what is marked `after`; runs check on the second commit.
///
/// A block that is `removed` names what the second one takes away. What is written into a generated file stays as it is.
fn check(blocks: &[Block]) -> Vec<String> {
    let env = Env::new();
    // A page on a rule about changes is not about levels, unless it brings its own.
    env.write("platform.yaml", format!("{PLATFORM}levels: {{ default: L3, migrated: L3 }}\n"));
    env.git(&["init", "--quiet", "--initial-branch=main"]);
    let write = |when: &str| {
        for block in blocks.iter().filter(|block| block.has(when)) {
            if block.has("removed") && env.exists(block.path()) {
                env.remove(block.path());
            } else if !block.has("removed") {
                env.write(block.path(), &block.body);
            }
        }
    };
    for when in ["before", "after"] {
        write(when);
        let rendered = env.run(&["render"]);
        assert_eq!(rendered.code, 0, "{:?}: {rendered}", blocks[0].info);
        write(when);
        env.git(&["add", "--all"]);
        env.git(&["commit", "--quiet", "--allow-empty", "--message", when]);
    }
    env.run(&["check", "--base", "HEAD~1", "--format", "json"]).findings()
}

/// Builds an overlay.
fn build(env: &Env, overlay: &str) -> Vec<String> {
    let snapshot = Snapshot::work_tree(env.root()).expect("the directory is there");
    let mut sink = Sink::default();
    let built = Builder::new(&snapshot).build(overlay, &mut sink);
    assert_eq!(built.is_none(), sink.has_errors(), "what is not built is said");
    let findings = sink.into_findings();
    findings.iter().map(|finding| format!("{} {}", finding.code.name, finding.message)).collect()
}

/// Returns the blocks of a section that name a path, or nothing where it has no example.
fn example(page: &str, heading: &str) -> Option<Vec<Block>> {
    let section = page.split(heading).nth(1)?.split("\n## ").next()?;
    if section.contains("No example:") {
        return None;
    }
    let mut blocks = Vec::new();
    let mut lines = section.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let mut body = String::new();
        for line in lines.by_ref().take_while(|line| *line != "```") {
            body.push_str(line);
            body.push('\n');
        }
        blocks.push(Block { info: info.to_owned(), body });
    }
    assert!(!blocks.is_empty(), "{heading} shows nothing:\n{page}");
    Some(blocks)
}

/// Expands `\0`, `\t`, `\xNN` and `\repeat{N}{text}`.
fn expand(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix("repeat{") {
            let (count, after) = after.split_once("}{").expect("a count");
            let (what, after) = after.split_once('}').expect("a text");
            bytes.extend(what.repeat(count.parse().expect("a number")).into_bytes());
            rest = after;
        } else if let Some(after) = rest.strip_prefix('x') {
            bytes.push(u8::from_str_radix(&after[..2], 16).expect("two hex digits"));
            rest = &after[2..];
        } else if let Some(after) = rest.strip_prefix('0') {
            bytes.push(0);
            rest = after;
        } else if let Some(after) = rest.strip_prefix('t') {
            bytes.push(b'\t');
            rest = after;
        } else {
            bytes.push(b'\\');
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}
