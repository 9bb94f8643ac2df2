//! Custom sections of a component, outermost level only: a preamble of eight bytes, then sections, each with its number
//! and its length before it.

use std::ops::Range;

/// What a component begins with, up to the version of the layer.
const PREAMBLE: &[u8] = b"\0asm";
const PREAMBLE_BYTES: usize = 8;
/// The number of a custom section.
const CUSTOM: u8 = 0;

/// A custom section.
pub(super) struct Found<'a> {
    /// What it holds.
    pub(super) data: &'a [u8],
    /// Where it stands, its number and length included.
    whole: Range<usize>,
}

/// The sections of that name; none where the bytes are not made of sections.
pub(super) fn find<'a>(component: &'a [u8], name: &str) -> Option<Vec<Found<'a>>> {
    let mut found = Vec::new();
    let mut rest = component.get(PREAMBLE_BYTES..).filter(|_| component.starts_with(PREAMBLE))?;
    while let Some((number, after)) = rest.split_first() {
        let start = component.len() - rest.len();
        let (contents, after) = take(after)?;
        rest = after;
        if *number != CUSTOM {
            continue;
        }
        let (found_name, data) = take(contents)?;
        if found_name == name.as_bytes() {
            found.push(Found { data, whole: start..component.len() - rest.len() });
        }
    }
    Some(found)
}

/// The component without the sections found.
pub(super) fn cut(component: &[u8], sections: &[Found<'_>]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(component.len());
    let mut at = 0;
    for section in sections {
        kept.extend_from_slice(&component[at..section.whole.start]);
        at = section.whole.end;
    }
    kept.extend_from_slice(&component[at..]);
    kept
}

/// Adds a section at the end.
pub(super) fn push(component: &mut Vec<u8>, name: &str, data: &[u8]) {
    let name_length = length(name.len());
    component.push(CUSTOM);
    component.extend(length(name_length.len() + name.len() + data.len()));
    component.extend(name_length);
    component.extend_from_slice(name.as_bytes());
    component.extend_from_slice(data);
}

/// Takes a length and as many bytes. A length has at most 32 bits, seven a byte, the lowest first.
fn take(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut number = 0_usize;
    for (index, byte) in bytes.iter().enumerate().take(5) {
        number |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return bytes[index + 1..].split_at_checked(number);
        }
    }
    None
}

/// A length, in as few bytes as it takes.
fn length(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        // Seven bits always fit.
        let low = u8::try_from(number & 0x7f).unwrap_or(0);
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_in_any_form_and_never_believed() {
        let whole = vec![7; 300];
        let with = |head: &[u8]| [head, &whole].concat();
        assert_eq!(take(&with(&length(300))).unwrap().0.len(), 300);
        assert_eq!(take(&with(&[0x85, 0x80, 0x80, 0x80, 0x00])).unwrap().0.len(), 5);
        assert_eq!(take(&with(&length(301))), None, "longer than what there is");
        assert_eq!(take(&[0x80; 6]), None, "no end");
        assert_eq!(take(&[]), None);
    }

    #[test]
    fn bytes_that_are_not_made_of_sections() {
        for bytes in [&b""[..], b"MZ", b"\0asm\x0d\0\x01", b"\0asm\x0d\0\x01\0\0\x05abc"] {
            assert!(find(bytes, "x").is_none(), "{bytes:?}");
        }
        assert_eq!(find(b"\0asm\x0d\0\x01\0", "x").unwrap().len(), 0);
    }
}
