use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::claims::TypeClass;
use crate::keys::{KeySet, PreparedKey};

/// Headers that were seen on verified tokens, and what they led to.
///
/// An issuer uses a handful of headers, each the same text every time: comparing that text takes
/// 4 ns where decoding and parsing takes 200 to 400. Only a header whose token verified gets in,
/// so a flood of made-up headers cannot push the good ones out.
pub(super) struct HeaderMemo {
    slots: [ArcSwapOption<Remembered>; SLOTS],
}

pub(super) struct Remembered {
    header: Box<[u8]>,
    /// The set that the header was resolved against: another set may resolve it otherwise.
    set: Arc<KeySet>,
    pub(super) key: Arc<PreparedKey>,
    pub(super) typ: TypeClass,
}

const SLOTS: usize = 8;

impl HeaderMemo {
    pub(super) fn new() -> Self {
        Self {
            slots: [const { ArcSwapOption::const_empty() }; SLOTS],
        }
    }

    /// The key and type that `header` leads to under `set`.
    #[inline]
    pub(super) fn find(
        &self,
        header: &[u8],
        set: &Arc<KeySet>,
    ) -> Option<(Arc<PreparedKey>, TypeClass)> {
        let slot = self.slots[index(header)].load();
        let known = slot.as_ref()?;
        (*known.header == *header && Arc::ptr_eq(&known.set, set))
            .then(|| (Arc::clone(&known.key), known.typ))
    }

    /// Remembers the one key that `header` leads to under `set`.
    pub(super) fn remember(
        &self,
        header: &[u8],
        set: &Arc<KeySet>,
        key: &Arc<PreparedKey>,
        typ: TypeClass,
    ) {
        let remembered = Remembered {
            header: header.into(),
            set: Arc::clone(set),
            key: Arc::clone(key),
            typ,
        };
        self.slots[index(header)].store(Some(Arc::new(remembered)));
    }
}

/// The end of a header is where key ids differ.
fn index(header: &[u8]) -> usize {
    let tail = header.iter().rev().take(8).fold(header.len(), |sum, byte| {
        sum.wrapping_mul(31) + usize::from(*byte)
    });
    (tail ^ tail >> 8) % SLOTS
}
