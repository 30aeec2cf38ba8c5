//! zsh, which also loads completions by the name of a file.

use clap_complete::env::{EnvCompleter, Zsh as Plain};
use std::ffi::OsString;
use std::io::{Error, Write};
use std::path::Path;

/// Loaded as `_stockade` from a folder of functions, the script is also the first question.
const LOADED: &str = "if [[ $funcstack[1] == _stockade ]]; then\n    _clap_dynamic_completer_stockade \"$@\"\nfi\n";

/// The shell.
pub(in crate::cli) struct Zsh;

impl EnvCompleter for Zsh {
    fn name(&self) -> &'static str {
        "zsh"
    }

    fn is(&self, name: &str) -> bool {
        name == "zsh"
    }

    fn write_registration(
        &self,
        variable: &str,
        name: &str,
        bin: &str,
        completer: &str,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        Plain.write_registration(variable, name, bin, completer, out)?;
        out.write_all(LOADED.as_bytes())
    }

    fn write_complete(
        &self,
        command: &mut clap::Command,
        words: Vec<OsString>,
        here: Option<&Path>,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        Plain.write_complete(command, words, here, out)
    }
}
