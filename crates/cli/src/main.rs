//! The process `countersign`.

fn main() -> std::process::ExitCode {
    countersign_cli::main()
}
