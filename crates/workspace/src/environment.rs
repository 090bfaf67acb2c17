//! Where this program runs: under a hub (JupyterHub or Castalia), or alone. Decided from variables and nothing else.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use url::Url;

/// Variables.
pub type Variables = BTreeMap<String, String>;

/// What the hub says about this server. Names and meaning are those of JupyterHub 6; Castalia's own hub gives the same.
#[derive(Clone, PartialEq, Eq)]
pub struct Hub {
    /// Whether it is Castalia's own.
    pub castalia: bool,
    /// Addresses to listen on; the first that can be had.
    pub bind: Vec<SocketAddr>,
    /// Path of this server, with slashes at both ends, percent-encoded.
    pub prefix: String,
    /// Path of the hub's whole house, with slashes at both ends.
    pub base_url: String,
    /// `proto://host` of the hub when this server has a host of its own; empty otherwise.
    pub host: String,
    /// The hub's API as seen from here, without a slash at its end.
    pub api_url: String,
    /// This server's token, which is its OAuth secret as well.
    pub api_token: String,
    /// OAuth client, and the name of the cookie.
    pub client_id: String,
    /// Where OAuth comes back to.
    pub callback_url: String,
    /// Any one of these scopes lets in.
    pub access_scopes: Vec<String>,
    /// Where activity is told.
    pub activity_url: Option<String>,
    /// Its owner.
    pub user: String,
    /// Its name; empty for the default server.
    pub server_name: String,
    /// Where `/` leads, if the hub says so.
    pub default_url: Option<String>,
    /// Whether people reach it over https, as far as the hub knows.
    pub public_https: bool,
    /// Cookies are `__Host-` cookies.
    pub host_cookies: bool,
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { prefix, api_url, user, server_name, .. } = self;
        write!(
            f,
            "Hub {{ prefix: {prefix}, api_url: {api_url}, user: {user}, server_name: {server_name}, .. }}"
        )
    }
}

/// Finds out whether a hub started this program; none when nobody did.
///
/// # Errors
/// When a hub did, but left out what can't be done without. In words.
pub fn detect(variables: &Variables) -> Result<Option<Hub>, String> {
    let get = |name: &str| variables.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let Some(service_url) = get("JUPYTERHUB_SERVICE_URL") else {
        if get("JUPYTERHUB_API_URL").is_some() && get("JUPYTERHUB_API_TOKEN").is_some() {
            return Err(
                "there are variables of JupyterHub, but no JUPYTERHUB_SERVICE_URL that says where to listen"
                    .into(),
            );
        }
        return Ok(None);
    };
    if get("JUPYTERHUB_SSL_KEYFILE").is_some() {
        return Err("the hub asks for TLS between it and its servers (JUPYTERHUB_SSL_KEYFILE), which this program does not speak; turn `internal_ssl` off".into());
    }
    let need = |name: &str| get(name).map(str::to_owned).ok_or_else(|| format!("the hub did not set {name}"));
    let api_token = get("JUPYTERHUB_API_TOKEN").or(get("JPY_API_TOKEN"));
    let api_token = api_token.ok_or("the hub did not set JUPYTERHUB_API_TOKEN")?.to_owned();
    let url = without_empty_host(service_url);
    let url =
        Url::parse(&url).map_err(|e| format!("JUPYTERHUB_SERVICE_URL ({service_url}) is no address: {e}"))?;
    let prefix = slashed(get("JUPYTERHUB_SERVICE_PREFIX").unwrap_or(url.path()));
    let scopes = get("JUPYTERHUB_OAUTH_ACCESS_SCOPES").or(get("JUPYTERHUB_OAUTH_SCOPES")).unwrap_or("[]");
    let access_scopes: Vec<String> = serde_json::from_str(scopes)
        .map_err(|e| format!("JUPYTERHUB_OAUTH_ACCESS_SCOPES is no list of scopes: {e}"))?;
    let callback_url = match get("JUPYTERHUB_OAUTH_CALLBACK_URL") {
        Some(url) => url.to_owned(),
        None => format!("{prefix}oauth_callback"),
    };
    Ok(Some(Hub {
        castalia: get("CASTALIA_WORKSPACE").is_some(),
        bind: addresses(service_url, &url)?,
        base_url: slashed(get("JUPYTERHUB_BASE_URL").unwrap_or("/")),
        host: get("JUPYTERHUB_HOST").unwrap_or_default().trim_end_matches('/').to_owned(),
        api_url: need("JUPYTERHUB_API_URL")?.trim_end_matches('/').to_owned(),
        api_token,
        client_id: need("JUPYTERHUB_CLIENT_ID")?,
        callback_url,
        access_scopes,
        activity_url: get("JUPYTERHUB_ACTIVITY_URL").map(str::to_owned),
        user: need("JUPYTERHUB_USER")?,
        server_name: get("JUPYTERHUB_SERVER_NAME").unwrap_or_default().to_owned(),
        default_url: get("JUPYTERHUB_DEFAULT_URL").map(str::to_owned),
        public_https: get("JUPYTERHUB_PUBLIC_URL").is_some_and(|url| url.starts_with("https:")),
        host_cookies: get("JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED") == Some("1"),
        prefix,
    }))
}

/// The hub writes `http://:8888/…` and `http://*:8888/…` for all addresses.
fn without_empty_host(url: &str) -> String {
    url.replacen("://:", "://0.0.0.0:", 1).replacen("://*:", "://0.0.0.0:", 1).replacen(
        "://*/",
        "://0.0.0.0/",
        1,
    )
}

fn addresses(text: &str, url: &Url) -> Result<Vec<SocketAddr>, String> {
    if url.scheme() != "http" {
        return Err(format!("JUPYTERHUB_SERVICE_URL ({text}) is not http"));
    }
    let port = url.port().unwrap_or(80);
    let everywhere = text.contains("://:") || text.contains("://*");
    let hosts: Vec<IpAddr> = match url.host() {
        _ if everywhere => vec![Ipv6Addr::UNSPECIFIED.into(), Ipv4Addr::UNSPECIFIED.into()],
        Some(url::Host::Ipv4(ip)) => vec![ip.into()],
        Some(url::Host::Ipv6(ip)) => vec![ip.into()],
        Some(url::Host::Domain(name)) => {
            let found = std::net::ToSocketAddrs::to_socket_addrs(&(name, port));
            let found = found.map_err(|e| format!("{name} of JUPYTERHUB_SERVICE_URL has no address: {e}"))?;
            found.map(|address| address.ip()).collect()
        }
        None => return Err(format!("JUPYTERHUB_SERVICE_URL ({text}) names no host")),
    };
    Ok(hosts.into_iter().map(|ip| SocketAddr::new(ip, port)).collect())
}

/// With one slash at either end.
pub(crate) fn slashed(path: &str) -> String {
    match path.trim_matches('/') {
        "" => "/".to_owned(),
        path => format!("/{path}/"),
    }
}

/// Variables that a supervised program is not given: secrets of this program alone.
pub(crate) const OWN_SECRETS: &[&str] =
    &["CASTALIA_WORKSPACE_TOKEN", "CASTALIA_WORKSPACE_PASSWORD", "CASTALIA_CHAT_KEY"];

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(more: &[(&str, &str)]) -> Variables {
        let usual = [
            ("JUPYTERHUB_SERVICE_URL", "http://127.0.0.1:4711/user/a%40b/x/"),
            ("JUPYTERHUB_SERVICE_PREFIX", "/user/a%40b/x/"),
            ("JUPYTERHUB_API_TOKEN", "t"),
            ("JUPYTERHUB_API_URL", "http://hub:8081/hub/api/"),
            ("JUPYTERHUB_CLIENT_ID", "jupyterhub-user-a%40b-x"),
            ("JUPYTERHUB_USER", "a@b"),
            ("JUPYTERHUB_OAUTH_ACCESS_SCOPES", "[\"access:servers!server=a@b/x\"]"),
        ];
        usual.iter().chain(more).map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn alone_without_a_hub() {
        assert_eq!(detect(&Variables::new()), Ok(None));
        let empty = Variables::from([("JUPYTERHUB_SERVICE_URL".into(), String::new())]);
        assert_eq!(detect(&empty), Ok(None));
    }

    #[test]
    fn a_hub_is_understood() {
        let hub = detect(&variables(&[])).unwrap().unwrap();
        assert!(!hub.castalia);
        assert_eq!(hub.bind, ["127.0.0.1:4711".parse().unwrap()]);
        assert_eq!(
            (hub.prefix.as_str(), hub.api_url.as_str()),
            ("/user/a%40b/x/", "http://hub:8081/hub/api")
        );
        assert_eq!(hub.callback_url, "/user/a%40b/x/oauth_callback");
        let hub =
            detect(&variables(&[("JUPYTERHUB_SERVICE_URL", "http://:8888/"), ("CASTALIA_WORKSPACE", "w")]));
        let hub = hub.unwrap().unwrap();
        assert!(hub.castalia && hub.bind.len() == 2 && hub.bind.iter().all(|a| a.ip().is_unspecified()));
        let hub = detect(&variables(&[("JUPYTERHUB_SERVICE_URL", "http://0.0.0.0/")])).unwrap().unwrap();
        assert_eq!(hub.bind, ["0.0.0.0:80".parse().unwrap()]);
    }

    #[test]
    fn what_is_missing_is_named() {
        for name in ["JUPYTERHUB_API_URL", "JUPYTERHUB_CLIENT_ID", "JUPYTERHUB_USER", "JUPYTERHUB_API_TOKEN"]
        {
            let mut all = variables(&[]);
            all.remove(name);
            assert!(detect(&all).is_err_and(|e| e.contains(name)), "{name}");
        }
        let mut all = variables(&[]);
        all.remove("JUPYTERHUB_SERVICE_URL");
        assert!(detect(&all).is_err());
        assert!(detect(&variables(&[("JUPYTERHUB_SSL_KEYFILE", "/k")])).is_err());
        assert!(detect(&variables(&[("JUPYTERHUB_SERVICE_URL", "https://a/")])).is_err());
    }
}
