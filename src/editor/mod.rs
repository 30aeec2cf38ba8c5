//! In: what an editor tells and asks in the Language Server Protocol, and a [`World`] to read files from.
//! Out: findings, hovers, places, edits. Pure: open texts are the state, disk and clock are handed in.

mod convert;
mod documents;
mod facts;
mod kind;
mod look;
mod position;
pub mod protocol;
mod state;
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
    })
}

/// Answers a request on what is open. The state is as fresh as [`State::refresh`] left it.
pub fn answer(state: &State, world: &dyn World, request: Request) -> Response {
    let _ = (state, world);
    let Request { id, method, .. } = request;
    Response::new_err(id, ErrorCode::MethodNotFound as i32, format!("`{method}` is not known here"))
}

/// The parameters of a request, or the answer that says what is wrong with them.
#[allow(dead_code)]
fn parameters<T: DeserializeOwned>(request: &mut Request) -> Result<T, Response> {
    serde_json::from_value(request.params.take())
        .map_err(|error| Response::new_err(request.id.clone(), ErrorCode::InvalidParams as i32, error.to_string()))
}
