import FileSupport

/// The stack machine that a pickle is a program for, restricted to steps that build values.
///
/// Objects lie in one flat array and refer to each other by index: neither cycles nor deep nesting can harm it.
/// ``PickleValueBuilder`` turns the result into values. The bytes must outlive the machine.
struct PickleMachine {
    typealias Handle = Int

    enum Object {
        case none
        case bool(Bool)
        case integer(Int)
        case float(Double)
        /// Bytes of the pickle, to be read as UTF-8.
        case text(Range<Int>)
        /// Bytes of the pickle.
        case data(Range<Int>)
        /// Bytes of the pickle that hold bytes as UTF-8 code points below 256.
        case latin1(Range<Int>)
        case list([Handle])
        case tuple([Handle])
        /// Keys and values in turn.
        case dictionary([Handle])
        case global(PickleGlobal)
        case element(NumPyElement)
        /// A NumPy array before its state is set.
        case emptyArray
        /// Index of a storage and the type of its elements.
        case storage(Int, DType)
        /// Index of a tensor.
        case tensor(Int)
    }

    let limits: FileLimits
    let tensorStorage: RestrictedPickle.StorageSource?
    var reader: ByteReader
    /// Offset of the opcode that is carried out.
    var opcodeOffset = 0
    private(set) var objects: [Object] = []
    /// Where each object was made.
    private(set) var offsets: [Int] = []
    var storages: [TensorStorage] = []
    var tensors: [Tensor] = []
    /// Bytes of arrays and of views that show more than their storage holds.
    var expandedByteCount = 0
    /// Bytes of the storages, each counted once.
    var storedByteCount = 0
    var knownStorages: Set<ObjectIdentifier> = []
    private var stack: [Handle] = []
    private var marks: [Int] = []
    private var memo: [Int: Handle] = [:]

    init(
        bytes: UnsafeRawBufferPointer, place: FilePlace, limits: FileLimits,
        tensorStorage: RestrictedPickle.StorageSource?
    ) {
        self.limits = limits
        self.tensorStorage = tensorStorage
        reader = ByteReader(bytes, place: place)
    }

    var place: FilePlace { reader.place }

    func failure(
        _ found: String, _ kind: SerializationError.Kind = .damaged, advice: String? = nil
    ) -> SerializationError {
        place.error(kind, at: opcodeOffset, found, advice: advice)
    }

    // MARK: Objects and stack

    subscript(handle: Handle) -> Object { objects[handle] }

    /// Replaces an object, for all that refer to it.
    mutating func replace(_ handle: Handle, by object: Object) { objects[handle] = object }

    mutating func push(_ object: Object) throws {
        objects.append(object)
        offsets.append(opcodeOffset)
        try push(objects.count - 1)
    }

    private mutating func push(_ handle: Handle) throws {
        guard objects.count <= limits.objectCount, stack.count < limits.objectCount else {
            throw failure(
                "more than \(limits.objectCount) objects", .limitExceeded,
                advice: "Raise FileLimits.objectCount if the file is meant so.")
        }
        stack.append(handle)
    }

    /// The top of the stack, which never reaches below the last mark.
    private mutating func pop() throws -> Handle {
        guard stack.count > (marks.last ?? 0) else { throw failure("the stack is empty") }
        return stack.removeLast()
    }

    private func top() throws -> Handle {
        guard stack.count > (marks.last ?? 0) else { throw failure("the stack is empty") }
        return stack[stack.count - 1]
    }

    private mutating func popToMark() throws -> [Handle] {
        guard let mark = marks.popLast() else { throw failure("no mark on the stack") }
        defer { stack.removeSubrange(mark...) }
        return Array(stack[mark...])
    }

    func string(_ handle: Handle) throws -> String? {
        guard case .text(let range) = objects[handle] else { return nil }
        guard let text = String(validating: reader.bytes[range], as: UTF8.self) else {
            throw failure("a text is not UTF-8")
        }
        return text
    }

    /// A text that is a name: those may be used repeatedly, so that long ones would take long.
    func name(_ handle: Handle) throws -> String? {
        guard case .text(let range) = objects[handle] else { return nil }
        guard range.count <= limits.nameByteCount else {
            throw failure("a name of \(range.count) bytes; at most \(limits.nameByteCount) are allowed", .limitExceeded)
        }
        return try string(handle)
    }

    func integer(_ handle: Handle) -> Int? {
        if case .integer(let value) = objects[handle] { value } else { nil }
    }

    func tuple(_ handle: Handle) -> [Handle]? {
        if case .tuple(let items) = objects[handle] { items } else { nil }
    }

    /// The sizes or strides that a tuple holds, one for each axis.
    func axes(_ handle: Handle) throws -> [Int]? {
        guard let items = tuple(handle) else { return nil }
        guard items.count <= limits.rank else {
            throw failure("an array of \(items.count) axes; at most \(limits.rank) are allowed", .limitExceeded)
        }
        let values = items.compactMap(integer)
        return values.count == items.count ? values : nil
    }

    // MARK: The program

    /// Carries out the program and returns its result.
    mutating func run() throws -> Handle {
        guard try reader.read(UInt8.self, "a pickle") == 0x80 else {
            throw failure("no pickle of protocol 2 or later", .wrongFormat)
        }
        let version = try reader.read(UInt8.self, "the protocol")
        guard (2...5).contains(version) else {
            throw failure("pickle protocol \(version)", .unsupported, advice: "Supported are 2 to 5.")
        }
        while true {
            opcodeOffset = reader.position
            let code = try reader.read(UInt8.self, "an opcode")
            guard let opcode = PickleOpcode(rawValue: code) else {
                throw failure(
                    "opcode \(PickleOpcode.name(of: code)) is not one that tensors and plain containers need", .refused)
            }
            if opcode == .stop { break }
            try step(opcode)
        }
        guard stack.count == 1, marks.isEmpty, reader.remaining == 0 else {
            throw failure("\(stack.count) values, \(marks.count) marks and \(reader.remaining) bytes at the end")
        }
        return stack[0]
    }

    private mutating func step(_ opcode: PickleOpcode) throws {
        switch opcode {
        case .stop, .frame: if opcode == .frame { try checkFrame() }
        case .none: try push(.none)
        case .newTrue: try push(.bool(true))
        case .newFalse: try push(.bool(false))
        case .int4: try push(.integer(Int(try reader.read(Int32.self, "an integer"))))
        case .int1: try push(.integer(Int(try reader.read(UInt8.self, "an integer"))))
        case .int2: try push(.integer(Int(try reader.read(UInt16.self, "an integer"))))
        case .long1: try pushLong(count: Int(try reader.read(UInt8.self, "a size")))
        case .long4: try pushLong(count: Int(try reader.read(Int32.self, "a size")))
        case .float8:
            try push(.float(Double(bitPattern: try reader.read(UInt64.self, "a float").byteSwapped)))

        case .text1: try push(.text(try range(UInt8.self)))
        case .text4: try push(.text(try range(UInt32.self)))
        case .text8: try push(.text(try range(UInt64.self)))
        case .data1: try push(.data(try range(UInt8.self)))
        case .data4: try push(.data(try range(UInt32.self)))
        case .data8, .byteArray8: try push(.data(try range(UInt64.self)))

        case .mark: try pushMark()
        case .emptyTuple: try push(.tuple([]))
        case .tuple1, .tuple2, .tuple3:
            let items = try (0..<opcode.tupleCount).map { _ in try pop() }
            try push(.tuple(items.reversed()))
        case .tuple: try push(.tuple(try popToMark()))
        case .emptyList: try push(.list([]))
        case .append:
            let item = try pop()
            try extend([item], dictionary: false)
        case .appends: try extend(try popToMark(), dictionary: false)
        case .emptyDictionary: try push(.dictionary([]))
        case .setItem:
            let value = try pop()
            try extend([try pop(), value], dictionary: true)
        case .setItems: try extend(try popToMark(), dictionary: true)

        case .put1: try remember(as: Int(try reader.read(UInt8.self, "a memo index")))
        case .put4: try remember(as: Int(try reader.read(UInt32.self, "a memo index")))
        case .memoize: try remember(as: memo.count)
        case .get1: try recall(Int(try reader.read(UInt8.self, "a memo index")))
        case .get4: try recall(Int(try reader.read(UInt32.self, "a memo index")))

        case .global: try pushGlobal("\(try line()).\(try line())")
        case .stackGlobal:
            let (name, module) = (try name(try pop()), try name(try pop()))
            guard let name, let module else { throw failure("a name that is not a text") }
            try pushGlobal("\(module).\(name)")
        case .reduce:
            let arguments = try pop()
            try push(try call(try pop(), arguments))
        case .build:
            let state = try pop()
            try setState(of: try top(), to: state)
        case .persistentID: try push(try storage(for: try pop()))
        }
    }

    private mutating func checkFrame() throws {
        let count = try reader.read(UInt64.self, "a frame's size")
        guard count <= UInt64(reader.remaining) else {
            throw failure("a frame of \(count) bytes, \(reader.remaining) are left", .truncated)
        }
    }

    /// An integer of any width, two's complement; kept if it fits 64 bits.
    private mutating func pushLong(count: Int) throws {
        let bytes = try reader.take(count, "an integer")
        guard count <= 8 else { throw failure("an integer of \(count) bytes", .unsupported) }
        var value = 0
        for byte in bytes.reversed() { value = value << 8 | Int(byte) }
        if count > 0, count < 8, bytes[count - 1] >= 0x80 { value -= 1 << (8 * count) }
        try push(.integer(value))
    }

    private mutating func range<Size: FixedWidthInteger & BitwiseCopyable>(_: Size.Type) throws -> Range<Int> {
        let size = try reader.read(Size.self, "a size")
        let start = reader.position
        _ = try reader.take(Int(exactly: size) ?? Int.max, "a text or bytes")
        return start..<reader.position
    }

    private mutating func pushMark() throws {
        guard marks.count < limits.objectCount else { throw failure("too many marks", .limitExceeded) }
        marks.append(stack.count)
    }

    /// Appends to the list or dictionary on the stack, in place.
    private mutating func extend(_ added: [Handle], dictionary: Bool) throws {
        let target = try top()
        let object = objects[target]
        // the array inside would be copied while the object holds it as well
        objects[target] = .none
        switch object {
        case .list(var items) where !dictionary:
            items += added
            objects[target] = .list(items)
        case .dictionary(var items) where dictionary && added.count % 2 == 0:
            items += added
            objects[target] = .dictionary(items)
        default: throw failure("\(added.count) items for something that is not a \(dictionary ? "dictionary" : "list")")
        }
    }

    private mutating func remember(as index: Int) throws {
        memo[index] = try top()
    }

    private mutating func recall(_ index: Int) throws {
        guard let handle = memo[index] else { throw failure("memo \(index) is empty") }
        try push(handle)
    }

    /// The text up to the end of the line.
    private mutating func line() throws -> String {
        let rest = reader.bytes[reader.position...]
        guard let end = rest.prefix(1024).firstIndex(of: 0x0A) else { throw failure("a name that does not end") }
        defer { reader.position = end + 1 }
        return String(decoding: rest[..<end], as: UTF8.self)
    }

    private mutating func pushGlobal(_ name: String) throws {
        guard let global = PickleGlobal(name) else {
            throw failure(
                "the file asks for '\(name.prefix(200))', which is refused: nothing of a file is ever run", .refused,
                advice: "Save tensors and plain containers only (a state_dict), or convert the file to safetensors.")
        }
        try push(.global(global))
    }
}
