//! Authorizations under way: made when a merchant is sent to the store, used up when they come back.
//!
//! Those of merchants whose business does not exist yet stand in a table of their own, which refers to no business.

use domain::connection::PendingAuthorization;
use domain::id::BusinessId;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, QueryResult, Statement};

use crate::error::StoreError;
use crate::system::System;

/// The tables, by whether the authorization founds its business.
const TABLES: [(&str, bool); 2] = [("pending_authorization", false), ("pending_entry", true)];

impl System {
    /// Keeps an authorization until it is taken, and forgets expired ones: the business's, or all of businesses to come.
    /// `now` decides which are.
    pub async fn put_authorization(
        &self,
        pending: PendingAuthorization,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let business = pending.business_id;
        let ended = now.millis().into();
        let expired = if pending.founds {
            let sql = "DELETE FROM pending_entry WHERE expires_at <= ?";
            self.dialect().statement(sql, [ended])
        } else {
            let sql = "DELETE FROM pending_authorization WHERE business_id = ? AND expires_at <= ?";
            self.dialect().statement(sql, [business.uuid().into(), ended])
        };
        let table = if pending.founds { "pending_entry" } else { "pending_authorization" };
        let added = self.dialect().statement(
            &format!(
                "INSERT INTO {table} (business_id, state_hash, provider, shop, subject, expires_at)
                 VALUES (?, ?, ?, ?, ?, ?)"
            ),
            [
                business.uuid().into(),
                pending.state_hash.to_vec().into(),
                pending.provider.into(),
                pending.shop.into(),
                pending.subject.into(),
                pending.expires_at.millis().into(),
            ],
        );
        self.writer()
            .write(Some(business), move |txn| {
                Box::pin(async move {
                    txn.conn().execute_raw(expired).await?;
                    txn.conn().execute_raw(added).await?;
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
        let key = (state_hash, business_id);
        for (table, founds) in TABLES {
            let sql = format!("SELECT {COLUMNS} FROM {table} {WANTED}");
            if let Some(row) = self.reader().query_one_raw(self.of_state(&sql, key)).await? {
                let pending = read(&row, key, founds)?;
                return Ok(Some(pending).filter(|pending| pending.expires_at > now));
            }
        }
        Ok(None)
    }

    /// The authorization of that state, used up: of several callers at the same time, one gets it.
    pub async fn take_authorization(
        &self,
        state_hash: [u8; 32],
        business_id: BusinessId,
        now: Timestamp,
    ) -> Result<Option<PendingAuthorization>, StoreError> {
        let key = (state_hash, business_id);
        let statements = TABLES.map(|(table, founds)| {
            let sql = format!("DELETE FROM {table} {WANTED} RETURNING {COLUMNS}");
            (self.of_state(&sql, key), founds)
        });
        let taken = self
            .writer()
            .write(Some(business_id), move |txn| {
                Box::pin(async move {
                    for (statement, founds) in statements {
                        if let Some(row) = txn.conn().query_one_raw(statement).await? {
                            return Ok(Some(read(&row, key, founds)?));
                        }
                    }
                    Ok(None)
                })
            })
            .await?;
        Ok(taken.filter(|pending| pending.expires_at > now))
    }

    fn of_state(&self, sql: &str, (state_hash, business): ([u8; 32], BusinessId)) -> Statement {
        self.dialect().statement(sql, [business.uuid().into(), state_hash.to_vec().into()])
    }
}

const COLUMNS: &str = "provider, shop, subject, expires_at";
const WANTED: &str = "WHERE business_id = ? AND state_hash = ?";

/// An authorization from its [`COLUMNS`].
fn read(
    row: &QueryResult,
    (state_hash, business_id): ([u8; 32], BusinessId),
    founds: bool,
) -> Result<PendingAuthorization, StoreError> {
    Ok(PendingAuthorization {
        state_hash,
        business_id,
        founds,
        provider: row.try_get_by_index(0)?,
        shop: row.try_get_by_index(1)?,
        subject: row.try_get_by_index(2)?,
        expires_at: Timestamp::from_millis(row.try_get_by_index(3)?),
    })
}
