import FileSupport

// The steps that stand for the calls a pickle asks for.
extension PickleMachine {
    /// What a known function returns for arguments that have the form its own pickles give them.
    mutating func call(_ callee: Handle, _ arguments: Handle) throws -> Object {
        guard case .global(let global) = self[callee], let items = tuple(arguments) else {
            throw failure("a call of something that is no known function", .refused)
        }
        switch global {
        case .orderedDictionary:
            guard items.isEmpty else { throw malformed("an OrderedDict") }
            return .dictionary([])
        case .size:
            guard items.count == 1, let sizes = tuple(items[0]) else { throw malformed("a torch.Size") }
            return .tuple(sizes)
        case .encode:
            guard items.count == 2, case .text(let range) = self[items[0]],
                let encoding = try name(items[1]), ["latin1", "latin-1"].contains(encoding)
            else { throw malformed("bytes") }
            return .latin1(range)
        case .bytes, .byteArray:
            guard let first = items.first else { return .data(0..<0) }
            guard items.count == 1, data(first) else { throw malformed("bytes") }
            return self[first]
        case .numPyType:
            guard items.count == 3, let code = try name(items[0]) else { throw malformed("a numpy.dtype") }
            guard let element = NumPyElement(code: code) else {
                throw NumPyElement.unsupported("'\(code)'", place: place, at: opcodeOffset)
            }
            return .element(element)
        case .numPyReconstruct:
            guard items.count == 3, case .global(.numPyArray) = self[items[0]] else { throw malformed("an array") }
            return .emptyArray
        case .numPyScalar:
            guard items.count == 2, case .element(let element) = self[items[0]] else { throw malformed("a number") }
            let tensor = try array(element, sizes: [], isColumnMajor: false, data: items[1])
            return try number(tensor)
        case .numPyFromBuffer:
            guard items.count == 4, case .element(let element) = self[items[1]], let sizes = try axes(items[2]),
                let order = try name(items[3]), order == "C" || order == "F"
            else { throw malformed("an array") }
            return add(try array(element, sizes: sizes, isColumnMajor: order == "F", data: items[0]))
        case .rebuildTensor: return add(try rebuildTensor(items))
        case .rebuildParameter:
            guard items.count == 3, case .tensor = self[items[0]] else { throw malformed("a parameter") }
            return self[items[0]]
        case .storage, .numPyArray:
            throw failure("a call of a type that tensors and arrays never call", .refused)
        }
    }

    /// Completes an object that its constructor left unfinished.
    mutating func setState(of target: Handle, to state: Handle) throws {
        switch self[target] {
        case .element:
            // (version, byte order, …): only the order matters to numbers
            guard let items = tuple(state), items.count >= 2, let order = try name(items[1]) else {
                throw malformed("a numpy.dtype")
            }
            guard order == "<" || order == "|" else {
                throw failure("elements of byte order '\(order)'", .unsupported, advice: "Save a little-endian array.")
            }
        case .emptyArray:
            // (version, shape, type, is column-major, data)
            guard let items = tuple(state), items.count == 5, let sizes = try axes(items[1]),
                case .element(let element) = self[items[2]], case .bool(let isColumnMajor) = self[items[3]]
            else { throw malformed("an array") }
            replace(
                target, by: add(try array(element, sizes: sizes, isColumnMajor: isColumnMajor, data: items[4])))
        case .dictionary:
            guard case .dictionary = self[state] else { throw malformed("an OrderedDict") }
        default: throw failure("state for an object that has none", .refused)
        }
    }

    private func malformed(_ what: String) -> SerializationError {
        failure("\(what) in a form that neither Python, NumPy nor PyTorch write")
    }

    private mutating func add(_ tensor: Tensor) -> Object {
        tensors.append(tensor)
        return .tensor(tensors.count - 1)
    }

    /// Counts memory beyond the file's own, against a budget that grows with the bytes behind it.
    ///
    /// Views cost nothing yet; whoever copies one, perhaps as `Double`, pays.
    private mutating func expand(by byteCount: Int) throws {
        let (sum, overflow) = expandedByteCount.addingReportingOverflow(byteCount)
        let stored = reader.bytes.count + storedByteCount
        let budget = limits.budget(for: stored)
        guard !overflow, sum <= budget else {
            throw failure(
                "arrays and repeated views of \(overflow ? "countless" : "\(sum)") bytes; \(budget) are allowed to "
                    + "\(stored) stored ones", .limitExceeded,
                advice: "Save copies instead of expanded views if the file is meant so.")
        }
        expandedByteCount = sum
    }

    // MARK: NumPy

    private func data(_ handle: Handle) -> Bool {
        switch self[handle] {
        case .data, .latin1: true
        default: false
        }
    }

    private mutating func array(
        _ element: NumPyElement, sizes: [Int], isColumnMajor: Bool, data: Handle
    ) throws -> Tensor {
        guard let byteCount = element.dtype.checkedByteCount(sizes) else {
            throw failure("an array of shape \(sizes)", .limitExceeded)
        }
        try expand(by: byteCount)
        return try withBytes(of: data) { bytes in
            let expected = sizes.reduce(element.byteCount, *)
            guard bytes.count == expected else {
                throw failure("\(bytes.count) bytes for shape \(sizes) of \(element.code), which needs \(expected)")
            }
            return try element.tensor(
                bytes, sizes: sizes, isColumnMajor: isColumnMajor, owner: nil, place: place, at: opcodeOffset)
        }
    }

    /// Passes the content of a bytes object.
    func withBytes<Result>(of handle: Handle, _ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
        switch self[handle] {
        case .data(let range): return try body(UnsafeRawBufferPointer(rebasing: reader.bytes[range]))
        case .latin1(let range):
            // code points below 256 are one byte, or C2 or C3 and a continuation byte
            let text = UnsafeRawBufferPointer(rebasing: reader.bytes[range])
            return try withUnsafeTemporaryAllocation(byteCount: max(text.count, 1), alignment: 16) { buffer in
                var (index, count) = (0, 0)
                while index < text.count {
                    let byte = text[index]
                    if byte < 0x80 {
                        buffer[count] = byte
                        index += 1
                    } else {
                        guard byte == 0xC2 || byte == 0xC3, index + 1 < text.count, text[index + 1] & 0xC0 == 0x80
                        else {
                            throw failure("bytes written as text hold a character above 255, or no UTF-8")
                        }
                        buffer[count] = (byte & 0x03) << 6 | (text[index + 1] & 0x3F)
                        index += 2
                    }
                    count += 1
                }
                return try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        default: throw failure("bytes expected; arrays of objects are never read", .refused)
        }
    }

    private func number(_ tensor: Tensor) throws -> Object {
        switch tensor.dtype {
        case .float64: .float(tensor.elements(of: Double.self)[0])
        case .float32: .float(Double(tensor.elements(of: Float.self)[0]))
        case .int64: .integer(Int(tensor.elements(of: Int64.self)[0]))
        case .int32: .integer(Int(tensor.elements(of: Int32.self)[0]))
        case .int16: .integer(Int(tensor.elements(of: Int16.self)[0]))
        case .int8: .integer(Int(tensor.elements(of: Int8.self)[0]))
        case .uint8: .integer(Int(tensor.elements(of: UInt8.self)[0]))
        case .bool: .bool(tensor.elements(of: Bool.self)[0])
        case .float16, .bfloat16: throw failure("a number of type \(tensor.dtype)", .unsupported)
        }
    }

    // MARK: PyTorch

    /// The storage that a persistent id `('storage', type, key, location, element count)` names.
    mutating func storage(for id: Handle) throws -> Object {
        guard let tensorStorage else {
            throw failure("a reference to something outside of the pickle", .refused)
        }
        guard let items = tuple(id), items.count == 5, try name(items[0]) == "storage",
            case .global(.storage(let dtype)) = self[items[1]], let key = try name(items[2]),
            let count = integer(items[4]), count >= 0
        else { throw malformed("a reference to a storage") }
        let storage = try tensorStorage(dtype, key, count, opcodeOffset)
        if knownStorages.insert(ObjectIdentifier(storage)).inserted { storedByteCount += storage.byteCount }
        storages.append(storage)
        return .storage(storages.count - 1, dtype)
    }

    /// `_rebuild_tensor_v2(storage, offset, sizes, strides, requires_grad, hooks, metadata = None)`.
    private mutating func rebuildTensor(_ items: [Handle]) throws -> Tensor {
        guard items.count == 6 || items.count == 7, case .storage(let index, let dtype) = self[items[0]],
            let offset = integer(items[1]), let sizes = try axes(items[2]), var strides = try axes(items[3]),
            sizes.count == strides.count
        else { throw malformed("a tensor") }
        if items.count == 7 {
            // conjugate and negative bits would change the values
            switch self[items[6]] {
            case .none, .dictionary([]): break
            default:
                throw failure("a tensor with conjugate or negative bits", .unsupported, advice: "Save a copy of it.")
            }
        }
        guard let byteCount = dtype.checkedByteCount(sizes), offset >= 0 else {
            throw failure("a tensor of shape \(sizes) at element \(offset)", .limitExceeded)
        }
        let storage = storages[index]
        guard byteCount > 0 else {
            return Tensor(storage: storage, dtype: dtype, shape: Shape(sizes))
        }

        // the last element lies inside; strides of axes of one element mean nothing
        let rowMajor = Shape(sizes).rowMajorStrides
        var last = offset
        for axis in sizes.indices {
            if sizes[axis] == 1 {
                strides[axis] = rowMajor[axis]
                continue
            }
            let (step, stepOverflow) = strides[axis].multipliedReportingOverflow(by: sizes[axis] - 1)
            let (sum, sumOverflow) = last.addingReportingOverflow(step)
            guard strides[axis] >= 0, !stepOverflow, !sumOverflow else {
                throw failure("a tensor with strides \(strides)")
            }
            last = sum
        }
        guard last < storage.byteCount / dtype.byteSize else {
            throw failure(
                "a tensor of shape \(sizes), strides \(strides) at element \(offset) in a storage of "
                    + "\(storage.byteCount / dtype.byteSize) elements")
        }
        // as wide as the widest type that it may be converted to
        if byteCount > storage.byteCount {
            let (width, overflow) = (byteCount / dtype.byteSize).multipliedReportingOverflow(by: 8)
            try expand(by: overflow ? .max : width)
        }
        return Tensor(storage: storage, dtype: dtype, shape: Shape(sizes), strides: strides, offset: offset)
    }
}
