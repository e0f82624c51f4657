import Foundation

/// A program of the contract could not be found or did not end well.
func program(_ variable: String) throws -> URL {
    guard let path = ProcessInfo.processInfo.environment[variable], !path.isEmpty else {
        throw Trouble("\(variable) does not say where its program is")
    }
    return URL(fileURLWithPath: path)
}

/// Runs a program to its end and gives what it printed.
@discardableResult
func output(of program: URL, _ arguments: [String]) throws -> String {
    let process = Process()
    let told = Pipe()
    process.executableURL = program
    process.arguments = arguments
    process.standardOutput = told
    try process.run()
    let text = String(decoding: told.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw Trouble("\(program.lastPathComponent) \(arguments.first ?? "") ended with \(process.terminationStatus)")
    }
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
}

/// A real platform on loopback, `grid-contract serve`, asked by lines of JSON.
final class Platform: @unchecked Sendable {
    let url: URL
    private let process = Process()
    private let lock = NSLock()
    private let asked = Pipe()
    private let told = Pipe()

    init(folder: URL) throws {
        process.executableURL = try program("GRID_CONTRACT_TOOL")
        process.arguments = ["serve", folder.path]
        process.standardInput = asked
        process.standardOutput = told
        try process.run()
        let first = try Self.line(of: told)
        guard let text = first["url"].asText, let url = URL(string: text) else {
            throw Trouble("the platform did not say where it is: \(first)")
        }
        self.url = url
    }

    func ask(_ what: String, _ more: [String: Value] = [:]) throws -> Value {
        var line = ["ask": what]
        for (name, value) in more { line[name] = value.asText }
        let json = try JSONEncoder().encode(line) + Data("\n".utf8)
        return try lock.withLock {
            try asked.fileHandleForWriting.write(contentsOf: json)
            let answer = try Self.line(of: told)
            if let error = answer["error"].asText { throw Trouble("the platform says: \(error)") }
            return answer
        }
    }

    /// Ends the process that this started.
    func stop() {
        lock.withLock {
            guard process.isRunning else { return }
            try? asked.fileHandleForWriting.write(contentsOf: Data("{\"ask\": \"stop\"}\n".utf8))
            try? asked.fileHandleForWriting.close()
            process.waitUntilExit()
        }
    }

    deinit { stop() }

    private static func line(of pipe: Pipe) throws -> Value {
        var line = Data()
        while let byte = try pipe.fileHandleForReading.read(upToCount: 1), let value = byte.first {
            if value == UInt8(ascii: "\n") { return try Value.parsed(line) }
            line.append(value)
        }
        throw Trouble("the platform ended")
    }
}
