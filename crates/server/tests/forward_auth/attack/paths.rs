//! Paths, hosts and methods that could be read in two ways.

use crate::requests::{Fate, ORDERS, Sent, Signed, Writer, told};

pub(super) fn write(w: &mut Writer<'_>) {
    others(w);
    twofold(w);
    targets(w);
    hosts(w);
}

/// Other requests than the signed one.
fn others(w: &mut Writer<'_>) {
    for line in [
        "GET /admin",
        "GET /orders/?page=2",
        "GET /Orders?page=2",
        "GET /orders%2f?page=2",
        "GET /orders;x?page=2",
        "GET /orders%00?page=2",
        "GET /orders%3fpage=2",
        "HEAD /orders?page=2",
        "TRACE /orders?page=2",
        "DELETE /orders?page=2",
        "get /orders?page=2",
    ] {
        w.instead("another request", line, "");
    }
    let words = told(w.stage, ORDERS);
    for line in [
        "GET /_countersign",
        "GET /auth/nginx/session",
        "GET /auth/caddy/session",
        "GET /auth/traefik/session",
        "GET /auth/envoy/orders",
    ] {
        w.instead("the question itself", line, &words);
    }
    let signed = Signed {
        target: "/orders?rule=session&uri=/auth/caddy/session&x=/../",
        ..ORDERS
    };
    let headers = w.credentials(signed);
    let bytes = w.head(&format!("GET {}", signed.target), &headers);
    w.sent.push(Sent {
        name: "a query that means nothing here",
        fate: Fate::Passes,
        bytes,
        signed,
    });
}

/// Some proxies clean them before they ask, and may make the signed one of them.
fn twofold(w: &mut Writer<'_>) {
    for line in [
        "GET //orders?page=2",
        "GET /admin/../orders?page=2",
        "GET /admin/%2e%2e/orders?page=2",
        "GET /admin/.%2E/orders?page=2",
        "GET /./orders?page=2",
        "GET /%2e/orders?page=2",
        "GET /../orders?page=2",
        "GET /admin/..%2forders?page=2",
        "GET /admin/..;/orders?page=2",
        "GET /admin/..\\orders?page=2",
        "GET /orders/../admin?page=2",
        "GET /orders?page=2#/admin",
        "GET /orders#?page=2",
        "GET /orders/..?page=2",
    ] {
        w.instead_of("a path with two meanings", Fate::Either, line, "");
    }
}

fn targets(w: &mut Writer<'_>) {
    let host = w.stage.host.clone();
    let all = [
        (Fate::Refused, format!("GET http://{host}/admin")),
        (Fate::Either, format!("GET http://{host}/orders?page=2")),
        (Fate::Refused, "GET http://evil.example/admin".to_owned()),
        (
            Fate::Either,
            "GET http://evil.example/orders?page=2".to_owned(),
        ),
        (Fate::Refused, "GET http://".to_owned()),
        (Fate::Refused, "GET orders?page=2".to_owned()),
        (Fate::Unasked, "OPTIONS *".to_owned()),
        (Fate::Refused, "GET *".to_owned()),
        (Fate::Refused, format!("CONNECT {host}")),
        (Fate::Either, "GET  /orders?page=2".to_owned()),
        (
            Fate::Refused,
            "GET /admin HTTP/1.1 /orders?page=2".to_owned(),
        ),
    ];
    for (fate, line) in all {
        w.instead_of("another form of target", fate, &line, "");
    }
}

fn hosts(w: &mut Writer<'_>) {
    let host = w.stage.host.clone();
    let evil = "evil.example";
    let theirs = w
        .stage
        .keyed
        .credentials("GET", "http://evil.example/orders");
    let claimed = format!("X-Forwarded-Host: {evil}\r\nX-Original-Host: {evil}\r\n");
    w.without(
        "another host claimed, and proved",
        "GET /orders",
        &format!("{claimed}{theirs}"),
    );
    let mut raw = |name, fate, start: &str, headers: &str| {
        let bytes = format!("{start}\r\n{headers}Connection: close\r\n\r\n");
        w.raw(name, fate, bytes);
    };
    let (line, old) = ("GET /orders?page=2 HTTP/1.1", "GET /orders?page=2 HTTP/1.0");
    raw(
        "another host, and proved",
        Fate::Refused,
        &format!("{line}\r\nHost: {evil}"),
        &theirs,
    );
    raw("no host", Fate::Refused, line, &theirs);
    raw("no host, as of old", Fate::Refused, old, &theirs);
    let two = format!("{line}\r\nHost: {host}\r\nHost: {evil}");
    raw("two hosts", Fate::Refused, &two, &theirs);
    for (name, value) in [
        ("two hosts in one header", format!("{host}, {evil}")),
        ("a user in the host", format!("{evil}@{host}")),
        ("a path in the host", format!("{host}/admin")),
        ("a query in the host", format!("{host}?")),
        ("a longer host", format!("{host}.{evil}")),
    ] {
        let headers = w.credentials(ORDERS);
        let bytes = format!("{line}\r\nHost: {value}\r\n{headers}Connection: close\r\n\r\n");
        w.raw(name, Fate::Either, bytes);
    }
    let headers = w.credentials(ORDERS);
    let loud = host.to_uppercase();
    let bytes = format!("{line}\r\nHost: {loud}\r\n{headers}Connection: close\r\n\r\n");
    w.raw("a loud host", Fate::Either, bytes);
}
