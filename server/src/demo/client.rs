//! A caller of the gateway's own GraphQL API: the demonstration and the tests come in by the front door.

use std::time::Duration;

use serde_json::{Value, json};

/// How long an answer may take.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// Rows of a page.
const PAGE_ROWS: u32 = 100;

/// Why a call did not give what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The gateway did not answer.
    #[error("no answer: {0}")]
    Transport(#[from] reqwest::Error),
    /// The gateway answered with errors.
    #[error("refused: {0}")]
    Refused(String),
}

/// A caller with a token.
#[derive(Clone, Debug)]
pub struct Caller {
    client: reqwest::Client,
    url: String,
    token: String,
    business: String,
}

impl Caller {
    /// A caller at `base`, for instance `http://127.0.0.1:4000`, with rights in a business.
    pub fn new(base: &str, token: &str, business: &str) -> Result<Self, CallError> {
        // Redirects are looked at, not followed: the merchant's way is one of redirects.
        let redirects = reqwest::redirect::Policy::none();
        let client = reqwest::Client::builder()
            .redirect(redirects)
            .no_proxy()
            .timeout(ANSWER_MAX)
            .build()?;
        Ok(Self {
            client,
            url: format!("{base}/graphql"),
            token: token.to_owned(),
            business: business.to_owned(),
        })
    }

    /// The business that it calls for.
    pub fn business(&self) -> &str {
        &self.business
    }

    /// The HTTP client, for what is not GraphQL.
    pub fn http(&self) -> &reqwest::Client {
        &self.client
    }

    /// Sends a document and returns its `data`. `variables` get the business as `businessId`.
    pub async fn call(&self, document: &str, mut variables: Value) -> Result<Value, CallError> {
        variables["businessId"] = Value::String(self.business.clone());
        let (mut answer, _) = self.send(document, variables).await?;
        Ok(answer["data"].take())
    }

    /// Sends a mutation with one `input`, and refuses `userErrors`.
    pub async fn mutate(
        &self,
        name: &str,
        mut input: Value,
        selection: &str,
    ) -> Result<(Value, Vec<String>), CallError> {
        input["businessId"] = Value::String(self.business.clone());
        let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
        let document = format!(
            "mutation($input: {kind}!) {{ {name}(input: $input) {{ {selection} userErrors {{ field message code }} }} }}"
        );
        let (mut answer, cookies) = self.send(&document, json!({ "input": input })).await?;
        let mut payload = answer["data"][name].take();
        let refused = payload["userErrors"].take();
        if refused.as_array().is_some_and(|errors| !errors.is_empty()) {
            return Err(CallError::Refused(refused.to_string()));
        }
        Ok((payload, cookies))
    }

    /// Sends a document; refuses `errors`. Returns the answer and the cookies that came with it.
    async fn send(
        &self,
        document: &str,
        variables: Value,
    ) -> Result<(Value, Vec<String>), CallError> {
        let body = json!({ "query": document, "variables": variables });
        let request = self.client.post(&self.url).bearer_auth(&self.token).json(&body);
        let answer = request.send().await?;
        let cookies = answer.headers().get_all("set-cookie").iter();
        let cookies = cookies.filter_map(|cookie| Some(cookie.to_str().ok()?.to_owned())).collect();
        let answer: Value = answer.json().await?;
        match answer.get("errors") {
            Some(errors) => Err(CallError::Refused(errors.to_string())),
            None => Ok((answer, cookies)),
        }
    }

    /// All rows of a list, page by page.
    pub async fn all(&self, list: &str, selection: &str) -> Result<Vec<Value>, CallError> {
        let document = format!(
            "query($businessId: ID!, $first: Int!, $after: String) {{
                {list}(businessId: $businessId, first: $first, after: $after) {{
                    nodes {{ {selection} }} pageInfo {{ hasNextPage endCursor }}
                }}
            }}"
        );
        let (mut rows, mut after) = (Vec::new(), Value::Null);
        loop {
            let variables = json!({ "first": PAGE_ROWS, "after": after });
            let mut page = self.call(&document, variables).await?[list].take();
            if let Value::Array(nodes) = page["nodes"].take() {
                rows.extend(nodes);
            }
            if page["pageInfo"]["hasNextPage"] != true {
                return Ok(rows);
            }
            after = page["pageInfo"]["endCursor"].take();
        }
    }
}
