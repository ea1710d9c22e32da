// Fuzzes the files of scenes: problems in BDDL, and the MuJoCo XML of rooms, robots and things. Whatever is in them, a scene
// is composed or an error says what is wrong; what was composed is read again.
// modules: LiberoSimulation
// fixtures: libero/libero/libero/bddl_files/libero_object/*.bddl
import Foundation
import LiberoSimulation
import LiberoTasks

/// The built-in problem with trays and plates, and the files it is made of.
private let problem = try! BuiltInWorld.problem(of: BuiltInWorld.suite.tasks[5])
private let files = try! BuiltInWorld.files(of: problem)

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    writeSeeds {
        var seeds: [(String, [UInt8])] = []
        for (index, file) in files.enumerated() {
            seeds.append(("file\(index)", [UInt8(index)] + Array(file.text.utf8)))
        }
        for (index, task) in BuiltInWorld.suite.tasks.enumerated() {
            seeds.append(("problem\(index)", Array(try BuiltInWorld.bddl(of: task).utf8)))
        }
        return seeds
    }
    return 0
}

/// A first byte below the number of files says which one the rest stands for; otherwise all of it is a problem.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzScene(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: data, count: count)
    guard let first = bytes.first else { return 0 }
    if Int(first) < files.count {
        let path = files[Int(first)].path
        guard let scene = try? BuiltInWorld.composedScene(of: problem, replacing: path, by: Data(bytes.dropFirst()))
        else { return 0 }
        // the composed text is well-formed: it stands for a base file
        _ = try? BuiltInWorld.composedScene(of: problem, replacing: files[0].path, by: Data(scene.utf8))
    } else if let read = try? BDDLParser().problem(text: String(decoding: bytes, as: UTF8.self)) {
        _ = try? BuiltInWorld.composedScene(of: read, replacing: "", by: Data())
    }
    return 0
}
