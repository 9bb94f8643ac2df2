//! The gateway, as the author of a mapper reaches it.

use std::time::Duration;

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use super::ToolError;

/// How long an answer may take: the gateway may compile a large component for a minute and a half.
const ANSWER_MAX: Duration = Duration::from_mins(2);

/// A gateway with a token for a business.
pub(super) struct Gateway {
    client: Client,
    address: String,
    business: String,
    token: String,
}

impl Gateway {
    pub(super) fn new(address: &str, business: &str, token: String) -> Result<Self, ToolError> {
        // Neither the token nor the component is for whatever the gateway might point to.
        let redirects = reqwest::redirect::Policy::none();
        let client = Client::builder().redirect(redirects).timeout(ANSWER_MAX).build();
        let client = client.map_err(|error| ToolError::wrong(error.to_string()))?;
        let address = address.trim_end_matches('/').to_owned();
        Ok(Self { client, address, business: business.to_owned(), token })
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Uploads a component. Answers with the version that the gateway made of it.
    pub(super) async fn upload(&self, component: Vec<u8>) -> Result<Value, ToolError> {
        let request = self.client.put(format!("{}/mappers/{}", self.address, self.business));
        let answer = self.send(request.body(component)).await?;
        if answer["ok"] == true {
            return Ok(answer);
        }
        Err(ToolError::wrong(format!("the upload was refused: {}", named(&answer))))
    }

    /// Calls a mutation with one `input`, to which the business is added. Answers with the payload.
    pub(super) async fn mutate(
        &self,
        name: &str,
        mut input: Value,
        selection: &str,
    ) -> Result<Value, ToolError> {
        input["businessId"] = json!(self.business);
        let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
        let document = format!(
            "mutation($input: {kind}!) {{ {name}(input: $input) {{ {selection} userErrors {{ field message code }} }} }}"
        );
        let mut data = self.execute(&document, json!({ "input": input })).await?;
        let payload = data[name].take();
        match payload["userErrors"].as_array().and_then(|errors| errors.first()) {
            Some(error) => Err(ToolError::wrong(format!("{name}: {}", named(error)))),
            None => Ok(payload),
        }
    }

    /// Asks a query, to whose variables the business is added.
    pub(super) async fn ask(
        &self,
        document: &str,
        mut variables: Value,
    ) -> Result<Value, ToolError> {
        variables["businessId"] = json!(self.business);
        self.execute(document, variables).await
    }

    async fn execute(&self, document: &str, variables: Value) -> Result<Value, ToolError> {
        let body = json!({ "query": document, "variables": variables });
        let request = self.client.post(format!("{}/graphql", self.address)).json(&body);
        let mut answer = self.send(request).await?;
        match answer["errors"].as_array().and_then(|errors| errors.first()) {
            Some(error) => {
                let code = error["extensions"]["code"].as_str().unwrap_or("unknown");
                let message = error["message"].as_str().unwrap_or_default();
                Err(ToolError::wrong(format!("{code}: {message}")))
            }
            None => Ok(answer["data"].take()),
        }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Value, ToolError> {
        let sent = request.bearer_auth(&self.token).send().await;
        let answer = sent.map_err(|error| {
            // Whoever may not upload is refused before the component was read, and a refusal is lost with the connection.
            let why = match () {
                () if error.is_connect() => "nobody listens there",
                () if error.is_timeout() => "it takes too long",
                () => "it hung up, as it does on whoever may not upload: the token needs the role admin",
            };
            ToolError::wrong(format!("{} does not answer: {why}", self.address))
        })?;
        let status = answer.status();
        answer.json().await.map_err(|_| {
            let text = format!("{} answered {status} and no JSON: is it a gateway?", self.address);
            ToolError::wrong(text)
        })
    }
}

/// A refusal in a line: code, message, and which argument it is about.
fn named(refusal: &Value) -> String {
    let text = |field: &str| refusal[field].as_str().unwrap_or_default().to_owned();
    let path: Vec<&str> =
        refusal["field"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    match path.as_slice() {
        [] => format!("{}: {}", text("code"), text("message")),
        path => format!("{}: {}: {}", text("code"), path.join("."), text("message")),
    }
}
