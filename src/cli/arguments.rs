//! What may stand on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Turns a git repository of Markdown files into a cross-linked, static intranet portal.
#[derive(Debug, Parser)]
#[command(name = "strang", version, about, arg_required_else_help = true)]
pub(super) struct Arguments {
    /// Work on the portal in this folder, or the nearest one upward with `strang.toml`
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub(super) directory: Option<PathBuf>,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write the site, all or nothing
    Build(BuildArguments),
    /// Say everything `build` would say, and write nothing
    Check(CheckArguments),
    /// Show the site on this computer
    Serve(ServeArguments),
    /// Add a customer, department, person or entry, ready to be filled in
    New(NewArguments),
    /// Make a small portal that builds, or add what checks and publishes it
    Init(InitArguments),
}

#[derive(Debug, Args)]
pub(super) struct BuildArguments {
    /// The directory that the site replaces, relative to the portal
    #[arg(long, value_name = "DIR", default_value = "public")]
    pub(super) out: PathBuf,
    /// List the pages that are new, changed or gone in this file, relative to the portal: `.json` or `.md`
    #[arg(long, value_name = "FILE")]
    pub(super) changes: Option<PathBuf>,
    /// Write compressed twins (`index.html.gz`) for servers that send them as they are
    #[arg(long)]
    pub(super) compress: bool,
    /// Treat warnings as errors
    #[arg(long)]
    pub(super) strict: bool,
    /// Leave out entries dated after this day, and count ages from it instead of today
    #[arg(long, value_name = "DATE")]
    pub(super) as_of: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// Treat warnings as errors
    #[arg(long)]
    pub(super) strict: bool,
    /// How to print what there is to say
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    pub(super) format: CheckFormat,
    /// Leave out entries dated after this day, and count ages from it instead of today
    #[arg(long, value_name = "DATE")]
    pub(super) as_of: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CheckFormat {
    /// For people, on standard error
    Text,
    /// A JSON array on standard output
    Json,
    /// Annotations of GitHub, Gitea and Forgejo on standard output
    Github,
    /// A code-quality report for GitLab on standard output
    Gitlab,
}

#[derive(Debug, Args)]
pub(super) struct ServeArguments {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 8017)]
    pub(super) port: u16,
    /// Open the portal in the browser
    #[arg(long)]
    pub(super) open: bool,
    /// Answer only who knows the address that is printed: on a computer that several people use. Not with `--open`:
    /// they all see what a program is started with
    #[arg(long, conflicts_with = "open")]
    pub(super) token: bool,
    /// Look for changes each second instead of being told: for folders that lie on another computer
    #[arg(long)]
    pub(super) poll: bool,
    /// Leave out entries dated after this day, and count ages from it instead of today
    #[arg(long, value_name = "DATE")]
    pub(super) as_of: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct NewArguments {
    #[command(subcommand)]
    pub(super) what: NewCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum NewCommand {
    /// A customer, in a folder of its own for its entries
    Customer(NewPageArguments),
    /// A department
    Department(NewPageArguments),
    /// A person
    Person(NewPageArguments),
    /// An entry of today
    Entry {
        /// The id of the customer or department in whose folder it lies
        folder: String,
        /// What sort of event it is, such as `action` or `complaint`
        kind: String,
        /// What happened, in a few words
        title: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct NewPageArguments {
    /// The id: a-z, 0-9 and `-`
    pub(super) id: String,
    /// What readers see; the id until you say otherwise
    #[arg(long)]
    pub(super) title: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct InitArguments {
    /// The folder of the new portal
    #[arg(value_name = "DIR", default_value = ".")]
    pub(super) folder: PathBuf,
    /// The language of the portal
    #[arg(long, value_enum, default_value_t = InitLanguage::De)]
    pub(super) language: InitLanguage,
    /// Add the files by which a forge checks every push and publishes the main branch, to a portal that is there, too
    #[arg(long, value_enum, value_name = "FORGE", value_delimiter = ',')]
    pub(super) ci: Vec<InitForge>,
    /// Add a hook of git that checks what is about to be committed, to a portal that is there, too
    #[arg(long)]
    pub(super) hook: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum InitLanguage {
    /// German
    De,
    /// English
    En,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum InitForge {
    /// `.gitlab-ci.yml`, which publishes with GitLab Pages
    Gitlab,
    /// `.github/workflows/portal.yml`, which publishes with GitHub Pages
    Github,
    /// `.forgejo/workflows/portal.yml`, which publishes into a folder
    Forgejo,
}
