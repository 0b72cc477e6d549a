//! What each check asks.

use super::*;

#[test]
fn versions_are_compared_number_by_number() {
    use RuleResult::{Fail, Pass};
    for (family, check, version, expected) in [
        (OsFamily::Ios, "at_least = \"16.0\"", "16", Pass),
        (OsFamily::Ios, "at_least = \"16.0\"", "9.3", Fail),
        (OsFamily::Ios, "at_least = \"16.5.1 (c)\"", "16.5.1", Fail),
        (OsFamily::Macos, "exactly = \"10.5.19041\"", "10.5", Fail),
        (OsFamily::Macos, "exactly = \"10.5\"", "10.5.1", Fail),
        (OsFamily::Macos, "at_least = \"10.5.0\"", "10.5", Pass),
        (OsFamily::Macos, "at_least = \"11.6.0\"", "11.6", Pass),
        (OsFamily::Macos, "exactly = \"11.6.0\"", "11.6", Pass),
        (OsFamily::Macos, "at_least = \"11.6\"", "x.y.1", UNPARSABLE),
        (OsFamily::Macos, "at_least = \"11.6\"", "10.", UNPARSABLE),
        (
            OsFamily::Macos,
            "at_least = \"11.6\"",
            "this is not a version",
            UNPARSABLE,
        ),
        (OsFamily::Macos, "at_least = \"11.6\"", "", MISSING),
    ] {
        let check = format!("check = {{ os_version = {{ {check} }} }}");
        let rules = one_rule(family.as_str(), &check);
        assert_eq!(
            result(&rules, &versioned(family, version)),
            expected,
            "{check} {version}"
        );
    }
}

#[test]
fn a_branch_of_windows_has_a_minimum_of_its_own() {
    use RuleResult::{Fail, Pass};
    let branches =
        "check = { os_version = { branch = { \"22631\" = \"4460\", \"26100\" = \"2314\" } } }";
    let rules = one_rule("windows", branches);
    for (version, expected) in [
        ("10.0.22631.4460", Pass),
        ("10.0.22631.4459", Fail),
        ("10.0.22631", Fail),
        ("10.0.26100.2313", Fail),
        ("10.0.26100.32230", Pass),
        ("10.0.22621.9999", Fail),
        ("10.0.25398.9999", Fail),
        ("10.0.26200.1", UNLISTED),
        ("6.1.26100.9999", Fail),
        ("11", UNPARSABLE),
    ] {
        assert_eq!(
            result(&rules, &versioned(OsFamily::Windows, version)),
            expected,
            "{version}"
        );
    }
}

#[test]
fn branches_are_in_the_order_of_their_numbers() {
    // As texts, 9926 comes after 10240.
    let rules = one_rule(
        "windows",
        "check = { os_version = { branch = { \"9926\" = \"1\", \"10240\" = \"1\" } } }",
    );
    for (version, expected) in [
        ("10.0.9926.1", RuleResult::Pass),
        ("10.0.10240.1", RuleResult::Pass),
        ("10.0.10074.1", RuleResult::Fail),
        ("10.0.10586.1", UNLISTED),
    ] {
        let posture = versioned(OsFamily::Windows, version);
        assert_eq!(result(&rules, &posture), expected, "{version}");
    }
}

#[test]
fn distributions_and_kernels_are_two_things() {
    use RuleResult::{Fail, Pass};
    let distros = "check = { os_version = { distro = { ubuntu = \"22.04\", Debian = \"12\" } } }";
    let rules = one_rule("linux", distros);
    for (version, expected) in [
        ("ubuntu 22.04", Pass),
        ("ubuntu 20.04", Fail),
        ("Debian 13", Pass),
        ("debian 11", Fail),
        ("fedora 99", UNLISTED),
        ("22.04", UNPARSABLE),
    ] {
        assert_eq!(
            result(&rules, &versioned(OsFamily::Linux, version)),
            expected,
            "{version}"
        );
    }
    let rules = one_rule("linux", "check = { kernel = { at_least = \"6.8.0-45\" } }");
    for (kernel, expected) in [
        ("6.8.0-100-generic", Pass),
        ("6.8.0-45-generic", Pass),
        ("6.8.0-44-generic", Fail),
        ("6.5.11-linuxkit", Fail),
        ("6.10.11-linuxkit", Pass),
        ("unknown", UNPARSABLE),
    ] {
        let posture = Posture {
            kernel: Some(kernel.to_owned()),
            ..versioned(OsFamily::Linux, "ubuntu 24.04")
        };
        assert_eq!(result(&rules, &posture), expected, "{kernel}");
    }
}

#[test]
fn what_is_not_reported_is_unknown_whatever_is_asked() {
    for check in [
        "os_version = { at_least = \"12\" }",
        "patch_level = { at_least = \"2025-06-01\" }",
        "encryption = { volume = \"system\", is = [\"encrypted\"] }",
        "encryption = { volume = \"all\", is = [\"unencrypted\"] }",
        "screen_lock = true",
        "app_version = { at_least = \"1.0\" }",
    ] {
        let rules = one_rule("android", &format!("check = {{ {check} }}"));
        let posture = Posture::empty(OsFamily::Android, NOW);
        assert_eq!(result(&rules, &posture), MISSING, "{check}");
        let outcome = rules.outcome(&subject(Some(&posture)), NOW);
        assert_eq!(outcome.verdict, Verdict::Unknown);
    }
}

#[test]
fn each_fact_is_held_against_its_own_rule() {
    use RuleResult::{Fail, Pass};
    let base = || Posture::empty(OsFamily::Android, NOW);
    let patched = |text: &str| Posture {
        patch_level: Some(text.to_owned()),
        ..base()
    };
    let system = |system_encryption| Posture {
        system_encryption,
        all_encryption: DiskEncryption::Unencrypted,
        ..base()
    };
    let locked = |is_set| Posture {
        screen_lock: Some(is_set),
        ..base()
    };
    let app = |text: &str| Posture {
        app_version: Some(text.to_owned()),
        ..base()
    };
    let patch_level = "patch_level = { at_least = \"2025-06-05\" }";
    let encryption = "encryption = { volume = \"system\", is = [\"encrypted\", \"partial\"] }";
    for (check, posture, expected) in [
        (patch_level, patched("2025-06-05"), Pass),
        (patch_level, patched("2025-06-01"), Fail),
        (patch_level, patched("20250605"), UNPARSABLE),
        (encryption, system(DiskEncryption::Encrypted), Pass),
        (encryption, system(DiskEncryption::Partial), Pass),
        (
            encryption,
            system(DiskEncryption::EncryptedKeyExposed),
            Fail,
        ),
        (encryption, system(DiskEncryption::Unsupported), Fail),
        (
            "encryption = { volume = \"all\", is = [\"encrypted\"] }",
            system(DiskEncryption::Encrypted),
            Fail,
        ),
        ("screen_lock = true", locked(true), Pass),
        ("screen_lock = true", locked(false), Fail),
        ("app_version = { at_least = \"2.10\" }", app("2.9"), Fail),
        ("app_version = { at_least = \"2.10\" }", app("2.10"), Pass),
        ("app_version = { at_least = \"2.10\" }", app("2.10.1"), Pass),
        ("os = true", base(), Pass),
    ] {
        let rules = one_rule("android", &format!("check = {{ {check} }}"));
        assert_eq!(result(&rules, &posture), expected, "{check} {posture:?}");
    }
}
