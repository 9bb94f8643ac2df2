//! Authorizations under way: made when a merchant is sent to the store, used up when they come back.

use domain::connection::PendingAuthorization;
use domain::id::BusinessId;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, EntityTrait, QueryResult, Set};

use crate::entity::pending_authorization as table;
use crate::error::StoreError;
use crate::system::System;

impl System {
    /// Keeps an authorization until it is taken, and forgets the business's expired ones. `now` decides which are.
    pub async fn put_authorization(
        &self,
        pending: PendingAuthorization,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let business_id = pending.business_id;
        let expired = self.dialect().statement(
            "DELETE FROM pending_authorization WHERE business_id = ? AND expires_at <= ?",
            [business_id.uuid().into(), now.millis().into()],
        );
        let row = table::ActiveModel {
            business_id: Set(business_id.uuid()),
            state_hash: Set(pending.state_hash.to_vec()),
            provider: Set(pending.provider),
            shop: Set(pending.shop),
            subject: Set(pending.subject),
            expires_at: Set(pending.expires_at.millis()),
        };
        self.writer()
            .write(Some(business_id), move |txn| {
                Box::pin(async move {
                    txn.conn().execute_raw(expired).await?;
                    table::Entity::insert(row).exec_without_returning(txn.conn()).await?;
                    Ok(())
                })
            })
            .await
    }

    /// The authorization of that state, left where it is; none where it is unknown, used up or expired.
    pub async fn peek_authorization(
        &self,
        state_hash: [u8; 32],
        business_id: BusinessId,
        now: Timestamp,
    ) -> Result<Option<PendingAuthorization>, StoreError> {
        let key = (business_id.uuid(), state_hash.to_vec());
        let row = table::Entity::find_by_id(key).one(self.reader()).await?;
        let pending = row.map(|row| PendingAuthorization {
            state_hash,
            business_id,
            provider: row.provider,
            shop: row.shop,
            subject: row.subject,
            expires_at: Timestamp::from_millis(row.expires_at),
        });
        Ok(pending.filter(|pending| pending.expires_at > now))
    }

    /// The authorization of that state, used up: of several callers at the same time, one gets it.
    pub async fn take_authorization(
        &self,
        state_hash: [u8; 32],
        business_id: BusinessId,
        now: Timestamp,
    ) -> Result<Option<PendingAuthorization>, StoreError> {
        let statement = self.dialect().statement(
            "DELETE FROM pending_authorization WHERE business_id = ? AND state_hash = ?
             RETURNING provider, shop, subject, expires_at",
            [business_id.uuid().into(), state_hash.to_vec().into()],
        );
        let row = self
            .writer()
            .write(Some(business_id), move |txn| {
                Box::pin(async move {
                    let row = txn.conn().query_one_raw(statement).await?;
                    row.map(|row| taken(&row, state_hash, business_id)).transpose()
                })
            })
            .await?;
        Ok(row.filter(|pending| pending.expires_at > now))
    }
}

fn taken(
    row: &QueryResult,
    state_hash: [u8; 32],
    business_id: BusinessId,
) -> Result<PendingAuthorization, StoreError> {
    Ok(PendingAuthorization {
        state_hash,
        business_id,
        provider: row.try_get_by_index(0)?,
        shop: row.try_get_by_index(1)?,
        subject: row.try_get_by_index(2)?,
        expires_at: Timestamp::from_millis(row.try_get_by_index(3)?),
    })
}
