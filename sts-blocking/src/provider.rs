//! Finds a client's credentials: what the provider machines of `sts_core` ask for is done here, files are read, programs run, MFA codes
//! asked for and requests sent.
//!
//! Everything of [`sts_core::provider`] is exported here, too.

use std::{
    fmt, fs,
    io::{self, ErrorKind, Read},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

pub use sts_core::provider::*;
use sts_core::{
    Config, ConfigError, Credentials, Secret,
    provider::{
        machine::{Finished, Output, ProviderError, Session, Step},
        plan::{Plan, PlanError, Source, Variable},
        process::Process,
        profile::{Location, Platform, Profiles, SyntaxError},
        settings::Settings,
    },
    xml,
};

use time::UtcDateTime;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

use crate::{
    Client,
    transport::{agent, lost},
};

impl Client {
    /// The credentials that the next signed call uses: those that were given, else those that the default chain finds, which are kept
    /// until the last minute of their life. Threads that ask at the same time wait for one search. `None` when there is neither.
    ///
    /// # Errors
    /// No source is configured, or the one that is fails.
    pub fn find_credentials(&self) -> Result<Option<Arc<Credentials>>, CredentialsError> {
        let Some(provider) = self.provider.as_ref().filter(|_| self.credentials.is_none()) else {
            return Ok(self.credentials.clone());
        };
        // Nothing is left half done by a thread that panicked here.
        let mut kept = provider.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(credentials) = kept.as_ref().filter(|credentials| is_fresh(credentials)) {
            return Ok(Some(credentials.clone()));
        }
        let plan = provider.plan.as_ref().map_err(|error| CredentialsError::Plan(error.clone()))?;
        let mut found = None;
        for source in &plan.sources {
            found = Some(self.run(provider, source, found.as_ref()).map_err(|error| CredentialsError::Source {
                // Only at the chain's end is it of interest what else there could have been.
                passed_over: match source {
                    Source::InstanceMetadata(_) => plan.passed_over.clone(),
                    _ => Vec::new(),
                },
                error: Box::new(error),
            })?);
        }
        *kept = found.map(Arc::new);
        Ok(kept.clone())
    }

    /// Asks this function for the code of an MFA device, whose serial number or ARN it gets. Without one, a profile that needs a code is
    /// an error.
    #[must_use]
    pub fn mfa_prompt(mut self, prompt: impl Fn(&str) -> Result<Secret, String> + Send + Sync + 'static) -> Self {
        if let Some(provider) = &self.provider {
            let plan = provider.plan.clone();
            self.provider =
                Some(Arc::new(Provider { plan, kept: Mutex::default(), prompt: Some(Prompt(Box::new(prompt))) }));
        }
        self
    }

    /// Trusts the certificates in this PEM file alone instead of Mozilla's roots, as `AWS_CA_BUNDLE` says. An agent that was given is
    /// replaced.
    ///
    /// # Errors
    /// The file cannot be read, or there is no certificate in it.
    pub fn ca_bundle(mut self, path: &str) -> Result<Self, LoadError> {
        self.agent = agent(trusting(path)?);
        Ok(self)
    }

    pub(crate) fn load(variable: Variable<'_>, profile: Option<&str>) -> Result<Self, LoadError> {
        let platform = if cfg!(windows) { Platform::Windows } else { Platform::Unix };
        let location = Location::from_env(platform, variable);
        let mut profiles = Profiles::default();
        if let Some((path, text)) = read(location.config)? {
            profiles.read_config(&path, &text).map_err(LoadError::Syntax)?;
        }
        if let Some((path, text)) = read(location.credentials)? {
            profiles.read_credentials(&path, &text).map_err(LoadError::Syntax)?;
        }
        let settings = Settings::new(variable, &profiles, profile).map_err(LoadError::Setting)?;
        let mut client = Self::new(Config::from_env(|name| settings.variable(name)).map_err(LoadError::Config)?);
        if let Some(path) = settings.variable("AWS_CA_BUNDLE") {
            client = client.ca_bundle(&path)?;
        }
        let plan = Plan::new(platform, variable, &profiles, profile);
        client.provider = Some(Arc::new(Provider { plan, kept: Mutex::default(), prompt: None }));
        Ok(client)
    }

    fn run(
        &self,
        provider: &Provider,
        source: &Source,
        credentials: Option<&Credentials>,
    ) -> Result<Credentials, ProviderError<ureq::Error>> {
        let session = Session { config: &self.config, learned: &self.learned, credentials };
        let (start, clock) = (UtcDateTime::now(), Instant::now());
        let now = || start + clock.elapsed();
        let mut step = source.start(session, now());
        loop {
            step = match step {
                Step::ReadFile(path, next) => {
                    let text = fs::read_to_string(path).map_err(|error| error.to_string());
                    next.receive(now(), text)
                }
                Step::RunProcess(process, next) => {
                    let finished = run(process, next.timeout());
                    next.receive(now(), finished)
                }
                Step::PromptMfa(serial, next) => {
                    let code = match &provider.prompt {
                        Some(prompt) => (prompt.0)(serial),
                        None => Err("the client was given nobody to ask".to_owned()),
                    };
                    next.receive(now(), code)
                }
                Step::Transmit(request, next) => {
                    let result = self.exchange(request, next.timeout(), next.is_local());
                    next.receive(now(), result.map_err(lost))
                }
                Step::Wait(delay, next) => {
                    thread::sleep(delay);
                    next.resume(now())
                }
                Step::Done(result) => return result,
            };
        }
    }
}

/// Finds a client's credentials.
#[derive(Debug)]
pub(crate) struct Provider {
    /// An error here matters only to calls that are signed.
    plan: Result<Plan, PlanError>,
    kept: Mutex<Option<Arc<Credentials>>>,
    prompt: Option<Prompt>,
}

struct Prompt(Box<Ask>);

/// From a device's serial number to its code.
type Ask = dyn Fn(&str) -> Result<Secret, String> + Send + Sync;

impl fmt::Debug for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prompt")
    }
}

/// Why environment and profiles describe no client.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// A file is there, or is asked for, and cannot be read.
    File {
        /// The file.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// A line of a shared file is not what the syntax expects.
    Syntax(SyntaxError),
    /// A setting of a profile has no meaning.
    Setting(PlanError),
    /// The settings have no meaning or contradict each other.
    Config(ConfigError),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, .. } => write!(f, "{path} cannot be read"),
            Self::Syntax(error) => error.fmt(f),
            Self::Setting(error) => error.fmt(f),
            Self::Config(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { error, .. } => Some(error),
            _ => None,
        }
    }
}

/// Why there are no credentials.
#[derive(Debug)]
#[non_exhaustive]
pub enum CredentialsError {
    /// No source is configured, or one is, but wrongly.
    Plan(PlanError),
    /// A source failed.
    Source {
        /// How.
        error: Box<ProviderError<ureq::Error>>,
        /// The sources that are not configured, when this was the last resort.
        passed_over: Vec<String>,
    },
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plan(error) => error.fmt(f),
            Self::Source { error, passed_over } => {
                error.fmt(f)?;
                if !passed_over.is_empty() {
                    write!(f, "; passed over: {}", passed_over.join("; "))?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for CredentialsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Plan(_) => None,
            Self::Source { error, .. } => std::error::Error::source(&**error),
        }
    }
}

fn is_fresh(credentials: &Credentials) -> bool {
    credentials.expiration.is_none_or(|end| end > UtcDateTime::now() + Duration::from_secs(60))
}

/// A shared file, if it is there.
fn read(path: Option<String>) -> Result<Option<(String, String)>, LoadError> {
    let Some(path) = path else { return Ok(None) };
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some((path, text))),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(LoadError::File { path, error }),
    }
}

/// TLS with the certificates in that file as the only roots.
fn trusting(path: &str) -> Result<TlsConfig, LoadError> {
    let failed = |error| LoadError::File { path: path.to_owned(), error };
    let pem = fs::read(path).map_err(failed)?;
    let mut roots = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| failed(io::Error::other(error)))? {
            roots.push(certificate);
        }
    }
    if roots.is_empty() {
        return Err(failed(io::Error::new(ErrorKind::InvalidData, "there is no certificate in it")));
    }
    Ok(TlsConfig::builder().root_certs(RootCerts::Specific(Arc::new(roots))).build())
}

/// Runs a program to its end, or ends it when it takes too long. It gets our standard input, so that it can ask its user.
fn run(process: &Process, timeout: Duration) -> Result<Finished, String> {
    let deadline = Instant::now() + timeout;
    let mut command = Command::new(&process.program);
    command.args(process.arguments.iter().map(Secret::expose)).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| format!("cannot be started: {error}"))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let finished = collect(&mut child, &read_aside(stdout), &read_aside(stderr), deadline);
    if finished.is_none() {
        // It may have ended by now; then there is nothing to kill.
        let _ = child.kill();
        let _ = child.wait();
    }
    finished.ok_or_else(|| format!("did not end within {} s", timeout.as_secs()))
}

/// `None` when the time is over.
fn collect(
    child: &mut Child,
    stdout: &mpsc::Receiver<Output>,
    stderr: &mpsc::Receiver<Output>,
    deadline: Instant,
) -> Option<Finished> {
    let left = || deadline.saturating_duration_since(Instant::now());
    let stdout = stdout.recv_timeout(left()).ok()?;
    let stderr = stderr.recv_timeout(left()).ok()?;
    loop {
        // A status that cannot be had counts as none, which is no success.
        match child.try_wait() {
            Ok(None) if left().is_zero() => return None,
            // Its pipes are closed, so that it is about to end.
            Ok(None) => thread::sleep(Duration::from_millis(2)),
            Ok(Some(status)) => return Some(Finished { code: status.code(), stdout, stderr }),
            Err(_) => return Some(Finished { code: None, stdout, stderr }),
        }
    }
}

/// Reads a pipe in a thread of its own, since a program may fill either of its two first. A thread that a grandchild keeps waiting ends with
/// that.
fn read_aside(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Output> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read before an error is all there is; the exit code tells the rest.
        let _ = pipe.map(|pipe| pipe.take(xml::MAX_LENGTH as u64).read_to_end(&mut bytes));
        // Nobody listens any more when the time is over.
        let _ = sender.send(bytes.into());
    });
    receiver
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::GetCallerIdentity;
    use std::{
        env,
        io::Write,
        net::TcpListener,
        path::PathBuf,
        sync::atomic::{AtomicU32, Ordering},
    };

    /// A folder for the files of one test.
    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            static COUNT: AtomicU32 = AtomicU32::new(0);
            let name = format!("sts-provider-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
            let folder = env::temp_dir().join(name);
            fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }

        fn write(&self, name: &str, text: &str) -> String {
            let path = self.0.join(name);
            fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        }

        fn path(&self, name: &str) -> String {
            self.0.join(name).to_str().unwrap().to_owned()
        }

        fn load(&self, variables: &[(&str, &str)], profile: Option<&str>) -> Result<Client, LoadError> {
            let variable = |name: &str| match name {
                "HOME" => Some(self.path("home")),
                "AWS_CONFIG_FILE" => Some(self.path("config")),
                "AWS_REGION" => Some("eu-west-1".to_owned()),
                _ => variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()),
            };
            Client::load(&variable, profile)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    /// Answers as many requests as there are answers, one a connection, and gives back what was sent.
    fn serve(answers: Vec<String>) -> (String, thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let served = thread::spawn(move || {
            let mut requests = Vec::new();
            for answer in answers {
                let (mut connection, _) = listener.accept().unwrap();
                connection.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
                let (mut request, mut buffer) = (String::new(), [0; 4096]);
                while !is_complete(&request) {
                    let length = connection.read(&mut buffer).unwrap();
                    assert!(length > 0, "the request ends early: {request}");
                    request += std::str::from_utf8(&buffer[..length]).unwrap();
                }
                let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", answer.len());
                connection.write_all((head + &answer).as_bytes()).unwrap();
                requests.push(request);
            }
            requests
        });
        (url, served)
    }

    fn is_complete(request: &str) -> bool {
        let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
        let length = head
            .to_ascii_lowercase()
            .split_once("content-length: ")
            .map_or(0, |(_, rest)| rest.lines().next().unwrap().trim().parse().unwrap());
        body.len() >= length
    }

    const IDENTITY: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn</Arn><UserId>u</UserId>\
        <Account>a</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

    fn issued(operation: &str, key: &str, expiration: &str) -> String {
        format!(
            "<{operation}Response><{operation}Result><Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s\
             </SecretAccessKey><SessionToken>t</SessionToken><Expiration>{expiration}</Expiration></Credentials>\
             </{operation}Result></{operation}Response>"
        )
    }

    fn key_of(request: &str) -> &str {
        request.split_once("Credential=").map_or("none", |(_, rest)| rest.split_once('/').unwrap().0)
    }

    #[test]
    fn a_role_over_keys_with_mfa_is_assumed_once() {
        let folder = Folder::new();
        let assumed = issued("AssumeRole", "ASIA1", "2999-01-01T00:00:00Z");
        let (url, served) = serve(vec![assumed, IDENTITY.into(), IDENTITY.into()]);
        folder.write(
            "config",
            &format!(
                "[profile p]\nendpoint_url = {url}\nrole_arn = arn:aws:iam::123456789012:role/demo\nsource_profile = p\n\
                 mfa_serial = GAHT12345678\naws_access_key_id = AKIDP\naws_secret_access_key = s\n"
            ),
        );
        let client =
            folder.load(&[("AWS_ACCESS_KEY_ID", "AKIDENV"), ("AWS_SECRET_ACCESS_KEY", "s")], Some("p")).unwrap();
        let client = client.mfa_prompt(|serial| {
            assert_eq!(serial, "GAHT12345678");
            Ok("123456".into())
        });
        for _ in 0..2 {
            assert_eq!(client.send(&GetCallerIdentity::new()).unwrap().output.arn, "arn");
        }
        let requests = served.join().unwrap();
        assert_eq!(requests.iter().map(|request| key_of(request)).collect::<Vec<_>>(), ["AKIDP", "ASIA1", "ASIA1"]);
        assert!(requests[0].contains("&SerialNumber=GAHT12345678&TokenCode=123456"));
    }

    #[test]
    fn credentials_in_their_last_minute_are_replaced_and_the_token_is_read_anew() {
        let folder = Folder::new();
        let operation = "AssumeRoleWithWebIdentity";
        let (url, served) = serve(vec![
            issued(operation, "ASIA1", "2001-01-01T00:00:00Z"),
            issued(operation, "ASIA2", "2999-01-01T00:00:00Z"),
        ]);
        let token = folder.write("token", "token-1\n");
        let role = "arn:aws:iam::123456789012:role/demo";
        let variables = [("AWS_ENDPOINT_URL", &*url), ("AWS_WEB_IDENTITY_TOKEN_FILE", &token), ("AWS_ROLE_ARN", role)];
        let client = folder.load(&variables, None).unwrap();
        let key = || client.find_credentials().unwrap().unwrap().access_key_id.clone();
        assert_eq!(key(), "ASIA1");
        folder.write("token", "token-2");
        assert_eq!(key(), "ASIA2");
        assert_eq!(key(), "ASIA2");
        let requests = served.join().unwrap();
        assert!(
            requests[0].ends_with("&WebIdentityToken=token-1") && requests[1].ends_with("&WebIdentityToken=token-2")
        );
    }

    #[test]
    fn containers_and_instances() {
        let folder = Folder::new();
        let found = |variables: &[(&str, &str)]| {
            let client = folder.load(variables, None).unwrap().agent(elsewhere());
            client
                .find_credentials()
                .map(|found| found.unwrap().access_key_id.clone())
                .map_err(|error| error.to_string())
        };
        let keys = r#"{"Code":"Success","AccessKeyId":"ASIAX","SecretAccessKey":"s","Token":"t","Expiration":"2999-01-01T00:00:00Z"}"#;

        let token = folder.write("token", "T\n");
        let (url, served) = serve(vec![keys.into()]);
        let full = format!("{url}/v1/c?a=b");
        let variables =
            [("AWS_CONTAINER_CREDENTIALS_FULL_URI", &*full), ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &token)];
        assert_eq!(found(&variables).unwrap(), "ASIAX");
        let requests = served.join().unwrap();
        assert!(requests[0].starts_with("GET /v1/c?a=b HTTP/1.1\r\n") && requests[0].contains("authorization: T\r\n"));

        let (url, served) = serve(vec!["T".into(), "web".into(), keys.into()]);
        assert_eq!(found(&[("AWS_EC2_METADATA_SERVICE_ENDPOINT", &*url)]).unwrap(), "ASIAX");
        let requests = served.join().unwrap();
        let lines: Vec<_> = requests.iter().map(|request| request.lines().next().unwrap()).collect();
        let roles = "GET /latest/meta-data/iam/security-credentials/";
        let expected =
            ["PUT /latest/api/token HTTP/1.1", &format!("{roles} HTTP/1.1"), &format!("{roles}web HTTP/1.1")];
        assert_eq!(lines, expected);
        assert!(requests[0].contains("x-aws-ec2-metadata-token-ttl-seconds: 21600\r\n"));
        assert!(requests[1..].iter().all(|request| request.contains("x-aws-ec2-metadata-token: T\r\n")));

        // Nobody is there: the last resort says what else there could have been.
        let error = found(&[("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1")]).unwrap_err();
        assert!(
            error.contains("could not connect to http://127.0.0.1:1/latest/api/token; passed over: keys in"),
            "{error}"
        );
    }

    /// An agent whose proxy is not there.
    fn elsewhere() -> ureq::Agent {
        let proxy = ureq::Proxy::new("http://127.0.0.1:1").unwrap();
        ureq::Agent::config_builder().proxy(Some(proxy)).build().into()
    }

    #[test]
    fn programs() {
        let folder = Folder::new();
        let key = |command: &str| {
            folder.write("config", &format!("[default]\ncredential_process = {command}\n"));
            let found = folder.load(&[], None).unwrap().find_credentials();
            found.map_or_else(|error| error.to_string(), |credentials| credentials.unwrap().access_key_id.clone())
        };
        let path = folder.write("out", r#"{"Version":1,"AccessKeyId":"AKIDX","SecretAccessKey":"s"}"#);
        assert_eq!(key(&format!("cat '{path}'")), "AKIDX");
        // More than a pipe holds, on both.
        let noise = "head -c 200000 /dev/zero";
        assert!(
            key(&format!("sh -c \"{noise} >&2; {noise}\"")).ends_with("the program sent what is no JSON from byte 0")
        );
        assert!(key("sh -c 'echo sign in first >&2; exit 3'").ends_with("ended with exit code 3: sign in first"));
        assert!(key("sh -c 'kill -9 $$'").ends_with("was ended by a signal"));
        assert!(key("/nowhere/x").contains("the program cannot be started: No such file"));
    }

    #[test]
    fn a_program_that_takes_too_long_is_ended() {
        let folder = Folder::new();
        folder.write("config", "[default]\ncredential_process = sleep 600\n");
        let client = folder.load(&[], None).unwrap();
        let provider = client.provider.unwrap();
        let Source::Process(process) = &provider.plan.as_ref().unwrap().sources[0] else {
            panic!("a profile with a program")
        };
        assert_eq!(run(process, Duration::from_millis(50)).unwrap_err(), "did not end within 0 s");
    }

    #[test]
    fn nothing_is_configured() {
        let folder = Folder::new();
        let client = folder.load(&[("AWS_EC2_METADATA_DISABLED", "true")], None).unwrap();
        let error = client.send(&GetCallerIdentity::new()).unwrap_err().to_string();
        assert!(
            error.starts_with("GetCallerIdentity was not sent: no source of credentials is configured: keys in"),
            "{error}"
        );
    }

    #[test]
    fn what_cannot_be_loaded() {
        let folder = Folder::new();
        let failure = |variables: &[(&str, &str)]| folder.load(variables, None).unwrap_err().to_string();
        folder.write("config", "[default]\nregion\n");
        let expected = format!("{} line 2: expected an '=' sign defining a property", folder.path("config"));
        assert_eq!(failure(&[]), expected);
        folder.write("config", "[default]\nca_bundle = /nowhere\n");
        assert_eq!(failure(&[]), "/nowhere cannot be read");
        let empty = folder.write("empty.pem", "");
        assert_eq!(failure(&[("AWS_CA_BUNDLE", &empty)]), format!("{empty} cannot be read"));
        folder.write("config", "[default]\nmax_attempts = many\n");
        assert!(failure(&[]).starts_with("max_attempts is \"many\", expected a whole number from 1"));
        assert_eq!(
            failure(&[("AWS_SHARED_CREDENTIALS_FILE", folder.0.to_str().unwrap())]),
            format!("{} cannot be read", folder.0.display())
        );
    }
}
