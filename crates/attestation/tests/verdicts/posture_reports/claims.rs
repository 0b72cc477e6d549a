//! Changed claims, all of them signed, and the edges of each limit.

use super::{
    CLAIMS, CreateReportError, KEY, MAX_REPORT_BYTES, Malformed, OsFamily, Report, Said, create,
    header, nothing_of, replace, report, sign, signed, verify,
};

/// (text in the claims, what replaces it)
const REFUSED: &[(&str, &str)] = &[
    (r#""device_id":"#, r#""a":"#),
    (r#""device_id":"dev_"#, r#""device_id":"app_"#),
    (r#""device_id":"dev_"#, r#""device_id":"dev_0"#),
    (r#""device_id":"#, r#""device_id":1,"a":"#),
    (r#""generation":2"#, r#""a":2"#),
    (r#""generation":2"#, r#""generation":0"#),
    (r#""generation":2"#, r#""generation":-1"#),
    (r#""generation":2"#, r#""generation":2.0"#),
    (r#""generation":2"#, r#""generation":"2""#),
    (r#""generation":2"#, r#""generation":9223372036854775808"#),
    (r#""generation":2"#, r#""generation":2,"generation":2"#),
    (r#""counter":7"#, r#""a":7"#),
    (r#""counter":7"#, r#""counter":-1"#),
    (r#""counter":7"#, r#""counter":7.5"#),
    (r#""counter":7"#, r#""counter":null"#),
    (r#""counter":7"#, r#""counter":9223372036854775808"#),
    (r#""counter":7"#, r#""counter":7,"\u0063ounter":8"#),
    (r#""counter":7"#, r#""counter":7,"a":1,"a":2"#),
    (r#""collected_at":"#, r#""a":"#),
    ("2027-01-15T08:00:00Z", "2027-01-15"),
    ("2027-01-15T08:00:00Z", "2027-01-15T08:00:00"),
    ("2027-01-15T08:00:00Z", "yesterday"),
    (r#""2027-01-15T08:00:00Z""#, "1800000000"),
    (r#""posture":"#, r#""a":"#),
    (r#""posture":"#, r#""posture":null,"a":"#),
    (r#""posture":"#, r#""posture":["android"],"a":"#),
    (r#""os_family":"#, r#""a":"#),
    (r#""os_family":"android""#, r#""os_family":"Android""#),
    (r#""os_family":"android""#, r#""os_family":null"#),
    (r#""os_version":"14""#, r#""os_version":14"#),
    (r#""os_version":"14""#, r#""os_version":"14\n""#),
    (r#""os_version":"14""#, r#""os_version":"14\u0000""#),
    (r#""os_version":"14""#, r#""os_version":"14\u0085""#),
    (
        r#""os_version":"14""#,
        r#""os_version":"14","os_version":"15""#,
    ),
    (
        r#""os_version":"14""#,
        r#""os_version":"14","os_\u0076ersion":"15""#,
    ),
    (r#""os_version":"14""#, r#""os_version":"14","a":1,"a":2"#),
    (r#""encrypted""#, r#""yes""#),
    (r#""encrypted""#, "true"),
    (r#""screen_lock":true"#, r#""screen_lock":"true""#),
    (r#""screen_lock":true"#, r#""screen_lock":1"#),
    ("}}", "}"),
    ("}}", "}}}"),
    ("}}", "}} 1"),
    (r#"{"device_id"#, r#"[{"device_id"#),
];

#[test]
fn changed_claims() {
    for (from, to) in REFUSED {
        let refused = signed(&replace(CLAIMS, from, to));
        assert_eq!(refused, Err(Malformed), "{from} -> {to}");
    }
}

#[test]
fn equal_claims_in_other_words() {
    for (from, to) in [
        (r#""counter":7"#, r#""counter":7,"battery":{"level":[1]}"#),
        (
            r#""os_version":"14""#,
            r#""os_version":"14","secure_boot":true"#,
        ),
        (r#""os_version":"14""#, r#""os_version":"14","kernel":null"#),
        (
            r#""os_version":"14""#,
            r#""os_version":"14","all_encryption":"unknown""#,
        ),
        // By whom and when it is said is not for the device to say.
        (
            r#""os_version":"14""#,
            r#""os_version":"14","source":"mdm","received_at":"2099-01-01T00:00:00Z""#,
        ),
        ("2027-01-15T08:00:00Z", "2027-01-15T09:00:00.000+01:00"),
        (r#""14""#, r#""\u00314""#),
    ] {
        assert_eq!(signed(&replace(CLAIMS, from, to)), Ok(report()), "{to}");
    }
}

#[test]
fn each_number_at_its_edges() {
    for (from, to, expected) in [
        (
            "\"generation\":2",
            "\"generation\":1",
            Report {
                generation: 1,
                ..report()
            },
        ),
        (
            "\"generation\":2",
            "\"generation\":9223372036854775807",
            Report {
                generation: i64::MAX,
                ..report()
            },
        ),
        (
            "\"counter\":7",
            "\"counter\":0",
            Report {
                counter: 0,
                ..report()
            },
        ),
        (
            "\"counter\":7",
            "\"counter\":9223372036854775807",
            Report {
                counter: i64::MAX,
                ..report()
            },
        ),
    ] {
        assert_eq!(signed(&replace(CLAIMS, from, to)), Ok(expected), "{to}");
    }
}

#[test]
fn each_text_has_64_characters_and_not_one_more() {
    for name in ["os_version", "kernel", "patch_level", "app_version"] {
        let claims = replace(
            CLAIMS,
            r#""os_version":"14","patch_level":"2026-12-05","#,
            "",
        );
        let with = |text: &str| {
            let member = format!(r#""os_family":"android","{name}":"{text}""#);
            signed(&replace(&claims, r#""os_family":"android""#, &member))
        };
        for fits in ["", "a", &"a".repeat(64), &"é".repeat(64), &"𝄞".repeat(64)] {
            let posture = serde_json::to_value(with(fits).unwrap().posture).unwrap();
            assert_eq!(posture[name], fits);
        }
        for too_long in ["a".repeat(65), "é".repeat(65), "a".repeat(257)] {
            assert_eq!(with(&too_long), Err(Malformed), "{name}");
        }
        assert_eq!(with(r"a\tb"), Err(Malformed), "{name}");
    }
}

#[test]
fn a_report_has_8_kib_and_not_one_byte_more() {
    let of_length = |length: usize| {
        let jws = |padding: usize| {
            let more = format!(r#""a":"{}","counter":7"#, "a".repeat(padding));
            sign(&KEY, header(), replace(CLAIMS, r#""counter":7"#, &more))
        };
        (0..8192).map(jws).find(|jws| jws.len() >= length).unwrap()
    };
    let fits = of_length(MAX_REPORT_BYTES);
    assert_eq!(fits.len(), MAX_REPORT_BYTES);
    assert!(verify(&fits).is_ok());
    let too_long = of_length(MAX_REPORT_BYTES + 1);
    assert_eq!(verify(&too_long), Err(Malformed));
}

#[test]
fn nothing_is_made_that_nobody_would_take() {
    let said = |posture| Report {
        posture,
        ..report()
    };
    let nothing = nothing_of(OsFamily::Ios);
    for unfit in [
        Report {
            generation: 0,
            ..report()
        },
        Report {
            counter: -1,
            ..report()
        },
        said(Said {
            os_version: Some("a".repeat(65)),
            ..nothing.clone()
        }),
        said(Said {
            kernel: Some("a\n".to_owned()),
            ..nothing.clone()
        }),
        said(Said {
            patch_level: Some("\u{7f}".to_owned()),
            ..nothing.clone()
        }),
        said(Said {
            app_version: Some("é".repeat(65)),
            ..nothing
        }),
    ] {
        assert_eq!(
            create(&KEY, &unfit),
            Err(CreateReportError::OutOfRange),
            "{unfit:?}"
        );
    }
}
