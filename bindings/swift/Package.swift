// swift-tools-version: 6.0
// Built in a folder that scripts/bindings-swift (Linux) or scripts/build-ios (Mac) lays out: these sources, and beside them
// Generated/ with what uniffi-bindgen wrote. The code in Generated/ is made at each build, never committed, never edited.
import PackageDescription

/// With GRID_XCFRAMEWORK the library comes from GridFFI.xcframework beside this file (iOS); without, it is the shared library
/// libgrid_ffi whose folder the linker is told (`-Xlinker -L…`).
let hasFramework = Context.environment["GRID_XCFRAMEWORK"] != nil

let library: Target =
    hasFramework
    ? .binaryTarget(name: "grid_ffiFFI", path: "GridFFI.xcframework")
    : .systemLibrary(name: "grid_ffiFFI", path: "Generated/grid_ffiFFI")

let package = Package(
    name: "FieldBook",
    platforms: [.iOS(.v15), .macOS(.v12)],
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
