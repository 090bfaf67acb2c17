//! Permissions are `noun.verb`; a pattern may use `*` for the verb or for everything.

/// Whether `pattern` (`*`, `processes.*`, `*.view` or an exact name) grants `permission`.
pub fn grants(pattern: &str, permission: &str) -> bool {
    if pattern == "*" || pattern == permission {
        return true;
    }
    let (Some((pattern_noun, pattern_verb)), Some((noun, verb))) =
        (pattern.split_once('.'), permission.split_once('.'))
    else {
        return false;
    };
    (pattern_noun == "*" || pattern_noun == noun) && (pattern_verb == "*" || pattern_verb == verb)
}

/// Whether any of `patterns` grants `permission`.
pub fn any_grants<S: AsRef<str>>(patterns: &[S], permission: &str) -> bool {
    patterns.iter().any(|pattern| grants(pattern.as_ref(), permission))
}

/// Whether `text` can be stored as a pattern: `*`, or two words of `a-z_` or `*` with a dot between.
pub fn is_pattern(text: &str) -> bool {
    let word = |w: &str| {
        w == "*" || (!w.is_empty() && w.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c == '-'))
    };
    text == "*" || matches!(text.split_once('.'), Some((noun, verb)) if word(noun) && word(verb))
}

#[cfg(test)]
mod tests {
    use super::{grants, is_pattern};

    #[test]
    fn patterns_grant_what_they_say_and_no_more() {
        assert!(grants("*", "users.manage"));
        assert!(grants("processes.*", "processes.run"));
        assert!(grants("*.view", "ledger.view"));
        assert!(!grants("processes.*", "process.run"));
        assert!(!grants("processes.view", "processes.run"));
        assert!(!grants("processes", "processes.run"));
        assert!(is_pattern("workflows.*") && !is_pattern("work flows.x") && !is_pattern("a.b.c"));
    }
}
