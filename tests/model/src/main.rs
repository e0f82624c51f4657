//! `grid-model-check`: explores every order of events, and says how many states there are.

use std::process::ExitCode;

use clap::Parser;
use grid_model_check::{Island, Left, Plant, explore};

/// Explores every order of events of a small island. The last line says what was found.
#[derive(Parser)]
#[command(name = "scripts/model", version, args_override_self = true)]
struct Asked {
    /// Requests or answers that get lost.
    #[arg(long, default_value_t = Left::FULL.losses)]
    losses: u8,
    /// Requests that are cut.
    #[arg(long, default_value_t = Left::FULL.cuts)]
    cuts: u8,
    /// Requests that arrive twice.
    #[arg(long, default_value_t = Left::FULL.doubles)]
    doubles: u8,
    /// Old answers that are played back.
    #[arg(long, default_value_t = Left::FULL.replays)]
    replays: u8,
    /// Phones that are killed.
    #[arg(long, default_value_t = Left::FULL.crashes)]
    crashes: u8,
    /// Backups.
    #[arg(long, default_value_t = Left::FULL.backups)]
    backups: u8,
    /// Restores.
    #[arg(long, default_value_t = Left::FULL.restores)]
    restores: u8,
    /// Revoked phones.
    #[arg(long, default_value_t = Left::FULL.revokes)]
    revokes: u8,
    /// Syncs of each phone.
    #[arg(long, default_value_t = Left::FULL.syncs)]
    syncs: u8,
    /// Plant a mistake, to see it found: restore, receipt, purge, place.
    #[arg(long, value_parser = planted)]
    plant: Option<Plant>,
}

fn planted(text: &str) -> Result<Plant, String> {
    match text {
        "restore" => Ok(Plant::RestoreUnnoticed),
        "receipt" => Ok(Plant::AnyAnswerIsAReceipt),
        "purge" => Ok(Plant::PurgeOnReceipt),
        "place" => Ok(Plant::PlaceBeforeRows),
        _ => Err("one of restore, receipt, purge, place".to_owned()),
    }
}

fn main() -> ExitCode {
    let asked = Asked::parse();
    let island = Island {
        left: Left {
            losses: asked.losses,
            cuts: asked.cuts,
            doubles: asked.doubles,
            replays: asked.replays,
            crashes: asked.crashes,
            backups: asked.backups,
            restores: asked.restores,
            revokes: asked.revokes,
            syncs: asked.syncs,
        },
        plant: asked.plant,
    };
    let found = explore(&island);
    for (rule, way) in &found.broken {
        println!("broken: {rule}");
        for act in way {
            println!("    {act:?}");
        }
    }
    for rule in &found.never {
        println!("never happened: {rule}");
    }
    println!("states {}, violations {}", found.states, found.broken.len());
    if found.broken.is_empty() && (found.never.is_empty() || asked.plant.is_some()) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
