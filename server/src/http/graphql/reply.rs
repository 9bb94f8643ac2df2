//! Writes an answer: media type, status, body.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

use super::accept::{Accept, Media};
use super::present::Presented;
use crate::error::Problem;
use crate::telemetry::RequestId;

/// The answer to a well-formed request. In the old media type the status is about the transport only.
pub(crate) fn whole(presented: &Presented, accept: &Accept) -> Response {
    let media = accept.single().unwrap_or(Media::Json);
    let status = match media {
        Media::GraphqlJson | Media::EventStream if presented.is_refused() => {
            StatusCode::BAD_REQUEST
        }
        _ if presented.is_refused() && accept.prefers_events() => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    write(presented, status, media)
}

/// The answer to a request that came to nothing, with the status that says so in every media type.
pub(crate) fn problem(
    problem: &Problem,
    status: StatusCode,
    accept: &Accept,
    id: &RequestId,
) -> Response {
    let media = accept.single().unwrap_or(Media::Json);
    let mut response = write(&Presented::problem(problem, id), status, media);
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

fn write(presented: &Presented, status: StatusCode, media: Media) -> Response {
    let body = serde_json::to_vec(presented).unwrap_or_else(|error| {
        tracing::error!(%error, "an answer could not be written");
        br#"{"errors":[{"message":"Internal server error"}]}"#.to_vec()
    });
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in presented.headers() {
        headers.append(name, value.clone());
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.append(header::VARY, HeaderValue::from_static("accept"));
    response
}
