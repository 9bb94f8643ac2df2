//! Plugins from the outside: what the standard mapper answers, and what a hostile one cannot do.

mod orders;
mod standard;
