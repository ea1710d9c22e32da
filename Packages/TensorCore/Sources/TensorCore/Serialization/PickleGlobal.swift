/// The names a pickle may refer to. They stand for fixed steps of the reader; no code is looked up or run.
enum PickleGlobal: Equatable {
    case orderedDictionary, size
    case rebuildTensor, rebuildParameter
    case storage(DType)
    case numPyReconstruct, numPyArray, numPyType, numPyScalar, numPyFromBuffer
    case encode, bytes, byteArray

    private static let known: [String: PickleGlobal] = [
        "collections.OrderedDict": .orderedDictionary,
        "torch.Size": .size,
        "torch._utils._rebuild_tensor_v2": .rebuildTensor,
        "torch._utils._rebuild_parameter": .rebuildParameter,
        "torch.DoubleStorage": .storage(.float64),
        "torch.FloatStorage": .storage(.float32),
        "torch.HalfStorage": .storage(.float16),
        "torch.BFloat16Storage": .storage(.bfloat16),
        "torch.LongStorage": .storage(.int64),
        "torch.IntStorage": .storage(.int32),
        "torch.ShortStorage": .storage(.int16),
        "torch.CharStorage": .storage(.int8),
        "torch.ByteStorage": .storage(.uint8),
        "torch.BoolStorage": .storage(.bool),
        // NumPy 1 and 2
        "numpy.core.multiarray._reconstruct": .numPyReconstruct,
        "numpy._core.multiarray._reconstruct": .numPyReconstruct,
        "numpy.core.multiarray.scalar": .numPyScalar,
        "numpy._core.multiarray.scalar": .numPyScalar,
        "numpy.core.numeric._frombuffer": .numPyFromBuffer,
        "numpy._core.numeric._frombuffer": .numPyFromBuffer,
        "numpy.ndarray": .numPyArray,
        "numpy.dtype": .numPyType,
        // how protocol 2 writes bytes
        "_codecs.encode": .encode,
        "__builtin__.bytes": .bytes,
        "builtins.bytes": .bytes,
        "__builtin__.bytearray": .byteArray,
        "builtins.bytearray": .byteArray,
    ]

    init?(_ name: String) {
        guard let global = Self.known[name] else { return nil }
        self = global
    }
}
