//! What a business wants the store to have of its stock.

/// Pieces that may be held back of each item.
pub const BUFFER_MAX: u32 = 1_000_000;

/// Who says how many pieces there are (S1.1). Until a business decides, it is the store.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Ownership {
    /// The store: nothing is pushed.
    #[default]
    Store,
    /// The POS: what it has is pushed, and what is changed in the store is drift (S1.6).
    Pos,
}

impl Ownership {
    /// The name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Pos => "pos",
        }
    }

    /// The one of that name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Store, Self::Pos].into_iter().find(|item| item.as_str() == text)
    }
}

/// Which of the POS's pieces a location of the store may sell.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum StockBasis {
    /// Those that lie there; what lies at no place in particular counts for the primary location.
    #[default]
    Location,
    /// All there are, for stores with one location that sells what lies anywhere.
    Everywhere,
}

impl StockBasis {
    /// The name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Location => "location",
            Self::Everywhere => "everywhere",
        }
    }

    /// The one of that name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Location, Self::Everywhere].into_iter().find(|item| item.as_str() == text)
    }
}

/// What the store is told where less than nothing is left.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum NegativePolicy {
    /// That there is nothing. Stores take no negative quantities from outside.
    #[default]
    Zero,
    /// Nothing at all, until somebody counted or goods came in.
    Hold,
}

impl NegativePolicy {
    /// The name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::Hold => "hold",
        }
    }

    /// The one of that name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Zero, Self::Hold].into_iter().find(|item| item.as_str() == text)
    }
}

/// A business's inventory policy.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct InventoryPolicy {
    /// Who says how many pieces there are.
    pub ownership: Ownership,
    /// Which pieces count for a location.
    pub basis: StockBasis,
    /// Pieces of each item that the store is not told of, at most [`BUFFER_MAX`]: for sales that are under way in the
    /// POS.
    pub buffer: u32,
    /// What the store is told where less than nothing is left.
    pub negative: NegativePolicy,
}
