//! `check`: one line for each thing that has to work, and exit 1 where one does not.

use std::path::Path;
use std::process::ExitCode;

use domain::delivery::Failure;
use domain::refined::ObjectType;

use crate::app::App;
use crate::boot;
use crate::config::Config;

use super::output;

pub(super) async fn run(config: Option<&Path>) -> ExitCode {
    let mut report = Report::default();
    let config = match Config::load(config) {
        Ok(config) => config,
        Err(error) => {
            report.note("configuration", Err(error.to_string()));
            return report.exit();
        }
    };
    report.note("configuration", Ok("complete".to_owned()));
    let app = match boot::build(config).await {
        Ok(app) => app,
        Err(error) => {
            report.note("database", Err(error.to_string()));
            return report.exit();
        }
    };
    check_database(&app, &mut report).await;
    check_tokens(&app, &mut report).await;
    report.exit()
}

async fn check_database(app: &App, report: &mut Report) {
    let system = app.storage.system();
    let database = match system.ping().await {
        Ok(()) => Ok("answers".to_owned()),
        Err(error) => Err(Failure::from(&error).to_string()),
    };
    report.note("database", database);
    let schema = match app.storage.is_migrated().await {
        Ok(true) => Ok("of this version".to_owned()),
        Ok(false) => Err("older than this version: run `tillgate migrate`".to_owned()),
        Err(error) => Err(Failure::from(&error).to_string()),
    };
    report.note("schema", schema);
}

/// The whole way from the stored, sealed token to the store's answer (S0.10).
async fn check_tokens(app: &App, report: &mut Report) {
    let businesses = match app.storage.system().businesses().await {
        Ok(businesses) => businesses,
        Err(error) => return report.note("keys", Err(Failure::from(&error).to_string())),
    };
    let mut opened = 0;
    for business in businesses {
        let tenant = app.storage.tenant(business.id);
        let Ok(connections) = tenant.connections().await else {
            continue;
        };
        for connection in connections.into_iter().filter(|connection| connection.status.is_live()) {
            match tenant.secrets(connection.id).await {
                Ok(Some(_)) => opened += 1,
                Ok(None) => report.note(&connection.shop, Err("has no token".to_owned())),
                Err(error) => {
                    report.note(&connection.shop, Err(Failure::from(&error).to_string()));
                    continue;
                }
            }
            let answer = probe(app, &connection).await;
            report.note(&format!("store {}", connection.shop), answer);
        }
    }
    report.note("keys", Ok(format!("opened the tokens of {opened} connections")));
}

async fn probe(app: &App, connection: &domain::connection::Connection) -> Result<String, String> {
    let read = async {
        let provider = app.providers.get(&connection.provider)?;
        let access = crate::tokens::access(app, connection).await?;
        // Each kind needs a scope of its own.
        for kind in [ObjectType::Order, ObjectType::Product] {
            provider.read_page(&access, kind, Some(app.now()), None).await?;
        }
        Ok::<_, Failure>(())
    };
    read.await.map(|()| "takes our token".to_owned()).map_err(|failure| failure.to_string())
}

#[derive(Default)]
struct Report {
    failed: bool,
}

impl Report {
    fn note(&mut self, what: &str, result: Result<String, String>) {
        match result {
            Ok(text) => output::line(&format!("ok    {what}: {text}")),
            Err(text) => {
                self.failed = true;
                output::line(&format!("FAIL  {what}: {text}"));
            }
        }
    }

    fn exit(&self) -> ExitCode {
        if self.failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}
