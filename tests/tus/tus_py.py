"""tuspy against a running grid-platform.

From the environment: GRID_TUS_URL, GRID_TUS_GRANTS (two devices, one a line) and GRID_TUS_BLOBS (where finished
attachments lie). Last line: N passed, N failed.
"""

import hashlib
import io
import os
import socket
import sys
import tempfile
import threading
import traceback
from pathlib import Path
from urllib.parse import urlsplit

import requests
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed
from tusclient.storage.filestorage import FileStorage
from tusclient.uploader import Uploader

URL = os.environ["GRID_TUS_URL"]
GRANT, OTHER_GRANT = os.environ["GRID_TUS_GRANTS"].split()
BLOBS = Path(os.environ["GRID_TUS_BLOBS"])
PIECE = 64 * 1024


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def blob(data):
    return BLOBS / sha256(data)[:2] / sha256(data)


def stored(data):
    """Whether what the platform keeps is the original."""
    return sha256(blob(data).read_bytes()) == sha256(data)


def uploader(data, kind=Uploader, grant=GRANT, url=URL, **more):
    """An uploader of the client, or of a class above it, for this file."""
    client = TusClient(f"{url}/v1/uploads", headers={"Authorization": f"Grid {grant}"})
    more.setdefault("chunk_size", PIECE)
    return kind(
        client=client,
        file_stream=KeptOpen(data),
        metadata={"sha256": sha256(data), "mime": "image/jpeg"},
        **more,
    )


class KeptOpen(io.BytesIO):
    """The client closes a stream after its fingerprint, and reads it afterwards."""

    def close(self):
        pass


class Sha256Uploader(Uploader):
    CHECKSUM_ALGORITHM_PAIR = ("sha256", hashlib.sha256)


class WrongUploader(Uploader):
    CHECKSUM_ALGORITHM_PAIR = ("sha1", lambda chunk: hashlib.sha1(b"other" + chunk))


class Md5Uploader(Uploader):
    CHECKSUM_ALGORITHM_PAIR = ("md5", hashlib.md5)


def refused(error, call):
    """The status with which this call was refused."""
    try:
        call()
    except error as refusal:
        return refusal.status_code
    raise AssertionError("it was not refused")


class CuttingProxy:
    """Hands everything on to the platform, and cuts the first connection that sends more than `after` bytes."""

    def __init__(self, after):
        self.after = after
        self.was_cut = False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:{}".format(self.listener.getsockname()[1])
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        platform = urlsplit(URL)
        while True:
            near, _ = self.listener.accept()
            far = socket.create_connection((platform.hostname, platform.port))
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self.hand_on, args=(source, sink, source is near), daemon=True).start()

    def hand_on(self, source, sink, up):
        sent = 0
        try:
            while data := source.recv(65536):
                sink.sendall(data)
                sent += len(data)
                if up and sent > self.after and not self.was_cut:
                    self.was_cut = True
                    break
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def a_file_in_pieces_with_sha1_of_each_lies_under_its_hash():
    data = os.urandom(700_000)
    upload = uploader(data, upload_checksum=True)
    upload.upload()
    assert upload.checksum_algorithm_name == "sha1" and upload.offset == len(data)
    assert stored(data)


def another_algorithm_is_sha256():
    data = os.urandom(300_000)
    uploader(data, Sha256Uploader, upload_checksum=True).upload()
    assert stored(data)


def what_was_broken_off_is_found_by_its_fingerprint_and_goes_on():
    data = os.urandom(700_000)
    with tempfile.TemporaryDirectory() as folder:
        known = FileStorage(os.path.join(folder, "urls.json"))
        first = uploader(data, store_url=True, url_storage=known)
        first.upload(stop_at=3 * PIECE)
        assert not blob(data).exists()
        second = uploader(data, store_url=True, url_storage=known)
        assert (second.url, second.offset) == (first.url, 3 * PIECE)
        second.upload()
        known.close()
    assert stored(data)


def a_connection_cut_in_the_middle_of_a_request_costs_only_what_had_not_arrived():
    data = os.urandom(4_000_000)
    proxy = CuttingProxy(2_500_000)
    upload = uploader(data, url=proxy.url, chunk_size=len(data), retries=3, retry_delay=0.1)
    offsets = []
    ask = upload.get_offset
    upload.get_offset = lambda: offsets.append(ask()) or offsets[-1]
    upload.upload()
    assert proxy.was_cut
    assert offsets and 0 < offsets[-1] < len(data), offsets
    assert stored(data)


def a_wrong_checksum_leaves_nothing_and_an_unknown_one_is_not_taken():
    data = os.urandom(300_000)
    begun = uploader(data)
    begun.upload(stop_at=PIECE)
    for kind, status in ((WrongUploader, 460), (Md5Uploader, 400)):
        upload = uploader(data, kind)
        upload.upload_checksum = True
        upload.set_url(begun.url)
        upload.offset = PIECE
        assert refused(TusUploadFailed, upload.upload) == status, kind
        assert begun.get_offset() == PIECE
    begun.upload_checksum = True
    begun.upload()
    assert stored(data)


def an_upload_that_its_device_ended_is_gone_and_may_begin_again():
    """The client cannot end an upload: its headers are sent by the library below it."""
    data = os.urandom(300_000)
    upload = uploader(data)
    upload.upload(stop_at=PIECE)
    foreign = uploader(data, grant=OTHER_GRANT).get_headers()
    assert requests.delete(upload.url, headers=foreign, timeout=60).status_code == 404
    assert upload.get_offset() == PIECE
    assert requests.delete(upload.url, headers=upload.get_headers(), timeout=60).status_code == 204
    assert refused(TusCommunicationError, upload.get_offset) == 410
    again = uploader(data)
    again.upload()
    assert stored(data)
    assert requests.delete(again.url, headers=again.get_headers(), timeout=60).status_code == 409
    assert stored(data)


def an_unfinished_upload_says_until_when_it_is_kept():
    data = os.urandom(2 * PIECE)
    upload = uploader(data)
    upload.upload_chunk()
    assert upload.request.response_headers["upload-expires"].endswith(" GMT")
    upload.upload_chunk()
    assert "upload-expires" not in upload.request.response_headers


def who_has_no_grant_uploads_nothing():
    assert refused(TusCommunicationError, uploader(b"x", grant="x.1.2").upload) == 401


CASES = [
    a_file_in_pieces_with_sha1_of_each_lies_under_its_hash,
    another_algorithm_is_sha256,
    what_was_broken_off_is_found_by_its_fingerprint_and_goes_on,
    a_connection_cut_in_the_middle_of_a_request_costs_only_what_had_not_arrived,
    a_wrong_checksum_leaves_nothing_and_an_unknown_one_is_not_taken,
    an_upload_that_its_device_ended_is_gone_and_may_begin_again,
    an_unfinished_upload_says_until_when_it_is_kept,
    who_has_no_grant_uploads_nothing,
]


def main():
    failed = 0
    for case in CASES:
        name = case.__name__.replace("_", " ")
        try:
            case()
            print(f"ok      tuspy: {name}")
        except Exception:
            failed += 1
            print(f"FAILED  tuspy: {name}\n{traceback.format_exc()}")
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
