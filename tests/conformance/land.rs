//! The server of git repositories, which the other test binary has.

#[path = "../it/land/server.rs"]
#[expect(dead_code, reason = "the other test binary asks more of it")]
pub(crate) mod server;
