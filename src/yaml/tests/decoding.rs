use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::str::FromStr;
use std::time::Instant;

use serde::{Deserialize, Deserializer, de};

use super::{lines, sources};
use crate::text::Spanned;
use crate::yaml::decode::Decoded;
use crate::yaml::{Sources, read_as};

#[derive(Debug, PartialEq)]
struct Domain(String);

impl FromStr for Domain {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains('.') && !text.contains(' ') {
            return Ok(Self(text.to_owned()));
        }
        Err(format!("`{text}` is not a domain\nhelp: write a name with a dot"))
    }
}

impl<'de> Deserialize<'de> for Domain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Profile {
    version: u8,
    name: Spanned<String>,
    domain: Spanned<Domain>,
    #[serde(default)]
    level: Level,
    #[serde(default)]
    services: BTreeMap<Spanned<String>, Service>,
    #[serde(default)]
    admin: Vec<Spanned<String>>,
    proxy: Option<Proxy>,
    #[serde(default)]
    base: Option<Service>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Level {
    #[default]
    Baseline,
    Hardened,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Service {
    image: String,
    #[serde(default)]
    ports: Vec<Spanned<u16>>,
    #[serde(default)]
    read_only: Option<bool>,
    limit: Option<Limit>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Proxy {
    None,
    File(String),
    Nginx { port: u16 },
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(untagged)]
enum Limit {
    Number(f64),
    Off(bool),
    Named { name: String },
}

fn decode(text: &str) -> (Decoded<Profile>, Sources) {
    let (sources, id) = sources(text);
    (read_as(&sources, id), sources)
}

#[track_caller]
fn finds(text: &str, expected: &[&str]) -> Option<Profile> {
    let (decoded, sources) = decode(text);
    assert_eq!(lines(&decoded.diagnostics, &sources), expected, "{text}");
    decoded.value
}

const GOOD: &str = "version: 1\nname: hi\ndomain: a.b\n";

#[test]
fn a_correct_profile_decodes_with_places() {
    let text = format!(
        "{GOOD}level: hardened\nservices:\n  web: &w\n    image: 1.10\n    ports: [80, 0x1F90]\n    read_only: true\n    limit: 0.5\n  api: {{image: yes, limit: {{name: x}}}}\n  copy: {{<<: *w, limit: false}}\nadmin:\n  - 10.0.0.0/8\nproxy: {{nginx: {{port: 80}}}}\n"
    );
    let (decoded, sources) = decode(&text);
    let profile = decoded.value.unwrap();
    assert_eq!(profile.domain.value, Domain("a.b".to_owned()));
    assert_eq!(sources.text(profile.domain.span), "a.b");
    assert_eq!(profile.level, Level::Hardened);
    let web = &profile.services["web".to_owned().into_key()];
    assert_eq!(web.image, "1.10");
    assert_eq!(web.ports.iter().map(|port| port.value).collect::<Vec<_>>(), [80, 8080]);
    assert_eq!(sources.text(web.ports[1].span), "0x1F90");
    assert_eq!((web.read_only, &web.limit), (Some(true), &Some(Limit::Number(0.5))));
    let api = &profile.services["api".to_owned().into_key()];
    assert_eq!(api.image, "yes");
    assert_eq!(api.limit, Some(Limit::Named { name: "x".to_owned() }));
    let copy = &profile.services["copy".to_owned().into_key()];
    assert_eq!((copy.image.as_str(), &copy.limit), ("1.10", &Some(Limit::Off(false))));
    let names: Vec<&str> = profile.services.keys().map(|name| sources.text(name.span)).collect();
    assert_eq!(names, ["api", "copy", "web"]);
    assert_eq!(sources.text(profile.admin[0].span), "10.0.0.0/8");
    assert_eq!(profile.proxy, Some(Proxy::Nginx { port: 80 }));
}

trait IntoKey {
    fn into_key(self) -> &'static Spanned<String>;
}

impl IntoKey for String {
    fn into_key(self) -> &'static Spanned<String> {
        Box::leak(Box::new(Spanned::from(self)))
    }
}

#[test]
fn spanned_reads_other_formats_and_prints_as_its_value() {
    let value: Spanned<Vec<Spanned<u8>>> = serde_json::from_str("[1, 2]").unwrap();
    assert!(value.span.is_unknown());
    assert_eq!(serde_json::to_string(&value).unwrap(), "[1,2]");
    assert_eq!(format!("{value:?}"), "[1, 2]");
    let (own, inner) = (schemars::schema_for!(Spanned<Vec<Spanned<u8>>>), schemars::schema_for!(Vec<u8>));
    assert_eq!(own, inner);
}

#[test]
fn everything_wrong_is_reported_at_once() {
    let text = "\
version: 300
nmae: hi
domain: nodot
level: hardend
services:
  web:
    image: x
    ports: [80, 99999, no, 443]
    read_only: yes
  api:
    prots: [1, b]
    image: ~
  bare:
admin: 10.0.0.0/8
proxy: {ngnix: {port: 1}}
";
    let value = finds(
        text,
        &[
            "1:10 invalid-value expected a whole number from 0 to 255, found the number `300`",
            "2:1 unknown-key unknown key `nmae`",
            "3:9 invalid-value `nodot` is not a domain",
            "4:8 unknown-value unknown value `hardend`",
            "8:17 invalid-value expected a whole number from 0 to 65535, found the number `99999`",
            "8:24 wrong-type expected a whole number from 0 to 65535, found the text `no`",
            "9:16 wrong-type expected `true` or `false`, found the text `yes`",
            "11:5 unknown-key unknown key `prots`",
            "11:16 wrong-type expected a whole number from 0 to 65535, found the text `b`",
            "12:12 wrong-type expected text, found nothing",
            "13:3 wrong-type expected a mapping, found nothing",
            "14:8 wrong-type expected a list, found the text `10.0.0.0/8`",
            "15:9 unknown-value unknown value `ngnix`",
        ],
    );
    assert!(value.is_none(), "a required key is wrong");
}

#[test]
fn every_missing_key_is_named() {
    finds(
        "level: baseline\nproxy:\n  nginx: {}\n",
        &[
            "1:1 missing-key missing key `version`",
            "1:1 missing-key missing key `name`",
            "1:1 missing-key missing key `domain`",
            "3:10 missing-key missing key `port`",
        ],
    );
}

#[test]
fn a_missing_key_has_a_place_whatever_was_cut_out() {
    finds(
        "colour: 1\nversion: x\nname: n\n",
        &[
            "1:1 missing-key missing key `domain`",
            "1:1 unknown-key unknown key `colour`",
            "2:10 wrong-type expected a whole number from 0 to 255, found the text `x`",
        ],
    );
    finds(
        "version: x\nname: ~\n",
        &[
            "1:1 missing-key missing key `domain`",
            "1:10 wrong-type expected a whole number from 0 to 255, found the text `x`",
            "2:7 wrong-type expected text, found nothing",
        ],
    );
}

#[test]
fn what_is_right_survives() {
    let text = format!("{GOOD}colour: red\nservices:\n  web: {{image: a, ports: [x, 1]}}\n");
    let profile = finds(
        &text,
        &[
            "4:1 unknown-key unknown key `colour`",
            "6:27 wrong-type expected a whole number from 0 to 65535, found the text `x`",
        ],
    );
    let profile = profile.expect("only optional parts were wrong");
    assert_eq!(profile.services[&Spanned::from("web".to_owned())].ports, [Spanned::from(1)]);
}

#[test]
fn mistakes_in_anchors_and_merges_are_shown_where_they_are_written_once() {
    let text = format!(
        "{GOOD}base: &b\n  image: x\n  ports:\n  - &p huge\nservices:\n  one: *b\n  two:\n    <<: *b\n    read_only: true\n  three: {{image: y, ports: [*p]}}\n"
    );
    let mistake = "wrong-type expected a whole number from 0 to 65535, found the text `huge`";
    finds(&text, &[&format!("7:8 {mistake}")]);

    let (decoded, sources) =
        decode(&format!("{GOOD}admin: &a [x, [y]]\nservices: {{w: &w {{image: *a}}}}\nbase: *w\n"));
    let expected = ["4:15 wrong-type expected text, found a list", "4:11 wrong-type expected text, found a list"];
    let mut found = lines(&decoded.diagnostics, &sources);
    found.sort_by(|a, b| b.cmp(a));
    assert_eq!(found, expected);
    let outer = decoded.diagnostics.iter().next().unwrap();
    let used: Vec<&str> = outer.labels.iter().map(|label| sources.text(label.span)).collect();
    assert_eq!(used, ["[x, [y]]", "*a"]);
}

#[test]
fn the_way_out_is_said() {
    for (text, help) in [
        ("nmae: x", "did you mean `name`?"),
        ("zzzzzz: x", "allowed: `version`, `name`, `domain`, `level`, `services`, `admin`, `proxy` or `base`"),
        ("level: Hardend", "did you mean `hardened`?"),
        ("base: {image: x, read_only: on}", "YAML 1.2 reads this as text; write `true`"),
        ("base: {image: x, read_only: \"true\"}", "remove the quotes: `true`"),
        ("base: {image: x, ports: [\"80\"]}", "remove the quotes: `80`"),
        ("base: {image: }", "write a value, or remove the key"),
        ("proxy: nginx", "`nginx` needs a value: write `nginx: …`"),
        ("proxy: {none: 1}", "write `none` alone"),
        ("base: {image: x, and more}", "put quotes around the text before it: a comma ends a value between braces"),
        ("proxy: []", "allowed: `none`, `file` or `nginx`"),
    ] {
        let (decoded, _) = decode(&format!("{GOOD}{text}\n"));
        let helps: Vec<&str> = decoded.diagnostics.iter().filter_map(|d| d.help.as_deref()).collect();
        assert_eq!(helps, [help], "{text}");
    }
    let (decoded, _) = decode("version: 1\nname: x\ndomain: y\n");
    let first = decoded.diagnostics.iter().next().unwrap();
    assert_eq!(
        (first.message.as_str(), first.help.as_deref()),
        ("`y` is not a domain", Some("write a name with a dot"))
    );
}

#[test]
fn a_root_that_is_no_mapping_is_one_finding() {
    finds("- a\n", &["1:3 wrong-type expected a mapping, found a list"]);
    finds("just text\n", &["1:1 wrong-type expected a mapping, found the text `just text`"]);
}

#[test]
fn reading_stops_after_fifty_findings() {
    let mut text = GOOD.to_owned();
    for n in 0..200 {
        let _ = writeln!(text, "unknown{n}: 1");
    }
    let (decoded, _) = decode(&text);
    assert_eq!(decoded.diagnostics.len(), 51);
    assert!(decoded.value.is_none());
}

#[test]
fn line_ends_do_not_move_places() {
    let text = "version: 1\nname: ü\ndomain: a.b\nbäse: 1\nlevel: bäd\n";
    let expected = ["4:1 unknown-key unknown key `bäse`", "5:8 unknown-value unknown value `bäd`"];
    finds(text, &expected);
    finds(&text.replace('\n', "\r\n"), &expected);
    finds(&format!("\u{feff}{text}"), &expected);
}

#[test]
fn speed_is_printed() {
    let mut text = format!("{GOOD}services:\n");
    let mut n = 0;
    while text.len() < 100_000 {
        let _ = writeln!(
            text,
            "  service{n}:\n    image: registry.example.com/app:{n}\n    ports: [80, 443]\n    read_only: true"
        );
        n += 1;
    }
    let started = Instant::now();
    let (sources, id) = sources(&text);
    assert!(sources.tree(id).is_some());
    let read = started.elapsed();
    let decoded = read_as::<Profile>(&sources, id);
    let total = started.elapsed();
    assert_eq!(decoded.value.unwrap().services.len(), n);
    #[allow(clippy::print_stderr)]
    {
        eprintln!("{} bytes: read {read:?}, read and decoded {total:?}", text.len());
    }
}
