use super::*;
use crate::id::{BusinessId, ConnectionId};

const HOUR: i64 = 3_600_000;

type Break = fn(&mut Findings);

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn whole() -> Findings {
    let connection = Connection {
        id: ConnectionId::new(at(0), &[0; 10]),
        business_id: BusinessId::new(at(0), &[0; 10]),
        provider: "shopify".into(),
        shop: "a.myshopify.com".into(),
        status: ConnectionStatus::Active,
        granted_scopes: BTreeSet::new(),
        connected_at: at(0),
        ended_at: None,
        cutover_at: at(0),
        last_synced_at: Some(at(HOUR)),
        subscriptions: Vec::new(),
    };
    let answer = StoreAnswer {
        granted: BTreeSet::new(),
        missing: Vec::new(),
        subscriptions: Some(Inspection::default()),
    };
    Findings {
        connection: Some(connection),
        token: Ok(()),
        store: Ok(answer),
        last_delivery_at: Some(at(HOUR)),
        silence: None,
        poll_every: Duration::from_mins(15),
        waiting_since: None,
        dead_letters: 0,
        mapper: None,
    }
}

fn first(findings: &Findings) -> Option<(Link, Option<Remedy>)> {
    let checks = judge(findings, at(HOUR));
    assert_eq!(checks.len(), 10, "every link is spoken of");
    assert!(checks.windows(2).all(|pair| pair[0].link < pair[1].link), "in order");
    first_broken(&checks).map(|check| (check.link, check.remedy))
}

#[test]
fn a_whole_way_has_no_broken_link() {
    assert_eq!(first(&whole()), None);
    assert!(judge(&whole(), at(HOUR)).iter().all(|check| check.verdict == Verdict::Good));
}

#[test]
fn each_broken_link_is_named_with_what_to_do() {
    let failure = |code| Err(Failure::new(code, "…"));
    let cases: [(Break, Link, Remedy); 5] = [
        (|it| it.connection = None, Link::Connection, Remedy::ConnectStore),
        (
            |it| it.silence = Some(Silence { since: at(0), expected: 40.0 }),
            Link::Deliveries,
            Remedy::PollNow,
        ),
        (|it| it.waiting_since = Some(at(0)), Link::Queue, Remedy::StartWorker),
        (|it| it.mapper = Some("fell back".into()), Link::Mapper, Remedy::ChooseMapper),
        (
            |it| it.connection.as_mut().unwrap().last_synced_at = Some(at(0)),
            Link::Poll,
            Remedy::PollNow,
        ),
    ];
    for (break_it, link, remedy) in cases {
        let mut findings = whole();
        break_it(&mut findings);
        assert_eq!(first(&findings), Some((link, Some(remedy))));
    }
    let lost_key = Findings { token: failure(Code::Internal), ..whole() };
    assert_eq!(first(&lost_key), Some((Link::TokenDecrypts, Some(Remedy::RestoreKey))));
    let revoked = Findings { store: Err(Failure::new(Code::ReauthRequired, "…")), ..whole() };
    assert_eq!(first(&revoked), Some((Link::TokenWorks, Some(Remedy::ConnectStore))));
    let mut unsubscribed = whole();
    let answer = unsubscribed.store.as_mut().unwrap();
    answer.subscriptions.as_mut().unwrap().missing.push("orders/create".into());
    assert_eq!(first(&unsubscribed), Some((Link::Subscriptions, Some(Remedy::HealSubscriptions))));
}

#[test]
fn what_depends_on_a_broken_link_is_not_judged() {
    let findings = Findings { token: Err(Failure::new(Code::Internal, "…")), ..whole() };
    let checks = judge(&findings, at(HOUR));
    let unknown = checks.iter().filter(|check| check.verdict == Verdict::Unknown);
    let unknown: Vec<_> = unknown.map(|check| check.link).collect();
    assert_eq!(unknown, [Link::TokenWorks, Link::Scopes, Link::Subscriptions]);
}

#[test]
fn dead_letters_warn_and_break_nothing() {
    let findings = Findings { dead_letters: 3, ..whole() };
    assert_eq!(first(&findings), None);
    let checks = judge(&findings, at(HOUR));
    assert!(checks.iter().any(|check| check.verdict == Verdict::Warning));
}
