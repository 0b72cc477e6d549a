//! Untouched proofs that are sent where they do not belong, or more than once.

use crate::{
    library::{For, Library},
    refused::{Scene, check_refusal},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_test_support::Answer;
use serde_json::{Value, json};

const DEVICES: &str = "/v1/me/devices";

/// The order of P-256 (SEC 2 section 2.4.2), big-endian.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6,
    0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

pub(crate) async fn sent_otherwise(device: Library) {
    let mut scene = Scene::set(device).await;
    scene.device.make_key("other", "ES256");
    elsewhere(&mut scene).await;
    with_other_headers(&mut scene).await;
    with_other_tokens(&mut scene).await;
    of_other_algorithms(&mut scene).await;
    again(&mut scene).await;
    scene.service.stop().await;
}

/// For another method or URL than the proof names.
async fn elsewhere(scene: &mut Scene) {
    let proof = scene.proof(DEVICES);
    let url = scene.service.url(DEVICES);
    let cases = [
        ("another method", "POST", url.clone(), "proof_mismatch"),
        ("another path", "GET", format!("{url}/1"), "proof_mismatch"),
        (
            "another host",
            "GET",
            format!("https://api.example{DEVICES}"),
            "proof_mismatch",
        ),
        (
            "no URL at all",
            "GET",
            "devices".to_owned(),
            "proof_mismatch",
        ),
    ];
    for (name, method, url, code) in cases {
        let changes = json!({ "method": method, "url": url });
        expect(&judge(scene, &proof, changes).await, code, name);
    }
    accept(&scene.verify(&proof).await);
}

/// As another scheme, without the proof, with two of them.
async fn with_other_headers(scene: &mut Scene) {
    let proof = scene.proof(DEVICES);
    let answer = judge(scene, &proof, json!({ "scheme": "Bearer" })).await;
    expect(&answer, "scheme_mismatch", "as Bearer");
    let answer = judge(scene, &proof, json!({ "proof": null })).await;
    expect(&answer, "proof_required", "no proof");
    let answer = judge(scene, &proof, json!({ "proof": null, "scheme": "Bearer" })).await;
    expect(&answer, "scheme_mismatch", "as Bearer, without its proof");

    let (keyed, bearer) = (
        format!("DPoP {}", scene.token),
        format!("Bearer {}", scene.token),
    );
    let other = scene.proof(DEVICES);
    let cases = [
        (
            "as Bearer",
            vec![("authorization", &bearer), ("dpop", &proof)],
            "scheme_mismatch",
        ),
        (
            "as Bearer, without its proof",
            vec![("authorization", &bearer)],
            "scheme_mismatch",
        ),
        (
            "no proof",
            vec![("authorization", &keyed)],
            "proof_required",
        ),
        (
            "the header twice",
            vec![
                ("authorization", &keyed),
                ("dpop", &proof),
                ("dpop", &proof),
            ],
            "proof_invalid",
        ),
        (
            "two proofs",
            vec![
                ("authorization", &keyed),
                ("dpop", &proof),
                ("dpop", &other),
            ],
            "proof_invalid",
        ),
        (
            "two tokens",
            vec![
                ("authorization", &keyed),
                ("authorization", &bearer),
                ("dpop", &proof),
            ],
            "token_invalid",
        ),
        ("no token", vec![("dpop", &proof)], "token_invalid"),
    ];
    for (name, headers, code) in cases {
        let headers: Vec<(&str, &str)> = headers
            .into_iter()
            .map(|(header, value)| (header, value.as_str()))
            .collect();
        let answer = scene.service.get(DEVICES, &headers).await;
        let challenge = Some(answer.header("www-authenticate"));
        assert_eq!(check_refusal(&answer, code, challenge), None, "{name}");
    }
    accept(&scene.request(&proof).await);
    accept(&scene.request(&other).await);
}

/// With a token that the proof does not name, or whose session is bound to another key.
async fn with_other_tokens(scene: &mut Scene) {
    let proof = scene.proof(DEVICES);
    let of_same_key = scene.login("device", "43").await.text("access_token");
    let of_other_key = scene.login("other", "44").await.text("access_token");
    for (name, token) in [
        ("another session of the same key", &of_same_key),
        ("another device's session", &of_other_key),
    ] {
        let answer = judge(scene, &proof, json!({ "token": token })).await;
        expect(&answer, "proof_mismatch", name);
    }
    let answer = judge(scene, &proof, json!({ "token": "nobody's" })).await;
    expect(&answer, "token_invalid", "nobody's token");
    accept(&scene.verify(&proof).await);

    // The thief has a key too, and makes a perfect proof with it.
    let url = scene.service.url(DEVICES);
    let stolen = For {
        method: "GET",
        url: &url,
        token: Some(&of_other_key),
        nonce: Some(&scene.nonce),
    };
    let thiefs = scene.device.proof("device", stolen);
    let answer = judge(scene, &thiefs, json!({ "token": of_other_key })).await;
    expect(
        &answer,
        "key_mismatch",
        "a stolen token with the thief's own proof",
    );
    let owners = scene.device.proof("other", stolen);
    accept(&judge(scene, &owners, json!({ "token": of_other_key })).await);
}

/// By a key of the library that the server does not take.
async fn of_other_algorithms(scene: &mut Scene) {
    let url = scene.service.url(DEVICES);
    for alg in ["RS256", "PS256"] {
        scene.device.make_key(alg, alg);
        let wanted = For {
            method: "GET",
            url: &url,
            token: Some(&scene.token),
            nonce: Some(&scene.nonce),
        };
        let proof = scene.device.proof(alg, wanted);
        expect(&scene.verify(&proof).await, "proof_invalid", alg);
    }
}

/// A second time, at the same door, at the other one, and with the other valid signature.
async fn again(scene: &mut Scene) {
    let proof = scene.proof(DEVICES);
    accept(&scene.verify(&proof).await);
    expect(
        &scene.verify(&proof).await,
        "proof_replayed",
        "a second time",
    );
    expect(
        &scene.verify(&with_other_s(&proof)).await,
        "proof_replayed",
        "n - s for s",
    );
    let answer = scene.request(&proof).await;
    let challenge = Some(answer.header("www-authenticate"));
    assert_eq!(check_refusal(&answer, "proof_replayed", challenge), None);

    let proof = scene.proof(DEVICES);
    accept(&scene.request(&with_other_s(&proof)).await);
    expect(
        &scene.verify(&proof).await,
        "proof_replayed",
        "the other signature was first",
    );
}

/// A judgement of the usual request with some of its members changed; null removes one.
async fn judge(scene: &Scene, proof: &str, changes: Value) -> Answer {
    let mut body = json!({
        "token": scene.token, "scheme": "DPoP", "proof": proof,
        "method": "GET", "url": scene.service.url(DEVICES),
    });
    let members = body.as_object_mut().expect("an object");
    for (name, change) in changes.as_object().expect("an object") {
        members.insert(name.clone(), change.clone());
    }
    members.retain(|_, value| !value.is_null());
    scene.service.verify(&body).await
}

fn expect(answer: &Answer, code: &str, name: &str) {
    let challenge = answer.body["www_authenticate"].as_str();
    assert_eq!(check_refusal(answer, code, challenge), None, "{name}");
}

fn accept(answer: &Answer) {
    let is_accepted = answer.body["allowed"] == true || answer.body["data"].is_array();
    assert!(is_accepted && answer.status == 200, "{}", answer.raw);
}

/// ECDSA takes s and n - s alike: the same proof in another text.
fn with_other_s(proof: &str) -> String {
    let (input, signature) = proof.rsplit_once('.').expect("a signature");
    let mut signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    let mut borrow = false;
    for (digit, order) in signature[32..].iter_mut().zip(ORDER).rev() {
        let (less, first) = order.overflowing_sub(*digit);
        let (less, second) = less.overflowing_sub(borrow.into());
        (*digit, borrow) = (less, first || second);
    }
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}
