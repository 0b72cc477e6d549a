//! No bytes make the reader of status lists panic, and a list that is read can be looked up in.

#![no_main]

use countersign_attestation::android_key::{StatusList, Unusable};
use countersign_core::Timestamp;
use libfuzzer_sys::fuzz_target;
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const DAY: Duration = Duration::from_hours(24);

fuzz_target!(|data: &[u8]| {
    let Ok(list) = StatusList::parse(data, NOW) else {
        return;
    };
    // Numbers that are passed over may be too large for a value.
    let Ok(json) = serde_json::from_slice::<serde_json::Value>(data) else {
        return;
    };
    let entries = json["entries"].as_object().expect("an object");
    assert!(
        list.len() <= entries.len(),
        "one serial may be written in two ways"
    );
    for serial in entries.keys() {
        for written in [serial.to_ascii_uppercase(), format!("00{serial}")] {
            assert!(list.find_status(&written).is_some(), "{written}");
        }
        assert!(matches!(
            list.check([serial], NOW, DAY),
            Err(Unusable::Listed { .. })
        ));
        let stale = list.check([serial], NOW.plus(DAY * 2), DAY);
        assert_eq!(stale, Err(Unusable::Stale));
    }
});
