import FieldBook
import Foundation
import PlainKeys

private let disk = FileManager.default

/// Files, disks and other processes of a case.
extension Step {
    func place(_ what: String) throws {
        switch what {
        case "platform":
            let folder = scene.folder.appendingPathComponent(try text("as"))
            if told["from"].asText == "prepared" {
                try disk.copyItem(at: prepared("platform"), to: folder)
            }
            let platform = try Platform(folder: folder)
            scene.save(try text("as"), .object(platform))
        case "ask":
            let platform = try scene.object(told["of"].asText ?? "platform", Platform.self)
            let answer = try platform.ask(text("what"), resolved("args").asRecord ?? [:])
            scene.save(told["save"].asText, answer)
            if told.asRecord?["expect"] != nil { try compare(answer) }
        case "prepared_vault": try disk.copyItem(at: prepared("vault"), to: scene.vault())
        default: scene.save(told["save"].asText, try .parsed(Data(contentsOf: prepared("expected.json"))))
        }
    }

    private func prepared(_ name: String) throws -> URL {
        try program("GRID_CONTRACT_PREPARED").appendingPathComponent(name)
    }

    func child(_ what: String) throws {
        let vault = scene.vault().path
        if what == "kill_child" {
            try output(of: program("GRID_CHILD"), ["kill", vault, String(told["times"].asInt ?? 1)])
        } else {
            try compare(.text(output(of: program("GRID_CHILD"), ["open", vault])))
        }
    }

    func files(_ what: String) throws {
        switch what {
        case "write_file": try writeFile()
        case "move_file":
            let here = scene.vault().appendingPathComponent(try text("file"))
            let there = scene.folder.appendingPathComponent(try text("to"))
            let isBack = told["back"].asBool == true
            try disk.moveItem(at: isBack ? there : here, to: isBack ? here : there)
        case "digest": try tell(.text(digest(scene.vault())))
        case "exists":
            try tell(.bool(disk.fileExists(atPath: scene.vault().appendingPathComponent(text("file")).path)))
        case "newer_schema":
            let wrapped = try Data(contentsOf: scene.vault().appendingPathComponent("key"))
            let key = try PlainKeys().unwrap(wrapped: wrapped).map { String(format: "%02x", $0) }.joined()
            try output(
                of: program("GRID_CONTRACT_TOOL"), ["newer-schema", scene.vault().path, key, String(told["version"].asInt ?? 0)])
        case "small_disk": try scene.moveToSmallDisk()
        case "fill_disk": try fill(scene.fillingFile)
        case "free_disk": try disk.removeItem(at: scene.fillingFile)
        default: try tell(.whole(Int64(openFiles(below: scene.vault()).count)))
        }
    }

    private func tell(_ value: Value) throws {
        scene.save(told["save"].asText, value)
        if told.asRecord?["expect"] != nil { try compare(value) }
    }

    private func writeFile() throws {
        let file = try FileHandle(forUpdating: scene.vault().appendingPathComponent(text("file")))
        defer { try? file.close() }
        if let length = told["length"].asInt { return try file.truncate(atOffset: UInt64(length)) }
        guard case .bytes(let content) = try resolved("content") else { throw Trouble("content is no bytes") }
        let at = told["at"].asInt ?? 0
        try file.seek(toOffset: at < 0 ? file.seekToEnd() - UInt64(-at) : UInt64(at))
        try file.write(contentsOf: content)
    }
}

/// Files and folders of a vault by name and content, apart from what changes by looking.
private func digest(_ folder: URL) throws -> String {
    let root = folder.resolvingSymlinksInPath().path
    var told = Data()
    for name in try disk.subpathsOfDirectory(atPath: root).sorted() {
        var isFolder: ObjCBool = false
        guard disk.fileExists(atPath: "\(root)/\(name)", isDirectory: &isFolder), !isFolder.boolValue else { continue }
        if (name as NSString).lastPathComponent == "lock" || name.hasSuffix("-shm") { continue }
        told += Data("\(name) \(sha256(try Data(contentsOf: URL(fileURLWithPath: "\(root)/\(name)"))))\n".utf8)
    }
    return sha256(told)
}

/// What this process has open below a folder.
func openFiles(below folder: URL) -> [String] {
    let root = folder.resolvingSymlinksInPath().path + "/"
    let entries = (try? disk.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    return entries.compactMap { try? disk.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") }
        .filter { $0.hasPrefix(root) }
}

/// Writes until no byte fits.
private func fill(_ url: URL) throws {
    _ = disk.createFile(atPath: url.path, contents: nil)
    let descriptor = open(url.path, O_WRONLY | O_APPEND)
    guard descriptor >= 0 else { throw Trouble("the small disk takes no file") }
    defer { close(descriptor) }
    let zeros = [UInt8](repeating: 0, count: 1 << 20)
    var bytes = zeros.count
    while bytes > 0 {
        let written = write(descriptor, zeros, bytes)
        if written <= 0 { bytes /= 2 }
    }
}
