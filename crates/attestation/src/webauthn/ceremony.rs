//! What registrations and assertions have in common: whom they are for (sections 7.1 and 7.2).

use crate::{
    appraisal::Checks,
    authenticator_data::{
        AuthenticatorData, BACKED_UP, BACKUP_ELIGIBLE, USER_PRESENT, USER_VERIFIED,
    },
    jws::{Text, read_object},
};
use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

/// The longest client data that is looked at; extensions and challenges are all that grows in it.
pub(super) const MAX_CLIENT_DATA_BYTES: usize = 16 * 1024;

/// What an authenticator was asked.
#[derive(Debug, Clone, Copy)]
pub struct Ceremony<'a> {
    /// The challenge as it was given to the browser's interface: bytes.
    pub challenge: &'a [u8],
    /// The origins of the pages that may ask, exactly as browsers write them.
    pub origins: &'a [&'a str],
    /// Whether such a page may be framed by another site's, and then by whose if the browser tells.
    pub top_origins: Option<&'a [&'a str]>,
    /// The relying party's id: a domain.
    pub rp_id: &'a str,
    /// Whether the authenticator must know the user, and not only that somebody is there.
    pub user_verification: bool,
}

/// Why client data is refused, in the order in which the reasons are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClientDataError {
    /// Not a JSON object with type, challenge and origin, each member once.
    #[error("not client data in JSON")]
    Malformed,
    /// Of the other ceremony, or of none.
    #[error("client data of another ceremony")]
    WrongType,
    /// For another challenge.
    #[error("another challenge")]
    ChallengeMismatch,
    /// Asked by another site's page.
    #[error("another origin")]
    OriginMismatch,
    /// Asked in a frame, where that is not allowed, or in another site's.
    #[error("asked in a frame of another origin")]
    CrossOrigin,
}

/// Why authenticator data is refused, in the order in which the reasons are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticatorError {
    /// Made for another relying party.
    #[error("another relying party")]
    RelyingPartyMismatch,
    /// Nobody was there.
    #[error("nobody was present")]
    UserNotPresent,
    /// The authenticator does not know who was there, and should.
    #[error("the user was not verified")]
    UserNotVerified,
    /// Said to have left the authenticator, and said to be unable to.
    #[error("backed up without being eligible for it")]
    InvalidBackupState,
}

impl Ceremony<'_> {
    /// Checks client data, and hands out its hash, which is what authenticators sign.
    pub(super) fn check_client_data(
        &self,
        json: &[u8],
        kind: &str,
        checks: &mut Checks,
    ) -> Result<[u8; 32], ClientDataError> {
        let data: Option<ClientData<'_>> = read_object(json);
        let data = checks.note("client_data", data.ok_or(ClientDataError::Malformed))?;
        let is_kind = data.kind.0 == kind;
        checks.ensure("type", is_kind, ClientDataError::WrongType)?;
        let challenge = URL_SAFE_NO_PAD.encode(self.challenge);
        let equal = verify_slices_are_equal(data.challenge.0.as_bytes(), challenge.as_bytes());
        let equal = equal.map_err(|_| ClientDataError::ChallengeMismatch);
        checks.note("challenge", equal)?;
        let is_origin = self.origins.contains(&data.origin.0.as_ref());
        checks.ensure("origin", is_origin, ClientDataError::OriginMismatch)?;
        let is_allowed = self.allows_frame(&data);
        checks.ensure("frame", is_allowed, ClientDataError::CrossOrigin)?;
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, json).as_ref());
        Ok(hash)
    }

    pub(super) fn check_authenticator(
        &self,
        data: &AuthenticatorData<'_>,
        checks: &mut Checks,
    ) -> Result<(), AuthenticatorError> {
        use AuthenticatorError as E;
        let party = digest(&SHA256, self.rp_id.as_bytes());
        let is_party = data.rp_id_hash.as_slice() == party.as_ref();
        checks.ensure("relying_party", is_party, E::RelyingPartyMismatch)?;
        let is_present = data.has(USER_PRESENT);
        checks.ensure("user_present", is_present, E::UserNotPresent)?;
        let is_verified = data.has(USER_VERIFIED) || !self.user_verification;
        checks.ensure("user_verified", is_verified, E::UserNotVerified)?;
        let is_possible = data.has(BACKUP_ELIGIBLE) || !data.has(BACKED_UP);
        checks.ensure("backup_state", is_possible, E::InvalidBackupState)
    }

    fn allows_frame(&self, data: &ClientData<'_>) -> bool {
        let is_framed = data.cross_origin.unwrap_or(false) || data.top_origin.is_some();
        match (self.top_origins, &data.top_origin) {
            (_, None) if !is_framed => true,
            (None, _) => false,
            (Some(_), None) => true,
            (Some(allowed), Some(Text(top))) => allowed.contains(&top.as_ref()),
        }
    }
}

/// Other members may come, and are passed over (section 5.8.1).
#[derive(Deserialize)]
struct ClientData<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    challenge: Text<'a>,
    #[serde(borrow)]
    origin: Text<'a>,
    #[serde(rename = "crossOrigin")]
    cross_origin: Option<bool>,
    #[serde(borrow, rename = "topOrigin")]
    top_origin: Option<Text<'a>>,
}
