//! The proxy itself: it cuts where it was told to, to the byte, and counts what went through.
#![allow(clippy::expect_used, reason = "a test may panic")]

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

use grid_cut::{Cut, Direction, Link, Nature, Proxy, Style};
use tokio::runtime::Runtime;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime")
}

/// A server that answers each byte with two, and tells what it got once a connection has ended.
fn doubling() -> (SocketAddr, Receiver<Vec<u8>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let address = listener.local_addr().expect("an address");
    let (ended, told) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let (mut got, mut buffer) = (Vec::new(), [0; 4096]);
            while let Ok(bytes @ 1..) = stream.read(&mut buffer) {
                got.extend_from_slice(&buffer[..bytes]);
                if stream.write_all(&buffer[..bytes].repeat(2)).is_err() {
                    break;
                }
            }
            if ended.send(got).is_err() {
                break;
            }
        }
    });
    (address, told)
}

/// Sends bytes and takes what comes back until the connection ends.
fn exchange(address: SocketAddr, sent: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).expect("a connection");
    let mut got = Vec::new();
    // A cut may break either half at any moment.
    if stream.write_all(sent).is_ok() {
        let mut buffer = [0; 4096];
        while got.len() < 2 * sent.len() {
            match stream.read(&mut buffer) {
                Ok(bytes @ 1..) => got.extend_from_slice(&buffer[..bytes]),
                Ok(0) | Err(_) => break,
            }
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
    got
}

fn cut(text: &str) -> Cut {
    text.parse().expect("a cut")
}

#[test]
fn without_a_cut_every_byte_goes_through_and_is_counted() {
    let (runtime, (upstream, told)) = (runtime(), doubling());
    let proxy = Proxy::start(&runtime, upstream, Link::new(None)).expect("a proxy");
    let sent: Vec<u8> = (0..100_000_u32).map(|n| n as u8).collect();
    assert_eq!(exchange(proxy.address, &sent).len(), 200_000);
    assert_eq!(told.recv().expect("an end"), sent);
    assert_eq!(
        Direction::BOTH.map(|way| proxy.link.sent(way)),
        [100_000, 200_000]
    );
    let connections = proxy.link.connections();
    assert_eq!(
        (connections.len(), connections[0].passed),
        (1, [100_000, 200_000])
    );
    assert!(!connections[0].is_broken);
}

#[test]
fn the_platform_gets_the_bytes_before_the_cut_and_no_more() {
    let (runtime, (upstream, told)) = (runtime(), doubling());
    for style in ["close", "swallow", "dead"] {
        for at in [1, 2, 700, 4_999] {
            let proxy = Proxy::start(&runtime, upstream, Link::new(None)).expect("a proxy");
            proxy.link.arm(cut(&format!("up:{at}:{style}")));
            exchange(proxy.address, &[7; 5_000]);
            assert_eq!(told.recv().expect("an end").len(), at, "{style}");
            assert_eq!(proxy.link.cuts(), 1, "{style}");
            let connections = proxy.link.connections();
            assert_eq!(connections[0].passed[0], at as u64);
            assert!(connections[0].is_broken);
            let swallowed = connections[0].swallowed[0];
            assert_eq!(swallowed, if style == "swallow" { 5_000 - at as u64 } else { 0 });
        }
    }
}

#[test]
fn the_phone_gets_the_bytes_before_the_cut_and_no_more() {
    let (runtime, (upstream, told)) = (runtime(), doubling());
    for at in [1, 700, 9_999] {
        let proxy = Proxy::start(&runtime, upstream, Link::new(None)).expect("a proxy");
        proxy.link.arm(cut(&format!("down:{at}:swallow")));
        assert_eq!(exchange(proxy.address, &[7; 5_000]).len(), at);
        told.recv().expect("an end");
    }
}

#[test]
fn after_a_cut_the_next_connection_goes_through_unless_the_link_is_dead() {
    let (runtime, (upstream, _told)) = (runtime(), doubling());
    let proxy = Proxy::start(&runtime, upstream, Link::new(None)).expect("a proxy");
    proxy.link.arm(cut("up:0:close"));
    assert!(exchange(proxy.address, &[7; 10]).is_empty());
    assert_eq!(exchange(proxy.address, &[7; 10]).len(), 20);
    proxy.link.arm(Cut {
        direction: Direction::Down,
        after: 4,
        style: Style::Dead,
    });
    assert!(exchange(proxy.address, &[7; 10]).len() <= 4);
    assert!(exchange(proxy.address, &[7; 10]).is_empty());
    proxy.link.mend();
    assert_eq!(exchange(proxy.address, &[7; 10]).len(), 20);
    assert_eq!(proxy.link.cuts(), 2);
}

#[test]
fn a_closed_link_lets_nothing_through_until_it_opens() {
    let (runtime, (upstream, _told)) = (runtime(), doubling());
    let proxy = Proxy::start(&runtime, upstream, Link::new(None)).expect("a proxy");
    proxy.link.set_open(false);
    assert!(exchange(proxy.address, &[7; 10]).is_empty());
    proxy.link.set_open(true);
    assert_eq!(exchange(proxy.address, &[7; 10]).len(), 20);
}

#[test]
fn a_slow_link_takes_the_time_that_its_rate_and_its_length_take() {
    let nature = Nature {
        up_bits_per_s: 80_000,
        down_bits_per_s: 800_000,
        one_way_ms: 500,
        lost_per_mille: 0,
        faster: 10,
        seed: 1,
    };
    let (runtime, (upstream, _told)) = (runtime(), doubling());
    let proxy = Proxy::start(&runtime, upstream, Link::new(Some(nature))).expect("a proxy");
    let clock = grid_server::SystemClock;
    let began_ms = grid_server::Clock::now_ms(&clock);
    // Up 10,000 bytes of 0.1 ms each and 0.5 s; down twice as many, ten times as fast, mostly meanwhile, and 0.5 s.
    assert_eq!(exchange(proxy.address, &[7; 10_000]).len(), 20_000);
    let took_ms = (grid_server::Clock::now_ms(&clock) - began_ms) * 10;
    assert!(
        (2_000..6_000).contains(&took_ms),
        "{took_ms} ms of the link's time"
    );
}
