//! Where the database and its key are unless something else is said.

use crate::config::{Misconfigured, Place};
use std::{env, path::PathBuf};

/// The data directory: as given, else systemd's, else the user's own.
pub(crate) fn find(place: &Place) -> Result<PathBuf, Misconfigured> {
    if let Some(given) = &place.data_dir {
        return Ok(given.clone());
    }
    let named = |name| env::var_os(name).filter(|value| !value.is_empty());
    // systemd.exec(5): several are separated by colons.
    if let Some(first) = named("STATE_DIRECTORY").and_then(|all| env::split_paths(&all).next()) {
        return Ok(first);
    }
    let data_home = named("XDG_DATA_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    let of_home = || named("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    let folder = data_home
        .or_else(of_home)
        .map(|folder| folder.join("countersign"));
    folder.ok_or_else(|| {
        Misconfigured::new("neither STATE_DIRECTORY nor HOME is set: say --data-dir DIR")
    })
}
