//! The key-encryption key in a file or a variable: 32 random bytes as base64.

use crate::config::Misconfigured;
use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use countersign_core::Rng;
use countersign_server::KeyEncryptionKey;
use std::{
    fs::{self, File},
    io::{self, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};
use zeroize::Zeroizing;

/// Holds the key instead of a file.
pub(crate) const VARIABLE: &str = "COUNTERSIGN_KEY_ENCRYPTION_KEY";

/// The text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InvalidKey;

impl std::fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not 32 bytes as base64; make a key with: head -c 32 /dev/urandom | base64")
    }
}

/// The variable's text, if it is set.
pub(crate) fn from_environment() -> Option<Result<Zeroizing<String>, Misconfigured>> {
    let value = std::env::var_os(VARIABLE).filter(|value| !value.is_empty())?;
    let text = value.into_string().map(Zeroizing::new);
    Some(text.map_err(|_| Misconfigured::new(format!("{VARIABLE} is {InvalidKey}"))))
}

/// Reads a key's text.
pub(crate) fn parse(text: &str) -> Result<KeyEncryptionKey, InvalidKey> {
    let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| InvalidKey)?);
    let key: [u8; 32] = bytes.as_slice().try_into().map_err(|_| InvalidKey)?;
    Ok(KeyEncryptionKey(Zeroizing::new(key)))
}

/// Reads the key of a file that only its owner can read, or makes one where there is none yet.
pub(crate) fn read_or_make(
    path: &Path,
    may_make: bool,
    rng: &dyn Rng,
) -> anyhow::Result<KeyEncryptionKey> {
    match read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && may_make => {
            make(path, rng)
                .with_context(|| format!("cannot make the key file {}", path.display()))?;
            // Read back: a process that started at the same time may have been first.
            checked(path, &read(path)?)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(missing(path).into()),
        Err(error) => {
            Err(Misconfigured::new(format!("cannot read {}: {error}", path.display())).into())
        }
        Ok(content) => checked(path, &content),
    }
}

/// PostgreSQL without a key: one made here would be another node's wrong one.
pub(crate) fn unnamed() -> Misconfigured {
    Misconfigured::new(format!(
        "PostgreSQL needs a key-encryption key that is configured: every node must have the same one, \
         so none is made by itself. Make a file with (umask 077; head -c 32 /dev/urandom | base64 > kek) \
         and name it in security.key_encryption_key_file, or put its content into {VARIABLE}"
    ))
}

struct Content {
    mode: u32,
    text: Zeroizing<String>,
}

fn read(path: &Path) -> io::Result<Content> {
    let mode = fs::metadata(path)?.permissions().mode();
    Ok(Content {
        mode,
        text: Zeroizing::new(fs::read_to_string(path)?),
    })
}

fn checked(path: &Path, content: &Content) -> anyhow::Result<KeyEncryptionKey> {
    let path = path.display();
    if content.mode & 0o077 != 0 {
        let mode = content.mode & 0o777;
        let problem = format!(
            "the key file {path} can be read by others (mode {mode:o}): run chmod 600 {path}, and think \
             about who has read it"
        );
        return Err(Misconfigured::new(problem).into());
    }
    let key = parse(&content.text);
    Ok(key.map_err(|error| Misconfigured::new(format!("the key file {path} is {error}")))?)
}

fn missing(path: &Path) -> Misconfigured {
    Misconfigured::new(format!(
        "the key file {} is missing, and the database is there or is not this process's own: its \
         secrets can only be read with the key that they were sealed under. Put the file back from your \
         backup, or its content into {VARIABLE}",
        path.display()
    ))
}

/// Writes a new key so that it is there whole or not at all, and stays after a power cut.
fn make(path: &Path, rng: &dyn Rng) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut secret = Zeroizing::new([0; 32]);
    rng.fill(secret.as_mut());
    let text = Zeroizing::new(STANDARD.encode(secret.as_ref()));
    // Mode 0600 from the beginning.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(file, "{}", *text)?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => File::open(folder)?.sync_all(),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error),
    }
}

#[cfg(test)]
mod tests;
