//! Keyset pages over tables: one query each, whatever the direction, with one row more than asked for.

use domain::page::{Cursor, Direction, PAGE_SIZE_MAX, Page, PageRequest};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Select, Value};

use crate::StoreError;

/// A list's own order.
#[derive(Clone, Copy)]
pub(crate) enum Sort {
    NewestFirst,
    OldestFirst,
}

/// Ids a query asks for at a time.
const IDS_MAX: usize = 1_024;

/// The part of a list that `request` asks for. `columns` order the list and are unique together; `place` is where the
/// cursor's row stands in them.
pub(crate) fn keyset<E, const N: usize>(
    select: Select<E>,
    request: &PageRequest,
    sort: Sort,
    columns: [E::Column; N],
    place: Option<[Value; N]>,
) -> Select<E>
where
    E: EntityTrait,
{
    let order = order_of(request, sort);
    let mut select = select;
    if let Some(place) = place {
        // Compared as rows, so that the index is entered at the place itself.
        let row = Expr::tuple(columns.map(|column| Expr::col((E::default(), column))));
        let place = Expr::tuple(place.map(Expr::value));
        select = select.filter(match order {
            Order::Desc => row.lt(place),
            _ => row.gt(place),
        });
    }
    for column in columns {
        select = select.order_by(column, order.clone());
    }
    select.limit(u64::from(limit_of(request)) + 1)
}

/// The direction in which rows are read.
pub(crate) fn order_of(request: &PageRequest, sort: Sort) -> Order {
    match (sort, request.direction) {
        (Sort::NewestFirst, Direction::Forward) | (Sort::OldestFirst, Direction::Backward) => {
            Order::Desc
        }
        _ => Order::Asc,
    }
}

/// Rows on the page: whoever asks for more than is allowed gets what is allowed.
pub(crate) fn limit_of(request: &PageRequest) -> u32 {
    request.limit.clamp(1, PAGE_SIZE_MAX)
}

/// The page of rows that [`keyset`] selected.
pub(crate) fn page_of<M, T>(
    request: &PageRequest,
    models: Vec<M>,
    place: impl Fn(&M) -> Cursor,
    read: impl Fn(M) -> Result<T, StoreError>,
) -> Result<Page<T>, StoreError> {
    let request = PageRequest { limit: limit_of(request), ..request.clone() };
    let rows = models
        .into_iter()
        .map(|model| Ok((place(&model), read(model)?)))
        .collect::<Result<_, StoreError>>()?;
    Ok(Page::from_overfetch(&request, rows))
}

/// A place in a list that is ordered by its id alone.
pub(crate) fn by_id(id: &impl ToString) -> Cursor {
    Cursor { key: 0, id: id.to_string() }
}

/// The cursor's id; a cursor of another list is refused.
pub(crate) fn id_of<T: std::str::FromStr>(cursor: &Cursor) -> Result<T, StoreError> {
    cursor.id.parse().map_err(|_| StoreError::InvalidCursor)
}

/// The ids in parts for queries. Each part is filled up to a power of two by repeating its last id, so that few forms of
/// a query exist and each is prepared once.
pub(crate) fn parts<T: Clone>(ids: &[T]) -> impl Iterator<Item = Vec<T>> {
    ids.chunks(IDS_MAX).map(|chunk| {
        let mut part = chunk.to_vec();
        if let Some(last) = chunk.last() {
            part.resize(chunk.len().next_power_of_two(), last.clone());
        }
        part
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_in_few_sizes_and_hold_every_id() {
        let sizes = |count: usize| -> Vec<usize> {
            let ids: Vec<usize> = (0..count).collect();
            let parts: Vec<Vec<usize>> = parts(&ids).collect();
            let mut found = parts.concat();
            found.dedup();
            assert_eq!(found, ids);
            parts.iter().map(Vec::len).collect()
        };
        assert_eq!(sizes(0), [] as [usize; 0]);
        assert_eq!(sizes(1), [1]);
        assert_eq!(sizes(5), [8]);
        assert_eq!(sizes(1_030), [1_024, 8]);
    }

    #[test]
    fn a_page_is_bounded() {
        let request = |limit| PageRequest { limit, direction: Direction::Forward, cursor: None };
        assert_eq!(limit_of(&request(0)), 1);
        assert_eq!(limit_of(&request(PAGE_SIZE_MAX + 1)), PAGE_SIZE_MAX);
    }
}
