//! The bytes of uploads and datasets: ranges, conditions, negotiation, and nothing that a browser would run.

use super::json_rows::json_rows;
use super::{answer, ctx, header, id_of, query};
use crate::key::Key;
use crate::model::Bucket;
use crate::store::objects::Object;
use crate::{Service, media};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header as names};
use axum::response::{IntoResponse, Response};
use castalia_base::{Error, Kind, Timestamp};
use castalia_http::{ByteRange, Problem, disposition, parse_range};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

/// In which form.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(super) struct ContentQuery {
    /// `json` for a table as an array of objects, `csv` for a table as it is; as stored unless told.
    #[serde(rename = "as")]
    form: Option<String>,
    /// Whether to ask the browser to save it.
    #[serde(default)]
    download: bool,
}

/// One file that was asked for.
struct File {
    bucket: Bucket,
    key: Key,
    name: String,
    media_type: String,
}

/// The form in which it goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Stored,
    /// A table with this delimiter, as JSON.
    Json(u8),
}

pub(super) async fn dataset(State(service): State<Arc<Service>>, request: Request) -> Response {
    let run = async {
        let (ctx, asked) = (ctx(&request)?, query(&request)?);
        let headers = request.headers().clone();
        let (id, _) = id_of(request).await?;
        let found = service.get_dataset(&ctx, &id).await?.dataset;
        let bucket = service.bucket_of(found.project.as_str()).await?;
        let file =
            File { bucket, key: Key::parse(&found.key)?, name: found.name, media_type: found.media_type };
        send(&service, headers, asked, file).await
    };
    answer(run.await)
}

pub(super) async fn upload(State(service): State<Arc<Service>>, request: Request) -> Response {
    let run = async {
        let (ctx, asked) = (ctx(&request)?, query(&request)?);
        let headers = request.headers().clone();
        let (id, _) = id_of(request).await?;
        let found = service.get_upload(&ctx, &id).await?;
        let bucket = service.bucket_of(found.project.as_str()).await?;
        let file =
            File { bucket, key: Key::parse(&found.key)?, name: found.name, media_type: found.media_type };
        send(&service, headers, asked, file).await
    };
    answer(run.await)
}

async fn send(
    service: &Service,
    headers: HeaderMap,
    asked: ContentQuery,
    file: File,
) -> Result<Response, Error> {
    let form = match choose(&headers, &asked, &file.media_type) {
        Ok(form) => form,
        Err(error) => return Ok(not_acceptable(error)),
    };
    let (mut fresh, mut partial) = (false, None);
    let choice = |object: &Object| {
        fresh = is_known(&headers, &object.sha256);
        if fresh {
            return Ok(Some(ByteRange { start: 0, end: 0 }));
        }
        partial = range(&headers, object, form)?;
        Ok(partial)
    };
    let (object, part, bytes) = match service.read(&file.bucket, &file.key, choice).await {
        Err(error) if error.code() == "range_not_satisfiable" => return Ok(unsatisfiable(error)),
        read => read?,
    };
    let mut response = match (fresh, form) {
        (true, _) => StatusCode::NOT_MODIFIED.into_response(),
        (false, Form::Json(delimiter)) => Body::from_stream(json_rows(bytes, delimiter)).into_response(),
        (false, Form::Stored) => Body::from_stream(bytes).into_response(),
    };
    describe(response.headers_mut(), &file, &object, form, asked.download);
    if !fresh && form == Form::Stored {
        response.headers_mut().insert(names::CONTENT_LENGTH, HeaderValue::from(part.end - part.start));
    }
    if let Some(part) = partial {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let text = format!("bytes {}-{}/{}", part.start, part.end - 1, object.size);
        set(response.headers_mut(), names::CONTENT_RANGE, &text);
    }
    Ok(response)
}

fn not_acceptable(error: Error) -> Response {
    let mut response = Problem(error).into_response();
    *response.status_mut() = StatusCode::NOT_ACCEPTABLE;
    response
}

fn unsatisfiable(error: Error) -> Response {
    let mut response = Problem(error).into_response();
    *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
    response
}

/// The form that the query and `Accept` allow (RFC 9110 §12.5.1, without weights: ours is the only choice).
fn choose(headers: &HeaderMap, asked: &ContentQuery, media_type: &str) -> Result<Form, Error> {
    let delimiter = media::table_delimiter(media_type);
    let cannot = |wanted: &str| {
        let text = format!("this is {media_type} and can't be given as {wanted}");
        Error::new(Kind::Invalid, "not_acceptable", text)
    };
    match (asked.form.as_deref(), delimiter) {
        (Some("json"), Some(delimiter)) => return Ok(Form::Json(delimiter)),
        (Some("json"), None) if media::essence(media_type) == "application/json" => return Ok(Form::Stored),
        (Some("csv"), Some(b',')) => return Ok(Form::Stored),
        (Some(other), _) => return Err(cannot(other)),
        (None, _) => {}
    }
    let accept = header(headers, "accept").unwrap_or("*/*");
    let kind = media::essence(media_type);
    let family = format!("{}/*", kind.split('/').next().unwrap_or_default());
    let wanted = || accept.split(',').filter(|range| !refuses(range)).map(media::essence);
    if wanted().any(|range| range == "*/*" || range == kind || range == family) {
        return Ok(Form::Stored);
    }
    match delimiter.filter(|_| wanted().any(|range| range == "application/json")) {
        Some(delimiter) => Ok(Form::Json(delimiter)),
        None => Err(cannot(accept)),
    }
}

/// `;q=0` means “anything but this”.
fn refuses(range: &str) -> bool {
    let weight = range.split(';').skip(1).find_map(|part| part.trim().strip_prefix("q="));
    weight.and_then(|text| text.trim().parse::<f32>().ok()).is_some_and(|q| q <= 0.0)
}

fn is_known(headers: &HeaderMap, sha256: &str) -> bool {
    let known = header(headers, "if-none-match").unwrap_or_default();
    known
        .split(',')
        .map(|tag| tag.trim().trim_start_matches("W/").trim_matches('"'))
        .any(|tag| tag == "*" || tag == sha256)
}

fn range(headers: &HeaderMap, object: &Object, form: Form) -> Result<Option<ByteRange>, Error> {
    let same = header(headers, "if-range").is_none_or(|tag| tag.trim_matches('"') == object.sha256);
    if form != Form::Stored || !same {
        return Ok(None);
    }
    parse_range(header(headers, "range"), object.size)
}

fn describe(headers: &mut HeaderMap, file: &File, object: &Object, form: Form, download: bool) {
    let kind = if form == Form::Stored { file.media_type.as_str() } else { "application/json" };
    set(headers, names::CONTENT_TYPE, kind);
    let tag = if form == Form::Stored {
        format!("\"{}\"", object.sha256)
    } else {
        format!("W/\"{}\"", object.sha256)
    };
    set(headers, names::ETAG, &tag);
    set(headers, names::LAST_MODIFIED, &http_date(object.modified));
    set(headers, names::VARY, "accept");
    set(headers, names::CACHE_CONTROL, "private, no-cache");
    if form == Form::Stored {
        set(headers, names::ACCEPT_RANGES, "bytes");
    }
    set(headers, names::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'");
    set(headers, names::X_CONTENT_TYPE_OPTIONS, "nosniff");
    let way = if download || !media::is_inert(kind) { "attachment" } else { "inline" };
    set(headers, names::CONTENT_DISPOSITION, &disposition(way, &file.name));
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    // Media types and names were checked when they were stored; what still can't be a header is left out.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// RFC 9110 §5.6.7.
pub(super) fn http_date(at: Timestamp) -> String {
    let days = at.0.div_euclid(86_400_000);
    let seconds = at.0.rem_euclid(86_400_000) / 1000;
    let weekday =
        ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][usize::try_from(days.rem_euclid(7)).unwrap_or(0)];
    let date = at.to_string();
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month =
        date.get(5..7).and_then(|m| m.parse::<usize>().ok()).and_then(|m| months.get(m.wrapping_sub(1)));
    let (year, day) = (date.get(..4).unwrap_or("1970"), date.get(8..10).unwrap_or("01"));
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{weekday}, {day} {} {year} {h:02}:{m:02}:{s:02} GMT", month.unwrap_or(&"Jan"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_http_wants_them() {
        // The example of RFC 9110 §5.6.7.
        assert_eq!(http_date(Timestamp(784_111_777_000)), "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn forms_are_chosen_by_query_and_accept() {
        let ask = |accept: &'static str, form: Option<&str>, kind: &str| {
            let headers = HeaderMap::from_iter([(names::ACCEPT, HeaderValue::from_static(accept))]);
            let asked = ContentQuery { form: form.map(str::to_owned), download: false };
            choose(&headers, &asked, kind).ok()
        };
        assert_eq!(ask("*/*", None, "text/csv"), Some(Form::Stored));
        assert_eq!(ask("application/json", None, "text/csv"), Some(Form::Json(b',')));
        assert_eq!(ask("text/*;q=0.5", None, "text/csv; charset=utf-8"), Some(Form::Stored));
        assert_eq!(ask("image/png", None, "text/csv"), None);
        assert_eq!(ask("text/csv;q=0, image/png", None, "text/csv"), None);
        assert_eq!(ask("*/*", Some("json"), "text/tab-separated-values"), Some(Form::Json(b'\t')));
        assert_eq!(ask("*/*", Some("csv"), "image/png"), None);
    }
}
