//! The peer of most benchmarks.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::Failure;

/// Finds kustomize: the peer is a part of the measurement, so that there is none without it.
pub(crate) fn find_kustomize() -> Result<PathBuf, Failure> {
    let named = env::var_os("ONRAMP_KUSTOMIZE").filter(|name| !name.is_empty());
    let path = named.clone().unwrap_or_else(|| OsString::from("kustomize"));
    let found = Command::new(&path).arg("version").output();
    match found {
        Ok(output) if output.status.success() => {
            let version = String::from_utf8_lossy(&output.stdout);
            println!("kustomize {} ({})", version.trim(), Path::new(&path).display());
            Ok(path.into())
        }
        Ok(output) => Err(format!("`{} version` ended with {}", path.display(), output.status).into()),
        Err(error) if named.is_some() => {
            Err(format!("ONRAMP_KUSTOMIZE names `{}`, which cannot be started: {error}", path.display())
                .into())
        }
        Err(error) => {
            Err(format!("no kustomize: not on PATH ({error}), and ONRAMP_KUSTOMIZE is not set").into())
        }
    }
}
