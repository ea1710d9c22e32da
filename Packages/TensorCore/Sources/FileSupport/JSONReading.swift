public import Foundation

/// Decodes JSON that people and other programs wrote. What does not fit is told in the words of the file: the key path,
/// what was found there and what is expected.
///
/// Every reader of JSON in this package comes here or to ``StrictJSON``, so that no error speaks of decoders and types.
public enum JSONReading {
    /// Decodes a value; a byte order mark in front is left out.
    ///
    /// - Parameters:
    ///   - json: The text, UTF-8.
    ///   - file: How errors call it.
    ///   - advice: What to do when it does not fit.
    /// - Throws: ``SerializationError`` whose `member` is the key path. An error that a type's own `init(from:)` throws
    ///   passes unchanged.
    public static func decode<Value: Decodable>(
        _: Value.Type = Value.self, from json: Data, file: String, advice: String? = nil
    ) throws -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: ByteOrderMark.dropped(from: json))
        } catch let error as DecodingError {
            let found = explanation(of: error, in: json)
            throw SerializationError(
                .damaged, file: file, member: found.path, offset: found.offset, found.text, advice: advice)
        }
    }

    /// Reads and decodes a file.
    ///
    /// - Throws: As ``decode(_:from:file:advice:)``, also when the file cannot be read or has more than `byteLimit` bytes.
    public static func decode<Value: Decodable>(
        _: Value.Type = Value.self, at url: URL, byteLimit: Int = FileLimits.default.headerByteCount,
        advice: String? = nil
    ) throws -> Value {
        let file = try MappedFile(at: url)
        guard file.byteCount <= byteLimit else {
            throw SerializationError(
                .limitExceeded, file: url.path, "\(file.byteCount) bytes; at most \(byteLimit) are read")
        }
        return try decode(from: file.withBytes { Data($0) }, file: url.path, advice: advice)
    }

    /// Where and why a text does not fit, in words.
    public struct Explanation: Equatable, Sendable, CustomStringConvertible {
        /// Keys and places from the outermost value on, such as `merges[3].left`; `nil` for the whole text.
        public var path: String?
        /// The byte where the text is no JSON.
        public var offset: Int?
        /// What was found and what is expected.
        public var text: String

        public var description: String {
            let place = [path.map { "'\($0)'" }, offset.map { "byte \($0)" }].compactMap { $0 }.joined(separator: ", ")
            return place.isEmpty ? text : "\(place): \(text)"
        }
    }

    /// Explains an error of decoding; any other error is its own description.
    ///
    /// - Parameter json: The text that was decoded, for what stands at the place.
    public static func explanation(of error: any Error, in json: Data = Data()) -> Explanation {
        if let error = error as? SerializationError {
            return Explanation(path: error.member, offset: error.offset, text: error.found)
        }
        guard let error = error as? DecodingError else { return Explanation(text: "\(error)") }

        // text that is no JSON at all
        let whole: StrictJSON?
        do {
            whole = json.isEmpty ? nil : try StrictJSON(parsing: json, file: "")
        } catch {
            let failure = error as? SerializationError
            return Explanation(offset: failure?.offset, text: failure?.found ?? "the text is no JSON")
        }

        switch error {
        case .typeMismatch(let type, let context):
            return mismatch(type, context, whole)
        case .valueNotFound(let type, let context):
            return mismatch(type, context, whole)
        case .keyNotFound(let key, let context):
            let keys = whole?[context.codingPath]?.object?.map(\.key) ?? []
            let known = keys.isEmpty ? "" : "; there are \(list(keys))"
            return Explanation(path: path(context.codingPath), text: "there is no '\(key.stringValue)'" + known)
        case .dataCorrupted(let context):
            let found = whole?[context.codingPath].map(summary)
            return Explanation(path: path(context.codingPath), text: reason(context.debugDescription, found: found))
        @unknown default:
            return Explanation(text: "the text has another form")
        }
    }

    /// The number for which a text that is JSON is not decoded: the decoder says neither its digits nor its place.
    ///
    /// Numbers that no `Int` can hold are replaced one by one, until what is found wrong changes.
    ///
    /// - Parameters:
    ///   - json: The text.
    ///   - decode: Decodes a text.
    /// - Returns: `nil` when no number is the reason.
    public static func numberThatDoesNotFit(in json: Data, decode: (Data) throws -> Void) -> Explanation? {
        func isUnexplained(_ error: any Error) -> Bool {
            guard case DecodingError.dataCorrupted(let context) = error else { return false }
            return context.codingPath.isEmpty
        }
        guard let whole = try? StrictJSON(parsing: json, file: "") else { return nil }
        var numbers: [(keys: [Key], digits: String)] = []
        collect(whole, [], &numbers)
        for (keys, digits) in numbers.prefix(64) {
            let changed = Data(replacing(whole, keys[...]).text().utf8)
            do { try decode(changed) } catch { if isUnexplained(error) { continue } }
            let path = keys.reduce(into: "") { path, key in
                switch key {
                case .name(let name): path += (path.isEmpty ? "" : ".") + name
                case .index(let index): path += "[\(index)]"
                }
            }
            return Explanation(
                path: path, text: "\(digits.prefix(40)) does not fit; a whole number of ordinary size is expected")
        }
        return nil
    }

    private enum Key { case name(String), index(Int) }

    private static func collect(_ value: StrictJSON, _ keys: [Key], _ numbers: inout [(keys: [Key], digits: String)]) {
        switch value {
        case .number(let digits): if Int(digits) == nil { numbers.append((keys, digits)) }
        case .array(let values): for (i, value) in values.enumerated() { collect(value, keys + [.index(i)], &numbers) }
        case .object(let members): for (key, value) in members { collect(value, keys + [.name(key)], &numbers) }
        case .null, .bool, .string: break
        }
    }

    /// The value with a 1 at a place.
    private static func replacing(_ value: StrictJSON, _ keys: ArraySlice<Key>) -> StrictJSON {
        guard let key = keys.first else { return .number(1) }
        switch (value, key) {
        case (.array(var values), .index(let index)):
            values[index] = replacing(values[index], keys.dropFirst())
            return .array(values)
        case (.object(let members), .name(let name)):
            return .object(members.map { ($0.key, $0.key == name ? replacing($0.value, keys.dropFirst()) : $0.value) })
        default: return value
        }
    }

    // MARK: Words

    private static func mismatch(
        _ type: any Any.Type, _ context: DecodingError.Context, _ whole: StrictJSON?
    ) -> Explanation {
        let found = whole?[context.codingPath].map { "found \(summary($0))" } ?? "found something else"
        return Explanation(path: path(context.codingPath), text: "\(kind(of: type)) is expected, \(found)")
    }

    /// The decoder's reasons in other words; those of this package's own types as they are.
    private static func reason(_ text: String, found: String?) -> String {
        if text.hasPrefix("Cannot initialize") { return "\(found ?? "the value") is none of the known values" }
        if text.hasPrefix("Parsed JSON number") || text.contains("does not fit in") {
            return "\(found ?? "the number") does not fit; a whole number of ordinary size is expected"
        }
        if text.hasPrefix("Unable to") || text.hasPrefix("The given data") { return "the text is no JSON" }
        return text.hasSuffix(".") ? String(text.dropLast()) : text
    }

    private static func path(_ keys: [any CodingKey]) -> String? {
        let text = keys.reduce(into: "") { path, key in
            if let index = key.intValue {
                path += "[\(index)]"
            } else {
                path += (path.isEmpty ? "" : ".") + key.stringValue
            }
        }
        return text.isEmpty ? nil : text
    }

    private static func kind(of type: any Any.Type) -> String {
        switch type {
        case is String.Type: return "a text"
        case is Bool.Type: return "true or false"
        case is any BinaryInteger.Type: return "a whole number"
        case is any BinaryFloatingPoint.Type: return "a number"
        default: break
        }
        let name = "\(type)"
        if name.hasPrefix("Optional<") { return "another value" }
        return ["Array<", "Set<", "ContiguousArray<"].contains { name.hasPrefix($0) } ? "a list" : "an object"
    }

    private static func summary(_ value: StrictJSON) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let digits): String(digits.prefix(40))
        case .string(let text): "the text '\(text.prefix(60))'"
        case .array(let values): "a list of \(values.count)"
        case .object: "an object"
        }
    }

    private static func list(_ keys: [String]) -> String {
        keys.prefix(8).map { "'\($0)'" }.joined(separator: ", ") + (keys.count > 8 ? ", …" : "")
    }
}

extension StrictJSON {
    /// The value at a path of a decoder; `nil` where there is none.
    fileprivate subscript(path: [any CodingKey]) -> StrictJSON? {
        var value = self
        for key in path {
            if let index = key.intValue, let values = value.array {
                guard values.indices.contains(index) else { return nil }
                value = values[index]
            } else {
                guard let next = value[key.stringValue] else { return nil }
                value = next
            }
        }
        return value
    }
}
