//! A device, its app, and what the app's service demands.

use countersign_attestation::{
    android_key::{self, App, Expected, Policy, Refused, Revocation, Roots, StatusList, Verdict},
    appraisal::Appraisal,
};
use countersign_core::Timestamp;
use countersign_test_authority::{
    Key,
    android::{Android, Fields, KeyDescription},
};
use std::time::Duration;

pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
pub(crate) const CHALLENGE: &[u8] = &[0xc4; 32];
pub(crate) const PACKAGE: &str = "com.example.app";
pub(crate) const DIGEST: [u8; 32] = [0xd1; 32];
pub(crate) const HOUR: Duration = Duration::from_hours(1);

/// A device that attests a key as it should.
pub(crate) struct Phone {
    pub(crate) android: Android,
    pub(crate) key: Key,
    pub(crate) description: KeyDescription,
    pub(crate) policy: Policy,
    pub(crate) status: Option<StatusList>,
    /// Now, where nothing else is said.
    pub(crate) presented_at: Option<Timestamp>,
    pub(crate) now: Timestamp,
}

impl Phone {
    pub(crate) fn of(android: Android) -> Self {
        let mut policy = Policy::strict(App {
            package: PACKAGE.to_owned(),
            signing_digests: vec![DIGEST],
            min_version: None,
        });
        policy.revocation = Revocation::Checked { max_age: HOUR };
        Self {
            android,
            key: Key::p256(),
            description: KeyDescription::new(CHALLENGE, PACKAGE, &DIGEST),
            policy,
            status: Some(StatusList::parse(br#"{"entries":{}}"#, NOW).unwrap()),
            presented_at: None,
            now: NOW,
        }
    }

    pub(crate) fn remote() -> Self {
        Self::of(Android::remote(NOW))
    }

    pub(crate) fn factory() -> Self {
        Self::of(Android::factory(NOW))
    }

    pub(crate) fn changed(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Changes what the hardware says.
    pub(crate) fn hardware(self, change: impl FnOnce(Fields) -> Fields) -> Self {
        self.changed(|phone| {
            phone.description.hardware = change(std::mem::take(&mut phone.description.hardware));
        })
    }

    /// Changes what the system says.
    pub(crate) fn software(self, change: impl FnOnce(Fields) -> Fields) -> Self {
        self.changed(|phone| {
            phone.description.software = change(std::mem::take(&mut phone.description.software));
        })
    }

    pub(crate) fn chain(&self) -> Vec<Vec<u8>> {
        self.android.attest(&self.key, &self.description)
    }

    pub(crate) fn appraise(&self) -> Appraisal<Verdict, Refused> {
        self.appraise_chain(&self.chain())
    }

    pub(crate) fn appraise_chain(&self, chain: &[Vec<u8>]) -> Appraisal<Verdict, Refused> {
        let roots = Roots::none().with(&self.android.root.certificate).unwrap();
        self.appraise_under(chain, &roots)
    }

    pub(crate) fn appraise_under(
        &self,
        chain: &[Vec<u8>],
        roots: &Roots,
    ) -> Appraisal<Verdict, Refused> {
        let expected = Expected {
            challenge: CHALLENGE,
            policy: &self.policy,
            presented_at: self.presented_at.unwrap_or(self.now),
            now: self.now,
        };
        android_key::appraise(chain, &expected, roots, self.status.as_ref())
    }

    pub(crate) fn verdict(&self) -> Verdict {
        self.appraise().outcome.unwrap()
    }

    pub(crate) fn refused(&self) -> Refused {
        self.refused_chain(&self.chain())
    }

    pub(crate) fn refused_chain(&self, chain: &[Vec<u8>]) -> Refused {
        let appraisal = self.appraise_chain(chain);
        let (last, before) = appraisal.checks.split_last().unwrap();
        assert!(!last.passed && before.iter().all(|check| check.passed));
        appraisal.outcome.unwrap_err()
    }
}
