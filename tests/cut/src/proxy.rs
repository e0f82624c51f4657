//! The proxy: takes connections on this machine, hands their bytes on as the link allows, and cuts.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::{Mutex, mpsc};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Sleep, sleep, timeout};

use crate::link::{Connection, Room};
use crate::{Direction, Link, Nature, Style, Trouble};

/// What is read at once.
const PIECE: usize = 16 * 1024;
/// On a slow link a piece is about what a packet carries, or what 10 ms of this machine's time carry.
const PACKET: usize = 1_400;
const TICK: Duration = Duration::from_millis(10);
/// Pieces on their way on a late link.
const ON_THE_WAY: usize = 1_024;
/// How long a swallowed connection stays silent, in this machine's time.
const SILENCE: Duration = Duration::from_millis(4);

/// A proxy on 127.0.0.1. Dropped, it takes all its connections along.
#[derive(Debug)]
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    /// The link it plays.
    pub link: Arc<Link>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Listens for connections and carries them to `upstream`.
    pub fn start(runtime: &Runtime, upstream: SocketAddr, link: Link) -> Result<Self, Trouble> {
        let link = Arc::new(link);
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = runtime.block_on(TcpListener::bind(any)).map_err(Trouble::of)?;
        let address = listener.local_addr().map_err(Trouble::of)?;
        let accepting = runtime.spawn(accept(listener, upstream, link.clone()));
        Ok(Self {
            address,
            link,
            accepting,
        })
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Turns at the two directions of a link: what one connection sends makes the others wait.
type Turns = Arc<[Mutex<()>; 2]>;

async fn accept(listener: TcpListener, upstream: SocketAddr, link: Arc<Link>) {
    let (mut open, turns) = (JoinSet::new(), Turns::default());
    loop {
        tokio::select! {
            Some(_) = open.join_next() => {}
            accepted = listener.accept() => {
                // Dropped when it is not let in: the phone sees a connection that ends at once.
                if let (Ok((client, _)), Some(connection)) = (accepted, link.let_in()) {
                    open.spawn(carry(client, upstream, link.clone(), connection, turns.clone()));
                }
            }
        }
    }
}

/// Carries one connection until an end closes it, it is cut, or the link closes.
async fn carry(
    client: TcpStream,
    upstream: SocketAddr,
    link: Arc<Link>,
    connection: Connection,
    turns: Turns,
) {
    let Ok(server) = TcpStream::connect(upstream).await else {
        return;
    };
    for stream in [&client, &server] {
        // A small piece must not wait for an acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
    }
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let mut open = link.watch();
    let way = |direction| Way {
        link: &link,
        connection: &connection,
        direction,
        turns: &turns,
    };
    tokio::select! {
        biased;
        _ = open.wait_for(|open| !*open) => link.broke(&connection, None),
        () = way(Direction::Up).carry(from_client, to_server) => {}
        () = way(Direction::Down).carry(from_server, to_client) => {}
    }
}

enum End {
    OfItself,
    Lost,
    Cut(Style),
    /// By a cut that the link knows of.
    Told,
}

/// One direction of one connection.
#[derive(Clone, Copy)]
struct Way<'l> {
    link: &'l Link,
    connection: &'l Connection,
    direction: Direction,
    turns: &'l Turns,
}

impl Way<'_> {
    /// Carries until it ends. The link knows of a cut before anybody's socket is closed.
    async fn carry(self, from: OwnedReadHalf, to: OwnedWriteHalf) {
        let end = match self.link.nature {
            None => self.pump(&from, &to).await,
            Some(nature) => self.late_pump(nature, &from, &to).await,
        };
        match end {
            End::OfItself | End::Told => {}
            End::Lost => self.link.broke(self.connection, None),
            End::Cut(style) => self.link.broke(self.connection, Some(style)),
        }
    }

    async fn pump(self, from: &OwnedReadHalf, to: &OwnedWriteHalf) -> End {
        let mut buffer = vec![0; PIECE];
        loop {
            let bytes = match self.read(from, &mut buffer).await {
                Ok(bytes) => bytes,
                Err(end) => return end,
            };
            // Counted first: what is written may be answered before this task runs again.
            self.link.passed(self.connection, self.direction, bytes as u64);
            if write(to, &buffer[..bytes]).await.is_err() {
                return End::OfItself;
            }
        }
    }

    /// The next bytes: no more than the link lets through before it cuts.
    async fn read(self, from: &OwnedReadHalf, buffer: &mut [u8]) -> Result<usize, End> {
        let room = match self.link.room(self.connection, self.direction) {
            Room::Free => buffer.len(),
            Room::Until(0, Some(Style::Swallow)) => {
                // The cut is where the silence begins.
                self.link.broke(self.connection, Some(Style::Swallow));
                self.swallow(from, buffer).await;
                return Err(End::Told);
            }
            Room::Until(0, Some(style)) => return Err(End::Cut(style)),
            Room::Until(0, None) => return Err(End::Lost),
            Room::Until(bytes, _) => usize::try_from(bytes).unwrap_or(usize::MAX).min(buffer.len()),
        };
        match read(from, &mut buffer[..room]).await {
            Ok(0) | Err(_) => Err(End::OfItself),
            Ok(bytes) => Ok(bytes),
        }
    }

    /// Takes whatever comes and throws it away, until the silence is over or nothing can come any more.
    async fn swallow(self, from: &OwnedReadHalf, buffer: &mut [u8]) {
        let taking = async {
            while let Ok(bytes @ 1..) = read(from, buffer).await {
                self.link.swallowed(self.connection, self.direction, bytes as u64);
            }
        };
        let _ = timeout(SILENCE, taking).await;
    }

    /// The same on a link that takes its time: a piece waits for its turn on the air, then travels.
    async fn late_pump(self, nature: Nature, from: &OwnedReadHalf, to: &OwnedWriteHalf) -> End {
        let bits_per_s = nature.bits_per_s(self.direction).max(1);
        let in_a_tick = bits_per_s * u64::from(nature.faster) * TICK.as_millis() as u64 / 8_000;
        let piece = PACKET
            .max(usize::try_from(in_a_tick).unwrap_or(PACKET))
            .min(PIECE);
        let (sending, mut arriving) = mpsc::channel::<(Vec<u8>, Pin<Box<Sleep>>)>(ON_THE_WAY);
        let reading = async move {
            let mut buffer = vec![0; piece];
            loop {
                let bytes = match self.read(from, &mut buffer).await {
                    Ok(bytes) => bytes,
                    Err(end) => return end,
                };
                let turn = self.turns[self.direction as usize].lock().await;
                let air = Duration::from_micros(bytes as u64 * 8_000_000 / bits_per_s);
                sleep(nature.played(air)).await;
                drop(turn);
                self.link.passed(self.connection, self.direction, bytes as u64);
                let travel = nature.played(Duration::from_millis(nature.one_way_ms));
                let arrival = (buffer[..bytes].to_vec(), Box::pin(sleep(travel)));
                if sending.send(arrival).await.is_err() {
                    return End::OfItself;
                }
            }
        };
        let writing = async move {
            while let Some((bytes, arrival)) = arriving.recv().await {
                arrival.await;
                write(to, &bytes).await?;
            }
            Ok::<_, io::Error>(())
        };
        // An end of itself lets what is on its way arrive; a loss takes it along.
        let (mut reading, mut writing) = (Box::pin(reading), Box::pin(writing));
        tokio::select! {
            end = &mut reading => {
                drop(reading);
                if matches!(end, End::OfItself) {
                    let _ = writing.await;
                }
                end
            }
            _ = &mut writing => End::OfItself,
        }
    }
}

async fn read(from: &OwnedReadHalf, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        from.readable().await?;
        match from.try_read(buffer) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            other => return other,
        }
    }
}

async fn write(to: &OwnedWriteHalf, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        to.writable().await?;
        match to.try_write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
