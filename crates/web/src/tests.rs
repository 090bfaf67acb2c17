use super::*;
use http_body_util::BodyExt;
use std::io::Write;

const HTML: &str = "<!doctype html><html><head><base href=\"/\" /></head></html>";

fn built() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("assets")).expect("a folder");
    std::fs::write(folder.path().join(PAGE), HTML).expect("written");
    std::fs::write(folder.path().join("assets/app-1a2b.js.br"), b"not really brotli").expect("written");
    let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    zip.write_all(b"let a = 1;").expect("zipped");
    std::fs::write(folder.path().join("assets/app-1a2b.js.gz"), zip.finish().expect("zipped"))
        .expect("written");
    std::fs::write(folder.path().join("secret"), b"not a file of the app").expect("written");
    folder
}

fn app(folder: &tempfile::TempDir, prefix: &str) -> App {
    App::new(Source::Folder(folder.path().into()), prefix)
}

fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).expect("a value"))).collect()
}

async fn text(response: Response<Body>) -> String {
    let bytes = response.into_body().collect().await.expect("a body").to_bytes();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn every_page_knows_its_prefix() {
    let folder = built();
    for (prefix, base) in [("", "/"), ("/", "/"), ("/t/acme", "/t/acme/"), ("t/\"x/", "/t/&quot;x/")] {
        let app = app(&folder, prefix);
        for path in ["/", "", "/index.html", "/projects/demo/processes/proc_1"] {
            let response = app.answer(&Method::GET, path, &HeaderMap::new()).expect("the page");
            assert_eq!(response.status(), 200, "{path}");
            assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
            let policy =
                response.headers()[header::CONTENT_SECURITY_POLICY].to_str().expect("text").to_owned();
            assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{policy}");
            assert!(text(response).await.contains(&format!("<base href=\"{base}\" />")), "{path}");
        }
    }
}

#[test]
fn outputs_run_without_an_origin_or_a_network() {
    let folder = built();
    std::fs::write(folder.path().join(FRAME), HTML).expect("written");
    let response =
        app(&folder, "/").answer(&Method::GET, "/output-frame.html", &HeaderMap::new()).expect("it");
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
    let policies: Vec<_> = response.headers().get_all(header::CONTENT_SECURITY_POLICY).iter().collect();
    let [policy] = policies[..] else { panic!("one policy, not {policies:?}") };
    let policy = policy.to_str().expect("text");
    assert!(policy.starts_with("sandbox allow-scripts; default-src 'none';"), "{policy}");
    assert!(!policy.contains("allow-same-origin") && !policy.contains("connect-src"), "{policy}");
}

#[test]
fn the_page_is_sent_once() {
    let folder = built();
    let ask = |headers| app(&folder, "/").answer(&Method::GET, "/", &headers).expect("the page");
    let tag = ask(HeaderMap::new()).headers()[header::ETAG].to_str().expect("text").to_owned();
    assert_eq!(ask(headers(&[(header::IF_NONE_MATCH, &tag)])).status(), 304);
    assert_eq!(ask(headers(&[(header::IF_NONE_MATCH, "\"another\"")])).status(), 200);
}

#[test]
fn what_is_not_there_is_not_answered_with_the_page() {
    let folder = built();
    let app = app(&folder, "/");
    let none = [
        "/assets/gone-1.js",
        "/favicon.ico",
        "/api/nope",
        "/api",
        "/health",
        "/user/ann/lab.html",
        "/assets/../../../etc/passwd.txt",
        "/assets/%2e%2e/x.js",
        "//etc/passwd.txt",
    ];
    for path in none {
        assert!(app.answer(&Method::GET, path, &HeaderMap::new()).is_none(), "{path}");
    }
    assert!(app.answer(&Method::POST, "/projects", &HeaderMap::new()).is_none());
    // A path without an extension is a page of the app, never the file of that name.
    let page = app.answer(&Method::GET, "/secret", &HeaderMap::new()).expect("the page");
    assert_eq!(page.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
}

#[tokio::test]
async fn files_come_as_the_client_takes_them() {
    let folder = built();
    let app = app(&folder, "/");
    for (accepted, encoding) in [
        ("gzip, deflate, br", Some("br")),
        ("br;q=0, gzip", Some("gzip")),
        ("gzip", Some("gzip")),
        ("identity", None),
    ] {
        let asked = headers(&[(header::ACCEPT_ENCODING, accepted)]);
        let response = app.answer(&Method::GET, "/assets/app-1a2b.js", &asked).expect("the file");
        let sent = response.headers();
        assert_eq!(sent[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
        assert_eq!(sent[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_eq!(sent[header::VARY], "accept-encoding");
        assert_eq!(sent.get(header::CONTENT_ENCODING).map(|e| e.to_str().expect("text")), encoding);
        if encoding.is_none() {
            assert_eq!(text(response).await, "let a = 1;");
        }
    }
}

#[tokio::test]
async fn a_build_without_the_app_says_so() {
    let empty = tempfile::tempdir().expect("a folder");
    let app = app(&empty, "/");
    assert!(app.state().starts_with("absent"));
    let response = app.answer(&Method::GET, "/projects", &HeaderMap::new()).expect("a page");
    assert_eq!(response.status(), 503);
    assert!(text(response).await.contains("make build"));
}
