//! One case, built natively and by the real kustomize.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

use onramp::diagnostic::Sink;
use onramp::kustomize::{self, Builder};
use onramp::snapshot::SnapshotError;

use super::cases::Files;
use super::peer::Peers;

/// How a case ended.
#[derive(Debug)]
pub(super) enum Outcome {
    /// All print the same.
    Same,
    /// None builds it.
    Refused,
    /// Kustomize builds it; we say where we do not: the findings.
    Declined(Vec<Finding>),
    /// What should not be.
    Wrong(String),
}

/// A finding: its code, and the words with their place.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(super) code: &'static str,
    pub(super) path: String,
    pub(super) message: String,
}

/// How many cases ended how.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) same: u64,
    pub(super) refused: u64,
    /// By code and message without names.
    pub(super) declined: BTreeMap<String, u64>,
}

impl Tally {
    pub(super) fn add(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Same => self.same += 1,
            Outcome::Refused => self.refused += 1,
            Outcome::Declined(findings) => {
                for Finding { code, path, message } in findings.iter().take(1) {
                    assert!(!path.is_empty(), "a finding has a place: {message}");
                    // Every second part is a name.
                    let words = message.split('`').step_by(2).collect::<Vec<_>>().join("…");
                    let words = words.split("U+").next().unwrap_or_default();
                    *self.declined.entry(format!("{code}: {words}")).or_default() += 1;
                }
            }
            Outcome::Wrong(_) => {}
        }
    }

    pub(super) fn declined(&self) -> u64 {
        self.declined.values().sum()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} the same, {} refused by all, {} declined by us",
            self.same,
            self.refused,
            self.declined()
        )?;
        for (why, count) in &self.declined {
            write!(f, "\n  {count} {why}")?;
        }
        Ok(())
    }
}

/// Files in memory.
struct Memory<'a>(&'a Files);

impl kustomize::Files for Memory<'_> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, SnapshotError> {
        Ok(self.0.get(path).cloned())
    }
}

/// Builds a directory natively, and says why not where it cannot be built.
pub(crate) fn native(files: &dyn kustomize::Files, directory: &str) -> Result<String, Vec<Finding>> {
    let mut sink = Sink::default();
    let objects = Builder::new(files).build(directory, &mut sink);
    match objects {
        Some(objects) => Ok(kustomize::print(objects.iter().map(|object| &object.json))),
        None => Err(sink
            .into_findings()
            .into_iter()
            .map(|finding| Finding {
                code: finding.code.name,
                path: finding.primary.path.to_string(),
                message: finding.message,
            })
            .collect()),
    }
}

/// Builds a case in all ways. `scratch` is an empty directory.
pub(super) fn compare(files: &Files, root: &str, scratch: &Path, peers: &mut Peers) -> Outcome {
    for (path, content) in files {
        let path = scratch.join(path);
        fs::create_dir_all(path.parent().expect("a file is in a directory"))
            .expect("directories can be made");
        fs::write(path, content).expect("files can be written");
    }
    judge(native(&Memory(files), root), peers.build(&scratch.join(root)))
}

/// Holds what is built natively against what every version prints.
pub(super) fn judge(native: Result<String, Vec<Finding>>, real: Vec<Result<String, String>>) -> Outcome {
    let built = real.iter().filter(|printed| printed.is_ok()).count();
    match native {
        Err(findings) if findings.is_empty() => {
            Outcome::Wrong("nothing is built, and nobody says why".to_owned())
        }
        Err(_) if built == 0 => Outcome::Refused,
        Err(findings) => Outcome::Declined(findings),
        Ok(native) => {
            for (index, printed) in real.into_iter().enumerate() {
                match printed {
                    Ok(printed) if printed == native => {}
                    Ok(printed) => {
                        return Outcome::Wrong(format!(
                            "version {index} prints other:\n{}",
                            difference(&printed, &native)
                        ));
                    }
                    Err(why) => return Outcome::Wrong(format!("version {index} refuses: {why}")),
                }
            }
            Outcome::Same
        }
    }
}

/// The first lines that differ, and what stands around them.
pub(crate) fn difference(real: &str, native: &str) -> String {
    let (real, native): (Vec<&str>, Vec<&str>) = (real.split('\n').collect(), native.split('\n').collect());
    let at = real.iter().zip(&native).position(|(real, native)| real != native);
    let at = at.unwrap_or(real.len().min(native.len()));
    let around = |lines: &[&str], mark: &str| {
        let end = lines.len().min(at + 6);
        let from = at.saturating_sub(12).min(end);
        lines[from..end].iter().flat_map(|line| [mark, " ", line, "\n"]).collect::<String>()
    };
    format!("{}--\n{}", around(&real, "kustomize |"), around(&native, "onramp    |"))
}
