//! Calls over local sockets to a server in its own process, which sends the same response to all requests.

use std::{
    io::{self, BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::TokioExecutor,
};
use sts_core::{AssumeRoleOutput, Body, Config, ConfigBuilder, Credentials, InFlight, Step};
use time::UtcDateTime;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::{Builder, Runtime},
};

use crate::{fixture, peers, program};

/// The argument that makes a process of this program the server, [`serve`].
pub const SERVE: &str = "serve";

/// The server's process, which ends when this value is dropped.
pub struct Server {
    process: Child,
    /// The server's URL.
    pub url: String,
}

impl Server {
    /// Starts a process of this program, and waits until it listens.
    ///
    /// # Errors
    /// The process does not start or listen.
    pub fn start() -> io::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?).arg(SERVE).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("it is piped")).read_line(&mut line)?;
        let address: SocketAddr = line.trim().parse().map_err(io::Error::other)?;
        Ok(Self { process, url: format!("http://{address}/") })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Prints the server's URL, then answers every request with the fixture's response.
///
/// # Errors
/// No port is available.
#[allow(clippy::print_stdout, reason = "read by `Server::start`")]
pub fn serve() -> io::Result<()> {
    let body = fixture::response();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n", body.len());
    let response = Bytes::from([head.into_bytes(), body].concat());
    Builder::new_current_thread().enable_io().build()?.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(answer(stream, response.clone()));
        }
    })
}

async fn answer(mut stream: TcpStream, response: Bytes) -> io::Result<()> {
    let mut received = Vec::with_capacity(8192);
    loop {
        while received.len() < request_length(&received) {
            if stream.read_buf(&mut received).await? == 0 {
                return Ok(());
            }
        }
        received.clear();
        stream.write_all(&response).await?;
    }
}

/// The length of the first request, once known. Clients here wait for a response before they send the next request.
fn request_length(received: &[u8]) -> usize {
    let Some(end) = received.windows(4).position(|four| four == b"\r\n\r\n") else { return usize::MAX };
    let head = String::from_utf8_lossy(&received[..end]).to_ascii_lowercase();
    let length = head.split("\r\n").find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    end + 4 + length.unwrap_or(0)
}

/// A client of the server. Bare clients repeat one signed request, and ignore the content of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Client {
    /// ureq
    BareUreq,
    /// ureq with a time limit for the exchange, which sts-blocking needs. With it, ureq starts a thread per request to resolve the host
    /// name; sts-blocking does this only when it connects
    BareUreqInTime,
    /// sts-core over a bare ureq, without time limits: the difference to sts-blocking is the driver's cost
    CoreOverUreq,
    /// sts-blocking
    StsBlocking,
    /// hyper-util's client
    BareHyper,
    /// sts-core over hyper-util's client, without time limits
    CoreOverHyper,
    /// sts-async
    StsAsync,
    /// aws-sdk-sts
    AwsSdk,
}

impl Client {
    /// All clients.
    pub const ALL: [Self; 8] = [
        Self::BareUreq,
        Self::BareUreqInTime,
        Self::CoreOverUreq,
        Self::StsBlocking,
        Self::BareHyper,
        Self::CoreOverHyper,
        Self::StsAsync,
        Self::AwsSdk,
    ];

    /// The name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::BareUreq => "bare ureq",
            Self::BareUreqInTime => "bare ureq with a time limit",
            Self::CoreOverUreq => "sts-core over bare ureq",
            Self::StsBlocking => "sts-blocking",
            Self::BareHyper => "bare hyper",
            Self::CoreOverHyper => "sts-core over bare hyper",
            Self::StsAsync => "sts-async",
            Self::AwsSdk => "aws-sdk-sts",
        }
    }

    /// The client that does the same without STS.
    #[must_use]
    pub fn bare(self) -> Self {
        match self {
            Self::BareUreq | Self::BareUreqInTime | Self::CoreOverUreq | Self::StsBlocking => Self::BareUreq,
            Self::BareHyper | Self::CoreOverHyper | Self::StsAsync | Self::AwsSdk => Self::BareHyper,
        }
    }

    /// Whether the client is part of this repository.
    pub fn is_ours(self) -> bool {
        matches!(self, Self::StsBlocking | Self::StsAsync)
    }
}

/// The measurements of a client.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// Calls per second, of all callers together.
    pub calls_per_second: f64,
    /// The median duration of a call, in microseconds.
    pub median: f64,
    /// Processor time of this process per call, in microseconds.
    pub processor: f64,
}

/// Measures this number of callers for this time. Each makes one call after the other, over one client with persistent connections.
///
/// # Errors
/// There is no async runtime, or no `/proc`.
pub fn rate(client: Client, callers: usize, time: Duration, url: &str) -> io::Result<Rate> {
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let before = program::own_time()?;
    let (start, end) = (Instant::now(), Instant::now() + time);
    let mut latencies = match client {
        Client::BareUreq => bare_ureq(callers, end, url, None),
        Client::BareUreqInTime => bare_ureq(callers, end, url, Some(Duration::from_secs(10))),
        Client::CoreOverUreq => core_over_ureq(callers, end, url),
        Client::StsBlocking => sts_blocking(callers, end, url),
        Client::BareHyper => bare_hyper(&runtime, callers, end, url),
        Client::CoreOverHyper => core_over_hyper(&runtime, callers, end, url),
        Client::StsAsync => sts_async(&runtime, callers, end, url),
        Client::AwsSdk => aws_sdk(&runtime, callers, end, url),
    };
    let (elapsed, processor) = (start.elapsed().as_secs_f64(), program::own_time()? - before);
    latencies.sort_unstable();
    #[allow(clippy::cast_precision_loss, reason = "a number of calls")]
    let count = latencies.len() as f64;
    Ok(Rate {
        calls_per_second: count / elapsed,
        median: latencies[latencies.len() / 2].as_secs_f64() * 1e6,
        processor: processor * 1e6 / count,
    })
}

fn bare_ureq(callers: usize, end: Instant, url: &str, limit: Option<Duration>) -> Vec<Duration> {
    let agent = ureq_agent(callers, limit);
    let request = signed(url);
    threads(callers, end, || {
        let mut response = agent.run(request.clone()).expect("the server answers");
        response.body_mut().read_to_vec().expect("the server answers");
    })
}

fn ureq_agent(callers: usize, limit: Option<Duration>) -> ureq::Agent {
    let config = ureq::Agent::config_builder().max_idle_connections(callers).max_idle_connections_per_host(callers);
    config.timeout_global(limit).build().into()
}

fn core_over_ureq(callers: usize, end: Instant, url: &str) -> Vec<Duration> {
    let (agent, caller, policy) = (ureq_agent(callers, None), Caller::new(url), fixture::policy());
    threads(callers, end, || {
        let (request, call) = caller.start(&policy);
        let (head, body) = request.into_parts();
        let response = agent.run(Request::from_parts(head, body.expose())).expect("the server answers");
        let (head, mut body) = response.into_parts();
        let body = body.read_to_vec().expect("the server answers");
        end_of(call, Response::from_parts(head, body));
    })
}

fn sts_blocking(callers: usize, end: Instant, url: &str) -> Vec<Duration> {
    let client = sts_blocking::Client::builder().config(config(url)).credentials(fixture::credentials());
    let client = client.build().expect("the configuration is complete");
    let policy = fixture::policy();
    threads(callers, end, || {
        client.send(&fixture::assume_role(&policy)).expect("the server answers");
    })
}

fn bare_hyper(runtime: &Runtime, callers: usize, end: Instant, url: &str) -> Vec<Duration> {
    let client = hyper_client();
    let request = signed(url).map(|form| Full::new(Bytes::from(form)));
    tasks(runtime, callers, end, move || {
        let call = client.request(request.clone());
        async move {
            call.await.expect("the server answers").into_body().collect().await.expect("the server answers");
        }
    })
}

fn hyper_client() -> legacy::Client<HttpConnector, Full<Bytes>> {
    let mut tcp = HttpConnector::new();
    tcp.set_nodelay(true);
    legacy::Client::builder(TokioExecutor::new()).build(tcp)
}

fn core_over_hyper(runtime: &Runtime, callers: usize, end: Instant, url: &str) -> Vec<Duration> {
    let (client, caller) = (hyper_client(), Arc::new(Caller::new(url)));
    let policy: Arc<str> = fixture::policy().into();
    tasks(runtime, callers, end, move || {
        let (client, caller, policy) = (client.clone(), caller.clone(), policy.clone());
        async move {
            let (request, call) = caller.start(&policy);
            let request = request.map(|body| Full::new(Bytes::from_owner(body)));
            let (head, body) = client.request(request).await.expect("the server answers").into_parts();
            let body = body.collect().await.expect("the server answers").to_bytes();
            end_of(call, Response::from_parts(head, body));
        }
    })
}

fn sts_async(runtime: &Runtime, callers: usize, end: Instant, url: &str) -> Vec<Duration> {
    let client = sts_async::Client::builder().config(config(url)).credentials(fixture::credentials());
    let client = client.build().expect("the configuration is complete");
    let policy: Arc<str> = fixture::policy().into();
    tasks(runtime, callers, end, move || {
        let (client, policy) = (client.clone(), policy.clone());
        async move {
            client.send(&fixture::assume_role(&policy)).await.expect("the server answers");
        }
    })
}

fn aws_sdk(runtime: &Runtime, callers: usize, end: Instant, url: &str) -> Vec<Duration> {
    let client = peers::sdk_client(aws_smithy_http_client::Builder::new().build_http(), Some(url));
    let policy: Arc<str> = fixture::policy().into();
    tasks(runtime, callers, end, move || {
        let call = peers::sdk_call(&client, &policy);
        async move {
            call.send().await.expect("the server answers");
        }
    })
}

/// The signed request that the clients of this repository send.
fn signed(url: &str) -> Request<Vec<u8>> {
    Caller::new(url).start(&fixture::policy()).0.map(|body| body.expose().to_vec())
}

/// The data that calls share.
struct Caller {
    client: sts_core::Client,
    credentials: Credentials,
}

impl Caller {
    fn new(url: &str) -> Self {
        let config = config(url).build().expect("a region and a URL are enough");
        Self { client: sts_core::Client::new(config, 1), credentials: fixture::credentials() }
    }

    fn start(&self, policy: &str) -> (Request<Body>, InFlight<'_, AssumeRoleOutput>) {
        let step = self.client.call(&fixture::assume_role(policy), Some(&self.credentials), UtcDateTime::now());
        let Step::Transmit(transmit, call) = step else { panic!("the fixture is valid") };
        (transmit.request, call)
    }
}

fn end_of(call: InFlight<'_, AssumeRoleOutput>, response: Response<impl AsRef<[u8]>>) {
    let step = call.receive(Ok(response), UtcDateTime::now());
    assert!(matches!(step, Step::Done(Ok(_))), "the server's answer is valid");
}

fn config(url: &str) -> ConfigBuilder {
    Config::builder().region("us-east-1").endpoint_url(url)
}

/// Runs the callers as threads; returns the duration of each call.
fn threads(callers: usize, end: Instant, call: impl Fn() + Sync) -> Vec<Duration> {
    std::thread::scope(|scope| {
        let caller = || {
            let mut latencies = Vec::new();
            while Instant::now() < end {
                let start = Instant::now();
                call();
                latencies.push(start.elapsed());
            }
            latencies
        };
        let callers: Vec<_> = (0..callers).map(|_| scope.spawn(caller)).collect();
        callers.into_iter().flat_map(|caller| caller.join().expect("the server answers")).collect()
    })
}

/// Runs the callers as tasks; returns the duration of each call.
fn tasks<C, F>(runtime: &Runtime, callers: usize, end: Instant, call: C) -> Vec<Duration>
where
    C: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send,
{
    let call = Arc::new(call);
    runtime.block_on(async {
        let caller = |call: Arc<C>| async move {
            let mut latencies = Vec::new();
            while Instant::now() < end {
                let start = Instant::now();
                call().await;
                latencies.push(start.elapsed());
            }
            latencies
        };
        let callers: Vec<_> = (0..callers).map(|_| tokio::spawn(caller(call.clone()))).collect();
        let mut latencies = Vec::new();
        for caller in callers {
            latencies.extend(caller.await.expect("the server answers"));
        }
        latencies
    })
}
