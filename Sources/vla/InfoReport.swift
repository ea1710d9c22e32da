import Foundation
import TensorCore

/// What `vla info` knows about the machine and this build.
struct InfoReport: Codable {
    struct Machine: Codable {
        var processor: String
        var processorCount: Int
        var memoryBytes: UInt64
        var system: String
    }

    struct Kernels: Codable {
        var variant: String
        var threadCount: Int
    }

    var version: String
    var layers: [String: String]
    /// Package traits by name, and whether this build has them.
    var traits: [String: Bool]
    var machine: Machine
    var kernels: Kernels
    /// Where the shared fixtures and LIBERO's files lie, nil when not found.
    var sharedFolder: String?
    var liberoFolder: String?

    static func collect() -> InfoReport {
        InfoReport(
            version: Versions.workspace,
            layers: Versions.layers,
            traits: ["MPI": hasMPI, "MuJoCo": hasMuJoCo, "Video": hasVideo],
            machine: Machine(
                processor: processorName(),
                processorCount: ProcessInfo.processInfo.activeProcessorCount,
                memoryBytes: ProcessInfo.processInfo.physicalMemory,
                system: ProcessInfo.processInfo.operatingSystemVersionString),
            kernels: Kernels(variant: "\(KernelVariant.current)", threadCount: KernelThreads.count),
            sharedFolder: folder(named: "VLA_SHARED", otherwise: "../shared"),
            liberoFolder: folder(named: "LIBERO_ROOT", otherwise: "../shared/libero"))
    }
}

// MARK: - Text

extension InfoReport {
    /// Two columns: what, value.
    var text: String {
        let order = ["TensorCore", "VisionLanguage", "ActionTokenizer", "LiberoData", "Kinematics", "Evaluation"]
        let gigabytes = String(format: "%.1f GiB", Double(machine.memoryBytes) / Double(1 << 30))
        let rows = [
            ("vla", version),
            ("layers", order.compactMap { name in layers[name].map { "\(name) \($0)" } }.joined(separator: ", ")),
            (
                "traits",
                traits.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value ? "on" : "off")" }.joined(separator: ", ")
            ),
            ("processor", "\(machine.processor), \(machine.processorCount) in use"),
            ("memory", gigabytes),
            ("system", machine.system),
            ("kernels", "\(kernels.variant), \(kernels.threadCount) threads"),
            ("fixtures", sharedFolder ?? "not found; set VLA_SHARED to the folder that holds golden/"),
            ("LIBERO", liberoFolder ?? "not found; set LIBERO_ROOT to the folder that holds LIBERO's files"),
        ]
        return rows.map { $0.0.padding(toLength: 12, withPad: " ", startingAt: 0) + $0.1 }.joined(separator: "\n")
    }
}

// MARK: - What the build and the machine have

extension InfoReport {
    #if MPI
        private static let hasMPI = true
    #else
        private static let hasMPI = false
    #endif

    #if MuJoCo
        private static let hasMuJoCo = true
    #else
        private static let hasMuJoCo = false
    #endif

    #if Video
        private static let hasVideo = true
    #else
        private static let hasVideo = false
    #endif

    /// The folder an environment variable names, else one beside the working directory; nil when it is not there.
    private static func folder(named variable: String, otherwise relativePath: String) -> String? {
        let path = ProcessInfo.processInfo.environment[variable] ?? relativePath
        let folder = URL(fileURLWithPath: path).standardizedFileURL
        return FileManager.default.fileExists(atPath: folder.path) ? folder.path : nil
    }

    /// The processor's name as the kernel reports it, else the architecture.
    private static func processorName() -> String {
        let info = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
        let line = info?.split(separator: "\n").first { $0.hasPrefix("model name") }
        let name = line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
        #if arch(x86_64)
            return name ?? "x86-64"
        #else
            return name ?? "ARM64"
        #endif
    }
}
