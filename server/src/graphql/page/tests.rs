use domain::code::Code;
use domain::time::Timestamp;

use super::*;

const NOW: [u8; 32] = [7; 32];
const BEFORE: [u8; 32] = [6; 32];

fn paging(list: List, business: u8, keys: &[[u8; 32]]) -> Paging {
    let business = BusinessId::new(Timestamp::EPOCH, &[business; 10]);
    Paging { keys: keys.to_vec(), list, business }
}

fn place() -> Cursor {
    Cursor { key: -1_700_000_000_123, id: "450789469".to_owned() }
}

#[test]
fn a_cursor_comes_back_as_it_was() {
    let orders = paging(List::Orders, 1, &[NOW]);
    for id in ["", "450789469", "Teekanne ☕"] {
        let cursor = Cursor { key: i64::MIN, id: id.to_owned() };
        assert_eq!(orders.open(&orders.seal(&cursor)), Some(cursor));
    }
}

#[test]
fn a_cursor_is_good_for_its_list_and_business_only() {
    let text = paging(List::Orders, 1, &[NOW]).seal(&place());
    assert_eq!(paging(List::Orders, 2, &[NOW]).open(&text), None);
    assert_eq!(paging(List::Products, 1, &[NOW]).open(&text), None);
    assert_eq!(paging(List::Orders, 1, &[BEFORE]).open(&text), None);
    assert_eq!(paging(List::Orders, 1, &[BEFORE, NOW]).open(&text), Some(place()));
}

#[test]
fn no_cursor_can_be_made_up() {
    let orders = paging(List::Orders, 1, &[NOW]);
    let bytes = URL_SAFE_NO_PAD.decode(orders.seal(&place())).unwrap();
    for at in 0..bytes.len() {
        let mut forged = bytes.clone();
        forged[at] ^= 1;
        assert_eq!(orders.open(&URL_SAFE_NO_PAD.encode(&forged)), None, "byte {at}");
        assert_eq!(orders.open(&URL_SAFE_NO_PAD.encode(&bytes[..at])), None, "cut at {at}");
    }
    let long = "A".repeat(CURSOR_CHARS_MAX + 1);
    for text in ["", "?", "MTIz", long.as_str()] {
        assert_eq!(orders.open(text), None);
    }
}

fn arguments(
    [first, last]: [Option<i32>; 2],
    [after, before]: [Option<&String>; 2],
) -> PageArguments {
    let [after, before] = [after, before].map(Option::<&String>::cloned);
    PageArguments { first, after, last, before }
}

#[test]
fn arguments_ask_for_one_part_of_the_list() {
    let orders = paging(List::Orders, 1, &[NOW]);
    let cursor = &orders.seal(&place());
    let (forward, backward) = (Direction::Forward, Direction::Backward);
    let cases = [
        ([None, None], [None, None], 20, forward),
        ([Some(1), None], [None, None], 1, forward),
        ([Some(100), None], [Some(cursor), None], 100, forward),
        ([None, None], [Some(cursor), None], 20, forward),
        ([None, Some(5)], [None, None], 5, backward),
        ([None, Some(5)], [None, Some(cursor)], 5, backward),
    ];
    for (sizes, cursors, limit, direction) in cases {
        let cursor = cursors.iter().any(Option::is_some).then(place);
        let expected = PageRequest { limit, direction, cursor };
        let asked = orders.request(&arguments(sizes, cursors));
        assert_eq!(asked, Ok(expected), "{sizes:?} {cursors:?}");
    }
}

#[test]
fn arguments_that_contradict_are_refused_by_name() {
    let orders = paging(List::Orders, 1, &[NOW]);
    let cursor = &orders.seal(&place());
    let (forged, empty) = (&"1".to_owned(), &String::new());
    let cases = [
        ([Some(0), None], [None, None], "first"),
        ([Some(-1), None], [None, None], "first"),
        ([Some(101), None], [None, None], "first"),
        ([None, Some(i32::MIN)], [None, None], "last"),
        ([Some(1), Some(1)], [None, None], "last"),
        ([None, None], [None, Some(cursor)], "before"),
        ([Some(1), None], [None, Some(cursor)], "before"),
        ([None, Some(1)], [Some(cursor), None], "after"),
        ([None, None], [Some(forged), None], "after"),
        ([None, Some(1)], [None, Some(empty)], "before"),
    ];
    for (sizes, cursors, field) in cases {
        let problem = orders.request(&arguments(sizes, cursors)).unwrap_err();
        assert_eq!(problem.code, Code::BadUserInput, "{sizes:?} {cursors:?}");
        assert_eq!(problem.field, Some(vec![field.to_owned()]), "{sizes:?} {cursors:?}");
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
