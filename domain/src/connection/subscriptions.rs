//! Which subscriptions to the store's webhooks stand, and since when deliveries were missed (F6).
//!
//! A store removes a subscription whose deliveries fail for some hours, and says so to nobody who is down.

use std::collections::BTreeMap;

use super::SubscriptionResult;
use crate::time::Timestamp;

/// What the store's list of our subscriptions says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Inspection {
    /// Topics that are subscribed to, with the store's ids.
    pub standing: BTreeMap<String, String>,
    /// Wanted topics that are not.
    pub missing: Vec<String>,
    /// Subscriptions beside another one for the same topic: each event would come twice.
    pub surplus: Vec<String>,
}

/// Compares wanted topics with what is listed for our address: pairs of topic and id.
pub fn inspect<'a>(
    wanted: &[String],
    listed: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Inspection {
    let mut found = Inspection::default();
    for (topic, id) in listed {
        if found.standing.contains_key(topic) {
            found.surplus.push(id.to_owned());
        } else {
            found.standing.insert(topic.to_owned(), id.to_owned());
        }
    }
    let missing = wanted.iter().filter(|topic| !found.standing.contains_key(*topic));
    found.missing = missing.cloned().collect();
    found
}

/// Until when each topic was known to be subscribed to.
pub type Seen = BTreeMap<String, Timestamp>;

/// From when on deliveries of topics that stand now were missed; none where none were. A topic was silent if it stands
/// under another id than the one known, or did not stand before; it was so since it was seen last, or else since the
/// connection was made. Judged by ids, so that who made a subscription and died before anything else finds the gap.
pub fn silent_since(
    known: &[SubscriptionResult],
    now: &[SubscriptionResult],
    seen: &Seen,
    connected_at: Timestamp,
) -> Option<(Timestamp, Vec<String>)> {
    let known_id = |topic: &str| {
        let of_topic = known.iter().find(|subscription| subscription.topic == topic);
        of_topic.and_then(|subscription| subscription.result.as_ref().ok())
    };
    let came_back = |subscription: &&SubscriptionResult| {
        let id = subscription.result.as_ref().ok();
        id.is_some() && known_id(&subscription.topic) != id
    };
    let topics: Vec<String> = now.iter().filter(came_back).map(|it| it.topic.clone()).collect();
    let since =
        topics.iter().map(|topic| seen.get(topic).copied().unwrap_or(connected_at)).min()?;
    Some((since, topics))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subscription(topic: &str, id: Option<&str>) -> SubscriptionResult {
        let result = id.map(str::to_owned).ok_or_else(|| "refused".to_owned());
        SubscriptionResult { topic: topic.to_owned(), result }
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn what_is_wanted_and_not_listed_is_missing_and_a_second_one_too_many() {
        let wanted = ["a", "b"].map(str::to_owned);
        let found = inspect(&wanted, [("a", "1"), ("a", "2"), ("other", "3")]);
        assert_eq!(found.missing, ["b"]);
        assert_eq!(found.surplus, ["2"]);
        assert_eq!(found.standing["a"], "1");
    }

    #[test]
    fn the_gap_begins_where_the_earliest_of_the_silent_was_seen_last() {
        let known = [subscription("a", Some("1")), subscription("b", Some("2"))];
        let seen = Seen::from([("a".to_owned(), at(50)), ("b".to_owned(), at(40))]);
        assert_eq!(silent_since(&known, &known, &seen, at(1)), None);
        let now = [subscription("a", Some("7")), subscription("b", Some("8"))];
        let both = vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(silent_since(&known, &now, &seen, at(1)), Some((at(40), both)));
        let now = [subscription("a", Some("7")), subscription("b", Some("2"))];
        assert_eq!(silent_since(&known, &now, &seen, at(1)).unwrap().0, at(50));
    }

    #[test]
    fn what_never_stood_was_silent_since_the_beginning_and_what_still_fails_ends_no_gap() {
        let known = [subscription("a", None)];
        let now = [subscription("a", Some("1"))];
        assert_eq!(silent_since(&known, &now, &Seen::new(), at(1)).unwrap().0, at(1));
        assert_eq!(silent_since(&known, &known, &Seen::new(), at(1)), None);
        assert_eq!(silent_since(&now, &known, &Seen::new(), at(1)), None);
    }
}
