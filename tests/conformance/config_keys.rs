//! A Node application's `config.yaml`, read back by a YAML parser of Node: every hardened key has the value its facts page
//! names, under every profile, and no secret stands in it.

use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::support::generated::Generated;
use crate::support::{root, tools, tree};

/// Keys whose value no profile changes.
fn constants() -> Vec<(&'static str, Value)> {
    vec![
        ("hub.port", json!(3000)),
        ("hub.ailink_port", json!(3001)),
        ("hub.ailink_host", json!("localhost")),
        ("hub.http_client.timeout", json!(120_000)),
        ("hub.http_client.maxRedirects", json!(5)),
        ("hub.tls.enabled", json!(false)),
        ("hub.security.helmet.enabled", json!(true)),
        ("hub.security.helmet.crossOriginEmbedderPolicy", json!(true)),
        ("hub.security.helmet.crossOriginOpenerPolicy", json!(true)),
        ("hub.security.helmet.crossOriginResourcePolicy", json!(true)),
        ("hub.security.helmet.dnsPrefetchControl", json!(true)),
        ("hub.security.helmet.hidePoweredBy", json!(true)),
        ("hub.security.helmet.ieNoOpen", json!(true)),
        ("hub.security.helmet.noSniff", json!(true)),
        ("hub.security.helmet.originAgentCluster", json!(true)),
        ("hub.security.helmet.permittedCrossDomainPolicies", json!(true)),
        ("hub.security.helmet.referrerPolicy", json!(true)),
        ("hub.security.helmet.xssFilter", json!(true)),
        ("hub.security.rateLimit.enabled", json!(true)),
        ("hub.security.rateLimit.standardHeaders", json!(true)),
        ("hub.security.rateLimit.legacyHeaders", json!(false)),
        ("hub.security.rateLimit.message", json!("Too many requests from this IP, please try again later.")),
        ("logging.format", json!("json")),
        ("logging.logDirectory", json!("logs")),
        ("logging.filePrefix", json!("proactions")),
        ("logging.fileRotation", json!(true)),
        ("logging.types.access.enabled", json!(true)),
        ("logging.types.access.file", json!(true)),
        ("logging.types.error.enabled", json!(true)),
        ("logging.types.error.file", json!(true)),
        ("logging.types.aiLink.enabled", json!(true)),
        ("logging.types.aiLink.file", json!(true)),
        ("healthCheck.enabled", json!(true)),
        ("healthCheck.path", json!("/health")),
        ("healthCheck.readinessPath", json!("/ready")),
        ("validation.skipSchemaValidation", json!(false)),
    ]
}

/// Keys that the shortest profile leaves at the guide's values, or at those of the facts where they are stricter.
fn defaults() -> Vec<(&'static str, Value)> {
    vec![
        ("hub.security.trustProxy", json!(1)),
        ("hub.security.helmet.frameguard", json!({"action": "deny"})),
        ("hub.security.helmet.hsts", json!({"maxAge": 31_536_000, "includeSubDomains": true, "preload": false})),
        (
            "hub.security.helmet.contentSecurityPolicy",
            json!({
                "directives": {
                    "defaultSrc": ["'self'"],
                    "scriptSrc": ["'self'", "'unsafe-inline'"],
                    "styleSrc": ["'self'", "'unsafe-inline'"],
                    "imgSrc": ["'self'", "data:", "https:"],
                    "frameAncestors": ["'none'"],
                },
                "reportOnly": true,
            }),
        ),
        ("hub.security.cors", json!({"enabled": false})),
        ("hub.security.rateLimit.windowMs", json!(900_000)),
        ("hub.security.rateLimit.max", json!(100)),
        ("hub.security.limits", json!({"json": "10mb", "urlencoded": "10mb"})),
        ("auth.enabled", json!(true)),
        ("auth.type", json!("edapi")),
        ("auth.edapi_url", json!("${EDAPI_URL}")),
        ("auth.tokens", Value::Null),
        ("auth.session.store", json!("redis")),
        ("auth.session.redis_client", json!({"url": "${PROACTIONS_REDIS_URL}"})),
        (
            "auth.session.cookie",
            json!({
                "name": "proactions_session",
                "secret": "${PROACTIONS_SESSION_SECRET}",
                "httpOnly": true,
                "secure": true,
                "sameSite": "strict",
                "maxAge": 86_400_000,
            }),
        ),
        ("auth.admin", json!({"enabled": false})),
        ("logging.defaultLogLevel", json!("info")),
        ("logging.maxFileSize", json!("100m")),
        ("logging.maxFiles", json!("365d")),
        ("logging.logTrace", json!(false)),
        ("logging.types.aiLink.logPrompt", json!(false)),
        ("logging.types.aiLink.logResponse", json!(false)),
        ("swagger", json!({"enabled": false})),
        ("youtube", Value::Null),
        ("mcp", Value::Null),
        ("tools", json!([])),
    ]
}

/// The guide's words, from both of its lists.
const FILTERED: [&str; 9] =
    ["password", "token", "apiKey", "api_key", "authorization", "key", "secret", "sessionId", "cookie"];

#[test]
fn every_hardened_key_is_there_under_every_profile() {
    let mut seen = 0;
    for case in cases() {
        seen += 1;
        let config = config(&case);
        let sealed = case.0 == "proactions-hub-tls";
        for (key, wanted) in constants().into_iter().filter(|(key, _)| !sealed || *key != "hub.tls.enabled") {
            assert_eq!(*at(&config, key), wanted, "{}: {key}", case.0);
        }
        if sealed {
            let wanted = json!({
                "enabled": true,
                "cert": "${TLS_CERT_PATH}",
                "key": "${TLS_KEY_PATH}",
                "ca": "${TLS_CA_PATH}",
                "passphrase": "${TLS_PASSPHRASE}",
                "rejectUnauthorized": true,
                "ciphers": "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256",
            });
            assert_eq!(*at(&config, "hub.tls"), wanted, "{}", case.0);
        }
        for word in FILTERED {
            let words = at(&config, "logging.sensitiveData").as_array().expect("a list");
            assert!(words.contains(&json!(word)), "{}: {word}", case.0);
        }
        let days = at(&config, "logging.maxFiles").as_str().and_then(|text| text.strip_suffix('d'));
        assert!(days.is_some_and(|days| days.parse::<u32>().is_ok()), "{}: {days:?}", case.0);
        let frame = at(&config, "hub.security.helmet.frameguard.action");
        let ancestors = at(&config, "hub.security.helmet.contentSecurityPolicy.directives.frameAncestors");
        let agree = if frame == "deny" { json!(["'none'"]) } else { json!(["'self'"]) };
        assert!(ancestors.is_null() || *ancestors == agree, "{}: {frame} and {ancestors}", case.0);
        no_secret(&case.0, "", &config);
    }
    assert!(seen >= 7, "{seen} cases");
}

#[test]
fn the_shortest_profile_has_the_guides_values() {
    let case = cases().find(|case| case.0.ends_with("-edapi")).expect("the shortest profile is a case");
    let config = config(&case);
    for (key, wanted) in defaults() {
        assert_eq!(*at(&config, key), wanted, "{key}");
    }
}

/// What profiles change arrives where the application looks for it, in its type.
#[test]
fn settings_arrive_in_their_keys() {
    let config = |end: &str| {
        let case = cases().find(|case| case.0.ends_with(end)).unwrap_or_else(|| panic!("there is no case {end}"));
        config(&case)
    };
    let everything = config("-everything");
    for (key, wanted) in [
        ("hub.security.cors.origin", json!(["https://swing.example.com", "https://prime.example.com:8443"])),
        ("hub.security.cors.methods", json!("GET,POST,PUT,DELETE")),
        ("hub.security.cors.credentials", json!(true)),
        ("hub.security.cors.allowedHeaders", json!("Content-Type,Authorization,x-target")),
        ("hub.security.cors.maxAge", json!(86_400)),
        ("hub.security.helmet.hsts.preload", json!(true)),
        ("hub.security.helmet.contentSecurityPolicy.reportOnly", json!(false)),
        ("hub.security.limits.json", json!("50mb")),
        ("auth.session.cookie.maxAge", json!(28_800_000)),
        ("auth.admin.apiKeys", json!(["${PROACTIONS_ADMIN_KEY_1}", "${PROACTIONS_ADMIN_KEY_2}"])),
        ("auth.admin.allowedNetworks", json!(["10.8.0.0/25"])),
        ("targets.0.apiKey", json!("${OPENAI_API_KEY}")),
        ("targets.1.azureDeploymentId", json!("gpt")),
        ("targets.2.awsSecretAccessKey", json!("${AWS_BEDROCK_SECRET_ACCESS_KEY}")),
        ("targets.2.apiKey", Value::Null),
        ("targets.3.privateKey", json!("${VERTEX_PRIVATE_KEY}")),
        ("targets.4.workersAiAccountId", json!("0a1b2c")),
        ("proxies.0.options.secure", json!(true)),
        ("proxies.0.options.headers.Authorization", json!("${DEEPL_AUTHORIZATION}")),
        (
            "proxies.1.remove_source_headers",
            json!(["authorization", "cookie", "x-api-key", "x-forwarded-for", "x-real-ip"]),
        ),
        ("youtube.accounts.1.client_secret", json!("${YOUTUBE_CLIENT_SECRET_2}")),
        ("youtube.accounts.1.redirect_uri", json!("https://hub.example.com/youtube/auth/google/callback?target=news")),
        ("mcp.servers.0.args", json!(["-y", "@example/files@1.2.3"])),
        ("mcp.servers.1.headers.Authorization", json!("Bearer ${REMOTE_MCP_TOKEN}")),
        ("tools.0.type", json!("article_extractor")),
        ("logging.maxFiles", json!("730d")),
    ] {
        assert_eq!(*at(&everything, key), wanted, "{key}");
    }
    targets(&config("-targets"));
    let tls = json!({"rejectUnauthorized": true, "ca": "${REDIS_CA_CERT}"});
    for case in ["-redis-tls", "-redis-external"] {
        assert_eq!(*at(&config(case), "auth.session.redis_client.tls"), tls, "{case}");
    }
    let subnet = config("-redis-tls");
    assert_eq!(*at(&subnet, "hub.security.trustProxy"), json!(["10.91.32.0/28", "10.9.0.4/32"]));
    assert_eq!(
        *at(&config("-redis-external"), "hub.security.trustProxy"),
        json!(2),
        "a balancer and a proxy that adds"
    );
    assert_eq!(*at(&config("-token"), "auth.tokens"), json!(["${AUTH_TOKEN_1}", "${AUTH_TOKEN_2}"]));
    // Browsers would be locked out with a certificate they do not trust.
    assert_eq!(*at(&config("-development"), "hub.security.helmet.hsts"), json!(false));
}

/// Every form of target: of a provider, of one's own, behind a guardrail, and several under one name.
fn targets(config: &Value) {
    let key = |name: &str| format!("${{{name}}}");
    let of = |id: &str| {
        let all = at(config, "targets").as_array().expect("a list");
        let found: Vec<_> = all.iter().filter(|target| target["id"] == id).collect();
        assert!(found.len() < 2, "{id} is there twice");
        found.first().copied().cloned().unwrap_or_default()
    };
    let openai = json!({"model": "gpt-4o-mini", "max_completion_tokens": 2000, "temperature": 0.7});
    let (timeout, api_key) = (120_000, key("OPENAI_API_KEY"));
    let wanted =
        json!({"id": "gpt", "provider": "openai", "apiKey": api_key, "options": openai, "requestTimeout": timeout});
    assert_eq!(of("gpt"), wanted);
    let wanted =
        json!({"id": "local", "provider": "ollama", "options": {"model": "llama3"}, "requestTimeout": timeout});
    assert_eq!(of("local"), wanted, "a provider without a key");
    assert_eq!(of("vertex-eu")["privateKey"], json!(key("CREDENTIAL_VERTEX_NEWS")));
    assert_eq!(of("vertex-eu")["scope"], json!("https://www.googleapis.com/auth/cloud-platform.read-only"));
    let headers = json!({"X-Team": "news desk", "X-Subscription-Key": key("CREDENTIAL_OWN_SUBSCRIPTION")});
    let wanted = json!({
        "id": "own",
        "provider": "custom",
        "apiKey": key("CREDENTIAL_OWN_ENDPOINT"),
        "endpoint": "https://ai.example.com{path}",
        "headers": headers,
        "requestTimeout": timeout,
    });
    assert_eq!(of("own"), wanted);
    let hook = |id: &str, deny: bool, name: &str, categories: &[&str]| {
        let parameters = json!({"credentials": {"apiKey": key(name)}, "categories": categories});
        let check = json!({"id": "mistral.moderateContent", "parameters": parameters});
        json!({"type": "guardrail", "id": id, "deny": deny, "checks": [check]})
    };
    let privacy = hook("privacy", true, "MISTRAL_API_KEY", &["pii"]);
    let member = |provider: &str, name: &str, parameters: &Value| json!({"provider": provider, "api_key": key(name), "override_params": parameters});
    let mut guarded = member("openai", "CREDENTIAL_OPENAI_SPORT", &json!({"model": "gpt-4o-mini"}));
    guarded["beforeRequestHooks"] = json!([privacy]);
    assert_eq!(of("gpt-sport"), json!({"id": "gpt-sport", "config": guarded, "requestTimeout": timeout}));
    let claude = json!({"model": "claude-3-5-haiku-20241022", "max_tokens": 4000, "top_p": 1});
    let (gpt, claude) =
        (member("openai", "OPENAI_API_KEY", &openai), member("anthropic", "ANTHROPIC_API_KEY", &claude));
    let balanced = json!({"strategy": {"mode": "loadbalance"}, "targets": [gpt, claude]});
    assert_eq!(of("balanced"), json!({"id": "balanced", "config": balanced, "requestTimeout": timeout}));
    let groq = json!({"model": "llama-3.3-70b-versatile", "temperature": 0});
    let steady = json!({
        "strategy": {"mode": "fallback"},
        "targets": [member("groq", "CREDENTIAL_GROQ", &groq), claude, gpt],
        "beforeRequestHooks": [
            privacy,
            hook("conduct", false, "CREDENTIAL_MISTRAL_MODERATION", &["sexual", "hate_and_discrimination"]),
        ],
    });
    assert_eq!(of("steady"), json!({"id": "steady", "config": steady, "requestTimeout": 240_000}), "in their order");
    for id in ["claude", "groq"] {
        assert_eq!(of(id), Value::Null, "{id} is in groups alone");
    }
    for (path, wanted) in [
        ("proxies.0.options.headers", json!({"X-API-Key": key("CREDENTIAL_WIRES"), "Accept": "application/json"})),
        ("proxies.1.options.headers", json!({"xi-api-key": key("ELEVENLABS_KEY"), "Accept": "audio/mpeg"})),
        ("mcp.servers.0.env", json!({"FILES_TOKEN": key("CREDENTIAL_FILES"), "FILES_MODE": "read"})),
        ("mcp.servers.0.autoConnect", json!(false)),
        ("logging.defaultLogLevel", json!("warn")),
        ("logging.types.access", json!({"enabled": true, "console": false, "file": true, "level": "info"})),
        ("logging.types.proxy", json!({"enabled": true, "console": false, "file": true, "level": "warn"})),
        ("mcp.servers.1.headers", json!({"X-API-Key": key("CREDENTIAL_ARCHIVE")})),
        ("mcp.servers.1.ignoredTools", json!(["fetch_raw"])),
        ("mcp.servers.1.connectTimeout", json!(15_000)),
        ("mcp.servers.1.toolTimeout", json!(90_000)),
    ] {
        assert_eq!(*at(config, path), wanted, "{path}");
    }
}

/// Golden cases with such a file, by name, and its text.
fn cases() -> impl Iterator<Item = (String, String)> {
    static CASES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
        let file = |folder: &PathBuf| tree::compiled(folder).remove("config/config.yaml");
        let all = Generated::cases_with("config/config.yaml").into_iter();
        all.filter_map(|(name, folder)| Some((name, file(&folder)?))).collect()
    });
    CASES.iter().cloned()
}

/// The file as a Node application reads it.
fn config((name, text): &(String, String)) -> Value {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    std::fs::write(folder.path().join("config.yaml"), text).expect("the file can be written");
    let parser = root().join(".tools/node/node_modules/yaml");
    let script = "const [,module,file]=process.argv;\
                  const text=require('fs').readFileSync(file,'utf8');\
                  console.log(JSON.stringify(require(module).parse(text,{strict:true})))";
    let said = tools::run(folder.path(), "node", &["-e", script, &parser.to_string_lossy(), "config.yaml"]);
    serde_json::from_str(&said.accepted(name)).expect("node prints JSON")
}

/// The value of a path of keys and numbers; null where there is none.
fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(value, |value, key| match key.parse::<usize>() {
        Ok(index) => &value[index],
        Err(_) => &value[key],
    })
}

/// Keys that hold a secret hold the name of a variable and nothing else.
fn no_secret(case: &str, key: &str, value: &Value) {
    let secret = [
        "apiKey",
        "api_key",
        "secret",
        "client_secret",
        "privateKey",
        "awsAccessKeyId",
        "awsSecretAccessKey",
        "awsSessionToken",
        "passphrase",
        "Authorization",
        "xi-api-key",
        "X-API-Key",
        "X-Subscription-Key",
        "FILES_TOKEN",
    ];
    match value {
        Value::Object(entries) => entries.iter().for_each(|(key, value)| no_secret(case, key, value)),
        Value::Array(items) => items.iter().for_each(|item| no_secret(case, key, item)),
        Value::String(text) if secret.contains(&key) => {
            let bare = text.strip_prefix("Bearer ").unwrap_or(text);
            assert!(bare.starts_with("${") && bare.ends_with('}'), "{case}: {key} is {text}");
        }
        _ => {}
    }
}
