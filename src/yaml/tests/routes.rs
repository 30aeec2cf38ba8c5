use super::{read, sources, tree};
use crate::yaml::{Route, find, route_at, route_at_line};

const TEXT: &str = "\
services:
  web:
    image: nginx:1
    ports:
      - 80:80
      - target: 443
        mode: host

    command: |
      one
      two
base: &b
  x: 1
uses:
  <<: *b
  y: *b
";

#[test]
fn every_line_has_its_route() {
    let (sources, id) = sources(TEXT);
    let file = sources.get(id).unwrap();
    let root = read(file, id).unwrap();
    for (line, expected) in [
        (1, "services"),
        (2, "services.web"),
        (3, "services.web.image"),
        (5, "services.web.ports[0]"),
        (6, "services.web.ports[1].target"),
        (7, "services.web.ports[1].mode"),
        (9, "services.web.command"),
        (11, "services.web.command"),
        (13, "base.x"),
        (16, "uses.y"),
        (99, ""),
    ] {
        assert_eq!(route_at_line(&root, file, line).to_string(), expected, "line {line}");
    }
    let host = TEXT.find("host").unwrap();
    assert_eq!(route_at(&root, host).to_string(), "services.web.ports[1].mode");
}

#[test]
fn a_route_leads_to_key_and_value() {
    let root = tree(TEXT).unwrap();
    let route: Route = ["services", "web", "ports"].into_iter().collect();
    let found = find(&root, &route.clone().index(1).key("mode")).unwrap();
    assert_eq!(&TEXT[found.span.start..found.span.end], "host");
    assert_eq!(found.key.map(|key| &TEXT[key.start..key.end]), Some("mode"));
    assert!(find(&root, &route.clone().index(7)).is_none());
    assert!(find(&root, &route.key("x")).is_none());
}

#[test]
fn odd_keys_are_quoted() {
    let route = Route::root().key("a.b").index(2).key("plain_word");
    assert_eq!(route.to_string(), r#""a.b"[2].plain_word"#);
}
