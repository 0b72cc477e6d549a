//! Defaults, below a TOML file, below environment variables, below flags.

use super::{
    fault::{Fault, Misconfigured},
    keys,
    sections::Config,
};
use figment::{
    Figment, Metadata, Profile, Provider, Source,
    providers::{Env, Format as _, Serialized, Toml},
    value::{Dict, Map, Value},
};
use std::path::{Path, PathBuf};

/// Before every variable that sets a key.
const PREFIX: &str = "COUNTERSIGN_";
/// Read from the working directory unless another one is named.
const DEFAULT_FILE: &str = "countersign.toml";
const COMMAND_LINE: &str = "the command line";

/// Where the configuration and the data are, on every command line.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Place {
    /// Configuration file [default: `./countersign.toml`, if there is one].
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "COUNTERSIGN_CONFIG",
        hide_env_values = true,
        help_heading = "Everywhere"
    )]
    pub(crate) config: Option<PathBuf>,
    /// Folder of database and keys [default: `$STATE_DIRECTORY`, else `~/.local/share/countersign`].
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "COUNTERSIGN_DATA_DIR",
        hide_env_values = true,
        help_heading = "Everywhere"
    )]
    pub(crate) data_dir: Option<PathBuf>,
}

/// Keys set by flags, and the defaults below everything.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    pub(crate) defaults: Config,
    pub(crate) flags: Vec<(&'static str, String)>,
}

/// The configuration in force, and where each key of it comes from.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) config: Config,
    pub(crate) data_dir: PathBuf,
    figment: Figment,
}

impl Settings {
    /// Adds a flag that was given.
    #[must_use]
    pub(crate) fn with(mut self, key: &'static str, value: Option<impl ToString>) -> Self {
        self.flags
            .extend(value.map(|value| (key, value.to_string())));
        self
    }
}

/// Puts the layers together and checks the result.
pub(crate) fn load(
    place: &Place,
    settings: Settings,
    data_dir: PathBuf,
) -> Result<Loaded, Misconfigured> {
    let figment = layers(place, settings)?;
    let known = keys::known()?;
    Misconfigured::unless_empty(unknown(&figment, &known)?)?;
    let config: Config = figment.extract().map_err(|errors| {
        let problems = errors
            .into_iter()
            .map(|error| wrong_type(&error))
            .collect::<Vec<_>>();
        Misconfigured::new(problems.join("\n"))
    })?;
    let faults = config.validate();
    let loaded = Loaded {
        config,
        data_dir,
        figment,
    };
    Misconfigured::unless_empty(faults.iter().map(|fault| loaded.describe(fault)).collect())?;
    Ok(loaded)
}

impl Loaded {
    /// A fault with the name of what set the key.
    pub(super) fn describe(&self, fault: &Fault) -> String {
        let origin = self
            .figment
            .find_metadata(fault.key)
            .map(|metadata| origin(metadata, fault.key));
        let origin = origin.unwrap_or_else(|| "the default".to_owned());
        format!("{} {} (set by {origin})", fault.key, fault.problem)
    }
}

fn layers(place: &Place, settings: Settings) -> Result<Figment, Misconfigured> {
    let mut figment = Figment::from(Serialized::defaults(settings.defaults));
    if let Some(file) = file(place)? {
        figment = figment.merge(Toml::file_exact(file));
    }
    let variables = Env::prefixed(PREFIX)
        .filter(|name| name.as_str().contains("__"))
        .split("__");
    figment = figment.merge(variables);
    for (key, value) in settings.flags {
        figment = figment.merge(Flag { key, value });
    }
    Ok(figment)
}

fn file(place: &Place) -> Result<Option<&Path>, Misconfigured> {
    match &place.config {
        Some(path) if path.as_os_str().is_empty() => Ok(None),
        Some(path) if path.is_file() => Ok(Some(path)),
        Some(path) => Err(Misconfigured::new(format!(
            "there is no configuration file {}",
            path.display()
        ))),
        None => Ok(Some(Path::new(DEFAULT_FILE)).filter(|path| path.is_file())),
    }
}

/// Every key that is set and does not exist.
fn unknown(figment: &Figment, known: &[String]) -> Result<Vec<String>, Misconfigured> {
    let all = figment
        .find_value("")
        .map_err(|error| Misconfigured::new(wrong_type(&error)))?;
    let mut problems: Vec<String> = keys::leaves(&all)
        .into_iter()
        .filter(|(key, _)| !keys::is_known(key, known))
        .map(|(key, value)| {
            let metadata = figment.get_metadata(value.tag());
            let origin =
                metadata.map_or_else(|| COMMAND_LINE.to_owned(), |found| origin(found, &key));
            let hint = keys::nearest(&key, known).map(|known| format!("; did you mean {known}?"));
            format!(
                "unknown key {key} (set by {origin}){}",
                hint.unwrap_or_default()
            )
        })
        .collect();
    problems.extend(Env::prefixed(PREFIX).iter().filter_map(|(name, _)| {
        let meant = keys::without_section(name.as_str(), known)?;
        let written = name.as_str().to_ascii_uppercase();
        Some(format!(
            "unknown variable {PREFIX}{written}; did you mean {}?",
            variable(meant)
        ))
    }));
    Ok(problems)
}

fn wrong_type(error: &figment::Error) -> String {
    let key = error.path.join(".");
    let origin = error
        .metadata
        .as_ref()
        .map(|metadata| origin(metadata, &key));
    match origin {
        Some(origin) if !key.is_empty() => format!("{key} {} (set by {origin})", error.kind),
        Some(origin) => format!("{} ({origin})", error.kind),
        None => error.kind.to_string(),
    }
}

fn origin(metadata: &Metadata, key: &str) -> String {
    if let Some(path) = metadata.source.as_ref().and_then(Source::file_path) {
        path.display().to_string()
    } else if metadata.name == COMMAND_LINE {
        COMMAND_LINE.to_owned()
    } else if metadata.name.contains("environment") {
        variable(key)
    } else {
        "the default".to_owned()
    }
}

fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_ascii_uppercase())
}

/// One key set by a flag.
struct Flag {
    key: &'static str,
    value: String,
}

impl Provider for Flag {
    fn metadata(&self) -> Metadata {
        Metadata::named(COMMAND_LINE)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let (section, name) = self.key.split_once('.').unwrap_or(("", self.key));
        let members = Dict::from([(name.to_owned(), Value::from(self.value.clone()))]);
        let sections = Dict::from([(section.to_owned(), Value::from(members))]);
        Ok(Map::from([(Profile::Default, sections)]))
    }
}
