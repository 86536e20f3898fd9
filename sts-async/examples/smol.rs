//! An executor other than tokio: hyper uses a connector, an executor and a timer based on smol.
//!
//! `cargo run -p sts-async --example smol` calls a local STS.

use std::{
    error::Error,
    io,
    pin::Pin,
    task::{Context, Poll},
};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::{self, connect};
use smol::net::TcpStream;
use smol_hyper::rt::{FuturesIo, SmolExecutor, SmolTimer};
use sts_async::{Client, Config, GetCallerIdentity, http::Uri, transport::Hyper};
use sts_local::LocalSts;
use tower_service::Service;

#[expect(clippy::print_stdout, reason = "it is an example")]
fn main() -> Result<(), Box<dyn Error>> {
    let sts = LocalSts::demo().serve(0)?;
    let executor = std::sync::Arc::new(smol::Executor::new());
    let http =
        legacy::Client::builder(SmolExecutor::new(executor.clone())).pool_timer(SmolTimer::new()).build(Connector);
    let client = Client::builder()
        .config(Config::builder().region("eu-west-1").endpoint_url(sts.url()))
        .credentials(LocalSts::demo_credentials())
        .transport(Hyper::new(http, SmolTimer::new()))
        .build()?;

    let reply = smol::block_on(executor.run(async { client.send(&GetCallerIdentity::new()).await }))?;
    println!("{}", reply.output.arn);
    Ok(())
}

#[derive(Clone)]
struct Connector;

impl Service<Uri> for Connector {
    type Response = Connection;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Connection>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, url: Uri) -> Self::Future {
        Box::pin(connect(url))
    }
}

/// Plain TCP. To call AWS, add TLS here.
async fn connect(url: Uri) -> io::Result<Connection> {
    let host = url.host().unwrap_or_default().trim_matches(['[', ']']);
    let stream = TcpStream::connect((host, url.port_u16().unwrap_or(80))).await?;
    stream.set_nodelay(true)?;
    Ok(Connection(FuturesIo::new(stream)))
}

struct Connection(FuturesIo<TcpStream>);

impl connect::Connection for Connection {
    fn connected(&self) -> connect::Connected {
        connect::Connected::new()
    }
}

impl Read for Connection {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, to: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, to)
    }
}

impl Write for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
