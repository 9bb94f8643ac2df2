use domain::secret::Secret;
use serde_json::{Value, json};

use super::*;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn now() -> Timestamp {
    Timestamp::parse("2026-11-21T05:00:00Z").unwrap()
}

fn seconds(offset: i64) -> i64 {
    now().millis() / 1_000 + offset
}

fn config() -> AuthConfig {
    AuthConfig { jwt_secret: Some(Secret::new(SECRET)), ..AuthConfig::default() }
}

fn claims(changes: Value) -> Value {
    let mut claims = json!({"sub": "ann", "role": "viewer", "exp": seconds(600)});
    let Value::Object(changes) = changes else { panic!("not an object") };
    for (name, value) in changes {
        claims[name] = value;
    }
    claims
}

fn sign(algorithm: Algorithm, claims: &Value, key: &[u8]) -> String {
    jsonwebtoken::encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(key)).unwrap()
}

async fn verify(config: &AuthConfig, token: &str) -> Result<Verified, TokenError> {
    Verifier::new(config).unwrap().verify(token, now()).await
}

async fn verify_claims(changes: Value) -> Result<Verified, TokenError> {
    let token = sign(Algorithm::HS256, &claims(changes), SECRET.as_bytes());
    verify(&config(), &token).await
}

#[tokio::test]
async fn what_is_minted_is_accepted_until_its_end() {
    let business = BusinessId::new(now(), &[7; 10]);
    let caller = Caller { subject: "ann".into(), role: Role::Admin, businesses: [business].into() };
    let settings = AuthConfig {
        issuer: Some("https://id.example".into()),
        audience: Some("tillgate".into()),
        ..config()
    };
    let token = mint(&settings, &caller, now(), Duration::from_mins(1)).unwrap();
    let verifier = Verifier::new(&settings).unwrap();
    let accepted = verifier.verify(&token, now()).await.unwrap();
    assert_eq!(accepted.caller, caller);
    assert_eq!(accepted.expires_at, now() + Duration::from_mins(2));
    let late = verifier.verify(&token, now() + Duration::from_secs(119)).await;
    assert!(late.is_ok(), "within the tolerance");
    let over = verifier.verify(&token, now() + Duration::from_mins(2)).await;
    assert_eq!(over, Err(TokenError::Expired));
    assert!(mint(&AuthConfig::default(), &caller, now(), Duration::ZERO).is_err());
}

#[tokio::test]
async fn claims_are_checked() {
    verify_claims(json!({})).await.unwrap();
    verify_claims(json!({"nbf": seconds(60), "aud": ["a", "b"], "extra": 1.5})).await.unwrap();
    let cases = [
        (json!({"exp": seconds(-61)}), TokenError::Expired),
        (json!({"exp": null}), TokenError::Claims),
        (json!({"exp": i64::MIN}), TokenError::Expired),
        (json!({"nbf": seconds(61)}), TokenError::Early),
        (json!({"role": "root"}), TokenError::Claims),
        (json!({"role": ["admin"]}), TokenError::Claims),
        (json!({"sub": ""}), TokenError::Claims),
        (json!({"sub": "x".repeat(256)}), TokenError::Claims),
        (json!({"businesses": ["nonsense"]}), TokenError::Claims),
    ];
    for (changes, expected) in cases {
        assert_eq!(verify_claims(changes.clone()).await, Err(expected), "{changes}");
    }
    let forever = verify_claims(json!({"exp": i64::MAX})).await.unwrap();
    assert_eq!(forever.expires_at.millis(), i64::MAX);
}

#[tokio::test]
async fn issuer_and_audience_must_be_there_where_they_are_asked_for() {
    let settings = AuthConfig {
        issuer: Some("https://id.example".into()),
        audience: Some("tillgate".into()),
        ..config()
    };
    let good = json!({"iss": "https://id.example", "aud": ["other", "tillgate"]});
    for (changes, accepted) in [
        (good, true),
        (json!({"iss": "https://id.example"}), false),
        (json!({"aud": "tillgate"}), false),
        (json!({"iss": "https://id.example", "aud": "tillgate2"}), false),
        (json!({"iss": "https://id.example/", "aud": "tillgate"}), false),
    ] {
        let token = sign(Algorithm::HS256, &claims(changes.clone()), SECRET.as_bytes());
        assert_eq!(verify(&settings, &token).await.is_ok(), accepted, "{changes}");
    }
}

/// An RSA key pair as PEM, an Ed25519 pair, and the set of their public halves, made for this test.
mod keys {
    pub(super) const ED_PEM: &str = include_str!("testdata/ed25519.pem");
    pub(super) const RSA_PEM: &str = include_str!("testdata/rsa.pem");
    pub(super) const RSA_PUBLIC_PEM: &str = include_str!("testdata/rsa.pub.pem");
    pub(super) const EC_PEM: &str = include_str!("testdata/p256.pem");
    pub(super) const SET: &str = include_str!("testdata/jwks.json");
}

fn with_file(set: &str) -> (tempfile::NamedTempFile, AuthConfig) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), set).unwrap();
    let config = AuthConfig { jwks_file: Some(file.path().into()), ..config() };
    (file, config)
}

fn sign_as(algorithm: Algorithm, id: Option<&str>, key: &EncodingKey) -> String {
    let header = Header { kid: id.map(str::to_owned), ..Header::new(algorithm) };
    jsonwebtoken::encode(&header, &claims(json!({})), key).unwrap()
}

#[tokio::test]
async fn public_keys_verify_what_their_owners_signed() {
    let (_file, config) = with_file(keys::SET);
    let rsa = EncodingKey::from_rsa_pem(keys::RSA_PEM.as_bytes()).unwrap();
    let ec = EncodingKey::from_ec_pem(keys::EC_PEM.as_bytes()).unwrap();
    let ed = EncodingKey::from_ed_pem(keys::ED_PEM.as_bytes()).unwrap();
    let cases = [
        (Algorithm::RS256, Some("rsa"), &rsa, true),
        (Algorithm::RS256, None, &rsa, true),
        (Algorithm::ES256, Some("p256"), &ec, true),
        (Algorithm::EdDSA, Some("ed"), &ed, true),
        (Algorithm::RS256, Some("ed"), &rsa, false),
        (Algorithm::RS256, Some("../../etc/passwd"), &rsa, false),
        // The pinned algorithm counts, not another one of the same family.
        (Algorithm::RS512, Some("rsa"), &rsa, false),
        (Algorithm::PS256, Some("rsa"), &rsa, false),
    ];
    for (algorithm, id, key, accepted) in cases {
        let token = sign_as(algorithm, id, key);
        assert_eq!(verify(&config, &token).await.is_ok(), accepted, "{algorithm:?} {id:?}");
    }
}

#[tokio::test]
async fn no_algorithm_but_the_keys_own_is_taken() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    let (_file, config) = with_file(keys::SET);
    let public_only = AuthConfig { jwt_secret: None, ..config.clone() };
    let payload = claims(json!({}));
    // The public key, which everybody has, as a shared secret.
    for text in [keys::RSA_PUBLIC_PEM, keys::SET] {
        let confused = sign(Algorithm::HS256, &payload, text.as_bytes());
        for config in [&config, &public_only] {
            assert_eq!(verify(config, &confused).await, Err(TokenError::Invalid));
        }
    }
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        let other = sign(algorithm, &payload, SECRET.as_bytes());
        assert_eq!(verify(&config, &other).await, Err(TokenError::Invalid));
    }
    let encode = |text: String| URL_SAFE_NO_PAD.encode(text);
    for name in ["none", "None", "NONE", ""] {
        let head = encode(json!({"alg": name, "typ": "JWT"}).to_string());
        let unsigned = format!("{head}.{}.", encode(payload.to_string()));
        assert_eq!(verify(&config, &unsigned).await, Err(TokenError::Invalid), "{name}");
    }
    let good = sign(Algorithm::HS256, &payload, SECRET.as_bytes());
    let (start, _) = good.rsplit_once('.').unwrap();
    for token in ["", "a.b.c", start, &format!("{start}."), &"x".repeat(TOKEN_BYTES_MAX + 1)] {
        assert_eq!(verify(&config, token).await, Err(TokenError::Invalid));
    }
}

#[test]
fn a_file_without_a_usable_key_is_refused_by_name() {
    for set in
        ["", "{}", r#"{"keys":[]}"#, r#"{"keys":[{"kty":"oct","k":"c2VjcmV0","alg":"HS256"}]}"#]
    {
        let (_file, config) = with_file(set);
        let error = Verifier::new(&config).unwrap_err().to_string();
        assert!(error.starts_with("JWT_JWKS_FILE: "), "{error}");
    }
}

#[tokio::test]
async fn an_address_is_asked_once_a_minute_and_its_keys_outlive_it() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let router = axum::Router::new().route(
        "/jwks",
        axum::routing::get(move || async move {
            // The first answer is garbage, the second is right, then the address is down.
            match count.fetch_add(1, Ordering::SeqCst) {
                0 => Ok("garbage"),
                1 => Ok(keys::SET),
                _ => Err(http::StatusCode::INTERNAL_SERVER_ERROR),
            }
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/jwks", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let verifier =
        Verifier::new(&AuthConfig { jwks_url: Some(url), ..AuthConfig::default() }).unwrap();
    let ed = EncodingKey::from_ed_pem(keys::ED_PEM.as_bytes()).unwrap();
    let header = |id: &str| Header { kid: Some(id.into()), ..Header::new(Algorithm::EdDSA) };
    let long = claims(json!({"exp": seconds(1_000_000)}));
    let token = |id: &str| jsonwebtoken::encode(&header(id), &long, &ed).unwrap();
    let steps = [
        (0, "ed", Err(TokenError::Unavailable), 1),
        (59, "ed", Err(TokenError::Unavailable), 1),
        (60, "ed", Ok(()), 2),
        (61, "nobody", Err(TokenError::Invalid), 2),
        (61, "nobody2", Err(TokenError::Invalid), 2),
        (120, "nobody", Err(TokenError::Invalid), 3),
        (300, "ed", Ok(()), 3),
        (661, "ed", Ok(()), 4),
        (86_460, "ed", Ok(()), 5),
        (86_521, "ed", Err(TokenError::Unavailable), 6),
    ];
    for (at, id, expected, questions) in steps {
        let time = now() + Duration::from_secs(at);
        let found = verifier.verify(&token(id), time).await.map(|_| ());
        assert_eq!((found, asked.load(Ordering::SeqCst)), (expected, questions), "at {at} s");
    }
}
