//! In: arguments, files, the environment. Out: data on standard output, messages on standard error, an exit status.
//!
//! One file per command. Only this folder prints, reads a clock or asks the system for randomness.

mod begin;
mod certs;
mod check;
mod clashes;
mod complete;
mod completions;
mod conflicts;
mod controls;
mod drift;
mod exit;
mod explain;
mod find;
mod generate;
mod images;
mod init;
mod input;
mod lsp;
mod man;
mod many;
mod mend;
mod messages;
mod next;
mod own_chain;
mod places;
mod put;
mod report;
mod schema;
mod secrets;
mod summary;
mod supplied;
mod systems;
mod terminal;
mod typed;
mod verdict;
mod verify;

use clap::{ColorChoice, Parser, Subcommand};
use exit::{Done, Exit};
use messages::Format;
use rustix::process::{Resource, Rlimit, setrlimit};
use std::process::ExitCode;
use terminal::Terminal;

const AFTER: &str = "\
Examples:
  stockade init                             asks, and writes ./stockade.yaml
  stockade systems                          what is built in
  stockade check                            what is wrong, with ways out
  stockade generate                         writes ./bundle
  stockade generate --check                 status 1 where the bundle differs
  stockade verify                           what runs, against what was written
  stockade secrets rotate NAME              another value, and the way back
  stockade explain bundle/compose.yaml:17   why a line is as it is
  stockade report --format html --out report.html

Exit status: 0 fine; 1 findings or drift; 2 the input is wrong; 3 the machine
failed; 4 not everything could be seen (`verify`).

Environment:
  NO_COLOR           switches colours off
  STOCKADE_TODAY     YYYY-MM-DD, the day on which waivers are judged
  XDG_CACHE_HOME     where `generate --check` remembers that nothing differs
  COMPLETE           a shell's name: answers it, see `stockade completions`";

/// Compiles a hardening profile into all a self-hosted Docker stack needs
#[derive(Debug, Parser)]
#[command(version, after_long_help = AFTER, propagate_version = true, disable_version_flag = true)]
struct Cli {
    /// When to colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_short_help = true)]
    color: ColorChoice,
    /// human, json, sarif, github or junit
    #[arg(long, global = true, value_name = "FORMAT", default_value = "human")]
    #[arg(hide_possible_values = true)]
    #[arg(
        long_help = "How findings are written: `human` is text with excerpts on standard error; on standard output, `json` is one \
                       document, `sarif` one of SARIF 2.1.0, `github` commands for its workflows, and `junit` one document of suites"
    )]
    format: Format,
    /// Print version
    // In the short help, which fits a screen, every line is a command's.
    #[arg(id = "version", long = "version", short = 'V', action = clap::ArgAction::Version, hide_short_help = true)]
    _version: Option<bool>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Arguments),
    Generate(generate::Arguments),
    Check(check::Arguments),
    Images(images::Arguments),
    Secrets(secrets::Arguments),
    Certs(certs::Arguments),
    Verify(verify::Arguments),
    Report(report::Arguments),
    Explain(explain::Arguments),
    Systems(systems::Arguments),
    Controls(controls::Arguments),
    Schema(schema::Arguments),
    Lsp(lsp::Arguments),
    Completions(completions::Arguments),
    // Whoever packages it knows; the list is to fit a screen.
    #[command(hide = true)]
    Man(man::Arguments),
}

/// Secrets pass through this process's memory: no core dump, and no other process of the user may read it (prctl(2),
/// `PR_SET_DUMPABLE`). Where the kernel refuses, the run goes on as programs usually do.
fn close_memory() {
    let nothing = Rlimit { current: Some(0), maximum: Some(0) };
    let _ = setrlimit(Resource::Core, nothing);
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    close_memory();
    std::panic::set_hook(Box::new(terminal::panicked));
    if let Some(exit) = complete::answered() {
        return exit;
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too, and a reader that has gone away is no failure.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    // This thread and one more: what can be done at the same time is short.
    let _pool = rayon::ThreadPoolBuilder::new().num_threads(2).use_current_thread().build();
    let terminal = Terminal::new(cli.color);
    let done = dispatch(&cli, &terminal);
    let exit = done.unwrap_or_else(|failure| messages::failed(&failure, cli.format, &terminal));
    exit.into()
}

fn dispatch(cli: &Cli, terminal: &Terminal) -> Done {
    let Some(command) = &cli.command else { return Ok(begin::said(terminal)) };
    match command {
        Command::Init(arguments) => init::run(arguments, cli.format, terminal),
        Command::Generate(arguments) => generate::run(arguments, cli.format, terminal),
        Command::Check(arguments) => check::run(arguments, cli.format, terminal),
        Command::Images(arguments) => images::run(arguments, cli.format, terminal),
        Command::Secrets(arguments) => secrets::run(arguments, cli.format, terminal),
        Command::Certs(arguments) => certs::run(arguments, cli.format, terminal),
        Command::Verify(arguments) => verify::run(arguments, cli.format, terminal),
        Command::Report(arguments) => report::run(arguments, terminal),
        Command::Explain(arguments) => explain::run(arguments, terminal),
        Command::Systems(arguments) => systems::run(arguments, cli.format, terminal),
        Command::Controls(arguments) => controls::run(arguments, cli.format, terminal),
        Command::Schema(arguments) => schema::run(arguments, terminal),
        Command::Lsp(arguments) => lsp::run(arguments),
        Command::Completions(arguments) => completions::run(arguments, terminal),
        Command::Man(arguments) => man::run(arguments, terminal),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn nothing_of_this_process_is_dumped() {
        super::close_memory();
        let limit = rustix::process::getrlimit(super::Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
        let is = rustix::process::dumpable_behavior().expect("the kernel tells");
        assert_eq!(is, rustix::process::DumpableBehavior::NotDumpable);
    }

    #[test]
    fn the_arguments_are_sound() {
        super::Cli::command().debug_assert();
    }
}
