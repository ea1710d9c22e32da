// How enums whose cases hold one value without a name are written as JSON: `{"case": value}`. The compiler's own encoding,
// which older files have, is `{"case": {"_0": value}}`.

private enum OlderKey: String, CodingKey {
    case value = "_0"
}

extension KeyedDecodingContainer {
    /// The value of an enum's case, written as the case's own or, in older files, under `_0`.
    func decodeCaseValue<Value: Decodable>(_: Value.Type = Value.self, forKey key: Key) throws -> Value {
        if let older = try? nestedContainer(keyedBy: OlderKey.self, forKey: key), older.contains(.value) {
            return try older.decode(Value.self, forKey: .value)
        }
        return try decode(Value.self, forKey: key)
    }

    /// The only key of an enum's encoded form.
    ///
    /// - Parameter choices: What is allowed, for the message, such as "a vision tower is convolutional or keypoints".
    /// - Throws: `DecodingError` when there is none that is known, or more than one.
    func onlyCase(_ choices: String) throws -> Key {
        guard allKeys.count == 1 else {
            throw DecodingError.dataCorrupted(.init(codingPath: codingPath, debugDescription: choices))
        }
        return allKeys[0]
    }
}
