//! What there is, by id: the list that a reconciliation compares.
//!
//! It goes on by asking for higher ids. A cursor would end at 25,000 objects, and would be of no use after a while.

use domain::id::ExternalId;
use domain::reconcile::Head;
use domain::refined::ObjectType;
use domain::time::Timestamp;
use shopify::operation::{HEADS_PER_PAGE, HeadVariables, OrderHeads, ProductHeads};
use shopify::wire::Id;
use shopify::{Access, Client};

use super::super::{HeadPage, ProviderError};
use super::adapter::{broken, error_of};
use super::reading;

/// A page of the ids above `after` of objects that were made from the first time of `made` on and before the second.
pub(super) async fn page(
    client: &Client,
    access: &Access,
    kind: ObjectType,
    (from, until): (Option<Timestamp>, Option<Timestamp>),
    after: Option<ExternalId>,
) -> Result<HeadPage, ProviderError> {
    let above = after.map(|after| format!("id:>={}", after.0.saturating_add(1)));
    let until = until.map(|until| format!("created_at:<'{until}'"));
    let query = joined([above, made_from(from), until]);
    let variables = HeadVariables { first: HEADS_PER_PAGE, query };
    let (page, withheld) = match kind {
        ObjectType::Order => {
            let answer = client.execute::<OrderHeads>(access, &variables).await;
            answer.map(|answer| (answer.data.orders, answer.partial))
        }
        ObjectType::Product => {
            let answer = client.execute::<ProductHeads>(access, &variables).await;
            answer.map(|answer| (answer.data.products, answer.partial))
        }
    }
    .map_err(error_of)?;
    // A list of which something is withheld proves nothing about what it is without.
    if let Some(error) = withheld.first() {
        return Err(broken(format!("the list is not whole: {}: {}", error.path, error.message)));
    }
    let heads = page.nodes.iter().map(read_head).collect::<Result<_, _>>()?;
    Ok(HeadPage { heads, is_last: !page.page_info.has_next_page })
}

/// How many objects were made from `from` on.
pub(super) async fn count(
    client: &Client,
    access: &Access,
    kind: ObjectType,
    from: Option<Timestamp>,
) -> Result<Option<u64>, ProviderError> {
    reading::count(client, access, kind, made_from(from)).await
}

fn made_from(from: Option<Timestamp>) -> Option<String> {
    from.map(|from| format!("created_at:>='{from}'"))
}

fn joined(terms: [Option<String>; 3]) -> Option<String> {
    let terms: Vec<String> = terms.into_iter().flatten().collect();
    (!terms.is_empty()).then(|| terms.join(" "))
}

fn read_head(head: &shopify::operation::Head) -> Result<Head, ProviderError> {
    let time = |name: &str, text: &str| {
        Timestamp::parse(text).map_err(|error| broken(format!("{name}: {error}")))
    };
    let id = Id::parse(&head.id).ok_or_else(|| broken("an object without an id"))?;
    Ok(Head {
        id: ExternalId(id.0),
        created_at: time("createdAt", &head.created_at)?,
        updated_at: time("updatedAt", &head.updated_at)?,
    })
}
