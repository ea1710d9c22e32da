import FileSupport

/// The opcodes that are read; all others are refused.
enum PickleOpcode: UInt8 {
    case mark = 0x28
    case emptyTuple = 0x29
    case stop = 0x2E
    case data4 = 0x42
    case data1 = 0x43
    case float8 = 0x47
    case int4 = 0x4A
    case int1 = 0x4B
    case int2 = 0x4D
    case none = 0x4E
    case persistentID = 0x51
    case reduce = 0x52
    case text4 = 0x58
    case emptyList = 0x5D
    case append = 0x61
    case build = 0x62
    case global = 0x63
    case appends = 0x65
    case get1 = 0x68
    case get4 = 0x6A
    case put1 = 0x71
    case put4 = 0x72
    case setItem = 0x73
    case tuple = 0x74
    case setItems = 0x75
    case emptyDictionary = 0x7D
    case tuple1 = 0x85
    case tuple2 = 0x86
    case tuple3 = 0x87
    case newTrue = 0x88
    case newFalse = 0x89
    case long1 = 0x8A
    case long4 = 0x8B
    case text1 = 0x8C
    case text8 = 0x8D
    case data8 = 0x8E
    case stackGlobal = 0x93
    case memoize = 0x94
    case frame = 0x95
    case byteArray8 = 0x96

    var tupleCount: Int {
        switch self {
        case .tuple1: 1
        case .tuple2: 2
        case .tuple3: 3
        default: 0
        }
    }

    /// How CPython calls an opcode that is refused.
    static func name(of code: UInt8) -> String {
        let names: [UInt8: String] = [
            0x30: "POP", 0x31: "POP_MARK", 0x32: "DUP", 0x46: "FLOAT", 0x49: "INT", 0x4C: "LONG", 0x50: "PERSID",
            0x53: "STRING", 0x54: "BINSTRING", 0x55: "SHORT_BINSTRING", 0x56: "UNICODE", 0x64: "DICT", 0x67: "GET",
            0x69: "INST", 0x6C: "LIST", 0x6F: "OBJ", 0x70: "PUT", 0x80: "PROTO", 0x81: "NEWOBJ", 0x82: "EXT1",
            0x83: "EXT2", 0x84: "EXT4", 0x8F: "EMPTY_SET", 0x90: "ADDITEMS", 0x91: "FROZENSET", 0x92: "NEWOBJ_EX",
            0x97: "NEXT_BUFFER", 0x98: "READONLY_BUFFER",
        ]
        return names[code] ?? hexadecimal(code)
    }
}
