//! A scripted source of credentials: an agent on this machine, or an STS.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use super::PATIENCE;

#[derive(Clone)]
pub(crate) enum Answer {
    /// This status and body.
    Send(u16, String),
    /// This status and body, after the gate opens. Other requests are answered meanwhile.
    Hold(Gate, u16, String),
    /// No response, although the request was read.
    Never,
    /// No response: the connection is closed.
    Close,
}

pub(crate) fn sends(bodies: &[&str]) -> Vec<Answer> {
    bodies.iter().map(|body| Answer::Send(200, (*body).to_owned())).collect()
}

pub(crate) fn issued(operation: &str, key: &str, expiration: &str) -> String {
    format!(
        "<{operation}Response><{operation}Result><Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s\
         </SecretAccessKey><SessionToken>t</SessionToken><Expiration>{expiration}</Expiration></Credentials>\
         </{operation}Result></{operation}Response>"
    )
}

pub(crate) fn refused(code: &str, message: &str) -> String {
    format!("<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>")
}

pub(crate) const IDENTITY: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn</Arn><UserId>u</UserId><Account>a</Account>\
     </GetCallerIdentityResult></GetCallerIdentityResponse>";

/// A profile `p` that assumes a role of the STS at this address, with keys of its own.
pub(crate) fn role_over_keys(url: &str) -> String {
    format!(
        "[profile p]\nendpoint_url = {url}\nrole_arn = arn:aws:iam::123456789012:role/demo\nsource_profile = p\n\
         aws_access_key_id = AKIDP\naws_secret_access_key = s\n"
    )
}

pub(crate) const LATER: &str = "2999-01-01T00:00:00Z";

/// A gate, closed until it is opened.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    pub(crate) fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    /// Waits until the gate is open; `false` if it never opens.
    pub(crate) fn pass(&self) -> bool {
        let open = self.0.0.lock().unwrap();
        *self.0.1.wait_timeout_while(open, PATIENCE, |open| !*open).unwrap().0
    }
}

/// Answers one request per connection. After the end of the script, it closes connections.
pub(crate) struct Agent {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    served: Option<thread::JoinHandle<()>>,
}

impl Agent {
    pub(crate) fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (requests, stop) = (Arc::<Mutex<Vec<_>>>::default(), Arc::<AtomicBool>::default());
        let (log, stopped) = (requests.clone(), stop.clone());
        let served = thread::spawn(move || {
            let (mut answers, mut silent, mut held) = (answers.into_iter(), Vec::new(), Vec::new());
            while let (Ok((mut connection, _)), false) = (listener.accept(), stopped.load(Ordering::Relaxed)) {
                let Some(request) = read(&mut connection) else { continue };
                log.lock().unwrap().push(request);
                match answers.next() {
                    Some(Answer::Send(status, body)) => answer(&mut connection, status, &body),
                    Some(Answer::Hold(gate, status, body)) => held.push(thread::spawn(move || {
                        if gate.pass() {
                            answer(&mut connection, status, &body);
                        }
                    })),
                    Some(Answer::Never) => silent.push(connection),
                    Some(Answer::Close) | None => drop(connection),
                }
            }
            for held in held {
                held.join().unwrap();
            }
        });
        Self { url, requests, stop, served: Some(served) }
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(self.url.strip_prefix("http://").unwrap()));
        self.served.take().unwrap().join().unwrap();
    }
}

fn answer(connection: &mut TcpStream, status: u16, body: &str) {
    let head = format!("HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    // The client may have closed the connection.
    let _ = connection.write_all((head + body).as_bytes());
}

/// Reads one request; `None` if the connection ends earlier.
fn read(connection: &mut TcpStream) -> Option<String> {
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    let (mut request, mut buffer) = (String::new(), [0; 4096]);
    while !is_complete(&request) {
        let length = connection.read(&mut buffer).ok().filter(|length| *length > 0)?;
        request += std::str::from_utf8(&buffer[..length]).unwrap();
    }
    Some(request)
}

/// Whether the request has arrived with its whole body.
pub(crate) fn is_complete(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let length = head
        .to_ascii_lowercase()
        .split_once("content-length: ")
        .map_or(0, |(_, rest)| rest.lines().next().unwrap().trim().parse().unwrap());
    body.len() >= length
}
