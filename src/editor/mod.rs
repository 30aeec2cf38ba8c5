//! In: what an editor tells and asks in the Language Server Protocol, and a [`World`] to read files from.
//! Out: findings, hovers, places, edits. Pure: open texts are the state, disk and clock are handed in.

mod actions;
mod completion;
mod convert;
mod cursor;
mod definition;
mod describe;
mod documents;
mod facts;
mod hover;
mod keys;
mod kind;
mod known;
mod lens;
mod look;
mod position;
pub mod protocol;
mod schemas;
mod spot;
mod state;
mod symbols;
pub mod uri;
mod world;

pub use state::State;
pub use world::{Open, Unread, World};

use lsp_server::{ErrorCode, Request, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// What the server can do, as `initialize` answers.
pub fn capabilities(state: &State) -> Value {
    json!({
        "positionEncoding": state.encoding.as_str(),
        "textDocumentSync": { "openClose": true, "change": 2, "save": { "includeText": false } },
        "hoverProvider": true,
        "definitionProvider": true,
        "documentSymbolProvider": true,
        "completionProvider": { "triggerCharacters": [" "] },
        "codeLensProvider": {},
        "codeActionProvider": { "codeActionKinds": ["quickfix", actions::FIX_ALL] },
    })
}

/// Answers a request on what is open. The state is as fresh as [`State::refresh`] left it.
pub fn answer(state: &State, world: &dyn World, request: Request) -> Response {
    let Request { id, method, params } = request;
    let answer = match method.as_str() {
        "textDocument/hover" => read(params).map(|at| json!(hover::hover(state, &at))),
        "textDocument/definition" => read(params).map(|at| json!(definition::definition(state, world, &at))),
        "textDocument/completion" => read(params).map(|at| json!(completion::completion(state, &at))),
        "textDocument/codeAction" => read(params).map(|asked| json!(actions::actions(state, world, &asked))),
        "textDocument/codeLens" => about(params).map(|text| json!(lens::lenses(state, &text))),
        "textDocument/documentSymbol" => about(params).map(|text| json!(symbols::symbols(state, &text))),
        // For those who doubt that both ends have the same text.
        "stockade/viewFileText" => {
            about(params).map(|text| json!(state.documents.get(&text.uri).map(|document| document.file.text())))
        }
        _ => {
            return Response::new_err(id, ErrorCode::MethodNotFound as i32, format!("`{method}` is not known here"));
        }
    };
    match answer {
        Ok(answer) => Response::new_ok(id, answer),
        Err(why) => Response::new_err(id, ErrorCode::InvalidParams as i32, why),
    }
}

/// The parameters of a request, or what is wrong with them.
fn read<T: DeserializeOwned>(params: Value) -> Result<T, String> {
    serde_json::from_value(params).map_err(|error| error.to_string())
}

fn about(params: Value) -> Result<protocol::TextDocument, String> {
    read::<protocol::AboutDocument>(params).map(|about| about.text_document)
}
