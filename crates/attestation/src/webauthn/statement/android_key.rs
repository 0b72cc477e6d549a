//! `android-key` (section 8.4): Android's secure hardware certifies the credential's key.
//!
//! What the section demands is refused where it is missing, and so is a certificate that was taken
//! back. What makes the hardware's word doubtful (an unlocked device, no list to look certificates
//! up in, an app that is not known) costs the level and not the credential: whoever has such a device
//! could as well have presented a credential that nobody vouches for.

use super::{Doubt, Statement, StatementError, Voucher, certificates, signature_algorithm};
use crate::{
    android_key::{
        ATTESTATION, Chain, Policy, Refused, Roots, StatusList, check_standing, demands_user,
        key_description::KeyDescription,
        list::{List, field},
    },
    appraisal::Checks,
    der::Malformed,
    path::PathError,
};
use countersign_core::Timestamp;
use std::sync::Arc;

/// Who is believed when vouching for credentials on Android devices, and what is demanded of them.
#[derive(Debug, Clone)]
pub struct AndroidKeys {
    /// Google's hardware attestation roots.
    pub roots: Roots,
    /// What Google took back. Without it, or where it is too old, hardware vouches for nothing.
    pub status: Option<Arc<StatusList>>,
    /// The apps that may ask for credentials (the browser, Google's services), how old the list may
    /// be, and everything else that is demanded of the device.
    pub policy: Policy,
}

/// The field that lets every app use a key.
const ALL_APPLICATIONS: u32 = 600;

pub(super) fn verify<'a>(
    statement: &Statement<'a>,
    checks: &mut Checks,
) -> Result<Voucher<'a>, StatementError> {
    let parts = statement
        .number("alg")
        .and_then(|algorithm| Ok((algorithm, statement.bytes("sig")?)));
    let (algorithm, signature) = checks.note("statement", parts)?;
    let algorithm = checks.note("algorithm", signature_algorithm(algorithm))?;
    let (leaf, certificates) = statement.certificates(checks)?;
    let is_signed = leaf
        .key
        .is_signed(algorithm, &statement.signed(), signature);
    checks.ensure(
        "statement_signature",
        is_signed,
        StatementError::BadSignature,
    )?;
    let is_key = certificates::is_of_key(&leaf, statement.key);
    checks.ensure("statement_key", is_key, StatementError::KeyMismatch)?;
    let description = leaf.extension(ATTESTATION).ok_or(Malformed);
    let description = description.and_then(KeyDescription::parse);
    let description = description.map_err(|_| StatementError::Malformed);
    let description = checks.note("key_description", description)?;
    let is_about = description.challenge == statement.client_data_hash;
    checks.ensure("key_challenge", is_about, StatementError::DataMismatch)?;
    let is_suitable = is_suitable(&description).unwrap_or(false);
    checks.ensure("key_properties", is_suitable, StatementError::UnsuitableKey)?;
    Ok(Voucher::Android {
        chain: Chain::of(certificates),
        description,
    })
}

/// Of one app, and, as far as it is said, made in the keystore, and to sign.
fn is_suitable(description: &KeyDescription<'_>) -> Result<bool, Malformed> {
    let lists = [&description.software, &description.hardware];
    let is_shared = |list: &&List<'_>| list.find(ALL_APPLICATIONS).is_some();
    if lists.iter().any(is_shared) {
        return Ok(false);
    }
    for list in lists {
        let origin = list.number(field::ORIGIN)?;
        let purposes = list.numbers(field::PURPOSE)?;
        let is_made_here = origin.is_none_or(|origin| origin == field::GENERATED);
        let is_to_sign = purposes.is_empty() || purposes.contains(&field::SIGN);
        if !is_made_here || !is_to_sign {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether the key signs only for a user that was recognised, by the account of who keeps it.
pub(super) fn knows_user(description: &KeyDescription<'_>) -> bool {
    let is_software = description.attestation_level == 0 && description.keymint_level == 0;
    demands_user(if is_software {
        &description.software
    } else {
        &description.hardware
    })
}

impl AndroidKeys {
    /// Nobody is believed.
    pub fn none() -> Self {
        Self {
            roots: Roots::none(),
            status: None,
            policy: Policy::strict_for(Vec::new()),
        }
    }

    /// Judges the path as it was `at` a time, and what it vouches for as far as is known `now`.
    pub(super) fn judge(
        &self,
        chain: &Chain<'_>,
        description: &KeyDescription<'_>,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Doubt>, PathError> {
        let mut checks = Checks::default();
        chain
            .check_path(&self.roots, at, &mut checks)
            .and_then(|()| chain.attestation(&mut checks))
            .and_then(|_| chain.check_attester(&mut checks))
            .map_err(|refused| path_error(&refused))?;
        let status = self.status.as_deref();
        match check_standing(chain, description, &self.policy, status, now) {
            Ok(()) => Ok(None),
            Err(Refused::Revoked { .. }) => Err(PathError::Revoked),
            Err(refused) => Ok(Some(doubt(&refused))),
        }
    }
}

fn path_error(refused: &Refused) -> PathError {
    match refused {
        Refused::UnreadableDate => PathError::Malformed,
        Refused::NotYetValid => PathError::NotYetValid,
        Refused::Expired => PathError::Expired,
        _ => PathError::Untrusted,
    }
}

fn doubt(refused: &Refused) -> Doubt {
    match refused {
        Refused::NoStatusList | Refused::StaleStatusList => Doubt::NoStatusList,
        Refused::LevelsDiffer | Refused::SoftwareKey | Refused::NoStrongBox => Doubt::SoftwareKey,
        Refused::NoApplication
        | Refused::UnknownApplication
        | Refused::WrongPackage
        | Refused::WrongSigner
        | Refused::OldVersion => Doubt::UnknownApp,
        Refused::NotGenerated | Refused::WrongPurpose | Refused::NoUserAuthentication => {
            Doubt::KeyUse
        }
        _ => Doubt::UnverifiedBoot,
    }
}
