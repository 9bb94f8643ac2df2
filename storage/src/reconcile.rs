//! Comparisons of all that a store has with what is held (F8).

mod drift;
mod held;
mod run;
