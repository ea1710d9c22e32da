import Foundation
import HDF5
import Parquet
import TFRecord

let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(at: folder) }

// HDF5
let hdf5 = try HDF5Writer(to: folder.appendingPathComponent("demonstrations.hdf5"))
try hdf5.createGroup("data/demo_0")
try hdf5.write([0.5, -0.5], shape: [2], to: "data/demo_0/actions")
try hdf5.close()
print(try HDF5File(at: hdf5.url).root.dataset("data/demo_0/actions").doubles())

// Parquet
let table = folder.appendingPathComponent("episode.parquet")
let parquet = try ParquetWriter(to: table, columns: [.init("timestamp", .double)])
try parquet.append([.double([0, 0.05, 0.1])])
try parquet.close()
print(try ParquetFile(at: table).matrix(0).values)

// TFRecord
let record = TFRecordFile.framed(Array("step".utf8))
print(try TFRecordFile(bytes: record, name: "shard").records.count)
