//! The gateway's words, state machines and decisions.
//!
//! Everything here is pure: no I/O, no clock, no randomness, no `async`. A decision takes what is stored and what came
//! in, and returns what should change; the shells in `server` load, decide and apply. That is what makes decisions
//! cheap to test as tables of cases, and a run of yesterday repeatable today.
//!
//! Reading order: the base ([`id`], [`time`], [`money`], [`code`], [`page`]), the words ([`access`] to [`activity`]),
//! then the one-way flow ([`flow`]) that uses them, and the proof that nothing is missing ([`reconcile`]).

pub mod code;
pub mod id;
pub mod money;
pub mod page;
pub mod personal;
pub mod secret;
pub mod time;
mod words;

pub mod access;
pub mod connection;
pub mod delivery;
pub mod draft;
pub mod health;
pub mod link;
pub mod mapper;
pub mod outbox;
pub mod pos;
pub mod privacy;
pub mod product_push;
pub mod push;
pub mod refined;
pub mod stock;

pub mod activity;

pub mod flow;

pub mod reconcile;
