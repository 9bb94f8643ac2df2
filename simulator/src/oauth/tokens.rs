//! The codes and tokens of a shop, and what ends them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rand::Rng;
use rand::rngs::SmallRng;
use serde_json::{Value, json};

/// How long a code may be exchanged. The real store says only that it is short.
const CODE_LIFE: TimeDelta = TimeDelta::seconds(60);
/// How long a used refresh token may be used again, from its first use.
const USED_REFRESH_LIFE: TimeDelta = TimeDelta::days(30);

/// How long tokens last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Lives {
    pub(crate) access: Duration,
    pub(crate) refresh: Duration,
}

/// The codes and tokens of a shop.
#[derive(Default)]
pub(crate) struct Tokens {
    codes: BTreeMap<String, Code>,
    access: BTreeMap<String, Access>,
    /// The one pair that can be renewed.
    current: Option<Refresh>,
    /// What the current pair was got with. It is good as long as the current pair was not used, so that a lost answer
    /// can be asked for again.
    previous: Option<Refresh>,
    /// The app's token that does not end.
    lasting: Option<String>,
    pairs: u64,
    issued: usize,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({} codes, {} issued)", self.codes.len(), self.issued)
    }
}

struct Code {
    scopes: BTreeSet<String>,
    ends_at: DateTime<Utc>,
}

struct Access {
    scopes: BTreeSet<String>,
    ends_at: Option<DateTime<Utc>>,
    /// The pair that it belongs to.
    pair: Option<u64>,
}

struct Refresh {
    token: String,
    scopes: BTreeSet<String>,
    ends_at: DateTime<Utc>,
    pair: u64,
}

impl Tokens {
    /// What a token may do; none for one that does not hold. Using a pair's token ends the refresh token before it.
    pub(crate) fn authorize(
        &mut self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Option<BTreeSet<String>> {
        let access = self.access.get(token)?;
        if access.ends_at.is_some_and(|end| end <= now) {
            return None;
        }
        let current = self.current.as_ref().map(|current| current.pair);
        if access.pair.is_some() && access.pair == current {
            self.previous = None;
        }
        Some(access.scopes.clone())
    }

    /// Ends all codes and tokens, as when an app is removed.
    pub(crate) fn revoke_all(&mut self) {
        *self = Self { pairs: self.pairs, ..Self::default() };
    }

    /// How many access tokens were given since they were last revoked.
    pub(crate) fn issued(&self) -> usize {
        self.issued
    }

    /// A permanent token, as a merchant makes by hand.
    pub(crate) fn make_permanent(
        &mut self,
        scopes: BTreeSet<String>,
        rng: &mut SmallRng,
    ) -> String {
        let token = random("shpat", rng);
        self.keep(token.clone(), Access { scopes, ends_at: None, pair: None });
        token
    }

    /// A code for what the merchant agreed to.
    pub(crate) fn make_code(
        &mut self,
        scopes: BTreeSet<String>,
        now: DateTime<Utc>,
        rng: &mut SmallRng,
    ) -> String {
        self.codes.retain(|_, code| code.ends_at > now);
        let code = format!("{:032x}", rng.random::<u128>());
        self.codes.insert(code.clone(), Code { scopes, ends_at: now + CODE_LIFE });
        code
    }

    /// A code for a pair, or for the token that does not end. None where the code was used, ended, or never made. The
    /// pair before ends: an app has one in a shop.
    pub(crate) fn exchange(
        &mut self,
        code: &str,
        lives: Option<Lives>,
        now: DateTime<Utc>,
        rng: &mut SmallRng,
    ) -> Option<Value> {
        let code = self.codes.remove(code).filter(|code| code.ends_at > now)?;
        let Some(lives) = lives else {
            return Some(self.lasting(code.scopes, rng));
        };
        self.access.retain(|_, access| access.pair.is_none());
        self.previous = None;
        Some(self.pair(code.scopes, lives, now, rng))
    }

    /// A refresh token for the next pair. None where it ended or was replaced by one that is in use.
    pub(crate) fn refresh(
        &mut self,
        token: &str,
        lives: Lives,
        now: DateTime<Utc>,
        rng: &mut SmallRng,
    ) -> Option<Value> {
        let good = |one: &Refresh| one.token == token && one.ends_at > now;
        if let Some(mut used) = self.current.take_if(|one| good(one)) {
            used.ends_at = used.ends_at.min(now + USED_REFRESH_LIFE);
            self.previous = Some(used);
        }
        // Asked for again: the pair whose answer was lost is replaced.
        let scopes = self.previous.as_ref().filter(|one| good(one))?.scopes.clone();
        Some(self.pair(scopes, lives, now, rng))
    }

    /// The app's token that does not end: the same each time, with the scopes granted last.
    fn lasting(&mut self, scopes: BTreeSet<String>, rng: &mut SmallRng) -> Value {
        let token = self.lasting.get_or_insert_with(|| random("shpat", rng)).clone();
        let scope = listed(&scopes);
        self.keep(token.clone(), Access { scopes, ends_at: None, pair: None });
        json!({ "access_token": token, "scope": scope })
    }

    fn pair(
        &mut self,
        scopes: BTreeSet<String>,
        lives: Lives,
        now: DateTime<Utc>,
        rng: &mut SmallRng,
    ) -> Value {
        self.pairs += 1;
        let (access, refresh) = (random("shpat", rng), random("shprt", rng));
        let answer = json!({
            "access_token": access,
            "expires_in": lives.access.as_secs(),
            "refresh_token": refresh,
            "refresh_token_expires_in": lives.refresh.as_secs(),
            "scope": listed(&scopes),
        });
        let ends_at = Some(now + lives.access);
        self.keep(access, Access { scopes: scopes.clone(), ends_at, pair: Some(self.pairs) });
        let ends_at = now + lives.refresh;
        self.current = Some(Refresh { token: refresh, scopes, ends_at, pair: self.pairs });
        answer
    }

    fn keep(&mut self, token: String, access: Access) {
        self.access.insert(token, access);
        self.issued += 1;
    }
}

fn listed(scopes: &BTreeSet<String>) -> String {
    scopes.iter().cloned().collect::<Vec<_>>().join(",")
}

fn random(prefix: &str, rng: &mut SmallRng) -> String {
    format!("{prefix}_{:032x}", rng.random::<u128>())
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    const LIVES: Lives =
        Lives { access: Duration::from_hours(1), refresh: Duration::from_hours(90 * 24) };

    struct Walk {
        tokens: Tokens,
        rng: SmallRng,
        now: DateTime<Utc>,
    }

    impl Walk {
        fn new() -> Self {
            let now = DateTime::UNIX_EPOCH;
            Self { tokens: Tokens::default(), rng: SmallRng::seed_from_u64(1), now }
        }

        fn grant(&mut self, lives: Option<Lives>) -> (String, String) {
            let scopes = ["read_orders".to_owned()].into();
            let code = self.tokens.make_code(scopes, self.now, &mut self.rng);
            let answer = self.tokens.exchange(&code, lives, self.now, &mut self.rng).unwrap();
            pair(&answer)
        }

        fn refresh(&mut self, token: &str) -> Option<(String, String)> {
            let answer = self.tokens.refresh(token, LIVES, self.now, &mut self.rng);
            answer.map(|answer| pair(&answer))
        }

        fn holds(&mut self, access: &str) -> bool {
            self.tokens.authorize(access, self.now).is_some()
        }
    }

    fn pair(answer: &Value) -> (String, String) {
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        (text("access_token"), text("refresh_token"))
    }

    #[test]
    fn a_code_is_good_once_and_for_a_minute() {
        let mut walk = Walk::new();
        let code = walk.tokens.make_code(BTreeSet::new(), walk.now, &mut walk.rng);
        let late = walk.now + CODE_LIFE;
        assert_eq!(walk.tokens.exchange(&code, Some(LIVES), late, &mut walk.rng), None);
        let code = walk.tokens.make_code(BTreeSet::new(), walk.now, &mut walk.rng);
        assert!(walk.tokens.exchange(&code, Some(LIVES), walk.now, &mut walk.rng).is_some());
        assert_eq!(walk.tokens.exchange(&code, Some(LIVES), walk.now, &mut walk.rng), None);
    }

    #[test]
    fn a_used_refresh_token_is_good_until_the_next_pair_is_used() {
        let mut walk = Walk::new();
        let (first, refresh) = walk.grant(Some(LIVES));
        let (lost, _) = walk.refresh(&refresh).unwrap();
        let (second, _) = walk.refresh(&refresh).unwrap();
        assert!(walk.holds(&first) && walk.holds(&lost), "tokens live until their own end");
        assert!(walk.refresh(&refresh).is_some(), "only the pair that counts ends it");
        let (third, next) = walk.refresh(&refresh).unwrap();
        assert!(walk.holds(&third) && walk.holds(&second));
        assert_eq!(walk.refresh(&refresh), None);
        assert!(walk.refresh(&next).is_some());
        walk.now += TimeDelta::hours(1);
        assert!(!walk.holds(&third));
    }

    #[test]
    fn refresh_tokens_end() {
        let mut walk = Walk::new();
        let (_, refresh) = walk.grant(Some(LIVES));
        let (_, next) = walk.refresh(&refresh).unwrap();
        walk.now += USED_REFRESH_LIFE;
        assert_eq!(walk.refresh(&refresh), None, "used, a month ago");
        walk.now += TimeDelta::days(60);
        assert_eq!(walk.refresh(&next), None, "unused, three months old");
    }

    #[test]
    fn a_new_grant_ends_the_pair_before_and_spares_the_lasting_token() {
        let mut walk = Walk::new();
        let (lasting, none) = walk.grant(None);
        assert_eq!((walk.grant(None).0, none.as_str()), (lasting.clone(), ""));
        let (old, refresh) = walk.grant(Some(LIVES));
        let (new, _) = walk.grant(Some(LIVES));
        assert!(!walk.holds(&old) && walk.holds(&new) && walk.holds(&lasting));
        assert_eq!(walk.refresh(&refresh), None);
        walk.tokens.revoke_all();
        assert!(!walk.holds(&new) && !walk.holds(&lasting));
    }

    #[test]
    fn nothing_secret_is_shown() {
        let mut walk = Walk::new();
        walk.grant(Some(LIVES));
        assert!(!format!("{:?}", walk.tokens).contains("shp"));
    }
}
