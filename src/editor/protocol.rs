//! The shapes of the Language Server Protocol 3.17 that are read or written here, under their names there.
//!
//! Of its thousand shapes these few are needed; the crates that carry all of them cost more time to build than the whole of
//! the rest of this room.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A line and a column from 0, columns in units of the negotiated encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// Line, from 0.
    pub line: u32,
    /// Units before it in the line.
    pub character: u32,
}

/// Two positions; the end is not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Range {
    /// Where it begins.
    pub start: Position,
    /// One past where it ends.
    pub end: Position,
}

impl Range {
    /// Whether the two share a position, their ends included.
    pub fn touches(&self, other: &Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }
}

/// A range in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Location {
    /// The file.
    pub uri: String,
    /// Where in it.
    pub range: Range,
}

/// What `initialize` says, as far as it is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct InitializeParams {
    /// What the client can do, as it says it.
    pub capabilities: Value,
}

/// A text the client opens.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DidOpen {
    /// The text.
    pub text_document: TextDocumentItem,
}

/// A text with its name and version.
#[derive(Debug, Deserialize)]
pub struct TextDocumentItem {
    /// Its name.
    pub uri: String,
    /// Its version.
    #[serde(default)]
    pub version: i32,
    /// The whole text.
    pub text: String,
}

/// A text the client names.
#[derive(Debug, Deserialize)]
pub struct TextDocument {
    /// Its name.
    pub uri: String,
    /// Its version, where it has one.
    #[serde(default)]
    pub version: Option<i32>,
}

/// Changes of an open text, in turn.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DidChange {
    /// Which.
    pub text_document: TextDocument,
    /// What changes, each on what the one before made.
    pub content_changes: Vec<ContentChange>,
}

/// A range is replaced, or the whole text.
#[derive(Debug, Deserialize)]
pub struct ContentChange {
    /// The range; the whole text without it.
    #[serde(default)]
    pub range: Option<Range>,
    /// What stands there instead.
    pub text: String,
}

/// A message about one text.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AboutDocument {
    /// Which.
    pub text_document: TextDocument,
}

/// A question about a place in a text.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AtPosition {
    /// Which.
    pub text_document: TextDocument,
    /// Where.
    pub position: Position,
}

/// What can be done about a range.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CodeActionParams {
    /// Which text.
    pub text_document: TextDocument,
    /// Where.
    pub range: Range,
    /// What is asked for.
    #[serde(default)]
    pub context: CodeActionContext,
}

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CodeActionContext {
    /// Kinds of action, all without it.
    pub only: Option<Vec<String>>,
}

/// The identifier of a request that is no longer wanted.
#[derive(Debug, Deserialize)]
pub struct Cancel {
    /// The request.
    pub id: lsp_server::RequestId,
}

/// The findings in one file; they replace those before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublishDiagnostics {
    /// The file.
    pub uri: String,
    /// The version of the open text they are about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i32>,
    /// The findings.
    pub diagnostics: Vec<Diagnostic>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnostic {
    /// Where.
    pub range: Range,
    /// 1 error, 2 warning, 3 information.
    pub severity: u8,
    /// Its code.
    pub code: String,
    /// Where its code is explained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_description: Option<CodeDescription>,
    /// Who found it.
    pub source: &'static str,
    /// What it is, and the way out.
    pub message: String,
    /// 1: has no effect, and may be shown paler.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<u8>,
    /// Further places.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related_information: Vec<Related>,
}

/// Where a code is explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeDescription {
    /// The page.
    pub href: String,
}

/// A further place of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Related {
    /// Where.
    pub location: Location,
    /// What is to be said about it.
    pub message: String,
}

/// A range and what stands there instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TextEdit {
    /// The range.
    pub range: Range,
    /// The new text.
    pub new_text: String,
}

/// Edits by file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WorkspaceEdit {
    /// The edits of each.
    pub changes: BTreeMap<String, Vec<TextEdit>>,
}

/// Something that can be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CodeAction {
    /// What it does, for people.
    pub title: String,
    /// `quickfix`, `source.fixAll.stockade`.
    pub kind: &'static str,
    /// The findings it ends.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub diagnostics: Vec<Diagnostic>,
    /// Whether it is what one usually wants.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_preferred: bool,
    /// Its edits.
    pub edit: WorkspaceEdit,
}

/// Markdown about a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hover {
    /// The text.
    pub contents: Markup,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
}

/// Text with its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Markup {
    /// `markdown` or `plaintext`.
    pub kind: &'static str,
    /// The text.
    pub value: String,
}

/// A remark above a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeLens {
    /// The line.
    pub range: Range,
    /// The remark, as a command that does nothing.
    pub command: Command,
}

/// A title, and what a click on it runs; nothing where that is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Command {
    /// The title.
    pub title: String,
    /// The command.
    pub command: &'static str,
}

/// Something that can be written at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CompletionItem {
    /// What is shown, and sought by.
    pub label: String,
    /// 10 a key, 12 a value.
    pub kind: u8,
    /// A word about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documentation: Option<Markup>,
    /// What is written.
    pub text_edit: TextEdit,
    /// By which they are ordered.
    pub sort_text: String,
}

/// A part of a text with its parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DocumentSymbol {
    /// Its name.
    pub name: String,
    /// A word about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// 2 a module, 7 a property, 18 an array.
    pub kind: u8,
    /// All of it.
    pub range: Range,
    /// Its name's place.
    pub selection_range: Range,
    /// What is in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<DocumentSymbol>,
}
