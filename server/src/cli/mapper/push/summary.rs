//! A shadow report in a few lines.

use std::fmt::Write as _;

use serde_json::Value;

/// Kinds of differences that are shown.
const GROUPS_MAX: usize = 12;
/// Faults that are shown.
const FAULTS_MAX: usize = 5;

/// What the report says.
pub(super) fn told(report: &Value) -> String {
    let mut text = String::new();
    let millis = report["elapsedMillis"].as_u64().unwrap_or_default();
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(text, "compared with what is active, in {millis} ms:");
    side(&mut text, &report["orders"], "orders");
    side(&mut text, &report["products"], "products");
    for money in list(&report["orders"]["money"]) {
        let currency = plain(&money["currency"]);
        for (name, field) in [("total", "total"), ("taxes", "taxTotal")] {
            let amount = |side: &str| plain(&money[field][side]["amount"]);
            let _ = writeln!(
                text,
                "  {name} {}",
                change(&amount("before"), &amount("after"), &currency)
            );
        }
    }
    let stock = &report["orders"]["stock"];
    let (before, after) = (plain(&stock["piecesBefore"]), plain(&stock["piecesAfter"]));
    let _ = writeln!(text, "  stock {}", change(&before, &after, "pieces"));
    let faults = list(&report["faults"]);
    for fault in faults.iter().take(FAULTS_MAX) {
        let (id, code) = (plain(&fault["objectId"]), plain(&fault["code"]));
        let _ = writeln!(text, "  FAULT over {id}: {code}: {}", plain(&fault["detail"]));
    }
    if faults.len() > FAULTS_MAX {
        let _ = writeln!(text, "  and {} more faults", faults.len() - FAULTS_MAX);
    }
    if let Some(slowest) = list(&report["slowest"]).first() {
        let (id, micros) = (plain(&slowest["objectId"]), plain(&slowest["durationMicros"]));
        let _ = writeln!(text, "  slowest run: {micros} µs over {id}");
    }
    text.trim_end().to_owned()
}

fn side(text: &mut String, side: &Value, what: &str) {
    let (differing, compared) = (plain(&side["differing"]), plain(&side["compared"]));
    let _ = writeln!(text, "  {differing} of {compared} {what} would differ");
    let groups = list(&side["groups"]);
    for group in groups.iter().take(GROUPS_MAX) {
        let kind = plain(&group["kind"]).to_lowercase();
        let (pattern, objects) = (plain(&group["pattern"]), plain(&group["objects"]));
        let _ = write!(text, "    {kind} {pattern} in {objects}");
        if let Some(example) = list(&group["examples"]).first() {
            let (id, path) = (plain(&example["objectId"]), plain(&example["path"]));
            let _ = write!(text, ", as in {id}: {path}");
            let value = |side: &str| example[side].as_str();
            if let (Some(_), _) | (_, Some(_)) = (value("before"), value("after")) {
                let shown = |side: &str| value(side).unwrap_or("nothing").to_owned();
                let _ = write!(text, ": {} → {}", shown("before"), shown("after"));
            }
        }
        text.push('\n');
    }
    if groups.len() > GROUPS_MAX {
        let _ = writeln!(text, "    and {} more kinds of differences", groups.len() - GROUPS_MAX);
    }
}

fn change(before: &str, after: &str, unit: &str) -> String {
    if before == after {
        format!("{after} {unit}, as before")
    } else {
        format!("{before} → {after} {unit}")
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_changes_is_said_and_what_does_not_as_well() {
        let side = |differing: u64, groups: Value| {
            json!({
                "compared": 40, "differing": differing, "groups": groups,
                "money": [{
                    "currency": "CAD",
                    "total": {"before": {"amount": "10.00"}, "after": {"amount": "10.00"}},
                    "taxTotal": {"before": {"amount": "1.30"}, "after": {"amount": "1.40"}},
                }],
                "stock": {"piecesBefore": -3, "piecesAfter": -3},
            })
        };
        let example =
            json!({"objectId": "7", "path": "lines[1].net", "before": "1", "after": null});
        let group = json!({"pattern": "lines[].net", "kind": "REMOVED", "objects": 2, "examples": [example]});
        let fault = json!({"objectId": "9", "code": "PLUGIN_TRAPPED", "detail": "unreachable"});
        let report = json!({
            "elapsedMillis": 12, "orders": side(2, json!([group])), "products": side(0, json!([])),
            "faults": [fault], "slowest": [{"objectId": "7", "durationMicros": 55}],
        });
        let expected = "compared with what is active, in 12 ms:
  2 of 40 orders would differ
    removed lines[].net in 2, as in 7: lines[1].net: 1 → nothing
  0 of 40 products would differ
  total 10.00 CAD, as before
  taxes 1.30 → 1.40 CAD
  stock -3 pieces, as before
  FAULT over 9: PLUGIN_TRAPPED: unreachable
  slowest run: 55 µs over 7";
        assert_eq!(told(&report), expected);
    }
}
