import FieldBook
import Foundation

/// Where one case plays: its folder, what was saved, its fakes and platforms. Several threads may touch it.
final class Scene: @unchecked Sendable {
    let folder: URL
    /// Opens when the case has ended: what blocks until then goes on.
    let caseEnds = Gate()

    private let lock = NSLock()
    private var saved: [String: Value] = [:]
    private var fakes: [String: Seen] = [:]
    private var scripted: [Seen] = []
    private var smallDisk: URL?

    init(folder: URL) { self.folder = folder }

    func save(_ name: String?, _ value: Value) {
        guard let name else { return }
        lock.withLock { saved[name] = value }
    }

    func forget(_ name: String) -> Bool { lock.withLock { saved.removeValue(forKey: name) } != nil }

    /// What `name` or `name.field.0` stands for.
    func value(_ path: String) throws -> Value {
        let parts = path.split(separator: ".")
        guard let name = parts.first, let value = lock.withLock({ saved[String(name)] }) else {
            throw Trouble("nothing was saved as \(path)")
        }
        return try value.below(parts.dropFirst())
    }

    func object<Object>(_ name: String, _ type: Object.Type = Object.self) throws -> Object {
        guard case .object(let object) = try value(name), let object = object as? Object else {
            throw Trouble("\(name) is something else")
        }
        return object
    }

    /// For fakes: the field book of the case, when one is open.
    var bookInReach: BookInReach {
        { [weak self] in try? self?.object("book", FieldBook.self) }
    }

    func see(_ name: String, _ seen: Seen) { lock.withLock { fakes[name] = seen } }

    func seen(_ name: String) throws -> Seen {
        guard let seen = lock.withLock({ fakes[name] }) else { throw Trouble("there is no fake \(name)") }
        return seen
    }

    /// What a scripted transport sees; kept so that a background step can be waited for.
    func script() -> Seen {
        let seen = Seen()
        lock.withLock { scripted.append(seen) }
        return seen
    }

    /// How often scripted transports were asked so far.
    var asked: Int { lock.withLock { scripted }.reduce(0) { $0 + $1.all.count } }

    // MARK: Folders

    func vault(_ name: String = "vault") -> URL {
        (lock.withLock { smallDisk } ?? folder).appendingPathComponent(name)
    }

    func moveToSmallDisk() throws {
        let disk = try program("GRID_SMALL_DISK")
        let own = disk.appendingPathComponent("swift-\(ProcessInfo.processInfo.processIdentifier)-\(folder.lastPathComponent)")
        try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
        lock.withLock { smallDisk = own }
    }

    var fillingFile: URL { vault("filling") }

    /// Ends everything that the case left: what blocks, platforms, folders.
    func end() {
        caseEnds.open()
        try? FieldBook.setLog(nil)
        let left = lock.withLock {
            defer { saved = [:] }
            return Array(saved.values)
        }
        for case .object(let object) in left { (object as? Platform)?.stop() }
        try? FileManager.default.removeItem(at: folder)
        if let disk = lock.withLock({ smallDisk }) { try? FileManager.default.removeItem(at: disk) }
    }
}
