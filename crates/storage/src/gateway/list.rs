//! Lists of objects.

use super::Gateway;
use super::access::Scope;
use super::convert::{etag, length, time};
use crate::service::{ListQuery, Listing};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

type Answer<T> = S3Result<S3Response<T>>;

fn limit(max: Option<i32>) -> S3Result<usize> {
    let max = usize::try_from(max.unwrap_or(1000))
        .map_err(|_| s3_error!(InvalidArgument, "max-keys is negative"))?;
    Ok(max.min(1000))
}

/// Names as the client wants them: as they are, or percent-encoded.
struct Names(bool);

impl Names {
    fn of(encoding: Option<&EncodingType>) -> S3Result<Self> {
        match encoding.map(EncodingType::as_str) {
            None => Ok(Self(false)),
            Some("url") => Ok(Self(true)),
            Some(_) => Err(s3_error!(InvalidArgument, "encoding-type can only be url")),
        }
    }
    fn write(&self, text: &str) -> String {
        if !self.0 {
            return text.to_owned();
        }
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~/".contains(&b);
        text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
    }
    fn opt(&self, text: Option<&String>) -> Option<String> {
        text.map(|text| self.write(text))
    }
}

fn contents(page: &Listing, names: &Names) -> (Option<ObjectList>, Option<CommonPrefixList>) {
    let objects = page.objects.iter().map(|object| Object {
        e_tag: Some(etag(&object.etag)),
        key: Some(names.write(&object.key)),
        last_modified: Some(time(object.modified)),
        size: Some(length(object.size)),
        storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
        ..Object::default()
    });
    let prefixes = page.prefixes.iter().map(|prefix| CommonPrefix { prefix: Some(names.write(prefix)) });
    (Some(objects.collect()), Some(prefixes.collect()))
}

impl Gateway {
    pub(super) async fn list_v1(&self, req: S3Request<ListObjectsInput>) -> Answer<ListObjectsOutput> {
        let scope = Scope::of(&req)?;
        let input = req.input;
        let names = Names::of(input.encoding_type.as_ref())?;
        let query = ListQuery {
            prefix: input.prefix.clone().unwrap_or_default(),
            delimiter: input.delimiter.clone(),
            after: input.marker.clone().unwrap_or_default(),
            // A marker that is a folded prefix stands for all that is folded into it.
            after_folded: true,
            limit: limit(input.max_keys)?,
        };
        let page = self.service.list_objects(scope.bucket(), &query).await.map_err(|e| self.error(e))?;
        let (contents, common_prefixes) = contents(&page, &names);
        Ok(S3Response::new(ListObjectsOutput {
            name: Some(input.bucket),
            prefix: Some(names.write(&query.prefix)),
            marker: Some(names.write(&query.after)),
            max_keys: i32::try_from(query.limit).ok(),
            is_truncated: Some(page.next.is_some()),
            next_marker: names.opt(page.next.as_ref()),
            contents,
            common_prefixes,
            delimiter: names.opt(query.delimiter.as_ref()),
            encoding_type: input.encoding_type,
            request_charged: None,
        }))
    }

    pub(super) async fn list_v2(&self, req: S3Request<ListObjectsV2Input>) -> Answer<ListObjectsV2Output> {
        let scope = Scope::of(&req)?;
        let input = req.input;
        let names = Names::of(input.encoding_type.as_ref())?;
        let token = input.continuation_token.as_deref().map(read_token).transpose()?;
        let query = ListQuery {
            prefix: input.prefix.clone().unwrap_or_default(),
            delimiter: input.delimiter.clone(),
            after_folded: token.is_some(),
            after: token.or(input.start_after.clone()).unwrap_or_default(),
            limit: limit(input.max_keys)?,
        };
        let page = self.service.list_objects(scope.bucket(), &query).await.map_err(|e| self.error(e))?;
        let (contents, common_prefixes) = contents(&page, &names);
        let count = page.objects.len() + page.prefixes.len();
        Ok(S3Response::new(ListObjectsV2Output {
            name: Some(input.bucket),
            prefix: Some(names.write(&query.prefix)),
            max_keys: i32::try_from(query.limit).ok(),
            key_count: i32::try_from(count).ok(),
            continuation_token: input.continuation_token,
            is_truncated: Some(page.next.is_some()),
            next_continuation_token: page.next.map(|next| URL_SAFE_NO_PAD.encode(next)),
            contents,
            common_prefixes,
            delimiter: names.opt(query.delimiter.as_ref()),
            encoding_type: input.encoding_type,
            start_after: names.opt(input.start_after.as_ref()),
            request_charged: None,
        }))
    }
}

fn read_token(token: &str) -> S3Result<String> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| s3_error!(InvalidArgument, "the continuation token is not one of ours"))
}
