//! Tokens and proofs that are not this request's.

use crate::requests::{Fate, ORDERS, Signed, Writer};

const LINE: &str = "GET /orders?page=2";

pub(super) fn write(w: &mut Writer<'_>, assertion: &str) {
    borrowed(w, assertion);
    doubled(w);
    weaker_rule(w);
}

fn borrowed(w: &mut Writer<'_>, assertion: &str) {
    let token = w.stage.keyed.told("access_token").to_owned();
    w.without("nothing", LINE, "");
    let bare = format!("Authorization: DPoP {token}\r\n");
    w.without("a stolen token", LINE, &bare);
    let bearer = format!("Authorization: Bearer {token}\r\n");
    w.without("a stolen token as Bearer", LINE, &bearer);
    let stolen = format!("X-Device-Assertion: {assertion}\r\n");
    w.without("a stolen assertion", LINE, &stolen);
    let as_token = format!("Authorization: Bearer {assertion}\r\n");
    w.without("a stolen assertion as a token", LINE, &as_token);
    for (name, signed) in [
        (
            "a proof for another method",
            Signed {
                method: "POST",
                ..ORDERS
            },
        ),
        (
            "a proof for another path",
            Signed {
                target: "/other",
                ..ORDERS
            },
        ),
    ] {
        let headers = w.credentials(signed);
        w.without(name, LINE, &headers);
    }
    let elsewhere = w
        .stage
        .keyed
        .credentials("GET", "http://evil.example/orders");
    w.without("a proof for another host", LINE, &elsewhere);
    let secure = w.stage.url("/orders").replace("http:", "https:");
    let secure = w.stage.keyed.credentials("GET", &secure);
    w.without("a proof for another scheme", LINE, &secure);
    // The first passes; a proof is used up by it.
    let headers = w.credentials(ORDERS);
    let host = &w.stage.host;
    let first = format!("{LINE} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n");
    let second = w.head(LINE, &headers);
    w.raw("a proof twice", Fate::Passes, format!("{first}{second}"));
}

fn doubled(w: &mut Writer<'_>) {
    let (one, two) = (w.credentials(ORDERS), w.credentials(ORDERS));
    w.without("token and proof twice", LINE, &format!("{one}{two}"));
    let bob = w.stage.keyless.credentials("GET", "");
    w.with("two users' tokens", Fate::Refused, &bob);
    let proof = |headers: &str| headers.lines().nth(1).unwrap_or_default().to_owned();
    w.with("two proofs", Fate::Refused, &format!("{}\r\n", proof(&one)));
    let listed = format!("{}, x", proof(&two));
    let token = two.lines().next().unwrap_or_default();
    w.without(
        "two proofs in one header",
        LINE,
        &format!("{token}\r\n{listed}\r\n"),
    );
}

/// The rule asks for a key, and this device has none.
fn weaker_rule(w: &mut Writer<'_>) {
    let bob = w.stage.keyless.credentials("GET", "");
    let rule = "X-Countersign-Rule: session\r\n";
    w.without("a device without a key", LINE, &bob);
    w.without("another rule in a header", LINE, &format!("{bob}{rule}"));
    w.without(
        "another rule in a header, twice",
        LINE,
        &format!("{bob}{rule}{rule}"),
    );
    for line in [
        "GET /orders?rule=session&min_trust=unknown&require_key=false",
        "GET /orders?uri=/auth/caddy/session",
        "GET /session/orders",
        "GET /session?page=2",
        "GET /../session/orders",
        "GET /%2e%2e/auth/envoy/session",
    ] {
        w.without("another rule in the URL", line, &bob);
    }
}
