//! `docs/levels.md` and `docs/controls.md` are written from the catalogue; `STOCKADE_BLESS=1 cargo test` rewrites them.

use crate::controls::{Meta, Reach, catalogue};
use crate::diagnostics::Severity;
use crate::values::Level;
use std::{env, fmt::Write, fs, path::Path};

const LEVELS: [Level; 3] = [Level::Baseline, Level::Hardened, Level::Strict];

fn metas() -> impl Iterator<Item = &'static Meta> {
    catalogue::ALL.iter().map(|control| control.meta())
}

fn levels() -> String {
    let mut page = String::from(
        "# Levels\n\n\
         `level:` in the profile decides which controls are on; each level holds all of the one before. `hardened` is\n\
         the default. One control is switched off by a [waiver](controls.md#waivers).\n\n\
         - `baseline`: what never changes how an application behaves\n\
         - `hardened`: what well-behaved applications stand\n\
         - `strict`: all there is, at some cost in comfort\n\n\
         | control | baseline | hardened | strict |\n\
         | --- | --- | --- | --- |\n",
    );
    for meta in metas() {
        let marks = LEVELS.map(|level| if meta.level <= level { "yes" } else { "-" });
        writeln!(page, "| [{id}](controls.md#{id}) | {} |", marks.join(" | "), id = meta.id).expect("a string grows");
    }
    let counts = LEVELS.map(|level| metas().filter(|meta| meta.level <= level).count().to_string());
    writeln!(page, "| **{} controls** | {} |", metas().count(), counts.join(" | ")).expect("a string grows");
    page
}

fn controls() -> String {
    let mut page = String::from(
        "# Controls\n\n\
         Every hardening rule Stockade knows. An id is the same word in the profile, in comments of generated files, in\n\
         `stockade explain ID` and here. [levels.md](levels.md) shows which level turns on what.\n\n\
         ## Waivers\n\n\
         A control is switched off in the profile, with a reason and an end. After that day it is an error, so that\n\
         somebody decides again.\n\n\
         ```yaml\n\
         waivers:\n  \
           - control: read-only-root\n    \
             service: app            # leave it out to switch the control off everywhere\n    \
             reason: the updater writes below /opt until version 3\n    \
             until: 2027-03-31\n\
         ```\n",
    );
    for meta in metas() {
        let severity = match meta.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let waiver = match meta.reach {
            Reach::Service => "`control: ID` switches it off everywhere, `service: NAME` beside it for one service",
            Reach::Stack => "`control: ID`; only for the whole stack, `service` has no effect",
        };
        write!(
            page,
            "\n## {}\n\n**{}.** {}\n\n- boundary: {}\n- severity of its absence: {severity}\n- from level: {}\n\
             - references: {}\n- waiver: {}\n",
            meta.id,
            meta.title,
            meta.why,
            meta.boundary.title(),
            meta.level,
            meta.references.join(", "),
            waiver.replace("ID", meta.id),
        )
        .expect("a string grows");
    }
    page
}

/// Compares a page with its file, or writes it.
fn judge(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    if env::var_os("STOCKADE_BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, page).expect("the page can be written");
    }
    let file = fs::read_to_string(&path).unwrap_or_default();
    assert!(file == page, "docs/{name} is stale; run the tests with STOCKADE_BLESS=1 and commit it");
}

#[test]
fn the_page_of_levels_is_fresh() {
    judge("levels.md", &levels());
}

#[test]
fn the_page_of_controls_is_fresh() {
    judge("controls.md", &controls());
}
