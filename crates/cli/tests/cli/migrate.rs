use crate::process::{run, serve};
use tempfile::tempdir;

#[test]
fn a_database_is_brought_up_to_date_once() {
    let folder = tempdir().unwrap();
    assert_eq!(run(folder.path(), &["migrate", "--check"]).code, Some(1));
    assert!(!folder.path().join("countersign.db").exists());
    let told = run(folder.path(), &["migrate"]).succeeded();
    assert!(told.starts_with("migrated from 0 to "), "{told}");
    assert_eq!(
        run(folder.path(), &["migrate", "--check"]).succeeded(),
        "the schema is current\n"
    );
    assert_eq!(
        run(folder.path(), &["migrate"]).succeeded(),
        "the schema is current\n"
    );
    serve(folder.path(), &[]).stop();
}
