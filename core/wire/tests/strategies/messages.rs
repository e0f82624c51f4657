//! Arbitrary messages.

use grid_model::{Coded, Epoch, Lane, Seq};
use grid_wire::enroll::{EnrollRequest, EnrollResponse};
use grid_wire::feed::CheckpointRow;
use grid_wire::{
    BatchHeader, Beacon, Checkpoint, ContinueRequest, Entry, ExchangeRequest, ExchangeResponse, ExtensionRow,
    FeedRow, Head, Part, PostRow, PullPage, Receipt, ReceiptRange, Refusal, ScopeSum, TaskMoved, TaskRow,
    Verdict, WIRE_VERSION,
};
use proptest::prelude::*;

use super::{bytes, coded, few, hash, id, seq, signed, text};

pub(crate) fn header() -> impl Strategy<Value = BatchHeader> {
    let head = (seq(), hash()).prop_map(|(seq, h)| Head::new(seq, h));
    let beacon = (
        any::<(u64, u64, u64)>(),
        text(),
        any::<(Option<i64>, Option<u64>, Option<u32>, Option<i64>)>(),
    )
        .prop_map(|((unsent, parked, photos_unsent), app_version, told)| Beacon {
            unsent,
            parked,
            photos_unsent,
            app_version,
            oldest_at_ms: told.0,
            free_bytes: told.1,
            schema: told.2,
            clock_ahead_ms: told.3,
        });
    let fixed = (id(), any::<u64>(), head, few(hash()), any::<u64>(), beacon);
    (
        fixed,
        any::<(u16, u64, u64, u64)>(),
        prop::option::of(id()),
        prop::option::of(bytes()),
    )
        .prop_map(
            |(
                (device, epoch, head, frames, nonce, beacon),
                (version, cursor, page, body_bytes),
                incarnation,
                keys,
            )| {
                let mut header = BatchHeader::new(device, Epoch(epoch), head, &[], frames, nonce);
                (header.version, header.cursor) = (version, cursor);
                (header.page_bytes_max, header.body_bytes) = (page, body_bytes);
                (header.incarnation, header.beacon) = (incarnation, beacon);
                (header.signing_key_ids, header.sealing_key_id) = (keys.clone(), keys);
                header.behind = (cursor % 2 == 0).then_some(page);
                header
            },
        )
}

/// Entries as a device may write them: a position from 1, and the lane's previous change before it.
pub(crate) fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let lane = prop_oneof![Just([7; 16]), any::<[u8; 16]>()];
    let entry = (
        1..=u64::MAX,
        any::<u64>(),
        coded(),
        lane,
        coded(),
        any::<u16>(),
        bytes(),
    )
        .prop_map(
            |(seq, back, lane_kind, lane_id, kind, schema_version, body)| Entry {
                seq: Seq(seq),
                lane: Lane {
                    kind: lane_kind,
                    id: lane_id,
                },
                prev_in_lane: Seq(back % seq),
                kind,
                schema_version,
                body,
            },
        );
    prop::collection::vec(entry, 0..12)
}

pub(crate) fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        Just(Verdict::Accepted),
        Just(Verdict::Duplicate),
        coded().prop_map(Verdict::Parked),
        Just(Verdict::TryLater),
    ]
}

pub(crate) fn receipt() -> impl Strategy<Value = Receipt> {
    let range =
        (seq(), seq(), verdict()).prop_map(|(from, to, verdict)| ReceiptRange::new(from, to, verdict));
    (id(), any::<u64>(), few(range), hash(), id(), any::<(i64, u64)>()).prop_map(
        |(device, epoch, ranges, digest, incarnation, heard)| {
            Receipt::new((device, Epoch(epoch)), ranges, digest, incarnation, heard)
        },
    )
}

pub(crate) fn task_row() -> impl Strategy<Value = TaskRow> {
    let texts = (text(), text(), text(), text(), text(), prop::option::of(text()));
    let rest = (coded(), coded(), coded(), any::<(i64, i64, bool)>(), seq());
    let extension =
        (coded(), any::<i64>(), prop::option::of(text())).prop_map(|(state, wanted_due_ms, answer)| {
            ExtensionRow {
                state,
                wanted_due_ms,
                answer,
            }
        });
    (texts, rest, prop::option::of(extension)).prop_map(
        |((no, title, description, grid_code, place_text, reason), rest, extension)| {
            let (case_kind, level, status, (created_at_ms, due_at_ms, late_report), seq) = rest;
            let row = TaskRow {
                no,
                title,
                description,
                case_kind,
                level,
                status,
                grid_code,
                place_text,
                created_at_ms,
                due_at_ms,
                reason,
                late_report,
                covers: 0,
                extension,
            };
            row.covering(seq)
        },
    )
}

pub(crate) fn post_row() -> impl Strategy<Value = PostRow> {
    let checkpoint =
        (text(), text(), any::<(i32, i32, u32)>()).prop_map(|(code, name, (lat_e7, lon_e7, radius_m))| {
            CheckpointRow {
                code,
                name,
                lat_e7,
                lon_e7,
                radius_m,
            }
        });
    (text(), text(), any::<(i32, i32)>(), few(checkpoint)).prop_map(
        |(code, name, (lat_e7, lon_e7), checkpoints)| PostRow {
            code,
            name,
            lat_e7,
            lon_e7,
            checkpoints,
        },
    )
}

pub(crate) fn checkpoint() -> impl Strategy<Value = Checkpoint> {
    let log = (id(), any::<u64>());
    let sum = (coded(), any::<u64>(), hash()).prop_map(|(kind, count, sum)| ScopeSum { kind, count, sum });
    let scope = prop::option::of(few(sum));
    (log, seq(), seq(), id(), prop::option::of(hash()), scope).prop_map(
        |((device, epoch), verified, backed_up, incarnation, h, scope)| {
            let mut told = Checkpoint::new((device, Epoch(epoch)), verified, backed_up, incarnation);
            told.scope = scope;
            match h {
                Some(h) => told.with_verified_h(h),
                None => told,
            }
        },
    )
}

fn moved() -> impl Strategy<Value = TaskMoved> {
    task_row().prop_map(TaskMoved::of)
}

pub(crate) fn page() -> impl Strategy<Value = PullPage> {
    let fields = (
        any::<u16>(),
        bytes(),
        any::<u64>(),
        bytes(),
        prop::option::of(moved()),
    );
    let row = fields.prop_map(|(kind, id, revision, body, moved)| FeedRow {
        kind: Coded::from_code(kind),
        id,
        revision,
        body,
        moved,
    });
    (any::<(u64, u64, bool)>(), few(row), prop::option::of(signed())).prop_map(
        |((from, next, more), rows, checkpoint)| PullPage {
            from,
            rows,
            next,
            more,
            checkpoint,
        },
    )
}

pub(crate) fn request() -> impl Strategy<Value = ExchangeRequest> {
    (signed(), bytes()).prop_map(|(header, body)| ExchangeRequest { header, body })
}

pub(crate) fn continue_request() -> impl Strategy<Value = ContinueRequest> {
    let part = (
        0..=WIRE_VERSION,
        any::<u64>(),
        prop::option::of(hash()),
        prop::option::of(0_u32..128),
    );
    (signed(), part, bytes()).prop_map(|(header, part, body)| {
        let (version, answer_have, answer_digest, from_frame) = part;
        ContinueRequest {
            header,
            part: Part {
                version,
                answer_have,
                answer_digest,
                from_frame,
            },
            body: from_frame.map_or(vec![], |_| body),
        }
    })
}

pub(crate) fn answer() -> impl Strategy<Value = ExchangeResponse> {
    (
        0..=WIRE_VERSION,
        signed(),
        page(),
        text(),
        prop::option::of(few(signed())),
    )
        .prop_map(
            |(version, receipt, page, upload_grant, key_notices)| ExchangeResponse {
                version,
                receipt,
                page,
                upload_grant,
                key_notices,
            },
        )
}

pub(crate) fn refusal() -> impl Strategy<Value = Refusal> {
    (coded(), text(), any::<(Option<u16>, Option<u32>)>()).prop_map(
        |(code, detail, (version_max, retry_after_s))| Refusal {
            code,
            detail,
            version_max,
            retry_after_s,
        },
    )
}

pub(crate) fn enroll_request() -> impl Strategy<Value = EnrollRequest> {
    let texts = (text(), text(), text(), text());
    (0..=WIRE_VERSION, id(), id(), bytes(), any::<u64>(), texts).prop_map(
        |(version, device, phone, device_key, nonce, (code, phone_label, platform, app_version))| {
            EnrollRequest {
                version,
                code,
                device,
                phone,
                phone_label,
                device_key,
                platform,
                app_version,
                nonce,
            }
        },
    )
}

pub(crate) fn enroll_answer() -> impl Strategy<Value = EnrollResponse> {
    let names = (text(), text(), text());
    (
        0..=WIRE_VERSION,
        id(),
        id(),
        (bytes(), bytes()),
        any::<(i64, u64)>(),
        names,
    )
        .prop_map(
            |(version, worker, incarnation, keys, (server_ms, nonce), (display_name, job_no, org_name))| {
                EnrollResponse {
                    version,
                    worker,
                    display_name,
                    job_no,
                    org_name,
                    incarnation,
                    platform_key: keys.0,
                    sealing_key: keys.1,
                    server_ms,
                    nonce,
                }
            },
        )
}
