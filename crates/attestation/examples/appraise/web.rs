//! `WebAuthn`, and the door that evidence of an enrollment goes through.

use crate::{
    Call, Kind, NOW,
    apple::public,
    floor::{self, Signed},
};
use aws_lc_rs::digest::{SHA256, digest};
use countersign_attestation::{
    cose::CredentialKey,
    evidence::{self, Anchors, Evidence},
    path,
    transcript::{Purpose, Transcript},
    webauthn::{Ceremony, assertion},
};
use countersign_core::{
    ClientId, Thumbprint,
    attestation::policy::{AttestationPolicy, WebPages},
};
use countersign_test_authority::{
    Key,
    authenticator_data::{AuthenticatorData, cose_key},
    webauthn::{Maker, Registration, client_data, object},
};
use std::sync::LazyLock;

const ORIGIN: &str = "https://app.example.com";
const RP_ID: &str = "example.com";

/// What evidence of an enrollment is about here.
pub(crate) fn transcript() -> Transcript<'static> {
    static CLIENT: LazyLock<ClientId> = LazyLock::new(|| {
        let client = "cli_00000000000000000000000000".parse();
        client.expect("an id")
    });
    Transcript {
        purpose: Purpose::Enroll,
        challenge: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        client: *CLIENT,
        action: None,
    }
}

/// A device's key.
pub(crate) fn device() -> Thumbprint {
    public(&Key::p256()).thumbprint()
}

/// Judges evidence of an enrollment, as a service does.
pub(crate) fn door(
    evidence: Evidence,
    device: Thumbprint,
    policy: AttestationPolicy,
    anchors: Anchors,
) -> Call {
    Box::new(move || {
        let expected = evidence::Expected {
            transcript: transcript(),
            jkt: &device,
            policy: &policy,
            presented_at: NOW,
            now: NOW,
        };
        let appraisal = evidence::appraise(&evidence, &expected, &anchors);
        appraisal.outcome.is_ok()
    })
}

/// A new credential that its maker vouches for: two signatures by keys on P-256.
pub(crate) fn registration() -> Kind {
    let (maker, device) = (Maker::new(), device());
    let challenge = digest(&SHA256, &transcript().with_thumbprint(&device));
    let made = Registration::new(Key::p256(), RP_ID, challenge.as_ref(), ORIGIN);
    let chain = [
        maker.root.issue(maker.packed_leaf()),
        maker.root.certificate.clone(),
    ];
    let statement = maker.sign(&maker.key, &made.signed(), maker.packed_leaf());
    let evidence = Evidence::Webauthn {
        attestation_object: object("packed", &statement, &made.data),
        client_data_json: made.client_data.clone(),
    };
    let policy = AttestationPolicy {
        web: Some(WebPages {
            rp_id: RP_ID.to_owned(),
            origins: vec![ORIGIN.parse().expect("an origin")],
            user_verification: true,
            device_bound: true,
        }),
        ..AttestationPolicy::default()
    };
    let anchors = Anchors {
        authenticators: path::Anchors::new([&maker.root.certificate]).expect("a root"),
        ..Anchors::shipped()
    };
    let mut signatures = floor::chain(&chain);
    signatures.push(Signed::by(&maker.key, &made.signed()));
    Kind {
        name: "webauthn_packed",
        appraise: door(evidence, device, policy, anchors),
        signatures: floor::call(signatures),
    }
}

/// A use of a credential.
pub(crate) fn assertion() -> Kind {
    let key = Key::p256();
    let data = AuthenticatorData {
        subject: RP_ID.to_owned(),
        flags: 0x05,
        counter: 3,
        credential: None,
        rest: Vec::new(),
    };
    let (data, told) = (data.encode(), client_data("webauthn.get", &[7; 32], ORIGIN));
    let signed = [data.as_slice(), digest(&SHA256, &told).as_ref()].concat();
    let signature = key.sign(&signed);
    let public = CredentialKey::from_cose(&cose_key(&key)).expect("a key");
    let appraise = move || {
        let evidence = assertion::Evidence {
            client_data_json: &told,
            authenticator_data: &data,
            signature: &signature,
        };
        let expected = assertion::Expected {
            ceremony: Ceremony {
                challenge: &[7; 32],
                origins: &[ORIGIN],
                top_origins: None,
                rp_id: RP_ID,
                user_verification: true,
            },
            key: &public,
            sign_count: 2,
            backup_eligible: false,
        };
        assertion::appraise(&evidence, &expected).outcome.is_ok()
    };
    Kind {
        name: "webauthn_assertion",
        appraise: Box::new(appraise),
        signatures: floor::call(vec![Signed::by(&key, &signed)]),
    }
}
