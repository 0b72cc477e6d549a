//! The process `countersign`.

/// A request allocates a dozen small things; this takes a third of the instructions for it that the
/// system's allocator does.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    countersign_cli::main()
}
