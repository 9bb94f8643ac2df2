//! PostgreSQL over TLS: what the URL asks for is done, or refused in words that say what is wrong.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;

use storage::{Hints, OpenError, Settings, Storage};

use crate::world::keys;

async fn open(url: String) -> Result<Storage, OpenError> {
    let hints = Hints::local();
    Storage::open(Settings { url, read_connections: 2, keys: keys(1, &[]), hints }).await
}

fn with(url: &str, mode: &str, authority: &Path) -> String {
    format!("{url}?sslmode={mode}&sslrootcert={}", authority.display())
}

/// The server takes nobody who is not encrypted, so whoever got in is.
#[tokio::test]
async fn what_the_url_asks_for_is_done() {
    let Some(server) = test_services::encrypted_postgres() else {
        return;
    };
    for url in [
        server.url.clone(),
        format!("{}?sslmode=require", server.url),
        with(&server.url, "verify-ca", &server.authority),
        with(&server.url, "verify-full", &server.authority),
        // The certificate is for a number; who only asks for the authority does not look at the name.
        with(&server.url.replace("127.0.0.1", "localhost"), "verify-ca", &server.authority),
    ] {
        let storage = open(url.clone()).await.unwrap_or_else(|error| panic!("{url}: {error}"));
        storage.migrate().await.unwrap();
        assert!(storage.is_migrated().await.unwrap(), "{url}");
    }
    let refused = open(format!("{}?sslmode=disable", server.url)).await.unwrap_err();
    assert!(matches!(refused, OpenError::Refused { .. }), "{refused}");
    assert!(refused.to_string().contains("no encryption"), "{refused}");
}

#[tokio::test]
async fn a_server_that_nobody_trusted_vouches_for_is_refused() {
    let Some(server) = test_services::encrypted_postgres() else {
        return;
    };
    let renamed = server.url.replace("127.0.0.1", "localhost");
    for (url, expected) in [
        (with(&server.url, "verify-ca", &server.stranger), "UnknownIssuer"),
        (with(&server.url, "verify-full", &server.stranger), "UnknownIssuer"),
        (format!("{}?sslmode=verify-full", server.url), "UnknownIssuer"),
        (with(&renamed, "verify-full", &server.authority), "not valid for name"),
    ] {
        let error = open(url.clone()).await.unwrap_err();
        assert!(matches!(error, OpenError::NotEncrypted { .. }), "{url}: {error}");
        assert!(error.to_string().contains(expected), "{url}: {error}");
    }
    let missing = Path::new("/no/such/authority.pem");
    let error = open(with(&server.url, "verify-full", missing)).await.unwrap_err();
    assert!(matches!(error, OpenError::InvalidUrl { .. }), "{error}");
    assert!(error.to_string().contains("/no/such/authority.pem"), "{error}");
}

#[tokio::test]
async fn a_server_without_encryption_is_refused_where_it_is_required() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = server.accept().unwrap();
        // The question whether it encrypts, and the answer that it does not.
        stream.read_exact(&mut [0; 8]).unwrap();
        stream.write_all(b"N").unwrap();
    });
    let url = format!("postgres://someone:hunter2@127.0.0.1:{port}/tillgate?sslmode=require");
    let error = open(url).await.unwrap_err();
    answering.join().unwrap();
    assert!(matches!(error, OpenError::NotEncrypted { .. }), "{error}");
    assert!(error.to_string().contains("does not support TLS"), "{error}");
    assert!(!error.to_string().contains("hunter2"), "{error}");
}
