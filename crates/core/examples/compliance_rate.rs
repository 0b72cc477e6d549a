//! Prints how many devices one core judges in a second, in the short form that sweeps and plans use.
//!
//! `compliance_rate [DEVICES]`, 1,000,000 of them unless told otherwise, against 20 rules about their system.

use countersign_core::{
    ClientId, DeviceId, Timestamp,
    compliance::{
        evaluate::{Subject, Verdict},
        file::RuleFile,
        posture::{DiskEncryption, Posture},
        rules::{Management, RuleSet, RuleSetVersion},
        version::OsFamily,
    },
};
use std::{
    error::Error,
    fmt::Write as _,
    io::Write as _,
    time::{Duration, SystemTime},
};
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const RULES: usize = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let devices: u64 = std::env::args()
        .nth(1)
        .map_or(Ok(1_000_000), |number| number.parse())?;
    let rules = rules()?;
    let postures: Vec<Posture> = (0..devices).map(posture).collect();
    let groups = ["sales".to_owned(), "berlin".to_owned()];
    let started = now();
    let mut counts = [0usize; 3];
    for (number, posture) in postures.iter().enumerate() {
        let subject = Subject {
            device_id: DeviceId::from_uuid(Uuid::from_u128(u128::try_from(number)?)),
            client_id: ClientId::from_uuid(Uuid::from_u128(1)),
            family: None,
            posture: Some(posture),
            groups: &groups,
            management: Management::Managed,
            first_seen_at: NOW,
        };
        counts[match rules.outcome(&subject, NOW).verdict {
            Verdict::Compliant => 0,
            Verdict::NonCompliant => 1,
            Verdict::Unknown => 2,
        }] += 1;
    }
    let took = now().duration_since(started)?.max(Duration::from_nanos(1));
    let [compliant, non_compliant, unknown] = counts;
    let mut out = std::io::stdout();
    writeln!(
        out,
        "devices {devices}, rules about each {RULES}, took {took:?}"
    )?;
    writeln!(
        out,
        "compliant {compliant}, non_compliant {non_compliant}, unknown {unknown}"
    )?;
    let each = took.as_nanos() / u128::from(devices.max(1));
    writeln!(
        out,
        "{each} ns a device, {} devices a second",
        1_000_000_000 / each.max(1)
    )?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "it measures real time")]
fn now() -> SystemTime {
    SystemTime::now()
}

/// Twenty rules about Android: every check that there is for it, narrowed in every way.
fn rules() -> Result<RuleSet, Box<dyn Error>> {
    let checks = [
        "os_version = { at_least = \"12\" }",
        "patch_level = { at_least = \"2024-06-01\" }",
        "encryption = { volume = \"system\", is = [\"encrypted\"] }",
        "screen_lock = true",
        "app_version = { at_least = \"2.10\" }",
    ];
    let scopes = [
        "",
        "fresh_within = \"30d\"",
        "applies_to = { management = \"managed\", group = [\"it\", \"berlin\"] }",
        "rollout_percent = 50",
    ];
    let mut text = String::new();
    for number in 0..RULES {
        let (check, scope) = (checks[number % checks.len()], scopes[number / checks.len()]);
        write!(
            text,
            "[[rule]]\nid = \"rule-{number}\"\nplatform = \"android\"\neffect = \"downgrade\"\n"
        )?;
        writeln!(text, "check = {{ {check} }}\n{scope}")?;
    }
    let file: RuleFile = toml::from_str(&text)?;
    let version = RuleSetVersion::from_hash(countersign_core::token::sha256(text.as_bytes()));
    file.validate(version)
        .map_err(|faults| format!("{faults:?}").into())
}

fn posture(number: u64) -> Posture {
    let age = Duration::from_hours(number % 800);
    Posture {
        os_version: Some(format!("{}.{}", 11 + number % 6, number % 3)),
        patch_level: Some(format!("2024-{:02}-05", 1 + number % 12)),
        system_encryption: DiskEncryption::ALL[usize::from(number.is_multiple_of(17))],
        screen_lock: Some(!number.is_multiple_of(19)),
        app_version: (!number.is_multiple_of(23)).then(|| format!("2.{}.1", 9 + number % 7)),
        ..Posture::empty(OsFamily::Android, NOW.minus(age))
    }
}
