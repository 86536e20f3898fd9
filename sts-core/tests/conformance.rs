// A failed expectation is what a test reports; `unwrap` says so shortest.
#![allow(clippy::unwrap_used)]
//! Independent test data of AWS, Smithy and botocore, read from the folder that `STS_CONFORMANCE_DIR` names.
//!
//! The data are not part of this repository, so this target is not built by a plain `cargo test`:
//! `STS_CONFORMANCE_DIR=… cargo test -p sts-core --test conformance`. Without the folder every test fails.

mod common;

use std::{fs, path::PathBuf, time::Duration};

use common::receive;
use http::{HeaderName, HeaderValue, Request};
use serde_json::{Value, json};
use sts_core::{
    query::{Query, ToQuery},
    sigv4::{Signer, VerifyError, verify},
    validate::Rule,
    xml::{Document, Element, FromXml},
    *,
};
use time::UtcDateTime;

fn folder() -> PathBuf {
    let folder = std::env::var_os("STS_CONFORMANCE_DIR")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/conformance")), PathBuf::from);
    assert!(
        folder.join("INDEX.md").is_file(),
        "no conformance data in {}: set STS_CONFORMANCE_DIR to the folder that holds them",
        folder.display()
    );
    folder
}

fn read(path: &str) -> String {
    let path = folder().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json(path: &str) -> Value {
    serde_json::from_str(&read(path)).unwrap()
}

fn json_lines(path: &str) -> Vec<Value> {
    read(path).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a text"))
}

fn number(value: &Value) -> u32 {
    value.as_u64().and_then(|number| u32::try_from(number).ok()).unwrap_or_else(|| panic!("{value} is not a number"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is not a list"))
}

// Endpoints

#[test]
fn endpoints() {
    let cases = json("endpoints/endpoint-tests-1.json");
    let cases = list(&cases["testCases"]);
    assert_eq!(cases.len(), 69);
    for case in cases {
        let params = &case["params"];
        let flag = |name: &str| params[name].as_bool().unwrap_or_default();
        let mut builder = Config::builder()
            .use_fips(flag("UseFIPS"))
            .use_dual_stack(flag("UseDualStack"))
            .use_legacy_global_endpoint(flag("UseGlobalEndpoint"));
        if let Some(region) = params["Region"].as_str() {
            builder = builder.region(region);
        }
        if let Some(url) = params["Endpoint"].as_str() {
            builder = builder.endpoint_url(url);
        }
        let (expect, what) = (&case["expect"], &case["documentation"]);
        match builder.build() {
            Ok(config) => {
                let url = config.endpoint().to_string();
                assert_eq!(url.trim_end_matches('/'), text(&expect["endpoint"]["url"]), "{what}");
                let schemes = &expect["endpoint"]["properties"]["authSchemes"];
                // Without one, the region itself is signed for.
                let region = schemes[0]["signingRegion"].as_str().or(params["Region"].as_str());
                assert_eq!(config.signing_region(), region, "{what}");
            }
            Err(error) => assert_eq!(error.to_string(), text(&expect["error"]), "{what}"),
        }
    }
}

// Signatures

/// `20150830T123600Z`
fn compact_time(text: &str) -> UtcDateTime {
    let [year, month, day, hour, minute, second] =
        [&text[..4], &text[4..6], &text[6..8], &text[9..11], &text[11..13], &text[13..15]];
    rfc3339(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
}

fn rfc3339(text: &str) -> UtcDateTime {
    let seconds = chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp();
    UtcDateTime::from_unix_timestamp(seconds).unwrap()
}

fn credentials(id: &Value, secret: &Value, token: &Value) -> Credentials {
    let credentials = Credentials::new(text(id), text(secret));
    match token.as_str() {
        Some(token) => credentials.session_token(token),
        None => credentials,
    }
}

/// What a verifier would have hashed and signed: a wrong secret makes it say so.
fn steps(request: &Request<Vec<u8>>, service: &str, now: UtcDateTime, known: &Credentials) -> (String, String) {
    let mut wrong = known.clone();
    wrong.secret_access_key = "wrong".into();
    match verify(request, service, now, |_| Some(wrong)) {
        Err(VerifyError::Mismatch { canonical_request, string_to_sign, .. }) => {
            (canonical_request.to_string(), string_to_sign)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn generated_signatures() {
    let cases = json_lines("generated-sigv4/sts-1000.jsonl");
    assert_eq!(cases.len(), 1000);
    let (mut headers, mut presigned) = (0, 0);
    for case in &cases {
        let known = credentials(&case["ak"], &case["sk"], &case["token"]);
        let (host, body, now) = (text(&case["host"]), text(&case["body"]), compact_time(text(&case["time"])));
        let (region, service, id) = (text(&case["region"]), text(&case["service"]), &case["id"]);
        let signer = Signer::new(&known, region, service);
        if case["mode"] == "header" {
            let mut request = Request::post(format!("https://{host}/"))
                .header("content-type", text(&case["content_type"]))
                .body(body.as_bytes().to_vec())
                .unwrap();
            signer.sign(&mut request, body.as_bytes(), now).unwrap();
            let (canonical_request, string_to_sign) = steps(&request, service, now, &known);
            assert_eq!(canonical_request, text(&case["canonical_request"]), "{id}");
            assert_eq!(string_to_sign, text(&case["string_to_sign"]), "{id}");
            assert_eq!(request.headers()["authorization"], text(&case["authorization"]), "{id}");
            headers += 1;
        } else {
            let request = Request::get(format!("https://{host}/?{body}")).body(()).unwrap();
            let expires = Duration::from_secs(number(&case["expires"]).into());
            let url = signer.presign(&request, &b""[..], expires, now).unwrap().to_string();
            assert_eq!(sorted_url(&url), sorted_url(text(&case["url"])), "{id}");
            presigned += 1;
        }
    }
    assert_eq!((headers, presigned), (734, 266));
}

/// The order of parameters is the signer's choice; it is not part of the signature.
fn sorted_url(url: &str) -> (&str, Vec<&str>) {
    let (start, query) = url.split_once('?').unwrap_or((url, ""));
    let mut parameters: Vec<_> = query.split('&').collect();
    parameters.sort_unstable();
    (start, parameters)
}

/// A case of the signing suite, as much as an `http::Request` can hold.
struct SuiteCase {
    request: Request<Vec<u8>>,
    context: Value,
}

impl SuiteCase {
    fn read(name: &str) -> Self {
        let context = fs::read_to_string(folder().join(format!("sigv4-suite/{name}/context.json"))).map_or_else(
            // The two cases without a context: what their signed requests and aws-sigv4, which ships them, say.
            |_| {
                let (id, secret, region, service, timestamp) = match name {
                    "double-encode-path" => {
                        ("ANOTREAL", "notrealrnrELgWzOk3IfjzDKtFBhDby", "us-east-1", "service", "2015-08-30T12:36:00Z")
                    }
                    _ => (
                        "AKIDEXAMPLE",
                        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                        "us-east-2",
                        "lambda",
                        "2021-05-11T15:40:45Z",
                    ),
                };
                json!({
                    "credentials": { "access_key_id": id, "secret_access_key": secret },
                    "normalize": true, "region": region, "service": service, "timestamp": timestamp,
                })
            },
            |text| serde_json::from_str(&text).unwrap(),
        );
        let source = read(&format!("sigv4-suite/{name}/request.txt"));
        let (head, body) = source.split_once("\n\n").unwrap_or((&source, ""));
        // RFC 9112 §5.2: a line that begins with a blank continues the one before.
        let head = head.replace("\n ", " ");
        let mut lines = head.lines();
        let (method, rest) = lines.next().unwrap().split_once(' ').unwrap();
        // A URL has no blanks; every client sends them percent-encoded.
        let target = rest.strip_suffix(" HTTP/1.1").unwrap().replace(' ', "%20");
        let mut request = Request::new(body.as_bytes().to_vec());
        for (name, value) in lines.map(|line| line.split_once(':').unwrap()) {
            let value = HeaderValue::from_bytes(value.trim().as_bytes()).unwrap();
            request.headers_mut().append(name.parse::<HeaderName>().unwrap(), value);
        }
        // The signer sets it itself.
        request.headers_mut().remove("x-amz-date");
        *request.method_mut() = method.parse().unwrap();
        let host = request.headers()["host"].to_str().unwrap().to_owned();
        *request.uri_mut() = format!("https://{host}{target}").parse().unwrap();
        Self { request, context }
    }

    fn credentials(&self) -> Credentials {
        let of = &self.context["credentials"];
        credentials(&of["access_key_id"], &of["secret_access_key"], &of["token"])
    }

    fn now(&self) -> UtcDateTime {
        rfc3339(text(&self.context["timestamp"]))
    }
}

/// The suite signs `content-length`; this signer leaves out what describes the connection unless told otherwise.
const SUITE_UNSIGNED: [&str; 1] = ["authorization"];

/// The suite takes paths as they come and encodes them once; the two cases of their own encode twice.
fn signer<'a>(name: &str, case: &'a SuiteCase, credentials: &'a Credentials) -> Signer<'a> {
    Signer::new(credentials, text(&case.context["region"]), text(&case.context["service"]))
        .normalize_path(case.context["normalize"] == true)
        .double_encode_path(name.starts_with("double-"))
        .unsigned_headers(&SUITE_UNSIGNED)
}

fn suite() -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder().join("sigv4-suite"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names.len(), 40);
    names
}

#[test]
fn signing_suite_in_headers() {
    let mut signatures = 0;
    for name in suite() {
        let mut case = SuiteCase::read(&name);
        let expected =
            |step: &str| fs::read_to_string(folder().join(format!("sigv4-suite/{name}/header-{step}.txt"))).ok();
        let omits_token = case.context["omit_session_token"] == true;
        let mut known = case.credentials();
        if omits_token {
            // The token is added after signing.
            known.session_token = None;
        }
        if case.context["sign_body"] == true {
            let canonical = expected("canonical-request").unwrap();
            let hash = canonical.trim_end().rsplit_once('\n').unwrap().1;
            case.request.headers_mut().insert("x-amz-content-sha256", hash.parse().unwrap());
        }
        let now = case.now();
        let mut request = case.request.clone();
        let body = request.body().clone();
        signer(&name, &case, &known).sign(&mut request, &*body, now).unwrap();
        let authorization = request.headers()["authorization"].to_str().unwrap().to_owned();
        // Equal signatures mean equal steps. Our verifier, which knows the rules of STS alone, shows them where these are the
        // suite's, so that a failure says which one is wrong.
        if !name.contains("unnormalized") && !["get-utf8", "get-space-normalized"].contains(&&*name) {
            let (canonical_request, string_to_sign) = steps(&request, text(&case.context["service"]), now, &known);
            // The text of `double-encode-path` has another date than its signature.
            let expected_request = match &*name {
                "double-encode-path" => {
                    expected("canonical-request").unwrap().replace("20210511T154045Z", "20150830T123600Z")
                }
                _ => expected("canonical-request").unwrap(),
            };
            assert_eq!(canonical_request.trim_end(), expected_request.trim_end(), "{name}");
            if let Some(expected) = expected("string-to-sign") {
                assert_eq!(string_to_sign, expected.trim_end(), "{name}");
            }
        }
        let (_, signature) = authorization.rsplit_once("Signature=").unwrap();
        let signed = expected("signed-request").unwrap();
        let (_, expected) = signed.split_once("Signature=").unwrap();
        assert_eq!(signature, expected.lines().next().unwrap(), "{name}");
        signatures += 1;
    }
    assert_eq!(signatures, 40);
}

#[test]
fn signing_suite_in_queries() {
    let mut signatures = 0;
    for name in suite() {
        let Ok(expected) = fs::read_to_string(folder().join(format!("sigv4-suite/{name}/query-signature.txt"))) else {
            continue;
        };
        let case = SuiteCase::read(&name);
        let mut known = case.credentials();
        if case.context["omit_session_token"] == true {
            known.session_token = None;
        }
        let expires = Duration::from_secs(number(&case.context["expiration_in_seconds"]).into());
        let url = signer(&name, &case, &known).presign(&case.request, &**case.request.body(), expires, case.now());
        let url = url.unwrap().to_string();
        assert_eq!(url.rsplit_once("X-Amz-Signature=").unwrap().1, expected.trim_end(), "{name}");
        signatures += 1;
    }
    assert_eq!(signatures, 38);
}

// Forms

/// Any operation's input, written as the model describes it: holds the writer against inputs that the typed operations
/// cannot express, such as structures without their required members.
struct Modelled<'a> {
    model: &'a Value,
    shape: &'a str,
    value: &'a Value,
}

impl ToQuery for Modelled<'_> {
    fn to_query(&self, query: &mut Query) {
        let shape = &self.model["shapes"][self.shape];
        match text(&shape["type"]) {
            "structure" => {
                for member in members_in_order(self.model, self.shape) {
                    if let Some(value) = self.value.get(member) {
                        let shape = text(&shape["members"][member]["shape"]);
                        query.put(member, &Modelled { value, shape, ..*self }, Rule::Any);
                    }
                }
            }
            "list" => {
                let shape = text(&shape["member"]["shape"]);
                let elements: Vec<_> =
                    list(self.value).iter().map(|value| Modelled { value, shape, ..*self }).collect();
                elements.to_query(query);
            }
            "integer" => number(self.value).to_query(query),
            _ => text(self.value).to_query(query),
        }
    }
}

/// The members of a structure in the model's order, which a map of values loses: by where they stand in the file.
fn members_in_order<'m>(model: &'m Value, shape: &str) -> Vec<&'m String> {
    let source = text(&model["source"]);
    let start = source.find(&format!("\n        \"{shape}\": {{")).unwrap_or_else(|| panic!("no shape {shape}"));
    let place = |member: &String| source[start..].find(&format!("\n                \"{member}\": {{")).unwrap();
    let mut members: Vec<_> = model["shapes"][shape]["members"].as_object().unwrap().keys().collect();
    members.sort_by_key(|member| place(member));
    members
}

fn model() -> Value {
    let source = read("model/service-2.json");
    let mut model: Value = serde_json::from_str(&source).unwrap();
    model["source"] = source.into();
    model
}

/// botocore writes a space as `+`, as HTML forms do; awsQuery says `%20`. A literal plus is `%2B` in both.
fn expected_body(case: &Value) -> String {
    text(&case["body"]).replace('+', "%20")
}

fn form(body: &Body) -> &str {
    std::str::from_utf8(body.expose()).unwrap()
}

#[test]
fn generated_requests_through_the_writer() {
    let model = model();
    let cases = json_lines("generated-query/sts-requests.jsonl");
    assert_eq!(cases.len(), 401);
    for case in &cases {
        let operation = text(&case["op"]);
        let mut query = Query::new(operation, "2011-06-15");
        let shape = text(&model["operations"][operation]["input"]["shape"]);
        Modelled { model: &model, shape, value: &case["input"] }.to_query(&mut query);
        assert_eq!(form(&query.finish_unchecked()), expected_body(case));
    }
}

/// Sets the members that are there.
macro_rules! set {
    ($operation:expr, $input:expr, $($member:literal => $setter:ident($read:expr)),+ $(,)?) => {{
        let mut operation = $operation;
        $(if let Some(value) = $input.get($member) {
            operation = operation.$setter($read(value));
        })+
        operation
    }};
}

fn tags(value: &Value) -> Vec<Tag<'_>> {
    list(value).iter().map(|tag| Tag::new(text(&tag["Key"]), text(&tag["Value"]))).collect()
}

fn policies(value: &Value) -> Vec<PolicyDescriptor<'_>> {
    list(value).iter().map(|policy| PolicyDescriptor::new(text(&policy["arn"]))).collect()
}

fn contexts(value: &Value) -> Vec<ProvidedContext<'_>> {
    let context = |value: &'_ Value| {
        ProvidedContext::new(text(&value["ProviderArn"]).to_owned(), text(&value["ContextAssertion"]).to_owned())
    };
    list(value).iter().map(context).collect()
}

fn texts(value: &Value) -> Vec<&str> {
    list(value).iter().map(text).collect()
}

/// Whether a structure lacks a member that the typed operations require.
fn is_incomplete(input: &Value) -> bool {
    let lacks = |list: &str, members: &[&str]| {
        let elements = input[list].as_array().map(Vec::as_slice).unwrap_or_default();
        elements.iter().any(|element| members.iter().any(|member| element.get(member).is_none()))
    };
    lacks("PolicyArns", &["arn"])
        || lacks("ProvidedContexts", &["ProviderArn", "ContextAssertion"])
        || lacks("Tags", &["Key", "Value"])
        || input.get("TaskPolicyArn").is_some_and(|policy| policy.get("arn").is_none())
}

/// The body of a typed operation.
fn typed_body(operation: &str, input: &Value) -> Body {
    let required = |member: &str| text(&input[member]).to_owned();
    match operation {
        "AssumeRole" => set!(AssumeRole::new(required("RoleArn"), required("RoleSessionName")), input,
            "PolicyArns" => policy_arns(policies),
            "Policy" => policy(text),
            "DurationSeconds" => duration_seconds(number),
            "Tags" => tags(tags),
            "TransitiveTagKeys" => transitive_tag_keys(texts),
            "ExternalId" => external_id(text),
            "SerialNumber" => serial_number(text),
            "TokenCode" => token_code(text),
            "SourceIdentity" => source_identity(text),
            "ProvidedContexts" => provided_contexts(contexts),
            "MinimumSessionTokenSize" => minimum_session_token_size(number),
        )
        .to_body_unchecked(),
        "AssumeRoleWithWebIdentity" => set!(
            AssumeRoleWithWebIdentity::new(
                required("RoleArn"), required("RoleSessionName"), required("WebIdentityToken")
            ), input,
            "ProviderId" => provider_id(text),
            "PolicyArns" => policy_arns(policies),
            "Policy" => policy(text),
            "DurationSeconds" => duration_seconds(number),
            "MinimumSessionTokenSize" => minimum_session_token_size(number),
        )
        .to_body_unchecked(),
        "AssumeRoleWithSAML" => set!(
            AssumeRoleWithSaml::new(required("RoleArn"), required("PrincipalArn"), required("SAMLAssertion")), input,
            "PolicyArns" => policy_arns(policies),
            "Policy" => policy(text),
            "DurationSeconds" => duration_seconds(number),
            "MinimumSessionTokenSize" => minimum_session_token_size(number),
        )
        .to_body_unchecked(),
        "AssumeRoot" => set!(
            AssumeRoot::new(
                required("TargetPrincipal"), PolicyDescriptor::new(text(&input["TaskPolicyArn"]["arn"]))
            ), input,
            "DurationSeconds" => duration_seconds(number),
            "MinimumSessionTokenSize" => minimum_session_token_size(number),
        )
        .to_body_unchecked(),
        "DecodeAuthorizationMessage" => DecodeAuthorizationMessage::new(required("EncodedMessage")).to_body_unchecked(),
        "GetAccessKeyInfo" => GetAccessKeyInfo::new(required("AccessKeyId")).to_body_unchecked(),
        "GetCallerIdentity" => GetCallerIdentity::new().to_body_unchecked(),
        "GetDelegatedAccessToken" => GetDelegatedAccessToken::new(required("TradeInToken")).to_body_unchecked(),
        "GetFederationToken" => set!(GetFederationToken::new(required("Name")), input,
            "Policy" => policy(text),
            "PolicyArns" => policy_arns(policies),
            "DurationSeconds" => duration_seconds(number),
            "Tags" => tags(tags),
            "MinimumSessionTokenSize" => minimum_session_token_size(number),
        )
        .to_body_unchecked(),
        "GetWebIdentityToken" => set!(
            GetWebIdentityToken::new(texts(&input["Audience"]), required("SigningAlgorithm")), input,
            "DurationSeconds" => duration_seconds(number),
            "Tags" => tags(tags),
        )
        .to_body_unchecked(),
        "GetSessionToken" => set!(GetSessionToken::new(), input,
            "DurationSeconds" => duration_seconds(number),
            "SerialNumber" => serial_number(text),
            "TokenCode" => token_code(text),
            "MinimumSessionTokenSize" => minimum_session_token_size(number),
        )
        .to_body_unchecked(),
        _ => panic!("no such operation: {operation}"),
    }
}

#[test]
fn generated_requests_through_the_operations() {
    let mut compared = 0;
    for case in json_lines("generated-query/sts-requests.jsonl") {
        if is_incomplete(&case["input"]) {
            continue;
        }
        let body = typed_body(text(&case["op"]), &case["input"]);
        assert_eq!(form(&body), expected_body(&case));
        compared += 1;
    }
    assert_eq!(compared, TYPED_REQUESTS);
}

/// Of 401; the others hold a structure without a member that `new` requires, and go through the writer alone.
const TYPED_REQUESTS: usize = 325;

/// The cases of the Smithy protocol tests that apply: no floats, blobs, maps or flattened lists, which STS does not have.
#[test]
fn protocol_inputs() {
    struct Members(Vec<(&'static str, Form)>);
    enum Form {
        Text(&'static str),
        Number(u32),
        List(Vec<Form>),
        Structure(Members),
    }
    use Form::{List, Number, Structure, Text};
    impl ToQuery for Members {
        fn to_query(&self, query: &mut Query) {
            for (name, value) in &self.0 {
                query.put(name, value, Rule::Any);
            }
        }
    }
    impl ToQuery for Form {
        fn to_query(&self, query: &mut Query) {
            match self {
                Text(value) => value.to_query(query),
                Number(value) => value.to_query(query),
                List(value) => value.to_query(query),
                Structure(value) => value.to_query(query),
            }
        }
    }
    let structure = |members| Structure(Members(members));
    let inputs = [
        ("QueryEmptyInputAndEmptyOutput", vec![]),
        (
            "NestedStructures",
            vec![(
                "Nested",
                structure(vec![
                    ("StringArg", Text("foo")),
                    ("OtherArg", Text("true")),
                    ("RecursiveArg", structure(vec![("StringArg", Text("baz"))])),
                ]),
            )],
        ),
        ("QueryNoInputAndNoOutput", vec![]),
        ("QueryNoInputAndOutput", vec![]),
        (
            "QueryLists",
            vec![
                ("ListArg", List(vec![Text("foo"), Text("bar"), Text("baz")])),
                (
                    "ComplexListArg",
                    List(vec![structure(vec![("hi", Text("hello"))]), structure(vec![("hi", Text("hola"))])]),
                ),
            ],
        ),
        ("EmptyQueryLists", vec![("ListArg", List(vec![]))]),
        (
            "QueryNestedStructWithList",
            vec![("NestedWithList", structure(vec![("ListArg", List(vec![Text("A"), Text("B")]))]))],
        ),
        ("QuerySimpleInputParamsStrings", vec![("Foo", Text("val1")), ("Bar", Text("val2"))]),
        ("QuerySimpleInputParamsInteger", vec![("Bam", Number(10))]),
        ("QueryEnums", vec![("FooEnum", Text("Foo"))]),
    ];
    let cases = json("query-protocol/input.json");
    for (id, input) in inputs {
        let case = protocol_case(&cases, id);
        let expected = text(&case["serialized"]["body"]);
        let action = expected.strip_prefix("Action=").unwrap().split('&').next().unwrap();
        let mut query = Query::new(action, "2020-01-08");
        Members(input).to_query(&mut query);
        assert_eq!(form(&query.finish_unchecked()), expected, "{id}");
    }
}

fn protocol_case<'a>(suites: &'a Value, id: &str) -> &'a Value {
    let mut cases = list(suites).iter().flat_map(|suite| list(&suite["cases"]));
    cases.find(|case| case["id"] == id).unwrap_or_else(|| panic!("no case {id}"))
}

// Responses

/// An output as botocore shows it.
trait Show {
    fn show(&self) -> Value;
}

/// A JSON object of the members that are there.
fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    members.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.to_owned(), value)).collect()
}

impl Show for TemporaryCredentials {
    fn show(&self) -> Value {
        object([
            ("AccessKeyId", json!(self.access_key_id)),
            ("SecretAccessKey", json!(self.secret_access_key.expose())),
            ("SessionToken", json!(self.session_token.expose())),
            ("Expiration", json!(self.expiration.unix_timestamp())),
        ])
    }
}

impl Show for shapes::AssumedRoleUser {
    fn show(&self) -> Value {
        object([("AssumedRoleId", json!(self.assumed_role_id)), ("Arn", json!(self.arn))])
    }
}

impl Show for AssumeRoleOutput {
    fn show(&self) -> Value {
        object([
            ("Credentials", self.credentials.show()),
            ("AssumedRoleUser", self.assumed_role_user.show()),
            ("PackedPolicySize", json!(self.packed_policy_size)),
            ("SourceIdentity", json!(self.source_identity)),
            ("SessionTokenUtilization", json!(self.session_token_utilization)),
            ("SessionTokenSize", json!(self.session_token_size)),
        ])
    }
}

impl Show for AssumeRoleWithWebIdentityOutput {
    fn show(&self) -> Value {
        object([
            ("Credentials", self.credentials.show()),
            ("SubjectFromWebIdentityToken", json!(self.subject_from_web_identity_token)),
            ("AssumedRoleUser", self.assumed_role_user.show()),
            ("PackedPolicySize", json!(self.packed_policy_size)),
            ("Provider", json!(self.provider)),
            ("Audience", json!(self.audience)),
            ("SourceIdentity", json!(self.source_identity)),
            ("SessionTokenUtilization", json!(self.session_token_utilization)),
            ("SessionTokenSize", json!(self.session_token_size)),
        ])
    }
}

impl Show for shapes::FederatedUser {
    fn show(&self) -> Value {
        object([("FederatedUserId", json!(self.federated_user_id)), ("Arn", json!(self.arn))])
    }
}

impl Show for AssumeRoleWithSamlOutput {
    fn show(&self) -> Value {
        object([
            ("Credentials", self.credentials.show()),
            ("AssumedRoleUser", self.assumed_role_user.show()),
            ("PackedPolicySize", json!(self.packed_policy_size)),
            ("Subject", json!(self.subject)),
            ("SubjectType", json!(self.subject_type)),
            ("Issuer", json!(self.issuer)),
            ("Audience", json!(self.audience)),
            ("NameQualifier", json!(self.name_qualifier)),
            ("SourceIdentity", json!(self.source_identity)),
            ("SessionTokenUtilization", json!(self.session_token_utilization)),
            ("SessionTokenSize", json!(self.session_token_size)),
        ])
    }
}

impl Show for AssumeRootOutput {
    fn show(&self) -> Value {
        object([
            ("Credentials", self.credentials.show()),
            ("SourceIdentity", json!(self.source_identity)),
            ("SessionTokenUtilization", json!(self.session_token_utilization)),
            ("SessionTokenSize", json!(self.session_token_size)),
        ])
    }
}

impl Show for DecodeAuthorizationMessageOutput {
    fn show(&self) -> Value {
        object([("DecodedMessage", json!(self.decoded_message))])
    }
}

impl Show for GetAccessKeyInfoOutput {
    fn show(&self) -> Value {
        object([("Account", json!(self.account))])
    }
}

impl Show for GetDelegatedAccessTokenOutput {
    fn show(&self) -> Value {
        object([
            ("Credentials", self.credentials.show()),
            ("PackedPolicySize", json!(self.packed_policy_size)),
            ("AssumedPrincipal", json!(self.assumed_principal)),
        ])
    }
}

impl Show for GetFederationTokenOutput {
    fn show(&self) -> Value {
        object([
            ("Credentials", self.credentials.show()),
            ("FederatedUser", self.federated_user.show()),
            ("PackedPolicySize", json!(self.packed_policy_size)),
            ("SessionTokenUtilization", json!(self.session_token_utilization)),
            ("SessionTokenSize", json!(self.session_token_size)),
        ])
    }
}

impl Show for GetWebIdentityTokenOutput {
    fn show(&self) -> Value {
        object([
            ("WebIdentityToken", json!(self.web_identity_token.expose())),
            ("Expiration", json!(self.expiration.unix_timestamp())),
        ])
    }
}

impl Show for GetCallerIdentityOutput {
    fn show(&self) -> Value {
        object([("UserId", json!(self.user_id)), ("Account", json!(self.account)), ("Arn", json!(self.arn))])
    }
}

impl Show for GetSessionTokenOutput {
    fn show(&self) -> Value {
        object([
            ("Credentials", self.credentials.show()),
            ("SessionTokenUtilization", json!(self.session_token_utilization)),
            ("SessionTokenSize", json!(self.session_token_size)),
        ])
    }
}

/// What came of a response: the request id, and the output, or else the code and the text of the error.
fn shown<O: Operation<Output: Show>>(operation: &O, case: &Value) -> Result<(Option<String>, Value), Error<()>> {
    let status = u16::try_from(number(&case["status"])).unwrap();
    receive(operation, status, text(&case["xml"])).map(|reply| (reply.metadata.request_id, reply.output.show()))
}

/// The result of a typed operation.
fn typed_result(operation: &str, case: &Value) -> Result<(Option<String>, Value), Error<()>> {
    match operation {
        "AssumeRole" => shown(&AssumeRole::new("", ""), case),
        "AssumeRoleWithSAML" => shown(&AssumeRoleWithSaml::new("", "", ""), case),
        "AssumeRoleWithWebIdentity" => shown(&AssumeRoleWithWebIdentity::new("", "", ""), case),
        "AssumeRoot" => shown(&AssumeRoot::new("", PolicyDescriptor::new("")), case),
        "DecodeAuthorizationMessage" => shown(&DecodeAuthorizationMessage::new(""), case),
        "GetAccessKeyInfo" => shown(&GetAccessKeyInfo::new(""), case),
        "GetCallerIdentity" => shown(&GetCallerIdentity::new(), case),
        "GetDelegatedAccessToken" => shown(&GetDelegatedAccessToken::new(""), case),
        "GetFederationToken" => shown(&GetFederationToken::new(""), case),
        "GetSessionToken" => shown(&GetSessionToken::new(), case),
        "GetWebIdentityToken" => shown(&GetWebIdentityToken::new([""], ""), case),
        _ => panic!("no such operation: {operation}"),
    }
}

#[test]
fn generated_responses() {
    let cases = json_lines("generated-query/sts-responses.jsonl");
    assert_eq!(cases.len(), 250);
    let (mut outputs, mut errors, mut incomplete) = (0, 0, 0);
    for case in &cases {
        let mut expected = case["parsed"].clone();
        let metadata = expected.as_object_mut().unwrap().remove("ResponseMetadata").unwrap();
        let request_id = text(&metadata["RequestId"]);
        match typed_result(text(&case["op"]), case) {
            Ok((id, output)) => {
                // botocore keeps the offset, we keep the time.
                for pointer in ["/Credentials/Expiration", "/Expiration"] {
                    if let Some(expiration) = expected.pointer_mut(pointer) {
                        *expiration = json!(rfc3339(text(expiration)).unix_timestamp());
                    }
                }
                assert_eq!(id.as_deref(), Some(request_id));
                assert_eq!(output, expected);
                outputs += 1;
            }
            Err(Error::Service(error)) => {
                let expected = &expected["Error"];
                assert_eq!(error.code.as_str(), text(&expected["Code"]));
                assert!(!matches!(error.code, ErrorCode::Other(_)), "{} is modelled", error.code);
                assert_eq!(error.message, text(&expected["Message"]));
                assert_eq!(error.metadata.request_id.as_deref(), Some(request_id));
                errors += 1;
            }
            Err(error) => {
                // A member that STS always sends is missing, and the error names it.
                let message = error.to_string();
                let (_, rest) = message.split_once("missing element ").unwrap_or_else(|| panic!("{message}"));
                let member = rest.split(' ').next().unwrap();
                assert!(!text(&case["xml"]).contains(&format!("<{member}>")), "{message}");
                incomplete += 1;
            }
        }
    }
    assert_eq!((outputs, errors, incomplete), RESPONSES);
}

/// Outputs, errors, and outputs without a member that STS always sends; of 250.
const RESPONSES: (usize, usize, usize) = (104, 30, 116);

/// The cases of the Smithy protocol tests that apply, by what their members are.
#[test]
fn protocol_outputs() {
    let cases = json("query-protocol/output.json");
    let result = |id: &str, read: fn(Element<'_, '_>) -> Value| {
        let case = protocol_case(&cases, id);
        let document = Document::parse(text(&case["response"]["body"]).as_bytes()).unwrap();
        let root = document.root();
        let name = root.name().strip_suffix("Response").unwrap();
        assert_eq!(read(root.child(&format!("{name}Result")).unwrap()), case["result"], "{id}");
    };
    fn get<T: FromXml>(x: Element<'_, '_>, name: &str) -> T {
        x.get(name).unwrap()
    }
    fn time(x: Element<'_, '_>, name: &str) -> Value {
        let time: UtcDateTime = get(x, name);
        if time.nanosecond() == 0 {
            json!(time.unix_timestamp())
        } else {
            json!(time.unix_timestamp_nanos() as f64 / 1e9)
        }
    }
    fn members<'d>(x: Element<'d, '_>) -> Vec<&'d str> {
        x.children().map(Element::text).collect()
    }
    result("QueryGreetingWithErrors", |x| json!({ "greeting": get::<String>(x, "greeting") }));
    result("QueryIgnoresWrappingXmlName", |x| json!({ "foo": get::<String>(x, "foo") }));
    result("QuerySimpleScalarProperties", |x| {
        json!({
            "stringValue": get::<String>(x, "stringValue"),
            "emptyStringValue": get::<String>(x, "emptyStringValue"),
            "byteValue": get::<u32>(x, "byteValue"),
            "shortValue": get::<u32>(x, "shortValue"),
            "integerValue": get::<u32>(x, "integerValue"),
            "longValue": get::<u32>(x, "longValue"),
            // STS has no booleans and no floats: their texts.
            "trueBooleanValue": get::<String>(x, "trueBooleanValue") == "true",
            "falseBooleanValue": get::<String>(x, "falseBooleanValue") == "true",
            "floatValue": get::<String>(x, "floatValue").parse::<f64>().unwrap(),
            "doubleValue": get::<String>(x, "DoubleDribble").parse::<f64>().unwrap(),
        })
    });
    result("QueryXmlNamespaces", |x| {
        let nested = x.child("nested").unwrap();
        json!({ "nested": { "foo": get::<String>(nested, "foo"), "values": members(nested.child("values").unwrap()) } })
    });
    result("QueryXmlEnums", |x| {
        let map: serde_json::Map<_, _> = x
            .child("fooEnumMap")
            .unwrap()
            .children()
            .map(|entry| (get::<String>(entry, "key"), get::<String>(entry, "value").into()))
            .collect();
        json!({
            "fooEnum1": get::<String>(x, "fooEnum1"),
            "fooEnum2": get::<String>(x, "fooEnum2"),
            "fooEnum3": get::<String>(x, "fooEnum3"),
            "fooEnumList": members(x.child("fooEnumList").unwrap()),
            "fooEnumSet": members(x.child("fooEnumSet").unwrap()),
            "fooEnumMap": map,
        })
    });
    result("QueryXmlTimestamps", |x| json!({ "normal": time(x, "normal") }));
    result("QueryXmlTimestampsWithDateTimeFormat", |x| json!({ "dateTime": time(x, "dateTime") }));
    result(
        "QueryXmlTimestampsWithDateTimeOnTargetFormat",
        |x| json!({ "dateTimeOnTarget": time(x, "dateTimeOnTarget") }),
    );
    result("QueryXmlTimestampsWithEpochSecondsFormat", |x| json!({ "epochSeconds": time(x, "epochSeconds") }));
    result(
        "QueryXmlTimestampsWithEpochSecondsOnTargetFormat",
        |x| json!({ "epochSecondsOnTarget": time(x, "epochSecondsOnTarget") }),
    );
    result("AwsQueryDateTimeWithNegativeOffset", |x| json!({ "datetime": time(x, "datetime") }));
    result("AwsQueryDateTimeWithPositiveOffset", |x| json!({ "datetime": time(x, "datetime") }));
    result("AwsQueryDateTimeWithFractionalSeconds", |x| json!({ "datetime": time(x, "datetime") }));
}

#[test]
fn protocol_errors() {
    let cases = json("query-protocol/output.json");
    for id in ["QueryInvalidGreetingError", "QueryCustomizedError", "QueryComplexError"] {
        let case = protocol_case(&cases, id);
        let response = &case["response"];
        let status = u16::try_from(number(&response["status_code"])).unwrap();
        let error = receive(&GetCallerIdentity::new(), status, text(&response["body"])).unwrap_err();
        let Error::Service(error) = error else { panic!("{id}: {error}") };
        assert_eq!(error.code.as_str(), text(&case["errorCode"]), "{id}");
        assert_eq!(error.message, case["errorMessage"].as_str().unwrap_or_default(), "{id}");
        assert_eq!(error.metadata.request_id.as_deref(), Some("foo-id"), "{id}");
        assert_eq!(error.metadata.status.as_u16(), status, "{id}");
    }
}
