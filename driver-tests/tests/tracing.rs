//! What both drivers report to `tracing`, and what they do not.
#![allow(clippy::unwrap_used, reason = "these are tests through and through")]

use std::{
    fmt::{Debug, Write as _},
    future::Future,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

use sts_async::{
    AssumeRole, AssumeRoleWithWebIdentity, Config, Credentials, GetCallerIdentity, http::StatusCode,
    provider::ProvideError,
};
use sts_local::{DEMO_ROLE_ARN, LocalSts};
use time::UtcDateTime;
use tokio::sync::Notify;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

/// Records everything at every level.
#[derive(Clone, Default)]
struct Book {
    lines: Arc<Mutex<Vec<String>>>,
    ids: Arc<AtomicU64>,
}

impl Book {
    fn write(&self, what: &str, fields: impl FnOnce(&mut Line)) {
        let mut line = Line(what.to_owned());
        fields(&mut line);
        self.lines.lock().unwrap().push(line.0);
    }

    /// The records of the drivers, without those of libraries.
    fn of_sts(&self) -> Vec<String> {
        let lines = self.lines.lock().unwrap();
        lines.iter().filter(|line| line.starts_with("sts ")).cloned().collect()
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // The time differs in each run.
        let value = if field.name() == "elapsed" { "…".to_owned() } else { format!("{value:?}") };
        write!(self.0, " {field}={value}").unwrap();
    }
}

impl Subscriber for Book {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.write(&format!("{} {}", span.metadata().target(), span.metadata().name()), |line| span.record(line));
        Id::from_u64(self.ids.fetch_add(1, Ordering::SeqCst) + 1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.write("sts record", |line| values.record(line));
    }

    fn event(&self, event: &Event<'_>) {
        let target = event.metadata().target();
        let what = if *event.metadata().level() == Level::WARN { "warning" } else { "event" };
        self.write(&format!("{target} {what}"), |line| event.record(line));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlLmNvbSIsInN1YiI6Im1lIiwiYXVkIjoiYXBwIiwiZXhwIjo0MTAyNDQ0ODAwfQ.c2ln";
const WRONG: &str = "wrong-secret-of-the-test";

#[test]
fn a_call_is_a_span_and_an_attempt_an_event() {
    let listener = LocalSts::demo().serve(0).unwrap();
    let config = Config::builder().region("eu-west-1").endpoint_url(listener.url());
    let dead = Config::builder().region("eu-west-1").endpoint_url("http://127.0.0.1:1").max_attempts(2);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let good = LocalSts::demo_credentials();
    let bad = Credentials::new(good.access_key_id.clone(), WRONG);

    let mut secrets = vec![TOKEN.to_owned(), WRONG.to_owned(), good.secret_access_key.expose().to_owned()];
    let mut books = Vec::new();
    for driver in ["blocking", "async"] {
        let book = Book::default();
        let issued = tracing::subscriber::with_default(book.clone(), || {
            let role = AssumeRole::new(DEMO_ROLE_ARN, "traced");
            let web = AssumeRoleWithWebIdentity::new(DEMO_ROLE_ARN, "traced", TOKEN);
            let me = GetCallerIdentity::new();
            if driver == "blocking" {
                let client = sts_blocking::Client::builder().config(config.clone()).build().unwrap();
                let issued = client.with_credentials(good.clone()).send(&role).unwrap().output.credentials;
                client.send(&web).unwrap();
                client.with_credentials(bad.clone()).send(&me).unwrap_err();
                let dead = sts_blocking::Client::builder().config(dead.clone()).credentials(good.clone()).build();
                dead.unwrap().send(&me).unwrap_err();
                issued
            } else {
                runtime.block_on(async {
                    let client = sts_async::Client::builder().config(config.clone()).build().unwrap();
                    let issued = client.with_credentials(good.clone()).send(&role).await.unwrap().output.credentials;
                    client.send(&web).await.unwrap();
                    client.with_credentials(bad.clone()).send(&me).await.unwrap_err();
                    let dead = sts_async::Client::builder().config(dead.clone()).credentials(good.clone()).build();
                    dead.unwrap().send(&me).await.unwrap_err();
                    issued
                })
            }
        });
        secrets.push(issued.secret_access_key.expose().to_owned());
        secrets.push(issued.session_token.expose().to_owned());
        books.push(book);
    }

    for book in &books {
        let lines = book.of_sts();
        let spans: Vec<_> = lines.iter().filter(|line| line.starts_with("sts sts.call")).cloned().collect();
        let span = |operation| format!("sts sts.call operation=\"{operation}\" region=\"eu-west-1\"");
        let me = span("GetCallerIdentity");
        assert_eq!(spans, [span("AssumeRole"), span("AssumeRoleWithWebIdentity"), me.clone(), me]);
        let events: Vec<_> = lines.iter().filter(|line| line.starts_with("sts event")).cloned().collect();
        let answered =
            |status: StatusCode| format!("sts event message=attempt attempt=1 status={} elapsed=…", status.as_u16());
        let lost = |attempt| format!("sts event message=attempt attempt={attempt} lost=Connect elapsed=…");
        assert_eq!(
            events,
            [answered(StatusCode::OK), answered(StatusCode::OK), answered(StatusCode::FORBIDDEN), lost(1), lost(2)]
        );
        let recorded = |what: &str| lines.iter().filter(|line| line.starts_with(&format!("sts record {what}"))).count();
        assert_eq!([recorded("attempts=1"), recorded("attempts=2"), recorded("request_id=")], [3, 1, 3]);
        assert_eq!(recorded("code=\"SignatureDoesNotMatch\""), 1);

        // In all records, including those of libraries.
        for line in book.lines.lock().unwrap().iter() {
            for secret in &secrets {
                assert!(!line.contains(secret.as_str()), "{line}");
            }
            assert!(!line.contains("Signature="), "{line}");
        }
    }
}

#[test]
fn a_refresh_that_fails_is_a_warning_as_long_as_there_are_credentials() {
    let runtime = Arc::new(tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap());
    let config = Config::builder().region("eu-west-1");
    let finding = |driver, sealed: &Arc<AtomicBool>| -> Box<dyn Fn() -> Result<String, ProvideError>> {
        let sealed = sealed.clone();
        let provide = move || {
            if sealed.load(Ordering::SeqCst) {
                return Err(ProvideError::new("the vault is sealed"));
            }
            // The client looks for newer ones after half of that time.
            Ok(Credentials::new("AKID", WRONG).expiration(UtcDateTime::now() + Duration::from_secs(1)))
        };
        if driver == "blocking" {
            let client = sts_blocking::Client::builder().config(config.clone()).provider(provide).build().unwrap();
            Box::new(move || client.find_credentials().map(|found| found.unwrap().access_key_id.clone()))
        } else {
            let provider = move || std::future::ready(provide());
            let client = sts_async::Client::builder().config(config.clone()).provider(provider).build().unwrap();
            let runtime = runtime.clone();
            Box::new(move || {
                runtime.block_on(client.find_credentials()).map(|found| found.unwrap().access_key_id.clone())
            })
        }
    };
    let clients = ["blocking", "async"].map(|driver| {
        let book = Book::default();
        let sealed = Arc::new(AtomicBool::new(true));
        tracing::subscriber::with_default(book.clone(), || {
            // Without old credentials, the caller gets the error.
            finding(driver, &sealed)().unwrap_err();
            sealed.store(false, Ordering::SeqCst);
            let find = finding(driver, &sealed);
            assert_eq!(find().unwrap(), "AKID");
            sealed.store(true, Ordering::SeqCst);
            (driver, find, book.clone())
        })
    });
    thread::sleep(Duration::from_millis(600));
    for (driver, find, book) in clients {
        tracing::subscriber::with_default(book.clone(), || {
            assert_eq!([find().unwrap(), find().unwrap()], ["AKID", "AKID"]);
        });
        let told = "credentials could not be refreshed; the old ones stay in use";
        assert_eq!(book.of_sts(), [format!("sts warning message={told} error=the vault is sealed")], "{driver}");
    }
}

#[test]
fn a_search_that_fails_after_another_has_found_newer_ones_is_no_warning() {
    let (gate, begun) = (Arc::<Notify>::default(), Arc::<AtomicBool>::default());
    let config = Config::builder().region("eu-west-1");
    let closed = gate.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = sts_async::Client::builder().config(config).provider(move || {
        let (closed, is_first) = (closed.clone(), !begun.swap(true, Ordering::SeqCst));
        async move {
            if is_first {
                closed.notified().await;
                return Err(ProvideError::new("the vault is sealed"));
            }
            Ok(Credentials::new("AKID", WRONG).expiration(UtcDateTime::now() + Duration::from_secs(3600)))
        }
    });
    let client = client.build().unwrap();
    let ask = || async { client.find_credentials().await.unwrap().unwrap().access_key_id.clone() };
    let (mut first, second) = (pin!(ask()), pin!(ask()));
    let context = &mut Context::from_waker(Waker::noop());
    let book = Book::default();
    tracing::subscriber::with_default(book.clone(), || {
        let _context = runtime.enter();
        assert!(first.as_mut().poll(context).is_pending());
    });
    tracing::subscriber::with_default(book.clone(), || {
        // The search belongs to another runtime; here, to none.
        assert_eq!(second.poll(context), Poll::Ready("AKID".to_owned()));
        gate.notify_one();
        assert_eq!(runtime.block_on(first), "AKID");
    });
    assert_eq!(book.of_sts(), [""; 0]);
}
