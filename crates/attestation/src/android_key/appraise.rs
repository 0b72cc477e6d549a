//! Judging one attestation.

use super::{
    chain::Chain,
    key_description::{Application, KeyDescription},
    list::{List, RootOfTrust, field},
    policy::{App, Expected, Policy},
    refused::Refused,
    roots::Roots,
    status::StatusList,
    verdict::{BootState, Facts, Machine, SecurityLevel, Verdict},
};
use crate::{
    appraisal::{Appraisal, Checks},
    certificate::{Curve, KeyAlgorithm, SubjectPublicKey, hex},
    jws::PublicKey,
};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use countersign_core::{Timestamp, attestation::AttestationLevel};

/// The longest challenge that the hardware takes.
const MAX_CHALLENGE_BYTES: usize = 128;

/// Judges a chain of certificates in DER, the attested key's first.
///
/// `status` is looked at if the policy asks for it, and then has to be there.
pub fn appraise(
    chain: &[Vec<u8>],
    expected: &Expected<'_>,
    roots: &Roots,
    status: Option<&StatusList>,
) -> Appraisal<Verdict, Refused> {
    let mut checks = Checks::default();
    let outcome = judge(chain, expected, roots, status, &mut checks);
    checks.end(outcome)
}

fn judge(
    chain: &[Vec<u8>],
    expected: &Expected<'_>,
    roots: &Roots,
    status: Option<&StatusList>,
    checks: &mut Checks,
) -> Result<Verdict, Refused> {
    checks.ensure_presented(expected.presented_at, expected.now, Refused::PresentedLater)?;
    let chain = Chain::parse(chain, checks)?;
    chain.check(roots, status, expected, checks)?;
    let attestation = chain.attestation(checks)?;
    chain.check_attester(checks)?;
    let description = KeyDescription::parse(attestation).map_err(|_| Refused::InvalidDescription);
    let description = checks.note("key_description", description)?;
    check_challenge(&description, expected, checks)?;
    let is_strongbox = chain.is_strongbox();
    let (level, security_level) = check_level(&description, is_strongbox, expected.policy, checks)?;
    let hardware = &description.hardware;
    let (root, boot_state) = check_boot(hardware, expected.policy, checks)?;
    check_patch_level(hardware, expected.policy, checks)?;
    check_use(hardware, expected.policy, checks)?;
    let key = checks.note("key", attested_key(&chain.leaf()?.key, hardware))?;
    let application = check_application(&description.software, expected.policy, checks)?;
    let os_patch_level = number(hardware, field::OS_PATCH_LEVEL).map(to_month);
    let facts = Facts {
        serials: chain.serials(),
        provisioning: chain.provisioning,
        attestation_version: description.attestation_version,
        keymint_version: description.keymint_version,
        security_level,
        boot_state,
        is_locked: root.is_locked,
        boot_key: hex(root.boot_key),
        boot_hash: root.boot_hash.map(hex),
        os_version: number(hardware, field::OS_VERSION),
        os_patch_level,
        vendor_patch_level: number(hardware, field::VENDOR_PATCH_LEVEL),
        boot_patch_level: number(hardware, field::BOOT_PATCH_LEVEL),
        package: application.package,
        package_version: application.version,
        signing_digests: application.signing_digests,
        machine: machine(hardware),
    };
    Ok(Verdict { level, key, facts })
}

/// Judges a key that is attested in evidence of another platform, whose chain and challenge were
/// looked at: whether secure hardware of a device as the policy wants it keeps the key for an app
/// that the policy lists. What is listed is refused first, and what cannot be looked up last.
pub(crate) fn check_standing(
    chain: &Chain<'_>,
    description: &KeyDescription<'_>,
    policy: &Policy,
    status: Option<&StatusList>,
    now: Timestamp,
) -> Result<(), Refused> {
    let mut checks = Checks::default();
    let listed = chain.check_status(status, policy.revocation, now, &mut checks);
    if let Err(Refused::Revoked { .. }) = listed {
        return listed;
    }
    check_level(description, chain.is_strongbox(), policy, &mut checks)?;
    check_boot(&description.hardware, policy, &mut checks)?;
    check_patch_level(&description.hardware, policy, &mut checks)?;
    check_use(&description.hardware, policy, &mut checks)?;
    check_application(&description.software, policy, &mut checks)?;
    listed
}

fn check_challenge(
    description: &KeyDescription<'_>,
    expected: &Expected<'_>,
    checks: &mut Checks,
) -> Result<(), Refused> {
    // No challenge at all would be everybody's.
    let is_ours = (1..=MAX_CHALLENGE_BYTES).contains(&description.challenge.len())
        && verify_slices_are_equal(description.challenge, expected.challenge).is_ok();
    checks.ensure("challenge", is_ours, Refused::ChallengeMismatch)
}

/// A key in the trusted environment could say that it is in an element of its own: the chain has
/// to say so too.
fn check_level(
    description: &KeyDescription<'_>,
    is_strongbox: bool,
    policy: &Policy,
    checks: &mut Checks,
) -> Result<(AttestationLevel, SecurityLevel), Refused> {
    let are_equal = description.attestation_level == description.keymint_level;
    checks.ensure("levels_agree", are_equal, Refused::LevelsDiffer)?;
    let found = SecurityLevel::of(description.attestation_level);
    let found = found.filter(|level| *level >= SecurityLevel::Tee);
    let found = checks.note("secure_hardware", found.ok_or(Refused::SoftwareKey))?;
    let level = match found {
        SecurityLevel::StrongBox if is_strongbox => AttestationLevel::StrongBox,
        _ => AttestationLevel::Hardware,
    };
    if policy.is_strongbox_required {
        let is_enough = level == AttestationLevel::StrongBox;
        checks.ensure("strongbox", is_enough, Refused::NoStrongBox)?;
    }
    Ok((level, found))
}

/// Read from what the hardware enforces and from nowhere else: the system says what it likes.
fn check_boot<'a>(
    hardware: &List<'a>,
    policy: &Policy,
    checks: &mut Checks,
) -> Result<(RootOfTrust<'a>, BootState), Refused> {
    let root = hardware
        .root_of_trust(field::ROOT_OF_TRUST)
        .map_err(|_| Refused::InvalidDescription)
        .and_then(|root| root.ok_or(Refused::NoRootOfTrust));
    let root = checks.note("root_of_trust", root)?;
    checks.ensure("locked", root.is_locked, Refused::Unlocked)?;
    let keys = &policy.self_signed_boot_keys;
    let result = match BootState::of(root.boot_state) {
        Some(BootState::Verified) => Ok(BootState::Verified),
        Some(BootState::SelfSigned) if keys.iter().any(|key| key == root.boot_key) => {
            Ok(BootState::SelfSigned)
        }
        Some(BootState::SelfSigned) => Err(Refused::UnlistedBootKey),
        _ => Err(Refused::UnverifiedBoot),
    };
    let state = checks.note("verified_boot", result)?;
    Ok((root, state))
}

fn check_patch_level(
    hardware: &List<'_>,
    policy: &Policy,
    checks: &mut Checks,
) -> Result<(), Refused> {
    let Some(min) = policy.min_os_patch_level else {
        return Ok(());
    };
    let is_recent = number(hardware, field::OS_PATCH_LEVEL)
        .is_some_and(|level| to_month(level) >= u64::from(min));
    checks.ensure("os_patch_level", is_recent, Refused::OldPatchLevel)
}

/// Some devices write a day where there should be a month.
fn to_month(patch_level: u64) -> u64 {
    match patch_level {
        1_000_000.. => patch_level / 100,
        _ => patch_level,
    }
}

fn check_use(hardware: &List<'_>, policy: &Policy, checks: &mut Checks) -> Result<(), Refused> {
    let is_generated = number(hardware, field::ORIGIN) == Some(field::GENERATED);
    checks.ensure("origin", is_generated, Refused::NotGenerated)?;
    let purposes = hardware.numbers(field::PURPOSE).unwrap_or_default();
    let is_for_signing = purposes.contains(&field::SIGN)
        && purposes
            .iter()
            .all(|purpose| [field::SIGN, field::VERIFY].contains(purpose));
    checks.ensure("purpose", is_for_signing, Refused::WrongPurpose)?;
    if policy.is_user_authentication_required {
        checks.ensure(
            "user_authentication",
            demands_user(hardware),
            Refused::NoUserAuthentication,
        )?;
    }
    Ok(())
}

/// Whether whoever enforces this list lets the key sign only for a user that it recognised.
pub(crate) fn demands_user(list: &List<'_>) -> bool {
    list.find(field::NO_AUTH_REQUIRED).is_none()
        && number(list, field::USER_AUTH_TYPE).is_some_and(|kinds| kinds != 0)
}

/// The leaf's key, if hardware and certificate both say that it is on P-256.
fn attested_key(key: &SubjectPublicKey<'_>, hardware: &List<'_>) -> Result<PublicKey, Refused> {
    let is_p256 = match hardware.number(field::EC_CURVE) {
        Ok(Some(curve)) => curve == field::P_256,
        // The first versions knew only sizes.
        Ok(None) => number(hardware, field::KEY_SIZE) == Some(256),
        Err(_) => false,
    };
    let is_ec = number(hardware, field::ALGORITHM) == Some(field::EC);
    let is_point = key.algorithm == KeyAlgorithm::Ec(Curve::P256) && key.bits.len() == 65;
    if !is_ec || !is_p256 || !is_point {
        return Err(Refused::UnsupportedKey);
    }
    PublicKey::from_point(key.bits).map_err(|_| Refused::UnsupportedKey)
}

/// The app that asked, found among those that the policy lists.
struct Found {
    package: String,
    version: u64,
    signing_digests: Vec<String>,
}

/// Said by the system, so believed only once the system is.
fn check_application(
    software: &List<'_>,
    policy: &Policy,
    checks: &mut Checks,
) -> Result<Found, Refused> {
    let application = software
        .bytes(field::ATTESTATION_APPLICATION_ID)
        .ok()
        .flatten()
        .and_then(|der| Application::parse(der).ok());
    let application = checks.note("application", application.ok_or(Refused::NoApplication))?;
    let found = checks.note("package", find_package(&application, policy))?;
    let (app, version) = found;
    // Apps that share a user are signed alike: all digests are one app's.
    let are_ours = !application.signing_digests.is_empty()
        && application.signing_digests.iter().all(|digest| {
            let digests = &app.signing_digests;
            digests.iter().any(|ours| ours.as_slice() == *digest)
        });
    checks.ensure("signing_digests", are_ours, Refused::WrongSigner)?;
    let is_recent = app.min_version.is_none_or(|min| version >= min);
    checks.ensure("package_version", is_recent, Refused::OldVersion)?;
    Ok(Found {
        package: app.package.clone(),
        version,
        signing_digests: application
            .signing_digests
            .iter()
            .map(|digest| hex(digest))
            .collect(),
    })
}

fn find_package<'p>(
    application: &Application<'_>,
    policy: &'p Policy,
) -> Result<(&'p App, u64), Refused> {
    let packages = &application.packages;
    let found = packages.iter().find_map(|(name, version)| {
        let app = policy
            .apps
            .iter()
            .find(|app| app.package.as_bytes() == *name)?;
        Some((app, *version))
    });
    let is_unknown = packages
        .iter()
        .any(|(name, _)| *name == UNKNOWN_APPLICATION);
    match found {
        Some(found) => Ok(found),
        None if is_unknown => Err(Refused::UnknownApplication),
        None => Err(Refused::WrongPackage),
    }
}

/// What cannot be read is as good as absent.
fn number(list: &List<'_>, tag: u32) -> Option<u64> {
    list.number(tag).ok().flatten()
}

/// Which machine it is: only the hardware's own word counts.
fn machine(hardware: &List<'_>) -> Option<Machine> {
    let text = |tag| {
        hardware
            .bytes(tag)
            .ok()
            .flatten()
            .filter(|it| !it.is_empty())
            .map(hex)
    };
    let machine = Machine {
        manufacturer: text(field::ID_MANUFACTURER),
        serial: text(field::ID_SERIAL),
        imei: text(field::ID_IMEI),
    };
    let says_something = machine.serial.is_some() || machine.imei.is_some();
    says_something.then_some(machine)
}

/// What keystore writes, before Android 17, when it cannot find out who asked.
const UNKNOWN_APPLICATION: &[u8] = b"UnknownApplication";
