mod tables;

use super::*;
use proptest::prelude::*;
use std::cmp::Ordering;

type Parsed = Option<(OsVersion, Option<Dotted>, Option<PatchLevel>)>;

#[test]
fn what_is_no_version_is_unknown() {
    let texts = [
        "",
        " ",
        ".",
        "x.y.1",
        "10.",
        ".10",
        "10..1",
        "this is not a version",
        "16.0 ",
        " 16.0",
        "16,0",
        "16.0-beta",
        "-1",
        "+1",
        "1.2.3.4.5.6",
        "4294967296",
        "١٦.٠",
        "vv16",
        "16.0 (cc)",
        "16.0 (",
        "16.0 ()",
        "16.0 (C)",
        "16.0  (a)",
        "16.0 (a) ",
        "(a)",
        "R119",
        "R119-",
        "R-15633.69.0",
        "API",
        "API ",
        "16\u{0}",
    ];
    for family in OsFamily::ALL {
        for text in texts {
            assert_eq!(OsVersion::parse(*family, text), None, "{family} {text:?}");
        }
    }
    for text in [
        "",
        "x.y.1",
        "10.",
        "6.8.0-",
        "-6",
        "v",
        "linux",
        "99999999999.1",
        "1.2.3.4.5.6.7",
    ] {
        assert_eq!(Dotted::parse_kernel(text), None, "{text:?}");
    }
    let dates = [
        "",
        "2025-06",
        "2025-6-5",
        "2025-13-01",
        "2025-02-29",
        "2025-06-00",
        "20250605",
        "2025-06-05 ",
        "+025-06-05",
        "2025/06/05",
        "2025-06-0é",
    ];
    for text in dates {
        assert_eq!(PatchLevel::parse(text), None, "{text:?}");
    }
}

#[test]
fn names_and_other_numbers_are_not_taken_for_versions() {
    for (family, text) in [
        (OsFamily::Windows, "11"),
        (OsFamily::Windows, "10.0.22631.4460.1"),
        (OsFamily::Windows, "23H2"),
        (OsFamily::Android, "34"),
        (OsFamily::Android, "Tiramisu"),
        (OsFamily::Android, "API 20"),
        (OsFamily::Android, "API 37"),
        (OsFamily::Android, "API 34.5"),
        (OsFamily::Chromeos, "119"),
        (OsFamily::Chromeos, "119.0.6045.214"),
        (OsFamily::Linux, "6.8.0"),
        (OsFamily::Linux, "24.04"),
        (OsFamily::Linux, "ubuntu"),
        (OsFamily::Linux, "24.04 ubuntu"),
        (OsFamily::Other, "1.0"),
    ] {
        assert_eq!(OsVersion::parse(family, text), None, "{family} {text}");
    }
}

#[test]
fn families_are_named_in_any_case() {
    for name in ["macos", "macOS", "MACOS"] {
        assert_eq!(OsFamily::named(name), Some(OsFamily::Macos));
    }
    assert_eq!(OsFamily::named("mac os"), None);
    assert_eq!(OsFamily::named(""), None);
}

#[test]
fn distributions_stand_side_by_side() {
    let parse = |text| OsVersion::parse(OsFamily::Linux, text).unwrap();
    assert_eq!(parse("Ubuntu 24.04"), parse("ubuntu 24.4"));
    assert_ne!(parse("ubuntu 12").distro(), parse("debian 12").distro());
    assert_eq!(
        parse("opensuse-leap 15.6").to_string(),
        "opensuse-leap 15.6"
    );
}

fn family() -> impl Strategy<Value = OsFamily> {
    proptest::sample::select(OsFamily::ALL)
}

/// Texts near to what systems write, so that most of them are read.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "v?[0-9]{1,2}(\\.[0-9]{1,3}){0,4}( ?\\([a-c]\\))?",
        "10\\.0\\.[0-9]{4,5}(\\.[0-9]{1,4})?",
        "API (2[0-9]|3[0-9])",
        "(ubuntu|debian|fedora) [0-9]{1,2}(\\.[0-9]{1,2}){0,2}",
        "(R[0-9]{2,3}-)?[0-9]{4,5}\\.[0-9]{1,3}\\.[0-9]",
        "[0-9]{1,2}(\\.[0-9]{1,2}){0,4}(-[0-9]{1,3})?(-generic)?",
    ]
}

fn parsed(family: OsFamily, text: &str) -> Parsed {
    let version = OsVersion::parse(family, text)?;
    Some((version, Dotted::parse_kernel(text), PatchLevel::parse(text)))
}

proptest! {
    #[test]
    fn the_order_is_total(family in family(), texts in [text(), text(), text()]) {
        let versions = texts.iter().filter_map(|text| parsed(family, text)).collect::<Vec<_>>();
        for a in &versions {
            prop_assert_eq!(a.cmp(a), Ordering::Equal);
            for b in &versions {
                prop_assert_eq!(a.cmp(b), b.cmp(a).reverse());
                prop_assert_eq!(a.cmp(b) == Ordering::Equal, a == b);
                for c in &versions {
                    prop_assert!(!(a <= b && b <= c) || a <= c);
                }
            }
        }
    }

    #[test]
    fn versions_round_trip(family in family(), text in text()) {
        if let Some(version) = OsVersion::parse(family, &text) {
            prop_assert_eq!(OsVersion::parse(family, &version.to_string()), Some(version));
            prop_assert_eq!(version.family(), family);
        }
        if let Some(kernel) = Dotted::parse_kernel(&text) {
            prop_assert_eq!(Dotted::parse_kernel(&kernel.to_string()), Some(kernel));
        }
    }

    #[test]
    fn patch_levels_round_trip_and_are_ordered_as_days(days in [0i32..40_000, 0i32..40_000]) {
        let epoch = jiff::civil::date(1990, 1, 1);
        let levels = days.map(|day| {
            let date = epoch + jiff::Span::new().days(day);
            PatchLevel::parse(&date.to_string()).unwrap()
        });
        for level in levels {
            prop_assert_eq!(PatchLevel::parse(&level.to_string()), Some(level));
        }
        prop_assert_eq!(levels[0].cmp(&levels[1]), days[0].cmp(&days[1]));
    }

    #[test]
    fn more_numbers_weigh_less(left: [u8; 5], right: [u8; 5]) {
        let text = |numbers: [u8; 5]| numbers.map(|number| number.to_string()).join(".");
        let parse = |numbers| OsVersion::parse(OsFamily::Macos, &text(numbers));
        prop_assert_eq!(parse(left).unwrap().cmp(&parse(right).unwrap()), left.cmp(&right));
    }

    #[test]
    fn any_text_is_read_or_unknown(family in family(), text in "\\PC{0,40}|[0-9.()vRa-c -]{0,20}") {
        let _ = parsed(family, &text);
        let _ = Dotted::parse_kernel(&text);
        let _ = PatchLevel::parse(&text);
    }
}
