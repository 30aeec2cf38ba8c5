//! Where randomness comes from: handed in, so that tests can repeat a run.

use std::fmt;

use rand::TryCryptoRng;

/// A source of cryptographic randomness that may fail, such as `rand::rngs::SysRng`.
///
/// Implemented for every [`TryCryptoRng`]; a trait of our own because that one names its error type and so cannot be
/// one trait object for all sources.
pub trait Entropy {
    /// Fills `out` with random bytes.
    ///
    /// # Errors
    /// [`EntropyError`] with the source's own words.
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyError>;
}

impl<R: TryCryptoRng> Entropy for R {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyError> {
        self.try_fill_bytes(out).map_err(|error| EntropyError(error.to_string()))
    }
}

/// The entropy source failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntropyError(String);

impl fmt::Display for EntropyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the system's random source failed: {}, try again once it answers", self.0)
    }
}

impl std::error::Error for EntropyError {}

#[cfg(test)]
pub(crate) mod tests {
    use std::convert::Infallible;

    use rand::{TryCryptoRng, TryRng};
    use sha2::{Digest, Sha256};

    use super::*;

    /// The same bytes for the same seed: SHA-256 over a counter.
    pub(crate) struct Seeded(pub u64);

    impl TryRng for Seeded {
        type Error = Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            rand::rand_core::utils::next_word_via_fill(self)
        }

        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            rand::rand_core::utils::next_word_via_fill(self)
        }

        fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
            for part in out.chunks_mut(32) {
                self.0 += 1;
                part.copy_from_slice(&Sha256::digest(self.0.to_le_bytes())[..part.len()]);
            }
            Ok(())
        }
    }

    impl TryCryptoRng for Seeded {}

    /// A source that always fails.
    pub(crate) struct Broken;

    impl Entropy for Broken {
        fn fill(&mut self, _: &mut [u8]) -> Result<(), EntropyError> {
            Err(EntropyError("no device".into()))
        }
    }

    #[test]
    fn the_systems_source_is_an_entropy() {
        let source: &mut dyn Entropy = &mut rand::rngs::SysRng;
        let (mut one, mut two) = ([0; 32], [0; 32]);
        source.fill(&mut one).unwrap();
        source.fill(&mut two).unwrap();
        assert_ne!(one, two);
    }
}
