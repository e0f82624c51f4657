//! Photos through a proxy that takes only small bodies, and answers the others itself.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use common::{FakePlatform, World, sync};
use grid_fieldbook::{
    AttachmentDraft, Budget, CancelToken, LinkError, Outcome, Request, Response, Transport,
};
use grid_model::terms::AttachmentRole;

/// Takes no body above this.
struct Proxy<'p>(&'p FakePlatform, usize);

impl Transport for Proxy<'_> {
    fn send(&self, request: &Request, cancel: &CancelToken) -> Result<Response, LinkError> {
        if request.body.len() > self.1 {
            return Ok(Response {
                is_cut: false,
                status: 413,
                headers: Vec::new(),
                body: b"<html>Request Entity Too Large</html>".to_vec(),
            });
        }
        self.0.send(request, cancel)
    }
}

#[test]
fn a_photo_goes_in_smaller_pieces_and_is_never_given_up_for_a_proxy() {
    let (world, folder) = (World::new(90), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    let platform = FakePlatform::new();
    platform.enroll(&book);
    let photo = AttachmentDraft {
        role: AttachmentRole::After,
        mime: "image/jpeg".to_owned(),
        content: vec![7; 200_000],
        point: None,
    };
    book.attach(photo).expect("kept");
    sync_over(&book, &Proxy(&platform, 4_000));
    let status = book.status().expect("status");
    assert_eq!(
        (status.photos_waiting, status.photos_failed),
        (1, 0),
        "nothing gets through: it waits"
    );
    sync_over(&book, &Proxy(&platform, 10_000));
    let status = book.status().expect("status");
    assert_eq!((status.photos_waiting, status.photos_stored), (0, 1));
    assert_eq!(sync(&book, &platform).summary.outcome, Outcome::Complete);
}

fn sync_over(book: &grid_fieldbook::FieldBook, transport: &dyn Transport) {
    for _ in 0..4 {
        let synced = book.sync(transport, Budget::default(), &CancelToken::default(), &mut |_| {});
        synced.expect("synced");
    }
}
