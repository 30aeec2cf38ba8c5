//! `stockade explain`: why something is as it is.

mod answer;
mod example;
mod line;
mod placeholders;
mod recommendation;

use super::exit::{Done, Exit, Failure};
use super::terminal::{Terminal, wrapped};
use crate::controls::catalogue;
use crate::diagnostics::{Code, codes, nearest};
use crate::explain::{detail, waiver};
use std::path::PathBuf;

const AFTER: &str = "\
Examples:
  stockade explain read-only-root             a control, and how to waive it
  stockade explain unknown-key                a code, with an example
  stockade explain ID                         a line of the vendor's guide
  stockade explain bundle/compose.yaml:17     a line of a generated file";

/// Tells why something is as it is, or what a name means
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// A control, a code, a recommendation, or FILE:LINE
    #[arg(value_name = "WHAT", add = super::complete::what())]
    what: String,
}

/// Runs the command.
///
/// # Errors
/// Something nobody knows, a file that cannot be read.
pub fn run(arguments: &Arguments, terminal: &Terminal) -> Done {
    let text = answer(&arguments.what)?;
    terminal.out(&laid_out(&text, usize::from(terminal.width)))?;
    Ok(Exit::Fine)
}

/// The text with long lines broken, but for what will be copied: commands and lines of files.
pub(super) fn laid_out(text: &str, width: usize) -> String {
    let one = |(at, line): (usize, &str)| {
        let indent = line.len() - line.trim_start().len();
        let copied = line.trim_start().starts_with("verify with: ")
            || (at == 0 && line.contains(':') && place(line.split("  ").next().unwrap_or_default()).is_some());
        match copied || line.chars().count() <= width {
            true => format!("{line}\n"),
            false => wrapped(line, indent, width),
        }
    };
    text.lines().enumerate().map(one).collect()
}

fn answer(what: &str) -> Result<String, Failure> {
    if let Some((file, line)) = place(what) {
        return line::explain(&file, line);
    }
    if let Some(control) = catalogue::find(what) {
        let meta = control.meta();
        return Ok(format!("{}{}\n{}", detail(meta), recommendation::of_control(meta.id)?, waiver(meta, None)));
    }
    if let Some(info) = Code::find(what).and_then(Code::info) {
        let example = example::of(info.code.as_str());
        return Ok(format!(
            "{}: {}\n  {}\n  way out: {}\n{example}",
            info.code, info.title, info.explanation, info.way_out
        ));
    }
    if let Some(text) = recommendation::explain(what)? {
        return Ok(text);
    }
    Err(unknown(what))
}

/// `FILE:LINE`, where the file exists or nothing else could be meant.
fn place(what: &str) -> Option<(PathBuf, usize)> {
    let (file, line) = what.rsplit_once(':')?;
    Some((PathBuf::from(file), line.parse().ok().filter(|line| *line > 0)?))
}

fn unknown(what: &str) -> Failure {
    let known: Vec<&str> = catalogue::ALL
        .iter()
        .map(|control| control.meta().id)
        .chain(codes::ALL.iter().map(|info| info.code.as_str()))
        .collect();
    let help = match nearest(what, known) {
        Some(name) => format!("did you mean `{name}`?"),
        None => "name a control (`stockade controls`), a recommendation, a diagnostic code, or FILE:LINE".to_owned(),
    };
    Failure::input(codes::UNKNOWN_VALUE, format!("nothing is known about `{}`", what.escape_debug()), help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_explained_and_nonsense_is_not() {
        assert!(answer("unknown-key").unwrap().contains("way out"));
        assert!(answer("unknwon-key").unwrap_err().finding.help.unwrap().contains("`unknown-key`"));
        assert!(answer("\u{1b}[2J").unwrap_err().finding.message.contains("\\u{1b}"));
    }

    #[test]
    fn a_place_has_a_line() {
        assert_eq!(place("a:b/compose.yaml:17"), Some(("a:b/compose.yaml".into(), 17)));
        assert_eq!(place("compose.yaml:0"), None);
        assert_eq!(place("compose.yaml"), None);
    }
}
