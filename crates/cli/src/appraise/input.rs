//! The file, and what is wrong with it.

pub(super) use crate::input::Unreadable;

use crate::input;
use countersign_api_types::object::Object;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_path_to_error::{Path as Place, Segment};
use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

/// The longest file that is read: a status list of the greatest length fits twice.
const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// A file's bytes, and where the files are that it names.
#[derive(Debug)]
pub(super) struct Input {
    json: Vec<u8>,
    folder: PathBuf,
}

/// What evidence is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// What comes with a new key of App Attest.
    AppAttestAttestation,
    /// What such a key signs later.
    AppAttestAssertion,
    /// A chain of certificates of Android Key Attestation.
    AndroidKey,
    /// A token or verdict of Play Integrity.
    PlayIntegrity,
    /// A new credential of an authenticator.
    WebauthnRegistration,
    /// What such a credential signs later.
    WebauthnAssertion,
    /// What a device signs with its own key.
    KeyAssertion,
    /// A proof of possession.
    Dpop,
    /// A proof of a browser's session key.
    Dbsc,
}

#[derive(Deserialize)]
struct Head {
    kind: Kind,
}

impl Input {
    /// Reads a file, or standard input for `-`.
    pub(super) fn read(file: &Path) -> Result<Self, Unreadable> {
        Ok(Self {
            json: input::read(file, MAX_BYTES)?,
            folder: file.parent().map(Path::to_owned).unwrap_or_default(),
        })
    }

    pub(super) fn kind(&self) -> Result<Kind, Unreadable> {
        self.parse().map(|Head { kind }| kind)
    }

    /// Reads all of it as one kind of evidence.
    pub(super) fn parse<T: DeserializeOwned>(&self) -> Result<T, Unreadable> {
        let mut reader = serde_json::Deserializer::from_slice(&self.json);
        let Object(read) = serde_path_to_error::deserialize(&mut reader)
            .map_err(|error| Unreadable::at(&pointer(error.path()), error.inner()))?;
        reader.end().map_err(|error| Unreadable::at("", &error))?;
        Ok(read)
    }

    /// Reads a file that this one names, from beside it.
    pub(super) fn read_named(&self, name: &Path, most: u64) -> Result<Vec<u8>, Unreadable> {
        input::read_file(&self.folder.join(name), most)
    }
}

/// RFC 6901. A variant is a member here, whose value is the variant's.
fn pointer(place: &Place) -> String {
    let mut pointer = String::new();
    for segment in place {
        // Writing to a String cannot fail.
        let _ = match segment {
            Segment::Map { key } | Segment::Enum { variant: key } => {
                write!(pointer, "/{}", key.replace('~', "~0").replace('/', "~1"))
            }
            Segment::Seq { index } => write!(pointer, "/{index}"),
            Segment::Unknown => Ok(()),
        };
    }
    pointer
}
