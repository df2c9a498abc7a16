//! The index beside what a plain search finds.
#![expect(clippy::disallowed_methods, reason = "fixtures are written straight to disk")]

use proptest::prelude::*;

use super::*;
use crate::snapshot::Snapshot;

/// A directory with one file, of a time long past.
fn sample(text: &str) -> (tempfile::TempDir, Snapshot) {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("a"), text).unwrap();
    let snapshot = Snapshot::work_tree(directory.path()).unwrap();
    (directory, snapshot)
}

/// As if the index had been written so many seconds after it was.
fn later(index: &Index, seconds: i128) -> Index {
    let (bytes, written) = read(&index.path).unwrap();
    let kept = decode(&bytes, written + seconds * 1_000_000_000 - TICK).unwrap_or_default();
    Index { path: index.path.clone(), kept, new: Mutex::default(), names: OnceLock::new() }
}

fn saved(directory: &Path, snapshot: &Snapshot, text: &str) -> Index {
    let index = Index::open(directory, "files");
    index.keep("a", &snapshot.stamp("a").unwrap(), text, false);
    index.only(&["a".to_owned()]);
    index.save();
    index
}

#[test]
fn what_changed_or_may_have_is_not_trusted() {
    let (directory, snapshot) = sample("payments");
    let index = saved(directory.path(), &snapshot, "payments");
    let wanted = [Wanted::new("orders")];
    let stamp = snapshot.stamp("a").unwrap();
    assert!(later(&index, 10).holds_none("a", &stamp, &wanted));
    assert!(!later(&index, 10).holds_none("b", &stamp, &wanted), "nothing is known of another");
    // Within a tick of the clock the file may have changed unseen.
    assert!(!later(&index, 0).holds_none("a", &stamp, &wanted));
    fs::write(directory.path().join("a"), "orders!!").unwrap();
    let changed = snapshot.stamp("a").unwrap();
    assert_ne!(changed, stamp, "as long as before, and another");
    assert!(!later(&index, 10).holds_none("a", &changed, &wanted));
}

#[test]
fn a_damaged_index_is_empty() {
    let (directory, snapshot) = sample("payments");
    let index = saved(directory.path(), &snapshot, "payments");
    let whole = fs::read(&index.path).unwrap();
    assert!(decode(&whole, i128::MAX).is_some_and(|kept| kept.len() == 1));
    for cut in 0..whole.len() {
        assert!(decode(&whole[..cut], i128::MAX).is_none(), "cut at {cut}");
    }
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 1 << (at % 8);
        assert!(decode(&damaged, i128::MAX).is_none(), "damaged at {at}");
    }
    // What cannot be written is left.
    fs::remove_file(&index.path).unwrap();
    fs::create_dir(&index.path).unwrap();
    saved(directory.path(), &snapshot, "payments");
    assert!(Index::open(directory.path(), "files").kept.is_empty());
}

#[test]
fn what_is_gone_is_forgotten() {
    let (directory, snapshot) = sample("payments");
    let index = saved(directory.path(), &snapshot, "payments");
    let next = later(&index, 10);
    next.keep("b", &snapshot.stamp("a").unwrap(), "", false);
    next.only(&["b".to_owned()]);
    next.save();
    assert_eq!(later(&next, 10).kept.keys().collect::<Vec<_>>(), ["b"]);
}

#[test]
fn an_object_needs_no_clock() {
    let sample = crate::git::sample::Sample::new(&[]);
    sample.write("a", "payments");
    sample.commit();
    let snapshot = Snapshot::revision(&sample.path, "HEAD").unwrap();
    let index = saved(&sample.path, &snapshot, "payments");
    assert!(later(&index, 0).holds_none("a", &snapshot.stamp("a").unwrap(), &[Wanted::new("orders")]));
}

proptest! {
    /// It may let through what a search would not find, and never the other way round.
    #[test]
    fn what_a_file_holds_is_never_missed(text in "[a-f/ü]{0,40}", wanted in "[a-f/ü]{0,5}", odd in any::<bool>()) {
        let (directory, snapshot) = sample(&text);
        let index = Index::open(directory.path(), "files");
        let stamp = snapshot.stamp("a").unwrap();
        index.keep("a", &stamp, &text, odd);
        let kept = index.new.lock().unwrap().clone();
        let index = Index { kept, ..Index::open(directory.path(), "files") };
        if odd || text.contains(&wanted) {
            prop_assert!(!index.holds_none("a", &stamp, &[Wanted::new(&wanted)]));
        }
    }
}
