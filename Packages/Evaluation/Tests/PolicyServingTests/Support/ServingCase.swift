import Foundation
import FileSupport
import TensorTestSupport
import Testing

@testable import PolicyServing

/// A folder of `golden/serving`.
struct ServingCase: CustomTestStringConvertible, Sendable {
    let folder: URL
    private let text: Data

    static let all: [ServingCase] = SharedFixtures.folders(in: "golden/serving").compactMap { folder in
        (try? Data(contentsOf: folder.appendingPathComponent("case.json"))).map {
            ServingCase(folder: folder, text: $0)
        }
    }

    /// The fields of `case.json`.
    var json: [String: Any] { (try? JSONSerialization.jsonObject(with: text)) as? [String: Any] ?? [:] }

    static func ofKind(_ kind: String, protocols: Set<String>? = nil) -> [ServingCase] {
        all.filter { $0.kind == kind && protocols?.contains($0.protocolName) ?? true }
    }

    var name: String { folder.lastPathComponent }
    var testDescription: String { name }
    var kind: String { json["kind"] as? String ?? "" }
    var protocolName: String { json["protocol"] as? String ?? "" }

    func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appendingPathComponent(name))) }

    var convention: ArrayConvention {
        switch protocolName {
        case "vla-eval": .vlaEval
        case "lerobot-wire": .leRobot
        case "xpolicylab": .msgpackNumPy
        default: .openPI
        }
    }
}

/// A row of a `malformed` case.
struct MalformedRow: CustomTestStringConvertible, Sendable {
    let folder: URL
    let name: String
    let protocolName: String
    let file: String?
    /// What may be answered.
    let expected: Set<String>

    static let all: [MalformedRow] = ServingCase.ofKind("malformed").flatMap { serving in
        (serving.json["rows"] as? [[String: Any]] ?? []).map { row in
            MalformedRow(
                folder: serving.folder, name: row["name"] as? String ?? "",
                protocolName: row["protocol"] as? String ?? "", file: row["file"] as? String,
                expected: Set("\(row["expect"] ?? "")".components(separatedBy: " or ")))
        }
    }

    static func of(_ protocols: Set<String>) -> [MalformedRow] { all.filter { protocols.contains($0.protocolName) } }

    var testDescription: String { name }

    func bytes() throws -> [UInt8]? {
        try file.map { Array(try Data(contentsOf: folder.appendingPathComponent($0))) }
    }
}

func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// Where a value differs from the tree of a fixture; `nil` if nowhere.
func difference(_ value: WireValue, from tree: Any?, at path: String = "") -> String? {
    guard let tree = tree as? [String: Any], let kind = tree.keys.first(where: { $0 != "bits" }) else {
        return "\(path): no tree"
    }
    func check(_ isEqual: Bool) -> String? { isEqual ? nil : "\(path): \(value) where the fixture has \(tree)" }
    switch (kind, value) {
    case ("nil", .null): return nil
    case ("bool", .bool(let value)): return check(tree[kind] as? Bool == value)
    case ("int", .integer(let value)): return check(tree[kind] as? String == "\(value)")
    case ("int", .unsigned(let value)): return check(tree[kind] as? String == "\(value)")
    case ("f32", .float(let value)):
        return check(UInt32(tree["bits"] as? String ?? "", radix: 16) == value.bitPattern)
    case ("f64", .double(let value)):
        return check(UInt64(tree["bits"] as? String ?? "", radix: 16) == value.bitPattern)
    case ("str", .text(let text)):
        if let expected = tree[kind] as? String { return check(expected.utf8.elementsEqual(text.utf8)) }
        return check(isSame(Array(text.utf8), as: tree[kind]))
    case ("bin", .bytes(let bytes)): return check(isSame(bytes, as: tree[kind]))
    case ("array", .list(let list)):
        let expected = tree[kind] as? [Any] ?? []
        guard list.count == expected.count else { return check(false) }
        return zip(list, expected).enumerated().lazy.compactMap {
            difference($0.element.0, from: $0.element.1, at: "\(path)/\($0.offset)")
        }.first
    case ("map", .map(let map)):
        let expected = tree[kind] as? [[Any]] ?? []
        guard map.count == expected.count else { return check(false) }
        return zip(map.entries, expected).lazy.compactMap { entry, pair -> String? in
            let key: WireValue =
                switch entry.key {
                case .text(let text): .text(text)
                case .bytes(let bytes): .bytes(bytes)
                }
            return difference(key, from: pair[0], at: path + "/key")
                ?? difference(entry.value, from: pair[1], at: "\(path)/\(entry.key)")
        }.first
    default: return check(false)
    }
}

private func isSame(_ bytes: [UInt8], as summary: Any?) -> Bool {
    guard let summary = summary as? [String: Any] else { return false }
    return summary["n"] as? Int == bytes.count && summary["sha256"] as? String == SHA256.hexadecimal(bytes)
}

/// The value at a fixture's path: keys joined by `|`, keys of bytes as `b'..'`, elements of lists by their number.
func value(at path: String, of root: WireValue) -> WireValue? {
    var value = root
    for part in path.split(separator: "|", omittingEmptySubsequences: true) {
        switch value {
        case .map(let map):
            let key: WireMap.Key =
                part.hasPrefix("b'") ? .bytes(Array(part.dropFirst(2).dropLast().utf8)) : .text(String(part))
            guard let next = map[key] else { return nil }
            value = next
        case .list(let list):
            guard let index = Int(part), list.indices ~= index else { return nil }
            value = list[index]
        default: return nil
        }
    }
    return value
}
