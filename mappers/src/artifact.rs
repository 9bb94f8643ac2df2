//! Compiled plugins: machine code, with what is known of the component that it was made of.
//!
//! Whoever can have the gateway load an artifact can have it do anything. So there are two ways only to come by one:
//! our own compiler has just made it ([`Artifact::compiled`]), or it comes from the cache with a seal that only a holder
//! of the key can make ([`Artifact::open`]). No artifact is ever taken from outside.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::contract::{Capabilities, ContractVersion};
use crate::inspect::Inspection;

/// What seals begin with; another format has another name.
const FORMAT: &[u8] = b"tillgate compiled plugin 1";
const SEAL_BYTES: usize = 32;
/// Length of what stands before the code: contract, capabilities, whether it reads the raw body, length.
const HEAD_BYTES: usize = 11;
/// The longest artifact. The largest known interpreter's is half as long.
pub(crate) const BYTES_MAX: usize = 64 << 20;

/// What an artifact was made of and for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    /// SHA-256 of the component.
    pub(crate) component: [u8; 32],
    /// SHA-256 over the engine's settings and version.
    pub(crate) engine: [u8; 32],
}

/// A compiled component that may be loaded.
pub(crate) struct Artifact {
    pub(crate) inspection: Inspection,
    code: Vec<u8>,
}

impl Artifact {
    /// What our own compiler made of an inspected component. To call it with anything else is to run anything else.
    pub(crate) fn compiled(inspection: Inspection, code: Vec<u8>) -> Self {
        Self { inspection, code }
    }

    /// The artifact with its seal before it, to be stored.
    pub(crate) fn seal(&self, origin: &Origin, key: &[u8; 32]) -> Vec<u8> {
        let head = head(&self.inspection);
        let seal = mac(origin, key, &head, &self.code).finalize().into_bytes();
        [&seal[..], &head[..], &self.code].concat()
    }

    /// What was sealed under this key, of this component, for this engine; none for anything else.
    pub(crate) fn open(mut sealed: Vec<u8>, origin: &Origin, key: &[u8; 32]) -> Option<Self> {
        let (seal, rest) = sealed.split_at_checked(SEAL_BYTES)?;
        let (head, code) = rest.split_first_chunk::<HEAD_BYTES>()?;
        mac(origin, key, head, code).verify_slice(seal).ok()?;
        let inspection = read_head(head)?;
        sealed.drain(..SEAL_BYTES + HEAD_BYTES);
        Some(Self { inspection, code: sealed })
    }

    /// Length of the code in bytes.
    pub(crate) fn code_bytes(&self) -> usize {
        self.code.len()
    }

    /// Makes the code runnable.
    #[expect(
        unsafe_code,
        reason = "machine code cannot be checked, only its origin can; see the type's documentation"
    )]
    pub(crate) fn load(&self, engine: &Engine) -> wasmtime::Result<Component> {
        // SAFETY: the bytes must be what this engine's compiler, or one with the same settings, made of a component. The
        // type's two constructors see to that: they were made by our compiler in this process or by the child that it
        // started, or they carry a seal over the code, the component and the engine, made with a key that only gateways
        // of this installation have, of an artifact that one of them compiled. They are in memory of our own since
        // before the seal was verified, so nobody can have changed them in between.
        unsafe { Component::deserialize(engine, &self.code) }
    }
}

fn mac(origin: &Origin, key: &[u8; 32], head: &[u8; HEAD_BYTES], code: &[u8]) -> Hmac<Sha256> {
    // Shorter keys are filled up with zeros, as HMAC itself does it.
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
    for part in [FORMAT, &origin.component, &origin.engine, head, code] {
        mac.update(part);
    }
    mac
}

fn head(inspection: &Inspection) -> [u8; HEAD_BYTES] {
    let can = inspection.capabilities;
    let abilities = [can.map_order, can.map_product, can.publish_product];
    let abilities = abilities.iter().rev().fold(0, |bits, able| bits << 1 | u8::from(*able));
    let place = ContractVersion::ALL.iter().position(|one| *one == inspection.contract);
    let mut head = [0; HEAD_BYTES];
    head[0] = place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX);
    head[1] = abilities;
    head[2] = u8::from(inspection.reads_source);
    head[3..].copy_from_slice(&(inspection.size_bytes as u64).to_le_bytes());
    head
}

fn read_head(head: &[u8; HEAD_BYTES]) -> Option<Inspection> {
    let [contract, abilities, reads_source, size @ ..] = *head;
    let can = |bit: u8| abilities >> bit & 1 == 1;
    Some(Inspection {
        size_bytes: usize::try_from(u64::from_le_bytes(size)).ok()?,
        contract: *ContractVersion::ALL.get(usize::from(contract))?,
        capabilities: Capabilities {
            map_order: can(0),
            map_product: can(1),
            publish_product: can(2),
        },
        reads_source: reads_source == 1,
        // Of use before compiling only.
        code_bytes: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];
    const ORIGIN: Origin = Origin { component: [1; 32], engine: [2; 32] };

    fn artifact() -> Artifact {
        let capabilities =
            Capabilities { map_order: true, map_product: false, publish_product: true };
        let contract = ContractVersion::V1_1;
        let inspection = Inspection {
            size_bytes: 70_000,
            contract,
            capabilities,
            reads_source: true,
            code_bytes: 0,
        };
        Artifact::compiled(inspection, b"machine code".to_vec())
    }

    #[test]
    fn what_was_sealed_is_opened() {
        let opened = Artifact::open(artifact().seal(&ORIGIN, &KEY), &ORIGIN, &KEY).unwrap();
        assert_eq!(opened.inspection, artifact().inspection);
        assert_eq!(opened.code, b"machine code");
    }

    #[test]
    fn another_key_component_engine_or_bit_opens_nothing() {
        let sealed = artifact().seal(&ORIGIN, &KEY);
        let opens = |sealed: &[u8], origin: &Origin, key| {
            Artifact::open(sealed.to_vec(), origin, key).is_some()
        };
        assert!(opens(&sealed, &ORIGIN, &KEY));
        assert!(!opens(&sealed, &ORIGIN, &[8; 32]));
        assert!(!opens(&sealed, &Origin { component: [3; 32], ..ORIGIN }, &KEY));
        assert!(!opens(&sealed, &Origin { engine: [3; 32], ..ORIGIN }, &KEY));
        for at in 0..sealed.len() {
            let mut tampered = sealed.clone();
            tampered[at] ^= 1;
            assert!(!opens(&tampered, &ORIGIN, &KEY), "byte {at}");
            assert!(!opens(&sealed[..at], &ORIGIN, &KEY), "cut at {at}");
        }
    }
}
