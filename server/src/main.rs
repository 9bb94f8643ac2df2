//! The `tillgate` binary: see `tillgate --help`.

use std::process::ExitCode;

use mimalloc::MiMalloc;

// Bodies are taken apart into many small pieces on one thread and dropped on another, which is where the system's
// allocator spends its time.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    tillgate::run()
}
