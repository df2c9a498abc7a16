//! Each router answers what others say that it answers.

use std::collections::BTreeSet;

use super::vectors::{ask, cases, router, table};

#[test]
fn every_vector_holds() {
    let mut asked = 0;
    let mut names = BTreeSet::new();
    for case in cases() {
        assert!(case.source.starts_with("https://"), "{} names its source", case.what);
        for name in &case.routers {
            let kind = router(name);
            let routes = table(&case, kind);
            for request in &case.requests {
                let what = format!("{}: {} on {name} ({})", case.what, request.ask, case.source);
                let answer = ask(kind, &routes, &request.ask);
                assert_eq!(answer.route.map(|route| route.service.as_str()), request.to.as_deref(), "{what}");
                assert_eq!(answer.status, request.status, "{what}");
                let sent = request.ask.find('/').map(|at| &request.ask[at..]);
                let expected = request.to.as_ref().and(request.path.as_deref().or(sent));
                assert_eq!(answer.container_path.as_deref(), expected, "{what}");
                asked += 1;
                names.insert(name.clone());
            }
        }
    }
    assert!(asked > 150, "{asked} requests were made");
    assert_eq!(names.len(), 4, "{names:?}");
}
