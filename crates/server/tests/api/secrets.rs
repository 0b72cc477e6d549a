//! No secrets at rest, in logs, in metrics or in errors (I12).

use crate::logged_in::{LoggedIn, judge, pop_optional};
use countersign_core::token::sha256;
use countersign_server::Job;
use countersign_test_support::{
    Answer, Platforms, PlayConsole, TestApp, TestDevice,
    google::{TestGoogle, Trouble},
    on_both_engines,
};
use futures_util::FutureExt;
use serde_json::{Value, json};
use std::{
    io,
    panic::AssertUnwindSafe,
    sync::{Mutex, PoisonError},
};

const PUSH: &str = "push-canary-7f3a9c51d2";
const ADOPTED: &str = "adopted-canary-5b1e08c4";

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Keeps everything that is logged.
struct Buffer;

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn capture_logs() {
    let everything = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
    // The first test of the process has set it already.
    let _ = everything
        .with_ansi(false)
        .with_writer(|| Buffer)
        .try_init();
}

/// The secrets in circulation, and every error answer given.
#[derive(Debug, Default)]
struct Canaries {
    secrets: Vec<String>,
    errors: Vec<String>,
}

impl Canaries {
    /// Takes the secrets of a good answer, and the whole of a bad one.
    fn note(&mut self, answer: &Answer) {
        for member in ["access_token", "refresh_token", "device_secret", "secret"] {
            self.secrets
                .extend(answer.body[member].as_str().map(str::to_owned));
        }
        if !answer.status.is_success() || answer.body["allowed"] == false {
            self.errors
                .push(format!("{:?} {}", answer.headers, answer.raw));
        }
    }

    /// Fails when the bytes hold a secret, as text or as hex.
    fn assert_absent(&self, place: &str, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        for secret in &self.secrets {
            let hex = hex(secret.as_bytes());
            // Without its brand a token is as good, and a JWS is worth its signature.
            let end = if secret.contains('.') { '.' } else { '_' };
            let core = secret.rsplit(end).next().unwrap_or(secret);
            for needle in [secret.as_str(), core, &hex, &hex.to_uppercase()] {
                assert!(!text.contains(needle), "{place} holds {needle}");
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digit = |digit: u8| char::from_digit(digit.into(), 16).expect("a digit");
    digits.map(digit).collect()
}

/// Calls that go well.
async fn good_calls(app: &TestApp, canaries: &mut Canaries) -> Vec<LoggedIn> {
    let client = app.client(pop_optional()).await;
    let me = LoggedIn::new(app, &client, "42").await;
    let report = json!({ "device": { "push": { "token": PUSH } }, "user_agent": "App/1", "client_ip": "203.0.113.9" });
    let pushed = app.login(&client, "43", &me.device, report).await;
    assert_eq!(pushed.status, 201, "{}", pushed.body);
    canaries.note(&pushed);
    let keyless = LoggedIn::keyless(app, &client, "44").await;
    let hash = hex(&sha256(ADOPTED.as_bytes()));
    let tokens = json!({ "access": { "sha256": hash, "expires_at": "2030-01-01T00:00:00Z" } });
    let body = json!({ "proof": null, "tokens": tokens });
    canaries.note(&app.login(&client, "45", &TestDevice::new(app), body).await);
    canaries.note(&judge(app, &json!({ "token": ADOPTED })).await);
    for user in [&me, &keyless] {
        canaries.note(&user.login);
        canaries.note(&user.verify(app).await);
        canaries.note(&user.list(app).await);
        let refreshed = user.refresh(app, &user.refresh_token()).await;
        canaries.note(&refreshed);
        canaries.note(&user.refresh(app, &user.refresh_token()).await);
        for token in [user.token(), refreshed.text("refresh_token")] {
            let form = format!("token={token}");
            canaries.note(
                &app.internal("POST", "/oauth/introspect")
                    .form(&form)
                    .send()
                    .await,
            );
        }
    }
    let key = json!({ "name": "canary", "scopes": ["verify"] });
    canaries.note(&app.internal("POST", "/v1/api-keys").json(&key).send().await);
    vec![me, keyless]
}

/// Calls that fail, with secrets where they belong and where they do not.
async fn bad_calls(app: &TestApp, users: &[LoggedIn], canaries: &mut Canaries) {
    let (me, keyless) = (&users[0], &users[1]);
    for secret in canaries.secrets.clone() {
        misplace_in_bodies(app, me, &secret, canaries).await;
        misplace_around_bodies(app, keyless, &secret, canaries).await;
    }
    // A superseded one of a device without a key ends the session.
    app.advance_secs(31);
    let reused = keyless.refresh(app, &keyless.refresh_token()).await;
    assert_eq!(reused.code(), "refresh_reused", "{}", reused.body);
    canaries.note(&reused);
    canaries.note(&keyless.verify(app).await);
    app.database().break_inserts("activity").await;
    canaries.note(&me.refresh(app, &me.refresh_token()).await);
    app.database().mend("activity").await;
}

async fn misplace_in_bodies(app: &TestApp, me: &LoggedIn, secret: &str, canaries: &mut Canaries) {
    let members = "event client_id amr client_ip tokens device proof";
    for member in members.split(' ') {
        let mut body = json!({ "proof": null });
        body[member] = json!(secret);
        canaries.note(&app.login(&me.client, "46", &me.device, body).await);
    }
    let members = "installation_id encryption fingerprint push device_secret";
    for member in members.split(' ') {
        let body = json!({ "proof": null, "device": { member: secret } });
        canaries.note(&app.login(&me.client, "42", &me.device, body).await);
    }
    let push = json!({ "push": { "token": PUSH, "provider": secret } });
    let nested = json!({ "device": push, "proof": { "jwt": secret } });
    canaries.note(&app.login(&me.client, "42", &me.device, nested).await);
    let refresh = json!({ "proof": { "jwt": secret, "htm": secret, "htu": secret } });
    canaries.note(&me.refresh_with(app, secret, refresh).await);
    canaries.note(&judge(app, &json!({ "token": format!("{secret}x") })).await);
    let all = json!({ "token": secret, "scheme": secret, "min_trust": secret, "proof": secret });
    for body in [all, json!(secret), json!({ secret: secret })] {
        let call = app.internal("POST", "/v1/verify").json(&body);
        canaries.note(&call.send().await);
    }
    let call = app.internal("POST", "/oauth/revoke");
    canaries.note(&call.form(&format!("tok={secret}")).send().await);
}

async fn misplace_around_bodies(
    app: &TestApp,
    user: &LoggedIn,
    secret: &str,
    canaries: &mut Canaries,
) {
    for scheme in ["Bearer", "DPoP", "Basic", "Digest"] {
        // Each address has only so many attempts.
        app.advance_secs(2);
        let header = format!("{scheme} {secret}");
        let call = app.public("GET", "/v1/me/devices");
        canaries.note(&call.header("authorization", &header).send().await);
        let call = app.internal_anonymous("GET", "/v1/users/42/devices");
        let call = call.header("authorization", &header).header("dpop", secret);
        canaries.note(&call.send().await);
    }
    for query in ["cursor", "state", "limit"] {
        let own = format!("/v1/me/devices?{query}={secret}");
        canaries.note(&user.call(app, "GET", &own).send().await);
        let admin = format!("/v1/users/42/devices?{query}={secret}");
        canaries.note(&app.internal("GET", &admin).send().await);
    }
    for path in ["/v1/clients/", "/v1/sessions/", "/"] {
        let call = app.internal("GET", &format!("{path}{secret}"));
        canaries.note(&call.send().await);
    }
}

/// What reads tokens of Play Integrity: response keys, and an account's key line by line.
fn play_credentials(google: &TestGoogle) -> ([Value; 2], Vec<String>) {
    let (decryption_key, verification_key) = PlayConsole::new().response_keys();
    let file = google.key_file();
    let pem = file["private_key"].as_str().expect("a key");
    let lines = pem.lines().filter(|line| line.len() == 64);
    let secrets = lines.map(str::to_owned).chain([decryption_key.clone()]);
    let secrets = secrets.collect();
    let keys = json!({ "decryption_key": decryption_key, "verification_key": verification_key });
    ([keys, json!({ "service_account": file })], secrets)
}

/// Enrolls a device with a token that only Google can read.
async fn enroll_by_google(app: &TestApp, client: &str) -> Answer {
    let ask = json!({ "client_id": client, "purpose": "enroll" });
    let given = app.public("POST", "/v1/enrollments/challenges").json(&ask);
    let device = TestDevice::new(app);
    let evidence =
        json!({ "platform": "play_integrity", "package": Platforms::PACKAGE, "token": "x" });
    let body = json!({
        "client_id": client, "challenge": given.send().await.text("challenge"),
        "device": device.report(), "evidence": evidence,
    });
    let url = format!("{}/v1/enrollments", TestApp::PUBLIC_URL);
    let proof = device.proof("POST", &url, None, None);
    let call = app.public("POST", "/v1/enrollments").header("dpop", &proof);
    call.json(&body).send().await
}

/// Exchanges a column's values between a table's two rows.
async fn swap(app: &TestApp, table: &str, column: &str) {
    let sql = format!(
        "CREATE TABLE swap AS SELECT id, {column} AS value FROM {table}; \
         UPDATE {table} SET {column} = (SELECT swap.value FROM swap WHERE swap.id <> {table}.id); \
         DROP TABLE swap"
    );
    app.database().execute(&sql).await;
}

on_both_engines! {
    async fn i12_no_secret_is_in_the_database_logs_metrics_or_errors(app: TestApp) {
        capture_logs();
        let mut canaries = Canaries::default();
        canaries.secrets.extend([app.api_key.clone(), PUSH.to_owned(), ADOPTED.to_owned()]);
        let users = good_calls(&app, &mut canaries).await;
        bad_calls(&app, &users, &mut canaries).await;
        for job in [Job::FollowFeed, Job::FlushActivity, Job::Sweep, Job::Retain, Job::RotateKeys] {
            app.run_job(job).await;
        }
        assert!(canaries.secrets.len() > 15, "{}", canaries.secrets.len());
        assert!(canaries.errors.len() > 200, "{}", canaries.errors.len());

        for file in app.database().files() {
            canaries.assert_absent(&file.display().to_string(), &std::fs::read(file).expect("the file"));
        }
        let dump = app.database().dump().await;
        // What stands for a secret is there, so the dump is not looked through in vain.
        let hash = hex(&sha256(users[0].refresh_token().as_bytes()));
        assert!(dump["refresh_tokens"].iter().any(|row| row.contains(&hash)));
        for (table, rows) in &dump {
            canaries.assert_absent(table, rows.join("\n").as_bytes());
        }
        let log = LOG.lock().unwrap_or_else(PoisonError::into_inner).clone();
        assert!(String::from_utf8_lossy(&log).contains("/v1/sessions"), "the log is not captured");
        canaries.assert_absent("the log", &log);
        let metrics = app.metrics.render();
        assert!(metrics.contains("countersign"), "{metrics}");
        canaries.assert_absent("the metrics", metrics.as_bytes());
        canaries.assert_absent("the errors", canaries.errors.join("\n").as_bytes());
        // The key that seals is nowhere either.
        let key = Canaries { secrets: vec!["\u{7}".repeat(32)], errors: Vec::new() };
        key.assert_absent("the log", &log);
    }

    async fn i12_what_tokens_of_play_integrity_are_read_with_is_nowhere(app: TestApp) {
        capture_logs();
        let google = TestGoogle::start().await;
        let app = app.with_google(google.api()).await;
        let policy = Platforms::policy(&json!({ "mode": "enforce", "level": "app" }));
        let client = app.client(json!({ "attestation": policy })).await;
        let path = format!("/v1/clients/{client}/play-integrity");
        let (bodies, secrets) = play_credentials(&google);
        let mut canaries = Canaries { secrets, errors: Vec::new() };
        for body in &bodies {
            let answer = app.internal("PUT", &path).json(body).send().await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            canaries.errors.push(answer.raw.clone());
        }
        // Each with something of the other that is wrong.
        for member in ["decryption_key", "verification_key", "service_account", "private_key"] {
            for secret in canaries.secrets.clone() {
                let body = json!({ member: secret });
                canaries.note(&app.internal("PUT", &path).json(&body).send().await);
                let body = json!({ "service_account": { member: secret, "type": secret } });
                canaries.note(&app.internal("PUT", &path).json(&body).send().await);
            }
        }
        for trouble in [None, Some(Trouble::Status(403)), Some(Trouble::Status(503)), Some(Trouble::Garbage)] {
            google.fail_decoding(trouble);
            canaries.note(&enroll_by_google(&app, &client).await);
            canaries.secrets.extend(google.access_tokens());
        }
        google.fail_grants(Some(Trouble::Status(400)));
        canaries.note(&enroll_by_google(&app, &client).await);
        let path = format!("/v1/clients/{client}");
        canaries.errors.push(app.internal("GET", &path).send().await.raw);
        assert!(canaries.secrets.len() > 20 && canaries.errors.len() > 100, "{}", canaries.errors.len());

        for file in app.database().files() {
            canaries.assert_absent(&file.display().to_string(), &std::fs::read(file).expect("the file"));
        }
        let dump = app.database().dump().await;
        assert_eq!(dump["client_credentials"].len(), 1);
        for (table, rows) in &dump {
            canaries.assert_absent(table, rows.join("\n").as_bytes());
        }
        let log = LOG.lock().unwrap_or_else(PoisonError::into_inner).clone();
        assert!(String::from_utf8_lossy(&log).contains("play integrity token not decoded"), "the log is not captured");
        canaries.assert_absent("the log", &log);
        canaries.assert_absent("the metrics", app.metrics.render().as_bytes());
        canaries.assert_absent("the answers", canaries.errors.join("\n").as_bytes());
    }

    async fn i12_a_sealed_successor_opens_only_for_the_token_before_it(app: TestApp) {
        let client = app.client(json!({})).await;
        let users = [LoggedIn::new(&app, &client, "42").await, LoggedIn::new(&app, &client, "43").await];
        for user in &users {
            assert_eq!(user.refresh(&app, &user.refresh_token()).await.status, 200);
        }
        swap(&app, "sessions", "previous_sealed_successor").await;
        for user in &users {
            let refused = user.refresh(&app, &user.refresh_token()).await;
            assert_eq!((refused.status.as_u16(), refused.code()), (401, "refresh_superseded"), "{}", refused.body);
        }
    }

    async fn i12_a_private_key_opens_only_in_its_own_row(app: TestApp) {
        app.advance_secs(90 * 86_400);
        app.run_job(Job::RotateKeys).await;
        let sealed = |rows: Vec<Value>| rows.into_iter().map(|row| row["sealed_private"].to_string()).collect::<Vec<_>>();
        let before = sealed(app.database().rows("signing_keys").await);
        swap(&app, "signing_keys", "sealed_private").await;
        assert_ne!(sealed(app.database().rows("signing_keys").await), before);
        assert!(AssertUnwindSafe(app.beside()).catch_unwind().await.is_err());
        swap(&app, "signing_keys", "sealed_private").await;
        app.beside().await;
    }
}
