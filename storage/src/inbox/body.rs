//! Bodies as they are stored.

use std::cell::RefCell;

use domain::delivery::NewDelivery;
use zstd::bulk::{Compressor, Decompressor};

use crate::error::StoreError;

/// The fastest level: an order takes some 20 µs and shrinks to a quarter, which saves the disk more than that.
const LEVEL: i32 = 1;
/// Bodies shorter than this stay as they are.
const COMPRESSED_FROM_BYTES: usize = 256;
/// The longest body that is read back; whatever claims to be longer is not ours.
const BODY_BYTES_MAX: usize = 256 << 20;

thread_local! {
    // Either costs more to set up than one body costs to pack.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> =
        RefCell::new(Compressor::new(LEVEL).ok());
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> =
        RefCell::new(Decompressor::new().ok());
}

/// How a stored body reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Encoding {
    /// As it came.
    Plain,
    /// One zstd frame that tells its length.
    Zstd,
}

impl Encoding {
    /// The name in the table.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Zstd => "zstd",
        }
    }
}

/// A delivery whose body is in its stored form.
#[derive(Clone, Debug)]
pub(crate) struct Packed {
    pub(crate) delivery: NewDelivery,
    pub(crate) encoding: Encoding,
}

impl Packed {
    /// Compresses the body where that makes it shorter.
    pub(crate) fn new(mut delivery: NewDelivery) -> Self {
        let encoding;
        (delivery.body, encoding) = pack(std::mem::take(&mut delivery.body));
        Self { delivery, encoding }
    }
}

/// A body in its stored form: compressed where that makes it shorter.
pub(crate) fn pack(body: Vec<u8>) -> (Vec<u8>, Encoding) {
    if body.len() >= COMPRESSED_FROM_BYTES {
        let packed =
            COMPRESSOR.with_borrow_mut(|tool| tool.as_mut().and_then(|t| t.compress(&body).ok()));
        if let Some(packed) = packed.filter(|packed| packed.len() < body.len()) {
            return (packed, Encoding::Zstd);
        }
    }
    (body, Encoding::Plain)
}

/// The body as it came.
pub(crate) fn unpack(body: Vec<u8>, encoding: &str) -> Result<Vec<u8>, StoreError> {
    let corrupt = |detail: &str| StoreError::corrupt("delivery", detail);
    match encoding {
        "plain" => Ok(body),
        "zstd" => {
            let length = zstd::zstd_safe::get_frame_content_size(&body)
                .ok()
                .flatten()
                .and_then(|length| usize::try_from(length).ok())
                .filter(|length| *length <= BODY_BYTES_MAX)
                .ok_or_else(|| corrupt("a body's frame has no length"))?;
            DECOMPRESSOR
                .with_borrow_mut(|tool| {
                    tool.as_mut().and_then(|t| t.decompress(&body, length).ok())
                })
                .ok_or_else(|| corrupt("a body cannot be decompressed"))
        }
        _ => Err(corrupt("a body has an unknown encoding")),
    }
}
