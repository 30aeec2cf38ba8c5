//! `stockade man`: manual pages, made of the same declaration as the help.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use super::exit::{Done, Exit, Failure};
use super::terminal::Terminal;

const AFTER: &str = "\
Examples:
  stockade man | man -l -            the page of stockade itself
  stockade man --out man1            a page for each command";

/// Prints the manual, or writes a page for every command
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// Write a page for each command into this folder
    ///
    /// They are called `stockade.1`, `stockade-generate.1` and so on.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// Standard output or the folder cannot be written.
pub fn run(arguments: &Arguments, terminal: &Terminal) -> Done {
    let all = pages();
    let Some(folder) = &arguments.out else {
        let (_, first) = all.into_iter().next().unwrap_or_default();
        terminal.out(&first)?;
        return Ok(Exit::Fine);
    };
    write(folder, &all).map_err(|(path, error)| {
        Failure::machine(format!("cannot write {}: {error}", path.display()), "name a folder that you may write to")
    })?;
    terminal.out(&format!("{}: {} pages\n", folder.display(), all.len()))?;
    Ok(Exit::Fine)
}

fn write(folder: &Path, pages: &[(String, String)]) -> Result<(), (PathBuf, std::io::Error)> {
    fs::create_dir_all(folder).map_err(|error| (folder.to_owned(), error))?;
    for (name, text) in pages {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|error| (path, error))?;
    }
    Ok(())
}

/// Every page with its file name, that of the program first.
fn pages() -> Vec<(String, String)> {
    let mut whole = super::Cli::command();
    whole.build();
    let mut found = Vec::new();
    add(whole, &mut found);
    found
}

fn add(command: Command, found: &mut Vec<(String, String)>) {
    let below: Vec<Command> =
        command.get_subcommands().filter(|it| !it.is_hide_set() && it.get_name() != "help").cloned().collect();
    let man = Man::new(command);
    let mut text = Vec::new();
    // Writing to memory does not fail.
    let _ = man.render(&mut text);
    found.push((man.get_filename(), String::from_utf8_lossy(&text).into_owned()));
    below.into_iter().for_each(|one| add(one, found));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_with_its_options() {
        let all = pages();
        let page = |name: &str| all.iter().find(|(file, _)| file == name).map(|(_, text)| text.as_str());
        assert_eq!(all[0].0, "stockade.1");
        assert!(page("stockade-generate.1").is_some_and(|text| text.contains(r"\-\-adopt")), "{all:?}");
        assert!(page("stockade-systems-new.1").is_some());
        assert!(all.len() > 10 && all.iter().all(|(_, text)| text.contains(".TH ")));
    }
}
