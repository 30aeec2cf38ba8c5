//! Values that a schema takes, and one fault in such a value.

use jsonschema::Validator;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Chance that is the same in every run.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % most.max(1)
    }

    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// Texts of every kind; which of them a pattern takes, it is asked.
const TEXTS: &[&str] = &[
    "",
    " ",
    "a",
    "web",
    "web-docker",
    "one",
    "my-app",
    "node-1",
    "second_account",
    "APP_1",
    "LOG_LEVEL",
    "NET_BIND_SERVICE",
    "X-Frame-Options",
    "X-T1",
    "Accept",
    "10.8.0.0/24",
    "192.0.2.7",
    "203.0.113.5",
    "fd00:8::/64",
    "fd00::9",
    "0.0.0.0/0",
    "10.0.0.0/8",
    "any",
    "admin",
    "cloudflare",
    "any ",
    "512m",
    "64k",
    "2g",
    "100",
    "8388608",
    "1gib",
    "30s",
    "1m30s",
    "12h",
    "90d",
    "500ms",
    "2m",
    "5/1m",
    "20/1s",
    "1000000/24h",
    "1/2h30m",
    "0.5",
    "4",
    "1.25",
    "1024",
    "443",
    "60000-60010",
    "65535",
    "0",
    "/srv/app",
    "/etc/ssl/a b.pem",
    "/",
    "/dev/dri/renderD128",
    "data/x",
    "/api/v1",
    "play.example.com",
    "a.b.",
    "EXAMPLE.org",
    "localhost",
    "nginx:1.29",
    "ghcr.io/a/b:1.2.3",
    "localhost:5000/a@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "2027-03-31",
    "2028-02-29",
    "2027-06-30",
    "production",
    "strict",
    "traefik",
    "acme",
    "https://a.example.com",
    "https://a.example.com:8443",
    "wiki:8080",
    "10.0.0.5:81",
    "[fd00::1]:80",
    "anna@example.com",
    "the guide's value breaks the charts",
    "default-src 'self'",
    "true",
    "null",
    "7",
    "line\nbreak",
    "bidi\u{202e}",
    "nul\u{0}",
    "größer",
    "*",
    "a:b",
    "./x.yaml",
    "a/../b",
    "-1",
    "1.2.3.4:5",
    "https://a/b",
    "10.8.0.7/24",
    "2027-02-29",
    "65536",
    "0s",
    "5",
    "1t",
    "a..b",
    "latest",
    "nginx",
    "NET-RAW",
    "cap_chown",
    "http://a.example.com",
    "anna@",
    "x y@z",
    "/dev",
    "'",
    "\"",
    "${A}",
    "{{ a }}",
    "%",
];

pub struct Maker<'a> {
    dice: &'a mut Dice,
    fitting: &'a mut HashMap<String, Vec<&'static str>>,
}

impl<'a> Maker<'a> {
    pub fn new(dice: &'a mut Dice, fitting: &'a mut HashMap<String, Vec<&'static str>>) -> Self {
        Self { dice, fitting }
    }

    /// A value that a schema takes.
    pub fn value(&mut self, schema: &Value) -> Value {
        if let Some(one) = schema.get("const") {
            return one.clone();
        }
        if let Some(words) = schema["enum"].as_array() {
            return self.dice.one_of(words).clone();
        }
        if let (Some(either), None) = (schema["anyOf"].as_array(), schema.get("type")) {
            let one = self.dice.one_of(either).clone();
            return self.value(&one);
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => self.dice.one_of(kinds).as_str().unwrap_or_default().to_owned(),
            one => one.as_str().unwrap_or("string").to_owned(),
        };
        match kind.as_str() {
            "null" => Value::Null,
            "boolean" => (self.dice.below(2) == 0).into(),
            "integer" => self.whole(schema).into(),
            "number" => self.number(schema),
            "array" => {
                let least = usize::from(schema["minItems"].as_u64() == Some(1));
                let count = least + self.dice.below(3);
                (0..count).map(|_| self.value(&schema["items"])).collect()
            }
            "object" => self.object(schema).into(),
            _ => self.text(schema).into(),
        }
    }

    fn whole(&mut self, schema: &Value) -> i64 {
        let low = schema["minimum"].as_f64().unwrap_or(-1e9);
        let high = schema["maximum"].as_f64().unwrap_or(1e9);
        #[allow(clippy::cast_possible_truncation)]
        let (low, high) = (low as i64, high as i64);
        match self.dice.below(4) {
            0 => low,
            1 => high,
            _ => low + i64::try_from(self.dice.below(1 << 20)).unwrap_or(0) % (high - low).max(1),
        }
    }

    fn number(&mut self, schema: &Value) -> Value {
        let low = schema["minimum"].as_f64().unwrap_or(-5.0);
        let high = schema["maximum"].as_f64().unwrap_or(50.0);
        #[allow(clippy::cast_precision_loss)]
        match self.dice.below(3) {
            0 => whole_or(low),
            1 => whole_or(high),
            _ => whole_or(((low + (high - low) * self.dice.below(8) as f64 / 8.0) * 100.0).ceil() / 100.0),
        }
    }

    fn text(&mut self, schema: &Value) -> String {
        let mut only = json!({ "type": "string" });
        for key in ["pattern", "maxLength", "minLength", "allOf"] {
            if let Some(one) = schema.get(key) {
                only[key] = one.clone();
            }
        }
        let fitting = self.fitting.entry(only.to_string()).or_insert_with(|| {
            let validator = jsonschema::validator_for(&only).expect("a schema");
            TEXTS.iter().copied().filter(|text| validator.is_valid(&(*text).into())).collect()
        });
        let examples: Vec<&str> =
            schema["examples"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let all = fitting.len() + examples.len();
        assert!(all > 0, "no text fits {only}");
        let at = self.dice.below(all);
        fitting.get(at).copied().unwrap_or_else(|| examples[at - fitting.len()]).to_owned()
    }

    fn object(&mut self, schema: &Value) -> Map<String, Value> {
        let mut made = Map::new();
        let required = |name: &str| schema["required"].as_array().is_some_and(|all| all.contains(&name.into()));
        let empty = schema["maxProperties"] == 0;
        let properties = schema["properties"].as_object();
        let rare = properties.map_or(1, Map::len).clamp(3, 12);
        for (name, one) in properties.into_iter().flatten().filter(|(_, one)| one.is_object()) {
            if !empty && (required(name) || self.dice.below(rare) < 2) {
                made.insert(name.clone(), self.value(one));
            }
        }
        if empty {
            return made;
        }
        let mut open: Vec<(Value, Value)> = Vec::new();
        for (pattern, one) in schema["patternProperties"].as_object().into_iter().flatten() {
            open.push((json!({ "pattern": pattern }), one.clone()));
        }
        if schema["additionalProperties"].is_object() {
            open.push((schema["propertyNames"].clone(), schema["additionalProperties"].clone()));
        }
        for (names, one) in open {
            for _ in 0..self.dice.below(3) {
                let prefix = names["pattern"]
                    .as_str()
                    .and_then(|it| it.strip_prefix('^')?.split_once('['))
                    .map(|(it, _)| it.to_owned());
                let name = match prefix.filter(|it| it.ends_with('_')) {
                    Some(prefix) => format!("{prefix}one"),
                    None => self.text(&names),
                };
                if properties.is_none_or(|known| !known.contains_key(&name)) {
                    made.insert(name, self.value(&one));
                }
            }
        }
        made
    }
}

fn whole_or(number: f64) -> Value {
    #[allow(clippy::cast_possible_truncation)]
    if number.fract() == 0.0 { (number as i64).into() } else { number.into() }
}

/// Puts one fault, or what may be one, somewhere into a value.
pub fn fault(value: &mut Value, dice: &mut Dice) -> String {
    let mut places = Vec::new();
    all(value, String::new(), &mut places);
    let place = dice.one_of(&places).clone();
    let one = value.pointer_mut(&place).expect("it is there");
    let before = one.clone();
    match one {
        Value::Object(entries) if dice.below(2) == 0 => match dice.below(2) {
            0 if !entries.is_empty() => {
                let name = entries.keys().nth(dice.below(entries.len())).expect("there is one").clone();
                entries.shift_remove(&name);
            }
            _ => drop(entries.insert((*dice.one_of(&["zz", "Kind", "sourcess", "a b", ""])).to_owned(), json!("a"))),
        },
        Value::Number(number) if dice.below(2) == 0 => {
            let number = number.as_i64().unwrap_or_default();
            *one = (*dice.one_of(&[number + 1, number - 1, -number, 0, number.saturating_mul(1000)])).into();
        }
        Value::String(text) if dice.below(2) == 0 => {
            *one = match dice.below(4) {
                0 => format!("{text}{}", dice.one_of(&[" ", "/", ":", "\n", "0", "x", "-", "\u{200b}"])).into(),
                1 => text.chars().skip(1).collect::<String>().into(),
                2 => text.to_uppercase().into(),
                _ => (*dice.one_of(TEXTS)).into(),
            };
        }
        _ => {
            let others = [
                Value::Null,
                json!(true),
                json!(7),
                json!(0.5),
                json!(-1),
                json!("a"),
                json!(""),
                json!([]),
                json!({}),
                json!(["a"]),
                json!({"a": 1}),
                json!([[]]),
                json!([null]),
                json!("true"),
                json!({"generate": null}),
                json!({"kind": "none"}),
            ];
            *one = dice.one_of(&others).clone();
        }
    }
    format!("{place}: {before} became {}", value.pointer(&place).unwrap_or(&Value::Null))
}

/// Every place in a value.
fn all(value: &Value, place: String, places: &mut Vec<String>) {
    match value {
        Value::Object(entries) => {
            for (name, one) in entries {
                all(one, format!("{place}/{}", name.replace('~', "~0").replace('/', "~1")), places);
            }
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(at, one)| all(one, format!("{place}/{at}"), places)),
        _ => {}
    }
    places.push(place);
}

/// Why a schema refuses a value.
pub fn refusals(validator: &Validator, value: &Value) -> Vec<String> {
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).take(3).collect()
}
