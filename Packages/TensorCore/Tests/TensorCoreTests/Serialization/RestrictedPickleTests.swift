import FileSupport
import Foundation
import Testing

@testable import TensorCore

@Suite struct RestrictedPickleTests {
    func read(_ body: [UInt8], limits: FileLimits = .default) throws -> PickleValue {
        try RestrictedPickle.read(bytes: Pickle.file(body), name: "sample", limits: limits)
    }

    @Test(arguments: PythonPickles.protocols)
    func valuesAreThoseOfPython(protocol version: Int) throws {
        let bytes = PythonPickles.bytes(protocol: version)
        let value = try RestrictedPickle.read(bytes: bytes, name: "sample")
        #expect(value.dictionary?.map(\.key.string) == ["a", "b", "c", "d", "e", "f", "g"])
        #expect(value["a"]?.items?.map(\.integer) == [1, -2, 300, 70_000, 1 << 40, .min])
        let tuple = try #require(value["b"]?.items)
        #expect(tuple[0].bool == true && tuple[2].float == 1.5)
        guard case .none = tuple[1], case .bytes(let data)? = value["c"] else {
            Issue.record("None or bytes misread")
            return
        }
        #expect(data == [0, 255])
        #expect(value["d"]?.string == "ü")
        #expect(value["e"]?["x"]?.items?.count == 0)
        let array = try #require(value["f"]?.tensor)
        #expect(array.shape == [2, 2] && array.elements(of: Int32.self) == [1, 2, 3, 4])
        #expect(value["g"]?.float == 2.5)
    }

    @Test(arguments: PythonPickles.protocols)
    func everyTruncationIsRefused(protocol version: Int) {
        let bytes = PythonPickles.bytes(protocol: version)
        for count in bytes.indices {
            #expect(throws: SerializationError.self) {
                try RestrictedPickle.read(bytes: bytes[..<count], name: "sample")
            }
        }
    }

    /// What would run code, or is no plain value, is refused by name and place.
    @Test(arguments: [
        ("os", "system"), ("posix", "system"), ("builtins", "eval"), ("builtins", "getattr"), ("subprocess", "Popen"),
        ("torch", "load"), ("torch._utils", "_rebuild_sparse_tensor"), ("numpy", "load"),
        ("collections", "defaultdict"),
    ])
    func functionsAreRefusedByName(module: String, name: String) {
        expectError(.refused, naming: ["'\(module).\(name)'", "byte 2"]) {
            _ = try read(Pickle.call(Pickle.global(module, name), [Pickle.text("touch /tmp/x")]))
        }
        // as protocol 4 writes it
        let stacked = Pickle.text(module) + Pickle.text(name) + [0x93]
        expectError(.refused, naming: ["'\(module).\(name)'"]) { _ = try read(stacked) }
    }

    /// Programs that do not build a value, with a word of the message.
    static let refused: [([UInt8], SerializationError.Kind, String)] = [
        (Array("(lp0\n".utf8), .refused, "LIST"),
        (Array("I1\n".utf8), .refused, "INT"),
        (Array("N2".utf8), .refused, "DUP"),
        (Array("(i__main__\nX\n".utf8), .refused, "INST"),
        ([0x8F], .refused, "EMPTY_SET"),
        ([0x82, 1], .refused, "EXT1"),
        ([0xFF], .refused, "0xff"),
        (Pickle.global("numpy", "ndarray"), .refused, "type"),
        (Pickle.call(Pickle.global("numpy", "ndarray"), []), .refused, "call"),
        (Pickle.tuple([Pickle.text("storage")]) + Array("Q".utf8), .refused, "outside"),
        (Pickle.text("x") + Pickle.tuple([]) + Array("R".utf8), .refused, "no known function"),
        (Pickle.none + Pickle.none + Array("b".utf8), .refused, "state"),
        (Array("]q\u{0}h\u{0}a".utf8), .unsupported, "holds itself"),
        (Array("}q\u{0}X\u{1}\u{0}\u{0}\u{0}ah\u{0}s".utf8), .unsupported, "holds itself"),
        (
            Pickle.dictionary([(Pickle.text("k"), Pickle.none), (Pickle.text("k"), Pickle.none)]), .damaged,
            "'k' occurs twice"
        ),
        (Array("h\u{5}".utf8), .damaged, "memo 5"),
        (Array("t".utf8), .damaged, "no mark"),
        (Array("a".utf8), .damaged, "empty"),
        (Array("(Na".utf8), .damaged, "empty"),
        (Array("N(a".utf8), .damaged, "empty"),
        (Array("NN".utf8), .damaged, "2 values"),
        (Array("}(Nu".utf8), .damaged, "1 items"),
        (Array("NNa".utf8), .damaged, "list"),
        ([0x8A, 9] + [UInt8](repeating: 1, count: 9), .unsupported, "9 bytes"),
        ([0x8B, 0xFF, 0xFF, 0xFF, 0xFF], .truncated, "-1 bytes"),
        ([0x8D] + [UInt8](repeating: 0xFF, count: 8), .truncated, "bytes"),
        ([0x95] + [UInt8](repeating: 0xFF, count: 8), .truncated, "frame"),
        (Array("X\u{1}\u{0}\u{0}\u{0}".utf8) + [0xFF], .damaged, "UTF-8"),
        (Pickle.array(type: "O8"), .unsupported, "'O8'"),
        (Pickle.array(order: ">"), .unsupported, "'>'"),
        (Pickle.array(type: "f4"), .damaged, "needs 16"),
    ]

    @Test(arguments: refused.indices)
    func otherProgramsAreRefused(index: Int) {
        let (body, kind, word) = Self.refused[index]
        expectError(kind, naming: [word, "byte "]) { _ = try read(body) }
    }

    @Test func protocolsOutsideTwoToFiveAreRefused() {
        expectError(.unsupported, naming: ["protocol 1"]) {
            _ = try RestrictedPickle.read(bytes: [0x80, 1, 0x4E, 0x2E], name: "sample")
        }
        expectError(.wrongFormat) { _ = try RestrictedPickle.read(bytes: Array("I1\n.".utf8), name: "sample") }
        expectError(.damaged, naming: ["1 bytes at the end"]) {
            _ = try RestrictedPickle.read(bytes: [0x80, 2, 0x4E, 0x2E, 0], name: "sample")
        }
    }

    @Test func deepNestingIsRefused() throws {
        // a tuple in a tuple in a tuple …; a million of them would overflow a recursive reader's stack
        for depth in [100, 101, 1_000_000] {
            let body = [0x29] + [UInt8](repeating: 0x85, count: depth)
            if depth <= FileLimits.default.nestingDepth {
                #expect(try read(body).items?.count == 1)
            } else {
                expectError(.limitExceeded, naming: ["nested deeper than 100"]) { _ = try read(body) }
            }
        }
    }

    @Test func sharedObjectsCountEachTime() {
        // t = (t, t) repeated: 2^50 objects from 300 bytes
        var body: [UInt8] = [0x29]
        for index in UInt8(0)..<50 { body += [0x71, index, 0x68, index, 0x86] }
        expectError(.limitExceeded, naming: ["objects"]) { _ = try read(body) }
        var limits = FileLimits()
        limits.objectCount = 10
        expectError(.limitExceeded, naming: ["more than 10 objects"]) {
            _ = try read([UInt8](repeating: 0x4E, count: 11), limits: limits)
        }
        expectError(.limitExceeded, naming: ["marks"]) {
            _ = try read([UInt8](repeating: 0x28, count: 11), limits: limits)
        }
    }

    @Test func repeatedArraysCountTheirMemory() {
        var limits = FileLimits()
        limits.expandedByteCount = 63
        expectError(.limitExceeded, naming: ["63 are allowed"]) {
            _ = try read(Pickle.tuple([Pickle.array(), Pickle.array()]), limits: limits)
        }
    }

    @Test func columnMajorArraysAreTurned() throws {
        let array = try #require(try read(Pickle.array(isColumnMajor: true)).tensor)
        #expect(array.elements(of: Double.self) == [1, 3, 2, -4])
        #expect(try read(Pickle.array()).tensor?.elements(of: Double.self) == [1, 2, 3, -4])
    }

    @Test func attributesOfOrderedDictionariesAreDropped() throws {
        let body =
            Pickle.call(Pickle.global("collections", "OrderedDict"), []) + Pickle.text("k") + Pickle.integer(1)
            + Array("s".utf8) + Pickle.dictionary([(Pickle.text("_metadata"), Pickle.none)]) + Array("b".utf8)
        let value = try read(body)
        #expect(value.dictionary?.count == 1 && value["k"]?.integer == 1)
    }
}
