//! Which addresses may be asked.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;

/// Bytes that an address may have.
const URL_BYTES_MAX: usize = 2_048;

/// Networks that no public address is of (IANA's special-purpose registry): prefix and its length.
const PRIVATE_V4: [([u8; 4], u32); 15] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];
/// What is global of IPv6 is of this network, and of it these are not: Teredo and other protocols' own, documentation,
/// and 6to4, which leads to IPv4 addresses of any kind.
const GLOBAL_V6: ([u16; 8], u32) = ([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);
const PRIVATE_V6: [([u16; 8], u32); 4] = [
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];

/// Why an address cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum InvalidUrl {
    /// No URL, or one with parts that it may not have.
    #[error(
        "must be an address like https://pos.example/orders, without user, password and fragment"
    )]
    Form,
    /// Not encrypted.
    #[error("must begin with https://")]
    Scheme,
    /// Names an address that is not public.
    #[error("must not lead into a private network")]
    Private,
}

/// Believes an address, as far as can be told before its name is resolved. `private` lets it be of a private network and
/// without encryption.
pub(crate) fn check_url(text: &str, private: bool) -> Result<Url, InvalidUrl> {
    if text.len() > URL_BYTES_MAX {
        return Err(InvalidUrl::Form);
    }
    let url = Url::parse(text).map_err(|_| InvalidUrl::Form)?;
    let named = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if !named || url.host_str().is_none_or(str::is_empty) {
        return Err(InvalidUrl::Form);
    }
    match url.scheme() {
        "https" => {}
        "http" if private => {}
        _ => return Err(InvalidUrl::Scheme),
    }
    // However a number was written, the parser has made four of it.
    match literal(&url) {
        Some(address) if !private && !is_public(address) => Err(InvalidUrl::Private),
        _ => Ok(url),
    }
}

/// The IP address that stands in the place of a name, if one does.
pub(super) fn literal(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// Whether an address is one of the public internet.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let of = |(network, length): &([u8; 4], u32)| {
        (address.to_bits() ^ Ipv4Addr::from(*network).to_bits()).leading_zeros() >= *length
    };
    !PRIVATE_V4.iter().any(of)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let of = |(network, length): &([u16; 8], u32)| {
        (address.to_bits() ^ Ipv6Addr::from(*network).to_bits()).leading_zeros() >= *length
    };
    // Addresses that stand for IPv4 ones, mapped or translated, are not of the global network either.
    of(&GLOBAL_V6) && !PRIVATE_V6.iter().any(of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_networks_are_refused_however_they_are_written() {
        let hosts = [
            "127.0.0.1",
            "[::1]",
            "0.0.0.0",
            "169.254.169.254",
            "10.1.2.3",
            "100.64.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "[fd00::1]",
            "[fe80::1]",
            "[::ffff:127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "127.1",
            "224.0.0.1",
            "255.255.255.255",
            "[::]",
            "[2001:db8::1]",
        ];
        for host in hosts {
            let url = format!("https://{host}/orders");
            assert_eq!(check_url(&url, false), Err(InvalidUrl::Private), "{url}");
            assert!(check_url(&url, true).is_ok(), "{url}");
        }
    }

    #[test]
    fn public_addresses_and_names_pass() {
        for host in ["pos.example", "8.8.8.8", "172.32.0.1", "[2606:4700::1111]", "a.example:8443"]
        {
            assert!(check_url(&format!("https://{host}/orders?shop=1"), false).is_ok(), "{host}");
        }
    }

    #[test]
    fn what_is_no_plain_https_address_is_refused() {
        for url in ["", "pos.example", "https://", "https://me@a.example/", "https://a.example/#x"]
        {
            assert_eq!(check_url(url, false), Err(InvalidUrl::Form), "{url}");
        }
        for url in ["http://a.example/", "ftp://a.example/", "file:///etc/passwd"] {
            let refused = check_url(url, false).unwrap_err();
            assert!(matches!(refused, InvalidUrl::Scheme | InvalidUrl::Form), "{url}");
        }
        let long = format!("https://a.example/{}", "a".repeat(URL_BYTES_MAX));
        assert_eq!(check_url(&long, false), Err(InvalidUrl::Form));
    }
}
