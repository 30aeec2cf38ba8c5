//! Arguments in, exit status out.

fn main() -> std::process::ExitCode {
    stockade::run()
}
