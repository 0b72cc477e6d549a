//! The list of certificates that Google took back.

use countersign_attestation::android_key::{InvalidStatusList, Status, StatusList, Unusable};
use countersign_core::Timestamp;
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const DAY: Duration = Duration::from_hours(24);

const LIST: &str = r#"{"entries":{
    "6681152659205225093":{"status":"REVOKED","reason":"KEY_COMPROMISE"},
    "cc66e9a93713b6e643b26c15879786f7":{"status":"SUSPENDED","expires":"2030-01-01","comment":"x"}
}}"#;

fn list() -> StatusList {
    StatusList::parse(LIST.as_bytes(), NOW).unwrap()
}

#[test]
fn serials_are_found_however_they_are_written() {
    let list = list();
    assert_eq!((list.len(), list.as_of()), (2, NOW));
    for serial in ["6681152659205225093", "06681152659205225093"] {
        assert_eq!(list.find_status(serial), Some(Status::Revoked));
    }
    for serial in [
        "cc66e9a93713b6e643b26c15879786f7",
        "CC66E9A93713B6E643B26C15879786F7",
        "00cc66e9a93713b6e643b26c15879786f7",
    ] {
        assert_eq!(list.find_status(serial), Some(Status::Suspended));
    }
    for serial in [
        "1",
        "",
        "0",
        "d50ff25ba3f2d6b3",
        "cc66e9a93713b6e643b26c15879786f",
    ] {
        assert_eq!(list.find_status(serial), None);
    }
}

/// Writers of lists are not to be relied on either.
#[test]
fn entries_are_found_however_they_are_written() {
    let json = br#"{"entries":{"00CC66":{"status":"REVOKED"}}}"#;
    let list = StatusList::parse(json, NOW).unwrap();
    assert_eq!(list.find_status("cc66"), Some(Status::Revoked));
}

#[test]
fn stricter_one_of_two_entries_counts() {
    let find = |first: &str, second: &str| {
        let json = format!(
            r#"{{"entries":{{"00aB":{{"status":"{first}"}},"2":{{"status":"REVOKED"}},
                "ab":{{"status":"{second}"}}}}}}"#
        );
        let list = StatusList::parse(json.as_bytes(), NOW).unwrap();
        assert_eq!(list.len(), 2);
        list.find_status("AB").unwrap()
    };
    for (one, other, stricter) in [
        ("REVOKED", "SUSPENDED", Status::Revoked),
        ("REVOKED", "NEW", Status::Revoked),
        ("SUSPENDED", "NEW", Status::Suspended),
        ("NEW", "NEWER", Status::Unknown),
    ] {
        assert_eq!(find(one, other), stricter);
        assert_eq!(find(other, one), stricter);
    }
}

#[test]
fn kept_serials_are_looked_up_again() {
    let kept = ["1", "d50f", "6681152659205225093"];
    assert_eq!(list().check(&kept[..2], NOW, DAY), Ok(()));
    let listed = Unusable::Listed {
        serial: kept[2].to_owned(),
        status: Status::Revoked,
    };
    assert_eq!(list().check(kept, NOW, DAY), Err(listed));
}

#[test]
fn stale_lists_say_nothing() {
    let check = |now| list().check(["1"], now, DAY);
    assert_eq!(check(NOW.plus(DAY)), Ok(()));
    let late = NOW.plus(DAY).plus(Duration::from_micros(1));
    assert_eq!(check(late), Err(Unusable::Stale));
    assert_eq!(check(NOW.minus(Duration::from_mins(5))), Ok(()));
    assert_eq!(
        check(NOW.minus(Duration::from_mins(6))),
        Err(Unusable::Stale)
    );
}

#[test]
fn what_is_no_list_is_refused() {
    for json in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"entries":[]}"#,
        r#"{"entries":null}"#,
        r#"{"entries":{"1":"REVOKED"}}"#,
        r#"{"entries":{"1":{}}}"#,
        r#"{"entries":{"1":{"status":1}}}"#,
        r#"{"entries":{},"entries":{}}"#,
        r#"{"entries":{}} x"#,
        "<html>502</html>",
    ] {
        let refused = StatusList::parse(json.as_bytes(), NOW).err();
        assert_eq!(refused, Some(InvalidStatusList::Malformed), "{json}");
    }
    let bytes = b"{\"entries\":{\"1\":{\"status\":\"REVOKED\",\"reason\":\"\xff\"}}}";
    let refused = StatusList::parse(bytes, NOW).err();
    assert_eq!(refused, Some(InvalidStatusList::Malformed));
    let huge = vec![b' '; 16 * 1024 * 1024 + 1];
    let refused = StatusList::parse(&huge, NOW).err();
    assert_eq!(refused, Some(InvalidStatusList::TooLong));
}

#[test]
fn truncated_lists_are_refused() {
    for length in 0..LIST.len() - 1 {
        let json = &LIST.as_bytes()[..length];
        assert!(StatusList::parse(json, NOW).is_err(), "{length}");
    }
}
