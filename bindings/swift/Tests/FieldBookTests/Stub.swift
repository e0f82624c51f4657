import XCTest
@testable import FieldBook
final class StubTests: XCTestCase { func testNothing() {} }
