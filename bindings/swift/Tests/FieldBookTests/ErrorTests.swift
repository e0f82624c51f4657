import FieldBook
import Foundation
import PlainKeys
import XCTest

final class ErrorTests: XCTestCase {
    private static let all: [FieldBookError] = [
        .invalidInput(field: "title", detail: "too_long:40"), .invalidInput(field: "ticket", detail: "plain_off_loopback"),
        .notFound(what: "task"), .closed, .unavailable(.locked), .unavailable(.alreadyOpen), .unavailable(.insideCallback),
        .storageFull, .databaseTooNew(found: 9, supported: 6), .damaged, .internal(detail: "disk"),
    ]

    func testEveryErrorSaysInBothLanguagesWhatToDo() {
        for error in Self.all {
            let (zh, en) = (error.advice(locale: "zh-CN"), error.advice(locale: "fr"))
            XCTAssertEqual(zh.code, en.code)
            for text in [zh.happened, zh.meaning, zh.next] { XCTAssertFalse(text.unicodeScalars.allSatisfy(\.isASCII), text) }
            for text in [en.happened, en.meaning, en.next] { XCTAssertFalse(text.isEmpty) }
            XCTAssertTrue("\(error)".contains(en.next))
            XCTAssertTrue(error.localizedDescription.contains(error.recoverySuggestion ?? "nothing"))
        }
    }

    func testNoTextHoldsAGeneratedName() {
        for error in Self.all {
            for text in ["\(error)", error.localizedDescription] {
                for name in ["FieldError", "uniffi", "FieldBookFFI", "grid_ffi"] { XCTAssertFalse(text.contains(name), text) }
            }
        }
    }

    func testAnErrorIsCaughtByItsKind() async throws {
        let desk = try Desk()
        let book = try await FieldBook.open(folder: desk.vault, keyVault: PlainKeys())
        let wrong = await thrown { () async throws(FieldBookError) in
            try await book.count(CountDraft(kind: "rescued", value: 0, post: "DL-01"))
        }
        XCTAssertEqual(wrong, .invalidInput(field: "value", detail: "out_of_range"))
        let missing = await thrown { () async throws(FieldBookError) in
            _ = try await book.task("00000000-0000-4000-8000-000000000000")
        }
        XCTAssertEqual(missing, .notFound(what: "task"))
        let twice = await thrown { () async throws(FieldBookError) in
            _ = try await FieldBook.open(folder: desk.vault, keyVault: PlainKeys())
        }
        XCTAssertEqual(twice, .unavailable(.alreadyOpen))
        try await book.close()
        let closed = await thrown { () async throws(FieldBookError) in _ = try await book.status() }
        XCTAssertEqual(closed, .closed)
    }

    func testWhatIsTooLongToBeHandedOverIsRefusedAndStopsNothing() async throws {
        let desk = try Desk()
        let book = try await FieldBook.open(folder: desk.vault, keyVault: PlainKeys())
        // Two gigabytes of nothing: none of it is ever touched.
        let size = 2 << 30
        let pages = mmap(nil, size, PROT_READ, MAP_PRIVATE | Int32(MAP_ANONYMOUS) | Int32(MAP_NORESERVE), -1, 0)
        let start = try XCTUnwrap(pages)
        XCTAssertNotEqual(start, MAP_FAILED)
        let content = Data(bytesNoCopy: start, count: size, deallocator: .unmap)
        let refused = await thrown { () async throws(FieldBookError) in
            _ = try await book.attach(AttachmentDraft(role: "other", mime: "image/jpeg", content: content))
        }
        XCTAssertEqual(refused, .invalidInput(field: "content", detail: "too_many:20971520"))
        try await book.count(oneRescued)
        try await book.close()
    }

    func testASyncThatCannotBeIsAState() async throws {
        let desk = try Desk()
        let book = try await FieldBook.open(folder: desk.vault, keyVault: PlainKeys())
        let states = book.syncStates()
        let never = try await next(of: states)
        XCTAssertEqual(never, .never)
        let error = await thrown { () async throws(FieldBookError) in _ = try await book.sync() }
        XCTAssertEqual(error, .notFound(what: "enrolment"))
        _ = try await next(of: states) { $0 == .failed(.notFound(what: "enrolment")) }
        try await book.close()
    }
}
