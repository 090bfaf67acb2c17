//! `/metrics`, in Prometheus' text format.

use super::App;
use super::reply::answer;
use castalia_compute::health::State;
use castalia_proxy::Body;
use hyper::Response;
use std::fmt::Write;
use std::sync::atomic::Ordering::Relaxed;

const STATES: [State; 5] =
    [State::Starting, State::Healthy, State::Degraded, State::Unhealthy, State::Stopped];

impl App {
    pub(super) fn metrics(&self) -> Response<Body> {
        let mut out = String::new();
        let mut family = |name: &str, kind: &str, help: &str, lines: Vec<(String, f64)>| {
            let name = format!("castalia_workspace_{name}");
            // Writing to a string does not fail.
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
            for (labels, value) in lines {
                let _ = writeln!(out, "{name}{labels} {value}");
            }
        };
        let seconds = |ms: i64| ms as f64 / 1000.0;
        let one = |value: f64| vec![(String::new(), value)];
        let all = self.supervisor.list();
        let each = |value: &dyn Fn(&crate::supervisor::Service) -> f64| {
            all.iter()
                .map(|s| (format!("{{service=\"{}\"}}", s.definition.name), value(s)))
                .collect::<Vec<_>>()
        };
        family(
            "requests_total",
            "counter",
            "Requests that came in.",
            one(self.requests.load(Relaxed) as f64),
        );
        family(
            "refused_total",
            "counter",
            "Requests that were not let in.",
            one(self.refused.load(Relaxed) as f64),
        );
        family(
            "start_time_seconds",
            "gauge",
            "When the workspace was started.",
            one(seconds(self.started.0)),
        );
        let last = seconds(self.last_activity().0);
        family("last_activity_seconds", "gauge", "When the workspace was last used.", one(last));
        let states = all.iter().flat_map(|s| {
            let now = s.status().state;
            STATES.map(|state| {
                let labels = format!("{{service=\"{}\",state=\"{state}\"}}", s.definition.name);
                (labels, if state == now { 1.0 } else { 0.0 })
            })
        });
        family("service_state", "gauge", "1 for the state that a service is in.", states.collect());
        family(
            "service_restarts_total",
            "counter",
            "How often a service was started again.",
            each(&|s| f64::from(s.status().restarts)),
        );
        let sockets = |s: &crate::supervisor::Service| s.route().map_or(0, |r| r.activity().sockets) as f64;
        family("service_sockets", "gauge", "Open WebSockets of a service.", each(&sockets));
        let total = |s: &crate::supervisor::Service| s.route().map_or(0, |r| r.activity().total) as f64;
        family(
            "service_requests_total",
            "counter",
            "Requests to a service since its last start.",
            each(&total),
        );
        let ready = |s: &crate::supervisor::Service| {
            s.status().ready_after_ms.map_or(f64::NAN, |ms| ms as f64 / 1000.0)
        };
        family("service_ready_seconds", "gauge", "How long a service took until it answered.", each(&ready));
        answer(200, "text/plain; version=0.0.4; charset=utf-8", out)
    }
}
