import FileSupport
import CHDF5

/// The value of an attribute.
public enum HDF5Attribute: Equatable, Sendable {
    case text(String)
    case integer(Int)
    case number(Double)
    /// An array, row by row.
    case numbers([Double])

    public var text: String? { if case .text(let value) = self { value } else { nil } }
    public var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
    public var numbers: [Double]? { if case .numbers(let value) = self { value } else { nil } }

    /// A whole number, also where it is written as text.
    public var integer: Int? {
        switch self {
        case .integer(let value): value
        case .text(let value): Int(value)
        default: nil
        }
    }
}

extension HDF5Group {
    /// The attribute of this name; nil when there is none.
    ///
    /// - Throws: `SerializationError` for a damaged attribute or a type other than number and string.
    public func attribute(_ name: String) throws -> HDF5Attribute? {
        let place = place.with("@\(name)")
        return try HDF5Library.call {
            guard H5Aexists(handle.id, name) > 0 else { return nil }
            let attribute = H5Aopen(handle.id, name, hid_t(H5P_DEFAULT))
            guard attribute >= 0 else {
                throw place.error(.damaged, "opening the attribute failed: \(HDF5Library.failure())")
            }
            defer { H5Aclose(attribute) }
            return try value(of: attribute, place)
        }
    }

    /// The attributes that are text; others are passed over, also those of types that are not read.
    ///
    /// - Throws: `SerializationError` for a damaged attribute.
    public func textAttributes(except left: Set<String> = []) throws -> [String: String] {
        var texts: [String: String] = [:]
        for name in try attributeNames() where !left.contains(name) {
            do {
                texts[name] = try attribute(name)?.text
            } catch let error as SerializationError where error.kind == .unsupported {
                continue
            }
        }
        return texts
    }

    /// The names of the attributes.
    public func attributeNames() throws -> [String] {
        try HDF5Library.call {
            let count = H5Aget_num_attrs(handle.id)
            guard count >= 0, count <= content.limits.memberCount else {
                throw place.error(.damaged, "listing the attributes failed: \(HDF5Library.failure())")
            }
            return try (0..<hsize_t(count)).map { index in
                var bytes = [CChar](repeating: 0, count: 1024)
                let length = H5Aget_name_by_idx(
                    handle.id, ".", H5_INDEX_NAME, H5_ITER_INC, index, &bytes, bytes.count, hid_t(H5P_DEFAULT))
                guard length >= 0, length < bytes.count else {
                    throw place.error(.damaged, "reading an attribute's name failed")
                }
                return String(decoding: bytes.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            }
        }
    }

    private func value(of attribute: hid_t, _ place: HDF5Place) throws -> HDF5Attribute {
        let type = H5Aget_type(attribute)
        let space = H5Aget_space(attribute)
        defer {
            H5Tclose(type)
            H5Sclose(space)
        }
        let count = Int(H5Sget_simple_extent_npoints(space))
        guard count >= 0, count <= 1 << 20 else {
            throw place.error(.limitExceeded, "the attribute has \(count) elements")
        }
        let isScalar = H5Sget_simple_extent_ndims(space) == 0

        switch H5Tget_class(type) {
        case H5T_STRING:
            guard count == 1 else { throw place.error(.unsupported, "an attribute of \(count) strings") }
            return .text(try string(of: attribute, type: type, place))
        case H5T_INTEGER where isScalar:
            var value: Int64 = 0
            guard H5Aread(attribute, chdf5_int64(), &value) >= 0 else { throw unreadable(place) }
            return .integer(Int(value))
        case H5T_INTEGER, H5T_FLOAT:
            var values = [Double](repeating: 0, count: max(count, 1))
            guard H5Aread(attribute, chdf5_double(), &values) >= 0 else { throw unreadable(place) }
            return isScalar ? .number(values[0]) : .numbers(Array(values.prefix(count)))
        default:
            throw place.error(.unsupported, "an attribute that is neither a number nor a string")
        }
    }

    private func string(of attribute: hid_t, type: hid_t, _ place: HDF5Place) throws -> String {
        if H5Tis_variable_str(type) > 0 {
            var pointer: UnsafeMutablePointer<CChar>?
            let memory = chdf5_string()
            defer { H5Tclose(memory) }
            // the character set has to be the attribute's own, or the library refuses
            H5Tset_cset(memory, H5Tget_cset(type))
            guard H5Aread(attribute, memory, &pointer) >= 0 else { throw unreadable(place) }
            defer { H5free_memory(pointer) }
            return pointer.map { String(cString: $0) } ?? ""
        }
        let size = H5Tget_size(type)
        guard size <= 1 << 24 else { throw place.error(.limitExceeded, "a string of \(size) bytes") }
        var bytes = [UInt8](repeating: 0, count: max(size, 1))
        guard H5Aread(attribute, type, &bytes) >= 0 else { throw unreadable(place) }
        return String(decoding: bytes.prefix(size).prefix { $0 != 0 }, as: UTF8.self)
    }

    private func unreadable(_ place: HDF5Place) -> SerializationError {
        place.error(.damaged, "reading the attribute failed: \(HDF5Library.failure())")
    }
}
