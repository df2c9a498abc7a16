//! What needs outside tools: the real kustomize, in every version that `ONRAMP_KUSTOMIZE` names
//! (paths joined by `:`), and a strict validator of Kubernetes schemas behind `ONRAMP_VALIDATE`.
//!
//! `.ci/run` installs both. A missing tool is a failure, never a skip.

#[path = "../it/env.rs"]
#[expect(dead_code, reason = "the hermetic environment is shared with the other test binary")]
mod env;
mod fixtures;
mod strings;
mod tools;
