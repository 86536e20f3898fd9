//! `sts man`

use clap::Args;
use clap_mangen::Man as Page;
use std::{fs, path::PathBuf};

use crate::{failure::Failure, output};

/// Prints manual pages.
#[derive(Args)]
pub(crate) struct Man {
    /// Command of the page; by default, the page is that of sts itself
    command: Option<String>,
    /// Folder to write all pages to, as sts.1, sts-assume-role.1 and so on
    #[arg(long, value_name = "FOLDER", conflicts_with = "command", value_hint = clap::ValueHint::DirPath)]
    out_dir: Option<PathBuf>,
}

impl Man {
    /// Prints the page of a command of this program, or writes all pages.
    pub(crate) fn run(self, mut program: clap::Command) -> Result<(), Failure> {
        program.build();
        let Some(folder) = self.out_dir else {
            let Some(name) = &self.command else { return output::print(&page(&program)?) };
            // `help` works as for any command.
            if name == "help"
                && let Some(this) = program.find_subcommand_mut("man")
            {
                return output::print(&this.render_help().to_string());
            }
            let command = program.find_subcommand(name);
            let unknown = || Failure::usage(format!("there is no command {name:?}; sts --help lists them"));
            return output::print(&page(command.ok_or_else(unknown)?)?);
        };
        let unwritten = |error| Failure::caused(&format!("Could not write to {}", folder.display()), &error);
        fs::create_dir_all(&folder).map_err(unwritten)?;
        for command in [&program].into_iter().chain(program.get_subcommands().filter(|command| !command.is_hide_set()))
        {
            let name = Page::new(command.clone()).get_filename();
            fs::write(folder.join(name), page(command)?).map_err(unwritten)?;
        }
        Ok(())
    }
}

fn page(command: &clap::Command) -> Result<String, Failure> {
    let mut page = Vec::new();
    let written = Page::new(command.clone()).render(&mut page);
    written.map_err(|error| Failure::caused("Could not write the page", &error))?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
