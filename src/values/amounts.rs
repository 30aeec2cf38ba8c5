//! Amounts as expressions of systems see them: each prints as text and gives numbers by attribute.

use crate::values::{ByteSize, Duration, Rate};
use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};
use std::{fmt, sync::Arc};

/// An amount in an expression: prints as text, and gives numbers by attribute.
#[derive(Debug)]
struct Amount {
    text: String,
    numbers: &'static [(&'static str, u64)],
    value: u64,
}

impl Object for Amount {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        self.numbers.iter().find(|(name, _)| *name == key).map(|(_, unit)| Value::from(self.value / unit))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The text of an amount; `None` for every other value.
pub fn amount(value: &Value) -> Option<&str> {
    value.downcast_object_ref::<Amount>().map(|amount| amount.text.as_str())
}

/// Whether a value is such an amount.
pub fn is_amount(value: &Value) -> bool {
    value.downcast_object_ref::<Amount>().is_some()
}

/// The number of an amount and the unit it is counted in: `bytes`, `seconds` or, of rates, `a_day`.
pub fn measure(value: &Value) -> Option<(u64, &'static str)> {
    let amount = value.downcast_object_ref::<Amount>()?;
    Some((amount.value, amount.numbers.first()?.0))
}

/// Bytes: prints as `8g`; `.bytes`, `.mib` and `.gib` are whole numbers.
pub fn size(size: ByteSize) -> Value {
    const NUMBERS: &[(&str, u64)] = &[("bytes", 1), ("mib", 1 << 20), ("gib", 1 << 30)];
    Value::from_object(Amount { text: size.to_string(), numbers: NUMBERS, value: size.get() })
}

/// Requests in a time: prints as `5/1m`; `.a_day` is a whole number of requests.
pub fn rate(rate: Rate) -> Value {
    const NUMBERS: &[(&str, u64)] = &[("a_day", 1)];
    let value = u64::from(rate.requests) * 86_400_000 / rate.period.as_milliseconds().max(1);
    Value::from_object(Amount { text: rate.to_string(), numbers: NUMBERS, value })
}

/// Time: prints as `1h30m`; `.seconds` and `.minutes` are whole numbers.
pub fn duration(duration: Duration) -> Value {
    const NUMBERS: &[(&str, u64)] = &[("seconds", 1), ("minutes", 60)];
    Value::from_object(Amount { text: duration.to_string(), numbers: NUMBERS, value: duration.as_seconds() })
}
