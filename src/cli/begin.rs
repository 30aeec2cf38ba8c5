//! `stockade` alone: where to begin.

use super::exit::Exit;
use super::input::PROFILE;
use super::terminal::Terminal;
use std::path::Path;

const WITHOUT: &str = "\
Stockade compiles a short hardening profile into everything a self-hosted Docker stack needs to run safely.

There is no profile in this folder.
  stockade init      asks at most five questions and writes one
  stockade systems   what is built in
  stockade --help    all commands
";

const WITH: &str = "\
This folder has a profile, stockade.yaml.
  stockade check      everything that is wrong with it
  stockade generate   writes its bundle
  stockade --help     all commands
";

/// Says it. A command is missing, so it is a mistake for whoever meant one.
pub fn said(terminal: &Terminal) -> Exit {
    terminal.message(if Path::new(PROFILE).exists() { WITH } else { WITHOUT });
    Exit::Input
}
