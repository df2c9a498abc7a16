//! The binary: everything is in the library.

use std::process::ExitCode;

/// Measured on a fleet of 10,000 APIs: see docs/architecture.md.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    onramp::cli::main()
}
