// The public names of the package, one a line and sorted, from the compiler's symbol graphs: `api-listing FOLDER MODULE BELOW`
// lists all of MODULE, and of the module BELOW the members of those types that MODULE gives a name of its own.
import Foundation

struct Graph: Decodable {
    struct Symbol: Decodable {
        struct Identifier: Decodable { let precise: String }
        struct Kind: Decodable { let identifier: String }
        struct Fragment: Decodable { let spelling: String }
        let identifier: Identifier
        let kind: Kind
        let pathComponents: [String]
        let declarationFragments: [Fragment]

        /// What the compiler adds to every type says nothing of ours.
        var isWritten: Bool { !identifier.precise.contains("::SYNTHESIZED::") }

        var line: String {
            let declaration = declarationFragments.map(\.spelling).joined()
            let words = declaration.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            return "\(pathComponents.joined(separator: ".")): \(words)"
        }
    }
    let symbols: [Symbol]
}

func graph(_ folder: String, _ module: String) throws -> Graph {
    let file = URL(fileURLWithPath: folder).appendingPathComponent("\(module).symbols.json")
    return try JSONDecoder().decode(Graph.self, from: Data(contentsOf: file))
}

let arguments = CommandLine.arguments
guard arguments.count == 4 else {
    FileHandle.standardError.write(Data("api-listing FOLDER MODULE BELOW\n".utf8))
    exit(2)
}
let ours = try graph(arguments[1], arguments[2]).symbols.filter(\.isWritten)
let below = try graph(arguments[1], arguments[3]).symbols.filter(\.isWritten)
let named = Set(ours.filter { $0.kind.identifier == "swift.typealias" }.compactMap(\.pathComponents.first))
let reached = below.filter { $0.pathComponents.first.map(named.contains) ?? false }
for line in Set((ours + reached).map(\.line)).sorted() { print(line) }
