use crate::{
    process::{run, serve},
    serve::{is_allowed, log_in, prepare, service},
};
use std::fs;
use tempfile::tempdir;

#[tokio::test]
async fn a_running_server_notices_what_the_operator_does() {
    let folder = tempdir().unwrap();
    let server = serve(folder.path(), &[]);
    let (client_id, api_key) = prepare(folder.path());
    let backend = service(&server.addresses, &api_key);
    let session = log_in(&backend, client_id).await;
    assert!(is_allowed(&backend, &session).await);

    let disabled = run(
        folder.path(),
        &["admin", "disable-user", "42", "--output=json"],
    )
    .json();
    assert_eq!(
        (&disabled["is_disabled"], &disabled["ended"]),
        (&true.into(), &1.into())
    );
    // The command waited for the server, which is what its receipt says.
    assert!(!is_allowed(&backend, &session).await);
    let nodes = disabled["receipt"]["acknowledged"].as_array().unwrap();
    assert_eq!(nodes.len(), 1, "{disabled}");
    assert!(disabled["receipt"]["signature"].is_string(), "{disabled}");
    let enabled = run(
        folder.path(),
        &["admin", "enable-user", "42", "--output=json"],
    )
    .json();
    assert_eq!(enabled["is_disabled"], false);
    assert!(!is_allowed(&backend, &session).await);
    let session = log_in(&backend, client_id).await;
    assert!(is_allowed(&backend, &session).await);
    server.stop();
}

#[test]
fn what_is_made_is_listed_and_secrets_are_shown_once() {
    let folder = tempdir().unwrap();
    let (client_id, api_key) = prepare(folder.path());
    let clients = run(folder.path(), &["admin", "list-clients", "--output=json"]).json();
    assert_eq!(clients["total"], 1);
    assert_eq!(clients["data"][0]["client_id"], client_id.to_string());
    let clients = run(folder.path(), &["admin", "list-clients"]).succeeded();
    assert!(clients.contains(&client_id.to_string()), "{clients}");

    let keys = run(folder.path(), &["admin", "list-api-keys", "--output=json"]);
    assert!(!keys.stdout.contains(&api_key));
    let keys = keys.json();
    let key_id = keys["data"][0]["key_id"].as_str().unwrap();
    run(folder.path(), &["admin", "revoke-api-key", key_id]).succeeded();
    let keys = run(folder.path(), &["admin", "list-api-keys", "--output=json"]).json();
    assert!(keys["data"][0]["revoked_at"].is_string(), "{keys}");

    let id = client_id.to_string();
    let disabled = run(
        folder.path(),
        &["admin", "disable-client", &id, "--output=json"],
    )
    .json();
    assert!(disabled["disabled_at"].is_string(), "{disabled}");
    let enabled = run(
        folder.path(),
        &["admin", "enable-client", &id, "--output=json"],
    )
    .json();
    assert!(enabled["disabled_at"].is_null(), "{enabled}");
}

#[test]
fn a_client_may_trust_issuers() {
    let folder = tempdir().unwrap();
    let create = [
        "admin",
        "create-client",
        "--name=a",
        "--platform=web",
        "--audience=a",
    ];
    let with = |issuer| [&create[..], &["--output=json", issuer]].concat();
    let made = run(
        folder.path(),
        &with("--issuer=https://login.example/=my-app"),
    )
    .json();
    let issuer = &made["issuers"][0];
    assert_eq!(issuer["issuer"], "https://login.example/");
    assert_eq!(issuer["audiences"][0], "my-app");
    for wrong in [
        "--issuer=https://login.example",
        "--issuer=ftp://login.example=my-app",
    ] {
        run(folder.path(), &with(wrong)).failed(2, &["equals sign"]);
    }
    let empty = with("--issuer=https://login.example=");
    run(folder.path(), &empty).failed(2, &["audiences/0 must be 1 to 255"]);
}

#[test]
fn wrong_values_are_wrong_usage() {
    let folder = tempdir().unwrap();
    let client = [
        "admin",
        "create-client",
        "--name=",
        "--platform=web",
        "--audience=a",
    ];
    run(folder.path(), &client).failed(2, &["--name must be 1 to 120"]);
    let client = [
        "admin",
        "create-client",
        "--name=a",
        "--platform=palm",
        "--audience=a",
    ];
    run(folder.path(), &client).failed(2, &["ios", "android", "web", "desktop"]);
    let key = [
        "admin",
        "create-api-key",
        "--name=a",
        "--scope=verify,verify",
    ];
    run(folder.path(), &key).failed(2, &["verify is there twice"]);
    let missing = ["admin", "revoke-api-key", "key_00000000000000000000000000"];
    assert_ne!(run(folder.path(), &missing).code, Some(0));
}

#[test]
fn the_nodes_are_shown_while_they_run() {
    let folder = tempdir().unwrap();
    let server = serve(folder.path(), &[]);
    let shown = || run(folder.path(), &["nodes", "--output=json"]).json();
    let node = loop {
        // It joins right after it listens.
        if let Some([node]) = shown()["nodes"].as_array().map(Vec::as_slice) {
            break node.clone();
        }
    };
    assert_eq!(node["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(node["is_this"], false, "no server is asked: {node}");
    assert!(node["still_for_ms"].as_u64() < Some(2_000), "{node}");
    let table = run(folder.path(), &["nodes"]).succeeded();
    assert!(table.contains(node["node_id"].as_str().unwrap()), "{table}");
    server.stop();
    assert_eq!(shown()["nodes"], serde_json::json!([]));
}

#[test]
fn a_list_of_certificates_is_imported_once_and_never_set_back() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("status.json");
    let import = |json: &str, as_of: &str| {
        fs::write(&file, json).unwrap();
        let path = file.to_str().unwrap();
        let as_of = format!("--as-of={as_of}");
        run(
            folder.path(),
            &["admin", "import-status-list", path, &as_of, "--output=json"],
        )
    };
    let listed = r#"{"entries":{"6681152659205225093":{"status":"REVOKED"}}}"#;
    let imported = import(listed, "2026-01-02T00:00:00Z").json();
    assert_eq!(imported["certificates"], 1);
    for (json, as_of, reason) in [
        (listed, "2026-01-01T00:00:00Z", "there is a list of"),
        (listed, "2999-01-01T00:00:00Z", "still to come"),
        ("{}", "2026-01-03T00:00:00Z", "cannot be read"),
    ] {
        import(json, as_of).failed(1, &[reason]);
    }
    import(listed, "2026-01-02T00:00:00Z").succeeded();
}
