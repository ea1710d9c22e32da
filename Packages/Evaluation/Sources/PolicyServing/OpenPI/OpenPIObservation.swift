public import ImageProcessing

/// What an openpi client sends: arrays and texts by name.
///
/// Source: openpi 15a9616, `websocket_client_policy.py` and `examples/libero/main.py`.
public struct OpenPIObservation: Sendable, Hashable {
    public static let imageKey = "observation/image"
    public static let wristImageKey = "observation/wrist_image"
    public static let stateKey = "observation/state"
    public static let promptKey = "prompt"

    /// All entries, those that are not read here too.
    public private(set) var fields: WireMap

    /// Takes entries as they are.
    public init(_ fields: WireMap) { self.fields = fields }

    /// Reads a message and checks the entries that are known.
    ///
    /// - Parameters:
    ///   - bytes: The payload of a binary frame.
    ///   - required: Keys that have to be there.
    ///   - limits: Sizes that are read.
    /// - Throws: ``WireError``.
    public init(
        decoding bytes: [UInt8], requiring required: [String] = [stateKey], limits: ServingLimits = .standard
    ) throws(WireError) {
        let value = try WireValue(decoding: bytes, .openPI, limits: limits)
        guard let map = value.map else { throw WireError(.notMap, "an observation is a map, not \(value.typeName)") }
        fields = map
        for key in required where map[key] == nil {
            throw WireError(.missing, "the observation has no '\(key)'; found \(fields.shownKeys)")
        }
        _ = try state
        _ = try prompt(limits: limits)
        for key in [Self.imageKey, Self.wristImageKey] { _ = try imageArray(key) }
    }

    public func encoded() -> [UInt8] { WireValue.map(fields).encoded(.openPI) }

    /// End effector's position, axis-angle and finger positions; `nil` without a state.
    ///
    /// - Throws: ``WireError`` when it is not a vector of finite numbers.
    public var state: [Double]? {
        get throws(WireError) {
            guard let value = fields[Self.stateKey] else { return nil }
            return try value.vector(named: Self.stateKey)
        }
    }

    /// The instruction; `nil` if absent.
    public func prompt(limits: ServingLimits = .standard) throws(WireError) -> String? {
        guard let value = fields[Self.promptKey] else { return nil }
        return try value.instruction(named: Self.promptKey, limits: limits)
    }

    /// An image of 8-bit or float values; `nil` if absent.
    public func image(_ key: String) throws(WireError) -> RGBImage? {
        guard let array = try imageArray(key) else { return nil }
        return array.image()
    }

    private func imageArray(_ key: String) throws(WireError) -> NumericArray? {
        guard let value = fields[key] else { return nil }
        return try value.imageArray(named: key)
    }
}

extension WireMap {
    /// The first keys, as error messages list them.
    var shownKeys: String {
        let keys = textKeys.prefix(16).map(quoted).joined(separator: ", ")
        return "[\(keys)\(textKeys.count > 16 ? ", …" : "")]"
    }
}

extension WireValue {
    /// A vector of finite numbers.
    func vector(named name: String) throws(WireError) -> [Double] {
        switch self {
        case .array(let array):
            guard array.type.element != nil else {
                throw WireError(.arrayDataType, "'\(name)' is of type \(array.type.code), not of numbers")
            }
            guard array.shape.count <= 1 else {
                throw WireError(.arrayShape, "'\(name)' has shape \(array.shape); a vector is needed")
            }
        case .list, .integer, .unsigned, .float, .double, .scalar: break
        default: throw WireError(.schemaType, "'\(name)' is of type \(typeName), not a vector of numbers")
        }
        guard let numbers else { throw WireError(.schemaType, "'\(name)' holds something else than numbers") }
        if let index = numbers.firstIndex(where: { !$0.isFinite }) {
            throw WireError(.nonFinite, "number \(index) of '\(name)' is \(numbers[index])")
        }
        return numbers
    }

    /// A text of at most so many characters as an instruction may have.
    func instruction(named name: String, limits: ServingLimits) throws(WireError) -> String {
        guard let text else { throw WireError(.schemaType, "'\(name)' is of type \(typeName), not text") }
        guard text.unicodeScalars.count <= limits.promptLength else {
            throw WireError(
                .limitBytes,
                "'\(name)' has \(text.unicodeScalars.count) characters; at most \(limits.promptLength) "
                    + "are read")
        }
        return text
    }

    /// An array that ``NumericArray/image()`` can read.
    func imageArray(named name: String) throws(WireError) -> NumericArray {
        guard let array else { throw WireError(.schemaType, "'\(name)' is of type \(typeName), not an image") }
        guard let element = array.type.element, element == .uint8 || element.isFloat else {
            throw WireError(.arrayDataType, "'\(name)' is of type \(array.type.code); an image is of uint8 or floats")
        }
        guard array.shape.count == 3, array.shape[0] == 3 || array.shape[2] == 3, !array.shape.contains(0) else {
            throw WireError(.arrayShape, "'\(name)' has shape \(array.shape); an image is [height, width, 3]")
        }
        if array.firstNonFinite != nil { throw WireError(.nonFinite, "'\(name)' holds a number that is not finite") }
        return array
    }
}

extension NumericArray {
    /// An RGB image as openpi's policies read one: floats times 255 are cut to 8 bits, a first dimension of 3 means
    /// `[3, height, width]`. Traps for other shapes and types.
    ///
    /// Source: openpi, `policies/libero_policy.py`, `_parse_image`; `image_tools.convert_to_uint8`.
    public func image() -> RGBImage {
        let values = eightBitValues()
        guard shape[0] == 3 else { return RGBImage(width: shape[1], height: shape[0], pixels: values) }
        let (height, width) = (shape[1], shape[2])
        let plane = height * width
        let pixels = [UInt8](unsafeUninitializedCapacity: 3 * plane) { target, count in
            for index in 0..<plane {
                for channel in 0..<3 { target[3 * index + channel] = values[channel * plane + index] }
            }
            count = 3 * plane
        }
        return RGBImage(width: width, height: height, pixels: pixels)
    }

    /// `trunc(255 x)` of floats, in their own precision, limited to 0...255; 8-bit values as they are.
    public func eightBitValues() -> [UInt8] {
        switch type.element {
        case .float64: doubles()!.map { UInt8(min(max(255 * $0, 0), 255)) }
        case .float32, .float16: doubles()!.map { UInt8(min(max(255 * Float($0), 0), 255)) }
        default: bytes
        }
    }
}
