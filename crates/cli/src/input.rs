//! Files that commands are given.

use crate::output::plain;
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

const STANDARD_INPUT: &str = "standard input";

/// Why there is nothing to work on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("cannot read {name}")]
    File {
        name: String,
        #[source]
        source: io::Error,
    },
    #[error("{name} is longer than {most} bytes")]
    TooLong { name: String, most: u64 },
    #[error("{0} is not UTF-8 text")]
    NotText(String),
    /// Where it is wrong, as RFC 6901 has it, and how.
    #[error("at \"{pointer}\": {detail}")]
    Mistake { pointer: String, detail: String },
}

/// Reads a file of at most so many bytes, or standard input for `-`.
pub(crate) fn read(file: &Path, most: u64) -> Result<Vec<u8>, Unreadable> {
    if file == Path::new("-") {
        return limited(io::stdin().lock(), STANDARD_INPUT, most);
    }
    read_file(file, most)
}

/// Reads a text of at most so many bytes, as [`read`] does.
pub(crate) fn read_text(file: &Path, most: u64) -> Result<String, Unreadable> {
    let bytes = read(file, most)?;
    String::from_utf8(bytes).map_err(|_| Unreadable::NotText(name(file)))
}

/// What people call the file.
pub(crate) fn name(file: &Path) -> String {
    if file == Path::new("-") {
        return STANDARD_INPUT.to_owned();
    }
    file.display().to_string()
}

/// Reads a file of at most so many bytes.
pub(crate) fn read_file(file: &Path, most: u64) -> Result<Vec<u8>, Unreadable> {
    let name = file.display().to_string();
    match File::open(file) {
        Ok(opened) => limited(opened, &name, most),
        Err(source) => Err(Unreadable::File { name, source }),
    }
}

impl Unreadable {
    /// What is wrong at a JSON pointer; what is quoted of the file cannot disturb a terminal.
    pub(crate) fn at(pointer: &str, detail: &impl ToString) -> Self {
        Self::Mistake {
            pointer: plain(pointer),
            detail: plain(&detail.to_string()),
        }
    }
}

fn limited(from: impl Read, name: &str, most: u64) -> Result<Vec<u8>, Unreadable> {
    let mut bytes = Vec::new();
    let name = name.to_owned();
    match from.take(most + 1).read_to_end(&mut bytes) {
        Err(source) => Err(Unreadable::File { name, source }),
        Ok(read) if read as u64 > most => Err(Unreadable::TooLong { name, most }),
        Ok(_) => Ok(bytes),
    }
}
