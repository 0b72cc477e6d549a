//! A proxy's question.

use crate::logged_in::LoggedIn;
use countersign_test_support::{Answer, Call, TestApp};

/// A family of proxies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Nginx,
    Caddy,
    Traefik,
    Envoy,
}

pub(super) const FAMILIES: [Family; 4] =
    [Family::Nginx, Family::Caddy, Family::Traefik, Family::Envoy];

/// A request as its client sent it to the proxy.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent<'a> {
    pub(super) method: &'a str,
    pub(super) scheme: &'a str,
    pub(super) host: &'a str,
    pub(super) target: &'a str,
    /// What the proxy's configuration asks for.
    pub(super) rule: &'a str,
}

/// A request to the app, without demands.
pub(super) const ORDERS: Sent<'_> = Sent {
    method: "GET",
    scheme: "https",
    host: "api.example",
    target: "/orders?page=2",
    rule: "session",
};

impl Family {
    /// The name of the header that tells the method, scheme, host or target, where it does.
    pub(super) fn header(self, part: &str) -> Option<&'static str> {
        Some(match (self, part) {
            (Self::Nginx, "method") => "x-original-method",
            (Self::Nginx, "scheme") => "x-original-proto",
            (Self::Nginx, "host") => "x-original-host",
            (Self::Nginx, "target") => "x-original-uri",
            (Self::Caddy | Self::Traefik, "method") => "x-forwarded-method",
            (Self::Caddy | Self::Traefik | Self::Envoy, "scheme") => "x-forwarded-proto",
            (Self::Caddy | Self::Traefik, "host") => "x-forwarded-host",
            (Self::Caddy | Self::Traefik, "target") => "x-forwarded-uri",
            (Self::Envoy, "host") => "host",
            (Self::Envoy, "rule") => "x-countersign-rule",
            _ => return None,
        })
    }

    /// The headers that this family's proxy sets.
    pub(super) fn headers<'a>(self, sent: &Sent<'a>) -> Vec<(&'static str, &'a str)> {
        let parts = [
            ("method", sent.method),
            ("scheme", sent.scheme),
            ("host", sent.host),
            ("target", sent.target),
            ("rule", sent.rule),
        ];
        let told = parts.map(|(part, value)| Some((self.header(part)?, value)));
        told.into_iter().flatten().collect()
    }

    /// The method and URL that this family's proxy calls.
    pub(super) fn line(self, sent: &Sent<'_>) -> (String, String) {
        let rule = sent.rule;
        let (method, path) = match self {
            Self::Nginx => ("GET", format!("/auth/nginx/{rule}")),
            // Caddy appends the client's query.
            Self::Caddy => {
                let query = sent.target.find('?').map_or("", |at| &sent.target[at..]);
                ("GET", format!("/auth/caddy/{rule}{query}"))
            }
            Self::Traefik => ("GET", format!("/auth/traefik/{rule}")),
            Self::Envoy => (sent.method, format!("/auth/envoy{}", sent.target)),
        };
        (method.to_owned(), path)
    }

    /// The proxy's call, without anything of the client's.
    pub(super) fn ask<'a>(self, app: &'a TestApp, sent: &Sent<'_>) -> Call<'a> {
        let (method, path) = self.line(sent);
        let call = app.internal_anonymous(&method, &path).from(TestApp::PROXY);
        let headers = self.headers(sent).into_iter();
        headers.fold(call, |call, (name, value)| call.header(name, value))
    }

    /// The proxy's call for a request that the device made for exactly what is told.
    pub(super) async fn ask_for(self, app: &TestApp, me: &LoggedIn, sent: &Sent<'_>) -> Answer {
        me.sign(self.ask(app, sent), sent).send().await
    }
}

impl LoggedIn {
    /// Puts token and proof into a proxy's call, as the proxy hands them on.
    pub(super) fn sign<'a>(&self, call: Call<'a>, sent: &Sent<'_>) -> Call<'a> {
        if self.is_keyless {
            return call.header("authorization", &format!("Bearer {}", self.token()));
        }
        let url = format!("{}://{}{}", sent.scheme, sent.host, sent.target);
        let url = url.split('?').next().unwrap_or_default();
        let proof = self
            .device
            .proof(sent.method, url, Some(&self.token()), None);
        call.header("authorization", &format!("DPoP {}", self.token()))
            .header("dpop", &proof)
    }
}
