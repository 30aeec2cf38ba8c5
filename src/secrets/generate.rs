//! Random values.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::{Entropy, EntropyError, Kind, Secret};

/// Letters and digits without `0 O 1 l I`.
const PASSWORD_ALPHABET: &[u8; 57] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// A fresh value of a random kind; `None` for derived and supplied ones.
pub(super) fn generate(kind: &Kind, entropy: &mut dyn Entropy) -> Result<Option<Secret>, EntropyError> {
    let mut random = |count: u16| {
        let mut bytes = Zeroizing::new(vec![0; count.into()]);
        entropy.fill(&mut bytes).map(|()| bytes)
    };
    let text = match kind {
        Kind::Hex { bytes } => hex(&random(bytes.get())?),
        Kind::Base64 { bytes } => STANDARD.encode(&*random(bytes.get())?),
        Kind::Base64Url { bytes } => URL_SAFE_NO_PAD.encode(&*random(bytes.get())?),
        Kind::Password { length } => password(length.get().into(), entropy)?,
        Kind::Bcrypt { .. } | Kind::Htpasswd { .. } | Kind::Text { .. } | Kind::Supplied { .. } => return Ok(None),
    };
    Ok(Some(Secret::new(text)))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(DIGITS[usize::from(byte >> 4)].into());
        text.push(DIGITS[usize::from(byte & 15)].into());
    }
    text
}

/// Draws bytes until enough fall below the largest multiple of the alphabet's size: every letter is equally likely.
fn password(length: usize, entropy: &mut dyn Entropy) -> Result<String, EntropyError> {
    let size = PASSWORD_ALPHABET.len();
    let limit = 256 / size * size;
    let mut text = String::with_capacity(length);
    let mut pool = Zeroizing::new([0; 64]);
    loop {
        entropy.fill(&mut *pool)?;
        for byte in pool.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < limit) {
            if text.len() == length {
                return Ok(text);
            }
            text.push(PASSWORD_ALPHABET[byte % size].into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Broken, PasswordLength, RandomBytes, Seeded, inspect};
    use super::*;

    fn kinds() -> Vec<Kind> {
        let bytes = |n| RandomBytes::new(n).unwrap();
        let mut kinds = vec![];
        for n in [16, 17, 18, 32, 48, 512] {
            kinds.extend([
                Kind::Hex { bytes: bytes(n) },
                Kind::Base64 { bytes: bytes(n) },
                Kind::Base64Url { bytes: bytes(n) },
            ]);
        }
        kinds.extend([12, 24, 128].map(|n| Kind::Password { length: PasswordLength::new(n).unwrap() }));
        kinds
    }

    #[test]
    fn a_fresh_value_has_the_promised_length_and_fits_its_kind() {
        for kind in kinds() {
            let value = generate(&kind, &mut Seeded(7)).unwrap().unwrap();
            assert_eq!(Some(value.expose().len()), kind.generated_length(), "{kind:?}");
            assert_eq!(inspect(&kind, &value), Ok(()), "{kind:?}");
        }
    }

    #[test]
    fn the_same_entropy_gives_the_same_value_and_no_value_comes_twice() {
        for kind in kinds() {
            let one = generate(&kind, &mut Seeded(7)).unwrap().unwrap();
            let same = generate(&kind, &mut Seeded(7)).unwrap().unwrap();
            let other = generate(&kind, &mut Seeded(8000)).unwrap().unwrap();
            assert_eq!(one.expose(), same.expose());
            assert_ne!(one.expose(), other.expose());
        }
    }

    #[test]
    fn a_failing_source_is_an_error_not_a_weak_value() {
        for kind in kinds() {
            assert!(generate(&kind, &mut Broken).is_err());
        }
    }

    #[test]
    fn every_letter_of_a_password_is_equally_likely() {
        let mut counts = [0_u32; 256];
        let text = password(57 * 2000, &mut Seeded(1)).unwrap();
        text.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
        assert!(!text.contains(['0', 'O', '1', 'l', 'I']));
        let chi: f64 = PASSWORD_ALPHABET
            .iter()
            .map(|byte| (f64::from(counts[usize::from(*byte)]) - 2000.0).powi(2) / 2000.0)
            .sum();
        // 56 degrees of freedom: 99.9 % of uniform samples stay below 94.5; plain `byte % 57` gives several thousand.
        assert!(chi < 94.5, "{chi}");
    }
}
