//! Large exchanges that are cut, over real sockets.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};

use grid_model::limits::FRAME_BYTES;
use grid_wire::{Continued, ExchangeRequest, Part};

use crate::resume::{batch, from_frame, going_on, observe, receipt};
use crate::serving::Served;
use crate::world::World;

const CHANGES: u64 = 400;

/// Says that a body of so many bytes comes, and waits until somebody reads it.
fn begin(stream: &mut TcpStream, bytes: usize) {
    let head = format!(
        "POST /v1/sync HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {bytes}\r\nexpect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut go = [0; 25];
    stream.read_exact(&mut go).unwrap();
    assert!(go.starts_with(b"HTTP/1.1 100"));
}

/// What stands behind the head of the answer.
fn answer(stream: &mut TcpStream) -> Vec<u8> {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    end.map_or(Vec::new(), |end| answer.split_off(end + 4))
}

/// A platform on a port, and a large batch of an enrolled device.
async fn loaded() -> (Served, ExchangeRequest) {
    let world = World::start();
    let mut device = world.enrol(1, "W01").await;
    observe(&mut device, CHANGES);
    let request = batch(&mut device);
    assert!(request.body.len() > 20 * FRAME_BYTES, "{}", request.body.len());
    (Served::start(world, None).await, request)
}

async fn go_on(served: &Served, request: &ExchangeRequest, part: Part) -> Continued {
    let bytes = going_on(request, part).to_bytes();
    let answer = served.talk(move |mut stream| {
        begin(&mut stream, bytes.len());
        stream.write_all(&bytes).unwrap();
        answer(&mut stream)
    });
    Continued::from_bytes(&answer.await).unwrap()
}

/// Sends the beginning of this request and ends the connection behind `sent` bytes of its body. The platform's end is
/// waited for.
async fn cut(served: &Served, request: Vec<u8>, body: usize, sent: usize) {
    let talk = move |mut stream: TcpStream| {
        begin(&mut stream, request.len());
        stream.write_all(&request[..request.len() - body + sent]).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        answer(&mut stream)
    };
    served.talk(talk).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_batch_that_was_cut_twice_arrives_with_few_bytes_sent_again() {
    let (served, request) = loaded().await;
    let whole = request.body.len();
    cut(&served, request.to_bytes(), whole, 70_000).await;
    let here = go_on(&served, &request, Part::default()).await;
    assert_eq!(here, Continued::Partial { frames: 8 });
    let rest = whole - 8 * FRAME_BYTES;
    let going = going_on(&request, from_frame(8)).to_bytes();
    cut(&served, going, rest, 50_000).await;
    let here = go_on(&served, &request, Part::default()).await;
    assert_eq!(here, Continued::Partial { frames: 14 });
    let Continued::Whole(answer) = go_on(&served, &request, from_frame(14)).await else {
        panic!("not answered")
    };
    let again = 70_000 + 50_000 + (whole - 14 * FRAME_BYTES) - whole;
    assert!(again <= 16 * 1024, "{again} bytes were sent again");
    let ranges = receipt(&answer).ranges;
    assert_eq!(ranges.last().map(|range| range.to().0), Some(CHANGES));
    served.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_hangs_on_a_dead_link_gives_way_and_keeps_what_arrived() {
    let (served, request) = loaded().await;
    let bytes = request.to_bytes();
    let before = bytes.len() - request.body.len();
    let hanging = served
        .talk(move |mut stream| {
            begin(&mut stream, bytes.len());
            stream.write_all(&bytes[..before + 40_000]).unwrap();
            // Nothing more comes, and nobody says so.
            stream
        })
        .await;
    // Who asks before the first request is being read finds nothing.
    let mut here = Continued::Partial { frames: 0 };
    for _ in 0..100 {
        if here != (Continued::Partial { frames: 0 }) {
            break;
        }
        here = go_on(&served, &request, Part::default()).await;
    }
    assert_eq!(here, Continued::Partial { frames: 4 });
    let answered = go_on(&served, &request, from_frame(4)).await;
    assert!(matches!(answered, Continued::Whole(_)), "{answered:?}");
    drop(hanging);
    served.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_nobody_waited_for_is_there_for_who_asks() {
    let (served, request) = loaded().await;
    let bytes = request.to_bytes();
    served
        .talk(move |mut stream| {
            begin(&mut stream, bytes.len());
            stream.write_all(&bytes).unwrap();
            // Gone before the answer.
        })
        .await;
    let mut answered = Continued::Partial { frames: 0 };
    for _ in 0..100 {
        if matches!(answered, Continued::Whole(_)) {
            break;
        }
        answered = go_on(&served, &request, Part::default()).await;
    }
    let Continued::Whole(answer) = answered else {
        panic!("not answered: {answered:?}")
    };
    let ranges = receipt(&answer).ranges;
    assert_eq!(ranges.last().map(|range| range.to().0), Some(CHANGES));
    served.stop().await.unwrap();
}
