/// How a protocol writes arrays, scalars and images, which MessagePack does not have.
public enum ArrayConvention: String, CaseIterable, Sendable {
    /// openpi: maps with bytes as keys, `__ndarray__` and `__npgeneric__`.
    case openPI
    /// vla-eval: maps with text keys, `__ndarray__` and `__image__`; scalars are plain numbers.
    case vlaEval
    /// XPolicyLab: the package msgpack-numpy, `nd`.
    case msgpackNumPy
    /// LeRobot: `__lerobot_type__`, types by name. Floats must be finite and no dimension 0.
    case leRobot
}

// MARK: - Writing

extension ArrayConvention {
    func record(of array: NumericArray) -> WireMap {
        let shape = WireValue.list(array.shape.map { .integer(Int64($0)) })
        switch self {
        case .openPI:
            return WireMap([
                (.bytes("__ndarray__"), true), (.bytes("data"), .bytes(array.bytes)),
                (.bytes("dtype"), .text(array.type.code)), (.bytes("shape"), shape),
            ])
        case .vlaEval:
            return WireMap([
                (.text("__ndarray__"), true), (.text("data"), .bytes(array.bytes)),
                (.text("dtype"), .text(array.type.code)), (.text("shape"), shape),
            ])
        case .msgpackNumPy:
            return WireMap([
                (.bytes("nd"), true), (.bytes("type"), .text(array.type.code)), (.bytes("kind"), .bytes([])),
                (.bytes("shape"), shape), (.bytes("data"), .bytes(array.bytes)),
            ])
        case .leRobot:
            let array = array.littleEndian
            precondition(array.type.element != nil, "LeRobot has no tensors of \(array.type.code)")
            return WireMap([
                (.text("__lerobot_type__"), "tensor"), (.text("dtype"), .text(array.type.element?.rawValue ?? "")),
                (.text("shape"), shape), (.text("endianness"), "little"), (.text("data"), .bytes(array.bytes)),
            ])
        }
    }

    func record(of scalar: NumericScalar) -> WireValue {
        switch self {
        case .openPI:
            .map(
                WireMap([
                    (.bytes("__npgeneric__"), true), (.bytes("data"), scalar.value),
                    (.bytes("dtype"), .text(scalar.type.code)),
                ]))
        case .msgpackNumPy:
            .map(
                WireMap([
                    (.bytes("nd"), false), (.bytes("type"), .text(scalar.type.code)), (.bytes("data"), scalar.value),
                ]))
        case .vlaEval, .leRobot: scalar.value
        }
    }

    func record(of image: EncodedImage) -> WireMap {
        let shape = WireValue.list(image.shape.map { .integer(Int64($0)) })
        switch self {
        case .vlaEval:
            var record = WireMap([
                (.text("__image__"), true), (.text("format"), .text(image.format.rawValue)),
                (.text("data"), .bytes(image.data)),
            ])
            if image.format == .raw { record["dtype"] = .text(image.pixels.type.code) }
            record["shape"] = shape
            return record
        case .leRobot:
            return WireMap([
                (.text("__lerobot_type__"), "rgb"), (.text("encoding"), .text(image.format.rawValue)),
                (.text("shape"), shape), (.text("dtype"), "uint8"), (.text("channel_order"), "RGB"),
                (.text("data"), .bytes(image.data)),
            ])
        case .openPI, .msgpackNumPy: return record(of: image.pixels)
        }
    }
}

extension WireMap.Key {
    fileprivate static func bytes(_ name: StaticString) -> Self { .bytes(name.withUTF8Buffer { Array($0) }) }
}

// MARK: - Reading

/// Finds the records of a convention in a message and replaces them by arrays, scalars and images.
struct ArrayInterpreter {
    private let convention: ArrayConvention
    private let limits: ServingLimits
    /// Bytes that arrays and images may still take.
    private var budget: Int

    init(_ convention: ArrayConvention, limits: ServingLimits) {
        (self.convention, self.limits, budget) = (convention, limits, limits.decodedSize)
    }

    /// - Throws: ``WireError`` of the classes `array`, `image` and `limit.bytes`.
    mutating func interpret(_ value: WireValue) throws(WireError) -> WireValue {
        switch value {
        case .list(let list):
            var result: [WireValue] = []
            result.reserveCapacity(list.count)
            for value in list { result.append(try interpret(value)) }
            return .list(result)
        case .map(let map): return try interpret(map)
        case .float(let number): try requireFinite(Double(number))
        case .double(let number): try requireFinite(number)
        default: break
        }
        return value
    }

    /// LeRobot has no other numbers.
    private func requireFinite(_ number: Double) throws(WireError) {
        if convention == .leRobot, !number.isFinite { throw WireError(.nonFinite, "a number is \(number)") }
    }

    private mutating func interpret(_ map: WireMap) throws(WireError) -> WireValue {
        switch convention {
        case .openPI:
            if map[bytes: "__ndarray__"] != nil {
                return .array(
                    try array(map[bytes: "dtype"], map[bytes: "shape"], map[bytes: "data"], allowsOpaque: true))
            }
            if map[bytes: "__npgeneric__"] != nil {
                let type = try type(map[bytes: "dtype"], allowsOpaque: false)
                guard let value = map[bytes: "data"], value.number != nil || value.bool != nil else {
                    throw WireError(.arraySize, "a scalar without a number as 'data'")
                }
                return .scalar(NumericScalar(type, value: value))
            }
        case .vlaEval:
            if map["__ndarray__"] != nil {
                return .array(try array(map["dtype"], map["shape"], map["data"], allowsOpaque: false))
            }
            if map["__image__"] != nil { return .image(try image(map, format: map["format"])) }
        case .msgpackNumPy:
            if let isArray = map[bytes: "nd"] {
                if let kind = map[bytes: "kind"], kind != .bytes([]) {
                    throw WireError(.arrayDataType, "an array of objects or records; they are pickles")
                }
                if isArray == .bool(true) {
                    return .array(
                        try array(map[bytes: "type"], map[bytes: "shape"], map[bytes: "data"], allowsOpaque: true))
                }
                let type = try type(map[bytes: "type"], allowsOpaque: false)
                guard case .bytes(let data)? = map[bytes: "data"], data.count == type.size else {
                    throw WireError(.arraySize, "a scalar of \(type.code) without its \(type.size) bytes")
                }
                return .scalar(NumericScalar(type, value: .bytes(data)))
            }
        case .leRobot:
            guard !map.entries.contains(where: { if case .bytes = $0.key { true } else { false } }) else {
                throw WireError(.key, "a key that is no text")
            }
            switch map["__lerobot_type__"] {
            case nil: break
            case "tensor"?: return .array(try tensor(map))
            case "rgb"?: return .image(try colorImage(map))
            case let other?:
                throw WireError(.schemaType, "an unknown record, \(other.text.map(quoted) ?? other.typeName)")
            }
        }
        var result: [WireMap.Entry] = []
        result.reserveCapacity(map.count)
        for entry in map.entries {
            result.append(WireMap.Entry(key: entry.key, value: try interpret(entry.value)))
        }
        return .map(WireMap(entries: result))
    }

    private func type(_ value: WireValue?, allowsOpaque: Bool) throws(WireError) -> NumPyType {
        guard let code = value?.text, let type = NumPyType(code: code), allowsOpaque || type.element != nil else {
            let found = value?.text.map(quoted) ?? value?.typeName ?? "nothing"
            throw WireError(
                .arrayDataType, "\(found) as the element type of an array; numbers and truth values are read")
        }
        return type
    }

    /// The shape and the number of elements.
    private func shape(_ value: WireValue?, leastDimension: Int = 0) throws(WireError) -> (shape: [Int], count: Int) {
        guard let list = value?.list else { throw WireError(.arrayShape, "an array without a list as its shape") }
        guard list.count <= limits.rank else {
            throw WireError(.arrayShape, "an array of rank \(list.count); at most \(limits.rank) is read")
        }
        var shape: [Int] = []
        var count = 1
        for value in list {
            let size: Int? =
                switch value {
                case .integer(let size): Int(size)
                default: nil
                }
            guard let size, leastDimension...limits.dimension ~= size else {
                throw WireError(
                    .arrayShape,
                    "\(size.map(String.init) ?? value.typeName) as a dimension; "
                        + "\(leastDimension)...\(limits.dimension) is read")
            }
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow else { throw WireError(.arrayShape, "an array with more elements than can be counted") }
            shape.append(size)
            count = product
        }
        return (shape, count)
    }

    private mutating func array(
        _ typeValue: WireValue?, _ shapeValue: WireValue?, _ data: WireValue?, allowsOpaque: Bool
    ) throws(WireError) -> NumericArray {
        let type = try type(typeValue, allowsOpaque: allowsOpaque)
        let (shape, count) = try shape(shapeValue)
        return NumericArray(type, shape: shape, bytes: try bytes(data, count: count, size: type.size))
    }

    /// The bytes of so many elements.
    private mutating func bytes(_ data: WireValue?, count: Int, size: Int) throws(WireError) -> [UInt8] {
        guard case .bytes(let data)? = data else { throw WireError(.arraySize, "an array without bytes as its data") }
        let (needed, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, data.count == needed else {
            throw WireError(.arraySize, "\(data.count) bytes for \(count) elements of \(size) bytes")
        }
        try spend(data.count)
        return data
    }

    private mutating func spend(_ count: Int) throws(WireError) {
        budget -= count
        guard budget >= 0 else {
            throw WireError(.limitBytes, "arrays and images of more than \(limits.decodedSize) bytes")
        }
    }

    // MARK: vla-eval's images

    private mutating func image(_ map: WireMap, format value: WireValue?) throws(WireError) -> EncodedImage {
        guard let name = value?.text, let format = EncodedImage.Format(rawValue: name) else {
            let found = value?.text.map(quoted) ?? value?.typeName ?? "nothing"
            throw WireError(.imageFormat, "\(found) as the format of an image; png, jpeg and raw are read")
        }
        let (shape, count) = try shape(map["shape"])
        if format == .raw {
            guard try type(map["dtype"], allowsOpaque: false).element == .uint8 else {
                throw WireError(.arrayDataType, "a raw image that is not of 8-bit values")
            }
            let data = try bytes(map["data"], count: count, size: 1)
            return try EncodedImage(.raw, data: data, shape: shape, limits: limits)
        }
        guard case .bytes(let data)? = map["data"] else {
            throw WireError(.imageFormat, "an image without bytes as its data")
        }
        // the size in the file is compared with the limits and the shape before it is decompressed
        let image = try EncodedImage(format, data: data, shape: shape, limits: limits) { size throws(WireError) in
            try spend(size)
        }
        return image
    }

    // MARK: LeRobot's tensors and images

    private mutating func tensor(_ map: WireMap) throws(WireError) -> NumericArray {
        guard let name = map["dtype"]?.text, let element = ElementType(rawValue: name) else {
            throw WireError(.arrayDataType, "a tensor of \(map["dtype"]?.text.map(quoted) ?? "no type")")
        }
        let isBigEndian: Bool
        switch map["endianness"] {
        case "little"?: isBigEndian = false
        case "big"?: isBigEndian = true
        default: throw WireError(.arrayDataType, "a tensor whose endianness is neither little nor big")
        }
        let (shape, count) = try shape(map["shape"], leastDimension: 1)
        let data = try bytes(map["data"], count: count, size: element.size)
        guard data.count <= limits.tensorSize else {
            throw WireError(.limitBytes, "a tensor of \(data.count) bytes; at most \(limits.tensorSize) are read")
        }
        if element == .bool, let wrong = data.first(where: { $0 > 1 }) {
            throw WireError(.schemaType, "\(wrong) as a truth value; bytes are 0 or 1")
        }
        let type = isBigEndian && element.size > 1 ? NumPyType(code: ">" + element.code) : NumPyType(element)
        let array = NumericArray(type ?? NumPyType(element), shape: shape, bytes: data)
        guard array.firstNonFinite == nil else {
            throw WireError(.nonFinite, "a tensor holds numbers that are not finite")
        }
        return array.littleEndian
    }

    private mutating func colorImage(_ map: WireMap) throws(WireError) -> EncodedImage {
        let format: EncodedImage.Format
        switch map["encoding"] {
        case "raw"?: format = .raw
        case "jpeg"?: format = .jpeg
        default: throw WireError(.imageFormat, "an image whose encoding is neither raw nor jpeg")
        }
        guard map["dtype"] == "uint8", map["channel_order"] == "RGB" else {
            throw WireError(.imageFormat, "an image that is not RGB of uint8")
        }
        let (shape, count) = try shape(map["shape"], leastDimension: 1)
        guard shape.count == 3, shape[2] == 3 else { throw WireError(.imageSize, "an image of shape \(shape)") }
        guard shape[0] * shape[1] <= limits.pixelCount else {
            throw WireError(.limitBytes, "an image of shape \(shape); at most \(limits.pixelCount) pixels are read")
        }
        if format == .raw {
            return try EncodedImage(
                .raw, data: try bytes(map["data"], count: count, size: 1), shape: shape, limits: limits)
        }
        guard case .bytes(let data)? = map["data"] else {
            throw WireError(.imageFormat, "an image without bytes as its data")
        }
        return try EncodedImage(format, data: data, shape: shape, limits: limits) { size throws(WireError) in
            try spend(size)
        }
    }
}
