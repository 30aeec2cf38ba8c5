//! Amounts with a unit: bytes, time, processor shares and rates.

use super::{Invalid, pattern, textual};
use std::{fmt, str::FromStr};

/// An amount of bytes: `512k`, `256m`, `8g` (powers of 1024, as Compose reads them).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(u64);

impl ByteSize {
    /// From a number of bytes.
    pub const fn bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// The number of bytes.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl FromStr for ByteSize {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        const HELP: &str = "write a number with a unit such as `512k`, `256m` or `8g`";
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        super::no_leading_zero(number)?;
        let number: u64 = number.parse().map_err(|_| Invalid::new("this is no amount of bytes").help(HELP))?;
        let factor: u64 = match unit.to_ascii_lowercase().as_str() {
            "" | "b" => 1,
            "k" | "kb" | "kib" => 1 << 10,
            "m" | "mb" | "mib" => 1 << 20,
            "g" | "gb" | "gib" => 1 << 30,
            other => return Err(Invalid::new(format!("`{}` is no unit of bytes", other.escape_debug())).help(HELP)),
        };
        match number.checked_mul(factor) {
            Some(bytes @ 1..=0x000f_ffff_ffff_ffff) => Ok(Self(bytes)),
            Some(0) => Err(Invalid::new("an amount of bytes cannot be zero").help(HELP)),
            _ => Err(Invalid::new("this amount of bytes is beyond any machine").help(HELP)),
        }
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            b if b % (1 << 30) == 0 => write!(f, "{}g", b >> 30),
            b if b % (1 << 20) == 0 => write!(f, "{}m", b >> 20),
            b if b % (1 << 10) == 0 => write!(f, "{}k", b >> 10),
            b => write!(f, "{b}b"),
        }
    }
}

textual!(ByteSize, "ByteSize", "bytes with a unit: k, m or g", Some(pattern::size(1, None)), ["256m", "8g"]);

macro_rules! at_least {
    ($(#[$doc:meta])* $type:ident, $least:literal, $what:literal, $example:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(ByteSize);

        impl $type {
            /// The amount.
            pub const fn size(self) -> ByteSize {
                self.0
            }
        }

        impl FromStr for $type {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                let size: ByteSize = text.parse()?;
                if size >= ByteSize($least) {
                    return Ok(Self(size));
                }
                let help = match text.bytes().all(|b| b.is_ascii_digit()) {
                    true => format!("a number without a unit counts bytes; write `{text}m` for mebibytes"),
                    false => format!("write `{}` or more, such as `{}`", ByteSize($least), $example),
                };
                let reason = format!("{} bytes are too few for {}", size.0, $what);
                Err(Invalid::new(reason).help(help))
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        textual!(
            $type,
            stringify!($type),
            "bytes with a unit: k, m or g",
            Some(pattern::size($least, None)),
            [$example]
        );
    };
}

at_least!(
    /// Largest size of a log file: one that holds some lines at least, which the engine cuts at 16 KiB.
    LogSize, 65_536, "a log file", "10m"
);
at_least!(
    /// Memory of a container; the engine refuses less than 6 MiB.
    MemoryLimit, 6_291_456, "a container", "256m"
);

/// A span of time in whole milliseconds: `500ms`, `30s`, `1m30s`, `12h`, `7d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(u64);

impl Duration {
    /// From whole seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self(seconds * 1000)
    }

    /// Milliseconds.
    pub const fn as_milliseconds(self) -> u64 {
        self.0
    }

    /// Whole seconds, rounded up.
    pub const fn as_seconds(self) -> u64 {
        self.0.div_ceil(1000)
    }
}

impl FromStr for Duration {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refuse =
            |reason: &str| Invalid::new(reason).help("write a number with a unit such as `30s`, `5m`, `1h30m` or `7d`");
        let mut rest = text;
        let (mut total, mut smallest) = (0u64, u64::MAX);
        if rest.is_empty() {
            return Err(refuse("this span of time is empty"));
        }
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            if rest.len() == text.len() {
                super::no_leading_zero(&rest[..digits])?;
            }
            let number: u64 = rest[..digits].parse().map_err(|_| refuse("this is no span of time"))?;
            rest = &rest[digits..];
            let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
            let unit = match &rest[..letters] {
                "ms" => 1,
                "s" => 1000,
                "m" => 60_000,
                "h" => 3_600_000,
                "d" => 86_400_000,
                "" => return Err(refuse("this span of time has no unit")),
                _ => return Err(refuse("this unit of time is not known")),
            };
            if unit >= smallest {
                return Err(refuse("units of time go from large to small, each once"));
            }
            smallest = unit;
            rest = &rest[letters..];
            total = number
                .checked_mul(unit)
                .and_then(|n| total.checked_add(n))
                .ok_or_else(|| refuse("this span of time is too long"))?;
        }
        match total {
            0 => Err(refuse("a span of time cannot be zero")),
            // Ten years: longer is a slip of the pen in every field that uses this type.
            t if t > 3650 * 86_400_000 => Err(refuse("this span of time is longer than ten years")),
            t => Ok(Self(t)),
        }
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        for (unit, size) in [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)] {
            if rest >= size {
                write!(f, "{}{unit}", rest / size)?;
                rest %= size;
            }
        }
        Ok(())
    }
}

textual!(Duration, "Duration", "a span of time: ms, s, m, h or d", Some(pattern::duration()), ["30s", "1h30m"]);

/// How many processes and threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Processes(pub u32);

impl FromStr for Processes {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refuse = || Invalid::new("this is no number of processes").help("write a whole number such as `256`");
        super::no_leading_zero(text)?;
        // The engine takes 0 for no limit.
        text.parse().ok().filter(|number| *number > 0).map(Self).ok_or_else(refuse)
    }
}

/// How much of how many processors: `0.5`, `4.0`; thousandths are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cpus(u32);

impl FromStr for Cpus {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refuse = || {
            Invalid::new("this is no number of processors").help("write a number such as `0.5` or `4`, at most 1024")
        };
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(part) || part.len() > 3 {
            return Err(refuse());
        }
        super::no_leading_zero(whole)?;
        let whole: u32 = whole.parse().map_err(|_| refuse())?;
        let part: u32 = format!("{part:0<3}").parse().map_err(|_| refuse())?;
        match whole.checked_mul(1000).and_then(|w| w.checked_add(part)) {
            Some(n @ 1..=1_024_000) => Ok(Self(n)),
            _ => Err(refuse()),
        }
    }
}

impl Cpus {
    /// Billionths of a processor, as engines count.
    pub const fn billionths(self) -> u64 {
        self.0 as u64 * 1_000_000
    }

    /// How many processors a host must have for an engine to accept this as a limit.
    pub const fn whole(self) -> u32 {
        self.0.div_ceil(1000)
    }
}

impl fmt::Display for Cpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = format!("{:03}", self.0 % 1000);
        let part = part.trim_end_matches('0');
        write!(f, "{}.{}", self.0 / 1000, if part.is_empty() { "0" } else { part })
    }
}

textual!(Cpus, "Cpus", "a number of processors", Some(pattern::cpus()), ["0.5", "4"]);

/// So many requests in so much time: `5/1m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate {
    /// Requests allowed in one period, at least 1.
    pub requests: u32,
    /// The period.
    pub period: Duration,
}

impl FromStr for Rate {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refuse = |reason: &str| Invalid::new(reason).help("write requests and period such as `5/1m` or `20/1s`");
        let (requests, period) = text.split_once('/').ok_or_else(|| refuse("this is no rate"))?;
        super::no_leading_zero(requests)?;
        let requests = requests
            .parse()
            .ok()
            .filter(|n| (1..=1_000_000).contains(n))
            .ok_or_else(|| refuse("a rate begins with a number of requests from 1 to 1000000"))?;
        super::no_leading_zero(period.trim_end_matches(|c: char| c.is_ascii_alphabetic()))?;
        let period: Duration = period.parse().map_err(|error: Invalid| refuse(&error.reason))?;
        if period.0 < 1000 || period.0 > 86_400_000 {
            return Err(refuse("the period of a rate is from `1s` to `24h`"));
        }
        Ok(Self { requests, period })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.requests, self.period)
    }
}

textual!(Rate, "Rate", "requests per period", Some(pattern::rate()), ["5/1m", "20/1s"]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_forms() {
        for (text, form) in [("8G", "8g"), ("2048m", "2g"), ("1536MiB", "1536m"), ("7", "7b")] {
            assert_eq!(text.parse::<ByteSize>().map(|v| v.to_string()), Ok(form.into()), "{text}");
        }
        for (text, form) in [("90s", "1m30s"), ("1m30s", "1m30s"), ("7d", "168h"), ("1500ms", "1s500ms")] {
            assert_eq!(text.parse::<Duration>().map(|v| v.to_string()), Ok(form.into()), "{text}");
        }
        for (text, form) in [("4", "4.0"), ("4.0", "4.0"), ("0.25", "0.25"), ("1.5", "1.5")] {
            assert_eq!(text.parse::<Cpus>().map(|v| v.to_string()), Ok(form.into()), "{text}");
        }
        assert_eq!("3/15m".parse::<Rate>().map(|v| v.to_string()), Ok("3/15m".into()));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "m", "-1m", "0", "1t", "99999999999999999999g", "1 m"] {
            assert!(text.parse::<ByteSize>().is_err(), "{text:?}");
        }
        for text in ["", "5", "s", "0s", "1s1s", "1s1m", "99999d", "1w", "-1s"] {
            assert!(text.parse::<Duration>().is_err(), "{text:?}");
        }
        for text in ["", ".", "1.", ".5", "0", "-1", "1e3", "2000", "0.0001"] {
            assert!(text.parse::<Cpus>().is_err(), "{text:?}");
        }
        for text in ["", "5", "5/", "/1m", "0/1m", "5/1", "5/100ms", "5/48h", "5/1m/1m"] {
            assert!(text.parse::<Rate>().is_err(), "{text:?}");
        }
    }
}
