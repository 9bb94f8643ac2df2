use std::sync::atomic::{AtomicU64, Ordering};

use domain::time::Timestamp;
use proptest::prelude::*;

use super::*;

fn business(n: u8) -> BusinessId {
    BusinessId::new(Timestamp::EPOCH, &[n; 10])
}

fn connection(n: u8) -> ConnectionId {
    ConnectionId::new(Timestamp::EPOCH, &[n; 10])
}

fn place(table: &'static str, column: &'static str, b: u8, c: u8) -> Place<'static> {
    Place { table, column, business_id: business(b), connection_id: connection(c) }
}

fn ring(current: u8, previous: &[u8]) -> Keyring {
    let count = AtomicU64::new(0);
    let random = move |bytes: &mut [u8]| {
        let n = count.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        bytes[..8].copy_from_slice(&n);
    };
    let key = |n| Key::from_bytes([n; 32]);
    Keyring::new(key(current), previous.iter().copied().map(key).collect(), random)
}

const HOME: fn() -> Place<'static> = || place("connection", "access_token", 1, 1);

proptest! {
    #[test]
    fn what_was_sealed_opens(plain in prop::collection::vec(any::<u8>(), 0..300)) {
        let ring = ring(1, &[]);
        let blob = ring.seal(&HOME(), &plain).unwrap();
        prop_assert_eq!(ring.open(&HOME(), &blob), Ok(plain));
    }

    #[test]
    fn any_flipped_bit_is_noticed(plain in "[ -~]{0,40}", at in any::<prop::sample::Index>(), bit in 0..8) {
        let ring = ring(1, &[]);
        let mut blob = ring.seal(&HOME(), plain.as_bytes()).unwrap();
        let at = at.index(blob.len());
        blob[at] ^= 1_u8 << bit;
        prop_assert!(ring.open(&HOME(), &blob).is_err());
    }

    #[test]
    fn any_cut_is_noticed(plain in "[ -~]{0,40}", at in any::<prop::sample::Index>()) {
        let ring = ring(1, &[]);
        let blob = ring.seal(&HOME(), plain.as_bytes()).unwrap();
        prop_assert!(ring.open(&HOME(), &blob[..at.index(blob.len())]).is_err());
    }

    #[test]
    fn no_text_makes_the_key_reader_panic(text in "\\PC{0,70}") {
        let _ = text.parse::<Key>();
    }
}

#[test]
fn a_value_moved_to_another_row_does_not_open() {
    let ring = ring(1, &[]);
    let blob = ring.seal(&HOME(), b"token").unwrap();
    let elsewhere = [
        place("connection", "access_token", 2, 1),
        place("connection", "access_token", 1, 2),
        place("connection", "refresh_token", 1, 1),
        place("connectionaccess", "_token", 1, 1),
    ];
    for place in elsewhere {
        assert_eq!(ring.open(&place, &blob), Err(SecretError::Altered));
    }
}

#[test]
fn old_keys_open_and_the_current_one_seals_again() {
    let blob = ring(1, &[]).seal(&HOME(), b"token").unwrap();
    let rotated = ring(2, &[1]);
    assert_eq!(rotated.open(&HOME(), &blob).unwrap(), b"token");
    let again = rotated.reseal(&HOME(), &blob).unwrap().unwrap();
    assert_eq!(rotated.reseal(&HOME(), &again), Ok(None));
    assert_eq!(ring(2, &[]).open(&HOME(), &again).unwrap(), b"token");
    let missing = ring(3, &[]).open(&HOME(), &blob);
    assert_eq!(missing, Err(SecretError::UnknownKey(Key::from_bytes([1; 32]).id())));
}

#[test]
fn equal_secrets_do_not_look_equal() {
    let ring = ring(1, &[]);
    let seal = || ring.seal(&HOME(), b"token").unwrap();
    assert_ne!(seal(), seal());
}

#[test]
fn a_secret_has_a_longest_length() {
    let long = vec![0; SECRET_BYTES_MAX + 1];
    let refused = ring(1, &[]).seal(&HOME(), &long);
    assert_eq!(refused, Err(SecretError::TooLong(long.len())));
}

#[test]
fn derived_keys_differ_by_purpose_and_outlive_a_rotation() {
    let (old, new) = (ring(1, &[]), ring(2, &[1]));
    assert_ne!(old.derive("cookie"), old.derive("cursor"));
    assert_ne!(old.derive("cookie"), [1; 32]);
    assert_eq!(new.derive_all("cookie"), [new.derive("cookie"), old.derive("cookie")]);
}

#[test]
fn keys_are_read_in_every_usual_spelling_and_never_shown() {
    let key = Key::from_bytes([0xfb; 32]);
    let spellings = [
        "fb".repeat(32),
        "FB".repeat(32),
        "+/v7".repeat(10) + "+/s=",
        "-_v7".repeat(10) + "-_s",
        format!(" {}\n", "fb".repeat(32)),
    ];
    for text in spellings {
        assert_eq!(text.parse::<Key>().as_ref(), Ok(&key), "{text}");
    }
    for text in ["", "fb", "+/v7", &"zz".repeat(32), &"é".repeat(32)] {
        assert_eq!(text.parse::<Key>(), Err(InvalidKey), "{text}");
    }
    let shown = format!("{:?}", Keyring::new(key.clone(), vec![key], |_| ()));
    assert_eq!(shown, "Keyring { current: Key(456a0498), previous: [Key(456a0498)], .. }");
}
