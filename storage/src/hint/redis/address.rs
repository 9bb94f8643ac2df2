//! Where Redis is, and whom it must be vouched for by.

use std::fmt;

use deadpool_redis::redis::{Client, ConnectionAddr, IntoConnectionInfo, TlsCertificates};

/// How a certificate in PEM form begins.
const PEM_BEGIN: &str = "-----BEGIN CERTIFICATE-----";

/// Where Redis is.
#[derive(Clone, Copy)]
pub struct RedisAddress<'a> {
    /// `redis://[user:password@]host[:port][/database]`, or the same with `rediss://` for TLS.
    pub url: &'a str,
    /// With TLS: certificates, as PEM, of the only authorities that may vouch for the server. Without them it is the
    /// public authorities on Mozilla's list.
    pub authorities: Option<&'a str>,
}

impl fmt::Debug for RedisAddress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisAddress").finish_non_exhaustive()
    }
}

/// Why an address cannot be used. The URL itself is not shown: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRedisAddress {
    /// Something else than a URL of Redis.
    #[error(
        "not a Redis URL of the form redis://[user:password@]host[:port][/database], with rediss:// for TLS"
    )]
    Url,
    /// Encryption that anybody in between could take off.
    #[error(
        "the Redis URL ends in #insecure; name the certificate of the server's authority instead"
    )]
    Unchecked,
    /// Authorities for a connection that has no certificates.
    #[error("there are authorities for Redis, but its URL does not begin with rediss://")]
    NotEncrypted,
    /// The authorities cannot be read.
    #[error("the authorities for Redis are not certificates in PEM form")]
    Authorities,
}

impl RedisAddress<'_> {
    /// A client that connects to it. Nothing is connected yet.
    pub(super) fn client(self) -> Result<Client, InvalidRedisAddress> {
        let info = self.url.into_connection_info().map_err(|_| InvalidRedisAddress::Url)?;
        match (info.addr(), self.authorities) {
            (ConnectionAddr::TcpTls { insecure: true, .. }, _) => {
                Err(InvalidRedisAddress::Unchecked)
            }
            (ConnectionAddr::TcpTls { .. }, Some(pem)) => {
                // A text without any would leave a client that believes nobody.
                if !pem.contains(PEM_BEGIN) {
                    return Err(InvalidRedisAddress::Authorities);
                }
                let root_cert = Some(pem.as_bytes().to_vec());
                let certificates = TlsCertificates { client_tls: None, root_cert };
                Client::build_with_tls(info, certificates)
                    .map_err(|_| InvalidRedisAddress::Authorities)
            }
            (_, Some(_)) => Err(InvalidRedisAddress::NotEncrypted),
            (_, None) => Client::open(info).map_err(|_| InvalidRedisAddress::Url),
        }
    }
}
