//! Counting stock.

use domain::access::{Caller, Role};
use domain::activity::{ActivityKind, NewActivity};
use domain::id::{BusinessId, MovementId};
use domain::stock::Location;
use storage::StockLevel;

use crate::app::App;
use crate::error::Problem;

/// Pieces that a count may give, either way.
const QUANTITY_MAX: i64 = 1_000_000_000;

/// Notes that somebody counted: the ledger gets the difference as a movement, and the sum is what was counted.
pub(crate) async fn set_stock(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    pos_product_id: String,
    location: Option<String>,
    quantity: i64,
) -> Result<StockLevel, Problem> {
    let tenant = app.tenant(caller, business, Role::Operator)?;
    let location = location.as_deref().unwrap_or(Location::DEFAULT);
    let location = Location::named(location)
        .ok_or_else(|| Problem::input("input.location", "must have 1 to 64 plain characters"))?;
    if !(-QUANTITY_MAX..=QUANTITY_MAX).contains(&quantity) {
        return Err(Problem::input("input.quantity", "is out of range"));
    }
    let now = app.now();
    let movement = MovementId::new(now, &app.entropy());
    let level = tenant.set_stock(&pos_product_id, location, quantity, now, movement).await?;
    let event = NewActivity {
        kind: ActivityKind::StockCounted,
        subject: Some(("pos_product".to_owned(), pos_product_id)),
        message: format!("{} pieces counted at {}", level.quantity, level.location.as_str()),
        percent: None,
        at: now,
    };
    tenant.publish(event).await?;
    Ok(level)
}
