//! The variables of a kernel, for the inspector: found out by an expression that runs silently.

use serde_json::{Value, json};

/// Python: names, types, sizes and short texts. An object whose `repr` is JSON, so that nothing has to be unquoted.
const PYTHON: &str = r#"type('_', (), {'__repr__': lambda _: __import__('json').dumps([{'name': n, 'type': type(v).__name__, 'size': str(getattr(v, 'shape', '')) or (str(len(v)) if hasattr(type(v), '__len__') else ''), 'value': (repr(v) if isinstance(v, (int, float, complex, str, bytes, bool, list, tuple, dict, set, type(None))) and (not hasattr(v, '__len__') or len(v) < 1000) else '')[:200]} for n, v in list(get_ipython().user_ns.items()) if not n.startswith('_') and n not in get_ipython().user_ns_hidden and type(v).__name__ not in ('module', 'function', 'type')][:500])})()"#;

/// The request that asks a kernel of a language; none when it is not known how.
pub(super) fn request(language: &str) -> Option<Value> {
    language.eq_ignore_ascii_case("python").then(|| {
        json!({
            "code": "", "silent": true, "store_history": false, "allow_stdin": false, "stop_on_error": false,
            "user_expressions": {"v": PYTHON},
        })
    })
}

/// The list in the reply.
pub(super) fn read(reply: &Value) -> Value {
    let text = reply.pointer("/user_expressions/v/data/text~1plain").and_then(Value::as_str);
    text.and_then(|t| serde_json::from_str(t).ok()).unwrap_or_else(|| json!([]))
}
