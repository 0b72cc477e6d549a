//! What clients send, and what may come of it.

use crate::stage::Stage;

/// What a device signed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signed {
    pub(crate) method: &'static str,
    pub(crate) target: &'static str,
}

/// What may come of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It reaches the app, once, and its client hears so.
    Passes,
    /// It reaches nobody, and its client hears no yes.
    Refused,
    /// One of the two: proxies differ in what they take for a request at all.
    Either,
    /// It reaches nobody; some proxies answer it themselves.
    Unasked,
}

/// A request that is sent.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) name: &'static str,
    pub(crate) bytes: String,
    pub(crate) signed: Signed,
    pub(crate) fate: Fate,
}

/// What the device signs in most cases.
pub(crate) const ORDERS: Signed = Signed {
    method: "GET",
    target: "/orders?page=2",
};

/// The identity that an attacker would like to have.
pub(crate) const SPOOFED: &str = "X-Device-Id: dev_evil\r\nx-device-session: ses_evil\r\n\
    X-DEVICE-USER: root\r\nX-Device-Tenant: cli_evil\r\nx-Device-trust: corporate\r\n\
    X-Device-Compliant: true\r\nX-Device-Assertion: evil\r\n";

/// Every way in which some family tells a request, saying that it is the one that was signed.
pub(crate) fn told(stage: &Stage, signed: Signed) -> String {
    let Signed { method, target } = signed;
    let host = &stage.host;
    format!(
        "X-Forwarded-Method: {method}\r\nX-Forwarded-Uri: {target}\r\nX-Forwarded-Host: {host}\r\n\
         X-Forwarded-Proto: http\r\nX-Original-Method: {method}\r\nX-Original-URI: {target}\r\n\
         X-Original-Host: {host}\r\nX-Original-Proto: http\r\nX-Original-URL: http://{host}{target}\r\n\
         X-Rewrite-URL: {target}\r\nX-Envoy-Original-Path: {target}\r\nX-HTTP-Method-Override: {method}\r\n\
         Forwarded: host={host};proto=http\r\nX-Countersign-Rule: session\r\n"
    )
}

/// Writes requests that differ in one thing from what the keyed device would send.
#[derive(Debug)]
pub(crate) struct Writer<'s> {
    pub(crate) stage: &'s Stage,
    pub(crate) sent: Vec<Sent>,
}

impl<'s> Writer<'s> {
    pub(crate) fn new(stage: &'s Stage) -> Self {
        let sent = Vec::new();
        Self { stage, sent }
    }

    /// Token and proof of the keyed device for what it signed.
    pub(crate) fn credentials(&self, signed: Signed) -> String {
        let url = self.stage.url(signed.target);
        self.stage.keyed.credentials(signed.method, &url)
    }

    /// A request with these lines, and nothing after it.
    pub(crate) fn head(&self, line: &str, headers: &str) -> String {
        let host = &self.stage.host;
        format!("{line} HTTP/1.1\r\nHost: {host}\r\n{headers}Connection: close\r\n\r\n")
    }

    /// Adds what is to be sent as it stands.
    pub(crate) fn raw(&mut self, name: &'static str, fate: Fate, bytes: String) {
        let signed = ORDERS;
        self.sent.push(Sent {
            name,
            bytes,
            signed,
            fate,
        });
    }

    /// Adds the device's own request, with more headers.
    pub(crate) fn with(&mut self, name: &'static str, fate: Fate, headers: &str) {
        let headers = format!("{headers}{}", self.credentials(ORDERS));
        let bytes = self.head(&format!("GET {}", ORDERS.target), &headers);
        self.raw(name, fate, bytes);
    }

    /// Adds another request than the one that the device signed, with more headers.
    pub(crate) fn instead(&mut self, name: &'static str, line: &str, headers: &str) {
        self.instead_of(name, Fate::Refused, line, headers);
    }

    /// As [`instead`](Self::instead), where a proxy may make the signed one of it.
    pub(crate) fn instead_of(&mut self, name: &'static str, fate: Fate, line: &str, headers: &str) {
        let headers = format!("{headers}{}", self.credentials(ORDERS));
        let bytes = self.head(line, &headers);
        self.raw(name, fate, bytes);
    }

    /// Adds a request without token and proof.
    pub(crate) fn without(&mut self, name: &'static str, line: &str, headers: &str) {
        let bytes = self.head(line, headers);
        self.raw(name, Fate::Refused, bytes);
    }
}
