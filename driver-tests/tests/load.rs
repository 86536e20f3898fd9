//! Both drivers under load: 64 callers make 100,000 calls to a service that fails every tenth request.
//!
//! `cargo test --release -p driver-tests --test load -- --nocapture --test-threads 1` prints the figures. Not part of `cargo test`, because
//! it is slow.
#![allow(clippy::unwrap_used, reason = "these are tests through and through")]
#![allow(clippy::print_stdout, reason = "the figures are for people, who ask for them with --nocapture")]

use std::{
    collections::BTreeMap,
    fs,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use http::StatusCode;
use sts_core::{Config, ConfigBuilder, Error, ErrorCode, GetCallerIdentity, GetCallerIdentityOutput, Reply};
use sts_local::{Fault, LocalSts, Script};

const CALLERS: u32 = 64;
const CALLS: u64 = 100_000;
const EVERY: u32 = 10;
/// Memory that callers may use beyond the amount after a fifth of the calls, for buffers at peak load.
const SLACK_KIB: u64 = 8 << 10;

/// [Standard mode](https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html), revision 2.1: the tokens of a client, the
/// cost of the cheapest retry, and the cost of the others.
const QUOTA: u64 = 500;
const COST_OF_THROTTLING: u64 = 5;
const COST_OF_A_FAILURE: u64 = 14;

/// The faults: some are transient, some are final, and one is not a failure.
fn faults() -> [Fault; 12] {
    [
        ErrorCode::InternalFailure.into(),
        ErrorCode::AccessDenied.into(),
        Fault::Reset,
        Fault::Status(StatusCode::SERVICE_UNAVAILABLE),
        Fault::Truncated,
        ErrorCode::RegionDisabledException.into(),
        Fault::Close,
        Fault::Garbage,
        ErrorCode::Throttling.into(),
        Fault::WrongLength(7),
        Fault::Delay(Duration::from_millis(20)),
        Fault::Endless,
    ]
}

#[test]
fn blocking() {
    withstands(|config, work| {
        let client = sts_blocking::Client::builder().config(config).credentials(LocalSts::demo_credentials());
        let client = client.build().unwrap();
        thread::scope(|scope| {
            for _ in 0..CALLERS {
                scope.spawn(|| {
                    while work.next() {
                        work.count(client.send(&GetCallerIdentity::new()));
                    }
                });
            }
        });
    });
}

#[test]
fn asynchronous() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    withstands(|config, work| {
        let client = sts_async::Client::builder().config(config).credentials(LocalSts::demo_credentials());
        let client = client.build().unwrap();
        let tasks: Vec<_> = (0..CALLERS)
            .map(|_| {
                let (client, work) = (client.clone(), Arc::clone(work));
                runtime.spawn(async move {
                    while work.next() {
                        work.count(client.send(&GetCallerIdentity::new()).await);
                    }
                })
            })
            .collect();
        for task in tasks {
            runtime.block_on(task).unwrap();
        }
    });
}

/// Runs a driver's calls: first with faults, then with a service that always fails. The retry quota must limit the load of the second run.
fn withstands(run: impl Fn(ConfigBuilder, &Arc<Work>)) {
    let (requests, work, took) = play(&run, CALLS, Script::every(EVERY, faults()));
    let tally = work.tally.lock().unwrap();
    let (early, late) = (work.early.get().copied().unwrap(), resident());
    let retries = tally.attempts - CALLS;
    println!("{:?}", tally.outcomes);
    println!(
        "{CALLS} calls by {CALLERS} callers in {:.1} s, {requests} requests, {retries} retries, {early} KiB at a fifth, {late} KiB at the end",
        took.as_secs_f32()
    );
    assert_eq!(tally.outcomes.values().sum::<u64>(), CALLS);
    assert_eq!(requests, tally.attempts, "what callers were told is what the service saw");
    assert!(late < early + SLACK_KIB, "{early} KiB, then {late} KiB");

    // A final error reaches a caller exactly as often as it was injected.
    let (done, kinds) = (requests / u64::from(EVERY), faults().len() as u64);
    let injected = |fault: &Fault| {
        let index = faults().iter().position(|one| one == fault).unwrap() as u64;
        done / kinds + u64::from(index < done % kinds)
    };
    for (what, fault) in [
        ("403 AccessDenied", ErrorCode::AccessDenied.into()),
        ("403 RegionDisabledException", ErrorCode::RegionDisabledException.into()),
        ("TooLarge", Fault::Endless),
    ] {
        assert_eq!(tally.outcomes.get(what), Some(&injected(&fault)), "{what}");
    }

    // The minimum cost of all retries is covered by the initial quota and by successes, which return the cost of their last retry, or 1.
    let throttled = injected(&ErrorCode::Throttling.into());
    let spent = (COST_OF_A_FAILURE * retries).saturating_sub((COST_OF_A_FAILURE - COST_OF_THROTTLING) * throttled);
    let given_back = tally.right_at_once + COST_OF_A_FAILURE * tally.right_at_last;
    println!("quota: {spent} spent of {QUOTA} and {given_back} that were given back");
    assert!(spent <= QUOTA + given_back);
    drop(tally);

    // Fewer calls retry: the first ones use up the quota.
    for (code, cost) in [(ErrorCode::InternalFailure, COST_OF_A_FAILURE), (ErrorCode::Throttling, COST_OF_THROTTLING)] {
        let (requests, _, took) = play(&run, 2000, Script::every(1, [code.clone()]));
        println!("an outage ({code}): 2000 calls in {:.1} s, {} retries", took.as_secs_f32(), requests - 2000);
        assert_eq!(requests - 2000, QUOTA / cost, "{code}");
    }
}

fn play(run: &impl Fn(ConfigBuilder, &Arc<Work>), calls: u64, script: Script) -> (u64, Arc<Work>, Duration) {
    let listener = LocalSts::demo().serve(0).unwrap();
    listener.sts().fail(script);
    let config = Config::builder().region("us-east-1").endpoint_url(listener.url());
    let (work, start) = (Arc::new(Work { calls, ..Work::default() }), Instant::now());
    run(config, &work);
    (listener.requests(), work, start.elapsed())
}

/// The remaining calls, and the results of the others.
#[derive(Default)]
struct Work {
    calls: u64,
    begun: AtomicU64,
    /// Resident memory in KiB after a fifth of the calls.
    early: OnceLock<u64>,
    tally: Mutex<Tally>,
}

#[derive(Default)]
struct Tally {
    outcomes: BTreeMap<String, u64>,
    attempts: u64,
    right_at_once: u64,
    right_at_last: u64,
}

impl Work {
    fn next(&self) -> bool {
        let begun = self.begun.fetch_add(1, Ordering::Relaxed);
        if begun == self.calls / 5 {
            self.early.get_or_init(resident);
        }
        begun < self.calls
    }

    /// Panics if none of the faults explains the result of a call.
    fn count(&self, result: Result<Reply<GetCallerIdentityOutput>, Error>) {
        let (outcome, attempts) = match result {
            Ok(reply) => {
                assert_eq!(reply.output.arn, "arn:aws:iam::123456789012:user/demo");
                ("200".to_owned(), reply.metadata.attempts)
            }
            Err(Error::Service(error)) => {
                (format!("{} {}", error.metadata.status.as_u16(), error.code), error.metadata.attempts)
            }
            Err(Error::Response(error)) => {
                (format!("{} unreadable", error.metadata.status.as_u16()), error.metadata.attempts)
            }
            Err(Error::NoResponse(error)) => (format!("{:?}", error.error.kind), error.attempts),
            Err(error) => panic!("{error}"),
        };
        let is_explained = matches!(
            &*outcome,
            "200"
                | "400 Throttling"
                | "403 AccessDenied"
                | "403 RegionDisabledException"
                | "500 InternalFailure"
                | "503 unreadable"
                | "Interrupted"
                | "TooLarge"
        );
        assert!(is_explained && (1..=3).contains(&attempts), "{outcome} after {attempts} attempts");
        let mut tally = self.tally.lock().unwrap();
        tally.attempts += u64::from(attempts);
        tally.right_at_once += u64::from(outcome == "200" && attempts == 1);
        tally.right_at_last += u64::from(outcome == "200" && attempts > 1);
        *tally.outcomes.entry(outcome).or_default() += 1;
    }
}

/// The resident memory of this process, with clients and service, in KiB.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
