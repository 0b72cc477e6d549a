//! The command line.

use crate::{
    admin::{AdminCommand, NodesArgs},
    appraise::AppraiseArgs,
    bench::BenchCommand,
    config::Place,
    doctor::DoctorArgs,
    drill::DrillArgs,
    migrate::MigrateArgs,
    play::DemoArgs,
    rules::RulesCommand,
    serve::ServeArgs,
    sidecar::SidecarArgs,
};
use clap::{Parser, Subcommand};

/// Which device is this, is it really that device, and has anyone cut it off?
#[derive(Debug, Parser)]
#[command(name = "countersign", version, after_help = AFTER_HELP, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs the server.
    Serve(ServeArgs),
    /// Answers beside an app, from memory, what a server would.
    Sidecar(SidecarArgs),
    /// Ends a session of its own again and again, and sees that nobody accepts it.
    Drill(DrillArgs),
    /// Plays real devices against a server of its own and tells what each of them sees.
    Demo(DemoArgs),
    /// Brings the database's schema up to this program's.
    Migrate(MigrateArgs),
    /// Looks for what would go wrong: configuration, store, key, ports.
    Doctor(DoctorArgs),
    /// Judges one piece of evidence from a file, and tells every check.
    Appraise(AppraiseArgs),
    /// Checks rules of compliance, and prints those that a service starts with.
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Changes clients, API keys and users, with or without a running server.
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Shows the nodes that take part, with or without a server of this machine.
    Nodes(NodesArgs),
    /// Prints and checks the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Measures this machine.
    #[command(subcommand)]
    Bench(BenchCommand),
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Prints a configuration file with every key and its default, commented out.
    #[command(after_help = "Example:\n  countersign config init > countersign.toml")]
    Init,
    /// Reads the configuration and says what is wrong with it.
    #[command(after_help = "Example:\n  countersign --config /etc/countersign.toml config check")]
    Check,
    /// Prints the configuration in force, secrets hidden.
    #[command(after_help = "Example:\n  COUNTERSIGN_LOG__LEVEL=debug countersign config print")]
    Print,
}

const AFTER_HELP: &str = "\
Examples:
  countersign demo                    see it
  countersign serve --dev             try it: prints an API key and the curl lines of a first session
  countersign serve                   run it: SQLite, ports 8080, 8081 and 9090 on loopback
  countersign appraise evidence.json  judge what a device presented, without a server

Exit codes: 0 done, 1 failed, 2 wrong usage, configuration or input.
NO_COLOR is respected.";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn every_command_has_examples() {
        fn check(command: &clap::Command) {
            if command.has_subcommands() {
                command
                    .get_subcommands()
                    .filter(|sub| sub.get_name() != "help")
                    .for_each(check);
            } else {
                let help = command
                    .get_after_help()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                assert!(help.contains("Example"), "{}", command.get_name());
            }
        }
        check(&Args::command());
    }
}
