use super::*;
use std::{fs, path::Path};
use toml::Table;

fn defaults() -> Table {
    Table::try_from(Config::default()).unwrap()
}

/// A line of the template that becomes a key when its `#` is taken away.
fn is_key(line: &str) -> bool {
    line.strip_prefix('#')
        .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_lowercase()))
}

fn load_file(text: &str, settings: Settings) -> Result<Loaded, Misconfigured> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("countersign.toml");
    fs::write(&path, text).unwrap();
    let place = Place {
        config: Some(path),
        data_dir: None,
    };
    load(&place, settings, "/data".into())
}

#[test]
fn the_template_has_every_key_with_its_default() {
    let uncommented: String = TEMPLATE
        .lines()
        .map(|line| if is_key(line) { &line[1..] } else { line })
        .flat_map(|line| [line, "\n"])
        .collect();
    assert_eq!(uncommented.parse::<Table>().unwrap(), defaults());
}

#[test]
fn the_template_as_it_is_changes_nothing_and_documents_every_key() {
    let sections: Table = TEMPLATE.parse().unwrap();
    assert_eq!(sections.len(), defaults().len());
    assert!(
        sections
            .values()
            .all(|section| section.as_table().unwrap().is_empty())
    );
    assert_eq!(
        load_file(TEMPLATE, Settings::default()).unwrap().config,
        Config::default()
    );
    let lines: Vec<&str> = TEMPLATE.lines().collect();
    for pair in lines.windows(2) {
        assert!(
            !is_key(pair[1]) || pair[0].starts_with("# "),
            "{} has no documentation",
            pair[1]
        );
    }
}

#[test]
fn a_flag_goes_before_the_file_and_the_file_before_the_default() {
    let text = "[server]\npublic_url = \"https://file.example\"\n[log]\nlevel = \"debug\"";
    let settings = Settings::default().with("server.public_url", Some("https://flag.example"));
    let config = load_file(text, settings).unwrap().config;
    assert_eq!(config.server.public_url, "https://flag.example");
    assert_eq!(config.log.level, "debug");
    assert_eq!(
        config.server.public_listen,
        Config::default().server.public_listen
    );
}

#[test]
fn an_unknown_key_is_refused_with_its_file_and_what_was_meant() {
    for (text, told) in [
        (
            "[server]\npublic_ulr = \"x\"",
            "unknown key server.public_ulr",
        ),
        (
            "[server]\npublic_ulr = \"x\"",
            "did you mean server.public_url?",
        ),
        (
            "[sevrer]\npublic_url = \"x\"",
            "did you mean server.public_url?",
        ),
        (
            "[log]\npublic_url = \"x\"",
            "did you mean server.public_url?",
        ),
        ("public_url = \"x\"", "did you mean server.public_url?"),
        ("[store]\nurl_fil = \"x\"", "did you mean store.url_file?"),
        ("[webhooks]", "unknown key webhooks"),
        (
            "[server.public_listen]\nport = 1",
            "unknown key server.public_listen.port",
        ),
    ] {
        let error = load_file(text, Settings::default())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(told) && error.contains("countersign.toml"),
            "{text}: {error}"
        );
    }
    let error = load_file("[webhooks]\nsecret = \"x\"", Settings::default()).unwrap_err();
    assert!(!error.to_string().contains("did you mean"), "{error}");
}

#[test]
fn every_fault_is_told_with_what_set_it() {
    let text = r#"
        [server]
        trusted_proxies = ["10.0.0.1/8"]
        metrics_listen = "127.0.0.1:8080"
        [forward_auth]
        origins = ["https://api.example/"]
        [attestation]
        android_status_url = "http://a.example"
        play_integrity_url = "http://a.example"
        google_token_url = ""
        play_integrity_timeout_ms = 5001
        [store]
        url = "mysql://secret@db/x"
        readers = 0
        [memory]
        sessions = 1
        [retention]
        sessions_days = 30
        [log]
        level = "loud=very"
    "#;
    let settings = Settings::default().with("server.public_url", Some("https://a.example/path"));
    let error = load_file(text, settings).unwrap_err().to_string();
    for key in [
        "server.trusted_proxies",
        "server.metrics_listen",
        "forward_auth.origins",
        "attestation.android_status_url",
        "attestation.play_integrity_url",
        "attestation.google_token_url",
        "attestation.play_integrity_timeout_ms",
        "store.url",
        "store.readers",
        "memory.sessions",
        "retention.sessions_days",
        "log.level",
    ] {
        let told = error
            .lines()
            .any(|line| line.starts_with(key) && line.contains("countersign.toml"));
        assert!(told, "{key}: {error}");
    }
    assert!(error.contains("(set by the command line)"), "{error}");
    assert!(!error.contains("secret"), "{error}");
}

#[test]
fn the_public_url_is_what_proofs_can_name() {
    for (url, is_good) in [
        ("https://api.example", true),
        ("https://api.example:8443", true),
        ("http://192.0.2.1:8080", true),
        ("https://api.example/", false),
        ("https://api.example/auth", false),
        ("https://API.example", false),
        ("https://api.example:443", false),
        ("https://user@api.example", false),
        ("ftp://api.example", false),
        ("api.example", false),
    ] {
        let settings = Settings::default().with("server.public_url", Some(url));
        assert_eq!(load_file("", settings).is_ok(), is_good, "{url}");
    }
}

#[test]
fn passwords_are_not_shown() {
    for url in [
        "postgres://app:hunter2@db/countersign",
        "postgres://app@db/countersign?password=hunter2",
        "postgres:///countersign?host=/run/postgresql&password=hunter2",
    ] {
        let text = format!("[store]\nurl = \"{url}\"\ndirect_url = \"{url}\"");
        let loaded = load_file(&text, Settings::default()).unwrap();
        let shown = toml::to_string(&loaded.config.redacted()).unwrap();
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(!format!("{:?}", loaded.backend().unwrap()).contains("hunter2"));
    }
}

#[test]
fn secrets_come_from_files() {
    use countersign_storage::Backend;
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let url = write("url", "postgres://app@pooler/db\n");
    let direct = write("direct", "postgres://app@server/db");
    let password = write("password", "p@ss:word\r\n");
    let settings = Settings::default()
        .with("store.url_file", Some(url))
        .with("store.direct_url_file", Some(direct))
        .with("store.password_file", Some(password));
    let Backend::Postgres { url, direct_url } = load_file("", settings).unwrap().backend().unwrap()
    else {
        panic!("not PostgreSQL");
    };
    assert_eq!(url, "postgres://app:p%40ss%3Aword@pooler/db");
    assert_eq!(
        direct_url.as_deref(),
        Some("postgres://app:p%40ss%3Aword@server/db")
    );
    let missing = Settings::default().with("store.url_file", Some("nowhere"));
    let error = load_file("", missing)
        .unwrap()
        .backend()
        .unwrap_err()
        .to_string();
    assert!(error.contains("/data/nowhere"), "{error}");
}

#[test]
fn relative_paths_are_inside_the_data_directory() {
    use countersign_storage::Backend;
    let sqlite = |url: &str| {
        let settings = Settings::default().with("store.url", Some(url));
        match load_file("", settings).unwrap().backend().unwrap() {
            Backend::Sqlite { path } => path,
            Backend::Postgres { .. } => panic!("not SQLite"),
        }
    };
    assert_eq!(sqlite("sqlite:x.db"), Path::new("/data/x.db"));
    assert_eq!(sqlite("sqlite:/var/x.db"), Path::new("/var/x.db"));
    assert_eq!(sqlite("sqlite:///var/x.db"), Path::new("/var/x.db"));
}
