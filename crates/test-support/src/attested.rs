//! Devices whose platforms vouch for them, under roots of a test's own.

use crate::{TestApp, TestDevice, google::verdict};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_attestation::{
    android_key::{Roots, StatusList},
    certificate::Certificate,
    path,
    transcript::{Purpose, Transcript},
};
use countersign_core::Timestamp;
use countersign_server::Anchors;
use countersign_test_authority::{
    Draft, Key,
    android::{Android, KeyDescription},
    app_attest::{self, AppAttest, PRODUCTION},
    der,
    play_integrity::PlayConsole,
    webauthn::{self, Maker, Registration},
};
use serde_json::{Value, json};
use std::sync::Arc;

/// Apple, a maker of Android devices and a maker of authenticators.
#[derive(Debug)]
pub struct Platforms {
    apple: AppAttest,
    android: Android,
    maker: Maker,
    console: PlayConsole,
    status: Option<Arc<StatusList>>,
}

/// What evidence is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// What for.
    pub purpose: Purpose,
    /// By whom.
    pub client: &'a str,
    /// The challenge as it was given out.
    pub challenge: &'a str,
    /// When.
    pub at: Timestamp,
    /// Which action of the app, where it is for one.
    pub action: Option<&'a str>,
}

/// The SHA-256 of the certificate that the Android app is signed with.
const SIGNER: [u8; 32] = [0xd1; 32];

impl Platforms {
    /// The app on Apple's systems.
    pub const APPLE_APP: &'static str = "TEAM.com.example.app";
    /// The app on Android.
    pub const PACKAGE: &'static str = "com.example.app";
    /// The domain of the app's pages.
    pub const RP_ID: &'static str = "app.example";

    /// New roots; nothing of theirs was taken back as of `now`.
    ///
    /// # Panics
    /// Never with a sound status list.
    pub fn new(now: Timestamp) -> Self {
        let status = StatusList::parse(br#"{"entries":{}}"#, now).expect("a list");
        Self {
            apple: AppAttest::new(),
            android: Android::remote(now),
            maker: Maker::new(),
            console: PlayConsole::new(),
            status: Some(Arc::new(status)),
        }
    }

    /// From now on a service has to get the list of what was taken back from somewhere.
    pub fn forget_status_list(&mut self) {
        self.status = None;
    }

    /// The serial number of the Android hardware's certificate, as the list has it.
    ///
    /// # Panics
    /// Never with a chain that this makes.
    pub fn android_serial(&self) -> String {
        let chain = self.android.present(Draft::new("", Key::p256().spki()));
        let hardware = Certificate::parse(&chain[1]).expect("a certificate");
        hardware.serial_hex()
    }

    /// A service's anchors that believe them.
    ///
    /// # Panics
    /// Never with roots that this makes.
    pub fn anchors(&self) -> Anchors {
        let anchors = |certificate: &[u8]| path::Anchors::new([certificate]).expect("a root");
        let android = Roots::google().with(&self.android.root.certificate);
        Anchors {
            apple: anchors(&self.apple.root.certificate),
            android: android.expect("a root"),
            android_status: self.status.clone(),
            authenticators: anchors(&self.maker.root.certificate),
            ..Anchors::shipped()
        }
    }

    /// The `attestation` of a client that takes all of them, and demands this of enrollments.
    pub fn policy(enroll: &Value) -> Value {
        let digest = "d1".repeat(SIGNER.len());
        json!({
            "apple": [{ "app_id": Self::APPLE_APP }],
            "android": {
                "apps": [{ "package": Self::PACKAGE, "signing_digests": [digest] }],
                "play_integrity": {},
            },
            "web": { "rp_id": Self::RP_ID, "origins": [TestApp::APP_ORIGIN] },
            "enroll": enroll,
        })
    }

    /// What an iPhone presents for a device's key.
    pub fn app_attest(&self, asked: Asked<'_>, device: &TestDevice) -> Value {
        self.app_attest_of(&Key::p256(), asked, device)
    }

    /// The same with this key of the app.
    pub fn app_attest_of(&self, key: &Key, asked: Asked<'_>, device: &TestDevice) -> Value {
        let data = app_attest::new_key(key, Self::APPLE_APP, PRODUCTION);
        let transcript = asked.transcript().with_thumbprint(&device.jkt());
        let object = self.apple.attest(key, &data, &transcript).encode();
        json!({
            "platform": "app_attest", "key_id": app_attest::key_id(key), "attestation": text(&object),
        })
    }

    /// What an Android device presents that keeps the device's key in hardware.
    pub fn android_key(&self, asked: Asked<'_>, device: &TestDevice) -> Value {
        self.android_with(asked, device, |description| description)
    }

    /// The same of a managed device, whose hardware also says which machine it is.
    pub fn android_machine(&self, asked: Asked<'_>, device: &TestDevice, serial: &str) -> Value {
        self.android_with(asked, device, |mut description| {
            let hardware = description.hardware;
            description.hardware = hardware
                .with(713, der::octet_string(serial.as_bytes()))
                .with(716, der::octet_string(b"Maker"));
            description
        })
    }

    fn android_with(
        &self,
        asked: Asked<'_>,
        device: &TestDevice,
        change: impl Fn(KeyDescription) -> KeyDescription,
    ) -> Value {
        let challenge = asked.transcript().without_key();
        let description = KeyDescription::new(&challenge, Self::PACKAGE, &SIGNER);
        let description = change(description).encode();
        let leaf = Draft {
            spki: spki(device),
            ..Android::leaf(&Key::p256(), &description)
        };
        let chain = self.android.present(leaf);
        let certificates: Vec<_> = chain.iter().map(|certificate| text(certificate)).collect();
        json!({ "platform": "android_key", "certificates": certificates })
    }

    /// The Play Console of the app on Android.
    pub fn console(&self) -> &PlayConsole {
        &self.console
    }

    /// What the app on Android presents that made a classic request for a device's key.
    ///
    /// # Panics
    /// Never with a verdict that this makes.
    pub fn play_integrity(&self, asked: Asked<'_>, device: &TestDevice) -> Value {
        let verdict = Self::verdict(asked, device, "nonce");
        let token = self.console.issue(verdict.to_string().as_bytes());
        json!({ "platform": "play_integrity", "package": Self::PACKAGE, "token": token })
    }

    /// What Google says of a good device with this key; `field` is `nonce` or `requestHash`.
    pub fn verdict(asked: Asked<'_>, device: &TestDevice, field: &str) -> Value {
        let transcript = asked.transcript().with_thumbprint(&device.jkt());
        let hash = text(digest(&SHA256, &transcript).as_ref());
        verdict(Self::PACKAGE, &text(&SIGNER), (field, &hash), asked.at)
    }

    /// What a browser presents whose authenticator vouches for the device's key.
    pub fn webauthn(&self, asked: Asked<'_>, device: &TestDevice) -> Value {
        self.webauthn_of(Key::p256(), asked, device).0
    }

    /// The same with this key of the authenticator, which comes back.
    pub fn webauthn_of(&self, key: Key, asked: Asked<'_>, device: &TestDevice) -> (Value, Key) {
        let transcript = asked.transcript().with_thumbprint(&device.jkt());
        let challenge = digest(&SHA256, &transcript);
        let origin = TestApp::APP_ORIGIN;
        let made = Registration::new(key, Self::RP_ID, challenge.as_ref(), origin);
        let leaf = self.maker.packed_leaf();
        let members = self.maker.sign(&self.maker.key, &made.signed(), leaf);
        let object = webauthn::object("packed", &members, &made.data);
        let evidence = json!({
            "platform": "webauthn", "client_data_json": text(&made.client_data),
            "attestation_object": text(&object),
        });
        (evidence, made.key)
    }
}

impl Asked<'_> {
    pub(crate) fn transcript(&self) -> Transcript<'_> {
        Transcript {
            purpose: self.purpose,
            challenge: self.challenge,
            client: self.client.parse().expect("a client's id"),
            action: self.action,
        }
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The device key as certificates hold it (RFC 5480 section 2).
fn spki(device: &TestDevice) -> Vec<u8> {
    let jwk = serde_json::to_value(device.jwk()).expect("JSON");
    let coordinate = |name: &str| {
        let text = jwk[name].as_str().expect("a coordinate");
        URL_SAFE_NO_PAD.decode(text).expect("base64url")
    };
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    let algorithm = [
        der::oid("1.2.840.10045.2.1"),
        der::oid("1.2.840.10045.3.1.7"),
    ];
    der::sequence(&[der::sequence(&algorithm), der::bit_string(&point)])
}
