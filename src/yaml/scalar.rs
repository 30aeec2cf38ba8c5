use super::node::{Node, NodeKind, Style};

/// A scalar as the core schema of YAML 1.2 (section 10.3) reads it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// `1`, `-1`, `0o17`, `0x1f`.
    Int(i128),
    /// `1.5`, `1e3`, `.inf`, `.nan`.
    Float(f64),
    /// Everything else, and everything quoted.
    Text(&'a str),
}

/// Whether a node is `null`, `~` or nothing at all.
pub(super) fn is_null(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Scalar { text, style } => resolve(text, *style, node.tag.as_deref()) == Value::Null,
        _ => false,
    }
}

/// The value of a scalar by style and tag.
pub(super) fn resolve<'a>(text: &'a str, style: Style, tag: Option<&str>) -> Value<'a> {
    match tag.map(|tag| tag.strip_prefix("tag:yaml.org,2002:").unwrap_or(tag)) {
        Some("str" | "!") => Value::Text(text),
        // `!!float 1` is a float; the other tags force interpretation of quoted text.
        Some("float") => float(text).map_or(Value::Text(text), Value::Float),
        Some("int" | "bool" | "null") => plain(text),
        _ if style == Style::Plain => plain(text),
        _ => Value::Text(text),
    }
}

fn plain(text: &str) -> Value<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        // Only these characters begin a number; most scalars end here.
        _ if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) => Value::Text(text),
        _ => int(text).map(Value::Int).or_else(|| float(text).map(Value::Float)).unwrap_or(Value::Text(text)),
    }
}

/// A whole number of the core schema.
pub fn int(text: &str) -> Option<i128> {
    let digits = |digits: &str, radix| {
        digits.chars().all(|c| c.is_digit(radix)).then(|| i128::from_str_radix(digits, radix).ok()).flatten()
    };
    if let Some(octal) = text.strip_prefix("0o") {
        return digits(octal, 8);
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return digits(hex, 16);
    }
    match text.strip_prefix('-') {
        Some(rest) => digits(rest, 10).map(|n| -n),
        None => digits(text.strip_prefix('+').unwrap_or(text), 10),
    }
}

/// A decimal number of the core schema, whole numbers included.
pub(super) fn float(text: &str) -> Option<f64> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    match rest {
        ".inf" | ".Inf" | ".INF" => return Some(sign * f64::INFINITY),
        ".nan" | ".NaN" | ".NAN" if rest.len() == text.len() => return Some(f64::NAN),
        _ => {}
    }
    let numeric = rest.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'))
        && rest.bytes().any(|b| b.is_ascii_digit())
        && !rest.starts_with(['+', '-', 'e', 'E']);
    numeric.then(|| rest.parse::<f64>().ok()).flatten().filter(|n| n.is_finite()).map(|n| sign * n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_core_schema_and_nothing_more() {
        for (text, value) in [
            ("", Value::Null),
            ("~", Value::Null),
            ("Null", Value::Null),
            ("nULL", Value::Text("nULL")),
            ("true", Value::Bool(true)),
            ("yes", Value::Text("yes")),
            ("off", Value::Text("off")),
            ("0", Value::Int(0)),
            ("-12", Value::Int(-12)),
            ("+5", Value::Int(5)),
            ("010", Value::Int(10)),
            ("0o17", Value::Int(15)),
            ("0x1F", Value::Int(31)),
            ("0b1", Value::Text("0b1")),
            ("1_000", Value::Text("1_000")),
            ("-0x1", Value::Text("-0x1")),
            ("-", Value::Text("-")),
            ("+-1", Value::Text("+-1")),
            ("--1", Value::Text("--1")),
            ("1.10", Value::Float(1.1)),
            (".5", Value::Float(0.5)),
            ("1.", Value::Float(1.0)),
            ("1e3", Value::Float(1000.0)),
            ("-.inf", Value::Float(f64::NEG_INFINITY)),
            ("inf", Value::Text("inf")),
            (".", Value::Text(".")),
            ("1.2.3", Value::Text("1.2.3")),
            ("12:30", Value::Text("12:30")),
            ("-.nan", Value::Text("-.nan")),
            ("1e999", Value::Text("1e999")),
            ("99999999999999999999999999999999999999999", Value::Float(1e41)),
        ] {
            assert_eq!(resolve(text, Style::Plain, None), value, "{text:?}");
        }
        assert!(matches!(resolve(".nan", Style::Plain, None), Value::Float(n) if n.is_nan()));
    }

    #[test]
    fn quotes_and_tags_decide_before_the_schema() {
        assert_eq!(resolve("true", Style::Quoted, None), Value::Text("true"));
        assert_eq!(resolve("1", Style::Plain, Some("tag:yaml.org,2002:str")), Value::Text("1"));
        assert_eq!(resolve("1", Style::Quoted, Some("tag:yaml.org,2002:int")), Value::Int(1));
        assert_eq!(resolve("1", Style::Plain, Some("tag:yaml.org,2002:float")), Value::Float(1.0));
    }
}
