//! Where a service listens, and the route that leads to it.

use super::process::Program;
use super::{Service, Supervisor};
use crate::definition::{Fill, Prefix};
use castalia_compute::health::{Place, Probe};
use castalia_proxy::{ActivityRules, HostHeader, Route, RouteOptions, SocketActivity, Target};
use hyper::header::{HeaderName, HeaderValue};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

/// How a service is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// A port on loopback.
    Port(u16),
    /// A Unix socket.
    Socket(PathBuf),
}

impl Supervisor {
    /// Where a service listens from now on.
    pub(super) fn address(&self, service: &Service) -> std::io::Result<Address> {
        let d = &service.definition;
        if d.socket {
            let path = self.surroundings.runtime.join(format!("{}.sock", d.name));
            match std::fs::remove_file(&path) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
                _ => return Ok(Address::Socket(path)),
            }
        }
        Ok(Address::Port(match d.port {
            Some(port) => port.get(),
            // Free now; whoever takes it in between makes the start fail, and the next one gets another.
            None => std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port(),
        }))
    }

    fn fill(&self, service: &Service, address: &Address) -> Fill {
        let (port, socket) = match address {
            Address::Port(port) => (Some(*port), None),
            Address::Socket(path) => (None, Some(path.display().to_string())),
        };
        Fill {
            port,
            socket,
            prefix: crate::environment::slashed(&self.path_of(&service.definition)),
            home: self.surroundings.home.display().to_string(),
            user: self.surroundings.user.clone(),
            name: service.definition.name.clone(),
            secret: service.secret.clone(),
        }
    }

    /// What is started for a service.
    pub(super) fn program(&self, service: &Service, address: &Address) -> Program {
        let (d, fill) = (&service.definition, self.fill(service, address));
        let mut env = self.surroundings.env.clone();
        if let Address::Port(port) = address {
            env.insert("PORT".into(), port.to_string());
        }
        env.extend(d.env.iter().map(|(name, value)| (name.clone(), fill.text(value))));
        let folder =
            d.folder.as_ref().map_or(self.surroundings.home.clone(), |f| PathBuf::from(fill.text(f)));
        let argv = d.command.iter().map(|word| fill.text(word)).collect();
        Program { name: d.name.clone(), argv, env, folder }
    }

    /// What is asked to judge it.
    pub(super) fn probe(&self, service: &Service, address: &Address) -> Probe {
        let d = &service.definition;
        let prefix = match d.prefix {
            Prefix::Keep => self.path_of(d),
            Prefix::Strip => String::new(),
        };
        match address {
            Address::Port(port) => Probe::of(&d.health_check, &Place { prefix, ..Place::local(*port) }),
            Address::Socket(path) => Probe::at_socket(&d.health_check, path, &prefix),
        }
    }

    /// Leads requests for the service's path to it.
    ///
    /// # Errors
    /// When its path or address can't be a route; in words.
    pub(super) fn open(&self, service: &Service, address: &Address) -> Result<(), String> {
        let (d, fill) = (&service.definition, self.fill(service, address));
        let target = match address {
            Address::Port(port) => format!("http://127.0.0.1:{port}"),
            Address::Socket(path) => {
                format!("http+unix://{}", utf8_percent_encode(&path.display().to_string(), NON_ALPHANUMERIC))
            }
        };
        let header = |(name, value): (&String, &String)| {
            let value = fill.text(value);
            Some((HeaderName::try_from(name.as_str()).ok()?, HeaderValue::try_from(value).ok()?))
        };
        let strip = d.prefix == Prefix::Strip;
        let options = RouteOptions {
            prefix: if strip { castalia_proxy::Prefix::Strip } else { castalia_proxy::Prefix::Keep },
            rewrite: strip,
            host_header: HostHeader::Client,
            hide_cookies: self.surroundings.hidden_cookies.clone(),
            set_headers: d.headers.iter().filter_map(header).collect(),
            activity: ActivityRules {
                ignore: d.activity.ignore.clone(),
                sockets: SocketActivity::Messages,
                ..ActivityRules::default()
            },
            ..RouteOptions::default()
        };
        let target = Target::parse(&target).map_err(|e| e.to_string())?;
        let mut note = serde_json::Map::new();
        note.insert("service".into(), d.name.clone().into());
        let route = Route::new(&self.path_of(d), target, Arc::new(options), &self.clock)
            .map_err(|e| e.to_string())?;
        service.remember();
        *service.address.lock().unwrap_or_else(PoisonError::into_inner) = Some(address.clone());
        let (route, _) = self.table.insert(route.with_note(note));
        *service.route.lock().unwrap_or_else(PoisonError::into_inner) = Some((route, self.clock.now()));
        Ok(())
    }

    /// Nothing leads to it any more, if what leads there is its own.
    pub(super) fn close(&self, service: &Service) {
        service.remember();
        let taken = service.route.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((route, _)) = taken else { return };
        if self.table.get(None, route.path()).is_some_and(|current| Arc::ptr_eq(&current, &route)) {
            self.table.remove(None, route.path());
        }
        route.close_sockets();
    }
}
