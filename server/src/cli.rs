//! The command line: subcommands and their arguments. Each calls what the HTTP front calls.

mod business;
mod check;
mod connect;
mod mapper;
pub(crate) mod output;
mod poll;
mod replay;
mod serve;
mod token;
mod webhook;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::COMPILE_COMMAND;

/// A gateway between online stores and a point-of-sale system.
#[derive(Debug, Parser)]
#[command(name = "tillgate", version, about)]
struct Cli {
    /// A TOML file with settings; the environment overrides it.
    #[arg(long, global = true, env = "TILLGATE_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves HTTP and GraphQL, and runs the workers.
    Serve(serve::Arguments),
    /// Shows the whole way from a simulated store to POS orders, on this machine alone.
    #[cfg(feature = "simulator")]
    Demo(crate::demo::Arguments),
    /// Runs a simulated Shopify.
    #[cfg(feature = "simulator")]
    Simulator(crate::demo::SimulatorArguments),
    /// Brings the database to this version's schema.
    Migrate,
    /// Prints a token for a business and a role.
    Token(token::Arguments),
    /// Businesses: the tenants.
    #[command(subcommand)]
    Business(business::Command),
    /// Connects a store with an access token made by hand, without OAuth.
    Connect(connect::Arguments),
    /// Polls a business's store now, and waits for the end.
    Poll(poll::Arguments),
    /// Repeats every recorded run of a business's mappers, and exits with 1 where one gives other bytes than it did.
    Replay(replay::Arguments),
    /// Mappers: the plugins that turn what the store sells into what the till books.
    #[command(subcommand)]
    Mapper(mapper::Command),
    /// Webhooks, for trying things out.
    #[command(subcommand)]
    Webhook(webhook::Command),
    /// Prints the GraphQL schema.
    Schema,
    /// Compiles a plugin for the gateway that started this process, under limits that it sets itself.
    #[command(name = COMPILE_COMMAND, hide = true)]
    CompilePlugin,
    /// Checks the configuration, the database, the keys and the stored tokens.
    Check,
}

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    if matches!(cli.command, Command::CompilePlugin) {
        return compile_plugin();
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output::fail(&format!("the runtime could not be started: {error}")),
    };
    runtime.block_on(dispatch(cli))
}

/// Before there are threads: each would take of the memory that compiling may use.
fn compile_plugin() -> ExitCode {
    match mappers::compile_child(std::io::stdin().lock(), std::io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

async fn dispatch(cli: Cli) -> ExitCode {
    let config = cli.config.as_deref();
    let done = match cli.command {
        Command::Serve(arguments) => serve::run(config, arguments).await,
        #[cfg(feature = "simulator")]
        Command::Demo(arguments) => return crate::demo::run(arguments).await,
        #[cfg(feature = "simulator")]
        Command::Simulator(arguments) => crate::demo::run_simulator(arguments).await,
        Command::Migrate => serve::migrate(config).await,
        Command::Token(arguments) => token::run(config, &arguments),
        Command::Business(command) => business::run(config, command).await,
        Command::Connect(arguments) => connect::run(config, arguments).await,
        Command::Poll(arguments) => poll::run(config, &arguments).await,
        Command::Replay(arguments) => return replay::run(config, &arguments).await,
        Command::Mapper(command) => return mapper::run(command).await,
        Command::Webhook(command) => webhook::run(config, command).await,
        Command::Schema => {
            output::line(&crate::graphql::sdl());
            Ok(())
        }
        Command::CompilePlugin => return compile_plugin(),
        Command::Check => return check::run(config).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => output::fail(&error.to_string()),
    }
}
