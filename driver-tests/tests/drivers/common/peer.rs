//! A peer that does not speak HTTP, or fails before the request arrives. For peers that speak HTTP, see `LocalSts`.

use std::{
    io,
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use super::PATIENCE;

pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Peer {
    /// Runs `serve` in a separate thread for each connection. Connections count from 0.
    pub(crate) fn start(serve: impl Fn(u64, TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (counting, stopped) = (Arc::clone(&connections), Arc::clone(&stop));
        let thread = thread::spawn(move || {
            thread::scope(|scope| {
                for stream in listener.incoming() {
                    let stream = stream.unwrap();
                    if stopped.load(Ordering::SeqCst) {
                        break;
                    }
                    for timeout in [TcpStream::set_read_timeout, TcpStream::set_write_timeout] {
                        timeout(&stream, Some(PATIENCE)).unwrap();
                    }
                    let (serve, index) = (&serve, counting.fetch_add(1, Ordering::SeqCst));
                    scope.spawn(move || serve(index, stream));
                }
            });
        });
        Self { address, connections, stop, thread: Some(thread) }
    }

    pub(crate) fn connections(&self) -> u64 {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a connection.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Sends nothing until the client closes the connection.
pub(crate) fn hang(mut stream: &TcpStream) {
    let _ = io::copy(&mut stream, &mut io::sink());
}

/// Closes the connection after reading all data: unread data would cause a reset.
pub(crate) fn close(stream: &TcpStream) {
    let _ = stream.shutdown(Shutdown::Write);
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    hang(stream);
}

/// Forwards everything, in both directions.
pub(crate) fn forward(client: &TcpStream, upstream: SocketAddr) {
    let server = TcpStream::connect(upstream).unwrap();
    let pass = |mut from: &TcpStream, mut to: &TcpStream| {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    };
    thread::scope(|scope| {
        scope.spawn(|| pass(client, &server));
        pass(&server, client);
    });
}
