import Foundation
import TensorCore
import TensorTestSupport
import Testing

/// Every `.npz` file among the fixtures, written by NumPy.
@Suite struct NumPyGoldenTests {
    static let files = SharedFixtures.files(suffixes: ["npz"])

    /// `file.npz` or `file.golden.npz`, and `file.values.json` beside it.
    static let filesWithValues: [(npz: URL, values: URL)] = files.compactMap { url in
        var base = url.deletingPathExtension()
        if base.pathExtension == "golden" { base.deletePathExtension() }
        let values = base.appendingPathExtension("values.json")
        return FileManager.default.fileExists(atPath: values.path) ? (url, values) : nil
    }

    private struct Values: Decodable {
        let shape: [Int]
        let dtype: DType
        let values: [Number]

        /// A number or a boolean.
        struct Number: Decodable {
            let value: Double
            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let bool = try? container.decode(Bool.self) {
                    value = bool ? 1 : 0
                } else {
                    value = try container.decode(Double.self)
                }
            }
        }
    }

    @Test(arguments: files)
    func everyArrayIsReadAndWrittenAsNumPyDoes(url: URL) throws {
        let archive = try NumPyArchive(at: url)
        #expect(!archive.names.isEmpty)
        for name in archive.names {
            let tensor = try archive.tensor(name)
            let member = try #require(archive.archive.member(name + ".npy"))
            if tensor.isContiguous {
                #expect(try NumPyArray.data(tensor) == archive.archive.bytes(of: member), "\(name)")
            } else {
                expectIdentical(try NumPyArray.read(bytes: NumPyArray.data(tensor), name: name), tensor, name)
            }
        }
    }

    @Test(arguments: filesWithValues)
    func arraysHoldTheValuesBesideThem(npz: URL, values: URL) throws {
        let archive = try NumPyArchive(at: npz)
        let expected = try JSONDecoder().decode([String: Values].self, from: Data(contentsOf: values))
        #expect(Set(archive.names) == Set(expected.keys))
        for (name, expected) in expected {
            let tensor = try archive.tensor(name)
            #expect(tensor.dtype == expected.dtype && tensor.shape == Shape(expected.shape), "\(name)")
            #expect(tensor.converted(to: .float64).elements(of: Double.self) == expected.values.map(\.value), "\(name)")
        }
    }
}
