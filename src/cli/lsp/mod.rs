//! `stockade lsp`: the language server. Messages come in on standard input and go out on standard output; everything between
//! is [`crate::editor`].

mod disk;
mod page;

use super::exit::{Done, Exit, Failure};
use crate::diagnostics::codes;
use crate::editor::protocol::{Cancel, InitializeParams};
use crate::editor::{self, State};
use disk::Disk;
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{IsTerminal as _, Write as _};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// How long no message must come before findings are told: what is typed or pasted at once is looked at once.
const QUIET: Duration = Duration::from_millis(5);

const AFTER: &str = "\
An editor starts this; it is of no use in a terminal. As you type, it shows what
`stockade check` would say, explains controls, settings and recommendations,
completes, mends, and leads from a profile to its system file.

Examples:
  stockade lsp                      what an editor runs
  stockade schema --write           for editors without it: the schemas alone

In Neovim 0.11 and later:
  vim.lsp.config('stockade', { cmd = { 'stockade', 'lsp' },
    filetypes = { 'yaml' }, root_markers = { 'stockade.yaml' } })
  vim.lsp.enable('stockade')

docs/editor.md has the setup for VS Code and Helix, too.";

/// Serves editors: findings as you type, hover, quick fixes
///
/// It speaks the Language Server Protocol on standard input and output.
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// Standard input and output, which is what it uses anyway; some editors say so
    #[arg(long, hide = true)]
    stdio: bool,
}

/// Runs the command.
///
/// # Errors
/// The day cannot be told, or the client has gone away.
pub fn run(_: &Arguments) -> Done {
    if std::io::stdin().is_terminal() {
        return Err(Failure::input(
            codes::IO,
            "the language server speaks with an editor, and this is a terminal",
            "set it up in your editor as docs/editor.md says; `stockade check` finds the same here",
        ));
    }
    let disk = Disk::new()?;
    let mut client = Client { messages: listen(), waiting: VecDeque::new() };
    let Some(mut state) = initialize(&mut client)? else { return Ok(Exit::Findings) };
    serve(&mut client, &mut state, &disk)
}

/// The other end.
struct Client {
    messages: Receiver<Message>,
    /// What came already and is not yet answered.
    waiting: VecDeque<Message>,
}

/// Reads messages in a thread of its own, so that a client that waits to be rid of one is never kept waiting, and what came in
/// the meantime is known before an answer is computed. The end of standard input, or what is no message, ends the channel.
fn listen() -> Receiver<Message> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut stdin = std::io::stdin().lock();
        while let Ok(Some(message)) = Message::read(&mut stdin) {
            if sender.send(message).is_err() {
                return;
            }
        }
    });
    receiver
}

impl Client {
    /// The next message; none where the client has gone away.
    fn next(&mut self) -> Option<Message> {
        self.waiting.pop_front().or_else(|| self.messages.recv().ok())
    }

    /// Whether a message is there, or comes within the time.
    fn has_more(&mut self, within: Duration) -> bool {
        if self.waiting.is_empty() {
            match self.messages.recv_timeout(within) {
                Ok(message) => self.waiting.push_back(message),
                Err(RecvTimeoutError::Timeout) => return false,
                // There is something to be learnt: that it ended.
                Err(RecvTimeoutError::Disconnected) => return true,
            }
        }
        true
    }

    /// Whether the client has said meanwhile that it no longer wants an answer.
    fn has_cancelled(&mut self, id: &RequestId) -> bool {
        self.waiting.extend(self.messages.try_iter());
        let is_it = |message: &Message| match message {
            Message::Notification(Notification { method, params }) if method == "$/cancelRequest" => {
                serde_json::from_value::<Cancel>(params.clone()).is_ok_and(|cancel| cancel.id == *id)
            }
            _ => false,
        };
        self.waiting.iter().any(is_it)
    }

    fn send(&self, message: impl Into<Message>) -> Result<(), Failure> {
        let mut stdout = std::io::stdout().lock();
        let sent = message.into().write(&mut stdout).and_then(|()| stdout.flush());
        sent.map_err(|error| {
            Failure::machine(format!("cannot write to the editor: {error}"), "start it from the editor")
        })
    }

    fn refuse(&self, id: RequestId, code: ErrorCode, why: &str) -> Result<(), Failure> {
        self.send(Response::new_err(id, code as i32, why.to_owned()))
    }
}

/// Waits for `initialize`; nothing where the client goes away before it.
fn initialize(client: &mut Client) -> Result<Option<State>, Failure> {
    while let Some(message) = client.next() {
        match message {
            Message::Request(Request { id, method, params }) if method == "initialize" => {
                let state = State::new(&serde_json::from_value::<InitializeParams>(params).unwrap_or_default());
                let server = json!({ "name": "stockade", "version": env!("CARGO_PKG_VERSION") });
                let answer = json!({ "capabilities": editor::capabilities(&state), "serverInfo": server });
                client.send(Response::new_ok(id, answer))?;
                return Ok(Some(state));
            }
            Message::Request(request) => {
                client.refuse(request.id, ErrorCode::ServerNotInitialized, "`initialize` comes first")?;
            }
            Message::Notification(notification) if notification.method == "exit" => return Ok(None),
            Message::Notification(_) | Message::Response(_) => {}
        }
    }
    Ok(None)
}

/// Answers until the client says `exit` or goes away. The status is 0 where it said `shutdown` before, else 1.
fn serve(client: &mut Client, state: &mut State, disk: &Disk) -> Done {
    let mut shut_down = false;
    while let Some(message) = client.next() {
        match message {
            Message::Request(request) if shut_down => {
                client.refuse(request.id, ErrorCode::InvalidRequest, "`shutdown` was the last request")?;
            }
            Message::Request(request) if request.method == "shutdown" => {
                shut_down = true;
                client.send(Response::new_ok(request.id, Value::Null))?;
            }
            Message::Request(request) if request.method == "initialize" => {
                client.refuse(request.id, ErrorCode::InvalidRequest, "`initialize` comes once")?;
            }
            Message::Request(request) if client.has_cancelled(&request.id) => {
                client.refuse(request.id, ErrorCode::RequestCanceled, "cancelled")?;
            }
            Message::Request(request) => {
                state.refresh(disk);
                client.send(editor::answer(state, disk, request))?;
            }
            Message::Notification(notification) if notification.method == "exit" => break,
            Message::Notification(notification) => state.notify(notification),
            Message::Response(_) => {}
        }
        if !shut_down && state.awaits() && !client.has_more(QUIET) {
            for findings in state.publications(disk) {
                client.send(Notification::new("textDocument/publishDiagnostics".to_owned(), findings))?;
            }
        }
    }
    Ok(if shut_down { Exit::Fine } else { Exit::Findings })
}
