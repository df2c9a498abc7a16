//! How many APIs a fleet has that is measured on.

use std::env;

use crate::process::Failure;

/// Reads `ONRAMP_BENCH_SIZES`; a thousand and ten thousand where it says nothing.
pub(crate) fn sizes() -> Result<Vec<usize>, Failure> {
    let sizes = env::var("ONRAMP_BENCH_SIZES").unwrap_or_else(|_| "1000 10000".to_owned());
    let parse =
        |word: &str| word.parse().map_err(|_| format!("ONRAMP_BENCH_SIZES: `{word}` is no number").into());
    sizes.split([' ', ',']).filter(|word| !word.is_empty()).map(parse).collect()
}
