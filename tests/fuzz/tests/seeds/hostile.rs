//! Seeds that nobody means well with: what a mutation rarely comes upon by itself.

use grid_fuzz::join;

use super::Seed;

/// All of them.
pub(crate) fn seeds() -> Vec<Seed> {
    let seed = |target, name: &str, bytes| Seed::of(target, &format!("hostile {name}"), bytes);
    let bomb = zeros(2 * 1024);
    let answer = [b"GFR1".as_slice(), &bomb].concat();
    let claims = [[0xa2, 0].as_slice(), &claim(4), &[1], &claim(4)].concat();
    let deep = [&[0x82, 0x83, 0, 0, 0], vec![0x81; 20_000].as_slice(), &[0]].concat();
    let fact = [&1_u16.to_be_bytes(), deep.as_slice()].concat();
    let request = [b"GFB1".as_slice(), &u32::MAX.to_be_bytes(), &[0; 64]].concat();
    let mark = [0, 0, 4, 0].repeat(4_000);
    let marks = b"fuzzmark".repeat(600);
    let cells = [
        &[0x0d, 0, 0, 0xff, 0xff, 0, 0, 0],
        [0, 8].repeat(1_900).as_slice(),
    ]
    .concat();
    let circle = [
        &[0x05, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 0, 14],
        &[0, 0, 0, 2, 1][..],
    ]
    .concat();
    let endless = [
        &[0x0d, 0, 0, 0, 1, 0, 0, 0, 0, 10],
        &[0xff; 9][..],
        &[1],
        &[0; 4000],
    ]
    .concat();
    let page_one = [&[0; 100], circle.as_slice()].concat();
    let pages = join([
        (0, page_one.as_slice()),
        (0, &circle),
        (0, &cells),
        (0, &endless),
        (2 | 4, &circle),
    ]);
    let dispatch = "POST /api/tasks\ncookie: $SESSION\nx-grid-console: 1\ncontent-type: application/json\n\n\
                    {\"title\":\"清理礁石渔网\",\"description\":\"东侧礁石挂网\",\"case_kind\":\"hazard\",\"level\":\"simple\",\
                    \"holder_id\":\"01890a5d-ac96-774b-bcce-b302099a8057\",\"place_text\":\"一号码头\"}";
    let range = "GET /api/records?limit=18446744073709551616&after=-1&format=csv\ncookie: $SESSION\n\n";
    let review = "POST /api/tasks/01890a5d-ac96-774b-bcce-b302099a8057/review\ncookie: $SESSION\nx-grid-console: 1\n\
                  content-type: application/json\n\n{\"revision\":1,\"outcome\":\"passed\",\"reason\":\"\"}";
    vec![
        seed("batch_body", "bomb", bomb),
        seed("answers", "bomb", answer),
        seed("batch_body", "claims", claims),
        seed("fact_body", "deep", fact),
        seed("exchange_request", "header of 4 GiB", request),
        seed("lifeboat_walk", "marks everywhere", mark),
        seed(
            "lifeboat_rows",
            "marks in damage",
            join([(0x80, marks.as_slice())]),
        ),
        seed("salvage_pages", "circles", pages),
        seed("http_router", "dispatch", dispatch.as_bytes().to_vec()),
        seed("http_router", "range", range.as_bytes().to_vec()),
        seed("http_router", "review", review.as_bytes().to_vec()),
        seed("upload_grant", "empty parts", b"..".to_vec()),
        seed("names", "brackets", b"http://[]]:0#&=&".to_vec()),
    ]
}

/// The head of a list that claims to hold 2^60 things.
fn claim(major: u8) -> Vec<u8> {
    [&[major << 5 | 27], (1_u64 << 60).to_be_bytes().as_slice()].concat()
}

/// A zstd frame that unpacks to so many times 128 KiB of zeros.
fn zeros(blocks: usize) -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3];
    for block in 1..=blocks {
        let run_of_one_byte = (128 * 1024) << 3 | 1 << 1 | u32::from(block == blocks);
        frame.extend(&run_of_one_byte.to_le_bytes()[..3]);
        frame.push(0);
    }
    frame
}
