use domain::code::Code;
use domain::time::Timestamp;

use super::*;

const NOW: [u8; 32] = [7; 32];
const BEFORE: [u8; 32] = [6; 32];

fn paging(list: List, business: u8, keys: &[[u8; 32]]) -> Paging {
    let business = BusinessId::new(Timestamp::EPOCH, &[business; 10]);
    Paging {
        keys: keys.to_vec(),
        list,
        business,
    }
}

fn place() -> Cursor {
    Cursor {
        key: -1_700_000_000_123,
        id: "450789469".to_owned(),
    }
}

#[test]
fn a_cursor_comes_back_as_it_was() {
    let orders = paging(List::Orders, 1, &[NOW]);
    for id in ["", "450789469", "Teekanne ☕"] {
        let cursor = Cursor {
            key: i64::MIN,
            id: id.to_owned(),
        };
        assert_eq!(orders.open(&orders.seal(&cursor)), Some(cursor));
    }
}

#[test]
fn a_cursor_is_good_for_its_list_and_business_only() {
    let text = paging(List::Orders, 1, &[NOW]).seal(&place());
    assert_eq!(paging(List::Orders, 2, &[NOW]).open(&text), None);
    assert_eq!(paging(List::Products, 1, &[NOW]).open(&text), None);
    assert_eq!(paging(List::Orders, 1, &[BEFORE]).open(&text), None);
    assert_eq!(
        paging(List::Orders, 1, &[BEFORE, NOW]).open(&text),
        Some(place())
    );
}

#[test]
fn no_cursor_can_be_made_up() {
    let orders = paging(List::Orders, 1, &[NOW]);
    let bytes = URL_SAFE_NO_PAD.decode(orders.seal(&place())).unwrap();
    for at in 0..bytes.len() {
        let mut forged = bytes.clone();
        forged[at] ^= 1;
        assert_eq!(
            orders.open(&URL_SAFE_NO_PAD.encode(&forged)),
            None,
            "byte {at}"
        );
        assert_eq!(
            orders.open(&URL_SAFE_NO_PAD.encode(&bytes[..at])),
            None,
            "cut at {at}"
        );
    }
    let long = "A".repeat(CURSOR_CHARS_MAX + 1);
    for text in ["", "?", "MTIz", long.as_str()] {
        assert_eq!(orders.open(text), None);
    }
}

#[test]
fn arguments_ask_for_one_part_of_the_list() {
    let orders = paging(List::Orders, 1, &[NOW]);
    let cursor = || Some(orders.seal(&place()));
    let none = PageArguments::default;
    let forward = Direction::Forward;
    let backward = Direction::Backward;
    let good = [
        (none(), 20, forward, false),
        (
            PageArguments {
                first: Some(1),
                ..none()
            },
            1,
            forward,
            false,
        ),
        (
            PageArguments {
                first: Some(100),
                after: cursor(),
                ..none()
            },
            100,
            forward,
            true,
        ),
        (
            PageArguments {
                after: cursor(),
                ..none()
            },
            20,
            forward,
            true,
        ),
        (
            PageArguments {
                last: Some(5),
                ..none()
            },
            5,
            backward,
            false,
        ),
        (
            PageArguments {
                last: Some(5),
                before: cursor(),
                ..none()
            },
            5,
            backward,
            true,
        ),
    ];
    for (arguments, limit, direction, placed) in good {
        let cursor = placed.then(place);
        let expected = PageRequest {
            limit,
            direction,
            cursor,
        };
        assert_eq!(orders.request(&arguments), Ok(expected), "{arguments:?}");
    }
}

#[test]
fn arguments_that_contradict_are_refused_by_name() {
    let orders = paging(List::Orders, 1, &[NOW]);
    let cursor = || Some(orders.seal(&place()));
    let none = PageArguments::default;
    let bad = [
        (
            PageArguments {
                first: Some(0),
                ..none()
            },
            "first",
        ),
        (
            PageArguments {
                first: Some(-1),
                ..none()
            },
            "first",
        ),
        (
            PageArguments {
                first: Some(101),
                ..none()
            },
            "first",
        ),
        (
            PageArguments {
                last: Some(i32::MIN),
                ..none()
            },
            "last",
        ),
        (
            PageArguments {
                first: Some(1),
                last: Some(1),
                ..none()
            },
            "last",
        ),
        (
            PageArguments {
                before: cursor(),
                ..none()
            },
            "before",
        ),
        (
            PageArguments {
                first: Some(1),
                before: cursor(),
                ..none()
            },
            "before",
        ),
        (
            PageArguments {
                last: Some(1),
                after: cursor(),
                ..none()
            },
            "after",
        ),
        (
            PageArguments {
                after: Some("1".to_owned()),
                ..none()
            },
            "after",
        ),
        (
            PageArguments {
                last: Some(1),
                before: Some(String::new()),
                ..none()
            },
            "before",
        ),
    ];
    for (arguments, field) in bad {
        let problem = orders.request(&arguments).unwrap_err();
        assert_eq!(problem.code, Code::BadUserInput, "{arguments:?}");
        assert_eq!(problem.field, Some(vec![field.to_owned()]), "{arguments:?}");
    }
}

#[test]
fn a_page_costs_its_rows() {
    let cases = [
        (None, None, 60),
        (Some(7), None, 21),
        (None, Some(100), 300),
        (Some(i32::MAX), None, 300),
        (Some(-5), None, 60),
    ];
    for (first, last, expected) in cases {
        assert_eq!(weight(first, last, 3), expected);
    }
}
