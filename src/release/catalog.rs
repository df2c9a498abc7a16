//! What runs where in a fleet, and how people find it by a piece of an image's name.

use rayon::prelude::*;

use super::{Target, targets};
use crate::diagnostic::Sink;
use crate::fleet;
use crate::image::ImageRef;
use crate::metadata;
use crate::platform::LoadedPlatform;
use crate::snapshot::{Snapshot, SnapshotError};

/// Lists every container of every API in every environment, by API, environment and place in the pod. APIs whose metadata.yaml cannot
/// be read are left out, and counted.
///
/// # Errors
/// If the repo cannot be listed.
pub fn catalog(
    snapshot: &Snapshot,
    platform: &LoadedPlatform,
) -> Result<(Vec<Target>, usize), SnapshotError> {
    let names = fleet::api_names(snapshot, &mut Sink::default())?;
    let of_api = |name: &String| {
        let path = fleet::metadata_path(name);
        let read = |path: &str| {
            let bytes = snapshot.read(path, metadata::MAX_BYTES).ok().flatten()?;
            String::from_utf8(bytes).ok()
        };
        let bytes = snapshot.read(&path, metadata::MAX_BYTES).ok().flatten()?;
        let metadata = metadata::read(&path.as_str().into(), bytes, platform, &mut Sink::default())?;
        let each = metadata
            .environments
            .iter()
            .flat_map(|here| targets(name, &metadata, &here.name, platform, &read));
        Some(each.collect::<Vec<_>>())
    };
    let found: Vec<Option<Vec<Target>>> = names.par_iter().map(of_api).collect();
    let unread = found.iter().filter(|found| found.is_none()).count();
    Ok((found.into_iter().flatten().flatten().collect(), unread))
}

/// Tells whether a container runs what somebody searches for: any part of the image's name, or a reference whose name ends in the
/// same way, on whichever registry and with whichever tag.
pub fn matches(target: &Target, wanted: &str) -> bool {
    let wanted = wanted.trim().to_ascii_lowercase();
    let name = name_of(&wanted);
    let repository = target.image.repository().to_ascii_lowercase();
    if name.is_empty() {
        return false;
    }
    let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    repository.contains(name) || (name.contains('/') && last(name) == last(&repository))
}

/// Takes tag and digest off what may be a reference or a piece of one.
fn name_of(text: &str) -> &str {
    let text = text.split('@').next().unwrap_or_default();
    let slash = text.rfind('/').map_or(0, |slash| slash + 1);
    let colon = text[slash..].find(':').map(|colon| slash + colon);
    colon.map_or(text, |colon| &text[..colon])
}

/// Reads which lines of a list somebody chose: `all`, or numbers from 1 and ranges of them, as in `1,3` and `2-4`.
///
/// # Errors
/// Says what is wrong with the text.
pub fn choice(text: &str, most: usize) -> Result<Vec<usize>, String> {
    if text.trim().eq_ignore_ascii_case("all") {
        return Ok((0..most).collect());
    }
    let number = |text: &str| {
        let number: usize =
            text.trim().parse().map_err(|_| format!("`{}` is no number", text.trim().escape_default()))?;
        if (1..=most).contains(&number) { Ok(number - 1) } else { Err(format!("there is no line {number}")) }
    };
    let mut chosen = Vec::new();
    for part in text.split(',') {
        let (from, to) = match part.split_once('-') {
            Some((from, to)) => (number(from)?, number(to)?),
            None => (number(part)?, number(part)?),
        };
        if from > to {
            return Err(format!("`{}` runs backwards", part.trim()));
        }
        chosen.extend(from..=to);
    }
    chosen.sort_unstable();
    chosen.dedup();
    Ok(chosen)
}

/// Tells whether a text is a reference that a release can name.
///
/// # Errors
/// Says what it lacks.
pub fn complete(text: &str) -> Result<ImageRef, String> {
    let image = ImageRef::parse(text.trim()).map_err(|error| error.to_string())?;
    if image.is_complete() { Ok(image) } else { Err("it has no tag and no digest".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::Slot;

    fn running(image: &str) -> Target {
        Target {
            api: "payments".to_owned(),
            environment: "prod".to_owned(),
            namespace: "payments".to_owned(),
            kind: "Deployment",
            workload: "payments".to_owned(),
            key: "payments".to_owned(),
            container: "app".to_owned(),
            image: ImageRef::parse(image).unwrap(),
            slot: Slot::Key(vec!["image".to_owned()]),
            placeholder: Some("payments-app".to_owned()),
        }
    }

    #[test]
    fn an_image_is_found_by_any_part_of_its_name() {
        let target = running("registry.example:5000/apis/myapp:v2.0.0");
        for wanted in [
            "myapp",
            "MyApp",
            "myapp:v1",
            "apis/my",
            "registry.example:5000/apis/myapp:v9@sha256:00",
            "other.example/team/myapp:v3",
            "registry.example:5000",
        ] {
            assert!(matches(&target, wanted), "{wanted}");
        }
        for wanted in ["", ":v1", "@sha256:00", "yourapp", "other.example/team/app:v3", "myapp2"] {
            assert!(!matches(&target, wanted), "{wanted}");
        }
    }

    #[test]
    fn a_choice_is_numbers_and_ranges() {
        assert_eq!(choice("1,3", 4), Ok(vec![0, 2]));
        assert_eq!(choice(" 2 - 4 , 2", 4), Ok(vec![1, 2, 3]));
        assert_eq!(choice("ALL", 2), Ok(vec![0, 1]));
        for wrong in ["", "0", "5", "3-2", "x", "1,", "-1", "1-", "99999999999999999999"] {
            assert!(choice(wrong, 4).is_err(), "{wrong}");
        }
    }
}
