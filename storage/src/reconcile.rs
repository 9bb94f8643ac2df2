//! Comparisons of all that a store has with what is held (F8), and certificates of them (F7).

mod certificate;
mod drift;
mod held;
mod run;

pub use held::HeldBytes;
