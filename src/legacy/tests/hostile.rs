//! Branches that want to do harm, or that nobody thought of.

use std::fmt::Write as _;

use super::*;

fn skipped<'a>(branch: &'a Branch, path: &str) -> Option<&'a Skipped> {
    fate(branch, path).skipped.as_ref()
}

#[test]
fn each_odd_file_is_named() {
    let sample = Sample::new(&[]);
    let mut aliases = "a0: &a0 [x, x]\n".to_owned();
    for level in 1..40 {
        writeln!(aliases, "a{level}: &a{level} [*a{0}, *a{0}]", level - 1).unwrap();
    }
    sample
        .write("ok é.yaml", object("Service", "a", ""))
        .write("bomb.yaml", format!("kind: A\napiVersion: v1\n{aliases}"))
        .write("deep.yaml", format!("kind: A\napiVersion: v1\na: {}", "[".repeat(10_000)))
        .write("nul.yaml", b"\0GITCRYPT\0kind")
        .write("latin.yaml", b"kind: \xe9")
        .write("utf16.yaml", b"\xff\xfek\0i\0")
        .write("empty.yaml", "")
        .write("comment.yaml", "# kind and apiVersion\n---\n")
        .write("big.yaml", vec![b'#'; 50 << 20])
        .write("text.yaml", "kind apiVersion")
        .write("number.json", "[1, \"kind\", \"apiVersion\"]")
        .link("link.yaml", "/etc/passwd")
        .link("directory.yaml", "..")
        .link("up", "../..");
    sample.git(["add", "--all"]);
    let commit = sample.commit();
    sample.git(["update-index", "--add", "--cacheinfo", &format!("160000,{commit},module.yaml")]);
    sample.git(["commit", "--quiet", "--message=module"]);
    let branch = read_all(&sample, &settings());
    assert_eq!(applied(&branch), ["-: Service/a@ok é.yaml"]);
    assert_eq!(skipped(&branch, "nul.yaml"), Some(&Skipped::Encrypted));
    assert_eq!(skipped(&branch, "big.yaml"), Some(&Skipped::TooLarge(50 << 20)));
    for path in ["latin.yaml", "utf16.yaml"] {
        assert!(matches!(skipped(&branch, path), Some(Skipped::Unreadable(_))), "{path}");
    }
    for path in ["link.yaml", "directory.yaml", "up"] {
        assert_eq!(skipped(&branch, path), Some(&Skipped::Link), "{path}");
    }
    for (path, code) in [("bomb.yaml", "alias-expansion"), ("deep.yaml", "deep-nesting")] {
        let state = &fate(&branch, path).documents[0].state;
        assert!(matches!(state, DocumentState::Unreadable(name, _) if name == code), "{path}: {state:?}");
    }
    for path in ["empty.yaml", "comment.yaml", "text.yaml", "number.json"] {
        let file = fate(&branch, path);
        assert!(file.skipped.is_none(), "{path}");
        assert!(file.documents.iter().all(|document| document.state == DocumentState::NoObject), "{file:?}");
    }
}

#[test]
fn a_branch_of_many_files_is_read_up_to_a_bound() {
    let sample = Sample::new(&[]);
    let blob = sample.object("blob", object("Service", "a", "").as_bytes());
    let mut listing = String::new();
    for index in 0..10_000 {
        writeln!(listing, "100644 blob {blob}\t{index:05}.yaml").unwrap();
    }
    let tree = crate::git::sample::git(&sample.path, ["mktree"], listing.as_bytes());
    let commit = sample.git(["commit-tree", &tree, "-m", "many"]);
    sample.git(["update-ref", "refs/heads/many", &commit]);
    let repo = Repo::discover(&sample.path).unwrap();
    let references = branches(&repo, &["many".to_owned()]).unwrap();
    let branch = read(&repo, &references[0], &settings());
    assert_eq!(branch.files.len(), 10_000);
    let too_many = branch.files.iter().filter(|file| file.skipped == Some(Skipped::TooMany)).count();
    assert_eq!(too_many, 5_000);
    assert_eq!(applied(&branch), ["-: Service/a@00000.yaml"]);
}

#[test]
fn a_tree_that_holds_itself_many_times_ends() {
    let sample = Sample::new(&[]);
    let blob = sample.object("blob", b"a: b");
    let mut tree =
        crate::git::sample::git(&sample.path, ["mktree"], format!("100644 blob {blob}\ta.yaml\n").as_bytes());
    for _ in 0..30 {
        let mut listing = String::new();
        for index in 0..10 {
            writeln!(listing, "040000 tree {tree}\t{index}").unwrap();
        }
        tree = crate::git::sample::git(&sample.path, ["mktree"], listing.as_bytes());
    }
    let commit = sample.git(["commit-tree", &tree, "-m", "bomb"]);
    let repo = Repo::discover(&sample.path).unwrap();
    let reference = Reference { name: "bomb".to_owned(), commit: ObjectId::from_hex(&commit).unwrap() };
    let branch = read(&repo, &reference, &settings());
    assert!(branch.files.iter().any(|file| file.skipped == Some(Skipped::TooMany)));
    assert!(branch.files.len() < 110_000);
}

#[test]
fn odd_names_and_odd_references_are_named() {
    let sample = Sample::new(&[]);
    let blob = sample.object("blob", object("Service", "a", "").as_bytes());
    let tree = |entries: &[(&str, &[u8])]| {
        let mut raw = Vec::new();
        for (mode, name) in entries {
            raw.extend_from_slice(mode.as_bytes());
            raw.push(b' ');
            raw.extend_from_slice(name);
            raw.push(0);
            raw.extend_from_slice(ObjectId::from_hex(&blob).unwrap().as_bytes());
        }
        sample.object("tree", &raw)
    };
    let odd = tree(&[
        ("100644", b".."),
        ("100644", b".git"),
        ("100644", b"\xff.yaml"),
        ("100644", b"a b\n.yaml"),
        ("40000", b"no-tree"),
    ]);
    let commit = sample.git(["commit-tree", &odd, "-m", "odd"]);
    let repo = Repo::discover(&sample.path).unwrap();
    let of = |id: &str| {
        read(&repo, &Reference { name: "x".to_owned(), commit: ObjectId::from_hex(id).unwrap() }, &settings())
    };
    let branch = of(&commit);
    assert_eq!(applied(&branch), ["-: Service/a@a b\n.yaml"]);
    for name in ["..", ".git", "\u{fffd}.yaml"] {
        assert_eq!(skipped(&branch, name), Some(&Skipped::BadName), "{name}");
    }
    assert!(matches!(skipped(&branch, "no-tree"), Some(Skipped::Unreadable(_))));
    // A file, a tree, nothing at all, and a commit without files.
    let empty = sample.object("tree", b"");
    for id in [&*blob, &*empty, &"1".repeat(40)] {
        assert!(of(id).failure.is_some(), "{id}");
    }
    let branch = of(&sample.git(["commit-tree", &empty, "-m", "empty"]));
    assert!(branch.failure.is_none() && branch.files.is_empty() && applied(&branch).is_empty());
}

#[test]
fn kustomizations_that_multiply_or_never_end_are_not_built() {
    let head = "kind: Kustomization\nresources: ";
    let mut files = vec![("a0/kustomization.yaml".to_owned(), format!("{head}[a.yaml]\n"))];
    files.push(("a0/a.yaml".to_owned(), object("Service", "a", "")));
    for level in 1..20 {
        let below = level - 1;
        files.push((format!("a{level}/kustomization.yaml"), format!("{head}[left, right]\n")));
        for part in ["left", "right"] {
            let text = format!("{head}[../../a{below}]\nnamePrefix: {part}\n");
            files.push((format!("a{level}/{part}/kustomization.yaml"), text));
        }
    }
    for level in 0..500 {
        let text = format!("{head}[../b{}]\n", level + 1);
        files.push((format!("b{level}/kustomization.yaml"), text));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let branch = read_files(&files);
    assert_eq!(applied(&branch), Vec::<String>::new());
    for path in ["a19/kustomization.yaml", "b0/kustomization.yaml"] {
        let state = &fate(&branch, path).documents[0].state;
        assert!(
            matches!(state, DocumentState::Unbuildable(reason) if reason.contains("leads to")),
            "{state:?}"
        );
    }
}
