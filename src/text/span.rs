/// Which file of a [`Sources`](super::Sources) store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

impl SourceId {
    /// The `index`-th file of a store.
    pub const fn new(index: u32) -> Self {
        Self(index)
    }

    /// The number itself, for carrying it through serde.
    pub const fn as_u32(self) -> u32 {
        self.0
    }

    /// Place in the store.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A range of bytes in one source; ordered by file, then start, then end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub source: SourceId,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The span of values that come from no file, such as defaults.
    pub const UNKNOWN: Self = Self { source: SourceId(u32::MAX), start: 0, end: 0 };

    /// A range of bytes.
    pub const fn new(source: SourceId, start: usize, end: usize) -> Self {
        Self { source, start, end }
    }

    /// An empty range.
    pub const fn point(source: SourceId, at: usize) -> Self {
        Self { source, start: at, end: at }
    }

    /// Whether this is a place in no file.
    pub const fn is_unknown(self) -> bool {
        self.source.0 == u32::MAX
    }
}
