#![allow(clippy::unwrap_used)]

use super::*;
use crate::backends::orchestrator::fixture;
use crate::backends::{app_config, secrets};
use crate::controls::enforce;

fn texts(stack: Stack) -> Vec<(String, String)> {
    let (stack, engine) = (enforce(stack), Engine::builtin());
    let own = app_config::emit(&stack, &engine).unwrap();
    let artifacts = emit(&stack, &engine, &own, &secrets::emit(&stack)).unwrap();
    let text = |artifact: Artifact| match artifact.content {
        Content::Text(text) => (artifact.path.to_string(), text),
        other => panic!("{other:?}"),
    };
    artifacts.into_iter().map(text).collect()
}

#[test]
fn a_self_contained_bundle_has_no_dotenv() {
    let mut stack = fixture::stack();
    stack.base = Some("/mnt/tank/apps/play".parse().unwrap());
    let files = texts(stack);
    assert_eq!(files.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), [".gitignore", "install.sh"]);
    assert!(files[1].1.contains("\nBASE=/mnt/tank/apps/play\n"));
    let env = &texts(fixture::stack())[0];
    assert!(env.0 == ".env" && env.1.ends_with("\nCOMPOSE_PROJECT_NAME='play'\n"));
}

#[test]
fn secrets_and_data_belong_in_no_repository() {
    let text = &texts(fixture::stack())[1].1;
    for line in ["/secrets/", "/certs/*.key", "/data/", "/data/.state/users.json"] {
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
    assert!(!text.contains("config/app.yaml"));
}

#[test]
fn the_script_knows_every_owner_and_mode() {
    let text = &texts(fixture::stack())[2].1;
    for line in [
        "  \"$1\" secrets - 0700",
        "  \"$1\" secrets/session_secret 568:568 0400  # why: secret-file-modes",
        "  \"$1\" certs/server.key 101:101 0400",
        "  \"$1\" data 568:568 0700  # why: file-permissions",
        "  \"$1\" data/.state/users.json 568:568 0600  # why: file-permissions",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
}
