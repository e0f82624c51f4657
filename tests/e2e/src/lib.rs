//! The island scenario, played end to end: real field books, the real platform over real sockets, simulated time; then
//! what arrived is compared with the paper tally.

#[cfg(test)]
mod boat_tests;
mod clock;
mod collect;
#[cfg(test)]
mod contact_tests;
mod demo;
mod desk;
mod host;
pub mod leftover;
mod link;
mod play;
mod progress;
#[cfg(test)]
mod restore_tests;
mod setup;
mod vault;

pub use demo::{Demo, Spoil, demo};

/// Why a scenario could not be played to its end.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// The plan asks for something that cannot be.
    #[error("场景有误 / the scenario is wrong: {0}")]
    Plan(&'static str),
    /// The plan uses a term that the core does not know.
    #[error("场景用了未知的词 / the scenario uses an unknown term: {0}")]
    Term(String),
    /// The scenario file cannot be used.
    #[error("{0}")]
    Scenario(#[from] grid_scenario::ScenarioError),
    /// A phone did not do what it was asked.
    #[error("手机端 / phone: {0}")]
    Phone(String),
    /// The console's API did not do what it was asked.
    #[error("控制台接口 / console API: {0}")]
    Api(String),
    /// The platform did not start, or stopped.
    #[error("平台 / platform: {0}")]
    Host(String),
    /// A file or folder.
    #[error("文件 / file: {0}")]
    Io(String),
}

impl PlayError {
    fn io(error: std::io::Error) -> Self {
        let what = match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                "磁盘已满，请清理空间后再运行 / the disk is full: free some space and run it again"
            }
            _ => return Self::Io(error.to_string()),
        };
        Self::Io(format!("{what} ({error})"))
    }

    fn api(error: reqwest::Error) -> Self {
        Self::Api(error.to_string())
    }

    fn admin(error: grid_server::AdminError) -> Self {
        Self::host(&error.sentence())
    }

    fn start(error: grid_server::StartError) -> Self {
        Self::host(&error.sentence())
    }

    fn host(said: &grid_server::Sentence) -> Self {
        Self::Host(format!("{} / {}", said.zh, said.en))
    }
}

fn rfc3339(at_ms: i64) -> String {
    let moment = chrono::DateTime::from_timestamp_millis(at_ms).unwrap_or_default();
    moment.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
