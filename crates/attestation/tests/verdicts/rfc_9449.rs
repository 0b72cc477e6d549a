//! The examples that RFC 9449 publishes, and the vector file if there is one.

use countersign_attestation::dpop::{self, Expected, HtuUrl, ProofError, Window};
use countersign_core::{Thumbprint, Timestamp};
use std::time::Duration;

struct Example {
    proof: String,
    method: String,
    url: String,
    jkt: String,
    iat: i64,
    access_token: Option<String>,
}

impl Example {
    /// Accepted as published, refused with any one circumstance changed.
    fn check(&self) {
        let (url, jkt) = (HtuUrl::parse(&self.url).unwrap(), self.jkt.parse().unwrap());
        let good = Expected {
            method: &self.method,
            url: &url,
            access_token: self.access_token.as_deref(),
            key: Some(&jkt),
            nonces: None,
            nonces_since: Timestamp::from_secs(0),
            now: Timestamp::from_secs(self.iat),
            window: Window::default(),
        };
        let proof = dpop::verify(&self.proof, &good).unwrap();
        assert_eq!(proof.jkt, jkt);
        assert_eq!(proof.iat, good.now);

        let refused = |expected: Expected<'_>| dpop::verify(&self.proof, &expected).unwrap_err();
        let method = "PUT";
        let later = good.now.plus(Duration::from_secs(61));
        let elsewhere = HtuUrl::parse("https://server.example.com/other").unwrap();
        let other_key = Thumbprint::from_bytes([0; 32]);
        let token_error = match self.access_token {
            Some(_) => ProofError::TokenHashMismatch,
            None => ProofError::MissingTokenHash,
        };
        let cases = [
            (Expected { method, ..good }, ProofError::MethodMismatch),
            (
                Expected {
                    url: &elsewhere,
                    ..good
                },
                ProofError::UrlMismatch,
            ),
            (
                Expected {
                    access_token: Some("another"),
                    ..good
                },
                token_error,
            ),
            (Expected { now: later, ..good }, ProofError::TooOld),
            (
                Expected {
                    key: Some(&other_key),
                    ..good
                },
                ProofError::KeyMismatch,
            ),
        ];
        for (expected, error) in cases {
            assert_eq!(refused(expected), error);
        }
    }
}

const KEY_HEADER: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19";
const JKT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

fn example(
    claims_and_signature: &str,
    method: &str,
    url: &str,
    iat: i64,
    access_token: Option<&str>,
) -> Example {
    Example {
        proof: format!("{KEY_HEADER}.{claims_and_signature}"),
        method: method.to_owned(),
        url: url.to_owned(),
        jkt: JKT.to_owned(),
        iat,
        access_token: access_token.map(str::to_owned),
    }
}

/// Section 5: the proof of a token request.
#[test]
fn token_request() {
    let proof = "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
    let url = "https://server.example.com/token";
    example(proof, "POST", url, 1_562_262_616, None).check();
}

/// Section 5: the proof of a refresh.
#[test]
fn refresh_request() {
    let proof = "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjY1Mjk2fQ.pAqut2IRDm_De6PR93SYmGBPXpwrAk90e8cP2hjiaG5QsGSuKDYW7_X620BxqhvYC8ynrrvZLTk41mSRroapUA";
    let url = "https://server.example.com/token";
    example(proof, "POST", url, 1_562_265_296, None).check();
}

/// Section 7.1: the proof of a request with an access token.
#[test]
fn resource_request() {
    let proof = "eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
    let url = "https://resource.example.org/protectedresource";
    let token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
    example(proof, "GET", url, 1_562_262_618, Some(token)).check();
}

/// Checks every proof of `pop/dpop-rfc9449.json` in the folder that `COUNTERSIGN_VECTORS` names.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the folder is not part of the repository"
)]
fn vector_file() {
    let Ok(folder) = std::env::var("COUNTERSIGN_VECTORS") else {
        println!("COUNTERSIGN_VECTORS is not set: no vector file checked");
        return;
    };
    let path = std::path::Path::new(&folder).join("pop/dpop-rfc9449.json");
    let file: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let text = |vector: &serde_json::Value, name: &str| vector[name].as_str().map(str::to_owned);
    let mut checked = 0;
    for vector in file["vectors"].as_array().unwrap() {
        let Some(proof) = text(vector, "dpop") else {
            continue;
        };
        let example = Example {
            proof,
            method: text(vector, "method").unwrap(),
            url: text(vector, "uri").unwrap(),
            jkt: text(vector, "jkt").unwrap(),
            iat: vector["verifyAt"].as_i64().unwrap(),
            access_token: text(vector, "accessToken"),
        };
        example.check();
        checked += 1;
    }
    assert!(checked >= 3, "{checked} proofs checked");
}
