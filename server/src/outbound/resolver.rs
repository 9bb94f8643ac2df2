//! Names are resolved here, and only to public addresses: the connection is made to what was judged.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::is_public;

/// The system's resolver, without what is not public.
#[derive(Debug)]
pub(super) struct PublicOnly;

/// The name leads nowhere that may be asked.
#[derive(Debug, thiserror::Error)]
#[error("the name leads into a private network")]
pub(super) struct Private;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|found| is_public(found.ip())).collect();
            if public.is_empty() {
                return Err(Private.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}
