//! Regular expressions that say what the types of this room take, for JSON schemas. Each is anchored by [`whole`].
//!
//! They hold for every reader of schemas: ECMAScript's syntax without flags, `[0-9]` for digits, look-ahead and nothing newer.

use schemars::{Schema, json_schema};
use std::str::FromStr;

/// Digits of a whole number from `low` to `high`, without zeros in front.
pub fn between(low: u64, high: u64) -> String {
    let mut parts = Vec::new();
    let mut from = low;
    if from == 0 {
        parts.push("0".to_owned());
        from = 1;
    }
    while from <= high {
        // The largest block of numbers that share all but their last digits.
        let mut free = 0;
        let mut size: u64 = 1;
        while let Some(larger) = size.checked_mul(10).filter(|it| from.is_multiple_of(*it) && from + (it - 1) <= high) {
            (free, size) = (free + 1, larger);
        }
        let (head, first) = (from / size / 10, from / size % 10);
        let mut last = first;
        while last < 9 && from + (last + 2 - first) * size - 1 <= high {
            last += 1;
        }
        let head = if head == 0 { String::new() } else { head.to_string() };
        let digit = if first == last { first.to_string() } else { format!("[{first}-{last}]") };
        parts.push(format!("{head}{digit}{}", digits(free)));
        from += (last - first + 1) * size;
    }
    format!("(?:{})", parts.join("|"))
}

/// Digits of a whole number from `low` upwards.
pub fn from(low: u64) -> String {
    let length = low.to_string().len();
    let longer = format!("[1-9][0-9]{{{length},}}");
    match 10_u64.checked_pow(u32::try_from(length).unwrap_or(u32::MAX)) {
        Some(next) => format!("(?:{}|{longer})", between(low, next - 1)),
        None => longer,
    }
}

fn digits(number: usize) -> String {
    match number {
        0 => String::new(),
        1 => "[0-9]".to_owned(),
        _ => format!("[0-9]{{{number}}}"),
    }
}

/// The expression for all of a text.
pub fn whole(inner: &str) -> String {
    if inner.starts_with('^') { inner.to_owned() } else { format!("^(?:{inner})$") }
}

/// A port, as text.
pub fn port() -> String {
    format!(r"\+?{}", between(1, 65535))
}

/// A number of a user or group; the two highest mean nobody and no change.
pub fn id() -> String {
    format!("0*{}", between(0, u64::from(u32::MAX - 2)))
}

/// Bytes with a unit from `low` to `high`, both in bytes.
pub fn size(low: u64, high: Option<u64>) -> String {
    let units = [
        ("[bB]?", 1),
        ("[kK](?:[iI]?[bB])?", 1 << 10),
        ("[mM](?:[iI]?[bB])?", 1 << 20),
        ("[gG](?:[iI]?[bB])?", 1 << 30),
    ];
    let parts = units.iter().filter_map(|(unit, bytes)| {
        let low = low.max(1).div_ceil(*bytes);
        match high.map(|high| high / bytes) {
            Some(high) => (low <= high).then(|| format!("{}{unit}", between(low, high))),
            None => Some(format!("{}{unit}", from(low))),
        }
    });
    format!("(?:{})", parts.collect::<Vec<_>>().join("|"))
}

/// A span of time, its units from large to small.
pub fn duration() -> String {
    "(?!0[0-9])(?=[^1-9]*[1-9])(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m)?(?:[0-9]+s)?(?:[0-9]+ms)?".to_owned()
}

/// Requests per period; one of a single unit is within its bounds.
pub fn rate() -> String {
    let single = [("d", 1, 1), ("h", 1, 24), ("m", 1, 1440), ("s", 1, 86_400), ("ms", 1000, 86_400_000)];
    let single: Vec<_> = single.iter().map(|(unit, low, high)| format!("{}{unit}", between(*low, *high))).collect();
    let several = "(?=[0-9]+[a-z]+[0-9])".to_owned() + &duration();
    format!(r"\+?{}/(?:{}|{several})", between(1, 1_000_000), single.join("|"))
}

/// Processors: thousandths up to 1024.
pub fn cpus() -> String {
    format!(r"(?=[^1-9]*[1-9])(?:1024(?:\.0{{1,3}})?|{}(?:\.[0-9]{{1,3}})?)", between(0, 1023))
}

/// An address of version 4.
pub fn ipv4() -> String {
    let octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    format!(r"(?:{octet}\.){{3}}{octet}")
}

/// An address of version 6 (RFC 3986, appendix A).
pub fn ipv6() -> String {
    let h = "[0-9A-Fa-f]{1,4}";
    let before = |most: usize| format!("(?:(?:{h}:){{0,{most}}}{h})?::");
    let heads: Vec<_> = (0..5).map(|most| format!("{}(?:{h}:){{{}}}", before(most), 4 - most)).collect();
    format!(
        "(?:(?:{h}:){{6}}|::(?:{h}:){{5}}|{})(?:{h}:{h}|{})|{}{h}|{}",
        heads.join("|"),
        ipv4(),
        before(5),
        before(6)
    )
}

/// An address of either version.
pub fn ip() -> String {
    format!("{}|{}", ipv4(), ipv6())
}

/// The address of one host.
pub fn peer() -> String {
    let own = r"0\.0\.0\.0$|127\.|22[4-9]\.|23[0-9]\.|::1?$|[fF]{2}[0-9A-Fa-f]{2}:";
    format!("(?!{own})(?:{})", ip())
}

/// A network or one address. Whether bits of the host are set, no expression tells.
pub fn cidr() -> String {
    let (four, six) = ("/(?:[0-2]?[0-9]|3[0-2])", "/(?:0?[0-9]{1,2}|1[01][0-9]|12[0-8])");
    format!("{}(?:{four})?|(?:{})(?:{six})?", ipv4(), ipv6())
}

/// A host name, which may end with a dot.
pub fn domain() -> String {
    let label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
    format!(r"(?=[A-Za-z0-9.-]{{1,253}}(?:\.$|$))(?:{label}\.)*(?![0-9]+(?:\.$|$)){label}\.?")
}

/// `HOST:PORT`.
pub fn endpoint() -> String {
    format!(r"(?:\[(?:{})\]|{}|{}):{}", ipv6(), ipv4(), label_chain(), port())
}

/// A host name in front of a colon.
fn label_chain() -> String {
    let label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
    format!(r"(?:{label}\.)*(?![0-9]+\.?:){label}\.?")
}

/// `https://` with host and port alone.
pub fn origin() -> String {
    format!(r"https://{}(?::{})?", domain().replace("(?:\\.$|$)", r"(?:\.?(?::[+0-9]+)?$)"), port())
}

/// `LOCAL@DOMAIN`.
pub fn email() -> String {
    format!(r"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~.-]{{1,64}}@{}", domain())
}

/// The address of an ACME account: of a domain with a dot, blanks around it or none.
#[cfg(test)]
pub fn account() -> String {
    let domain = domain().replace("$", r"\s*$");
    format!(r"\s*[!#-'*+\--9=?A-Z^-~@]+@(?=[^@]*\.){domain}\s*")
}

/// Parts of a path, joined by `/`.
fn parts() -> String {
    let part = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9._@+](?:[A-Za-z0-9._@+ -]*[A-Za-z0-9._@+-])?";
    format!("{part}(?:/{part})*")
}

/// An absolute path.
pub fn absolute() -> String {
    format!("/(?=.{{0,1024}}$)(?:{})?", parts())
}

/// A relative path.
pub fn relative() -> String {
    format!("(?=.{{1,1024}}$){}", parts())
}

/// A device below `/dev`.
pub fn device() -> String {
    format!("/dev/(?=.{{0,1019}}$){}", parts())
}

/// The path of a URL.
pub fn url() -> String {
    r"(?=.{1,512}$)(?!.*//)(?!.*/\.{1,2}(?:/|$))/[A-Za-z0-9._~/-]*".to_owned()
}

/// The path of a URL in which `*` is any segment.
pub fn url_pattern() -> String {
    r"(?=.{1,512}$)(?!.*//)(?!.*/\.{1,2}(?:/|$))(?!.*[^/]\*)(?!.*\*[^/])/[A-Za-z0-9._~/*-]*".to_owned()
}

/// An image: only the first of several parts may be a registry with a port.
pub fn image() -> String {
    let word = "[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?";
    let port = format!(r"\+?0*{}", between(0, 65535));
    format!(
        "(?:{word}(?::{port})?/)?{word}(?:/{word})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?(?:@sha256:[0-9a-f]{{64}})?"
    )
}

/// A day of the calendar.
pub fn day() -> String {
    let year = "[0-9]{4}";
    let leap = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)";
    format!(
        "{year}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))|{leap}-02-29"
    )
}

/// Characters that a line cannot hold, for use between brackets.
const UNSEEN: &str = r"\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb";

/// Text of one line, without characters that nobody sees and without those of `but`.
pub fn visible(but: &str) -> String {
    let special = |c: char| matches!(c, '\\' | ']' | '[' | '^' | '-');
    let escaped: String = but.chars().map(|c| if special(c) { format!("\\{c}") } else { c.to_string() }).collect();
    format!("[^{UNSEEN}{escaped}]*")
}

/// A line that is not blank; blanks at its ends do not count.
pub fn line() -> String {
    format!(r"[\s]*[^\s{UNSEEN}](?:[^{UNSEEN}]*[^\s{UNSEEN}])?[\s]*")
}

/// What a type that parses text takes. YAML reads `10` and `1.10` as numbers where a person means text: whether it takes such, the
/// type itself is asked.
pub fn schema<T: FromStr>(description: &str, pattern: Option<String>, examples: &[&str]) -> Schema {
    let takes = |text: &str| text.parse::<T>().is_ok();
    let decimal = takes("1.5");
    let number = decimal || ["10", "640", "10000000"].iter().any(|text| takes(text));
    let mut schema = json_schema!({ "type": "string", "description": description, "examples": examples });
    if let Some(pattern) = pattern {
        schema.insert("pattern".into(), whole(&pattern).into());
        schema.insert("patternErrorMessage".into(), say(description, examples).into());
    }
    if number {
        let kind = if decimal { "number" } else { "integer" };
        schema.insert("type".into(), serde_json::json!(["string", kind]));
        if !takes("-10") {
            let least = ["0", "0.001", "1", "100", "65536", "6291456"].into_iter().find(|least| takes(least));
            if let Some(least) = least.and_then(|least| serde_json::from_str(least).ok()) {
                schema.insert("minimum".into(), least);
            }
        }
        let most = [777_u64, 1024, 1777, 65_535, u64::from(u32::MAX - 2), 0x000f_ffff_ffff_ffff];
        if let Some(most) = most.iter().find(|most| takes(&most.to_string()) && !takes(&(*most + 1).to_string())) {
            schema.insert("maximum".into(), (*most).into());
        }
    }
    schema
}

/// What an editor says of a text that does not fit.
fn say(description: &str, examples: &[&str]) -> String {
    match examples.first() {
        Some(example) => format!("wanted is {description}, such as `{example}`"),
        None => format!("wanted is {description}"),
    }
}

#[cfg(test)]
mod tests;
