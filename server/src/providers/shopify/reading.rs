//! Reading objects whole: pages of them, and what does not fit into a page's answer.
//!
//! What is cut off in a page is read by itself and on to its end. The same version of an object gives the same bytes
//! whichever way it was read, so that reading it again is recognised as no news.

use domain::id::ExternalId;
use domain::refined::ObjectType;
use domain::time::Timestamp;
use serde_json::{Value, json};
use shopify::operation::{
    CountVariables, FulfillmentLines, IdVariables, LINES_MAX, ORDERS_PER_PAGE, Operation,
    OrderById, OrderCount, OrderLines, OrderPage, OrderPageVariables, PRODUCTS_PER_PAGE, PageInfo,
    PartVariables, ProductById, ProductCount, ProductPage, ProductPageVariables, ProductVariants,
    RefundLines,
};
use shopify::wire::Id;
use shopify::{Access, Client, ClientError, GraphqlError};

use super::super::{ObjectPage, ProviderError, ReadObject};
use super::adapter::{broken, denied, error_of};

/// How often an object is begun anew because it changed while it was read.
const CHANGED_MEANWHILE_MAX: u32 = 3;
/// Pages of lines that one object may have: the store's own limit is 2048 variants.
const PARTS_MAX: u32 = 40;

/// A page of objects that changed at or after `since`, each whole.
pub(super) async fn page(
    client: &Client,
    access: &Access,
    kind: ObjectType,
    since: Option<Timestamp>,
    cursor: Option<&str>,
) -> Result<ObjectPage, ProviderError> {
    let query = since.map(|since| format!("updated_at:>='{since}'"));
    let total = match cursor {
        None => count(client, access, kind, query.clone()).await?,
        Some(_) => None,
    };
    let after = cursor.map(str::to_owned);
    let (nodes, info) = match kind {
        ObjectType::Order => orders(client, access, query, after).await?,
        ObjectType::Product => products(client, access, query, after).await?,
    };
    let mut objects = Vec::with_capacity(nodes.len());
    for mut node in nodes {
        if is_cut(&node) {
            let id = id_of(&node)?;
            let whole = match kind {
                ObjectType::Order => whole_order(client, access, id).await?,
                ObjectType::Product => whole_product(client, access, id).await?,
            };
            // Removed since the page was read: nothing to tell any more.
            let Some(whole) = whole else { continue };
            node = whole;
        }
        close(&mut node);
        objects.push(read_object(&node)?);
    }
    Ok(ObjectPage { objects, next: info.next().map(str::to_owned), total })
}

/// One order with all of its lines.
pub(super) async fn whole_order(
    client: &Client,
    access: &Access,
    id: ExternalId,
) -> Result<Option<Value>, ProviderError> {
    let gid = format!("gid://shopify/Order/{id}");
    for _ in 0..CHANGED_MEANWHILE_MAX {
        let variables = IdVariables {
            id: gid.clone(),
            lines: Some(LINES_MAX),
            parts: Some(LINES_MAX),
            variants: None,
        };
        let answer = client.execute::<OrderById>(access, &variables).await.map_err(error_of)?;
        let Some(mut order) = present(answer.data.order, &answer.partial)? else {
            return Ok(None);
        };
        let version = updated_at(&order)?.to_owned();
        let lines = rest::<OrderLines, _>(client, access, &gid, &mut order["lineItems"], |data| {
            data.order
                .map(|page| (page.updated_at, page.line_items.nodes, page.line_items.page_info))
        });
        if lines.await?.is_some_and(|read| read != version) {
            continue;
        }
        read_parts(client, access, &mut order).await?;
        close(&mut order);
        return Ok(Some(order));
    }
    Err(ProviderError::Unavailable {
        detail: "the order changes faster than it can be read".to_owned(),
    })
}

/// Reads the lines of an order's fulfillments and refunds to their ends.
async fn read_parts(
    client: &Client,
    access: &Access,
    order: &mut Value,
) -> Result<(), ProviderError> {
    for fulfillment in items(order, "fulfillments") {
        let gid = fulfillment["id"].as_str().unwrap_or_default().to_owned();
        let lines = &mut fulfillment["fulfillmentLineItems"];
        rest::<FulfillmentLines, _>(client, access, &gid, lines, |data| {
            let page = data.fulfillment?.fulfillment_line_items;
            Some((String::new(), page.nodes, page.page_info))
        })
        .await?;
    }
    for refund in items(order, "refunds") {
        let gid = refund["id"].as_str().unwrap_or_default().to_owned();
        rest::<RefundLines, _>(client, access, &gid, &mut refund["refundLineItems"], |data| {
            let page = data.refund?.refund_line_items;
            Some((String::new(), page.nodes, page.page_info))
        })
        .await?;
    }
    if is_cut(order) {
        return Err(broken(format!(
            "the order has more than {LINES_MAX} discounts or shipping lines"
        )));
    }
    Ok(())
}

/// One product with all of its variants.
pub(super) async fn whole_product(
    client: &Client,
    access: &Access,
    id: ExternalId,
) -> Result<Option<Value>, ProviderError> {
    let gid = format!("gid://shopify/Product/{id}");
    for _ in 0..CHANGED_MEANWHILE_MAX {
        let variables =
            IdVariables { id: gid.clone(), lines: None, parts: None, variants: Some(LINES_MAX) };
        let answer = client.execute::<ProductById>(access, &variables).await.map_err(error_of)?;
        let Some(mut product) = present(answer.data.product, &answer.partial)? else {
            return Ok(None);
        };
        let version = updated_at(&product)?.to_owned();
        let variants =
            rest::<ProductVariants, _>(client, access, &gid, &mut product["variants"], |data| {
                data.product
                    .map(|page| (page.updated_at, page.variants.nodes, page.variants.page_info))
            });
        if variants.await?.is_some_and(|read| read != version) {
            continue;
        }
        close(&mut product);
        return Ok(Some(product));
    }
    Err(ProviderError::Unavailable {
        detail: "the product changes faster than it can be read".to_owned(),
    })
}

/// A further page: which version of the object it belongs to, its nodes, and whether another one follows.
type Part = (String, Vec<Value>, PageInfo);

/// Reads a connection on to its end and appends what comes. Gives the version that the last page belonged to, where
/// there was any page to read.
async fn rest<O, R>(
    client: &Client,
    access: &Access,
    gid: &str,
    connection: &mut Value,
    part_of: R,
) -> Result<Option<String>, ProviderError>
where
    O: Operation<Variables = PartVariables>,
    R: Fn(O::Data) -> Option<Part>,
{
    let mut version = None;
    let mut next = next_of(connection);
    for _ in 0..PARTS_MAX {
        let Some(after) = next.take() else { break };
        let variables = PartVariables { id: gid.to_owned(), first: LINES_MAX, after: Some(after) };
        let answer = client.execute::<O>(access, &variables).await.map_err(error_of)?;
        let part = part_of(answer.data);
        let (of, nodes, info) = part.ok_or_else(|| broken("an object went while it was read"))?;
        if let Some(list) = connection["nodes"].as_array_mut() {
            list.extend(nodes);
        }
        next = info.next().map(str::to_owned);
        connection["pageInfo"] = json!({ "hasNextPage": info.has_next_page });
        if version.as_ref().is_some_and(|earlier| *earlier != of) {
            // Pages of two versions do not fit together; an empty version never equals the object's.
            return Ok(Some(String::new()));
        }
        version = Some(of);
    }
    Ok(version)
}

async fn orders(
    client: &Client,
    access: &Access,
    query: Option<String>,
    after: Option<String>,
) -> Result<(Vec<Value>, PageInfo), ProviderError> {
    let mut first = ORDERS_PER_PAGE;
    let answer = loop {
        let variables = OrderPageVariables::new(first, after.clone(), query.clone());
        match client.execute::<OrderPage>(access, &variables).await {
            // The store's prices may change: half as many cost less.
            Err(ClientError::TooCostly { .. }) if first > 1 => first /= 2,
            answer => break answer.map_err(error_of)?,
        }
    };
    Ok((all_present(answer.data.orders.nodes, &answer.partial)?, answer.data.orders.page_info))
}

async fn products(
    client: &Client,
    access: &Access,
    query: Option<String>,
    after: Option<String>,
) -> Result<(Vec<Value>, PageInfo), ProviderError> {
    let mut first = PRODUCTS_PER_PAGE;
    let answer = loop {
        let variables = ProductPageVariables::new(first, after.clone(), query.clone());
        match client.execute::<ProductPage>(access, &variables).await {
            // The store's prices may change: half as many cost less.
            Err(ClientError::TooCostly { .. }) if first > 1 => first /= 2,
            answer => break answer.map_err(error_of)?,
        }
    };
    Ok((all_present(answer.data.products.nodes, &answer.partial)?, answer.data.products.page_info))
}

fn all_present(nodes: Vec<Value>, withheld: &[GraphqlError]) -> Result<Vec<Value>, ProviderError> {
    let nodes = nodes.into_iter().map(|node| present(Some(node), withheld));
    nodes.filter_map(Result::transpose).collect()
}

pub(super) async fn count(
    client: &Client,
    access: &Access,
    kind: ObjectType,
    query: Option<String>,
) -> Result<Option<u64>, ProviderError> {
    let variables = CountVariables { query };
    let count = match kind {
        ObjectType::Order => {
            client
                .execute::<OrderCount>(access, &variables)
                .await
                .map_err(error_of)?
                .data
                .orders_count
        }
        ObjectType::Product => {
            let answer = client.execute::<ProductCount>(access, &variables).await;
            answer.map_err(error_of)?.data.products_count
        }
    };
    Ok(count.map(|count| count.count))
}

/// The object, unless it is null because the store withholds it: that is not the same as its absence. Single fields
/// that are withheld stay empty.
fn present(node: Option<Value>, withheld: &[GraphqlError]) -> Result<Option<Value>, ProviderError> {
    let node = node.filter(|node| !node.is_null());
    match (node, withheld.first()) {
        (None, Some(error)) => {
            let detail = format!("{}: {}", error.path, error.message);
            Err(if error.is_denied() {
                ProviderError::MissingScope { scopes: error.scopes.clone(), detail }
            } else {
                denied(&detail)
            })
        }
        (node, Some(error)) => {
            tracing::debug!(
                path = error.path,
                message = error.message,
                "the store withholds fields"
            );
            Ok(node)
        }
        (node, None) => Ok(node),
    }
}

/// The body of an object as it goes into the inbox.
pub(super) fn bytes(node: &Value) -> Result<Vec<u8>, ProviderError> {
    serde_json::to_vec(node).map_err(|error| broken(error.to_string()))
}

fn read_object(node: &Value) -> Result<ReadObject, ProviderError> {
    let updated_at = Timestamp::parse(updated_at(node)?);
    let updated_at = updated_at.map_err(|error| broken(format!("updatedAt: {error}")))?;
    Ok(ReadObject { id: id_of(node)?, updated_at, body: bytes(node)? })
}

fn id_of(node: &Value) -> Result<ExternalId, ProviderError> {
    let id = node["id"].as_str().and_then(Id::parse);
    id.map(|id| ExternalId(id.0)).ok_or_else(|| broken("an object without an id"))
}

fn updated_at(node: &Value) -> Result<&str, ProviderError> {
    node["updatedAt"].as_str().ok_or_else(|| broken("an object without updatedAt"))
}

fn items<'a>(node: &'a mut Value, name: &str) -> impl Iterator<Item = &'a mut Value> {
    node.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten()
}

/// The cursor of a connection's next page.
fn next_of(connection: &Value) -> Option<String> {
    let info = connection.get("pageInfo")?;
    let more = info.get("hasNextPage")?.as_bool()?;
    if more { info.get("endCursor")?.as_str().map(str::to_owned) } else { None }
}

/// Whether any connection in it goes on.
fn is_cut(value: &Value) -> bool {
    match value {
        Value::Object(fields) => {
            let here = fields.get("pageInfo").and_then(|info| info.get("hasNextPage"));
            here.and_then(Value::as_bool).unwrap_or(false) || fields.values().any(is_cut)
        }
        Value::Array(values) => values.iter().any(is_cut),
        _ => false,
    }
}

/// Takes the paging out, which depends on how the object was read and not on what it is.
fn close(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("pageInfo");
            fields.values_mut().for_each(close);
        }
        Value::Array(values) => values.iter_mut().for_each(close),
        _ => {}
    }
}
