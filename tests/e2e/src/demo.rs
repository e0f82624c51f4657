//! The demonstration: set up, play, compare, and leave the platform running or nothing at all.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use grid_fieldbook::{Entropy as _, SystemEntropy};
use grid_scenario::tally::{Ledger, Tally};
use grid_scenario::{Plan, Scenario, photo};
use grid_server::{Clock as _, SystemClock};
use serde_json::json;

use crate::clock::SimClock;
use crate::desk::Desk;
use crate::host::Hosted;
use crate::link::Meter;
use crate::play::{Played, World};
use crate::progress::{Course, Surface};
use crate::setup::{Logins, Shared, station, tasks_before_the_cut};
use crate::{PlayError, collect, leftover, rfc3339};

const DAY_MS: i64 = 24 * 3600 * 1000;
/// Where the platform of a demonstration answers.
const LISTEN: &str = "127.0.0.1:8787";

/// A way to spoil one record between the officer's hand and the platform, to see the comparison fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Spoil {
    /// It is never recorded.
    Drop,
    /// It is recorded twice.
    Double,
    /// It is recorded with another value.
    Alter,
}

/// What to demonstrate.
#[derive(Clone, Debug)]
pub struct Demo {
    /// Compare only and leave nothing running.
    pub check: bool,
    /// Seed of every random choice.
    pub seed: u64,
    /// Write the ledger here.
    pub json: Option<PathBuf>,
    /// Another scenario file.
    pub scenario: Option<PathBuf>,
    /// Spoil one record.
    pub spoil: Option<Spoil>,
}

/// Plays the scenario and compares. Answers whether nothing differs. The last line printed with `check` is the summary.
pub fn demo(demo: &Demo) -> Result<bool, PlayError> {
    let began = Instant::now();
    let file = demo.scenario.clone().unwrap_or_else(shipped);
    let mut scenario = Scenario::load(&file)?;
    if !demo.check {
        scenario = lately(scenario, SystemClock.now_ms());
    }
    let plan = scenario.expand(demo.seed);
    if let Some(json) = &demo.json {
        // Not after half a minute of play.
        fs::write(json, "").map_err(|error| PlayError::Io(format!("{}: {error}", json.display())))?;
    }
    say(&format!(
        "{} · seed {} · {} · 断网 / link cut {}",
        plan.name,
        plan.seed,
        file.display(),
        rfc3339(plan.cut_at_ms)
    ));
    let (folder, listen) = place(demo)?;
    let mut stage = Stage::build(&file, plan, &folder, listen)?;
    stage.world.spoil = demo.spoil;
    let course = Course::new(&stage.world.plan, Surface::of_stderr());
    let played = stage.world.play(&course)?;
    course.finish(played.left);
    let Stage {
        hosted,
        mut world,
        logins,
        tally,
    } = stage;
    world.desk.sign_in_again()?;
    let received = collect::received(&world.desk, &world.plan, &world.tasks)?;
    let ledger = tally.compare(&received);
    report(demo, &world, played, &ledger)?;
    drop(world);
    hosted.stop()?;
    let whole = ledger.ok && played.left == 0;
    if !demo.check {
        leave_running(&folder.join("platform"), &logins)?;
    } else if whole || demo.spoil.is_some() {
        fs::remove_dir_all(&folder).map_err(PlayError::io)?;
    } else {
        say(&format!("数据保留在 / the data is kept in {}", folder.display()));
    }
    say(&format!("{:.0} s", began.elapsed().as_secs_f64()));
    println!("{}", ledger.summary_line());
    if !demo.check {
        farewell(&logins);
    }
    Ok(whole)
}

/// The story dated so that it was over lately: whole days, so that every hour stays what it was. The platform that is left
/// running goes by the machine's clock, and what the story leaves open must not look months overdue. A check keeps the
/// dates of the file: it repeats itself exactly.
fn lately(scenario: Scenario, now_ms: i64) -> Scenario {
    // The windows after the nine days are over within half a day.
    let ends_ms = scenario.start_ms() + i64::from(scenario.fields().days) * DAY_MS + DAY_MS / 2;
    let days = (now_ms - ends_ms).div_euclid(DAY_MS);
    let start_ms = scenario.start_ms() + days * DAY_MS;
    scenario.beginning_at(start_ms)
}

pub(crate) fn shipped() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap_or(Path::new("."));
    root.join("scenarios/dalu-nine-days.toml")
}

/// Where the data goes and where the platform answers. A check has a folder and a port of its own.
fn place(demo: &Demo) -> Result<(PathBuf, SocketAddr), PlayError> {
    let root = leftover::folder();
    let (folder, listen) = if demo.check {
        static CHECKS: AtomicU64 = AtomicU64::new(0);
        let number = CHECKS.fetch_add(1, Ordering::Relaxed);
        (
            root.join(format!("check-{}-{number}", std::process::id())),
            "127.0.0.1:0",
        )
    } else {
        say(&leftover::stop()?);
        // Before anything of the former demo is removed.
        vacant(LISTEN)?;
        (root.join("data"), LISTEN)
    };
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(PlayError::io)?;
    }
    fs::create_dir_all(&folder).map_err(PlayError::io)?;
    listen
        .parse()
        .map(|listen| (folder, listen))
        .map_err(|_| PlayError::Plan("演示自己的地址 / its own address"))
}

/// Whether nobody listens there.
fn vacant(address: &str) -> Result<(), PlayError> {
    std::net::TcpListener::bind(address).map(drop).map_err(|_| {
        let port = address.rsplit(':').next().unwrap_or(address);
        PlayError::Host(format!(
            "端口 {port} 被其他程序占用：请先结束那个程序，再运行 scripts/demo / port {port} is taken by another program: \
             stop it, then run scripts/demo again"
        ))
    })
}

/// Everything set up, before the first patrol.
struct Stage {
    hosted: Hosted,
    world: World,
    logins: Logins,
    tally: Tally,
}

impl Stage {
    fn build(scenario: &Path, plan: Plan, folder: &Path, listen: SocketAddr) -> Result<Self, PlayError> {
        let clock = SimClock::at(plan.enrol_at_ms, 0);
        let hosted = Hosted::start(&folder.join("platform"), listen, clock.clone())?;
        let logins = station(&hosted, &plan, scenario, [password()?, password()?])?;
        let tasks = tasks_before_the_cut(&hosted, &plan, &clock)?;
        let meter = Arc::new(Meter::default());
        let shared = Shared {
            plan: &plan,
            hosted: &hosted,
            clock: clock.clone(),
            meter: meter.clone(),
        };
        let phones = shared.phones(&folder.join("phones"))?;
        say(&format!(
            "{} 部手机、{} 名民警已注册 / phones and officers enrolled",
            phones.len(),
            plan.officers.len()
        ));
        let tally = Tally::from_plan(&plan, &photo::prints(&plan));
        let desk = Desk::sign_in(&hosted.base, &logins.duty.name, &logins.duty.password)?;
        let world = World {
            plan,
            phones,
            platform: clock,
            desk,
            meter,
            tasks,
            spoil: None,
        };
        Ok(Self {
            hosted,
            world,
            logins,
            tally,
        })
    }
}

/// A password nobody has chosen.
fn password() -> Result<String, PlayError> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; 12];
    if !SystemEntropy.fill(&mut bytes) {
        return Err(PlayError::Host("没有随机数来源 / no randomness".to_owned()));
    }
    Ok(bytes
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
        .collect())
}

fn report(demo: &Demo, world: &World, played: Played, ledger: &Ledger) -> Result<(), PlayError> {
    say(&ledger.render());
    let [turns, cuts, broken, bytes_up, bytes_down] = world.traffic();
    let link = world.plan.link;
    say(&format!(
        "链路 / link: {} 个窗口 windows · {turns} 次往返 turns · {cuts} 次存好后被切断 cut after storing · {broken} 次中断 broken \
         off · 上行 up {:.1} MB · 下行 down {:.1} MB · 每部手机 per phone {} kbit/s up, {} kbit/s down · 未传 left {}",
        played.windows,
        bytes_up as f64 / 1e6,
        bytes_down as f64 / 1e6,
        link.up_bits_per_s / 1000,
        link.down_bits_per_s / 1000,
        played.left,
    ));
    let Some(file) = &demo.json else { return Ok(()) };
    let document = json!({
        "scenario": world.plan.name,
        "seed": world.plan.seed,
        "windows": played.windows,
        "left": played.left,
        "turns": turns,
        "cuts": cuts,
        "broken_off": broken,
        "bytes_up": bytes_up,
        "bytes_down": bytes_down,
        "ledger": ledger,
    });
    fs::write(file, format!("{document:#}\n")).map_err(PlayError::io)
}

/// The real binary takes over on the same data, at the address a person expects.
fn leave_running(data: &Path, logins: &Logins) -> Result<(), PlayError> {
    leftover::start(data, LISTEN)?;
    let logins = Logins {
        url: format!("http://{LISTEN}"),
        ..logins.clone()
    };
    let text = serde_json::to_string_pretty(&logins).map_err(|error| PlayError::Io(error.to_string()))?;
    let file = leftover::folder().join("logins.json");
    fs::write(&file, text).map_err(PlayError::io)?;
    // It holds passwords.
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(PlayError::io)
}

fn farewell(logins: &Logins) {
    println!();
    println!("控制台 / console   http://{LISTEN}");
    println!(
        "值班员 / duty officer     {}  {}",
        logins.duty.name, logins.duty.password
    );
    println!(
        "所长   / station leader   {}  {}",
        logins.leader.name, logins.leader.password
    );
    println!("停止 / to stop: scripts/demo --stop");
}

fn say(text: &str) {
    println!("{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_told_before_anything_is_removed() {
        let other = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = other.local_addr().expect("an address");
        let said = vacant(&address.to_string()).expect_err("it is taken").to_string();
        assert!(said.contains(&address.port().to_string()), "{said}");
        assert!(
            said.contains("再运行 scripts/demo") && said.contains("then run scripts/demo again"),
            "{said}"
        );
        drop(other);
        vacant(&address.to_string()).expect("free again");
    }

    #[test]
    fn a_story_told_today_was_over_lately_and_keeps_its_hours() {
        let written = Scenario::load(shipped()).expect("the scenario");
        let start_ms = written.start_ms();
        for now_ms in [start_ms - 400 * DAY_MS, start_ms, start_ms + 400 * DAY_MS + 7] {
            let plan = lately(written.clone(), now_ms).expand(1);
            assert_eq!((plan.cut_at_ms - start_ms) % DAY_MS, 0);
            let over_for = now_ms - plan.back_at_ms;
            assert!((DAY_MS / 2..DAY_MS * 3 / 2).contains(&over_for), "{over_for}");
        }
        let (told, moved) = (written.expand(1), lately(written, start_ms).expand(1));
        let shift_ms = told.cut_at_ms - moved.cut_at_ms;
        assert_eq!(told.actions.len(), moved.actions.len());
        for (told, moved) in told.actions.iter().zip(&moved.actions) {
            assert_eq!((told.at_ms - shift_ms, &told.what), (moved.at_ms, &moved.what));
        }
    }
}
