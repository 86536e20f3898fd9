//! Both drivers with a working service, over plain sockets and TLS.

use std::{collections::HashSet, env, process::Command, thread, time::Duration};

use crate::common::{Client, RUNTIME, Settings, Tls, config, pki};
use rustls::ALL_VERSIONS;
use sts_core::{AssumeRole, AssumeRoleWithWebIdentity, GetCallerIdentity, GetSessionToken};
use sts_local::{DEMO_ROLE_ARN, Listener, LocalSts};

const USER: &str = "arn:aws:iam::123456789012:user/demo";

/// A service and both drivers, which trust it and have no credentials: first plain, then TLS.
fn services() -> [(Listener, [Client; 2]); 2] {
    let plain = LocalSts::demo().serve(0).unwrap();
    let clients = Client::both(config(&plain.url()));

    let authority = pki::authority("test");
    let identity = pki::issue(&authority, &pki::server()).serve(ALL_VERSIONS, None);
    let tls = LocalSts::demo().serve_tls(0, identity).unwrap();
    let trust = Tls { roots: vec![authority.der().clone()], identity: None };
    let tls_clients = Client::both(Settings::from(config(&tls.url())).tls(&trust));
    [(plain, clients), (tls, tls_clients)]
}

fn user(client: &Client) -> Client {
    client.clone().credentials(LocalSts::demo_credentials())
}

#[test]
fn operations_and_a_chain_of_roles() {
    for (_listener, clients) in services() {
        for client in clients {
            let me = user(&client).send(&GetCallerIdentity::new()).unwrap();
            assert_eq!(me.output.arn, USER);
            assert_eq!((me.metadata.attempts, me.metadata.status.as_u16()), (1, 200));

            let first = user(&client).send(&AssumeRole::new(DEMO_ROLE_ARN, "first")).unwrap().output.credentials;
            let chained = client.clone().credentials(first);
            let second = chained.send(&AssumeRole::new(DEMO_ROLE_ARN, "second")).unwrap().output.credentials;
            let me = client.clone().credentials(second).send(&GetCallerIdentity::new()).unwrap().output;
            assert_eq!(me.arn, "arn:aws:sts::123456789012:assumed-role/demo/second");

            let session = user(&client).send(&GetSessionToken::new()).unwrap().output.credentials;
            let me = client.credentials(session).send(&GetCallerIdentity::new()).unwrap().output;
            assert_eq!(me.arn, USER);
        }
    }
}

#[test]
fn a_web_identity_needs_no_credentials() {
    // {"alg":"none"}.{"iss":"https://idp.example.com","sub":"me","aud":"app","exp":4102444800}
    let token = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlLmNvbSIsInN1YiI6Im1lIiwiYXVkIjoiYXBwIiwiZXhwIjo0MTAyN\
                 DQ0ODAwfQ.c2ln";
    for (_listener, clients) in services() {
        for client in clients {
            let web = AssumeRoleWithWebIdentity::new(DEMO_ROLE_ARN, "web", token);
            let assumed = client.send(&web).unwrap();
            assert_eq!(
                assumed.output.assumed_role_user.unwrap().arn,
                "arn:aws:sts::123456789012:assumed-role/demo/web"
            );
            assert_eq!(assumed.metadata.region, None, "the request is not signed");
            let unsigned = client.send(&GetCallerIdentity::new()).unwrap_err();
            assert_eq!((&*unsigned.what, unsigned.attempts), ("not sent", 0));
        }
    }
}

#[test]
fn connections_are_used_again() {
    for driver in [0, 1] {
        for (listener, clients) in services() {
            let client = user(&clients[driver]);
            for _ in 0..10 {
                // Clones share connections.
                client.clone().send(&GetCallerIdentity::new()).unwrap();
                thread::sleep(Duration::from_millis(20));
            }
            // hyper returns a connection to the pool in a separate task, which may be too late for the next call.
            let most = if driver == 0 { 1 } else { 2 };
            assert!((1..=most).contains(&listener.connections()), "{}: {}", client.name(), listener.connections());
        }
    }
}

#[test]
fn sixteen_threads_share_a_client() {
    for (_listener, clients) in services() {
        for client in clients {
            let client = user(&client);
            let keys: HashSet<String> = thread::scope(|scope| {
                let threads: Vec<_> = (0..16)
                    .map(|thread| {
                        let client = &client;
                        scope.spawn(move || {
                            let role = AssumeRole::new(DEMO_ROLE_ARN, format!("thread-{thread}"));
                            let replies = (0..10).map(|_| client.send(&role).unwrap());
                            replies.map(|reply| reply.output.credentials.access_key_id).collect::<Vec<_>>()
                        })
                    })
                    .collect();
                threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
            });
            assert_eq!(keys.len(), 160);
        }
    }
}

#[test]
fn sixty_four_tasks_share_a_client() {
    for (_listener, clients) in services() {
        let Client::Async(client) = user(&clients[1]) else { panic!("the second is the asynchronous one") };
        let tasks: Vec<_> = (0..64)
            .map(|task| {
                let client = client.clone();
                RUNTIME.spawn(async move {
                    let role = AssumeRole::new(DEMO_ROLE_ARN, format!("task-{task}"));
                    (task, client.send(&role).await.unwrap().output.assumed_role_user.unwrap().arn)
                })
            })
            .collect();
        for task in tasks {
            let (task, arn) = RUNTIME.block_on(task).unwrap();
            assert_eq!(arn, format!("arn:aws:sts::123456789012:assumed-role/demo/task-{task}"));
        }
    }
}

/// Both drivers read the environment. A process with threads must not change its own, so a second process gets another.
#[test]
fn the_environment_says_where_and_who() {
    const CHILD: &str = "STS_TEST_CHILD";
    if env::var_os(CHILD).is_some() {
        let clients = [
            Client::Blocking(sts_blocking::Client::from_env().unwrap()),
            Client::Async(sts_async::Client::from_env().unwrap()),
        ];
        for client in clients {
            let me = client.send(&GetCallerIdentity::new()).unwrap();
            assert_eq!((&*me.output.arn, me.metadata.region.as_deref()), (USER, Some("eu-west-3")));
        }
        return;
    }
    let listener = LocalSts::demo().serve(0).unwrap();
    let credentials = LocalSts::demo_credentials();
    let run = |secret: Option<&str>| {
        let mut child = Command::new(env::current_exe().unwrap());
        child.args(["--exact", "service::the_environment_says_where_and_who"]).env_clear().env(CHILD, "1");
        child.env("AWS_REGION", "eu-west-3").env("AWS_ENDPOINT_URL_STS", listener.url());
        child.env("AWS_ACCESS_KEY_ID", &credentials.access_key_id);
        if let Some(secret) = secret {
            child.env("AWS_SECRET_ACCESS_KEY", secret);
        }
        child.output().unwrap()
    };
    let right = run(Some("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"));
    assert!(right.status.success(), "{right:?}");
    let half = run(None);
    assert!(!half.status.success(), "half an access key");
    assert!(String::from_utf8_lossy(&half.stdout).contains("AWS_SECRET_ACCESS_KEY"), "{half:?}");
}
