use super::*;

const KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

fn read(file: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
    let environment =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::read(file, environment).map_err(|error| error.to_string())
}

#[test]
fn nothing_is_a_gateway_on_this_machine() {
    let config = read("", &[("PATH", "/bin"), ("HOME", "/root")]).unwrap();
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:4000");
    assert_eq!(config.database.sqlite_file(), Some("data/tillgate.db".into()));
    assert_eq!(config.redis.url(), None);
    assert_eq!(config.workers.role, Role::All);
    assert_eq!(config.provider.frontend_url, "http://127.0.0.1:4000");
    assert!(!config.provider.is_https());
}

#[test]
fn the_environment_wins_over_the_file() {
    let file = r#"
        [http]
        listen = "0.0.0.0:80"
        allowed_origins = ["https://a.example", "https://b.example"]
        dev_mode = true
        [workers]
        batch = 7
        count = 3
    "#;
    let environment = [("LISTEN", "127.0.0.1:5000"), ("WORKER_BATCH", ""), ("ROLE", "worker")];
    let config = read(file, &environment).unwrap();
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:5000");
    assert_eq!((config.workers.batch(), config.workers.count()), (7, 3));
    assert_eq!(config.workers.role, Role::Worker);
    let origins: Vec<_> = config.origins().into_iter().collect();
    assert_eq!(
        origins,
        [
            "http://127.0.0.1:4000",
            "http://127.0.0.1:5000",
            "http://localhost:5000",
            "https://a.example",
            "https://b.example",
        ]
    );
}

#[test]
fn every_mistake_is_reported_at_once_and_named() {
    let file = "
        surprise = 1
        [http]
        listen = 1
        [workers]
        poll_seconds = 1.5
        [nonsense]
        a = 1
    ";
    let environment = [
        ("SHOPIFY_CLIENT_SECRETT", "hunter2"),
        ("TILLGATE_COLOUR", "red"),
        ("WORKERS", "0"),
        ("DEV_MODE", "yes"),
        ("APP_BASE_URL", "http://pos.example.com"),
        ("JWT_SECRET", "hunter2"),
        ("SHOPIFY_ENCRYPTION_KEY", "hunter2"),
        ("SHOPIFY_SHOP_URL", "http://evil.example/{shop}"),
        ("ALLOWED_ORIGINS", "https://a.example/path"),
        ("LOG", "=,="),
    ];
    let error = read(file, &environment).unwrap_err();
    let lines: Vec<_> = error.lines().collect();
    for start in [
        "SHOPIFY_CLIENT_SECRETT is not a setting",
        "TILLGATE_COLOUR is not a setting",
        "WORKERS (workers.count in the file): must be a whole number from 1 to 64",
        "POLL_SECONDS (workers.poll_seconds in the file): must be",
        "DEV_MODE (http.dev_mode in the file): must be true or false",
        "APP_BASE_URL (provider.app_base_url in the file): must be https",
        "JWT_SECRET (auth.jwt_secret in the file): must be at least 32 bytes",
        "SHOPIFY_ENCRYPTION_KEY (provider.encryption_key in the file): a key is",
        "SHOPIFY_SHOP_URL (provider.shop_url in the file): the address of shops",
        "ALLOWED_ORIGINS (http.allowed_origins in the file): \"https://a.example/path\"",
        "LOG (http.log in the file)",
        "surprise in the file is not a setting",
        "LISTEN (http.listen in the file): must be an address",
        "nonsense.a in the file is not a setting",
    ] {
        let found = lines.iter().filter(|line| line.starts_with(start)).count();
        assert_eq!(found, 1, "{start}\n{error}");
    }
    assert_eq!(lines.len(), 14, "{error}");
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn a_file_that_is_not_toml_names_the_line_and_not_its_text() {
    let error = read("[auth]\njwt_secret = hunter2\n", &[]).unwrap_err();
    assert!(error.starts_with("the file: line 2: "), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn secrets_do_not_show() {
    let environment = [
        ("DATABASE_URL", "postgres://u:hunter2@localhost/d"),
        ("REDIS_URL", "redis://:hunter2@localhost"),
        ("SHOPIFY_CLIENT_SECRET", "hunter2"),
        ("SHOPIFY_CLIENT_SECRET_OLD", "hunter2"),
        ("SHOPIFY_ENCRYPTION_KEY", KEY),
        ("JWT_SECRET", "hunter2hunter2hunter2hunter2hunter2"),
    ];
    let config = read("", &environment).unwrap();
    let shown = format!("{config:?}");
    assert!(!shown.contains("hunter2") && !shown.contains(KEY), "{shown}");
    assert_eq!(config.database.sqlite_file(), None);
}

#[test]
fn what_a_command_needs_is_asked_for_by_name() {
    let missing = |error: ConfigError| error.to_string();
    let bare = read("", &[]).unwrap();
    assert!(missing(bare.keyring().unwrap_err()).starts_with("SHOPIFY_ENCRYPTION_KEY is not set"));
    assert!(missing(bare.shopify_settings().unwrap_err()).starts_with("SHOPIFY_CLIENT_ID"));
    let environment = [
        ("SHOPIFY_CLIENT_ID", "id"),
        ("SHOPIFY_CLIENT_SECRET", "secret"),
        ("SHOPIFY_ENCRYPTION_KEY", KEY),
        ("SHOPIFY_ENCRYPTION_KEY_OLD", KEY),
        ("APP_BASE_URL", "https://pos.example.com/"),
    ];
    let whole = read("", &environment).unwrap();
    assert_eq!(whole.keyring().unwrap().key_ids().count(), 2);
    let settings = whole.shopify_settings().unwrap();
    assert_eq!(settings.redirect_uri, "https://pos.example.com/ecommerce/oauth/callback");
    assert!(whole.provider.is_https());
}
