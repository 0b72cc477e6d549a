//! What devices and their platforms assert later, as the API takes it.

use crate::{Asked, Platforms, TestApp, TestDevice, attested::text};
use aws_lc_rs::digest::{SHA256, digest};
use countersign_test_authority::{
    Key, app_attest, authenticator_data::AuthenticatorData, webauthn,
};
use serde_json::{Value, json};

/// What a device signs with its own key.
pub fn key(asked: Asked<'_>, device: &TestDevice) -> Value {
    let transcript = asked.transcript().hash_with(&device.jkt());
    json!({ "kind": "key", "jws": device.assertion(&transcript) })
}

/// What an iPhone makes with the key that was attested.
pub fn app_attest(asked: Asked<'_>, device: &TestDevice, key: &Key, counter: u32) -> Value {
    let transcript = asked.transcript().with_thumbprint(&device.jkt());
    let data = app_attest::used_key(Platforms::APPLE_APP, counter);
    let assertion = app_attest::assert(key, &data, &transcript);
    json!({ "kind": "app_attest", "assertion": text(&assertion) })
}

/// What a browser gets from the authenticator, of a user whom that knew.
pub fn webauthn(asked: Asked<'_>, device: &TestDevice, key: &Key, counter: u32) -> Value {
    let transcript = asked.transcript().hash_with(&device.jkt());
    let client_data = webauthn::client_data("webauthn.get", &transcript, TestApp::APP_ORIGIN);
    let data = AuthenticatorData {
        subject: Platforms::RP_ID.to_owned(),
        flags: 0x05,
        counter,
        credential: None,
        rest: Vec::new(),
    };
    let data = data.encode();
    let hash = digest(&SHA256, &client_data);
    let signature = key.sign(&[data.as_slice(), hash.as_ref()].concat());
    json!({
        "kind": "webauthn", "client_data_json": text(&client_data),
        "authenticator_data": text(&data), "signature": text(&signature),
    })
}

/// What Google says anew of the app on Android.
pub fn play_integrity(platforms: &Platforms, asked: Asked<'_>, device: &TestDevice) -> Value {
    let evidence = platforms.play_integrity(asked, device);
    json!({ "kind": "play_integrity", "package": evidence["package"], "token": evidence["token"] })
}
