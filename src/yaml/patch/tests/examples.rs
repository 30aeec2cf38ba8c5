//! One example for each rule, so that a reader sees what comes out.

use super::*;

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn yaml(text: &str) -> Value {
    Value::Yaml(text.to_owned())
}

fn insert(key: &str, value: Value) -> Operation {
    Operation::Insert { key: key.to_owned(), value }
}

#[test]
fn an_operation_changes_its_value_and_nothing_else() {
    use Operation::{Append, Remove, RenameKey, Replace};
    let to = |to: &str, key: &str| Operation::Move { to: route(to), key: key.to_owned() };
    let cases = [
        // Another value keeps quotes and comments.
        ("a: x # c\n", "a", Replace(text("y")), "a: y # c\n"),
        ("a: 'x'\nb: 1\n", "a", Replace(text("it's")), "a: 'it''s'\nb: 1\n"),
        ("a: \"x\"", "a", Replace(text("ü")), "a: \"ü\""),
        ("a: \"5\"\n", "a", Replace(yaml("5")), "a: 5\n"),
        ("a: x\n", "a", Replace(text("yes")), "a: \"yes\"\n"),
        ("a:\nb: 1\n", "a", Replace(text("x")), "a: x\nb: 1\n"),
        ("a: # c\nb: 1\n", "a", Replace(text("x")), "a: x # c\nb: 1\n"),
        ("é: {a: x, b: y}\n", "é.a", Replace(text("p, q")), "é: {a: \"p, q\", b: y}\n"),
        ("a: # c\n  x: 1\n  y: 2\nb: 1\n", "a", Replace(yaml("[x]")), "a: [x] # c\nb: 1\n"),
        ("a: x # c\nb: 1\n", "a", Replace(yaml("- x\n- y")), "a: # c\n  - x\n  - y\nb: 1\n"),
        ("l:\n- x # c\n- y\n", "l[0]", Replace(yaml("k: 1\nm: 2")), "l:\n- k: 1 # c\n  m: 2\n- y\n"),
        // Keys.
        ("a:\n  'b': 1 # c\r\n", "a.b", RenameKey("c d".into()), "a:\n  'c d': 1 # c\r\n"),
        ("{a: 1}", "a", RenameKey("b".into()), "{b: 1}"),
        // Entries at the end of a mapping, wherever that is.
        ("a: 1\n", "", insert("b", text("x")), "a: 1\nb: x\n"),
        ("a: 1", "", insert("b", text("x")), "a: 1\nb: x"),
        ("a: 1\r\nb: 2 # c\r\n", "", insert("c", text("x")), "a: 1\r\nb: 2 # c\r\nc: x\r\n"),
        ("a:\n    x: 1\nb: 2\n", "a", insert("y", yaml("z: 1")), "a:\n    x: 1\n    y: z: 1\nb: 2\n"),
        (
            "a:\n    x: 1\nb: 2\n",
            "a",
            insert("y", yaml("z: 1\nw: 2")),
            "a:\n    x: 1\n    y:\n        z: 1\n        w: 2\nb: 2\n",
        ),
        ("a: {x: 1}\n", "a", insert("y", text("z")), "a: {x: 1, y: z}\n"),
        ("a: {x: 1,}\n", "a", insert("y", text("z")), "a: {x: 1, y: z}\n"),
        ("a: {}\n", "a", insert("y", text("z")), "a: {y: z}\n"),
        ("a:\nb: 1\n", "a", insert("y", text("z")), "a:\n  y: z\nb: 1\n"),
        ("a: ~ # c\nb: 1\n", "a", insert("y", text("z")), "a: # c\n  y: z\nb: 1\n"),
        ("b: 1\n", "a.c", insert("y", text("z")), "b: 1\na:\n  c:\n    y: z\n"),
        ("a: {x: 1}\n", "a.c", insert("y", text("z")), "a: {x: 1, c: {y: z}}\n"),
        ("# only a comment\n", "a", insert("y", text("z")), "# only a comment\na:\n  y: z\n"),
        ("", "", insert("y", text("z")), "y: z\n"),
        ("a: |\n  text\n\nb: 1\n", "", insert("c", text("x\ny\n")), "a: |\n  text\n\nb: 1\nc: |\n  x\n  y\n"),
        // Items.
        ("l:\n  - a\n  # c\nb: 1\n", "l", Append(text("x")), "l:\n  - a\n  - x\n  # c\nb: 1\n"),
        ("l:\n- a: 1\n  b: 2\n", "l", Append(yaml("a: 3\nb: 4")), "l:\n- a: 1\n  b: 2\n- a: 3\n  b: 4\n"),
        ("l: [a, b]\n", "l", Append(text("x")), "l: [a, b, x]\n"),
        ("l: []\n", "l", Append(text("x")), "l: [x]\n"),
        ("l:\nb: 1\n", "l", Append(text("x")), "l:\n  - x\nb: 1\n"),
        ("b: 1\n", "l", Append(yaml("k: v\nm: w")), "b: 1\nl:\n  - k: v\n    m: w\n"),
        ("b: {}\n", "b.l", Append(text("x")), "b: {l: [x]}\n"),
        // What goes leaves its comments.
        ("a: 1\n# on b\nb: ~ # why\nc: 3\n", "b", Remove, "a: 1\n# on b\n# why\nc: 3\n"),
        ("a: 1\nb: 2", "b", Remove, "a: 1"),
        ("a: 1\nb:\n  x: 1\n  y: 2\nc: 3\n", "b", Remove, "a: 1\nc: 3\n"),
        ("a: {x: 1, y: 2, z: 3}\n", "a.y", Remove, "a: {x: 1, z: 3}\n"),
        ("a: [x, y, z]\n", "a[2]", Remove, "a: [x, y]\n"),
        ("l:\n  - a\n  - b # c\n  - d\n", "l[1]", Remove, "l:\n  - a\n  # c\n  - d\n"),
        ("l:\n  - a: 1\n    b: 2\n", "l[0].a", Remove, "l:\n  - b: 2\n"),
        ("a:\n  x: 1\nb: 2\n", "a.x", Remove, "a: {}\nb: 2\n"),
        ("l: [x]\n", "l[0]", Remove, "l: []\n"),
        // What belongs elsewhere goes there with its comments.
        (
            "tls: # c\n  # d\n  mode: acme # e\nproxy:\n    kind: nginx\n",
            "tls",
            to("proxy", "tls"),
            "proxy:\n    kind: nginx\n    tls: # c\n      # d\n      mode: acme # e\n",
        ),
        ("mode: acme\nname: x\n", "mode", to("proxy.tls", "mode"), "name: x\nproxy:\n  tls:\n    mode: acme\n"),
        ("name: x\nmode: acme", "mode", to("proxy", "mode"), "name: x\nproxy:\n  mode: acme"),
        ("a:\n  x: 1\n  b: 2\n", "a.b", to("", "b"), "a:\n  x: 1\nb: 2\n"),
        ("a: {x: 1, b: 2}\n", "a.b", to("", "b"), "a: {x: 1}\nb: 2\n"),
        ("b: 2\na: {x: 1}\n", "b", to("a", "c"), "a: {x: 1, c: 2}\n"),
    ];
    for (before, at, operation, after) in cases {
        let found = changed(before, &route(at), &operation);
        assert_eq!(found.as_deref(), Ok(after), "{operation:?} of `{at}` in\n{before}");
    }
}

#[test]
fn what_cannot_be_done_rightly_is_refused() {
    use Operation::{Append, Remove, RenameKey, Replace};
    let cases = [
        ("a: &x 1\nb: *x\n", "a", Replace(text("y"))),
        ("a: &x 1\nb: *x\n", "b", Replace(text("y"))),
        ("a: &x {k: 1}\nb: *x\n", "b.k", Replace(text("y"))),
        ("a:\n  k: &x 1\nb: *x\n", "a", Remove),
        ("a: &x {k: 1}\nb:\n  <<: *x\n  l: 1\n", "b.k", RenameKey("m".into())),
        ("a: &x {k: 1}\nb:\n  <<: *x\n  l: 1\n", "b", insert("m", text("y"))),
        ("a: !!str 1\n", "a", Replace(text("y"))),
        ("? a\n: 1\n", "a", Replace(text("y"))),
        ("a: 1\nb: 2\n", "a", RenameKey("b".into())),
        ("a: 1\n", "a", insert("b", text("y"))),
        ("a: 1\n", "", insert("a", text("y"))),
        ("a: {x: 1}\n", "a", insert("y", yaml("- 1\n- 2"))),
        ("a: 1\n", "", Append(text("x"))),
        ("a: 1\n", "a", Remove),
        ("a: 1\n", "b", Remove),
        ("a: 1\n", "", Remove),
        ("a: |+\n  x\n\n", "", insert("b", text("y"))),
        ("a:\n  # c\n  x: 1\nb: 1\n", "a", Replace(text("y"))),
        ("a: [x, # c\n  y]\n", "a[0]", Remove),
        ("a: 1\na: 2\nb: 3\n", "b", Remove),
        ("a: {b: {c: 1}}\n", "a", Operation::Move { to: route("a.b"), key: "d".into() }),
        ("a: [\n", "", insert("b", text("y"))),
    ];
    for (before, at, operation) in cases {
        let found = changed(before, &route(at), &operation);
        assert!(found.is_err(), "{operation:?} of `{at}` in\n{before}gave\n{found:?}");
    }
}
