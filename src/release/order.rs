//! Which of two releases is the newer one.

use crate::image::ImageRef;
use crate::record::Release;

/// How an image that is asked for stands to what was released last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// It is newer, or as new.
    Newer,
    /// It is older; the words say what shows it.
    Older(String),
    /// Neither build numbers nor versions can tell.
    Unknown,
}

/// Compares an image with what runs: by the number of its build where both have one, else by the version in the tag.
///
/// Of two builds with the same number and different images the first stays.
pub fn order(running: &ImageRef, last: Option<&Release>, wanted: &ImageRef, build: Option<u64>) -> Order {
    if let (Some(build), Some(highest)) = (build, last.and_then(Release::highest_build)) {
        return if build > highest {
            Order::Newer
        } else {
            Order::Older(format!("build {highest} was released already, and this is build {build}"))
        };
    }
    if running.full_repository() != wanted.full_repository() {
        return Order::Unknown;
    }
    match (running.version(), wanted.version()) {
        (Some(running), Some(wanted)) if wanted >= running => Order::Newer,
        (Some(_), Some(_)) => {
            let (old, new) = (running.tag().unwrap_or_default(), wanted.tag().unwrap_or_default());
            Order::Older(format!("`{old}` runs, and `{new}` is an older version"))
        }
        _ => Order::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(text: &str) -> ImageRef {
        ImageRef::parse(text).unwrap()
    }

    #[test]
    fn builds_decide_before_versions() {
        let last = Release { build_number: Some(11), newest_build: Some(12), ..Release::default() };
        let (old, new) = (image("r/x:v1.0.0"), image("r/x:v2.0.0"));
        assert_eq!(order(&new, Some(&last), &old, Some(13)), Order::Newer);
        for build in [12, 11] {
            assert!(matches!(order(&old, Some(&last), &new, Some(build)), Order::Older(_)), "{build}");
        }
    }

    #[test]
    fn versions_decide_where_no_build_is_known() {
        let same = |old: &str, new: &str| order(&image(old), None, &image(new), None);
        assert_eq!(same("r/x:v1.9.0", "r/x:v1.10.0"), Order::Newer);
        assert_eq!(same("r/x:v1.0.0", "r/x:v1.0.0"), Order::Newer);
        assert_eq!(
            same("r/x:v1.0.0", "r/x:v1.0.0-rc.1"),
            Order::Older("`v1.0.0` runs, and `v1.0.0-rc.1` is an older version".to_owned())
        );
        assert_eq!(same("r/x:abc", "r/x:v1.0.0"), Order::Unknown);
        assert_eq!(same("r/x:v2.0.0", "r/y:v1.0.0"), Order::Unknown);
    }
}
