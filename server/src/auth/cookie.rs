//! The cookie that ties an authorization to the browser that began it.
//!
//! Without it a stranger could begin to connect their own shop and have a victim's browser finish it. The value is the
//! state's signature under a key of this purpose alone, and the cookie's name is signed too: a value issued under one
//! name is worthless under the other.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// What to derive the key for.
pub(crate) const PURPOSE: &str = "oauth cookie";

/// The prefix has the browser refuse the cookie from other hosts and over http.
const SECURE_NAME: &str = "__Host-tillgate_oauth";

/// For http on this machine, where browsers refuse the prefix.
const PLAIN_NAME: &str = "tillgate_oauth";

/// As long as an authorization may take.
const MAX_AGE: Duration = Duration::from_secs(domain::connection::AUTHORIZATION_SECONDS_MAX);

/// The `Set-Cookie` value that has this browser hold `state`. The first of `keys` signs.
pub(crate) fn issue(keys: &[[u8; 32]], state: &str, https: bool) -> String {
    let name = name(https);
    let signature = keys.first().map(|key| mac(key, name, state).finalize().into_bytes());
    let value = signature.map(|bytes| URL_SAFE_NO_PAD.encode(bytes)).unwrap_or_default();
    written(name, &value, MAX_AGE, https)
}

/// The `Set-Cookie` value that takes the cookie away.
pub(crate) fn expired(https: bool) -> String {
    written(name(https), "", Duration::ZERO, https)
}

/// Whether the browser that sent the `Cookie` headers holds `state`, by any of `keys`. Takes the same time wherever
/// a value differs.
pub(crate) fn holds(keys: &[[u8; 32]], headers: &[&str], state: &str) -> bool {
    let pairs = headers.iter().flat_map(|header| header.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).any(|(name, value)| {
        [SECURE_NAME, PLAIN_NAME].contains(&name)
            && URL_SAFE_NO_PAD.decode(value).is_ok_and(|value| {
                keys.iter().any(|key| mac(key, name, state).verify_slice(&value).is_ok())
            })
    })
}

const fn name(https: bool) -> &'static str {
    if https { SECURE_NAME } else { PLAIN_NAME }
}

fn mac(key: &[u8; 32], name: &str, state: &str) -> Hmac<Sha256> {
    // HMAC fills shorter keys up to its block with zeros; doing it here leaves nothing that can fail.
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    // The name has no NUL, so that nothing can move from one part to the other.
    for part in [name.as_bytes(), b"\0", state.as_bytes()] {
        mac.update(part);
    }
    mac
}

fn written(name: &str, value: &str, age: Duration, https: bool) -> String {
    let secure = if https { "; Secure" } else { "" };
    let seconds = age.as_secs();
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [[u8; 32]; 2] = [[1; 32], [2; 32]];

    fn pair(set_cookie: &str) -> &str {
        set_cookie.split(';').next().unwrap()
    }

    #[test]
    fn the_cookie_is_what_browsers_need() {
        let cookie = issue(&KEYS, "s", true);
        let (start, rest) = cookie.split_once(';').unwrap();
        assert!(start.starts_with("__Host-tillgate_oauth="));
        assert_eq!(rest, " Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure");
        assert!(!issue(&KEYS, "s", false).contains("Secure"));
        assert_eq!(expired(false), "tillgate_oauth=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn only_the_browser_that_began_holds_the_state() {
        for https in [true, false] {
            let cookie = issue(&KEYS, "state", https);
            let header = format!("a=b; {}; c=d", pair(&cookie));
            assert!(holds(&KEYS, &["x=y", &header], "state"));
            assert!(holds(&[[9; 32], [1; 32]], &[&header], "state"), "after a change of keys");
            assert!(!holds(&KEYS, &[&header], "other"));
            assert!(!holds(&[[9; 32]], &[&header], "state"));
        }
        let plain = issue(&KEYS, "state", false);
        let moved = pair(&plain).replace(PLAIN_NAME, SECURE_NAME);
        assert!(!holds(&KEYS, &[&moved], "state"), "a value belongs to its name");
        for junk in ["", "tillgate_oauth", "tillgate_oauth=", "tillgate_oauth=%%", ";;="] {
            assert!(!holds(&KEYS, &[junk], "state"));
        }
    }
}
