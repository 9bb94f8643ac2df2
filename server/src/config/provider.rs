//! The app at Shopify, and the addresses that it is registered with.

use domain::secret::Secret;
use shopify::ShopUrl;

use super::reader::{Reader, Setting};
use super::{ConfigError, base_url};

const TABLE: &str = "provider";

pub(super) const ENCRYPTION_KEY: &str = "SHOPIFY_ENCRYPTION_KEY";
pub(super) const ENCRYPTION_KEY_OLD: &str = "SHOPIFY_ENCRYPTION_KEY_OLD";
const CLIENT_ID: &str = "SHOPIFY_CLIENT_ID";
const CLIENT_SECRET: &str = "SHOPIFY_CLIENT_SECRET";

/// The route that the store sends a merchant back to.
const CALLBACK: &str = "/ecommerce/oauth/callback";

/// `[provider]`.
#[derive(Clone, Debug)]
pub struct ProviderConfig {
    /// `APP_BASE_URL` (`app_base_url`): how stores and browsers reach this gateway, without a slash at its end;
    /// `http://127.0.0.1:4000` unless set.
    pub app_base_url: String,
    /// `FRONTEND_URL` (`frontend_url`): where a merchant is sent after connecting; `APP_BASE_URL` unless set.
    pub frontend_url: String,
    /// `SHOPIFY_CLIENT_ID` (`client_id`): the app's id.
    pub client_id: Option<String>,
    /// `SHOPIFY_CLIENT_SECRET` (`client_secret`): the app's secret.
    pub client_secret: Option<Secret>,
    /// `SHOPIFY_CLIENT_SECRET_OLD` (`client_secret_old`): the one before; deliveries signed with it are still taken.
    pub previous_client_secret: Option<Secret>,
    /// `SHOPIFY_ENCRYPTION_KEY` (`encryption_key`): 32 bytes in base64 or hex that stored tokens are sealed with.
    pub encryption_key: Option<Secret>,
    /// `SHOPIFY_ENCRYPTION_KEY_OLD` (`encryption_key_old`): those before, with commas between; they still open.
    pub previous_encryption_keys: Vec<Secret>,
    /// `SHOPIFY_SHOP_URL` (`shop_url`): how a shop's address is made; `https://{shop}` unless set, another for a
    /// simulator on this machine.
    pub shop_url: ShopUrl,
    /// `SHOPIFY_API_VERSION` (`api_version`): the Admin API's version; the one that this gateway is written for unless
    /// set.
    pub api_version: String,
    /// `SHOPIFY_SCOPES` (`scopes`): the scopes to ask for, with commas between; all that are used unless set.
    pub scopes: Vec<String>,
}

impl Default for ProviderConfig {
    fn default() -> Self {
        let app_base_url = "http://127.0.0.1:4000".to_owned();
        Self {
            frontend_url: app_base_url.clone(),
            app_base_url,
            client_id: None,
            client_secret: None,
            previous_client_secret: None,
            encryption_key: None,
            previous_encryption_keys: Vec::new(),
            shop_url: ShopUrl::production(),
            api_version: shopify::API_VERSION.to_owned(),
            scopes: shopify::scope::SCOPES.iter().map(|used| used.scope.to_owned()).collect(),
        }
    }
}

impl ProviderConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let default = Self::default();
        let setting = |variable, key| Setting::new(variable, TABLE, key);
        let app_base_url = reader
            .with(setting("APP_BASE_URL", "app_base_url"), base_url)
            .unwrap_or(default.app_base_url);
        let key = setting(ENCRYPTION_KEY, "encryption_key");
        let encryption_key = reader.secret(key);
        check_key(reader, key, encryption_key.as_ref());
        let old = setting(ENCRYPTION_KEY_OLD, "encryption_key_old");
        let previous: Vec<_> =
            reader.list(old).unwrap_or_default().into_iter().map(Secret::new).collect();
        for key in &previous {
            check_key(reader, old, Some(key));
        }
        Self {
            frontend_url: reader
                .with(setting("FRONTEND_URL", "frontend_url"), base_url)
                .unwrap_or_else(|| app_base_url.clone()),
            app_base_url,
            client_id: reader.text(setting(CLIENT_ID, "client_id")),
            client_secret: reader.secret(setting(CLIENT_SECRET, "client_secret")),
            previous_client_secret: reader
                .secret(setting("SHOPIFY_CLIENT_SECRET_OLD", "client_secret_old")),
            encryption_key,
            previous_encryption_keys: previous,
            shop_url: reader
                .with(setting("SHOPIFY_SHOP_URL", "shop_url"), |text| {
                    ShopUrl::parse(text).map_err(|error| error.to_string())
                })
                .unwrap_or(default.shop_url),
            api_version: reader
                .text(setting("SHOPIFY_API_VERSION", "api_version"))
                .unwrap_or(default.api_version),
            scopes: reader.list(setting("SHOPIFY_SCOPES", "scopes")).unwrap_or(default.scopes),
        }
    }

    /// Whether browsers reach us encrypted.
    pub fn is_https(&self) -> bool {
        self.app_base_url.starts_with("https://")
    }

    /// The app's secret.
    pub fn client_secret(&self) -> Result<&Secret, ConfigError> {
        self.client_secret
            .as_ref()
            .ok_or_else(|| ConfigError::missing(CLIENT_SECRET, "it verifies what the store sends"))
    }

    /// The app's registration.
    pub(super) fn shopify_settings(&self) -> Result<shopify::Settings, ConfigError> {
        let client_id = self.client_id.clone().ok_or_else(|| {
            ConfigError::missing(CLIENT_ID, "it names the app when a store is connected")
        })?;
        let secret = |secret: &Secret| shopify::Secret::new(secret.reveal());
        Ok(shopify::Settings {
            client_id,
            client_secret: secret(self.client_secret()?),
            previous_client_secret: self.previous_client_secret.as_ref().map(secret),
            api_version: self.api_version.clone(),
            shop_url_template: self.shop_url.clone(),
            redirect_uri: format!("{}{CALLBACK}", self.app_base_url),
            scopes: self.scopes.clone(),
        })
    }
}

fn check_key(reader: &mut Reader, setting: Setting, secret: Option<&Secret>) {
    let parsed = secret.map(|secret| secret.reveal().parse::<storage::Key>());
    if let Some(Err(error)) = parsed {
        reader.fail(setting, &error.to_string());
    }
}
