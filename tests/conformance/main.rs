//! What needs outside tools: the real kustomize, in every version that `ONRAMP_KUSTOMIZE` names
//! (paths joined by `:`), a strict validator of Kubernetes schemas behind `ONRAMP_VALIDATE`, and the
//! real nginx that `ONRAMP_NGINX` names; an API server's source behind a pipe that `ONRAMP_SERVER` names, and its expressions behind
//! `ONRAMP_CEL`; the real registry of images that `ONRAMP_REGISTRY` names; pre-commit, prek and a client of language servers beside the Python of `ONRAMP_CLIENTS`.
//!
//! `.ci/run` installs them. A missing tool is a failure, never a skip.

#![expect(
    clippy::disallowed_methods,
    reason = "tests make and read files, and are told by the environment what to do"
)]

mod cel;
#[path = "../../examples/coverage/compare.rs"]
mod compare;
#[path = "../../examples/coverage/corpus.rs"]
#[expect(dead_code, clippy::print_stdout, reason = "the example prints what it could not read")]
mod corpus;
mod editor;
#[path = "../it/env.rs"]
#[expect(dead_code, reason = "the hermetic environment is shared with the other test binary")]
mod env;
mod environments;
#[path = "../../examples/coverage/family.rs"]
mod family;
mod fixtures;
mod formats;
#[path = "../../examples/fleet/generator.rs"]
#[expect(dead_code, reason = "the example says more about the fleet")]
mod generator;
mod hatch;
mod hooks;
mod interactive;
mod kubernetes;
#[expect(clippy::print_stdout, reason = "how many cases ended how is what the test is read for")]
mod kustomize;
mod land;
#[expect(clippy::print_stdout, reason = "how many Deployments ended how is what the test is read for")]
mod migration;
mod nginx;
mod recipes;
mod registry;
#[path = "../it/route/rendered.rs"]
#[expect(dead_code, reason = "what is rendered is read for the other test binary too")]
mod rendered;
mod roundtrip;
#[expect(clippy::print_stdout, reason = "how many cases ended how is what the test is read for")]
mod server;
mod strings;
mod tools;
#[path = "../../examples/coverage/trip.rs"]
#[expect(dead_code, reason = "here the real kustomize builds")]
mod trip;
#[path = "../it/route/vectors.rs"]
#[expect(dead_code, reason = "the vectors are shared with the other test binary")]
mod vectors;
mod words;
