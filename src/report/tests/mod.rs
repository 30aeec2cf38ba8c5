//! A stack by hand, a compose file by hand, and what the report says of them.
#![allow(clippy::unwrap_used)]

mod answers;
mod checkers;
mod documents;

use super::*;
use crate::artifact::Content;
use crate::controls::enforce;
use crate::controls::tests::{fixture, parse, waive};
use crate::format::system::Status as Declared;
use crate::stack::{Compared, Difference, Recommendation, Stack, Steps};
use crate::text::Span;

const COMPOSE: &str = r##"name: demo
services:
  app:
    image: "ghcr.io/example/app:1.2.3"
    read_only: true  # why: read-only-root
    cap_drop: [ALL]  # why: least-capabilities
    cap_add:  # why: least-capabilities
      - CHOWN
    command: "sh -c x # why: read-only-root"
    labels:
      note: |
        text  # why: read-only-root
    ports:
      - "0.0.0.0:443:8443"  # why: bound-ports
    restart: unless-stopped
  # why: bounded-logs, cpu-limit
  other:
    image: "a:1@sha256:0000000000000000000000000000000000000000000000000000000000000000"
"##;

fn artifacts() -> Vec<Artifact> {
    let text = |path: &str, text: &str| Artifact::text(path.parse().unwrap(), text.to_owned());
    vec![
        text("compose.yaml", COMPOSE),
        text("data/config.json", "{\n  \"clients\": [{\n    \"secret\": \"x  # why: hsts\"\n  }]\n}\n"),
        text("proxy/nginx.conf", "server {\n  a b;  # why: tls-floor, hsts\n  a \"# why: hsts\";\n  x# why: hsts\n}\n"),
    ]
}

fn recommendation(id: &str, status: Declared, controls: &[Id], places: &[&str]) -> Recommendation {
    Recommendation {
        id: id.parse().unwrap(),
        guide: parse("Do `it`"),
        boundary: Boundary::HostContainer,
        status,
        controls: controls.to_vec(),
        places: places.iter().map(|place| (*place).to_owned().into()).collect(),
        because: None,
        verify: None,
        expect: None,
        evidence: Vec::new(),
        from: crate::values::Vantage::Host,
        changes: false,
        deviation: None,
        compared: Vec::new(),
        same_as: None,
        span: Span::UNKNOWN,
    }
}

fn stack(recommendations: Vec<Recommendation>) -> Stack {
    Stack { recommendations, ..fixture() }
}

fn run(stack: Stack) -> (Report, String, String, Vec<String>) {
    let mut diagnostics = Diagnostics::default();
    let (report, written) = emit(&enforce(stack), files(&artifacts()), &Engine::builtin(), &mut diagnostics).unwrap();
    let text = |artifact: &Artifact| match &artifact.content {
        Content::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    };
    let messages = diagnostics.iter().map(|d| d.message.clone()).collect();
    (report, text(&written[0]), text(&written[1]), messages)
}

fn places(artifacts: &[Artifact], id: &str) -> Vec<(String, usize, Option<String>)> {
    let marks = marks::gather(&Files::new(files(artifacts)));
    let found = marks.get(id).cloned().unwrap_or_default();
    found.into_iter().map(|place| (place.artifact, place.line.unwrap(), place.key)).collect()
}
