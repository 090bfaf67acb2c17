//! Who is there: states of clients, each owned by the connection that brought it (y-protocols, `awareness.js`).
//!
//! A state of somebody else's client is dropped, `user` is what the connection says. A state goes when its connection
//! does, or when it was not renewed for [`TIMEOUT`]. A client that comes back counts on from its own clock, which the
//! others have heard already; so clocks are raised where needed. Nobody is sent its own state.

use super::wire::{Reader, put_buffer, put_uint};
use bytes::{Bytes, BytesMut};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// A state that is not renewed for so long is gone (as in y-protocols).
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);
/// The largest state, in bytes.
const STATE_LIMIT: usize = 16 << 10;
/// Clients of one connection; a page that begins a document anew takes another id.
const PER_CONNECTION: usize = 4;
/// Whoever acts without a connection belongs to this one.
const ACTING: u64 = u64::MAX;
/// Whoever is connected to another server belongs to an owner from here on.
const ABROAD: u64 = 1 << 63;
/// Client ids above those of browsers.
const ACTING_FROM: u64 = 1 << 40;
/// How long somebody is shown who acts without a connection.
pub(crate) const SHOWN: Duration = Duration::from_secs(8);
/// Clients that are remembered after they went.
const REMEMBERED: usize = 1024;

#[derive(Debug)]
struct Client {
    owner: u64,
    /// The client's own clock, and the one that the others were told.
    heard: u64,
    told: u64,
    state: Option<Bytes>,
    renewed: Instant,
}

/// The owner of what another server says.
fn owner_of(server: &str) -> u64 {
    let hash = server.bytes().fold(0u64, |h, b| h.wrapping_mul(31).wrapping_add(u64::from(b)));
    (ABROAD | hash).min(ACTING - 1)
}

impl Client {
    fn is_abroad(&self) -> bool {
        self.owner >= ABROAD && self.owner != ACTING
    }
    /// Whose server died comes to this one, before it is noticed there. It says something new: stock clients repeat what
    /// they hear of others.
    fn gives_way(&self, user: &Value, clock: u64) -> bool {
        let theirs = self.state.as_deref().and_then(|state| serde_json::from_slice::<Value>(state).ok());
        self.is_abroad() && clock > self.told && theirs.is_some_and(|state| state["user"]["id"] == user["id"])
    }
}

/// The states of a room.
#[derive(Debug, Default)]
pub(crate) struct Awareness {
    clients: BTreeMap<u64, Client>,
    dirty: BTreeSet<u64>,
}

impl Awareness {
    /// Takes what a connection says of its clients. `user` stands in for whatever it says of itself.
    /// `None` for what can't be read.
    pub(crate) fn take(&mut self, owner: u64, user: &Value, update: Bytes, now: Instant) -> Option<()> {
        let mut reader = Reader::new(update);
        for _ in 0..reader.uint()?.min(64) {
            let (id, clock, text) = (reader.uint()?, reader.uint()?, reader.buffer()?);
            if text.len() > STATE_LIMIT {
                return None;
            }
            let state: Value = serde_json::from_slice(&text).ok()?;
            self.set(owner, user, id, clock, state, now);
        }
        Some(())
    }

    fn set(&mut self, owner: u64, user: &Value, id: u64, clock: u64, state: Value, now: Instant) {
        let known = self.clients.get(&id);
        if known.is_some_and(|c| c.owner != owner && c.state.is_some() && !c.gives_way(user, clock)) {
            return;
        }
        // Of a connection before this one the clock says nothing.
        let stale = known.is_some_and(|c| c.owner == owner && c.state.is_some() && clock <= c.heard);
        if stale && !state.is_null() {
            return;
        }
        if known.is_none() && state.is_null() {
            return;
        }
        let told = known.map_or(clock, |c| clock.max(c.told + 1));
        let state = match state {
            Value::Object(fields) => Some(owned(fields, user)),
            _ => None,
        };
        self.clients.insert(id, Client { owner, heard: clock, told, state, renewed: now });
        self.dirty.insert(id);
        if owner != ACTING {
            self.limit(owner, id);
        }
    }

    /// Shows somebody who acts without a connection, for [`SHOWN`].
    pub(crate) fn appear(&mut self, user: &Value, person: &str, state: Value, now: Instant) {
        let id =
            ACTING_FROM + person.bytes().fold(0u64, |h, b| (h.wrapping_mul(31) + u64::from(b)) % ACTING_FROM);
        let clock = self.clients.get(&id).map_or(1, |c| c.heard + 1);
        // It is as if it had fallen silent a while ago.
        let renewed = now.checked_sub(TIMEOUT.saturating_sub(SHOWN)).unwrap_or(now);
        self.set(ACTING, user, id, clock, state, renewed);
    }

    /// Takes what another server says of its clients. `None` for what can't be read.
    pub(crate) fn take_abroad(&mut self, server: &str, update: Bytes, now: Instant) -> Option<()> {
        let owner = owner_of(server);
        let mut reader = Reader::new(update);
        for _ in 0..reader.uint()? {
            let (id, clock, text) = (reader.uint()?, reader.uint()?, reader.buffer()?);
            let known = self.clients.get(&id);
            let state = (&*text != b"null").then_some(text);
            // It came here meanwhile; or it went elsewhere before this one said that it is gone.
            let here = known.is_some_and(|c| c.state.is_some() && !c.is_abroad());
            if here || (state.is_none() && known.is_none_or(|c| c.owner != owner || c.state.is_none())) {
                continue;
            }
            let told = known.map_or(clock, |c| clock.max(c.told + 1));
            self.clients.insert(id, Client { owner, heard: clock, told, state, renewed: now });
            self.dirty.insert(id);
        }
        Some(())
    }

    /// Another server is gone, and all who were connected to it.
    pub(crate) fn forget_abroad(&mut self, server: &str) {
        self.leave(owner_of(server));
    }

    /// Those of these clients who are connected here; `None` when there are none.
    pub(crate) fn own(&self, ids: &[u64]) -> Option<Bytes> {
        let own: Vec<u64> =
            ids.iter().copied().filter(|id| self.clients.get(id).is_some_and(|c| !c.is_abroad())).collect();
        self.encode(&own, None)
    }

    /// Everybody who is connected here.
    pub(crate) fn all_own(&self) -> Option<Bytes> {
        let there: Vec<u64> =
            self.clients.iter().filter(|(_, c)| c.state.is_some()).map(|(id, _)| *id).collect();
        self.own(&there)
    }

    /// Whether somebody is there, here or elsewhere.
    pub(crate) fn is_anybody_there(&self) -> bool {
        self.clients.values().any(|c| c.state.is_some())
    }

    /// Lets the oldest client of a connection go when there are too many.
    fn limit(&mut self, owner: u64, newest: u64) {
        let mine: Vec<u64> = self.of(owner).filter(|id| *id != newest).collect();
        if mine.len() >= PER_CONNECTION {
            let oldest = mine.iter().min_by_key(|id| self.clients.get(id).map(|c| c.renewed)).copied();
            oldest.into_iter().for_each(|id| self.remove(id));
        }
    }

    fn of(&self, owner: u64) -> impl Iterator<Item = u64> + '_ {
        self.clients.iter().filter(move |(_, c)| c.owner == owner && c.state.is_some()).map(|(id, _)| *id)
    }

    fn remove(&mut self, id: u64) {
        if let Some(client) = self.clients.get_mut(&id)
            && client.state.take().is_some()
        {
            self.dirty.insert(id);
        }
    }

    /// The connection is gone.
    pub(crate) fn leave(&mut self, owner: u64) {
        let mine: Vec<u64> = self.of(owner).collect();
        mine.into_iter().for_each(|id| self.remove(id));
    }

    /// Lets those go that were not renewed in time, and forgets the oldest of those that went.
    pub(crate) fn sweep(&mut self, now: Instant) {
        let old = |c: &Client| c.state.is_some() && now.duration_since(c.renewed) > TIMEOUT;
        let gone: Vec<u64> = self.clients.iter().filter(|(_, c)| old(c)).map(|(id, _)| *id).collect();
        gone.into_iter().for_each(|id| self.remove(id));
        if self.clients.len() > REMEMBERED {
            let dirty = &self.dirty;
            self.clients.retain(|id, c| c.state.is_some() || dirty.contains(id));
        }
    }

    /// Whether there is something to tell.
    pub(crate) fn is_dirty(&self) -> bool {
        !self.dirty.is_empty()
    }

    #[cfg(test)]
    fn is_empty(&self) -> bool {
        self.clients.values().all(|c| c.state.is_none())
    }

    /// What is new, and whose it is.
    pub(crate) fn drain(&mut self) -> (Vec<u64>, BTreeSet<u64>) {
        let ids: Vec<u64> = std::mem::take(&mut self.dirty).into_iter().collect();
        let owners = ids.iter().filter_map(|id| self.clients.get(id)).map(|c| c.owner).collect();
        (ids, owners)
    }

    /// The states of these clients, without those of one connection; `None` when nothing is left.
    pub(crate) fn encode(&self, ids: &[u64], without: Option<u64>) -> Option<Bytes> {
        let told: Vec<(u64, &Client)> = ids
            .iter()
            .filter_map(|id| self.clients.get(id).map(|c| (*id, c)))
            .filter(|(_, c)| without != Some(c.owner))
            .collect();
        if told.is_empty() {
            return None;
        }
        let mut out = BytesMut::new();
        put_uint(&mut out, told.len() as u64);
        for (id, client) in told {
            put_uint(&mut out, id);
            put_uint(&mut out, client.told);
            put_buffer(&mut out, client.state.as_deref().unwrap_or(b"null"));
        }
        Some(out.freeze())
    }

    /// Everybody who is there, for one who comes.
    pub(crate) fn everybody(&self, without: u64) -> Option<Bytes> {
        let there: Vec<u64> =
            self.clients.iter().filter(|(_, c)| c.state.is_some()).map(|(id, _)| *id).collect();
        self.encode(&there, Some(without))
    }
}

/// The state with `user` as the connection says.
fn owned(mut fields: Map<String, Value>, user: &Value) -> Bytes {
    fields.insert("user".into(), user.clone());
    Value::Object(fields).to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(id: u64, clock: u64, state: &Value) -> Bytes {
        let mut out = BytesMut::new();
        put_uint(&mut out, 1);
        put_uint(&mut out, id);
        put_uint(&mut out, clock);
        put_buffer(&mut out, state.to_string().as_bytes());
        out.freeze()
    }

    fn heard(update: &Bytes) -> Vec<(u64, u64, Value)> {
        let mut reader = Reader::new(update.clone());
        (0..reader.uint().expect("a number"))
            .map(|_| {
                let (id, clock) = (reader.uint().expect("an id"), reader.uint().expect("a clock"));
                (id, clock, serde_json::from_slice(&reader.buffer().expect("a state")).expect("JSON"))
            })
            .collect()
    }

    #[test]
    fn a_state_is_its_connections_and_says_who_it_is() {
        let (mut a, now) = (Awareness::default(), Instant::now());
        let ada = json!({"id": "user_ada"});
        a.take(1, &ada, said(7, 1, &json!({"user": {"id": "user_bob"}, "cell": "x"})), now).expect("is read");
        // Another connection speaks for the same client.
        a.take(2, &json!({"id": "user_eve"}), said(7, 9, &json!({"cell": "y"})), now).expect("is read");
        a.take(2, &json!({"id": "user_eve"}), said(7, 9, &Value::Null), now).expect("is read");
        let all = heard(&a.everybody(2).expect("somebody"));
        assert_eq!(all, vec![(7, 1, json!({"cell": "x", "user": {"id": "user_ada"}}))]);
        assert!(a.everybody(1).is_none(), "nobody hears of itself");
    }

    #[test]
    fn who_leaves_or_falls_silent_is_gone_and_may_come_back() {
        let (mut a, now) = (Awareness::default(), Instant::now());
        let user = json!({});
        a.take(1, &user, said(7, 3, &json!({})), now).expect("is read");
        a.drain();
        a.leave(1);
        let (ids, _) = a.drain();
        assert_eq!(heard(&a.encode(&ids, None).expect("news")), vec![(7, 3, Value::Null)]);
        // With the clock that all have heard already.
        a.take(2, &user, said(7, 3, &json!({})), now).expect("is read");
        let (ids, _) = a.drain();
        assert_eq!(heard(&a.encode(&ids, None).expect("news"))[0].1, 4);
        a.sweep(now + Duration::from_secs(29));
        assert!(!a.is_dirty());
        a.sweep(now + Duration::from_secs(31));
        assert!(a.is_dirty() && a.is_empty());
    }

    #[test]
    fn who_is_connected_to_another_server_is_there_until_that_is_gone() {
        let (mut here, mut there, now) = (Awareness::default(), Awareness::default(), Instant::now());
        let ada = json!({"id": "user_ada"});
        there.take(1, &ada, said(7, 1, &json!({"cell": "x"})), now).expect("is read");
        here.take(1, &json!({"id": "user_bob"}), said(8, 1, &json!({})), now).expect("is read");
        here.take_abroad("srv_b", there.all_own().expect("somebody"), now).expect("is read");
        let all = heard(&here.everybody(1).expect("somebody"));
        assert_eq!(all, vec![(7, 1, json!({"cell": "x", "user": {"id": "user_ada"}}))]);
        let (ids, _) = here.drain();
        assert_eq!(heard(&here.own(&ids).expect("one")).len(), 1, "what others say is not said again");
        // Nobody else takes it over; the same person does, when its server died.
        here.take(3, &json!({"id": "user_eve"}), said(7, 9, &json!({"cell": "y"})), now).expect("is read");
        assert_eq!(heard(&here.everybody(1).expect("somebody"))[0].2["cell"], "x");
        here.forget_abroad("srv_c");
        assert!(here.everybody(1).is_some());
        here.forget_abroad("srv_b");
        assert!(here.everybody(1).is_none());
        here.take_abroad("srv_b", there.all_own().expect("somebody"), now).expect("is read");
        // Another page of hers repeats what it heard.
        here.take(4, &ada, said(7, 1, &json!({"cell": "x"})), now).expect("is read");
        assert_eq!(here.of(4).count(), 0);
        here.take(4, &ada, said(7, 9, &json!({"cell": "z"})), now).expect("is read");
        assert_eq!(heard(&here.everybody(1).expect("somebody"))[0].2["cell"], "z");
        // A late word of the dead one does not take it away again.
        there.leave(1);
        let (ids, _) = there.drain();
        here.take_abroad("srv_b", there.own(&ids).expect("news"), now).expect("is read");
        assert!(here.everybody(1).is_some());
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let (mut a, now) = (Awareness::default(), Instant::now());
        let big = json!({"x": "y".repeat(STATE_LIMIT)});
        assert!(a.take(1, &json!({}), said(7, 1, &big), now).is_none());
        for id in 0..20 {
            a.take(1, &json!({}), said(id, 1, &json!({})), now).expect("is read");
        }
        assert!(a.of(1).count() <= PER_CONNECTION);
    }
}
