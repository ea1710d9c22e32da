// How enums whose cases hold one value without a name are written as JSON: `{"case": value}`, and `{"case": {}}` without a
// value. The compiler's own encoding, which older files have, is `{"case": {"_0": value}}`.

private enum OlderKey: String, CodingKey {
    case value = "_0"
    case second = "_1"
}

private struct NoValue: Codable {}

extension KeyedDecodingContainer {
    /// The value of an enum's case, written as the case's own or, in older files, under `_0`.
    public func decodeCaseValue<Value: Decodable>(_: Value.Type = Value.self, forKey key: Key) throws -> Value {
        if let older = try? nestedContainer(keyedBy: OlderKey.self, forKey: key), older.contains(.value) {
            return try older.decode(Value.self, forKey: .value)
        }
        return try decode(Value.self, forKey: key)
    }

    /// Both values of an enum's case as older files have them, under `_0` and `_1`; `nil` where they are written by their
    /// names.
    public func decodeOlderPair<First: Decodable, Second: Decodable>(
        _: First.Type = First.self, _: Second.Type = Second.self, forKey key: Key
    ) throws -> (First, Second)? {
        guard let older = try? nestedContainer(keyedBy: OlderKey.self, forKey: key), older.contains(.value) else {
            return nil
        }
        return (try older.decode(First.self, forKey: .value), try older.decode(Second.self, forKey: .second))
    }

    /// The only key of an enum's encoded form.
    ///
    /// - Parameter choices: What is allowed, for the message, such as "a vision tower is convolutional or keypoints".
    /// - Throws: `DecodingError` when there is none that is known, or more than one.
    public func onlyCase(_ choices: String) throws -> Key {
        guard allKeys.count == 1 else {
            throw DecodingError.dataCorrupted(.init(codingPath: codingPath, debugDescription: choices))
        }
        return allKeys[0]
    }
}

extension KeyedEncodingContainer {
    /// Writes a case that holds no value, as `{"case": {}}`.
    public mutating func encodeCase(_ key: Key) throws { try encode(NoValue(), forKey: key) }
}
