#![allow(clippy::unwrap_used)]

use super::super::view::{NetworkRow, PortRow, ServiceRow};
use super::diagram::{Kind, Rectangle, draw};
use super::*;
use crate::grammar::Grammar;
use proptest::prelude::*;

fn service(name: &str) -> ServiceRow {
    ServiceRow {
        name: name.to_owned(),
        image: "example/app:1".to_owned(),
        user: "1000:1000".to_owned(),
        root: "read-only",
        capabilities: "none".to_owned(),
        memory: "1g".to_owned(),
        cpus: "1".to_owned(),
        pids: "64".to_owned(),
    }
}

fn port(number: usize, service: &str, audience: &str) -> PortRow {
    PortRow {
        host: format!("{number}/tcp"),
        bound: "0.0.0.0".to_owned(),
        audience: audience.to_owned(),
        outside: (audience != "other containers").then(|| audience.to_owned()),
        networks: Vec::new(),
        service: service.to_owned(),
        container: number.to_string(),
        limit: "none".to_owned(),
    }
}

fn network(name: &str, members: Vec<String>, internal: bool) -> NetworkRow {
    let (purpose, egress) = ("Joins them.".to_owned(), "none".to_owned());
    NetworkRow { name: name.to_owned(), purpose, members, internal, egress }
}

fn overlap(a: Rectangle, b: Rectangle) -> bool {
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

/// Start and end of a line, and the horizontal positions of its bends.
fn numbers(path: &str) -> Vec<u32> {
    path.split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().unwrap())
        .collect()
}

prop_compose! {
    fn stacks()(
        names in proptest::collection::vec("[a-z][a-z-]{0,62}", 1..=12),
        networks in proptest::collection::vec((proptest::collection::vec(any::<usize>(), 0..6), any::<bool>()), 0..8),
        ports in proptest::collection::vec((any::<usize>(), 0usize..5), 0..14),
    ) -> View {
        let names: Vec<String> = names.into_iter().enumerate().map(|(n, name)| format!("{name}{n}")).collect();
        let one = |at: usize| names[at % names.len()].clone();
        let audiences = ["everybody", "admin networks", "203.0.113.0/24, 2001:db8::/32, 198.51.100.0/24"];
        View {
            services: names.iter().map(|name| service(name)).collect(),
            networks: networks
                .into_iter()
                .enumerate()
                .map(|(n, (members, internal))| {
                    let mut members: Vec<_> = members.into_iter().map(one).collect();
                    members.sort();
                    members.dedup();
                    network(&format!("net{n}"), members, internal)
                })
                .collect(),
            ports: ports
                .into_iter()
                .enumerate()
                .map(|(n, (at, kind))| match kind {
                    4 => PortRow {
                        networks: vec!["net0".to_owned()],
                        ..port(1000 + n, "Daemon (on the host)", ["everybody", "other containers"][at % 2])
                    },
                    _ => port(1000 + n, &one(at), audiences[kind % 3]),
                })
                .collect(),
            ..View::default()
        }
    }
}

proptest! {
    #[test]
    fn nothing_overlaps_and_nothing_is_missing(view in stacks()) {
        let drawn = draw(&view);
        for (n, one) in drawn.shapes.iter().enumerate() {
            prop_assert!(one.at.x + one.at.width <= drawn.width && one.at.y + one.at.height <= drawn.height);
            prop_assert!(one.name.chars().count() * 8 <= one.at.width as usize, "the name fits");
            for other in &drawn.shapes[n + 1..] {
                prop_assert!(!overlap(one.at, other.at), "{:?} and {:?}", one, other);
            }
            let outside = one.kind == Kind::Actor;
            prop_assert_eq!(overlap(one.at, drawn.host), !outside, "the host holds all but those outside");
        }
        let count = |kinds: &[Kind]| drawn.shapes.iter().filter(|shape| kinds.contains(&shape.kind)).count();
        let process = |network: &NetworkRow| {
            usize::from(view.ports.iter().any(|port| port.networks.contains(&network.name)))
        };
        let joined = view.networks.iter().filter(|network| network.members.len() + process(network) > 0);
        prop_assert_eq!(count(&[Kind::Service]), view.services.len());
        prop_assert_eq!(count(&[Kind::Gate]), view.ports.len());
        prop_assert_eq!(count(&[Kind::Internal, Kind::Open]), joined.clone().count());
        // Each line leaves one box at its right side, enters another at its left, and crosses none between.
        for line in &drawn.lines {
            let [x1, y1, .., x2, y2] = numbers(&line.path)[..] else { panic!("{}", line.path) };
            prop_assert!(drawn.shapes.iter().any(|s| s.at.x + s.at.width == x1 && s.at.y + s.at.height / 2 == y1));
            prop_assert!(drawn.shapes.iter().any(|s| s.at.x == x2 && s.at.y + s.at.height / 2 == y2));
            let gap = Rectangle { x: x1, y: 0, width: x2 - x1, height: drawn.height };
            prop_assert!(x2 > x1 && !drawn.shapes.iter().any(|shape| overlap(shape.at, gap)), "{}", line.path);
        }
        let members: usize = joined.map(|network| network.members.len() + process(network)).sum();
        prop_assert_eq!(drawn.lines.iter().filter(|line| line.kind == "network").count(), members);
        prop_assert_eq!(draw(&view).shapes.iter().map(|s| s.at).collect::<Vec<_>>(), drawn.shapes.iter().map(|s| s.at).collect::<Vec<_>>());
    }

    #[test]
    fn shares_fill_the_bar(numbers in proptest::collection::vec(0usize..6, 5)) {
        let total: usize = numbers.iter().sum();
        let drawn = segments(&Count { title: "All", numbers, total });
        let mut at = 0;
        for segment in &drawn {
            prop_assert_eq!(segment.x, at);
            at += segment.width;
        }
        prop_assert_eq!(at, if total == 0 { 0 } else { BAR });
    }

    /// Whatever a value holds, the page's elements stay those of the template.
    #[test]
    fn no_value_becomes_an_element(text in "[<>\"'`&a-z{}%/=! -]{0,40}") {
        let hostile = format!("{text}<img src=x onerror=alert(1)>\"'><script>");
        let view = View {
            name: hostile.clone(),
            title: hostile.clone(),
            services: vec![service(&hostile)],
            networks: vec![network(&hostile, vec![hostile.clone()], true)],
            ports: vec![port(1, &hostile, &hostile)],
            limitations: vec![hostile.clone()],
            ..View::default()
        };
        let page = render(&view, &Engine::builtin()).unwrap();
        prop_assert!(!page.contains("<img") && page.matches("<script>").count() == 1);
        let mut escaped = String::new();
        Grammar::Html.string(&hostile, &mut escaped).unwrap();
        prop_assert!(page.contains(&escaped));
    }
}

#[test]
fn the_policy_names_what_stands_in_the_page() {
    let page = render(&View::default(), &Engine::builtin()).unwrap();
    for (open, close, kind) in [("<style>", "</style>", "style-src"), ("<script>", "</script>", "script-src")] {
        let inner = page.split_once(open).unwrap().1.split_once(close).unwrap().0;
        let wanted = format!("{kind} 'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(inner)));
        let mut escaped = String::new();
        Grammar::Html.string(&wanted, &mut escaped).unwrap();
        assert!(page.contains(&escaped), "{wanted}");
    }
    for asks in [" style=\"", " onclick=", "http://", "https://", "url(", "@import"] {
        let found = page.replace("http://www.w3.org/2000/svg", "").contains(asks);
        assert!(!found, "{asks}");
    }
}

type Palette = std::collections::BTreeMap<String, f64>;

/// Luminance of the colours in a block, by name (WCAG 2.2, relative luminance).
fn palette(block: &str) -> Palette {
    let linear = |byte: u32| {
        let part = f64::from(byte) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    let colour = |declaration: &str| {
        let (name, hex) = declaration.trim().strip_prefix("--")?.split_once(": #")?;
        let number = u32::from_str_radix(hex.trim(), 16).ok()?;
        let [red, green, blue] = [16, 8, 0].map(|shift| linear(number >> shift & 255));
        Some((name.to_owned(), 0.2126 * red + 0.7152 * green + 0.0722 * blue))
    };
    block.split(';').filter_map(colour).collect()
}

#[test]
fn the_colours_are_readable() {
    let style = Engine::builtin().render(STYLE, &()).unwrap();
    let blocks: Vec<_> = style.split(":root {").skip(1).map(|rest| palette(rest.split('}').next().unwrap())).collect();
    assert_eq!(blocks.len(), 3, "light, dark, print");
    for (number, colours) in blocks.iter().enumerate() {
        let contrast = |a: &str, b: &str| {
            let (a, b) = (colours[a], colours[b]);
            (a.max(b) + 0.05) / (a.min(b) + 0.05)
        };
        let mut pairs: Vec<(String, String, f64)> = Vec::new();
        for text in ["text", "muted", "link"] {
            pairs.extend(["page", "panel"].map(|ground| (text.to_owned(), ground.to_owned(), 4.5)));
        }
        for status in Status::ALL {
            let (own, soft) = (status.as_str().to_owned(), format!("{}-soft", status.as_str()));
            pairs.push((own.clone(), soft.clone(), 4.5));
            pairs.push(("text".to_owned(), soft.clone(), 4.5));
            pairs.push(("muted".to_owned(), soft, 4.5));
            // Bars and borders are shapes (1.4.11).
            pairs.push((own, "page".to_owned(), 3.0));
        }
        pairs.push(("edge".to_owned(), "page".to_owned(), 3.0));
        for (front, ground, least) in pairs {
            let found = contrast(&front, &ground);
            assert!(found >= least, "palette {number}: {front} on {ground} is {found:.2}, not {least}");
        }
    }
}
