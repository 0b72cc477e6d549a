//! The list of certificates that Google took back.
//!
//! The format is that of `https://android.googleapis.com/attestation/status`. A certificate that
//! is not listed is good; so a list that is too old is no list.

use crate::{
    appraisal::CLOCK_DIFFERENCE,
    certificate::serial_key,
    jws::{Object, Text},
};
use countersign_core::Timestamp;
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};
use std::{collections::HashMap, fmt, time::Duration};

/// The longest list that is read; the real one is far below a tenth of it.
pub const MAX_STATUS_LIST_BYTES: usize = 16 * 1024 * 1024;

const MAX_ENTRIES: usize = 200_000;

/// What was taken back, and when that was known.
#[derive(Clone, PartialEq, Eq)]
pub struct StatusList {
    entries: HashMap<String, Status>,
    as_of: Timestamp,
}

/// Why a certificate is listed, in rising order; each of them is a reason to refuse it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Listed for a reason that did not exist when this was written.
    Unknown,
    /// Taken back for now.
    Suspended,
    /// Taken back for ever.
    Revoked,
}

/// The bytes are no status list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidStatusList {
    /// Longer than [`MAX_STATUS_LIST_BYTES`].
    #[error("the status list is too long")]
    TooLong,
    /// Not JSON with `entries`, each of them with a `status`.
    #[error("not a status list")]
    Malformed,
}

/// Why certificates are not good by a list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Nothing can be said: the list is too old, or from the future.
    #[error("the status list is too old")]
    Stale,
    /// One of them is listed.
    #[error("certificate {serial} is listed as {status}")]
    Listed {
        /// Its serial number, as the list has it.
        serial: String,
        /// Why it is listed.
        status: Status,
    },
}

impl StatusList {
    /// Reads a list as it was at `as_of`: when its server said that it was fresh.
    ///
    /// # Errors
    /// [`InvalidStatusList`] says what is wrong with it.
    pub fn parse(json: &[u8], as_of: Timestamp) -> Result<Self, InvalidStatusList> {
        if json.len() > MAX_STATUS_LIST_BYTES {
            return Err(InvalidStatusList::TooLong);
        }
        // What is passed over is text too: a list that was cut or mixed up is none.
        let json = str::from_utf8(json).map_err(|_| InvalidStatusList::Malformed)?;
        let Object::<Document>(document) =
            serde_json::from_str(json).map_err(|_| InvalidStatusList::Malformed)?;
        Ok(Self {
            entries: document.entries.0,
            as_of,
        })
    }

    /// When the list was fresh.
    pub const fn as_of(&self) -> Timestamp {
        self.as_of
    }

    /// How many certificates are listed.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is listed.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether the list is at most `max_age` old; one from the future is not.
    pub fn is_fresh(&self, now: Timestamp, max_age: Duration) -> bool {
        self.as_of <= now.plus(CLOCK_DIFFERENCE) && now.since(self.as_of) <= max_age
    }

    /// What the list says of a serial number in hexadecimal, however it is written.
    pub fn find_status(&self, serial: &str) -> Option<Status> {
        self.entries.get(&serial_key(serial)).copied()
    }

    /// Looks up the serial numbers of a chain, or those that were kept of one.
    ///
    /// # Errors
    /// [`Unusable`], also when the list is too old to say anything.
    pub fn check<S: AsRef<str>>(
        &self,
        serials: impl IntoIterator<Item = S>,
        now: Timestamp,
        max_age: Duration,
    ) -> Result<(), Unusable> {
        if !self.is_fresh(now, max_age) {
            return Err(Unusable::Stale);
        }
        match self.find_listed(serials) {
            Some((serial, status)) => Err(Unusable::Listed { serial, status }),
            None => Ok(()),
        }
    }

    /// The first of the serial numbers that is listed.
    pub(super) fn find_listed<S: AsRef<str>>(
        &self,
        serials: impl IntoIterator<Item = S>,
    ) -> Option<(String, Status)> {
        serials.into_iter().find_map(|serial| {
            let status = self.find_status(serial.as_ref())?;
            Some((serial_key(serial.as_ref()), status))
        })
    }
}

impl fmt::Debug for StatusList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StatusList({} as of {})", self.len(), self.as_of)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Revoked => "revoked",
            Self::Suspended => "suspended",
            Self::Unknown => "unknown",
        })
    }
}

#[derive(Deserialize)]
struct Document {
    entries: Entries,
}

struct Entries(HashMap<String, Status>);

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    status: Text<'a>,
}

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Entries, A::Error> {
        let mut entries = HashMap::new();
        while let Some((Text(serial), Object(entry))) =
            members.next_entry::<_, Object<Entry<'_>>>()?
        {
            let status = match entry.status.0.as_ref() {
                "REVOKED" => Status::Revoked,
                "SUSPENDED" => Status::Suspended,
                _ => Status::Unknown,
            };
            // One serial written in two ways, or twice, is no reason to be without a list.
            entries
                .entry(serial_key(&serial))
                .and_modify(|known| *known = status.max(*known))
                .or_insert(status);
            if entries.len() > MAX_ENTRIES {
                return Err(A::Error::custom("too many entries"));
            }
        }
        Ok(Entries(entries))
    }
}
