//! Services that come and go by themselves: whoever runs inside the workspace registers what it serves, with a lease.

use super::{Order, Origin, Service, Supervisor};
use crate::definition::{Definition, Restart};
use castalia_compute::health::Seconds;
use serde::Deserialize;
use std::sync::{Arc, PoisonError};
use tokio::time::Instant;

/// Services that may be registered at the same time.
const MOST: usize = 64;

/// What a service says when it registers: a definition without a command, and how long it may be silent.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Registration {
    /// Seconds after which it leaves unless it registers again; never unless told.
    #[serde(default)]
    pub(crate) lease: Option<Seconds>,
    /// What it is.
    #[serde(flatten)]
    pub(crate) definition: serde_json::Map<String, serde_json::Value>,
}

/// Why a registration was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It makes no sense.
    Invalid(String),
    /// Somebody else has its name or path.
    Taken(String),
    /// It is not one that registered itself.
    NotYours(String),
    /// There is none.
    Unknown(String),
}

impl Supervisor {
    /// Takes a service in, or renews its lease when it is there already as it was.
    pub(crate) fn register(self: &Arc<Self>, registration: Registration) -> Result<Arc<Service>, Refused> {
        let definition: Definition = serde_json::from_value(registration.definition.into())
            .map_err(|e| Refused::Invalid(e.to_string()))?;
        let d = &definition;
        crate::definition::check_one(d).map_err(Refused::Invalid)?;
        if d.is_supervised()
            || d.built_in.is_some()
            || d.base.is_some()
            || d.socket
            || d.restart != Restart::Always
        {
            return Err(Refused::Invalid(
                "a service registers the port that it listens on, not a command".into(),
            ));
        }
        if d.health_check.custom_health_command.is_some() {
            return Err(Refused::Invalid("a service that registers can't bring a command".into()));
        }
        let lease = registration.lease.map(|lease| Instant::now() + lease.0);
        let there = self.list();
        if let Some(known) = there.iter().find(|s| s.definition.name == d.name) {
            return match known.origin {
                Origin::Registered if known.definition == definition => {
                    *known.lease.lock().unwrap_or_else(PoisonError::into_inner) = lease;
                    known.order(Order::Start);
                    Ok(known.clone())
                }
                Origin::Registered => {
                    Err(Refused::Taken(format!("{} is registered as another; take it away first", d.name)))
                }
                _ => Err(Refused::Taken(format!("the workspace has a service {} of its own", d.name))),
            };
        }
        if let Some(other) = there.iter().find(|s| s.definition.path() == d.path()) {
            return Err(Refused::Taken(format!("the path of {} is the same", other.definition.name)));
        }
        if there.iter().filter(|s| s.origin == Origin::Registered).count() >= MOST {
            return Err(Refused::Taken(format!("{MOST} services are registered already")));
        }
        let service = self.add(definition, Origin::Registered);
        *service.lease.lock().unwrap_or_else(PoisonError::into_inner) = lease;
        service.order(Order::Start);
        Ok(service)
    }

    /// Takes a service away that registered itself.
    pub(crate) fn leave(&self, name: &str) -> Result<(), Refused> {
        let service =
            self.get(name).ok_or_else(|| Refused::Unknown(format!("there is no service {name}")))?;
        if service.origin != Origin::Registered {
            return Err(Refused::NotYours(format!(
                "{name} did not register itself; it can be stopped, not taken away"
            )));
        }
        service.order(Order::End);
        self.close(&service);
        self.forget(&service);
        Ok(())
    }
}
