//! `--resolve-digest`: each tag that is to be released becomes tag and digest, by what its registry says.

use super::BumpArgs;
use crate::cli::terminal::Terminal;
use crate::outcome::Failure;
use crate::release::Bump;

/// Asks the registries for the digests, where that was asked for. An image with a digest stays as it is, and so does what is no
/// image with a tag, of which the release itself says what is wrong.
#[cfg(feature = "registry")]
pub(super) fn resolve(bumps: &mut [Bump], args: &BumpArgs, terminal: &Terminal) -> Result<(), Failure> {
    use std::collections::BTreeMap;
    use std::collections::btree_map::Entry;

    use crate::image::ImageRef;
    use crate::registry;

    if !args.resolve_digest {
        return Ok(());
    }
    let config = config(args)?;
    // One image may go to several environments.
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for bump in bumps {
        let Ok(image) = ImageRef::parse(&bump.image) else { continue };
        if image.tag().is_none() || image.digest().is_some() {
            continue;
        }
        let digest = match known.entry(bump.image.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                terminal.note(&format!("asking the registry of {image} for its digest\n"));
                unknown.insert(registry::resolve(&image, &config, registry::LIMIT.min(args.at.timeout))?)
            }
        };
        bump.image = format!("{}@{digest}", bump.image);
    }
    Ok(())
}

/// Says that this binary cannot.
#[cfg(not(feature = "registry"))]
pub(super) fn resolve(_: &mut [Bump], args: &BumpArgs, _: &Terminal) -> Result<(), Failure> {
    if !args.resolve_digest {
        return Ok(());
    }
    Err(Failure::usage("this onramp was built without `--resolve-digest`")
        .hint("build it with the feature `registry`, or give the digest: `--image REPO:TAG@DIGEST`"))
}

/// Reads the Docker config.
#[cfg(feature = "registry")]
fn config(args: &BumpArgs) -> Result<crate::registry::DockerConfig, Failure> {
    use crate::cli::repo::read_file;
    use crate::registry::DockerConfig;

    /// The most bytes of it.
    const MOST: u64 = 1 << 20;
    let given = args.docker_config.as_ref().filter(|dir| !dir.as_os_str().is_empty());
    let directory = given.cloned().or_else(|| Some(std::env::home_dir()?.join(".docker")));
    let Some(file) = directory.map(|directory| directory.join("config.json")) else {
        return Ok(DockerConfig::new(None, None));
    };
    let bytes = read_file(&file, MOST)?;
    Ok(DockerConfig::new(Some(file.display().to_string()), bytes))
}
