//! Questions at a terminal.

use super::end;
use crate::cli::exit::{Exit, Failure};
use crate::cli::terminal::{Terminal, wrapped};
use crate::init::{Form, Key, Open, Value, Wizard};
use crate::values::Invalid;
use dialoguer::console::{self, Term};
use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{Input, Select};
use signal_hook::consts::SIGINT;
use std::io::{ErrorKind, IsTerminal as _};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Words that are no answers.
const BACK: &str = "back";
const QUIT: &str = "quit";

/// Why nobody can be asked.
pub fn obstacle() -> Option<&'static str> {
    let dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Some("there is no terminal to ask at");
    }
    dumb.then_some("this terminal cannot show questions (`TERM` is `dumb` or not set)")
}

/// How the questions ended.
pub enum Asked {
    /// All are answered.
    Done,
    /// The person left.
    Quit,
    /// The terminal failed.
    Failed(Failure),
}

/// What is done with the profile.
pub enum Last {
    /// It is written, and the bundle too where that is wanted.
    Write { generate: bool },
    /// The last question is open again.
    Back,
    /// Nothing.
    Quit,
}

/// One answer.
enum Answer {
    Given(Vec<(Key, Value)>),
    Back,
    Quit,
}

/// The terminal, made ready for questions.
pub struct Prompt<'t> {
    terminal: &'t Terminal,
    term: Term,
    theme: Box<dyn Theme>,
    /// What stands for the rest of a line that is too long.
    ellipsis: &'static str,
}

impl<'t> Prompt<'t> {
    /// From here on Ctrl-C ends the question, not the process, so that the terminal is left as it was.
    pub fn new(terminal: &'t Terminal) -> Self {
        let _ = signal_hook::flag::register(SIGINT, Arc::new(AtomicBool::new(false)));
        console::set_colors_enabled_stderr(terminal.colour);
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok().filter(|it| !it.is_empty()));
        let unicode = locale.is_some_and(|locale| locale.to_ascii_uppercase().replace('-', "").contains("UTF8"));
        let theme: Box<dyn Theme> =
            if terminal.colour && unicode { Box::new(ColorfulTheme::default()) } else { Box::new(SimpleTheme) };
        let ellipsis = if unicode { "…" } else { "..." };
        Self { terminal, term: Term::stderr(), theme, ellipsis }
    }

    /// The first page.
    pub fn begin(&self, wizard: &Wizard) {
        let width = usize::from(self.width());
        let how = "At most five questions; Enter takes the default. `back` opens the question before, `quit` and \
                   Ctrl-C leave and write nothing.";
        self.terminal.message(&format!("{}\n{}", wrapped(how, 0, width), end::found(wizard, width)));
    }

    /// The first page of a change.
    pub fn begin_change(&self, path: &str) {
        let how = format!(
            "{path} is here. Enter leaves an answer as it is; comments and order stay. `back` opens the question before, `quit` \
             and Ctrl-C leave and write nothing."
        );
        self.terminal.message(&wrapped(&how, 0, usize::from(self.width())));
    }

    /// Asks until nothing is open.
    pub fn questions(&self, wizard: &mut Wizard) -> Asked {
        while let Some(open) = wizard.next() {
            let number = wizard.answers().count() + 1;
            match self.one(&open, number, wizard) {
                Ok(Answer::Given(chosen)) => wizard.choose(chosen),
                Ok(Answer::Back) => {
                    if !wizard.back() {
                        self.terminal.message("this is the first question; `quit` leaves\n");
                    }
                }
                Ok(Answer::Quit) => return Asked::Quit,
                Err(error) => return self.ended(error),
            }
        }
        Asked::Done
    }

    /// Whether to write, and to generate.
    ///
    /// # Errors
    /// The terminal failed.
    pub fn last(&self, what: &str, complete: bool) -> Result<Last, Failure> {
        let mut items = vec![what.to_owned(), BACK.to_owned(), QUIT.to_owned()];
        if complete {
            items.insert(0, format!("{what} and generate the bundle"));
        }
        self.terminal.message("\n");
        let chosen = match self.select("and now", &items, 0) {
            Ok(chosen) => {
                chosen.and_then(|at| items.get(at)).inspect(|item| self.report("and now", item));
                chosen
            }
            Err(error) => {
                return match self.ended(error) {
                    Asked::Failed(failure) => Err(failure),
                    _ => Ok(Last::Quit),
                };
            }
        };
        let shift = usize::from(complete);
        Ok(match chosen {
            Some(0) if complete => Last::Write { generate: true },
            Some(at) if at == shift => Last::Write { generate: false },
            Some(at) if at == shift + 2 => Last::Quit,
            _ => Last::Back,
        })
    }

    /// Leaves.
    pub fn quit(&self) -> Exit {
        self.terminal.message("nothing was written\n");
        Exit::Findings
    }

    fn one(&self, open: &Open, number: usize, wizard: &Wizard) -> dialoguer::Result<Answer> {
        let width = usize::from(self.width());
        let help = match &open.form {
            Form::Type { example, may_wait: true } => {
                format!("{} Such as {example}; Enter leaves it for later.", open.help)
            }
            Form::Type { example, may_wait: false } => format!("{} Such as {example}.", open.help),
            Form::Pick { .. } => open.help.clone(),
        };
        let mut text =
            format!("\n{}{}", wrapped(&format!("{number}. {}", open.text), 0, width), wrapped(&help, 3, width));
        if let Some(from) = open.default.as_ref().and_then(|default| default.from.as_ref()) {
            text.push_str(&wrapped(&format!("({from})"), 3, width));
        }
        self.terminal.message(&text);
        match &open.form {
            Form::Pick { choices, first } => {
                let broad = choices.iter().map(|choice| console::measure_text_width(&choice.label)).max().unwrap_or(0);
                let mut items: Vec<String> =
                    choices.iter().map(|it| format!("{:broad$}  {}", it.label, it.note)).collect();
                items.extend([BACK.to_owned(), QUIT.to_owned()]);
                let prompt = open.key.to_string();
                let chosen = self.select(&prompt, &items, *first)?;
                if let Some(choice) = chosen.and_then(|at| choices.get(at)) {
                    self.report(&prompt, &format!("{}, {}", choice.label, choice.note));
                }
                Ok(match chosen {
                    Some(at) if at < choices.len() => Answer::Given(choices[at].answers.clone()),
                    Some(at) if at == choices.len() + 1 => Answer::Quit,
                    _ => Answer::Back,
                })
            }
            Form::Type { example, may_wait } => self.line(open, example, *may_wait, wizard),
        }
    }

    fn line(&self, open: &Open, example: &str, may_wait: bool, wizard: &Wizard) -> dialoguer::Result<Answer> {
        let judge = |text: &str| match text.trim() {
            BACK | QUIT => Ok(()),
            "" if may_wait => Ok(()),
            "" => Err(format!("an answer is needed, such as {example}")),
            text => wizard.judge(&open.key, text).map(|_| ()).map_err(|Invalid { reason, help }| {
                help.map_or_else(|| reason.clone(), |help| format!("{reason}; {help}"))
            }),
        };
        let default = open.default.as_ref().map(|default| default.value.text());
        let prompt = open.key.to_string();
        self.flush();
        let mut input = Input::<String>::with_theme(&*self.theme)
            .with_prompt(prompt)
            .allow_empty(true)
            .validate_with(|text: &String| judge(text));
        if let Some(default) = default {
            input = input.default(default);
        }
        let text = input.interact_text_on(&self.term)?;
        Ok(match text.trim() {
            BACK => Answer::Back,
            QUIT => Answer::Quit,
            "" => Answer::Given(vec![(open.key.clone(), Value::Later)]),
            text => match wizard.judge(&open.key, text) {
                Ok(value) => Answer::Given(vec![(open.key.clone(), value)]),
                Err(_) => Answer::Back,
            },
        })
    }

    fn select(&self, prompt: &str, items: &[String], first: usize) -> dialoguer::Result<Option<usize>> {
        let room = usize::from(self.width()).saturating_sub(6).max(10);
        let items: Vec<_> =
            items.iter().map(|item| console::truncate_str(item.trim_end(), room, self.ellipsis)).collect();
        self.flush();
        Select::with_theme(&*self.theme)
            .with_prompt(prompt)
            .items(&items)
            .default(first)
            .report(false)
            .interact_on_opt(&self.term)
    }

    /// The line that stays of a list.
    fn report(&self, prompt: &str, chosen: &str) {
        let mut line = String::new();
        if self.theme.format_select_prompt_selection(&mut line, prompt, chosen).is_ok() {
            self.terminal.message(&format!("{line}\n"));
        }
    }

    /// What was typed or pasted before a question was there does not answer it.
    fn flush(&self) {
        let _ = rustix::termios::tcflush(std::io::stdin(), rustix::termios::QueueSelector::IFlush);
    }

    fn width(&self) -> u16 {
        self.term
            .size_checked()
            .map(|(_, columns)| columns)
            .filter(|columns| *columns > 0)
            .unwrap_or(self.terminal.width)
    }

    /// Ctrl-C ends the process as it does elsewhere, once the cursor is there again.
    fn ended(&self, dialoguer::Error::IO(error): dialoguer::Error) -> Asked {
        let _ = self.term.show_cursor();
        match error.kind() {
            ErrorKind::Interrupted => {
                self.terminal.message("\nstopped; nothing was written\n");
                let _ = signal_hook::low_level::emulate_default_handler(SIGINT);
                Asked::Quit
            }
            // The terminal has gone away.
            ErrorKind::UnexpectedEof => Asked::Quit,
            _ => Asked::Failed(Failure::machine(
                format!("cannot ask at this terminal: {error}"),
                "answer without questions, `stockade init --yes --set KEY=VALUE`",
            )),
        }
    }
}
