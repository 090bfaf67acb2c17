//! The command line: every command but `serve`, `proxy`, `doctor` and the hidden ones is a client of the REST API.
//!
//! Invariants: results go to stdout and nothing else does, so that `--json` can be piped; what a name or an id holds
//! never leads a request elsewhere; a token never goes to another server than its own. Deliberately absent: any
//! decision that the server makes too (the schema is used to read `-p`, never to refuse it).

mod action;
mod address;
mod app;
mod client;
mod credentials;
mod dataset;
mod environment;
mod failure;
mod format;
mod health;
pub(crate) mod kernel;
mod notebook;
mod out;
mod patience;
mod process;
mod project;
mod session;
mod status;
mod style;
mod table;
mod token;
mod units;
mod upload;
mod user;
mod values;
mod workspace;

use app::App;
use clap::{Args, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use failure::Failure;
use out::Out;
use std::process::ExitCode;

/// Castalia: a self-hosted workbench for teams that compute.
#[derive(Debug, Parser)]
#[command(name = "castalia", version, max_term_width = 110, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Server to talk to; the one of the last `castalia login` unless told, else http://127.0.0.1:8000
    #[arg(long, global = true, env = "CASTALIA_URL", value_name = "URL", help_heading = "Everywhere")]
    url: Option<String>,
    /// Print JSON, as the server gives it
    #[arg(long, global = true, help_heading = "Everywhere")]
    json: bool,
    /// Print nothing but results and errors
    #[arg(long, short, global = true, help_heading = "Everywhere")]
    quiet: bool,
}

const AFTER_HELP: &str = "\
Examples:
  castalia serve --demo                                       start a server to try things out
  echo demo | castalia login --user demo --password-stdin     sign in to it
  castalia process run fft -p input=upload:mauna-loa-co2.csv --wait
  castalia process logs proc_01J… -f
  castalia dataset get ds_01J… -o spectrum.csv

Environment:
  CASTALIA_URL, CASTALIA_TOKEN   the server and an API token for it, instead of `castalia login`
  CASTALIA_TOKEN_FILE            a file with the token, as cells of notebooks have it
  CASTALIA_PROJECT               the project, instead of --project
  NO_COLOR                       no colours

Exit codes:
  0    done
  1    the work failed (a process that was waited for, a file, the server itself)
  2    the command line can't be meant
  3    not signed in, or not allowed
  4    not found
  5    refused: a conflict, invalid input, not enough credit
  6    the server can't be reached, or has no time now
  130  interrupted with Ctrl-C";

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start the server
    Serve(crate::serve::ServeArgs),
    /// Sign in and keep an API token for this machine
    Login(session::LoginArgs),
    /// Sign out: revoke and forget this machine's token
    Logout,
    /// Say who is signed in where
    Whoami,
    /// Projects, their members and their credit
    Project(project::ProjectArgs),
    /// Upload files, or list and delete uploads
    Upload(upload::UploadArgs),
    /// Run processes, look at them, read their logs
    #[command(visible_alias = "ps")]
    Process(process::ProcessArgs),
    /// Workspaces: open a lab or an IDE, share it, stop it
    #[command(visible_alias = "ws")]
    Workspace(workspace::WorkspaceArgs),
    /// Notebooks: run one from its first to its last cell
    #[command(visible_alias = "nb")]
    Notebook(notebook::NotebookArgs),
    /// Data that processes wrote
    Dataset(dataset::DatasetArgs),
    /// Call an action of the platform
    Do(action::DoArgs),
    /// API tokens
    Token(token::TokenArgs),
    /// Users
    User(user::UserArgs),
    /// Environments: where process types come from
    Environment(environment::EnvironmentArgs),
    /// Try a service definition: start it here, watch its health, end it
    Health(health::HealthArgs),
    /// How the server is
    Status,
    /// Run the reverse proxy alone, in place of configurable-http-proxy
    Proxy(crate::proxy::ProxyArgs),
    /// Say what on this machine is missing for which feature
    Doctor(DoctorArgs),
    /// Print a completion script for a shell
    #[command(
        after_help = "Examples:\n  castalia completions bash > ~/.local/share/bash-completion/completions/castalia\n  castalia completions fish > ~/.config/fish/completions/castalia.fish"
    )]
    Completions {
        /// bash, zsh, fish, …
        shell: Shell,
    },
    /// Print the description of the REST API
    #[command(hide = true)]
    Openapi,
}

/// What to examine.
#[derive(Args, Clone, Debug)]
pub(crate) struct DoctorArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Runs a client command on a current-thread runtime and says how it ended.
pub(crate) async fn run(cli: Cli) -> ExitCode {
    let out = Out::new(cli.json, cli.quiet);
    let app = App { out, url: cli.url.filter(|url| !url.is_empty()) };
    let ended = match cli.command {
        // It has something to end on Ctrl-C, and takes the time for it.
        Command::Health(args) => health::run(&app, args.command).await,
        Command::Notebook(args) => notebook::run(&app, args.command).await,
        command => tokio::select! {
            // The command first: on Ctrl-C it may say what goes on without us.
            biased;
            ended = dispatch(&app, command) => ended,
            () = interrupted() => Err(Failure::Interrupted(None)),
        },
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if let Some(message) = failure.message() {
                out.error(&message);
            }
            ExitCode::from(failure.exit_code())
        }
    }
}

async fn dispatch(app: &App, command: Command) -> Result<(), Failure> {
    match command {
        Command::Login(args) => session::login(app, args).await,
        Command::Logout => session::logout(app).await,
        Command::Whoami => session::whoami(app).await,
        Command::Project(args) => project::run(app, args.command).await,
        Command::Upload(args) => upload::run(app, args).await,
        Command::Process(args) => process::run(app, args.command).await,
        Command::Workspace(args) => workspace::run(app, args.command).await,
        Command::Dataset(args) => dataset::run(app, args.command).await,
        Command::Do(args) => action::run(app, args).await,
        Command::Token(args) => token::run(app, args.command).await,
        Command::User(args) => user::run(app, args.command).await,
        Command::Environment(args) => environment::run(app, args.command).await,
        Command::Status => status::run(app).await,
        Command::Completions { shell } => completions(app, shell),
        // Answered before it comes here.
        Command::Serve(_)
        | Command::Proxy(_)
        | Command::Doctor(_)
        | Command::Openapi
        | Command::Notebook(_)
        | Command::Health(_) => Ok(()),
    }
}

/// Resolves on Ctrl-C. A program that can't listen for it is ended by it, as ever.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn completions(app: &App, shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "castalia", &mut script);
    app.out.text(&String::from_utf8_lossy(&script))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_flags_may_stand_anywhere() {
        for words in [["castalia", "--json", "process", "list"], ["castalia", "process", "list", "--json"]] {
            assert!(Cli::try_parse_from(words).expect("parses").json);
        }
    }

    #[test]
    fn the_contract_parses() {
        let lines = [
            "castalia login --url http://h --user u --password-stdin",
            "castalia process run fft -p input=upload:mauna-loa-co2.csv --wait --json",
            "castalia process run t -p a=-1 -p b:=[1] --params - --project P --name N --cpu 1.5 --memory 2G --storage 1G --gpu 1 --deadline 10m --priority -5 --reuse",
            "castalia process types",
            "castalia process logs proc_1 --version 2 -f --after 3 --grep x --stream stderr --json",
            "castalia process compare proc_1 1 2",
            "castalia process rerun proc_1 -p a=1 --wait",
            "castalia process estimate t -p a=1",
            "castalia process delete proc_1",
            "castalia process cancel proc_1 --version 2 --json",
            "castalia upload a b --replace --media-type text/csv",
            "castalia upload - --name n",
            "castalia upload list",
            "castalia upload delete up_1",
            "castalia dataset get ds_1 -o -",
            "castalia dataset lineage ds_1",
            "castalia project ledger --json",
            "castalia project top-up 12.5 --note n",
            "castalia project add-member ada --role developer",
            "castalia environment add e --python /x/bin/python",
            "castalia environment add e --manifest m.json",
            "castalia do processes.list {}",
            "castalia do --list",
            "castalia token create ci --scope processes.* --expires 30d",
            "castalia user create ada --password-stdin",
            "castalia user passwd",
            "castalia completions zsh",
            "castalia workspace open lab --profile small --new --log",
            "castalia workspace list --all",
            "castalia workspace stop demo-lab-x",
            "castalia workspace logs demo-lab-x -f --run 2",
            "castalia workspace share demo-lab-x ada --level view",
            "castalia workspace orphans --end unit_x_r1",
            "castalia workspace",
            "castalia status",
            "castalia workspace serve --services lab,chat --user keep --listen 127.0.0.1:9999 --ide-listen none",
            "castalia notebook run a.ipynb -p n=3 -p l:=[1] --out b.ipynb --kernel python3 --timeout 5m --allow-errors --json",
            "castalia health test lab.yaml --for 30s --json",
            "castalia proxy --ip= --port 8000 --api-ip 127.0.0.1 --api-port 8001 --error-target http://127.0.0.1:8081/hub/error --log-level INFO --host-routing",
        ];
        for line in lines {
            if let Err(error) = Cli::try_parse_from(line.split(' ')) {
                panic!("{line}: {error}");
            }
        }
    }
}
