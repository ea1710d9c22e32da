extension StrictJSON {
    /// A number in its shortest form that reads back as the same `Double`; whole numbers have a fraction, as in Python.
    ///
    /// Traps for NaN and infinities, which JSON does not have.
    public static func number(_ value: Double) -> StrictJSON {
        precondition(value.isFinite, "JSON has no number for \(value)")
        return .number("\(value)")
    }

    /// A whole number.
    public static func number(_ value: Int) -> StrictJSON { .number(String(value)) }

    /// A list of numbers.
    public static func numbers(_ values: [Double]) -> StrictJSON { .array(values.map { number($0) }) }

    /// Sets the value of a key of an object, behind the others when it is new; this becomes an object if it is none.
    public mutating func set(_ key: String, to value: StrictJSON) {
        var members = object ?? []
        if let index = members.firstIndex(where: { $0.key.utf8.elementsEqual(key.utf8) }) {
            members[index].value = value
        } else {
            members.append((key, value))
        }
        self = .object(members)
    }

    /// The text: in one line as Python's `json.dumps` writes it, or with every value on a line of its own.
    ///
    /// - Parameter indentation: Spaces per level; nil for one line.
    public func text(indentation: Int? = nil) -> String {
        var result = ""
        write(to: &result, indentation, depth: 0)
        return result
    }

    private func write(to text: inout String, _ indentation: Int?, depth: Int) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .number(let digits): text += digits
        case .string(let value): text += value.quotedForJSON
        case .array(let values):
            Self.writeList(values, ("[", "]"), to: &text, indentation, depth) { value, text in
                value.write(to: &text, indentation, depth: depth + 1)
            }
        case .object(let members):
            Self.writeList(members, ("{", "}"), to: &text, indentation, depth) { member, text in
                text += member.key.quotedForJSON + ": "
                member.value.write(to: &text, indentation, depth: depth + 1)
            }
        }
    }

    private static func writeList<Element>(
        _ elements: [Element], _ brackets: (String, String), to text: inout String, _ indentation: Int?, _ depth: Int,
        _ write: (Element, inout String) -> Void
    ) {
        text += brackets.0
        for (index, element) in elements.enumerated() {
            if index > 0 { text += indentation == nil ? ", " : "," }
            if let indentation { text += "\n" + String(repeating: " ", count: indentation * (depth + 1)) }
            write(element, &text)
        }
        if let indentation, !elements.isEmpty { text += "\n" + String(repeating: " ", count: indentation * depth) }
        text += brackets.1
    }
}
