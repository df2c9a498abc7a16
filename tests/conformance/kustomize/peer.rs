//! The real kustomize, by a process of its own for each build, or by one that keeps running.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value as Json;

use crate::tools::{kustomizes, try_build};

/// All versions of the real kustomize.
pub(crate) struct Peers(Vec<Peer>);

enum Peer {
    /// The command.
    Command(PathBuf),
    /// `peer/main.go`: its library behind a pipe.
    Library { process: Child, input: ChildStdin, output: BufReader<ChildStdout> },
}

impl Peers {
    /// Starts those that `ONRAMP_KUSTOMIZE_PEER` names, one for each version; without it the commands do.
    pub(crate) fn start() -> Self {
        let Some(paths) = libraries() else {
            return Self(kustomizes().into_iter().map(Peer::Command).collect());
        };
        let peers: Vec<Peer> = paths.iter().map(|path| Peer::start(path)).collect();
        assert_eq!(peers.len(), kustomizes().len(), "a peer for each version");
        Self(peers)
    }

    /// What each version prints of a directory, or why it prints nothing.
    pub(crate) fn build(&mut self, directory: &Path) -> Vec<Result<String, String>> {
        self.0.iter_mut().map(|peer| peer.build(directory)).collect()
    }
}

/// The peers that keep running, if there are any.
pub(crate) fn libraries() -> Option<Vec<PathBuf>> {
    let paths = std::env::var("ONRAMP_KUSTOMIZE_PEER").ok().filter(|paths| !paths.is_empty())?;
    Some(paths.split(':').map(PathBuf::from).collect())
}

impl Peer {
    fn start(path: &Path) -> Self {
        let mut process = Command::new(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // It warns of what is deprecated.
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let input = process.stdin.take().expect("standard input is piped");
        let output = BufReader::new(process.stdout.take().expect("standard output is piped"));
        Self::Library { process, input, output }
    }

    fn build(&mut self, directory: &Path) -> Result<String, String> {
        match self {
            Self::Command(path) => try_build(path, directory).map(|(printed, _)| printed),
            Self::Library { input, output, .. } => {
                writeln!(input, "{}", directory.display()).expect("the peer reads");
                let mut line = String::new();
                output.read_line(&mut line).expect("the peer answers");
                let answer: Json = serde_json::from_str(&line).expect("the peer answers in JSON");
                match (answer["error"].as_str(), answer["printed"].as_str()) {
                    (Some(error), _) => Err(error.to_owned()),
                    (None, printed) => Ok(printed.expect("an answer").to_owned()),
                }
            }
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        if let Self::Library { process, .. } = self {
            // It has nothing to lose, and a test that fails should not wait for it.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
