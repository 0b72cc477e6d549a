use crate::process::{Running, countersign, run};
use countersign_storage::{Backend, Engine};
use countersign_test_support::TestDatabase;
use std::io::BufRead as _;
use tempfile::tempdir;

#[test]
fn the_demo_plays_to_its_end() {
    let folder = tempdir().unwrap();
    let told = run(folder.path(), &["demo", "--devices=8"]).succeeded();
    assert!(told.contains("Everything was as it should be"), "{told}");
    assert!(
        !told.contains('\u{1b}'),
        "colours are for terminals: {told}"
    );
    run(folder.path(), &["demo", "--devices=1"]).failed(2, &["--devices"]);
}

#[test]
fn a_kept_demo_runs_until_a_signal() {
    let folder = tempdir().unwrap();
    let mut demo = Running::start(countersign(folder.path(), &["demo", "--keep"]));
    let mut told = String::new();
    while !told.contains("Still running") {
        assert_ne!(demo.stdout.read_line(&mut told).unwrap(), 0, "{told}");
    }
    demo.stop();
}

#[test]
fn the_demo_with_several_nodes_plays_to_its_end() {
    let folder = tempdir().unwrap();
    let told = run(folder.path(), &["demo", "--nodes=3"]).succeeded();
    assert!(told.contains("3 nodes on one SQLite file"), "{told}");
    assert!(told.contains("acknowledged by 3, lapsed 0"), "{told}");
    assert!(told.contains("acknowledged by 2, lapsed 1"), "{told}");
    assert!(told.contains("acknowledged by 2, lapsed 0"), "{told}");
    assert!(told.contains("Everything was as it should be"), "{told}");
    run(folder.path(), &["demo", "--nodes=1"]).failed(2, &["--nodes"]);
}

#[tokio::test]
async fn the_demo_with_several_nodes_plays_on_postgres() {
    let database = TestDatabase::create_empty(Engine::Postgres).await;
    let Backend::Postgres { url, .. } = database.backend() else {
        panic!("{database:?}");
    };
    let folder = tempdir().unwrap();
    let url = format!("--database={url}");
    let told = run(folder.path(), &["demo", "--nodes=3", &url]).succeeded();
    assert!(
        told.contains("3 nodes on one PostgreSQL database"),
        "{told}"
    );
    assert!(told.contains("acknowledged by 2, lapsed 1"), "{told}");
    assert!(told.contains("Everything was as it should be"), "{told}");
}

#[test]
fn the_demo_with_several_nodes_fails_where_there_is_no_database() {
    let folder = tempdir().unwrap();
    let nowhere = "--database=postgres://nobody@127.0.0.1:1/nothing";
    let told = run(folder.path(), &["demo", "--nodes=2", nowhere]);
    told.failed(1, &["error:"]);
    assert!(!told.stdout.contains("as it should be"), "{told:?}");
}
