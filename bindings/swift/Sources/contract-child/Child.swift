// Another process than the one that runs the contract. `open FOLDER` opens a vault and says what came of it; `kill FOLDER N`
// counts N times and ends without closing anything.
import FieldBook
import Foundation
import PlainKeys

@main
struct Child {
    static func main() async {
        let arguments = CommandLine.arguments
        switch (arguments.dropFirst().first, arguments.count) {
        case ("open", 3): print(await said { @Sendable () async throws(FieldBookError) in try await open(arguments[2]) })
        case ("kill", 4):
            let times = Int(arguments[3]) ?? 1
            print(await said { @Sendable () async throws(FieldBookError) in try await countAndEnd(arguments[2], times) })
        default:
            FileHandle.standardError.write(Data("contract-child open FOLDER | kill FOLDER TIMES\n".utf8))
            exit(2)
        }
    }

    private static func open(_ folder: String) async throws(FieldBookError) {
        let book = try await FieldBook.open(folder: folder, keyVault: PlainKeys())
        try await book.close()
    }

    private static func countAndEnd(_ folder: String, _ times: Int) async throws(FieldBookError) {
        let book = try await FieldBook.open(folder: folder, keyVault: PlainKeys())
        for _ in 0..<times { try await book.count(CountDraft(kind: "rescued", value: 1, post: "DL-01")) }
        _exit(0)
    }

    private static func said(_ call: @Sendable () async throws(FieldBookError) -> Void) async -> String {
        do throws(FieldBookError) {
            try await call()
            return "opened"
        } catch {
            return name(of: error)
        }
    }

    private static func name(of error: FieldBookError) -> String {
        switch error {
        case .unavailable(.locked): "Unavailable Locked"
        case .unavailable(.alreadyOpen): "Unavailable AlreadyOpen"
        case .unavailable(.insideCallback): "Unavailable InsideCallback"
        case .closed: "Closed"
        case .damaged: "Damaged"
        case .storageFull: "StorageFull"
        case .databaseTooNew: "DatabaseTooNew"
        case .notFound: "NotFound"
        case .invalidInput: "InvalidInput"
        case .internal: "Internal"
        }
    }
}
