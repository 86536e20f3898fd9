//! A home folder with shared files.

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use sts_async::{BuildError, provider::Chain};
use sts_core::ConfigBuilder;

/// A folder for the files of one test.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("sts-provider-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn home(&self) -> String {
        self.0.to_str().unwrap().to_owned()
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        fs::create_dir_all(Path::new(&path).parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// The chain of an environment with only these variables. This folder is the home folder.
    pub(crate) fn load(
        &self,
        config: ConfigBuilder,
        variables: &[(&str, &str)],
        profile: Option<&str>,
    ) -> Result<Chain, BuildError> {
        let variable = |name: &str| match name {
            "HOME" => Some(self.home()),
            "AWS_CONFIG_FILE" => Some(self.path("config")),
            "AWS_REGION" => Some("eu-west-1".to_owned()),
            _ => variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()),
        };
        Chain::load(config, &variable, profile)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}
