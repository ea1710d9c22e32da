import FileSupport
import Foundation
import TensorCore
import Testing

/// Readers of files that are damaged at random throw or succeed: they never trap, hang or take much memory.
@Suite struct DamagedFilesTests {
    /// Opens the bytes with every reader and touches all that they give. The fuzz targets do the same.
    static func readEverything(_ bytes: [UInt8], _ limits: FileLimits) {
        if let file = try? SafetensorsFile(bytes: bytes, name: "x", limits: limits) {
            for name in file.names { _ = try? file.tensor(name).elementBytes }
        }
        _ = try? NumPyArray.read(bytes: bytes, name: "x", limits: limits).elementBytes
        if let archive = try? NumPyArchive(bytes: bytes, name: "x", limits: limits) {
            for name in archive.names { _ = try? archive.tensor(name).elementBytes }
        }
        if let archive = try? TorchArchive(bytes: bytes, name: "x", limits: limits) { touch(archive.root) }
        if let value = try? RestrictedPickle.read(bytes: bytes, name: "x", limits: limits) { touch(value) }
    }

    static func touch(_ value: PickleValue) {
        _ = value.tensor?.elementBytes
        for item in value.items ?? [] { touch(item) }
        for entry in value.dictionary ?? [] {
            touch(entry.key)
            touch(entry.value)
        }
    }

    static let limits: FileLimits = {
        var limits = FileLimits()
        limits.expandedByteCount = 1 << 20
        limits.objectCount = 10_000
        // most damage is in contents: with checksums little of it would reach the readers
        limits.verifiesChecksums = false
        return limits
    }()

    @Test(arguments: try SampleFiles.oneOfEach().map(\.format))
    func readersThrowOrSucceed(format: String) throws {
        let seeds = try SampleFiles.oneOfEach()
        let seed = try #require(seeds.first { $0.format == format }).bytes
        var generator = MutationGenerator(state: 0x5EED)
        for _ in 0..<1000 {
            var bytes = seed
            for _ in 0...Int.random(in: 0..<3, using: &generator) {
                Mutation.apply(to: &bytes, others: seeds.map(\.bytes), using: &generator)
            }
            Self.readEverything(bytes, Self.limits)
        }
    }

    /// Only safetensors and archives with checksums can tell that every truncation is one.
    @Test func everyTruncationThrows() throws {
        for (format, bytes) in try SampleFiles.oneOfEach() {
            for count in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 200)) {
                let cut = Array(bytes[..<count])
                #expect(throws: SerializationError.self, "\(format) cut to \(count) bytes") {
                    switch format {
                    case "safetensors": _ = try SafetensorsFile(bytes: cut, name: "x")
                    case "npy": _ = try NumPyArray.read(bytes: cut, name: "x")
                    case "npz", "deflated npz": _ = try NumPyArchive(bytes: cut, name: "x")
                    case "torch", "deflated torch": _ = try TorchArchive(bytes: cut, name: "x")
                    default: _ = try PickledArray.read(bytes: cut, name: "x")
                    }
                }
            }
        }
    }
}

extension Tensor {
    /// Reads every element.
    fileprivate var elementBytes: Int {
        switch dtype {
        case .float64: elements(of: Double.self).count
        case .float32: elements(of: Float.self).count
        case .float16: elements(of: Float16Bits.self).count
        case .bfloat16: elements(of: BFloat16Bits.self).count
        case .int64: elements(of: Int64.self).count
        case .int32: elements(of: Int32.self).count
        case .int16: elements(of: Int16.self).count
        case .int8: elements(of: Int8.self).count
        case .uint8: elements(of: UInt8.self).count
        case .bool: elements(of: Bool.self).count
        }
    }
}

/// SplitMix64.
private struct MutationGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

private enum Mutation {
    /// Flips a bit, sets a byte or a number to an extreme, cuts, removes, repeats, or takes a piece of another file.
    static func apply(to bytes: inout [UInt8], others: [[UInt8]], using generator: inout MutationGenerator) {
        guard bytes.count > 8 else { return }
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        let length = Int.random(in: 1...min(16, bytes.count), using: &generator)
        let end = min(bytes.count, place + length)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0, 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 2: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &generator)!
        case 3:
            let extremes: [UInt64] = [0, 1, 1 << 31, 1 << 32, 1 << 62, 1 << 63, .max]
            let number = extremes.randomElement(using: &generator)!
            for (index, target) in (place..<min(bytes.count, place + 8)).enumerated() {
                bytes[target] = UInt8(truncatingIfNeeded: number >> UInt64(8 * index))
            }
        case 4: bytes.removeSubrange(place...)
        case 5: bytes.removeSubrange(place..<end)
        case 6: bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
        default:
            let other = others.randomElement(using: &generator)!
            let start = Int.random(in: 0..<other.count, using: &generator)
            bytes.replaceSubrange(place..<end, with: other[start...].prefix(length))
        }
    }
}
