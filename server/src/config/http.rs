//! What is served, and how it logs.

use std::net::{Ipv4Addr, SocketAddr};

use tracing_subscriber::EnvFilter;

use super::base_url;
use super::reader::{Reader, Setting};
use crate::telemetry::LogFormat;

const TABLE: &str = "http";

/// `[http]`.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// `LISTEN` (`listen`): the address and port to listen on; `127.0.0.1:4000` unless set.
    pub listen: SocketAddr,
    /// `METRICS_LISTEN` (`metrics_listen`): where `/metrics` is served; nowhere unless set.
    pub metrics_listen: Option<SocketAddr>,
    /// `ALLOWED_ORIGINS` (`allowed_origins`): further origins whose pages may call, with commas between; the frontend's
    /// and our own always may.
    pub allowed_origins: Vec<String>,
    /// `DEV_MODE` (`dev_mode`): serves GraphiQL and lets callers without a token introspect the schema.
    pub dev_mode: bool,
    /// `LOG_FORMAT` (`log_format`): `text` or `json`.
    pub log_format: LogFormat,
    /// `LOG` (`log`): what is logged, for instance `info,tillgate=debug`; `info` unless set.
    pub log: String,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 4_000)),
            metrics_listen: None,
            allowed_origins: Vec::new(),
            dev_mode: false,
            log_format: LogFormat::Text,
            log: "info".to_owned(),
        }
    }
}

impl HttpConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let default = Self::default();
        let setting = |variable, key| Setting::new(variable, TABLE, key);
        let origins = setting("ALLOWED_ORIGINS", "allowed_origins");
        let allowed_origins = reader.list(origins).unwrap_or_default();
        for origin in &allowed_origins {
            if super::origin(origin).as_ref() != Some(origin) || base_url(origin).is_err() {
                reader
                    .fail(origins, &format!("{origin:?} is not an origin like https://a.example"));
            }
        }
        Self {
            listen: reader.with(setting("LISTEN", "listen"), address).unwrap_or(default.listen),
            metrics_listen: reader.with(setting("METRICS_LISTEN", "metrics_listen"), address),
            allowed_origins,
            dev_mode: reader.truth(setting("DEV_MODE", "dev_mode")).unwrap_or(default.dev_mode),
            log_format: reader
                .with(setting("LOG_FORMAT", "log_format"), |text| match text {
                    "text" => Ok(LogFormat::Text),
                    "json" => Ok(LogFormat::Json),
                    _ => Err("must be text or json".to_owned()),
                })
                .unwrap_or(default.log_format),
            log: reader
                .with(setting("LOG", "log"), |text| {
                    let known = EnvFilter::try_new(text).map_err(|error| error.to_string());
                    known.map(|_| text.to_owned())
                })
                .unwrap_or(default.log),
        }
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "must be an address like 127.0.0.1:4000".to_owned())
}
