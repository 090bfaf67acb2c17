//! One way in: users, sessions, JWT, API tokens, roles, memberships, rate limits, the audit trail.
//!
//! **Who may do what.** A permission is `noun.verb`. A role has two lists of patterns. `permissions` hold in
//! a project whose member has the role; `everywhere` hold in the whole installation for a user who has the
//! role. So somebody who is a developer of the installation may create projects, but sees nobody else's: only
//! `admin` has `*` everywhere. Every signed-in user also has `account.*`: the own profile, tokens, sessions
//! and the WebSocket. As a member's role, a pattern with the noun `*` (so also `admin` itself) means every
//! noun that lives in a project ([`PROJECT_PATTERNS`]), never the installation's own.
//! Services that change the installation demand it with `Ctx::require_globally`.
//!
//! **Narrowing.** A token may have scopes and a project; both only ever take away. A token or JWT that was
//! made with a narrowed token is at least as narrow, and a JWT made with a token dies with it.
//!
//! **Freshness.** What a caller may do is read from the database, not from the JWT's claims. It is kept for
//! a few seconds; every change in this process forgets it at once, and changes by other replicas do so
//! through the log of events ([`Service::run_background`]).
//!
//! **OAuth2.** Running things that people sign in to (workspaces) are clients: authorization code with PKCE (RFC 7636,
//! S256 only), codes that work once, redirect addresses compared as text. What they get is a token of the person that
//! reaches nothing but the running thing, and ends with it or with the person's session.
//!
//! Deliberately absent: names of projects (that is `castalia-projects`, which uses [`memberships`]).

mod account;
mod actions;
mod audit;
mod authenticate;
mod brake;
mod cache;
mod config;
mod crypto;
mod gate;
mod grants;
mod jwt;
mod keys;
mod limits;
pub mod memberships;
mod model;
mod oauth;
mod origin;
mod password;
mod roles;
mod routes;
mod service;
mod sessions;
mod setup;
mod store;
mod tokens;
mod topics;
mod users;

pub use account::{Account, AccountPatch};
pub use actions::actions;
pub use authenticate::{Identity, Via};
pub use config::{Config, MasterKey};
pub use crypto::{Secret, Vault};
pub use gate::Gate;
pub use grants::PROJECT_PATTERNS;
pub use jwt::{AccessToken, Claims};
pub use limits::Limits;
pub use model::{IssuedToken, NewToken, NewUser, Role, Session, SessionId, Token, User, UserPatch};
pub use oauth::{Authorization, NewClient, OauthClient, OauthError, TokenRequest};
pub use roles::{NewRole, RolePatch};
pub use routes::api;
pub use service::{Service, build};
pub use sessions::{Client, SignedIn};
pub use store::MIGRATIONS;
pub use topics::UserTopics;
