//! Where a request ends: smuggling, pipelining, upgrades.

use crate::requests::{Fate, ORDERS, SPOOFED, Sent, Signed, Writer, told};

const LINE: &str = "GET /orders?page=2 HTTP/1.1";

pub(super) fn write(w: &mut Writer<'_>) {
    bodies(w);
    smuggled(w);
    pipelined(w);
    upgrades(w);
}

/// A request that nobody proved, for somebody to take for one.
fn hidden(w: &Writer<'_>) -> String {
    let words = told(w.stage, ORDERS);
    w.head("GET /smuggled", &format!("{SPOOFED}{words}"))
}

/// The device's own request, with other framing and what follows it.
fn framed(w: &Writer<'_>, framing: &str, rest: &str) -> String {
    let (host, headers) = (&w.stage.host, w.credentials(ORDERS));
    format!("{LINE}\r\nHost: {host}\r\n{headers}{framing}\r\n{rest}")
}

fn bodies(w: &mut Writer<'_>) {
    let signed = Signed {
        method: "POST",
        ..ORDERS
    };
    for framing in [
        "Content-Length: 3\r\n\r\nabc",
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    ] {
        let (host, headers) = (&w.stage.host, w.credentials(signed));
        let bytes = format!(
            "POST /orders?page=2 HTTP/1.1\r\nHost: {host}\r\n{headers}Connection: close\r\n{framing}"
        );
        w.sent.push(Sent {
            name: "the device's own with a body",
            fate: Fate::Passes,
            bytes,
            signed,
        });
    }
    let hidden = hidden(w);
    let length = format!("Content-Length: {}\r\nConnection: close\r\n", hidden.len());
    let bytes = framed(w, &length, &hidden);
    w.raw("a request as a body", Fate::Either, bytes);
    let trailers = "Transfer-Encoding: chunked\r\nTrailer: X-Device-User\r\nConnection: close\r\n";
    let bytes = framed(w, trailers, "0\r\nX-Device-User: root\r\n\r\n");
    w.raw("an identity behind the body", Fate::Either, bytes);
}

fn smuggled(w: &mut Writer<'_>) {
    let hidden = hidden(w);
    let ended = format!("0\r\n\r\n{hidden}");
    for (name, framing) in [
        (
            "both lengths",
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        ),
        (
            "both lengths, the other first",
            "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        ),
        (
            "an unknown encoding",
            "Content-Length: 4\r\nTransfer-Encoding: xchunked\r\n",
        ),
        (
            "an encoding with a space",
            "Content-Length: 4\r\nTransfer-Encoding : chunked\r\n",
        ),
        (
            "an encoding with a tab",
            "Content-Length: 4\r\nTransfer-Encoding:\tchunked\r\n",
        ),
        (
            "an encoding with an underscore",
            "Content-Length: 4\r\nTransfer_Encoding: chunked\r\n",
        ),
        (
            "an encoding on a folded line",
            "Content-Length: 4\r\nX: y\r\n Transfer-Encoding: chunked\r\n",
        ),
        (
            "two encodings",
            "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
        ),
        (
            "an encoding after chunks",
            "Transfer-Encoding: chunked, identity\r\n",
        ),
        ("two lengths", "Content-Length: 0\r\nContent-Length: 5\r\n"),
        ("a list of lengths", "Content-Length: 0, 5\r\n"),
        ("a signed length", "Content-Length: +0\r\n"),
        ("a negative length", "Content-Length: -5\r\n"),
    ] {
        let bytes = framed(w, framing, &ended);
        w.raw(name, Fate::Either, bytes);
    }
    for chunk in [
        "0;\n",
        "00000000000000000\r\n",
        "FFFFFFFFFFFFFFFF0\r\n",
        "0x0\r\n",
        "-0\r\n",
    ] {
        let rest = format!("{chunk}\r\n{hidden}");
        let bytes = framed(w, "Transfer-Encoding: chunked\r\n", &rest);
        w.raw("an odd chunk", Fate::Either, bytes);
    }
}

fn pipelined(w: &mut Writer<'_>) {
    let hidden = hidden(w);
    let bytes = framed(w, "", &hidden);
    w.raw("the device's own, then another", Fate::Passes, bytes);
    let bytes = framed(w, "Connection: close\r\n", &hidden);
    w.raw("the last one, then another", Fate::Passes, bytes);
    let stranger = format!(
        "GET /smuggled HTTP/1.1\r\nHost: {}\r\n{SPOOFED}\r\n",
        w.stage.host
    );
    w.raw(
        "two strangers'",
        Fate::Refused,
        format!("{stranger}{hidden}"),
    );
}

fn upgrades(w: &mut Writer<'_>) {
    let hidden = hidden(w);
    let websocket = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let bytes = framed(w, &format!("{websocket}{SPOOFED}"), "");
    w.raw("the device's own, for a WebSocket", Fate::Passes, bytes);
    let (host, line) = (w.stage.host.clone(), LINE);
    let stranger = format!("{line}\r\nHost: {host}\r\n{websocket}{SPOOFED}\r\n{hidden}");
    w.raw("a stranger's, for a WebSocket", Fate::Refused, stranger);
    let old = websocket.replace("Version: 13", "Version: 777");
    let bytes = framed(w, &old, &hidden);
    w.raw(
        "a WebSocket of no known version, then another",
        Fate::Either,
        bytes,
    );
    let cleartext = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n";
    let bytes = framed(w, cleartext, "");
    w.raw("the device's own, for HTTP/2", Fate::Either, bytes);
    let bytes = format!("{line}\r\nHost: {host}\r\n{cleartext}{SPOOFED}\r\n");
    w.raw("a stranger's, for HTTP/2", Fate::Refused, bytes);
    w.raw(
        "HTTP/2 at once",
        Fate::Refused,
        format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{hidden}"),
    );
}
