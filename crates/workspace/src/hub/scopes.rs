//! Which scopes let in.

/// Whether any of the wanted scopes is among those that somebody has, themselves or in a wider one.
pub(crate) fn let_in(has: &[String], wanted: &[String]) -> bool {
    wanted.iter().any(|wanted| has.iter().any(|has| covers(has, wanted)))
}

/// `access:servers` covers all, `…!user=a` all of a's servers, `…!server=a/x` the one. Filters by group can't be
/// resolved here; the hub expands them.
fn covers(has: &str, wanted: &str) -> bool {
    if has == wanted {
        return true;
    }
    let Some((kind, filter)) = wanted.split_once('!') else { return false };
    if has == kind {
        return true;
    }
    let owner = filter.strip_prefix("server=").and_then(|server| server.rsplit_once('/'));
    owner.is_some_and(|(owner, _)| has == format!("{kind}!user={owner}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wider_scopes_cover_narrower_ones_and_no_others() {
        let wanted = ["access:servers!server=ada/x".to_owned(), "access:servers!user=ada".to_owned()];
        for (has, yes) in [
            ("access:servers", true),
            ("access:servers!user=ada", true),
            ("access:servers!server=ada/x", true),
            ("access:servers!server=ada/", false),
            ("access:servers!server=ada/xy", false),
            ("access:servers!user=adam", false),
            ("access:servers!group=all", false),
            ("access:services", false),
            ("admin:servers", false),
            ("read:users", false),
        ] {
            assert_eq!(let_in(&[has.to_owned()], &wanted), yes, "{has}");
        }
        assert!(let_in(&["access:servers!user=ada".into()], &["access:servers!server=ada/x".into()]));
        assert!(!let_in(&["access:servers".into()], &[]));
    }
}
