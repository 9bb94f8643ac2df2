//! Names in Redis. All of them are made here, of ids and of words in the program: no user's text can reach one.

use domain::id::BusinessId;

/// Where wake-ups for workers go.
pub(super) const WORK: &str = "tillgate:work";
/// Matches the feeds of all businesses.
pub(super) const ALL_FEEDS: &str = "tillgate:b:*:feed";

/// Where a business's feed is announced.
pub(super) fn feed(business: BusinessId) -> String {
    of(business, "feed")
}

/// The key of a lease.
pub(super) fn lease(business: BusinessId, purpose: &'static str) -> String {
    of(business, purpose)
}

/// The business whose feed a channel is.
pub(super) fn business_of_feed(channel: &str) -> Option<BusinessId> {
    let id = channel.strip_prefix("tillgate:b:")?.strip_suffix(":feed")?;
    id.parse().ok()
}

fn of(business: BusinessId, word: &'static str) -> String {
    format!("tillgate:b:{business}:{word}")
}

#[cfg(test)]
mod tests {
    use domain::time::Timestamp;

    use super::*;

    #[test]
    fn a_feed_leads_back_to_its_business() {
        let business = BusinessId::new(Timestamp::EPOCH, &[7; 10]);
        assert_eq!(business_of_feed(&feed(business)), Some(business));
        for other in ["tillgate:work", "tillgate:b:x:feed", "tillgate:b::feed", ""] {
            assert_eq!(business_of_feed(other), None);
        }
    }
}
