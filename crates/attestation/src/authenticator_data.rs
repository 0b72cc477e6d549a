//! Authenticator data: what App Attest and `WebAuthn` sign (`WebAuthn` section 6.1).
//!
//! The two say differently what it holds. `WebAuthn` says it by flags. App Attest's flags are not
//! to be believed: iOS 27 appends extensions with the flag for them set or not, and assertions have
//! the flag of a credential and no credential; there the kind of evidence says what it holds.

use crate::cbor::{self, Map};

/// The user was there.
pub(crate) const USER_PRESENT: u8 = 0x01;
/// The authenticator knew the user.
pub(crate) const USER_VERIFIED: u8 = 0x04;
/// The credential may leave the authenticator.
pub(crate) const BACKUP_ELIGIBLE: u8 = 0x08;
/// The credential has left the authenticator.
pub(crate) const BACKED_UP: u8 = 0x10;
const HAS_CREDENTIAL: u8 = 0x40;
const HAS_EXTENSIONS: u8 = 0x80;

/// Authenticator data, read.
#[derive(Debug, Clone)]
pub(crate) struct AuthenticatorData<'a> {
    /// SHA-256 of what it was made for.
    pub(crate) rp_id_hash: &'a [u8; 32],
    pub(crate) flags: u8,
    pub(crate) counter: u32,
    pub(crate) credential: Option<Credential<'a>>,
    pub(crate) extensions: Option<Map<'a>>,
}

/// A new credential.
#[derive(Debug, Clone)]
pub(crate) struct Credential<'a> {
    pub(crate) aaguid: &'a [u8; 16],
    pub(crate) id: &'a [u8],
    /// Its public key, a `COSE_Key`.
    pub(crate) key: Map<'a>,
    /// The same as it stands there.
    pub(crate) cose: &'a [u8],
}

/// The bytes are not authenticator data of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InvalidAuthenticatorData;

impl<'a> AuthenticatorData<'a> {
    /// Reads `WebAuthn`'s: the flags say what is there.
    pub(crate) fn by_flags(bytes: &'a [u8]) -> Result<Self, InvalidAuthenticatorData> {
        let (mut data, rest) = read_head(bytes).ok_or(InvalidAuthenticatorData)?;
        let rest = if data.has(HAS_CREDENTIAL) {
            data.read_credential(rest)?
        } else {
            rest
        };
        if data.has(HAS_EXTENSIONS) == rest.is_empty() {
            return Err(InvalidAuthenticatorData);
        }
        data.read_extensions(rest)
    }

    /// Reads an App Attest attestation's: a credential is there, extensions may follow.
    pub(crate) fn with_credential(bytes: &'a [u8]) -> Result<Self, InvalidAuthenticatorData> {
        let (mut data, rest) = read_head(bytes).ok_or(InvalidAuthenticatorData)?;
        let rest = data.read_credential(rest)?;
        data.read_extensions(rest)
    }

    /// Reads an App Attest assertion's: no credential is there, extensions may follow.
    pub(crate) fn without_credential(bytes: &'a [u8]) -> Result<Self, InvalidAuthenticatorData> {
        let (data, rest) = read_head(bytes).ok_or(InvalidAuthenticatorData)?;
        data.read_extensions(rest)
    }

    /// Whether all of these flags are set.
    pub(crate) const fn has(&self, flags: u8) -> bool {
        self.flags & flags == flags
    }

    fn read_credential(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], InvalidAuthenticatorData> {
        let (credential, rest) = read_credential(bytes).ok_or(InvalidAuthenticatorData)?;
        self.credential = Some(credential);
        Ok(rest)
    }

    fn read_extensions(mut self, rest: &'a [u8]) -> Result<Self, InvalidAuthenticatorData> {
        if !rest.is_empty() {
            let map = cbor::read_map(rest).map_err(|_| InvalidAuthenticatorData)?;
            self.extensions = Some(map);
        }
        Ok(self)
    }
}

fn read_head(bytes: &[u8]) -> Option<(AuthenticatorData<'_>, &[u8])> {
    let (rp_id_hash, rest) = bytes.split_first_chunk::<32>()?;
    let (flags, rest) = rest.split_first()?;
    let (counter, rest) = rest.split_first_chunk::<4>()?;
    let data = AuthenticatorData {
        rp_id_hash,
        flags: *flags,
        counter: u32::from_be_bytes(*counter),
        credential: None,
        extensions: None,
    };
    Some((data, rest))
}

fn read_credential(bytes: &[u8]) -> Option<(Credential<'_>, &[u8])> {
    let (aaguid, rest) = bytes.split_first_chunk::<16>()?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (id, key) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
    let (value, rest) = cbor::read_first(key).ok()?;
    let cose = key.get(..key.len().checked_sub(rest.len())?)?;
    let credential = Credential {
        aaguid,
        id,
        key: value.as_map()?.clone(),
        cose,
    };
    Some((credential, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(flags: u8, parts: &[&[u8]]) -> Vec<u8> {
        [&[7; 32], &[flags][..], &[0, 0, 0, 9], &parts.concat()].concat()
    }

    const CREDENTIAL: &[u8] = &[5; 16];
    /// An id of two bytes, and an empty key.
    const ID_AND_KEY: &[u8] = &[0, 2, 1, 1, 0xa0];
    const EXTENSIONS: &[u8] = &[0xa1, 0x61, b'a', 0x01];

    #[test]
    fn flags_say_what_is_there() {
        let all = data(0xc0, &[CREDENTIAL, ID_AND_KEY, EXTENSIONS]);
        let read = AuthenticatorData::by_flags(&all).unwrap();
        assert_eq!((read.counter, read.flags), (9, 0xc0));
        assert_eq!(read.credential.unwrap().id, [1, 1]);
        assert_eq!(read.extensions.unwrap().len(), 1);
        for (flags, parts, is_right) in [
            (0x00, &[][..], true),
            (0x80, &[EXTENSIONS], true),
            (0x40, &[CREDENTIAL, ID_AND_KEY], true),
            (0x00, &[EXTENSIONS], false),
            (0x80, &[], false),
            (0x40, &[CREDENTIAL, ID_AND_KEY, EXTENSIONS], false),
            (0xc0, &[CREDENTIAL, ID_AND_KEY], false),
            (0x40, &[], false),
            (0x80, &[EXTENSIONS, EXTENSIONS], false),
            (0x80, &[&[0x01]], false),
        ] {
            let bytes = data(flags, parts);
            let read = AuthenticatorData::by_flags(&bytes);
            assert_eq!(read.is_ok(), is_right, "{flags:x} {parts:x?}");
        }
    }

    #[test]
    fn kind_of_evidence_says_what_is_there() {
        for flags in [0x00, 0x40, 0x80, 0xc0] {
            let full = data(flags, &[CREDENTIAL, ID_AND_KEY, EXTENSIONS]);
            assert!(AuthenticatorData::with_credential(&full).is_ok());
            assert!(AuthenticatorData::without_credential(&full).is_err());
            let bare = data(flags, &[]);
            assert!(AuthenticatorData::with_credential(&bare).is_err());
            assert!(AuthenticatorData::without_credential(&bare).is_ok());
            let twice = data(flags, &[EXTENSIONS, &[0x01]]);
            assert!(AuthenticatorData::without_credential(&twice).is_err());
            let whole = full.len().checked_sub(EXTENSIONS.len()).unwrap();
            for end in 0..whole {
                let cut = full.get(..end).unwrap();
                assert!(AuthenticatorData::with_credential(cut).is_err());
            }
        }
    }
}
