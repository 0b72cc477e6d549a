use super::*;
use serde_json::json;

/// The workspace as the table wants it, with every edge it allows.
fn allowed() -> Vec<Package> {
    TABLE
        .iter()
        .map(|row| {
            package(
                row.name,
                &row.may_use.iter().map(|to| (*to, None)).collect::<Vec<_>>(),
            )
        })
        .collect()
}

fn package(name: &str, edges: &[(&str, Option<&str>)]) -> Package {
    let dependencies: Vec<_> = edges
        .iter()
        .map(|(to, kind)| json!({"name": to, "kind": kind}))
        .collect();
    serde_json::from_value(json!({"name": name, "dependencies": dependencies})).expect("a package")
}

/// Faults once the crate has one more edge.
fn planted(from: &str, to: &str, kind: Option<&str>) -> Vec<String> {
    let mut packages = allowed();
    let crate_ = packages.iter_mut().find(|package| package.name == from);
    let more = package(from, &[(to, kind)]).dependencies;
    crate_
        .expect("a crate of the table")
        .dependencies
        .extend(more);
    check(&packages).iter().map(ToString::to_string).collect()
}

#[test]
fn allowed_edges_and_outside_crates_pass() {
    assert_eq!(check(&allowed()), []);
    assert_eq!(planted(CORE, "serde", None), [""; 0]);
}

#[test]
fn a_wrong_edge_is_named_with_its_rule() {
    assert_eq!(
        planted(STORAGE, API_TYPES, None),
        [
            "wrong edge: countersign-storage -> countersign-api-types in [dependencies]. \
             Rule: countersign-storage may use countersign-core, countersign-barrier"
        ]
    );
}

#[test]
fn build_dependencies_are_edges_like_others() {
    assert_eq!(
        planted(CORE, STORAGE, Some("build")),
        [
            "wrong edge: countersign-core -> countersign-storage in [build-dependencies]. \
             Rule: countersign-core may use no crate of the workspace"
        ]
    );
}

#[test]
fn tests_may_use_test_support_and_nothing_else_new() {
    for row in TABLE {
        assert_eq!(planted(row.name, TEST_SUPPORT, Some("dev")), [""; 0]);
    }
    assert_eq!(planted(STORAGE, CLUSTER, Some("dev")).len(), 1);
    assert_eq!(planted(SERVER, TEST_SUPPORT, None).len(), 1);
}

#[test]
fn nothing_depends_on_the_cli() {
    for row in TABLE {
        for kind in [None, Some("dev"), Some("build")] {
            assert_eq!(
                planted(row.name, CLI, kind).len(),
                1,
                "{} {kind:?}",
                row.name
            );
        }
    }
}

#[test]
fn a_crate_without_a_row_and_a_row_without_a_crate_fail() {
    let mut packages = allowed();
    packages.push(package("countersign-util", &[]));
    packages.retain(|package| package.name != CLUSTER);
    assert_eq!(
        check(&packages),
        [
            Fault::Stale(CLUSTER),
            Fault::Unknown("countersign-util".to_owned())
        ]
    );
}
