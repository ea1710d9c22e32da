public import FileSupport
import Foundation
import LiberoSimulation
import Parallel
import TensorCore

/// The machine, the kernels in use, and what a build contains.
public struct SystemReport: Codable, TextReport, Sendable {
    public struct Machine: Codable, Sendable {
        public var processor: String
        public var processorCount: Int
        public var memoryBytes: UInt64
        public var system: String
    }

    public struct Kernels: Codable, Sendable {
        public var variant: String
        public var threadCount: Int
    }

    public var version: String
    public var layers: [String: String]
    /// Package traits by name, and whether this build has them.
    public var traits: [String: Bool]
    public var machine: Machine
    public var kernels: Kernels
    /// Shared libraries of the layers that are loaded: name and file, whose ending is the version.
    public var libraries: [String: String]
    /// The simulator's library, and what draws its images; nil in a build without the trait `MuJoCo`.
    public var muJoCo: String?
    public var openGL: String?
    /// Where the shared fixtures and LIBERO's files lie, nil when not found.
    public var sharedFolder: String?
    public var liberoFolder: String?
    /// Whether LIBERO's large meshes and textures are the originals or stand-ins.
    public var liberoAssets: String?

    /// - Parameters:
    ///   - version: The program's.
    ///   - layers: The layers' versions, by name.
    ///   - traits: The traits that the program was built with or without.
    public init(version: String, layers: [String: String], traits: [String: Bool]) {
        (self.version, self.layers, self.traits) = (version, layers, traits)
        machine = Machine(
            processor: Self.processorName(), processorCount: ProcessInfo.processInfo.activeProcessorCount,
            memoryBytes: ProcessInfo.processInfo.physicalMemory,
            system: ProcessInfo.processInfo.operatingSystemVersionString)
        kernels = Kernels(variant: "\(KernelVariant.current)", threadCount: KernelThreads.count)
        libraries = Self.loadedLibraries()
        (muJoCo, openGL) = (SimulationSupport.muJoCo, SimulationSupport.openGL)
        sharedFolder = Self.folder(named: "VLA_SHARED", otherwise: "../shared")
        liberoFolder = Self.folder(named: "LIBERO_ROOT", otherwise: "../shared/libero")
        liberoAssets = liberoFolder.map { folder in
            do { return try SimulationSupport.visualAssets(at: URL(fileURLWithPath: folder)) } catch {
                return "incomplete: \(error)"
            }
        }
    }
}

// MARK: - Text

extension SystemReport {
    /// Two columns: what, value.
    public var text: String {
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
            ("libraries", libraries.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")),
            ("MuJoCo", muJoCo ?? "not in this build; --traits MuJoCo builds it in"),
            ("OpenGL", openGL ?? "not in this build"),
            ("fixtures", sharedFolder ?? "not found; set VLA_SHARED to the folder that holds golden/"),
            ("LIBERO", liberoFolder ?? "not found; set LIBERO_ROOT to the folder that holds LIBERO's files"),
            ("assets", liberoAssets ?? "none; the suite builtin needs none"),
        ]
        return rows.map { $0.0.padding(toLength: 12, withPad: " ", startingAt: 0) + $0.1 }.joined(separator: "\n")
    }
}

// MARK: - What the machine has

extension SystemReport {
    /// The folder an environment variable names, else one beside the working directory; nil when it is not there.
    private static func folder(named variable: String, otherwise relativePath: String) -> String? {
        let path = ProcessInfo.processInfo.environment[variable] ?? relativePath
        let folder = URL(fileURLWithPath: path).standardizedFileURL
        return FileManager.default.fileExists(atPath: folder.path) ? folder.path : nil
    }

    /// The libraries that the layers link or open, as the kernel mapped them: `libz.so.1` is `libz.so.1.2.13` there.
    private static func loadedLibraries() -> [String: String] {
        let names = [
            "libopenblas": "OpenBLAS", "libz": "zlib", "libpng16": "libpng", "libjpeg": "libjpeg",
            "libdeflate": "libdeflate",
            "libhdf5": "HDF5", "libsnappy": "Snappy", "libzstd": "zstd", "libmujoco": "MuJoCo", "libmpi": "Open MPI",
            "libavcodec": "libavcodec", "libavformat": "libavformat", "libswscale": "libswscale",
        ]
        // the kernel makes the file while it is read and gives no size
        let file = FileHandle(forReadingAtPath: "/proc/self/maps")
        let maps = String(decoding: (try? file?.readToEnd()) ?? Data(), as: UTF8.self)
        var found: [String: String] = [:]
        for line in maps.split(separator: "\n") {
            guard let path = line.split(separator: " ").last, let file = path.split(separator: "/").last else {
                continue
            }
            // libhdf5_serial.so.103.3.0, libopenblasp-r0.3.21.so
            let stem = file.prefix { $0 != "." }.prefix { $0 != "_" && $0 != "-" }
            let name = names[String(stem)] ?? (stem.hasPrefix("libopenblas") ? "OpenBLAS" : nil)
            if let name, file.contains(".so") { found[name] = String(file) }
        }
        return found
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
