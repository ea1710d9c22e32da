public import FileSupport
public import Foundation

/// A safetensors file, memory-mapped: opening reads the header only, tensors refer to the file's pages.
///
/// Layout: the header's byte count n as a little-endian `UInt64`; n bytes of JSON
/// `{"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, …, "__metadata__": {"key": "text"}}`;
/// the elements, little-endian and row-major, in exactly the byte ranges that the offsets state, counted from the end
/// of the header. Ranges follow one another without gap or overlap and end with the file.
/// Source: the format section of github.com/huggingface/safetensors.
///
/// **Not supported:** 8-bit and smaller floats, complex and unsigned 16-, 32- and 64-bit integers.
public struct SafetensorsFile: Sendable {
    public let file: MappedFile
    /// The entries of `__metadata__`.
    public let metadata: [String: String]
    /// All tensors, by their place in the file.
    public let names: [String]
    private let entries: [String: Entry]

    struct Entry: Sendable {
        let dtype: DType
        let shape: [Int]
        /// Bytes of the file.
        let range: Range<Int>
    }

    /// Maps a file and checks its header.
    ///
    /// - Throws: ``SerializationError`` with the offset or the tensor's name.
    public init(at url: URL, limits: FileLimits = .default) throws {
        try self.init(MappedFile(at: url), limits: limits)
    }

    /// Reads bytes in memory; errors call them `name`.
    public init(bytes: some Sequence<UInt8>, name: String, limits: FileLimits = .default) throws {
        try self.init(MappedFile(bytes: bytes, name: name), limits: limits)
    }

    init(_ file: MappedFile, limits: FileLimits) throws {
        self.file = file
        let header = try file.withBytes { bytes in try SafetensorsHeader(bytes, file: file.name, limits: limits) }
        metadata = header.metadata
        names = header.entries.map(\.name)
        entries = try FilePlace(file: file.name).dictionary(header.entries.map { ($0.name, $0.entry) })
    }

    /// Whether the file has a tensor of that name.
    public func contains(_ name: String) -> Bool { entries[name] != nil }

    /// Element type and shape of a tensor.
    ///
    /// - Throws: ``SerializationError`` when the file has no tensor of that name.
    public func info(_ name: String) throws -> (dtype: DType, shape: Shape) {
        let entry = try entry(name)
        return (entry.dtype, Shape(entry.shape))
    }

    /// A tensor on the file's own pages; a copy if its place in the file does not suit the element type.
    ///
    /// - Throws: ``SerializationError`` when the file has no tensor of that name, or booleans other than 0 and 1.
    public func tensor(_ name: String) throws -> Tensor {
        let entry = try entry(name)
        return try file.withBytes { bytes in
            let storage = TensorStorage(
                UnsafeRawBufferPointer(rebasing: bytes[entry.range]), of: entry.dtype, owner: file)
            try storage.checkBooleans(
                entry.dtype, in: FilePlace(file: file.name, member: name), at: entry.range.lowerBound)
            return Tensor(storage: storage, dtype: entry.dtype, shape: Shape(entry.shape))
        }
    }

    private func entry(_ name: String) throws -> Entry {
        guard let entry = entries[name] else { throw FilePlace(file: file.name).missing(name, among: names) }
        return entry
    }
}

extension FilePlace {
    /// The error for a name that an archive does not hold.
    func missing(_ name: String, among names: [String]) -> SerializationError {
        let shown = names.prefix(5).map { "'\($0)'" }.joined(separator: ", ")
        return with(member: name).error(
            .notFound, "the file has no such tensor; it holds \(names.count): \(shown)\(names.count > 5 ? ", …" : "")")
    }
}

/// The header of a safetensors file, checked against the file's size.
private struct SafetensorsHeader {
    var metadata: [String: String] = [:]
    /// By place in the file.
    var entries: [(name: String, entry: SafetensorsFile.Entry)] = []

    init(_ bytes: UnsafeRawBufferPointer, file: String, limits: FileLimits) throws {
        let place = FilePlace(file: file)
        var reader = ByteReader(bytes, place: place)

        // the length, before any of it is believed
        let length = try reader.read(UInt64.self, "the header's length")
        guard length <= UInt64(limits.headerByteCount) else {
            throw place.error(
                .limitExceeded, at: 0, "a header of \(length) bytes; at most \(limits.headerByteCount) are allowed",
                advice: "This is not a safetensors file, or it is damaged.")
        }
        let text = try reader.take(Int(length), "the header")
        guard text.first == UInt8(ascii: "{") else {
            throw place.error(
                .wrongFormat, at: 8, "the header does not begin with '{'", advice: "This is not a safetensors file.")
        }
        let json = try StrictJSON(parsing: text, place: place, at: 8, limits: limits)
        let dataStart = reader.position

        // each entry by itself
        for (name, value) in json.object ?? [] {
            let place = place.with(member: name)
            if name == "__metadata__" {
                metadata = try Self.metadata(value, place)
            } else {
                entries.append((name, try Self.entry(value, place, dataStart: dataStart, limits: limits)))
            }
        }

        // together they cover the data exactly
        entries.sort {
            ($0.entry.range.lowerBound, $0.entry.range.upperBound) < (
                $1.entry.range.lowerBound, $1.entry.range.upperBound
            )
        }
        var end = dataStart
        for (name, entry) in entries {
            guard entry.range.lowerBound == end else {
                let found = entry.range.lowerBound < end ? "overlaps the tensor before it" : "leaves a gap before it"
                throw place.with(member: name).error(
                    .damaged, at: entry.range.lowerBound, "\(found), which ends at byte \(end)",
                    advice: "Write the file again.")
            }
            end = entry.range.upperBound
        }
        guard end == bytes.count else {
            throw place.error(
                end > bytes.count ? .truncated : .damaged, at: end,
                "the tensors end at byte \(end), the file at byte \(bytes.count)",
                advice: "The file is cut off or damaged; fetch it again.")
        }
    }

    static func metadata(_ value: StrictJSON, _ place: FilePlace) throws -> [String: String] {
        guard let members = value.object else { throw place.error(.damaged, "not an object of texts") }
        return try place.dictionary(
            members.map { key, value in
                guard let text = value.string else {
                    throw place.error(.damaged, "the value of '\(key)' is not a text")
                }
                return (key, text)
            })
    }

    static func entry(
        _ value: StrictJSON, _ place: FilePlace, dataStart: Int, limits: FileLimits
    ) throws -> SafetensorsFile.Entry {
        var fields: [String: StrictJSON] = [:]
        for (key, value) in value.object ?? [] { fields[key] = value }
        guard let name = fields["dtype"]?.string, let shape = fields["shape"]?.array,
            let offsets = fields["data_offsets"]?.array, fields.count == 3, offsets.count == 2
        else {
            throw place.error(
                .damaged, "the entry is not {\"dtype\": text, \"shape\": […], \"data_offsets\": [begin, end]}")
        }

        guard let dtype = DType(safetensorsName: name) else {
            let supported = DType.allCases.map(\.safetensorsName).joined(separator: ", ")
            throw place.error(
                .unsupported, "element type '\(name)'", advice: "Supported are \(supported); convert the tensor.")
        }
        let sizes = shape.compactMap(\.integer)
        guard sizes.count == shape.count, sizes.count <= limits.rank,
            let byteCount = dtype.checkedByteCount(sizes)
        else {
            throw place.error(
                .damaged, "the shape is not a list of at most \(limits.rank) sizes whose product can be addressed")
        }
        guard let begin = offsets[0].integer, let end = offsets[1].integer, 0 <= begin, begin <= end,
            end <= Int.max - dataStart
        else { throw place.error(.damaged, "data_offsets are not two increasing positions") }
        guard end - begin == byteCount else {
            throw place.error(
                .damaged, at: dataStart + begin,
                "\(end - begin) bytes for shape \(sizes) of \(name), which needs \(byteCount)",
                advice: "The header is damaged.")
        }
        return SafetensorsFile.Entry(dtype: dtype, shape: sizes, range: dataStart + begin..<dataStart + end)
    }
}

extension DType {
    /// The name of the type in safetensors headers.
    var safetensorsName: String {
        switch self {
        case .float64: "F64"
        case .float32: "F32"
        case .float16: "F16"
        case .bfloat16: "BF16"
        case .int64: "I64"
        case .int32: "I32"
        case .int16: "I16"
        case .int8: "I8"
        case .uint8: "U8"
        case .bool: "BOOL"
        }
    }

    init?(safetensorsName name: String) {
        guard let dtype = DType.allCases.first(where: { $0.safetensorsName == name }) else { return nil }
        self = dtype
    }
}
