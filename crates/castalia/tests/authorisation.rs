//! Walks the OpenAPI document: every operation, without a credential, with a stranger's, and with a token whose
//! scopes leave the permission out. An operation without a case here fails the test.

mod support;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use support::Server;

/// What stands for each `{parameter}` of a path: things of the project `demo` that exist.
struct Things {
    process: String,
    upload: String,
    user: String,
    workspace: String,
    notebook: String,
}

impl Things {
    async fn make(server: &Server) -> Self {
        server.shell_types(&[("hello", "echo hello")]).await;
        let process = server.submit("hello", json!({})).await;
        server.ended(&process).await;
        let upload = reqwest::Client::new()
            .put(format!("{}/api/uploads?project=demo&name=walk.txt", server.url))
            .bearer_auth(&server.token)
            .body("hello")
            .send()
            .await
            .expect("answers");
        let upload: Value = upload.json().await.expect("an upload");
        let me = server.get("/api/me").await;
        let (_, workspace) =
            server.post("/api/workspaces", json!({"service": "files", "project": "demo"})).await;
        let (_, notebook) = server.post("/api/notebooks", json!({"name": "walk", "project": "demo"})).await;
        Self {
            notebook: notebook["id"].as_str().expect("an id").to_owned(),
            workspace: workspace["name"].as_str().expect("a name").to_owned(),
            process,
            upload: upload["id"].as_str().expect("an id").to_owned(),
            user: me["id"].as_str().or(me["user"]["id"].as_str()).expect("an id").to_owned(),
        }
    }

    /// A path with its parameters filled in; panics for one that has no case here.
    fn fill(&self, path: &str) -> String {
        let mut filled = path.to_owned();
        while let Some(start) = filled.find('{') {
            let end = filled.find('}').expect("closes");
            let value = self.value(path, &filled[start + 1..end]);
            filled.replace_range(start..=end, &value);
        }
        filled
    }

    fn value(&self, path: &str, parameter: &str) -> String {
        let noun = path.split('/').nth(2).unwrap_or_default();
        match (noun, parameter) {
            ("processes", "id") => self.process.clone(),
            ("processes", "version") => "1".into(),
            ("notebooks", "id") => self.notebook.clone(),
            ("notebooks", "v") => "nbv_01JDDDDDDDDDDDDDDDDDDDDDDD".into(),
            ("notebooks", "conflict") => "abcdef012345".into(),
            ("notebooks", "comment") => "com_01JDDDDDDDDDDDDDDDDDDDDDDD".into(),
            ("notebooks", "output") => "out_none".into(),
            ("notebooks", "name") => "walked".into(),
            ("uploads", "id") => self.upload.clone(),
            ("datasets", "id") => "ds_01JDDDDDDDDDDDDDDDDDDDDDDD".into(),
            ("projects", "project") => "demo".into(),
            ("projects", "figure") => "fig_01JDDDDDDDDDDDDDDDDDDDDDDD".into(),
            ("projects" | "users", "user" | "id" | "name") => self.user.clone(),
            ("tokens", "id" | "token") => "tok_01JDDDDDDDDDDDDDDDDDDDDDDD".into(),
            ("sessions" | "account" | "me" | "auth", _) => "ses_01JDDDDDDDDDDDDDDDDDDDDDDD".into(),
            ("roles", _) => "walker".into(),
            ("environments", "name") => "test".into(),
            ("process-types", "name") => "hello".into(),
            ("actions", "name") => "processes.list".into(),
            ("workspaces", "workspace") | ("api" | "spawn", "server") => self.workspace.clone(),
            ("workspaces" | "api" | "spawn", "user") => "demo".into(),
            ("workspace-orphans", "unit") => "unit_01JDDDDDDDDDDDDDDDDDDDDDDD_r1".into(),
            ("services", "service") => "files".into(),
            ("api", "token") => "tok_01JDDDDDDDDDDDDDDDDDDDDDDD".into(),
            ("user-redirect", _) => "lab".into(),
            ("storage", _) => "CASAAAAAAAAAAAAAAAAA".into(),
            _ => panic!("no case for `{parameter}` in {path}: add one"),
        }
    }
}

/// The query that an operation needs to be understood at all.
fn query(operation: &Value) -> String {
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let needed = parameters.iter().filter(|p| p["in"] == "query" && p["required"] == true);
    let pairs: Vec<String> = needed
        .map(|p| {
            let name = p["name"].as_str().expect("a name");
            let value = match name {
                "project" => "demo",
                "a" | "b" | "at" => "1",
                _ => "walk",
            };
            format!("{name}={value}")
        })
        .collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_refuses_whoever_lacks_its_permission() {
    let server = Server::start().await;
    let things = Things::make(&server).await;
    let (status, _) = server
        .post("/api/users", json!({"name": "stranger", "password": "stranger-password", "roles": []}))
        .await;
    assert!(status.is_success());
    let stranger = server.api_token("stranger", "stranger-password").await;
    let body = json!({"name": "narrow", "scopes": ["nothing.at-all"]});
    let (_, narrow) = server.post("/api/tokens", body).await;
    let narrow = narrow["secret"].as_str().expect("a token").to_owned();
    let document = server.get("/api/openapi.json").await;
    let mut walked = 0;
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let permission = operation["x-permission"]
                .as_str()
                .unwrap_or_else(|| panic!("{method} {path} says no x-permission"));
            let verb: Method = method.to_uppercase().parse().expect("a method");
            let target = format!("{}{}", things.fill(path), query(operation));
            let body = operation["requestBody"].is_object().then(|| json!({}));
            walked += 1;
            if permission == "none" {
                continue;
            }
            let (status, answer) = server.call_as("", verb.clone(), &target, body.clone()).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{method} {target} without a credential: {answer}");
            let (status, answer) = server.call_as("cas_wrong", verb.clone(), &target, body.clone()).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{method} {target} with a wrong token: {answer}");
            let (status, answer) = server.call_as(&narrow, verb.clone(), &target, body.clone()).await;
            assert_eq!(
                status,
                StatusCode::FORBIDDEN,
                "{method} {target} with a token without `{permission}`: {answer}"
            );
            // Everybody who is signed in has `account.*`; what is behind it is their own.
            if permission.starts_with("account.") {
                continue;
            }
            let (status, answer) = server.call_as(&stranger, verb, &target, body).await;
            let refused = matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND);
            // A list across projects is empty for a stranger instead.
            let empty = status == StatusCode::OK
                && answer["items"].as_array().or(answer.as_array()).is_some_and(Vec::is_empty);
            assert!(refused || empty, "{method} {target} as a stranger: {status} {answer}");
        }
    }
    assert!(walked > 60, "only {walked} operations were walked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn actions_check_the_same_permissions() {
    let server = Server::start().await;
    let (status, _) = server
        .post("/api/users", json!({"name": "stranger", "password": "stranger-password", "roles": []}))
        .await;
    assert!(status.is_success());
    let stranger = server.api_token("stranger", "stranger-password").await;
    let actions = server.get("/api/actions").await;
    for action in actions.as_array().expect("a list") {
        let name = action["name"].as_str().expect("a name");
        if action["permission"].as_str().expect("a permission").starts_with("account.") {
            continue;
        }
        let (status, answer) = server
            .call_as(
                &stranger,
                Method::POST,
                &format!("/api/actions/{name}"),
                Some(json!({"project": "demo"})),
            )
            .await;
        let refused = matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND);
        let empty = status == StatusCode::OK && answer["items"].as_array().is_some_and(Vec::is_empty);
        assert!(refused || empty, "{name} as a stranger: {status} {answer}");
    }
}

/// Of JupyterHub's API these tell nobody anything: the version, health, and what begins or ends a session.
const OPEN: &[&str] = &[
    "/hub/api",
    "/hub/api/",
    "/hub/api/health",
    "/hub/health",
    "/hub/api/oauth2/authorize",
    "/hub/api/oauth2/token",
    "/hub/login",
    "/hub/logout",
    "/hub/home",
    "/hub/",
    "/hub/user-redirect/{path}",
];

/// JupyterHub's API decides by itself, in JupyterHub's way: 403 for nobody, 404 for what one may not know of.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jupyterhubs_api_refuses_whoever_may_not() {
    let server = Server::start().await;
    let things = Things::make(&server).await;
    let body = json!({"name": "stranger", "password": "stranger-password", "roles": []});
    assert!(server.post("/api/users", body).await.0.is_success());
    let stranger = server.api_token("stranger", "stranger-password").await;
    let document = server.get("/api/openapi.json").await;
    let mut walked = 0;
    for (path, methods) in document["paths"].as_object().expect("paths") {
        if !path.starts_with("/hub") || OPEN.contains(&path.as_str()) {
            continue;
        }
        for method in methods.as_object().expect("methods").keys() {
            let verb: Method = method.to_uppercase().parse().expect("a method");
            let target = things.fill(path);
            for nobody in ["", "cas_wrong"] {
                let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
                let request = client
                    .build()
                    .expect("a client")
                    .request(verb.clone(), format!("{}{target}", server.url));
                let request = if nobody.is_empty() { request } else { request.bearer_auth(nobody) };
                let status = request.send().await.expect("answers").status();
                let sent_away = path.starts_with("/hub/spawn") && status == StatusCode::SEE_OTHER;
                assert!(
                    status == StatusCode::FORBIDDEN || sent_away,
                    "{method} {target} for nobody: {status}"
                );
            }
            // What is one's own, or empty, may be read.
            if matches!(
                path.as_str(),
                "/hub/api/user" | "/hub/api/info" | "/hub/api/groups" | "/hub/api/services"
            ) {
                continue;
            }
            let (status, answer) =
                server.call_as(&stranger, verb, &target, Some(json!({"usernames": ["x"]}))).await;
            let refused =
                matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST);
            assert!(refused, "{method} {target} as a stranger: {status} {answer}");
            walked += 1;
        }
    }
    assert!(walked > 18, "only {walked} operations were walked");
}
