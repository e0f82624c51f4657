// swift-tools-version: 6.0
// Built in a folder that scripts/bindings-swift (Linux) or scripts/build-ios (Mac) lays out: these sources, and beside them
// Generated/ with what uniffi-bindgen wrote. The code in Generated/ is made at each build, never committed, never edited.
import Foundation
import PackageDescription

/// Where GridFFI.xcframework lies beside this file, as scripts/build-ios leaves it, or GRID_XCFRAMEWORK is set, the library comes
/// from there; else it is the shared library libgrid_ffi whose folder the linker is told (`-Xlinker -L…`).
let framework = "GridFFI.xcframework"
let hasFramework =
    Context.environment["GRID_XCFRAMEWORK"] != nil
    || FileManager.default.fileExists(atPath: "\(Context.packageDirectory)/\(framework)")

let library: Target =
    hasFramework
    ? .binaryTarget(name: "grid_ffiFFI", path: framework)
    : .systemLibrary(name: "grid_ffiFFI", path: "Generated/grid_ffiFFI")

let package = Package(
    name: "FieldBook",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [.library(name: "FieldBook", targets: ["FieldBook"])],
    targets: [
        library,
        .target(
            name: "FieldBookFFI",
            dependencies: ["grid_ffiFFI"],
            path: "Generated/FieldBookFFI",
            linkerSettings: hasFramework ? [] : [.linkedLibrary("grid_ffi")]
        ),
        .target(name: "FieldBook", dependencies: ["FieldBookFFI"]),
        .target(name: "PlainKeys", dependencies: ["FieldBook"]),
        .executableTarget(name: "contract-child", dependencies: ["FieldBook", "PlainKeys"]),
        .executableTarget(name: "bench", dependencies: ["FieldBook", "PlainKeys"]),
        .executableTarget(name: "api-listing"),
        .testTarget(name: "FieldBookTests", dependencies: ["FieldBook", "FieldBookFFI", "PlainKeys"]),
    ],
    swiftLanguageModes: [.v6]
)
