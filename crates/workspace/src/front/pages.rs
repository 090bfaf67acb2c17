//! Pages for people.

use super::App;
use super::reply::{escape, page, problem};
use crate::access::Visitor;
use crate::supervisor::{Origin, Service};
use castalia_compute::health::State;
use castalia_proxy::Body;
use hyper::Response;
use hyper::header::{self, HeaderValue};

/// A refusal: a page for people, a problem for programs.
pub(super) fn refusal(person: bool, status: u16, code: &str, why: &str) -> Response<Body> {
    if !person {
        return problem(status, code, why);
    }
    let title = match status {
        403 => "Not allowed",
        404 => "Nothing is here",
        502 => "The hub is away",
        _ => "This did not work",
    };
    page(status, title, "", &format!("<p>{}</p>", escape(&sentence(why))), None)
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

/// The page to sign in when there is no hub.
pub(super) fn login(
    status: u16,
    prefix: &str,
    next: &str,
    password: bool,
    wrong: Option<&str>,
) -> Response<Body> {
    let what = if password { "Token or password" } else { "Token" };
    let wrong = wrong
        .map(|words| format!("<p class=\"bad\" role=\"alert\">{}</p>", escape(words)))
        .unwrap_or_default();
    let hint = if password {
        ""
    } else {
        "<p class=\"dim\">The token was printed when the workspace was started.</p>"
    };
    let body = format!(
        "{wrong}<form method=\"post\" action=\"{}login\"><input type=\"hidden\" name=\"next\" value=\"{}\">\
         <label for=\"secret\">{what}</label>\
         <input id=\"secret\" name=\"secret\" type=\"password\" autocomplete=\"current-password\" required autofocus> \
         <button>Sign in</button></form>{hint}",
        escape(prefix),
        escape(next)
    );
    page(status, "Workspace", "", &body, None)
}

/// A service that can't be opened now: for programs a problem, for people a page that looks again by itself.
pub(super) fn not_ready(app: &App, person: bool, service: &Service) -> Response<Body> {
    let (status, title) = (service.status(), service.definition.title());
    let what = match status.state {
        State::Stopped => "is stopped",
        State::Unhealthy => "does not work",
        _ => "is starting",
    };
    let detail = format!("{title} {what}: {}", status.reason);
    let mut answer = if person {
        let list = escape(&format!("{}services", app.prefix));
        let body = format!(
            "<p>{}</p><p class=\"dim\">This page looks again by itself. <a href=\"{list}\">All services</a></p>",
            escape(&sentence(&status.reason))
        );
        page(503, &format!("{title} {what}"), "", &body, None)
    } else {
        problem(503, "not_ready", &detail)
    };
    let headers = answer.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    if person {
        headers.insert("refresh", HeaderValue::from_static("2"));
    }
    answer
}

/// The list of services.
pub(super) fn list(app: &App, visitor: &Visitor) -> Response<Body> {
    let all = app.supervisor.list();
    let busy = all.iter().any(|s| s.status().state == State::Starting);
    let items: String = all.iter().map(|service| item(app, service)).collect();
    let body = format!(
        "<p class=\"dim\">{}</p><ul>{items}</ul><p id=\"said\" class=\"bad\" role=\"alert\"></p>\
         <p><a href=\"{}logout\">Sign out</a></p>",
        escape(&format!("Signed in as {}.", visitor.name)),
        escape(&app.prefix)
    );
    let attributes = format!(
        " data-prefix=\"{}\" data-xsrf=\"{}\" data-busy=\"{}\"",
        escape(&app.prefix),
        escape(&visitor.xsrf),
        if busy { "yes" } else { "no" }
    );
    let title = match app.server_name.as_str() {
        "" => format!("Workspace of {}", app.user),
        name => format!("Workspace {name} of {}", app.user),
    };
    page(200, &title, &attributes, &body, Some(include_str!("../../assets/services.js")))
}

fn item(app: &App, service: &Service) -> String {
    let (d, status) = (&service.definition, service.status());
    let url = super::api::url_of(app, service);
    let title = escape(d.title());
    let heading = if status.state == State::Stopped {
        title
    } else {
        format!("<a href=\"{}\">{title}</a>", escape(&url))
    };
    let button = |order: &str, words: &str| {
        format!(
            "<button type=\"button\" data-order=\"{order}\" data-name=\"{}\">{words}</button> ",
            escape(&d.name)
        )
    };
    let buttons = match (service.origin, status.state) {
        (Origin::Supervised, State::Stopped) => button("start", "Start"),
        (Origin::Supervised, _) => button("restart", "Restart") + &button("stop", "Stop"),
        _ => String::new(),
    };
    let description =
        if d.description.is_empty() { String::new() } else { format!("<p>{}</p>", escape(&d.description)) };
    format!(
        "<li><h2>{heading}</h2>{description}<p><strong>{}</strong> <span class=\"dim\">{}</span></p>{buttons}</li>",
        status.state,
        escape(&status.reason)
    )
}
