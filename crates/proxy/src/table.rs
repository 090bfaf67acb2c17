//! The route table: longest prefix, percent-decoded, by host first.
//!
//! Reads take a shared lock for a walk down the path's segments, changes an exclusive one for the same walk: nothing is
//! ever copied, so thousands of routes can be listed and changed beside the traffic.

use crate::path;
use crate::route::Route;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The route table. Changing it touches no connection; requests under way keep the route they began with.
#[derive(Debug, Default)]
pub struct Table(RwLock<Routes>);

#[derive(Debug, Default)]
struct Routes {
    any: Node,
    hosts: HashMap<Box<str>, Node>,
    count: usize,
}

#[derive(Debug, Default)]
struct Node {
    route: Option<Arc<Route>>,
    children: HashMap<Box<[u8]>, Node>,
}

impl Node {
    fn walk<'n>(&'n self, path: &str) -> Option<&'n Arc<Route>> {
        let mut best = self.route.as_ref();
        let mut node = self;
        for (segment, _) in path::segments(path) {
            let Some(child) = node.children.get(segment.as_ref()) else { break };
            node = child;
            best = node.route.as_ref().or(best);
        }
        best
    }

    fn exactly(&self, path: &str) -> Option<&Node> {
        path::segments(path).try_fold(self, |node, (segment, _)| node.children.get(segment.as_ref()))
    }

    fn place(&mut self, path: &str) -> &mut Node {
        path::segments(path)
            .fold(self, |node, (segment, _)| node.children.entry(segment.into_owned().into()).or_default())
    }

    /// Takes a route out, and the nodes that held nothing else.
    fn take(&mut self, path: &[Box<[u8]>]) -> Option<Arc<Route>> {
        let Some((segment, rest)) = path.split_first() else { return self.route.take() };
        let child = self.children.get_mut(segment)?;
        let taken = child.take(rest);
        if child.route.is_none() && child.children.is_empty() {
            self.children.remove(segment);
        }
        taken
    }

    fn collect(&self, into: &mut Vec<Arc<Route>>) {
        into.extend(self.route.clone());
        for child in self.children.values() {
            child.collect(into);
        }
    }
}

impl Table {
    fn read(&self) -> RwLockReadGuard<'_, Routes> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
    fn write(&self) -> RwLockWriteGuard<'_, Routes> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a route, in place of the one that has the same prefix and host, which is returned.
    pub fn insert(&self, route: Route) -> (Arc<Route>, Option<Arc<Route>>) {
        let route = Arc::new(route);
        let mut routes = self.write();
        let root = match route.host() {
            Some(host) => routes.hosts.entry(host.into()).or_default(),
            None => &mut routes.any,
        };
        let before = root.place(route.path()).route.replace(route.clone());
        routes.count += usize::from(before.is_none());
        (route, before)
    }

    /// Takes a route out. Its requests and sockets go on until they end by themselves or by [`Route::close_sockets`].
    pub fn remove(&self, host: Option<&str>, path: &str) -> Option<Arc<Route>> {
        let segments: Vec<Box<[u8]>> = path::segments(path).map(|(s, _)| s.into_owned().into()).collect();
        let mut routes = self.write();
        let taken = match host {
            Some(host) => {
                let root = routes.hosts.get_mut(host)?;
                let taken = root.take(&segments);
                if root.route.is_none() && root.children.is_empty() {
                    routes.hosts.remove(host);
                }
                taken
            }
            None => routes.any.take(&segments),
        };
        routes.count -= usize::from(taken.is_some());
        taken
    }

    /// The route with exactly this prefix.
    pub fn get(&self, host: Option<&str>, path: &str) -> Option<Arc<Route>> {
        let routes = self.read();
        let root = host.map_or(Some(&routes.any), |host| routes.hosts.get(host))?;
        root.exactly(path)?.route.clone()
    }

    /// The route for a request: the longest prefix among the host's own routes, else among those for any host.
    /// `path` is raw, without the query.
    pub fn find(&self, host: Option<&str>, path: &str) -> Option<Arc<Route>> {
        let routes = self.read();
        let own = || {
            let host = host.filter(|_| !routes.hosts.is_empty())?;
            let name = crate::host::name_of(host);
            match name.bytes().any(|b| b.is_ascii_uppercase()) {
                true => routes.hosts.get(name.to_ascii_lowercase().as_str()),
                false => routes.hosts.get(name),
            }?
            .walk(path)
        };
        own().or_else(|| routes.any.walk(path)).cloned()
    }

    /// All routes, in no order.
    pub fn list(&self) -> Vec<Arc<Route>> {
        let routes = self.read();
        let mut all = Vec::with_capacity(routes.count);
        routes.any.collect(&mut all);
        routes.hosts.values().for_each(|root| root.collect(&mut all));
        all
    }

    /// How many routes there are.
    pub fn len(&self) -> usize {
        self.read().count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Target;
    use castalia_base::{Clock, Timestamp};

    fn table(routes: &[(Option<&str>, &str)]) -> Table {
        let table = Table::default();
        for (host, path) in routes {
            let target = Target::parse("http://127.0.0.1:1").expect("a target");
            let route =
                Route::new(path, target, Arc::default(), &Clock::fixed(Timestamp(0))).expect("a prefix");
            table.insert(match host {
                Some(host) => route.for_host(host),
                None => route,
            });
        }
        table
    }

    fn found(table: &Table, host: Option<&str>, path: &str) -> Option<String> {
        table.find(host, path).map(|r| format!("{}{}", r.host().unwrap_or_default(), r.path()))
    }

    #[test]
    fn the_longest_prefix_wins_and_segments_are_whole() {
        let t = table(&[(None, "/"), (None, "/user/a"), (None, "/user/a/lab/"), (None, "/user/é")]);
        for (path, route) in [
            ("/", "/"),
            ("/user", "/"),
            ("/user/ab", "/"),
            ("/user/a", "/user/a"),
            ("/user/a/la", "/user/a"),
            ("/user/a/lab/x/y", "/user/a/lab"),
            ("/user/%61/lab", "/user/a/lab"),
            ("/user%2Fa/lab", "/"),
            ("/user/%C3%A9/x", "/user/%C3%A9"),
            ("//user/a", "/"),
        ] {
            assert_eq!(found(&t, None, path).as_deref(), Some(route), "{path}");
        }
        assert!(t.remove(None, "/").is_some());
        assert_eq!(found(&t, None, "/x"), None);
    }

    #[test]
    fn routes_of_a_host_come_first() {
        let t = table(&[(None, "/"), (Some("A.example"), "/x"), (None, "/x/y")]);
        assert_eq!(found(&t, Some("a.Example:8000"), "/x/y").as_deref(), Some("a.example/x"));
        assert_eq!(found(&t, Some("a.example"), "/z").as_deref(), Some("/"));
        assert_eq!(found(&t, Some("b.example"), "/x/y").as_deref(), Some("/x/y"));
        assert_eq!(t.len(), 3);
        assert!(t.remove(Some("a.example"), "/x/").is_some());
        assert_eq!(found(&t, Some("a.example"), "/x").as_deref(), Some("/"));
    }

    #[test]
    fn removing_leaves_neighbours_and_no_rests() {
        let t = table(&[(None, "/a/b"), (None, "/a/b/c"), (None, "/a/d")]);
        assert!(t.remove(None, "/a").is_none());
        assert!(t.remove(None, "/a/b/").is_some());
        assert_eq!(found(&t, None, "/a/b/c/x").as_deref(), Some("/a/b/c"));
        assert_eq!(found(&t, None, "/a/b"), None);
        assert!(t.remove(None, "/a/b/c").is_some() && t.remove(None, "/a/d").is_some());
        assert!(t.is_empty() && t.read().any.children.is_empty());
    }
}
