use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Stdio},
};

use crate::harness::{program, sts};

#[test]
fn local() {
    struct Server(Child);
    impl Drop for Server {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
    let mut server = Server(program(&["local", "--port", "0"], &[]).stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(server.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut exports = Vec::new();
    let example = loop {
        match lines.next().unwrap() {
            line if line.starts_with("sts ") => break line,
            line => exports.push(line),
        }
    };
    let exports: Vec<_> = exports.iter().filter_map(|line| line.strip_prefix("export ")?.split_once('=')).collect();
    let names: Vec<_> = exports.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["AWS_ENDPOINT_URL_STS", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]);
    let command: Vec<_> = example.strip_prefix("sts ").unwrap().split(' ').collect();
    let run = sts(&command, &exports);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.contains("arn:aws:sts::123456789012:assumed-role/demo/demo"), "{}", run.stdout);

    let port = exports[0].1.rsplit(':').next().unwrap();
    let taken = sts(&["local", "--port", port], &[]);
    assert_eq!(taken.code, 255);
    let expected = format!("\nCould not listen on port {port} of 127.0.0.1\n  caused by: ");
    assert!(taken.stderr.starts_with(&expected), "{}", taken.stderr);
}
