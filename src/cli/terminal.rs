//! The two streams: data on standard output, messages on standard error.

use super::exit::Failure;
use clap::ColorChoice;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::panic::PanicHookInfo;

/// Columns where nobody says how many there are.
const WIDTH: u16 = 100;

/// What is known about the streams.
#[derive(Debug)]
pub struct Terminal {
    /// Whether messages are coloured.
    pub colour: bool,
    /// Columns of messages.
    pub width: u16,
    progress: bool,
    /// Whether what is said is kept for somebody else to say, and nothing is written here.
    held: bool,
    said: RefCell<Vec<Said>>,
}

/// How messages look.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    colour: bool,
    width: u16,
}

/// Something that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// To standard output.
    Data(String),
    /// To standard error.
    Message(String),
}

impl Terminal {
    /// Looks at the streams, `NO_COLOR` (<https://no-color.org>) and the option.
    pub fn new(choice: ColorChoice) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colour = match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => is_terminal && !refused,
        };
        // Where the output is no terminal, `COLUMNS` may say how wide it will be shown. Some consoles, and what records a session, are
        // terminals that do not know it either.
        let columns = || std::env::var("COLUMNS").ok()?.parse().ok().filter(|columns| *columns > 0);
        let terminal = Table::new().width().filter(|columns| *columns > 0);
        let width = terminal.or_else(columns).unwrap_or(WIDTH);
        Self { colour, width, progress: is_terminal, held: false, said: RefCell::default() }
    }

    /// How its messages look.
    pub fn look(&self) -> Look {
        Look { colour: self.colour, width: self.width }
    }

    /// One that only keeps what is said, for [`repeat`](Self::repeat) of another.
    pub fn held(Look { colour, width }: Look) -> Self {
        Self { colour, width, progress: false, held: true, said: RefCell::default() }
    }

    /// Writes data. A reader that has gone away, such as `head`, is no failure.
    ///
    /// # Errors
    /// A full disk behind a redirection, say.
    pub fn out(&self, text: &str) -> Result<(), Failure> {
        self.said.borrow_mut().push(Said::Data(text.to_owned()));
        if self.held {
            return Ok(());
        }
        let mut stdout = std::io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(Failure::machine(format!("cannot write to standard output: {error}"), "look at where it leads"))
            }
            _ => Ok(()),
        }
    }

    /// Writes a message. Where even that fails nobody is left to be told.
    pub fn message(&self, text: &str) {
        self.said.borrow_mut().push(Said::Message(text.to_owned()));
        if self.held {
            return;
        }
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }

    /// Everything written so far.
    pub fn said(&self) -> Vec<Said> {
        self.said.borrow().clone()
    }

    /// Everything written so far, which is forgotten.
    pub fn take(&self) -> Vec<Said> {
        self.said.take()
    }

    /// Writes what another run wrote.
    ///
    /// # Errors
    /// As [`out`](Self::out).
    pub fn repeat(&self, said: &[Said]) -> Result<(), Failure> {
        said.iter().try_for_each(|said| match said {
            Said::Data(text) => self.out(text),
            Said::Message(text) => {
                self.message(text);
                Ok(())
            }
        })
    }

    /// A table without lines, as wide as the terminal.
    pub fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(self.width);
        table
    }

    /// A bar for something slow; hidden unless somebody watches.
    pub fn bar(&self, what: &'static str) -> ProgressBar {
        if !self.progress {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{msg} {bar:24} {pos}/{len}") {
            bar.set_style(style);
        }
        bar.set_message(what);
        bar
    }
}

/// A path, safe to print: a file's name may hold what moves the cursor.
pub fn shown(path: &std::path::Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| !c.is_control() && !crate::values::is_invisible(c);
    text.chars().map(|c| if plain(c) { c.to_string() } else { c.escape_unicode().to_string() }).collect()
}

/// Narrowest page that is laid out; below it lines go over the edge.
const NARROWEST: usize = 40;

/// A text over as many lines as it needs, each indented; words are never cut.
pub fn wrapped(text: &str, indent: usize, width: usize) -> String {
    let width = width.max(NARROWEST);
    let mut out = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length <= width {
            out.push(' ');
            column += 1;
        } else {
            if column > 0 {
                out.push('\n');
            }
            out.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        }
        out.push_str(word);
        column += length;
    }
    out.push('\n');
    out
}

/// The text of a table, with a line end.
pub fn lines(mut table: Table) -> String {
    // What the first column holds are names.
    if let Some(first) = table.column_mut(0) {
        first.set_constraint(ColumnConstraint::ContentWidth);
    }
    let mut text = table.trim_fmt();
    text.push('\n');
    text
}

/// Says where the program broke, and nothing that stood in its memory.
pub fn panicked(info: &PanicHookInfo<'_>) {
    let place = info.location().map(|at| format!("{}:{}", at.file(), at.line())).unwrap_or_default();
    let text = format!(
        "error: stockade broke at {place}; nothing half-written was put in place\n  help: please report this line together with the command\n"
    );
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
    std::process::exit(super::Exit::Machine as i32);
}
