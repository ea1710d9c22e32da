import Foundation
import LiberoData
import TensorTestSupport
import Testing

/// Damaged HDF5 files fail at the level and with the words that `expected.json` asks for; what is intact in them loads.
@Suite struct CorruptHDF5GoldenTests {
    static let folder = "\(Samples.path)/corrupt/hdf5"
    static let cases = CorruptCase.all(in: folder)

    @Test(arguments: cases)
    func damageIsTold(expected: CorruptCase) throws {
        try expected.check { url in
            var options = DatasetOptions()
            options.pairsCausally = false
            return try LiberoDataset(at: url, options: options)
        }
    }
}
