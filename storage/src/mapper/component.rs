//! The bytes of plugins, each once for a business.

use super::room;
use crate::entity::mapper_component;
use crate::row::Of;
use crate::{StoreError, Tenant};

use sea_orm::EntityTrait;

const COMPONENT: Of = Of("mapper_component");

/// Components shrink to a third or less, the large ones of interpreters most. The level takes some 100 ms for the
/// largest; higher ones gain a few percent for a multiple of that.
const LEVEL: i32 = 3;
/// The longest component that is read back, in bytes; whatever claims to be longer is not ours.
const COMPONENT_BYTES_MAX: usize = 64 << 20;

/// A component in its stored form.
pub(super) struct Packed {
    pub(super) bytes: Vec<u8>,
    pub(super) encoding: &'static str,
}

/// Compresses a component where that makes it shorter, on a thread that may take its time.
pub(super) async fn pack(component: Vec<u8>) -> Result<Packed, StoreError> {
    let packing = move || match zstd::bulk::compress(&component, LEVEL) {
        Ok(packed) if packed.len() < component.len() => Packed { bytes: packed, encoding: "zstd" },
        _ => Packed { bytes: component, encoding: "plain" },
    };
    let packed = tokio::task::spawn_blocking(packing).await;
    packed.map_err(|_| StoreError::unavailable("a component could not be packed"))
}

fn unpack(row: mapper_component::Model) -> Result<Vec<u8>, StoreError> {
    match row.encoding.as_str() {
        "plain" => Ok(row.component),
        "zstd" => {
            let length = zstd::zstd_safe::get_frame_content_size(&row.component)
                .ok()
                .flatten()
                .and_then(|length| usize::try_from(length).ok())
                .filter(|length| *length <= COMPONENT_BYTES_MAX);
            length
                .and_then(|length| zstd::bulk::decompress(&row.component, length).ok())
                .ok_or_else(|| StoreError::corrupt(COMPONENT.0, "cannot be decompressed"))
        }
        _ => Err(StoreError::corrupt(COMPONENT.0, "has an unknown encoding")),
    }
}

impl Tenant {
    /// Whether the bytes of an uploaded plugin are kept: those of a version that may not serve may have given way.
    pub async fn keeps_mapper_component(&self, digest: [u8; 32]) -> Result<bool, StoreError> {
        room::is_kept(self.reader(), self.business_id(), digest).await
    }

    /// The bytes of an uploaded plugin, by their SHA-256.
    pub async fn mapper_component(&self, digest: [u8; 32]) -> Result<Option<Vec<u8>>, StoreError> {
        let key = (self.business_id().uuid(), digest.to_vec());
        let row = mapper_component::Entity::find_by_id(key).one(self.reader()).await?;
        let Some(row) = row else { return Ok(None) };
        let unpacked = tokio::task::spawn_blocking(move || unpack(row)).await;
        unpacked
            .map_err(|_| StoreError::unavailable("a component could not be unpacked"))?
            .map(Some)
    }
}
