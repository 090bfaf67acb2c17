//! What the world sees of users, roles, sessions and tokens.

use crate::Secret;
use castalia_base::id::{ProjectId, TokenId, UserId};
use castalia_base::{Timestamp, define_id};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

define_id!(/// One signed-in browser.
    SessionId, "sess");

/// A person or program that signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The name to sign in with; unique.
    pub name: String,
    /// The name that people read.
    pub display_name: String,
    /// Where to write to.
    pub email: Option<String>,
    /// Roles in the installation.
    pub roles: Vec<String>,
    /// Whether the user is locked out.
    pub disabled: bool,
    /// When the user was made.
    pub created_at: Timestamp,
    /// When the user last signed in.
    pub signed_in_at: Option<Timestamp>,
}

/// A user about to be made.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// 1 to 64 of `a-z 0-9 . _ -`, beginning with a letter or digit.
    pub name: String,
    /// The name that people read; the name unless told.
    pub display_name: Option<String>,
    /// Where to write to.
    pub email: Option<String>,
    /// At least 8 characters; without one the user can only be reached by tokens that an administrator makes.
    pub password: Option<Secret>,
    /// Roles in the installation; `developer` unless told.
    pub roles: Option<Vec<String>>,
}

/// What changes about a user; absent parts stay.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserPatch {
    /// The name that people read.
    pub display_name: Option<String>,
    /// Where to write to; empty removes it.
    pub email: Option<String>,
    /// Locks the user out, at once, or lets the user in again.
    pub disabled: Option<bool>,
    /// Roles in the installation.
    pub roles: Option<Vec<String>>,
    /// A new password; it ends all sessions and JWTs of the user.
    pub password: Option<Secret>,
}

/// A named set of permission patterns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Role {
    /// The name; unique.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What a member with this role may do in the project.
    pub permissions: Vec<String>,
    /// What a user with this role may do in the whole installation.
    pub everywhere: Vec<String>,
    /// Whether it came with the program and can't be changed.
    pub builtin: bool,
}

/// One signed-in browser.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Session {
    /// The id; not the cookie.
    pub id: SessionId,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// When it ends if it is not used before.
    pub expires_at: Timestamp,
    /// The address it began from.
    pub address: Option<String>,
    /// The browser it began in, in the browser's words.
    pub agent: Option<String>,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// A named API token, without its secret.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Token {
    /// The id; not the secret.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// Whose it is.
    pub user: UserId,
    /// The owner's name.
    pub user_name: String,
    /// What it is narrowed to; absent when it may do all that the owner may.
    pub scopes: Option<Vec<String>>,
    /// The only project that it reaches.
    pub project: Option<ProjectId>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub used_at: Option<Timestamp>,
    /// The only running thing that it reaches. Such tokens are not listed.
    #[serde(skip)]
    pub(crate) instance: Option<String>,
}

/// A token about to be made.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// Permission patterns that it is narrowed to.
    pub scopes: Option<Vec<String>>,
    /// The id of the only project that it reaches.
    pub project: Option<ProjectId>,
    /// When it ends; never unless told.
    pub expires_at: Option<Timestamp>,
}

/// A token with its secret, which is shown this once.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct IssuedToken {
    /// The id.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// `cas_…`: what to send as `Authorization: Bearer`.
    pub secret: Secret,
    /// What it is narrowed to.
    pub scopes: Option<Vec<String>>,
    /// The only project that it reaches.
    pub project: Option<ProjectId>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}
