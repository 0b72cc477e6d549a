//! Chains of real Android devices.

use crate::folder::{self, hex, pem, time};
use countersign_attestation::{
    android_key::{
        self, App, BootState, Expected, Policy, Refused, Revocation, Roots, StatusList, Verdict,
    },
    appraisal::Appraisal,
    certificate::Certificate,
};
use countersign_core::{Timestamp, attestation::AttestationLevel};
use countersign_test_authority::{Authority, Draft, Extension, Key, der};
use serde_json::Value;
use std::time::Duration;

/// A chain and what is known about it.
struct Recording {
    name: String,
    chain: Vec<Vec<u8>>,
    facts: Value,
    challenge: Vec<u8>,
    policy: Policy,
    now: Timestamp,
}

impl Recording {
    fn read(name: &str) -> Self {
        let facts = folder::json(&format!("android/{name}.json"));
        let mut policy = Policy::strict(app(&facts));
        policy.revocation = Revocation::Ignored;
        Self {
            name: name.to_owned(),
            chain: pem(&folder::read(&format!("android/{name}.pem"))),
            challenge: hex(facts["attestationChallengeHex"].as_str().unwrap()),
            policy,
            now: time(&facts["verifyAt"]),
            facts,
        }
    }

    fn all() -> Vec<Self> {
        let names = folder::names("android", ".pem");
        names.iter().map(|name| Self::read(name)).collect()
    }

    fn accepted() -> Vec<Self> {
        let mut all = Self::all();
        all.retain(|one| one.says("expectedStrictPolicy", "accept"));
        assert!(all.len() >= 4);
        all
    }

    fn says(&self, what: &str, start: &str) -> bool {
        self.facts[what].as_str().unwrap().starts_with(start)
    }

    fn appraise(&self) -> Appraisal<Verdict, Refused> {
        self.appraise_chain(&self.chain)
    }

    fn appraise_chain(&self, chain: &[Vec<u8>]) -> Appraisal<Verdict, Refused> {
        let expected = Expected {
            challenge: &self.challenge,
            policy: &self.policy,
            presented_at: self.now,
            now: self.now,
        };
        android_key::appraise(chain, &expected, &Roots::google(), None)
    }

    fn refuses(&self, chain: &[Vec<u8>], what: &str) {
        let outcome = self.appraise_chain(chain).outcome;
        assert!(outcome.is_err(), "{}: {what}", self.name);
    }
}

fn app(facts: &Value) -> App {
    let digests = facts["signatureDigestsHex"].as_array().unwrap();
    let digest = |digest: &Value| hex(digest.as_str().unwrap()).try_into().unwrap();
    App {
        package: facts["packages"][0][0].as_str().unwrap().to_owned(),
        signing_digests: digests.iter().map(digest).collect(),
        min_version: None,
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn chains_are_judged_as_recorded() {
    for one in Recording::all() {
        let appraisal = one.appraise();
        let name = &one.name;
        let is_chain_good = appraisal
            .checks
            .iter()
            .any(|check| check.name == "validity" && check.passed);
        assert_eq!(is_chain_good, one.says("expectedChain", "valid"), "{name}");
        let is_accepted = one.says("expectedStrictPolicy", "accept");
        assert_eq!(
            appraisal.outcome.is_ok(),
            is_accepted,
            "{name}: {appraisal:?}"
        );
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn facts_are_as_recorded() {
    for one in Recording::accepted() {
        let verdict = one.appraise().outcome.unwrap();
        let (facts, recorded) = (verdict.facts, &one.facts);
        let number = |name: &str| recorded[name].as_u64();
        let root = &recorded["hardwareRootOfTrust"];
        let serials: Vec<String> = serde_json::from_value(recorded["serialsHex"].clone()).unwrap();
        assert_eq!(facts.serials, serials);
        assert_eq!(
            Some(facts.attestation_version),
            number("attestationVersion")
        );
        assert_eq!(Some(facts.keymint_version), number("keyMintVersion"));
        assert_eq!(facts.os_patch_level, number("osPatchLevel"));
        assert_eq!(facts.vendor_patch_level, number("vendorPatchLevel"));
        assert_eq!(facts.boot_patch_level, number("bootPatchLevel"));
        assert_eq!(facts.os_version, number("osVersion"));
        assert_eq!(facts.boot_key, root["verifiedBootKeyHex"].as_str().unwrap());
        assert_eq!(
            facts.boot_hash.as_deref(),
            root["verifiedBootHashHex"].as_str()
        );
        assert_eq!(facts.boot_state, BootState::Verified);
        assert_eq!(
            Some(facts.package_version),
            recorded["packages"][0][1].as_u64()
        );
        let provisioning = serde_json::to_value(facts.provisioning).unwrap();
        let expected = match recorded["provisioning"].as_str().unwrap() {
            "RKP" => "remote",
            other => other,
        };
        assert_eq!(provisioning, expected, "{}", one.name);
        let is_strongbox = recorded["attestationSecurityLevel"] == "StrongBox";
        assert_eq!(verdict.level == AttestationLevel::StrongBox, is_strongbox);
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn later_only_factory_chains_are_valid() {
    for mut one in Recording::all() {
        let provisioning = one.facts["provisioning"].as_str().unwrap().to_owned();
        one.now = Timestamp::from_secs(1_795_305_600);
        let outcome = one.appraise().outcome;
        match provisioning.as_str() {
            "RKP" => assert_eq!(outcome.err(), Some(Refused::Expired), "{}", one.name),
            "factory" => assert_ne!(outcome.err(), Some(Refused::Expired), "{}", one.name),
            _ => {}
        }
        one.now = Timestamp::from_secs(1_400_000_000);
        let early = one.appraise().outcome.err();
        if provisioning != "software/none" {
            assert_eq!(early, Some(Refused::NotYetValid), "{}", one.name);
        }
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn other_circumstances_are_refused() {
    for mut one in Recording::accepted() {
        let good = one.policy.clone();
        one.policy.apps[0].package.push('x');
        assert_eq!(one.appraise().outcome.err(), Some(Refused::WrongPackage));
        one.policy = good.clone();
        one.policy.apps[0].signing_digests[0][0] ^= 1;
        assert_eq!(one.appraise().outcome.err(), Some(Refused::WrongSigner));
        one.policy = good.clone();
        one.policy.min_os_patch_level = Some(209_901);
        assert_eq!(one.appraise().outcome.err(), Some(Refused::OldPatchLevel));
        one.policy = good;
        one.challenge[0] ^= 1;
        assert_eq!(
            one.appraise().outcome.err(),
            Some(Refused::ChallengeMismatch)
        );
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn changed_chains_are_refused() {
    for one in Recording::accepted() {
        for at in 0..one.chain.len() {
            let mut chain = one.chain.clone();
            chain.remove(at);
            one.refuses(&chain, "dropped");
            let mut chain = one.chain.clone();
            // The last one too: it issued itself, so names and signatures fit.
            chain.push(one.chain[at].clone());
            one.refuses(&chain, "appended");
            for other in 0..at {
                let mut chain = one.chain.clone();
                chain.swap(at, other);
                one.refuses(&chain, "swapped");
            }
            for byte in (0..one.chain[at].len()).step_by(7) {
                let mut chain = one.chain.clone();
                chain[at][byte] ^= 1 << (byte % 8);
                one.refuses(&chain, &format!("byte {byte} of {at}"));
            }
        }
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn forged_ends_are_refused() {
    for one in Recording::accepted() {
        let root = Certificate::parse(one.chain.last().unwrap()).unwrap();
        let key = Key::rsa();
        let mut draft = Draft::authority("", key.spki());
        draft.subject = root.subject.raw().to_vec();
        let mut chain = one.chain.clone();
        *chain.last_mut().unwrap() = Authority::self_signed(draft, key).certificate;
        let refused = one.appraise_chain(&chain).outcome.err();
        assert_eq!(refused, Some(Refused::UnknownRoot));

        let leaf = Certificate::parse(&one.chain[0]).unwrap();
        let key = Key::p256();
        let mut draft = Draft::new("Android Keystore Key", Key::p256().spki());
        draft.issuer = Some(leaf.subject.raw().to_vec());
        let value = leaf.extension(&der::oid(ATTESTATION)[2..]).unwrap();
        let draft = draft.with(Extension::new(ATTESTATION, value.to_vec()));
        let forged = Authority::root("", key).issue(draft);
        let chain = [&[forged], one.chain.as_slice()].concat();
        let refused = one.appraise_chain(&chain).outcome.err();
        assert_eq!(refused, Some(Refused::BadSignature));
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn listed_serials_are_refused() {
    for mut one in Recording::accepted() {
        let max_age = Duration::from_hours(1);
        one.policy.revocation = Revocation::Checked { max_age };
        for der in &one.chain {
            let serial = Certificate::parse(der).unwrap().serial_hex();
            let json = format!(r#"{{"entries":{{"{serial}":{{"status":"SUSPENDED"}}}}}}"#);
            let list = StatusList::parse(json.as_bytes(), one.now).unwrap();
            let expected = Expected {
                challenge: &one.challenge,
                policy: &one.policy,
                presented_at: one.now,
                now: one.now,
            };
            let roots = Roots::google();
            let outcome = android_key::appraise(&one.chain, &expected, &roots, Some(&list)).outcome;
            assert!(
                matches!(outcome, Err(Refused::Revoked { .. })),
                "{outcome:?}"
            );
        }
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn look_ups_are_as_recorded() {
    let sample = folder::json("android/status-sample.json");
    let list = serde_json::to_vec(&sample["list"]).unwrap();
    let now = Timestamp::from_secs(1_800_000_000);
    let list = StatusList::parse(&list, now).unwrap();
    let lookups = sample["lookups"].as_array().unwrap();
    for lookup in lookups {
        let serial = lookup["serialHex"].as_str().unwrap();
        let is_refused = lookup["expected"].as_str().unwrap().starts_with("reject");
        assert_eq!(list.find_status(serial).is_some(), is_refused, "{serial}");
    }
    let suspended = pem(sample["suspendedCertificatePem"].as_str().unwrap());
    let serial = Certificate::parse(&suspended[0]).unwrap().serial_hex();
    assert!(list.check([serial], now, Duration::ZERO).is_err());
}

const ATTESTATION: &str = "1.3.6.1.4.1.11129.2.1.17";

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn quirks_of_leaves_are_read() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let quirks = folder::json("android/leaf-quirks.json");
    for recorded in quirks["leaves"].as_array().unwrap() {
        let name = recorded["name"].as_str().unwrap();
        let leaf = STANDARD
            .decode(recorded["leafBase64"].as_str().unwrap())
            .unwrap();
        let leaf = Certificate::parse(&leaf).unwrap();
        // Nobody published their chains: what the leaves attest is put under a root of our own.
        let value = leaf.extension(&der::oid(ATTESTATION)[2..]).unwrap();
        let root = Authority::root("root", Key::p256());
        let level = recorded["attestationSecurityLevel"].as_str().unwrap();
        let attesting = root.subordinate(level, Key::p256());
        let mut draft = Draft::new("leaf", leaf.key.raw.to_vec());
        draft = draft.with(Extension::new(ATTESTATION, value.to_vec()));
        let chain = [
            attesting.issue(draft),
            attesting.certificate.clone(),
            root.certificate.clone(),
        ];
        let mut policy = Policy::strict(app(recorded));
        policy.revocation = Revocation::Ignored;
        let expected = Expected {
            challenge: recorded["challenge"].as_str().unwrap().as_bytes(),
            policy: &policy,
            presented_at: Timestamp::from_secs(1_800_000_000),
            now: Timestamp::from_secs(1_800_000_000),
        };
        let roots = Roots::none().with(&root.certificate).unwrap();
        let outcome = android_key::appraise(&chain, &expected, &roots, None).outcome;
        let expected = match name {
            _ if recorded["deviceLocked"] == false => Some(Refused::Unlocked),
            // Says that its key is on P-224, which it is not.
            "test_out_of_order_authorization_list" => Some(Refused::UnsupportedKey),
            _ => None,
        };
        if expected.is_some() {
            assert_eq!(outcome.err(), expected, "{name}");
            continue;
        }
        let verdict = outcome.unwrap_or_else(|refused| panic!("{name}: {refused}"));
        let facts = verdict.facts;
        assert_eq!(
            Some(facts.attestation_version),
            recorded["attestationVersion"].as_u64()
        );
        assert_eq!(
            facts.os_patch_level,
            recorded["osPatchLevel"].as_u64(),
            "{name}"
        );
        assert_eq!(
            Some(facts.package_version),
            recorded["packages"][0][1].as_u64()
        );
        assert_eq!(
            verdict.level == AttestationLevel::StrongBox,
            level == "StrongBox"
        );
    }
}
