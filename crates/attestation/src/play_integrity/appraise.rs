//! Judging what a verdict of Google's says, wherever it was read.

use super::{
    payload::{self, AppIntegrity, Payload, RequestDetails},
    policy::{App, Binding, Expected, Policy},
    refused::Refused,
    verdict::{AppRecognition, DeviceIntegrity, Facts, Licensing, Verdict, device_integrity},
};
use crate::{
    appraisal::Checks,
    jws::{Object, Text},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_core::{
    Timestamp,
    attestation::{AttestationEnvironment, AttestationLevel},
};

/// The longest of Google's words that is kept.
const MAX_WORD_BYTES: usize = 64;

/// The most of Google's words of one kind that are kept.
const MAX_WORDS: usize = 16;

/// The request first: a verdict for somebody else is not worth reading.
pub(super) fn judge(
    payload: Option<Payload<'_>>,
    expected: &Expected<'_>,
    checks: &mut Checks,
) -> Result<Verdict, Refused> {
    checks.ensure_presented(expected.presented_at, expected.now, Refused::PresentedLater)?;
    let payload = checks.note("payload", payload.ok_or(Refused::InvalidPayload))?;
    let policy = expected.policy;
    let (asking, requested_at) = check_request(&payload, expected, checks)?;
    let is_real = !payload.testing_details;
    let is_testing = policy.environment == AttestationEnvironment::Development;
    checks.ensure(
        "testing_details",
        is_real || is_testing,
        Refused::TestAnswer,
    )?;
    let app = check_app(&payload, asking, policy, checks)?;
    let device = check_device(&payload, policy, checks)?;
    let licensing = check_license(&payload, policy, checks)?;
    let (play_protect, app_access) = check_surroundings(&payload, policy, checks)?;
    let environment = if is_real {
        AttestationEnvironment::Production
    } else {
        AttestationEnvironment::Development
    };
    let facts = Facts {
        requested_at,
        package: asking.package.clone(),
        version_code: app.version_code,
        app_recognition: app.recognition,
        signing_digests: app.signing_digests,
        device,
        licensing,
        play_protect,
        app_access,
        device_activity: activity(&payload),
        sdk_version: sdk_version(&payload),
    };
    Ok(Verdict {
        level: AttestationLevel::App,
        environment,
        facts,
    })
}

fn check_request<'p>(
    payload: &Payload<'_>,
    expected: &Expected<'p>,
    checks: &mut Checks,
) -> Result<(&'p App, Timestamp), Refused> {
    let policy = expected.policy;
    let request = payload.request_details.as_ref().map(|Object(one)| one);
    let name = request.and_then(|request| request.request_package_name.as_ref());
    let app = name.and_then(|Text(name)| policy.apps.iter().find(|app| app.package == *name));
    let app = checks.note("request_package", app.ok_or(Refused::WrongRequestPackage))?;
    checks.note("binding", check_binding(request, expected.binding))?;
    let millis = request.and_then(|request| request.timestamp_millis?.0);
    let time = millis.and_then(|millis| i64::try_from(millis).ok()?.checked_mul(1000));
    let time = checks.note("request_time", time.ok_or(Refused::NoTime))?;
    let time = Timestamp::from_micros(time);
    let is_old = time < expected.presented_at.minus(policy.max_age);
    checks.ensure("request_not_old", !is_old, Refused::TooOld)?;
    let is_new = time > expected.presented_at.plus(policy.max_skew);
    checks.ensure("request_not_new", !is_new, Refused::TooNew)?;
    Ok((app, time))
}

fn check_binding(
    request: Option<&RequestDetails<'_>>,
    binding: Binding<'_>,
) -> Result<(), Refused> {
    let request = request.ok_or(Refused::NotBound)?;
    let (found, expected) = match binding {
        Binding::Nonce(nonce) => {
            let found = request.nonce.as_ref();
            // Padding says nothing, and is not always given back as it was handed in.
            (
                found.map(|Text(text)| text.trim_end_matches('=')),
                nonce.trim_end_matches('='),
            )
        }
        Binding::RequestHash(hash) => {
            let found = request.request_hash.as_ref();
            (found.map(|Text(text)| text.as_ref()), hash)
        }
    };
    match found {
        None | Some("") => Err(Refused::NotBound),
        Some(found) if found == expected => Ok(()),
        Some(_) => Err(Refused::BindingMismatch),
    }
}

/// What is said of the app, once it is believed.
struct FoundApp {
    version_code: u64,
    recognition: AppRecognition,
    signing_digests: Vec<String>,
}

fn check_app(
    payload: &Payload<'_>,
    asking: &App,
    policy: &Policy,
    checks: &mut Checks,
) -> Result<FoundApp, Refused> {
    let app = payload.app_integrity.as_ref();
    let app = app.map(|Object(app)| app).ok_or(Refused::AppUnrecognized);
    let recognized = app.and_then(|app| Ok((app, recognition(app, policy)?)));
    let (app, recognition) = checks.note("app_recognition", recognized)?;
    let is_same = app
        .package_name
        .as_ref()
        .is_some_and(|Text(name)| *name == asking.package);
    checks.ensure("package", is_same, Refused::WrongPackage)?;
    let digests = app.certificate_sha256_digest.as_deref().unwrap_or_default();
    let are_ours = !digests.is_empty() && digests.iter().all(|digest| is_ours(digest, asking));
    checks.ensure("signing_digests", are_ours, Refused::WrongSigner)?;
    let version_code = app.version_code.and_then(|number| number.0);
    let version_code = checks.note("version_code", version_code.ok_or(Refused::NoVersion))?;
    let is_recent = asking.min_version.is_none_or(|min| version_code >= min);
    checks.ensure("min_version_code", is_recent, Refused::OldVersion)?;
    Ok(FoundApp {
        version_code,
        recognition,
        signing_digests: digests
            .iter()
            .map(|Text(digest)| digest.to_string())
            .collect(),
    })
}

fn recognition(app: &AppIntegrity<'_>, policy: &Policy) -> Result<AppRecognition, Refused> {
    let verdict = app
        .app_recognition_verdict
        .as_ref()
        .map(|Text(text)| text.as_ref());
    match verdict {
        Some("PLAY_RECOGNIZED") => Ok(AppRecognition::PlayRecognized),
        Some("UNRECOGNIZED_VERSION") if policy.is_unrecognized_version_accepted => {
            Ok(AppRecognition::UnrecognizedVersion)
        }
        Some("UNEVALUATED") => Err(Refused::AppUnevaluated),
        _ => Err(Refused::AppUnrecognized),
    }
}

fn is_ours(Text(digest): &Text<'_>, app: &App) -> bool {
    URL_SAFE_NO_PAD
        .decode(digest.as_bytes())
        .is_ok_and(|digest| app.signing_digests.contains(&digest))
}

fn check_device(
    payload: &Payload<'_>,
    policy: &Policy,
    checks: &mut Checks,
) -> Result<Vec<DeviceIntegrity>, Refused> {
    let labels = device(payload).and_then(|device| device.device_recognition_verdict.as_deref());
    let mut found = Vec::new();
    for Text(label) in labels.unwrap_or_default() {
        if let Some(label) = device_integrity(label)
            && !found.contains(&label)
        {
            found.push(label);
        }
    }
    let is_met = found.iter().any(|label| label.meets(policy.device));
    checks.ensure("device_integrity", is_met, Refused::DeviceIntegrity)?;
    Ok(found)
}

fn check_license(
    payload: &Payload<'_>,
    policy: &Policy,
    checks: &mut Checks,
) -> Result<Option<Licensing>, Refused> {
    let account = payload.account_details.as_ref();
    let verdict = account.and_then(|Object(account)| account.app_licensing_verdict.as_ref());
    let licensing = verdict.and_then(|Text(verdict)| Licensing::of(verdict));
    if policy.is_license_required {
        let result = match licensing {
            Some(Licensing::Licensed) => Ok(()),
            Some(Licensing::Unevaluated) => Err(Refused::LicenseUnevaluated),
            Some(Licensing::Unlicensed) | None => Err(Refused::Unlicensed),
        };
        checks.note("licensing", result)?;
    }
    Ok(licensing)
}

/// What is around the app: optional, and refused only by name.
fn check_surroundings(
    payload: &Payload<'_>,
    policy: &Policy,
    checks: &mut Checks,
) -> Result<(Option<String>, Vec<String>), Refused> {
    let details = payload
        .environment_details
        .as_ref()
        .map(|Object(details)| details);
    let play_protect = details.and_then(|details| word(details.play_protect_verdict.as_ref()?));
    if policy.is_silence_refused && !policy.refused_play_protect.is_empty() {
        let is_said = play_protect.is_some();
        checks.ensure("play_protect_said", is_said, Refused::NoPlayProtect)?;
    }
    let is_good = play_protect
        .as_ref()
        .is_none_or(|word| !policy.refused_play_protect.contains(word));
    checks.ensure("play_protect", is_good, Refused::PlayProtect)?;
    let risk = details.and_then(|details| details.app_access_risk_verdict.as_ref());
    let apps = risk.and_then(|Object(risk)| risk.apps_detected.as_deref());
    if policy.is_silence_refused && !policy.refused_app_access.is_empty() {
        let is_said = apps.is_some();
        checks.ensure("app_access_said", is_said, Refused::NoAppAccess)?;
    }
    let apps: Vec<_> = apps.unwrap_or_default().iter().filter_map(word).collect();
    let is_good = !apps
        .iter()
        .any(|word| policy.refused_app_access.contains(word));
    checks.ensure("app_access", is_good, Refused::AppAccess)?;
    Ok((play_protect, apps.into_iter().take(MAX_WORDS).collect()))
}

fn device<'a>(payload: &'a Payload<'a>) -> Option<&'a payload::DeviceIntegrity<'a>> {
    payload
        .device_integrity
        .as_ref()
        .map(|Object(device)| device)
}

fn activity(payload: &Payload<'_>) -> Option<String> {
    let Object(activity) = device(payload)?.recent_device_activity.as_ref()?;
    word(activity.device_activity_level.as_ref()?)
}

fn sdk_version(payload: &Payload<'_>) -> Option<u64> {
    let Object(attributes) = device(payload)?.device_attributes.as_ref()?;
    attributes.sdk_version?.0
}

fn word(Text(text): &Text<'_>) -> Option<String> {
    let is_short = (1..=MAX_WORD_BYTES).contains(&text.len());
    is_short.then(|| text.to_string())
}
