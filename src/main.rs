//! Arguments in, exit status out.

/// Tens of thousands of small texts live and die in a run; with the system's allocator that is a fifth of it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    stockade::run()
}
