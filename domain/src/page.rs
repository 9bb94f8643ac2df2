//! Keyset pages: what a list asks for and what it gives.

/// Rows that one page may hold.
pub const PAGE_SIZE_MAX: u32 = 100;

/// Which part of a list is wanted. Lists run from newest to oldest unless they say otherwise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageRequest {
    /// How many rows, from 1 to [`PAGE_SIZE_MAX`].
    pub limit: u32,
    /// Towards which end.
    pub direction: Direction,
    /// The row next to the page, if not at the end of the list: its place in the list's order.
    pub cursor: Option<Cursor>,
}

/// Towards which end of the list a page goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// `first` … `after`.
    Forward,
    /// `last` … `before`.
    Backward,
}

/// A row's place in its list: the sort key and the id that breaks ties.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Cursor {
    /// The sort key; lists sort by a number (a time in milliseconds or a sequence).
    pub key: i64,
    /// The id, as text.
    pub id: String,
}

/// A page of a list, in the list's order whatever the direction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page<T> {
    /// The rows, each with its place.
    pub rows: Vec<(Cursor, T)>,
    /// Whether rows stand before the first one.
    pub has_previous: bool,
    /// Whether rows stand after the last one.
    pub has_next: bool,
}

impl<T> Page<T> {
    /// Assembles a page from rows read in `request`'s direction with one row more than asked for, as a sign that the
    /// list goes on.
    pub fn from_overfetch(request: &PageRequest, mut rows: Vec<(Cursor, T)>) -> Self {
        let more = rows.len() > request.limit as usize;
        rows.truncate(request.limit as usize);
        let beyond_cursor = request.cursor.is_some();
        match request.direction {
            Direction::Forward => Self { rows, has_previous: beyond_cursor, has_next: more },
            Direction::Backward => {
                rows.reverse();
                Self { rows, has_previous: more, has_next: beyond_cursor }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(keys: &[i64]) -> Vec<(Cursor, i64)> {
        keys.iter().map(|&key| (Cursor { key, id: String::new() }, key)).collect()
    }

    #[test]
    fn the_extra_row_is_a_sign_and_not_a_row() {
        let forward = PageRequest { limit: 2, direction: Direction::Forward, cursor: None };
        let page = Page::from_overfetch(&forward, rows(&[9, 8, 7]));
        assert_eq!(page.rows.iter().map(|r| r.1).collect::<Vec<_>>(), [9, 8]);
        assert!(page.has_next && !page.has_previous);
    }

    #[test]
    fn a_backward_page_is_turned_into_the_list_order() {
        let cursor = Some(Cursor { key: 5, id: String::new() });
        let backward = PageRequest { limit: 2, direction: Direction::Backward, cursor };
        let page = Page::from_overfetch(&backward, rows(&[6, 7, 8]));
        assert_eq!(page.rows.iter().map(|r| r.1).collect::<Vec<_>>(), [7, 6]);
        assert!(page.has_next && page.has_previous);
    }
}
