//! Shops: their domains, and the addresses that are built from them.
//!
//! No address is ever built from text that did not pass [`Shop::parse`], so that nobody can make the gateway call
//! another host.

use std::fmt;

/// What every shop's permanent domain ends with.
const SUFFIX: &str = ".myshopify.com";
/// The longest name before the suffix: a label of the domain name system.
const NAME_BYTES_MAX: usize = 63;

/// A shop's permanent domain in lower case, for instance `example.myshopify.com`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shop(String);

/// The text is not a shop's permanent domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a shop's domain of the form name.myshopify.com")]
pub struct InvalidShop;

impl Shop {
    /// Reads a domain: a letter or digit, then letters, digits and hyphens, then `.myshopify.com`, and nothing else.
    pub fn parse(text: &str) -> Result<Self, InvalidShop> {
        let domain = text.to_ascii_lowercase();
        let name = domain.strip_suffix(SUFFIX).ok_or(InvalidShop)?;
        let starts_well = name.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric());
        let fits = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if starts_well && fits && name.len() <= NAME_BYTES_MAX {
            Ok(Self(domain))
        } else {
            Err(InvalidShop)
        }
    }

    /// The domain.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Shop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Shop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a shop's address is made from its domain: `https://{shop}`, or a simulator's address on this machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShopUrl(String);

/// The place of the shop's domain in a [`ShopUrl`].
const PLACE: &str = "{shop}";

/// The text is no usable address of shops.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidShopUrl {
    /// The place of the domain is missing.
    #[error("the address of shops must contain {{shop}}")]
    NoPlace,
    /// Not an http address at all.
    #[error("the address of shops must begin with https:// (or http:// and a loopback host)")]
    NotHttp,
    /// Unencrypted, and not on this machine.
    #[error("the address of shops may be http:// only for a loopback host, not for {host}")]
    Unencrypted {
        /// The host.
        host: String,
    },
}

impl ShopUrl {
    /// The real one.
    pub fn production() -> Self {
        Self(format!("https://{PLACE}"))
    }

    /// Reads a template. It must be https, or http on a loopback host with the shop in the path.
    pub fn parse(text: &str) -> Result<Self, InvalidShopUrl> {
        if !text.contains(PLACE) {
            return Err(InvalidShopUrl::NoPlace);
        }
        // User information would let the host look like another one.
        if text.contains('@') {
            return Err(InvalidShopUrl::NotHttp);
        }
        let text = text.trim_end_matches('/');
        if text.starts_with("https://") {
            return Ok(Self(text.to_owned()));
        }
        let rest = text.strip_prefix("http://").ok_or(InvalidShopUrl::NotHttp)?;
        let host = host_of(rest.split('/').next().unwrap_or_default());
        let loopback = host == "localhost"
            || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        if loopback {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidShopUrl::Unencrypted { host: host.to_owned() })
        }
    }

    /// Whether calls are encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// The address of something in `shop`; `path` begins with a slash.
    pub fn of(&self, shop: &Shop, path: &str) -> String {
        format!("{}{path}", self.0.replace(PLACE, shop.as_str()))
    }
}

/// The host of `host:port`, of `[v6]:port`, or of either without a port.
fn host_of(authority: &str) -> &str {
    if let Some(rest) = authority.strip_prefix('[') {
        return rest.split(']').next().unwrap_or_default();
    }
    authority.split(':').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_is_a_whole_domain() {
        assert_eq!(
            Shop::parse("Some-Shop.myshopify.com").unwrap().as_str(),
            "some-shop.myshopify.com"
        );
        for text in [
            "",
            ".myshopify.com",
            "-a.myshopify.com",
            "a.myshopify.com.evil.example",
            "a.myshopify.com/x",
            "evil.example/a.myshopify.com",
            "a.b.myshopify.com",
            "a.myshopify.com\n",
            "a_b.myshopify.com",
            "a@b.myshopify.com",
            "ä.myshopify.com",
            "a.shopify.com",
            "a.myshopify.com:443",
        ] {
            assert_eq!(Shop::parse(text), Err(InvalidShop), "{text}");
        }
        assert!(Shop::parse(&format!("{}.myshopify.com", "a".repeat(64))).is_err());
    }

    #[test]
    fn addresses_are_encrypted_or_local() {
        let shop = Shop::parse("a.myshopify.com").unwrap();
        assert_eq!(ShopUrl::production().of(&shop, "/x"), "https://a.myshopify.com/x");
        let local = ShopUrl::parse("http://127.0.0.1:4100/shops/{shop}/").unwrap();
        assert_eq!(local.of(&shop, "/x"), "http://127.0.0.1:4100/shops/a.myshopify.com/x");
        assert!(ShopUrl::parse("http://[::1]:4100/{shop}").is_ok());
        assert!(ShopUrl::parse("http://localhost/{shop}").is_ok());
        let unencrypted = |host: &str| InvalidShopUrl::Unencrypted { host: host.to_owned() };
        assert_eq!(ShopUrl::parse("http://{shop}"), Err(unencrypted("{shop}")));
        assert_eq!(
            ShopUrl::parse("http://127.0.0.1.evil.example/{shop}"),
            Err(unencrypted("127.0.0.1.evil.example"))
        );
        assert_eq!(
            ShopUrl::parse("http://localhost@evil.example/{shop}"),
            Err(InvalidShopUrl::NotHttp)
        );
        assert_eq!(
            ShopUrl::parse("http://localhost:pw@evil.example/{shop}"),
            Err(InvalidShopUrl::NotHttp)
        );
        assert_eq!(ShopUrl::parse("ftp://{shop}"), Err(InvalidShopUrl::NotHttp));
        assert_eq!(ShopUrl::parse("https://example.com"), Err(InvalidShopUrl::NoPlace));
    }
}
