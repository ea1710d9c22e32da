// Where the time of an image goes, for each render profile.
//
//     swift run --traits MuJoCo MeasureImages [size] [suite task LIBERO-folder]
//
// Without a suite: the first task of the built-in world.
import Foundation
import LiberoSimulation
import LiberoTasks

let arguments = Array(CommandLine.arguments.dropFirst())
let size = arguments.first.flatMap { Int($0) } ?? 128

#if MuJoCo
    let simulator: LiberoSimulator
    if arguments.count == 4, let number = Int(arguments[2]) {
        let folder = URL(fileURLWithPath: arguments[3])
        let task = try LiberoSuite.named(arguments[1]).tasks[number]
        simulator = try LiberoSimulator(
            problem: LiberoFolder(at: folder).problem(of: task), assets: LiberoAssets(at: folder))
    } else {
        simulator = try LiberoSimulator(builtIn: BuiltInWorld.suite.tasks[0])
    }
    try simulator.reset()
    func column(_ text: String) -> String { String(repeating: " ", count: max(0, 13 - text.count)) + text }
    func milliseconds(_ seconds: Double) -> String { column(String(format: "%.2f", seconds * 1000)) }
    print(
        (["profile", "camera", "scene", "submission", "rasterizing", "reading", "total ms", "processor"]
            + ["geoms", "triangles"]).map(column).joined())
    for profile in RenderProfile.all {
        for time in try simulator.frameTimes(profile: profile, imageSize: size) {
            let parts = [time.scene, time.submission, time.rasterization, time.reading, time.total, time.processor]
            print(
                column(profile.name) + column(String(time.camera.suffix(11))) + parts.map(milliseconds).joined()
                    + column("\(time.geomCount)") + column("\(time.triangleCount)"))
        }
    }
#else
    print(LiberoSimulationError.builtWithoutMuJoCo)
#endif
