//! Files that the state machines read and write.

use std::{
    fs::{self, DirBuilder, File, FileType, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    mem,
    path::Path,
};

use zeroize::Zeroizing;

/// Reads a file of text that is at most `most` bytes long.
///
/// # Errors
/// It cannot be read, is a pipe, is longer, or is not UTF-8.
pub fn read(path: &str, most: usize) -> io::Result<String> {
    // Opening a pipe blocks until it has a writer, perhaps forever.
    if is_pipe(fs::metadata(path)?.file_type()) {
        return Err(io::Error::other("it is a pipe"));
    }
    read_or_wait(path, most)
}

/// Like [`read`], but also reads pipes, and waits for their writers.
///
/// # Errors
/// The same errors as [`read`], except for pipes.
pub fn read_or_wait(path: &str, most: usize) -> io::Result<String> {
    let mut bytes = read_bytes(path.as_ref(), most)?;
    String::from_utf8(mem::take(&mut *bytes)).map_err(|error| {
        // The error itself holds the text, which may be a secret.
        let from = error.utf8_error().valid_up_to();
        drop(Zeroizing::new(error.into_bytes()));
        io::Error::new(ErrorKind::InvalidData, format!("it is not UTF-8 from byte {from}"))
    })
}

/// Reads a file of at most `most` bytes, also from a pipe, for whose writers it waits.
///
/// # Errors
/// It cannot be read, or is longer.
pub fn read_bytes(path: &Path, most: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    let metadata = fs::metadata(path)?;
    // The text may be a secret. A buffer that never grows leaves no copies behind. The length of a pipe is unknown.
    let length = if is_pipe(metadata.file_type()) { 1 << 16 } else { metadata.len() };
    let capacity = usize::try_from(length).map_or(most, |length| length.min(most)) + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
    File::open(path)?.take(most as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > most { Err(io::Error::other(format!("it is longer than {most} bytes"))) } else { Ok(bytes) }
}

/// Replaces a file atomically. Only the user can read it. Its folder is created if missing.
///
/// # Errors
/// It cannot be written.
pub fn replace(path: impl AsRef<Path>, text: &str) -> io::Result<()> {
    let path = path.as_ref();
    let (mut folder, mut options) = (DirBuilder::new(), OpenOptions::new());
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        folder.mode(0o700);
        options.mode(0o600);
    }
    folder.recursive(true).create(path.parent().ok_or(ErrorKind::InvalidInput)?)?;
    // The name is unique: no other thread uses it, and no killed process with the same id left it behind.
    let aside = path.with_extension(format!("{:016x}.tmp", crate::seed()));
    let mut file = options.write(true).create_new(true).open(&aside)?;
    // Synced before the rename, so a power cut leaves no empty file.
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    drop(file);
    written.and_then(|()| fs::rename(&aside, path)).inspect_err(|_| {
        // Remove the partial file.
        let _ = fs::remove_file(&aside);
    })
}

#[cfg(unix)]
fn is_pipe(kind: FileType) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&kind)
}

#[cfg(not(unix))]
fn is_pipe(_: FileType) -> bool {
    false
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        env,
        os::unix::fs::{PermissionsExt, symlink},
        path::PathBuf,
        process::Command,
        thread,
    };

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = env::temp_dir().join(format!("sts-file-{name}-{}", std::process::id()));
            fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }

        fn path(&self, name: &str) -> String {
            self.0.join(name).to_str().unwrap().to_owned()
        }

        fn names(&self) -> Vec<String> {
            let mut names: Vec<_> =
                fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn what_is_read() {
        let folder = Folder::new("read");
        let path = folder.path("file");
        let text = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            read(&path, 4).map_err(|error| error.to_string())
        };
        assert_eq!(text("12é".as_bytes()), Ok("12é".to_owned()));
        assert_eq!(text(b""), Ok(String::new()));
        // The fifth byte is the first half of a letter.
        assert_eq!(text("1234é".as_bytes()), Err("it is longer than 4 bytes".to_owned()));
        assert_eq!(text(b"12\xff"), Err("it is not UTF-8 from byte 2".to_owned()));

        let pipe = folder.path("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        symlink(&pipe, folder.path("link")).unwrap();
        for name in ["pipe", "link"] {
            assert_eq!(read(&folder.path(name), 4).unwrap_err().to_string(), "it is a pipe");
            let writer = thread::spawn({
                let pipe = pipe.clone();
                move || fs::write(pipe, "12é").unwrap()
            });
            assert_eq!(read_or_wait(&folder.path(name), 4).unwrap(), "12é");
            writer.join().unwrap();
        }
        assert_eq!(read(&folder.path("none"), 4).unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(read(folder.0.to_str().unwrap(), 4).unwrap_err().kind(), ErrorKind::IsADirectory);
        assert_eq!(read("/dev/zero", 4).unwrap_err().to_string(), "it is longer than 4 bytes");
    }

    #[test]
    fn a_file_is_replaced_at_once_and_for_the_user_alone() {
        let folder = Folder::new("replace");
        let path = folder.path("token");
        fs::write(&path, "a longer text").unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
        // A killed process leaves this file behind.
        fs::write(folder.path(&format!("token.{}.tmp", std::process::id())), "left").unwrap();
        let before = folder.names();
        replace(&path, "text").unwrap();
        assert_eq!((read(&path, 99).unwrap(), folder.names()), ("text".to_owned(), before));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

        let texts = ["a".repeat(10_000), "b".repeat(20_000)];
        thread::scope(|scope| {
            for text in &texts {
                scope.spawn(|| (0..50).for_each(|_| replace(&path, text).unwrap()));
            }
            for _ in 0..50 {
                let text = read(&path, 20_000).unwrap();
                assert!(text == "text" || texts.contains(&text), "half of a text: {} bytes", text.len());
            }
        });
        assert!(texts.contains(&read(&path, 20_000).unwrap()));
    }

    #[test]
    fn what_cannot_be_replaced_leaves_nothing_behind() {
        let folder = Folder::new("failure");
        let path = folder.path("folder");
        fs::create_dir(&path).unwrap();
        assert_eq!(replace(&path, "text").unwrap_err().kind(), ErrorKind::IsADirectory);
        assert_eq!(folder.names(), ["folder"]);
        fs::write(folder.path("file"), "").unwrap();
        assert_eq!(replace(folder.path("file/file"), "text").unwrap_err().kind(), ErrorKind::AlreadyExists);
    }

    #[test]
    fn a_folder_that_is_not_there_is_made() {
        let folder = Folder::new("folder");
        replace(folder.path("new/er/file"), "text").unwrap();
        assert_eq!(fs::metadata(folder.path("new")).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
