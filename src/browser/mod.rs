//! In: what a page in a browser says, as JSON. Out: what it shows, as JSON: findings, completion, files, differences, reasons.
//!
//! Pure like the compiler: texts are what the page has open, the day is handed in. Nothing here makes a secret or a certificate.

mod begin;
mod change;
mod desk;
mod shown;
#[cfg(test)]
mod tests;

use crate::editor::protocol::InitializeParams;
use crate::editor::{self, State};
use crate::explain;
use crate::report::JSON;
use crate::values::Day;
use change::Baseline;
use desk::Desk;
use lsp_server::{Notification, Request};
use serde::Deserialize;
use serde_json::{Value, json};
use shown::{Content, Shown};
use std::rc::Rc;

/// Where the profile lies on the page's disk, which there is not.
pub const PROFILE: &str = "/stockade.yaml";
const PROFILE_URI: &str = "file:///stockade.yaml";

/// What the page asks.
#[derive(Debug, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
enum Ask {
    /// What one can begin with.
    Begin,
    /// Takes a text in, in place of the one before, and says what comes of the profile.
    Text {
        /// `/stockade.yaml`, or a system file beside it.
        path: String,
        text: String,
    },
    /// A request of the Language Server Protocol about an open text.
    Editor { method: String, params: Value },
    /// A file of a bundle, and how it differs from the one before the line was changed.
    File { bundle: usize, path: String },
    /// Why a line of it is as it is.
    Explain { bundle: usize, path: String, line: usize },
    /// The report's diagram.
    Diagram { bundle: usize },
    /// The report as a page.
    Report { bundle: usize },
    /// Every file, for an archive.
    All { bundle: usize },
}

/// One page's session.
#[derive(Debug)]
pub struct Session {
    state: State,
    desk: Desk,
    /// The bundles of the last profile that had any.
    bundles: Rc<Vec<Shown>>,
    baseline: Baseline,
    version: i32,
}

impl Session {
    /// Nothing open yet. Waivers are judged on the day, written `2026-11-30`.
    ///
    /// # Errors
    /// It is no day.
    pub fn new(today: &str) -> Result<Self, String> {
        let day: Day = today.parse().map_err(|error: crate::values::Invalid| error.reason)?;
        // Columns as JavaScript counts them.
        let capabilities = json!({
            "general": { "positionEncodings": ["utf-16"] },
            "textDocument": { "publishDiagnostics": { "relatedInformation": true } },
        });
        Ok(Self {
            state: State::new(&InitializeParams { capabilities }),
            desk: Desk::new(day),
            bundles: Rc::default(),
            baseline: Baseline::default(),
            version: 0,
        })
    }

    /// Answers one question: `{"is": …}`, or `{"wrong": …}` where it cannot be understood.
    pub fn answer(&mut self, ask: &str) -> String {
        let answer = match serde_json::from_str(ask) {
            Ok(ask) => self.of(ask).map(|is| json!({ "is": is })),
            Err(error) => Err(error.to_string()),
        };
        answer.unwrap_or_else(|wrong| json!({ "wrong": wrong })).to_string()
    }

    fn of(&mut self, ask: Ask) -> Result<Value, String> {
        match ask {
            Ask::Begin => Ok(json!(begin::all())),
            Ask::Text { path, text } => Ok(self.text(&path, text)),
            Ask::Editor { method, params } => {
                self.state.refresh(&self.desk);
                let request = Request { id: 0.into(), method, params };
                editor::answer(&self.state, &self.desk, request).response_result.map_err(|error| error.message)
            }
            Ask::File { bundle, path } => {
                let (bundle, file) = (self.bundle(bundle)?, self.file(bundle, &path)?);
                let text = file.content.text();
                let lines = text.map(|text| self.baseline.lines(bundle, &path, text));
                Ok(json!({ "mode": file.mode, "made": file.content.made(), "text": text, "changes": lines }))
            }
            Ask::Explain { bundle, path, line } => {
                let (shown, file) = (self.bundle(bundle)?, self.file(bundle, &path)?);
                let text = file.content.text().ok_or("its text is made on the host")?;
                let report = shown.files.get(JSON).and_then(|file| file.content.text());
                let report: Option<Value> = report.and_then(|text| serde_json::from_str(text).ok());
                let file = explain::File { name: &path, text, secret: false };
                file.explain(line, report.as_ref()).map(Value::from).ok_or_else(|| format!("there is no line {line}"))
            }
            Ask::Diagram { bundle } => self.bundle(bundle)?.diagram().map(Value::from),
            Ask::Report { bundle } => self.bundle(bundle)?.page().map(Value::from),
            Ask::All { bundle } => {
                Ok(json!({ "name": self.bundle(bundle)?.folder(), "files": self.bundle(bundle)?.files }))
            }
        }
    }

    /// Takes a text in and looks at the profile anew.
    fn text(&mut self, path: &str, text: String) -> Value {
        self.version += 1;
        let uri = editor::uri::of(std::path::Path::new(path));
        let before = self.state.documents.get(&uri).map(|document| document.file.text().to_owned());
        self.baseline.before_edit(before.as_deref(), &text, path, &self.bundles);
        let (method, params) = match before {
            None => (
                "textDocument/didOpen",
                json!({ "textDocument": { "uri": uri, "version": self.version, "text": text } }),
            ),
            Some(_) => (
                "textDocument/didChange",
                json!({ "textDocument": { "uri": uri, "version": self.version }, "contentChanges": [{ "text": text }] }),
            ),
        };
        self.state.notify(Notification { method: method.to_owned(), params });
        self.state.refresh(&self.desk);
        let fresh = self.desk.take();
        let is_current = fresh.as_ref().is_some_and(|bundles| !bundles.is_empty());
        if let Some(bundles) = fresh.filter(|bundles| !bundles.is_empty()) {
            self.bundles = Rc::new(bundles);
        }
        let findings = self.state.findings(&self.desk);
        let bundles: Vec<Value> = self.bundles.iter().map(|bundle| self.overview(bundle)).collect();
        json!({
            "findings": findings,
            "current": is_current,
            "profile": PROFILE_URI,
            "bundles": bundles,
        })
    }

    fn overview(&self, bundle: &Shown) -> Value {
        let files: Vec<Value> = bundle
            .files
            .iter()
            .filter(|(_, file)| !matches!(file.content, Content::Directory))
            .map(|(path, file)| {
                let changed = file.content.text().and_then(|text| self.baseline.count(bundle, path, text));
                json!({ "path": path, "made": file.content.made(), "changed": changed, "tells": shown::tells(path) })
            })
            .collect();
        json!({
            "name": bundle.name,
            "host": bundle.host,
            "answers": bundle.answers,
            "files": files,
            "gone": self.baseline.gone(bundle),
        })
    }

    fn bundle(&self, number: usize) -> Result<&Shown, String> {
        self.bundles.get(number).ok_or_else(|| format!("there is no bundle {number}"))
    }

    fn file(&self, bundle: usize, path: &str) -> Result<&shown::File, String> {
        self.bundle(bundle)?.files.get(path).ok_or_else(|| format!("there is no file `{path}`"))
    }
}
