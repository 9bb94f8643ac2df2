//! Certificates: the rows that hold what each says (F7).

use domain::code::Code;
use domain::delivery::Failure;
use domain::id::{BusinessId, CertificateId, ConnectionId, ExternalId};
use domain::page::{Page, PageRequest};
use domain::reconcile::RunState;
use domain::reconcile::certificate::Certificate;
use domain::refined::ObjectType;
use domain::time::Timestamp;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde::Serialize;
use uuid::Uuid;

use crate::entity::certificate::{Column, Entity, Model};
use crate::page::{Sort, by_id, id_of, keyset, page_of};
use crate::row::{self, Of};
use crate::{StoreError, Tenant};

const CERTIFICATE: Of = Of("certificate");

impl Tenant {
    /// Notes a certificate that is to be made, unless the connection has one under way: returns the one that is.
    pub async fn begin_certificate(
        &self,
        certificate: Certificate,
    ) -> Result<Certificate, StoreError> {
        let row = row_of(self.business_id(), certificate);
        self.write(move |txn| {
            Box::pin(async move {
                let running = Entity::find()
                    .filter(Column::BusinessId.eq(row.business_id))
                    .filter(Column::ConnectionId.eq(row.connection_id))
                    .filter(Column::State.eq(RunState::Running.as_str()))
                    .one(txn.conn())
                    .await?;
                if let Some(running) = running {
                    return read_certificate(running);
                }
                let insert = Entity::insert(row.clone().into_active_model());
                insert.exec_without_returning(txn.conn()).await?;
                read_certificate(row)
            })
        })
        .await
    }

    /// Notes how a certificate goes on. Fails with [`StoreError::LostLease`] where somebody else wrote it since it was read.
    pub async fn advance_certificate(
        &self,
        mut certificate: Certificate,
    ) -> Result<(), StoreError> {
        let read = certificate.revision;
        certificate.revision += 1;
        let row = row_of(self.business_id(), certificate);
        self.write(move |txn| {
            Box::pin(async move {
                let update = Entity::update_many()
                    .filter(Column::BusinessId.eq(row.business_id))
                    .filter(Column::CertificateId.eq(row.certificate_id))
                    .filter(Column::Revision.eq(read))
                    .set(row.into_active_model().reset_all());
                match update.exec(txn.conn()).await?.rows_affected {
                    0 => Err(StoreError::LostLease),
                    _ => Ok(()),
                }
            })
        })
        .await
    }

    /// The certificate that is being made of a connection.
    pub async fn running_certificate(
        &self,
        connection_id: ConnectionId,
    ) -> Result<Option<Certificate>, StoreError> {
        let row = Entity::find()
            .filter(Column::BusinessId.eq(self.business_id().uuid()))
            .filter(Column::ConnectionId.eq(connection_id.uuid()))
            .filter(Column::State.eq(RunState::Running.as_str()))
            .one(self.reader())
            .await?;
        row.map(read_certificate).transpose()
    }

    /// A certificate.
    pub async fn certificate(&self, id: CertificateId) -> Result<Option<Certificate>, StoreError> {
        let key = (self.business_id().uuid(), id.uuid());
        let row = Entity::find_by_id(key).one(self.reader()).await?;
        row.map(read_certificate).transpose()
    }

    /// A page of certificates, the newest first.
    pub async fn certificates(
        &self,
        request: &PageRequest,
    ) -> Result<Page<Certificate>, StoreError> {
        let place = match &request.cursor {
            Some(cursor) => Some([id_of::<Uuid>(cursor)?.into()]),
            None => None,
        };
        let select = Entity::find().filter(Column::BusinessId.eq(self.business_id().uuid()));
        let columns = [Column::CertificateId];
        let models =
            keyset(select, request, Sort::NewestFirst, columns, place).all(self.reader()).await?;
        page_of(request, models, |model| by_id(&model.certificate_id), read_certificate)
    }
}

fn row_of(business: BusinessId, certificate: Certificate) -> Model {
    let (failure_code, failure_detail) = match certificate.failure {
        Some(failure) => (Some(failure.code.as_str().to_owned()), Some(failure.detail)),
        None => (None, None),
    };
    Model {
        business_id: business.uuid(),
        certificate_id: certificate.id.uuid(),
        connection_id: certificate.connection_id.uuid(),
        kind: certificate.kind.as_str().to_owned(),
        period_from: certificate.from.millis(),
        period_until: certificate.until.millis(),
        state: certificate.state.as_str().to_owned(),
        after_id: certificate.after.map(|id| id.0),
        accounts: json(&certificate.accounts),
        entries: json(&certificate.entries),
        store_digest: certificate.store_digest.to_vec(),
        held_digest: certificate.held_digest.to_vec(),
        attempts: certificate.attempts.into(),
        failure_code,
        failure_detail,
        revision: certificate.revision,
        created_by: certificate.created_by,
        created_at: certificate.created_at.millis(),
        finished_at: certificate.finished_at.map(Timestamp::millis),
    }
}

/// Numbers and words: nothing that JSON could refuse.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn read_certificate(row: Model) -> Result<Certificate, StoreError> {
    let failure = match row.failure_code {
        Some(code) => {
            let code = CERTIFICATE.word("failure_code", &code, Code::parse)?;
            Some(Failure::new(code, row.failure_detail.unwrap_or_default()))
        }
        None => None,
    };
    Ok(Certificate {
        id: CertificateId::from_uuid(row.certificate_id),
        connection_id: ConnectionId::from_uuid(row.connection_id),
        kind: CERTIFICATE.word("kind", &row.kind, ObjectType::parse)?,
        from: row::time(row.period_from),
        until: row::time(row.period_until),
        state: CERTIFICATE.word("state", &row.state, RunState::parse)?,
        after: row.after_id.map(ExternalId),
        accounts: CERTIFICATE.json("accounts", &row.accounts)?,
        entries: CERTIFICATE.json("entries", &row.entries)?,
        store_digest: CERTIFICATE.hash("store_digest", row.store_digest)?,
        held_digest: CERTIFICATE.hash("held_digest", row.held_digest)?,
        attempts: CERTIFICATE.count("attempts", row.attempts)?,
        failure,
        revision: row.revision,
        created_by: row.created_by,
        created_at: row::time(row.created_at),
        finished_at: row.finished_at.map(row::time),
    })
}
