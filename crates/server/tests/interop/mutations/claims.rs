//! Changes to the claims, signed by the right key (RFC 9449 section 4.3, checks 3 and 8 to 12).

use super::{Mutation, edit, prepend, remove, set, signed};
use serde_json::Value;

const INVALID: &str = "proof_invalid";
const MISMATCH: &str = "proof_mismatch";
const EXPIRED: &str = "proof_expired";
const NONCE: &str = "use_dpop_nonce";

pub(super) fn mutations() -> Vec<Mutation> {
    [requests(), times(), tokens(), nonces()]
        .into_iter()
        .flatten()
        .collect()
}

fn requests() -> Vec<Mutation> {
    vec![
        signed("no htm", INVALID, |p, _| remove(&mut p.claims, "htm")),
        signed("htm of another method", MISMATCH, |p, _| {
            set(&mut p.claims, "htm", "DELETE");
        }),
        signed("htm in small letters", MISMATCH, |p, _| {
            edit(&mut p.claims, |claims| {
                claims["htm"] = claims["htm"].as_str().expect("htm").to_lowercase().into();
            });
        }),
        signed("htm twice", INVALID, |p, _| {
            prepend(&mut p.claims, r#""htm":"GET""#);
        }),
        signed("no htu", INVALID, |p, _| remove(&mut p.claims, "htu")),
        signed("htu of a path below", MISMATCH, |p, _| {
            htu(&mut p.claims, |url| url + "/1");
        }),
        signed("htu with a final slash", MISMATCH, |p, _| {
            htu(&mut p.claims, |url| url + "/");
        }),
        signed("htu in capital letters", MISMATCH, |p, _| {
            htu(&mut p.claims, |url| url.to_uppercase());
        }),
        signed("htu of another host", MISMATCH, |p, _| {
            htu(&mut p.claims, |url| url.replacen("://", "://evil.", 1));
        }),
        signed("htu of another scheme", MISMATCH, |p, _| {
            htu(&mut p.claims, |url| match url.strip_prefix("https:") {
                Some(rest) => format!("http:{rest}"),
                None => url.replacen("http:", "https:", 1),
            });
        }),
        signed("htu without a host", MISMATCH, |p, _| {
            set(&mut p.claims, "htu", "/v1/me/devices");
        }),
    ]
}

fn times() -> Vec<Mutation> {
    vec![
        signed("no iat", INVALID, |p, _| remove(&mut p.claims, "iat")),
        signed("iat as text", INVALID, |p, _| {
            edit(&mut p.claims, |claims| {
                claims["iat"] = claims["iat"].to_string().into();
            });
        }),
        signed("iat ten minutes ago", EXPIRED, |p, _| {
            iat(&mut p.claims, -600);
        }),
        signed("iat in ten minutes", EXPIRED, |p, _| {
            iat(&mut p.claims, 600);
        }),
        signed("iat at the end of time", EXPIRED, |p, _| {
            set(&mut p.claims, "iat", 1e300);
        }),
        signed("no jti", INVALID, |p, _| remove(&mut p.claims, "jti")),
        signed("jti empty", INVALID, |p, _| set(&mut p.claims, "jti", "")),
        signed("jti too long", INVALID, |p, _| {
            set(&mut p.claims, "jti", "j".repeat(257));
        }),
        signed("jti a number", INVALID, |p, _| set(&mut p.claims, "jti", 7)),
        signed("jti twice", INVALID, |p, _| {
            prepend(&mut p.claims, r#""jti":"first""#);
        }),
    ]
}

fn tokens() -> Vec<Mutation> {
    vec![
        signed("no ath", MISMATCH, |p, _| remove(&mut p.claims, "ath")).only_with_token(),
        signed("ath of another token", MISMATCH, |p, context| {
            set(&mut p.claims, "ath", context.foreign_ath.as_str());
        })
        .only_with_token(),
        signed("ath padded", MISMATCH, |p, _| {
            edit(&mut p.claims, |claims| {
                claims["ath"] = format!("{}=", claims["ath"].as_str().expect("ath")).into();
            });
        })
        .only_with_token(),
        signed("ath empty", MISMATCH, |p, _| set(&mut p.claims, "ath", "")).only_with_token(),
        signed("ath null", MISMATCH, |p, _| {
            set(&mut p.claims, "ath", Value::Null);
        })
        .only_with_token(),
    ]
}

fn nonces() -> Vec<Mutation> {
    vec![
        signed("no nonce", NONCE, |p, _| remove(&mut p.claims, "nonce")),
        signed("nonce empty", NONCE, |p, _| set(&mut p.claims, "nonce", "")),
        signed("nonce of another server", NONCE, |p, _| {
            set(&mut p.claims, "nonce", "A".repeat(32));
        }),
        signed("nonce with another time", NONCE, |p, _| {
            edit(&mut p.claims, |claims| {
                let nonce = claims["nonce"].as_str().expect("a nonce");
                let (time, tag) = nonce.split_at(10);
                let last = if time.ends_with('A') { "B" } else { "A" };
                claims["nonce"] = format!("{}{last}{tag}", &time[..9]).into();
            });
        }),
        signed("nonce a number", INVALID, |p, _| {
            set(&mut p.claims, "nonce", 7);
        }),
    ]
}

fn htu(claims: &mut String, change: impl FnOnce(String) -> String) {
    edit(claims, |claims| {
        let url = claims["htu"].as_str().expect("htu").to_owned();
        claims["htu"] = change(url).into();
    });
}

fn iat(claims: &mut String, by: i64) {
    edit(claims, |claims| {
        claims["iat"] = (claims["iat"].as_i64().expect("iat") + by).into();
    });
}
