//! A gateway with two businesses, and what a store and a POS may have put into it.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_graphql::{Executor as _, Request, Response};
use domain::access::{Caller, Role};
use domain::activity::{ActivityKind, NewActivity};
use domain::connection::Business;
use domain::id::BusinessId;
use domain::time::Timestamp;
use mappers::{Compiler, Mappers, Settings};
use serde_json::Value;
use storage::Tenant;

use crate::app::{App, OsRandom, SystemClock};
use crate::boot;
use crate::config::Config;
use crate::graphql::{Schema, schema};

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) schema: Schema,
    pub(crate) ours: BusinessId,
    /// The other business; [`World::caller`] does not belong to it.
    pub(crate) theirs: BusinessId,
    _folder: tempfile::TempDir,
}

impl World {
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = [
            ("DATABASE_URL", format!("sqlite:{}", folder.path().join("tillgate.db").display())),
            ("SHOPIFY_ENCRYPTION_KEY", "07".repeat(32)),
            ("SHOPIFY_CLIENT_ID", "client".to_owned()),
            ("SHOPIFY_CLIENT_SECRET", "secret".to_owned()),
            ("JWT_SECRET", "0123456789abcdef0123456789abcdef".to_owned()),
        ];
        let settings = settings.map(|(name, value)| (name.to_owned(), value));
        let config = Config::read("", settings).unwrap();
        let (clock, random) = (Arc::new(SystemClock), Arc::new(OsRandom));
        // A program of tests is no compiler's child.
        let compiler = Compiler::InProcess;
        let here = |settings| Mappers::new(Settings { compiler, ..settings }).map(Arc::new);
        let app = boot::build_with(config, clock, random, here).await.unwrap();
        app.storage.migrate().await.unwrap();
        let [ours, theirs] = [1, 2].map(|number| BusinessId::new(Timestamp::EPOCH, &[number; 10]));
        for (id, name) in [(ours, "Ours"), (theirs, "Theirs")] {
            let business = Business { id, name: name.to_owned(), created_at: app.now() };
            app.storage.system().create_business(business).await.unwrap();
        }
        Self { schema: schema(app.clone()), app, ours, theirs, _folder: folder }
    }

    pub(crate) fn tenant(&self, business: BusinessId) -> Tenant {
        self.app.storage.tenant(business)
    }

    /// A caller of our business alone.
    pub(crate) fn caller(&self, role: Role) -> Caller {
        Caller { subject: "test".to_owned(), role, businesses: BTreeSet::from([self.ours]) }
    }

    pub(crate) async fn respond(&self, caller: Option<Caller>, document: &str) -> Response {
        let mut request = Request::new(document);
        if let Some(caller) = caller {
            request = request.data(caller);
        }
        self.schema.execute(request).await
    }

    /// The response to our caller as JSON.
    pub(crate) async fn ask(&self, role: Role, document: &str) -> Value {
        json_of(&self.respond(Some(self.caller(role)), document).await)
    }

    /// The data of the response to someone who may do everything, which has to have no errors.
    pub(crate) async fn data(&self, document: &str) -> Value {
        let mut answer = self.ask(Role::Platform, document).await;
        assert_eq!(answer.get("errors"), None, "{document}");
        answer["data"].take()
    }

    pub(crate) async fn publish(&self, business: BusinessId, kind: ActivityKind, message: &str) {
        let event = NewActivity {
            kind,
            subject: None,
            message: message.to_owned(),
            percent: None,
            at: self.app.now(),
        };
        self.tenant(business).publish(event).await.unwrap();
    }
}

pub(crate) fn json_of(response: &Response) -> Value {
    serde_json::to_value(response).unwrap()
}

/// The codes of a response's errors.
pub(crate) fn codes(answer: &Value) -> Vec<&str> {
    let errors = answer["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    errors.iter().map(|error| error["extensions"]["code"].as_str().unwrap_or("none")).collect()
}
