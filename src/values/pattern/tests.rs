//! Every expression takes what its type takes, and no more.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::values::*;
use schemars::JsonSchema;

/// What no expression can say: amounts over several units, bits, length of a part.
const BEYOND: [&str; 9] = [
    "host bits set",
    "longer than ten years",
    "too long",
    "no address of one host",
    "period of a rate",
    "beyond any machine",
    "at most 255 characters",
    "ends before it begins",
    "at most 253 characters",
];

/// Numbers without a pattern of their own, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }
}

/// One to three changes of a text: a character removed, doubled or put in, or a part of another text.
fn changed(text: &str, all: &[&str], dice: &mut Dice) -> String {
    const INTO: &[char] = &[
        'a', 'f', 'g', 'k', 'm', 's', 'B', 'F', 'Z', '0', '1', '2', '5', '6', '9', '.', ':', '/', '-', '_', '@', ' ',
        '*', '[', ']', '+', '~', 'é', '\n', '\u{200b}', '\u{7f}',
    ];
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..=dice.below(3) {
        let at = dice.below(chars.len() + 1);
        match dice.below(5) {
            0 if at < chars.len() => drop(chars.remove(at)),
            1 if at < chars.len() => chars.insert(at, chars[at]),
            2 => chars.insert(at, INTO[dice.below(INTO.len())]),
            3 if at < chars.len() => chars[at] = INTO[dice.below(INTO.len())],
            _ => {
                let other: Vec<char> = all[dice.below(all.len())].chars().collect();
                let from = dice.below(other.len() + 1);
                chars.splice(at..at, other[from..].iter().copied());
            }
        }
    }
    chars.into_iter().collect()
}

fn agree<T: FromStr<Err = Invalid> + JsonSchema>(more: &[&str]) {
    let schema = serde_json::to_value(schemars::schema_for!(T)).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{}: {error}", T::schema_name()));
    let examples = schema["examples"].as_array().cloned().unwrap_or_default();
    let mut seeds: Vec<&str> = examples.iter().filter_map(|it| it.as_str()).chain(more.iter().copied()).collect();
    let good = seeds.len();
    seeds.extend(["", "0", "00", "1", "a", "A", "-1", "a.b", "1.2.3.4", "::", "/", "true", "65536", "1.5"]);
    let mut dice = Dice(7);
    let mut taken = 0;
    for round in 0..6000 {
        let seed = seeds[round % seeds.len()];
        let text = if round < seeds.len() { seed.to_owned() } else { changed(seed, &seeds, &mut dice) };
        let parsed = text.parse::<T>();
        let fits = validator.is_valid(&text.as_str().into());
        taken += usize::from(fits);
        match &parsed {
            Err(error) if BEYOND.iter().any(|words| error.reason.contains(words)) => {}
            _ => assert_eq!(fits, parsed.is_ok(), "{} {text:?}: {:?}", T::schema_name(), parsed.err()),
        }
        assert!(round >= good || fits, "{} {text:?}", T::schema_name());
    }
    assert!(taken > 20, "{}: only {taken} texts fit", T::schema_name());
}

#[test]
fn expressions_take_what_types_take() {
    agree::<ProjectName>(&[]);
    agree::<ServiceName>(&[]);
    agree::<SecretName>(&[]);
    agree::<SettingName>(&[]);
    agree::<SystemName>(&[]);
    agree::<HostName>(&[]);
    agree::<ControlId>(&[]);
    agree::<EnvName>(&[]);
    agree::<VariableName>(&["a.b-c"]);
    agree::<InsideName>(&["mail.example.org"]);
    agree::<Sysctl>(&["kernel.sem", "fs.mqueue.msg_max", "net.ipv4.ip_forward"]);
    agree::<UlimitName>(&["rtprio", "core"]);
    agree::<LabelName>(&["wud.watch", "caddyshack", "a/b-c_d"]);
    agree::<Alias>(&["my_db", "a.b-c"]);
    agree::<Capability>(&[]);
    agree::<Interface>(&[]);
    agree::<Domain>(&["a", "xn--a.b.", "1.a"]);
    agree::<Cidr>(&["0.0.0.0/0", "1:2:3:4:5:6:7:8/128", "::1.2.3.4", "1::8", "255.255.255.255/32", "fe80::/10"]);
    agree::<HostIp>(&["1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:1.2.3.4", "1::5:6.7.8.9"]);
    agree::<PeerIp>(&["10.0.0.1", "fd00::1"]);
    agree::<Origin>(&[]);
    agree::<TrustedProxy>(&[]);
    agree::<Port>(&["1", "443", "65535"]);
    agree::<Ports>(&["1-2", "60000 - 65535"]);
    agree::<ByteSize>(&["1", "5KiB", "7Mb", "9gb"]);
    agree::<LogSize>(&["65536", "64k", "1m"]);
    agree::<MemoryLimit>(&["6291456", "6144k", "6m", "1g"]);
    agree::<Duration>(&["1d2h3m4s5ms", "10ms"]);
    agree::<Cpus>(&["1024", "0.001", "1023.999"]);
    agree::<Rate>(&["1000000/1d", "1/1000ms", "1/1h30m"]);
    agree::<HostPath>(&["/", "/a/b c/.d", "/a..b"]);
    agree::<ContainerPath>(&[]);
    agree::<BundlePath>(&["a", "a/b-/..c"]);
    agree::<UrlPath>(&["/a.b/c~-_", "/..a"]);
    agree::<UrlPattern>(&["/*", "/a/*/"]);
    agree::<DevicePath>(&["/dev/a b/c"]);
    agree::<DeviceRights>(&["rwm", "mw"]);
    agree::<ImageRef>(&[
        "a",
        "localhost:5000/a/b:1",
        "a.b/c@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "a:5",
    ]);
    agree::<Line>(&["  a b ", "größer"]);
    agree::<HeaderName>(&[]);
    agree::<HeaderValue>(&["a", "a  b"]);
    agree::<Method>(&["OPTIONS"]);
    agree::<Day>(&["2028-02-29", "1900-02-28", "2000-02-29", "2027-12-31", "2027-06-30"]);
    agree::<Gid>(&["0", "4294967293"]);
    agree::<User>(&["0:0"]);
    agree::<Mode>(&["777", "1777"]);
    agree::<Signal>(&[]);
    agree::<Platform>(&["linux/arm/v7"]);
}

#[test]
fn numbers_fit_from_one_bound_to_the_other() {
    for (low, high) in [(0, 0), (0, 9), (1, 9), (7, 1024), (10, 99), (95, 1205), (1, 65535), (100, 100)] {
        let schema = serde_json::json!({"pattern": whole(&between(low, high))});
        let validator = jsonschema::validator_for(&schema).unwrap();
        for number in (0..1300_u64).chain(65_500..65_600) {
            for zeros in ["", "00"] {
                let fits = validator.is_valid(&format!("{zeros}{number}").into());
                let is = zeros.is_empty() && (low..=high).contains(&number);
                assert_eq!(fits, is, "{zeros}{number} from {low} to {high}");
            }
        }
    }
    let open = jsonschema::validator_for(&serde_json::json!({"pattern": whole(&from(64))})).unwrap();
    for number in 0..2000_u64 {
        assert_eq!(open.is_valid(&number.to_string().into()), number >= 64, "{number}");
    }
}
