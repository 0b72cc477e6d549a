//! No text makes the reading of a rule file panic, and the rules that one gives are bounded, judge
//! without a panic, and come out the same when the file is written and read again.

#![no_main]

use countersign_core::{
    ClientId, DeviceId, Timestamp,
    compliance::{
        evaluate::Subject,
        file::RuleFile,
        posture::Posture,
        rules::{MOST_RULES, MOST_TESTS, Management, RuleSet, RuleSetVersion},
        version::OsFamily,
    },
};
use libfuzzer_sys::fuzz_target;
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

fuzz_target!(|text: &str| {
    let Ok(file) = toml::from_str::<RuleFile>(text) else {
        return;
    };
    let version = RuleSetVersion::from_hash([7; 32]);
    match file.validate(version) {
        Ok(rules) => {
            assert!(file.rules.len() <= MOST_RULES && file.tests.len() <= MOST_TESTS);
            judge(&rules);
            let written = toml::to_string(&file).expect("what was read can be written");
            let again: RuleFile = toml::from_str(&written).expect("what was written can be read");
            assert_eq!(again, file);
            assert_eq!(again.validate(version), Ok(rules));
        }
        Err(faults) => {
            assert!(!faults.is_empty());
            for (at, fault) in faults.iter().enumerate() {
                assert!(fault.at.is_empty() || fault.at.starts_with('/'), "{fault}");
                assert!(!faults[..at].contains(fault), "{fault} is told twice");
            }
        }
    }
});

/// A device of each family that says nothing else, and one that says nothing.
fn judge(rules: &RuleSet) {
    for family in OsFamily::ALL {
        assert!(rules.rules(*family).len() <= MOST_RULES);
        let posture = Posture::empty(*family, NOW);
        for posture in [Some(&posture), None] {
            let subject = Subject {
                device_id: DeviceId::from_uuid(Uuid::nil()),
                client_id: ClientId::from_uuid(Uuid::nil()),
                family: Some(*family),
                posture,
                groups: &[],
                management: Management::Unmanaged,
                first_seen_at: NOW,
            };
            let evaluation = rules.evaluate(&subject, NOW);
            assert_eq!(evaluation.outcome, rules.outcome(&subject, NOW));
            assert_eq!(evaluation.rules.len(), rules.rules(*family).len());
        }
    }
}
