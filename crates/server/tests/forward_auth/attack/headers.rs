//! Headers: identities of the client's own, and other families' words.

use crate::requests::{Fate, ORDERS, SPOOFED, Signed, Writer, told};
use countersign_attestation::{
    device_assertion::{self, Claims},
    jws::SigningKey,
};
use countersign_core::{
    Clock, SystemClock, snapshot::Compliance, trust::TrustLevel, user::ExternalUserId,
};
use std::time::Duration;

pub(super) fn write(w: &mut Writer<'_>) {
    identities(w);
    removals(w);
    others_words(w);
    malformed(w);
}

/// The client says itself who it is.
fn identities(w: &mut Writer<'_>) {
    w.with(
        "identity headers beside a good proof",
        Fate::Passes,
        SPOOFED,
    );
    w.with(
        "identity headers twice",
        Fate::Passes,
        &format!("{SPOOFED}{SPOOFED}"),
    );
    w.without("identity headers alone", "GET /orders?page=2", SPOOFED);
    // What is empty in the answer: nothing is known of compliance.
    w.with(
        "the one that the answer leaves empty",
        Fate::Passes,
        "X-Device-Compliant: true\r\n",
    );
    let below = SPOOFED.replace("X-", "X_").replace("x-", "x_");
    w.with("underscores before", Fate::Either, &below);
    let within = SPOOFED.to_uppercase().replace("DEVICE-", "DEVICE_");
    w.with("underscores within", Fate::Either, &within);
    let all = below
        .replace("Device-", "Device_")
        .replace("DEVICE-", "DEVICE_");
    w.with("underscores everywhere", Fate::Either, &all);
    let forged = format!("X-Device-Assertion: {}\r\n", forged(w));
    w.with(
        "an assertion by a key of the client's own",
        Fate::Passes,
        &forged,
    );
    w.without(
        "nothing but such an assertion",
        "GET /orders?page=2",
        &forged,
    );
}

/// All that a true assertion says, but for the signature.
fn forged(w: &Writer<'_>) -> String {
    let device = &w.stage.keyed;
    let id = |member: &str| device.told(member);
    let user: ExternalUserId = device.user.parse().expect("a user");
    let url = w.stage.url(ORDERS.target);
    let claims = Claims {
        iss: "https://auth.example",
        sub: &user,
        aud: &w.stage.url(""),
        iat: SystemClock.now(),
        exp: SystemClock.now().plus(Duration::from_mins(1)),
        jti: "1",
        device_id: id("device_id").parse().expect("an id"),
        app_id: id("app_id").parse().expect("an id"),
        sid: id("session_id").parse().expect("an id"),
        client_id: w.stage.checker.client.parse().expect("an id"),
        trust: TrustLevel::Unknown,
        compliance: Compliance::Unevaluated,
        key_bound: true,
        method: ORDERS.method,
        url: &url,
    };
    let kid = w.stage.checker.key_id().parse().expect("an id");
    let key = SigningKey::generate().expect("a key");
    device_assertion::sign(&claims, kid, &key).expect("a signature")
}

/// The client names headers in `Connection`, for somebody to take them away (RFC 9110 section 7.6.1).
fn removals(w: &mut Writer<'_>) {
    let identity = "Connection: close, X-Device-Id, X-Device-Session, X-Device-User, X-Device-Tenant, \
        X-Device-Trust, X-Device-Compliant, X-Device-Assertion\r\n";
    w.with("identity taken away", Fate::Either, identity);
    w.with(
        "identity taken away, another left",
        Fate::Either,
        &format!("{identity}{SPOOFED}"),
    );
    w.with(
        "one taken away",
        Fate::Either,
        "Connection: x-device-user\r\n",
    );
    w.with(
        "proof taken away",
        Fate::Either,
        "Connection: DPoP, Authorization\r\n",
    );
    let words = told(w.stage, ORDERS);
    let asked = "Connection: X-Forwarded-Method, X-Forwarded-Uri, X-Forwarded-Host, X-Forwarded-Proto, \
        X-Original-Method, X-Original-URI, X-Original-Host, X-Original-Proto, X-Countersign-Rule\r\n";
    w.instead("the question taken away", "GET /admin", asked);
    w.instead(
        "the question taken away, another left",
        "GET /admin",
        &format!("{asked}{words}"),
    );
}

/// The client says itself what it asks for.
fn others_words(w: &mut Writer<'_>) {
    let words = told(w.stage, ORDERS);
    w.with("what is true, in everybody's words", Fate::Passes, &words);
    w.instead("another path, in everybody's words", "GET /admin", &words);
    w.instead("that, twice", "GET /admin", &format!("{words}{words}"));
    let post = "POST /orders?page=2";
    let empty = format!("{words}Content-Length: 0\r\n");
    w.instead("another method, in everybody's words", post, &empty);
    w.without(
        "no proof, in everybody's words",
        "GET /orders?page=2",
        &words,
    );
    let below = words.replace('-', "_");
    w.instead("another path, with underscores", "GET /admin", &below);
    let admin = told(
        w.stage,
        Signed {
            target: "/admin",
            ..ORDERS
        },
    );
    w.with(
        "another path claimed for the signed one",
        Fate::Passes,
        &admin,
    );
}

/// Headers that are none, or one more.
fn malformed(w: &mut Writer<'_>) {
    for (name, headers) in [
        ("a space before the colon", "X-Device-User : root\r\n"),
        ("a folded line", "X-Note: a\r\n X-Device-User: root\r\n"),
        ("a line feed alone", "X-Note: a\nX-Device-User: root\r\n"),
        (
            "a carriage return alone",
            "X-Note: a\rX-Device-User: root\r\n",
        ),
        ("a zero byte", "X-Note: a\0\r\nX-Device-User\0: root\r\n"),
        ("no name", ": root\r\nX-Device-User: root\r\n"),
        ("a name of spaces", "  X-Device-User: root\r\n"),
    ] {
        w.with(name, Fate::Either, headers);
    }
}
