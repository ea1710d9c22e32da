import Foundation
import Testing

/// What the command says on machines that lack something, and to files that are not as they have to be.
@Suite(.serialized, .enabled(if: Command.simulates, "vla was built without the trait MuJoCo"))
struct MachineTests {
    /// LIBERO's files; none when they are absent.
    static let folders: [URL] = {
        let shared = ProcessInfo.processInfo.environment["VLA_SHARED"] ?? "../shared"
        let folder = URL(fileURLWithPath: shared).appendingPathComponent("libero")
        return FileManager.default.fileExists(atPath: folder.path) ? [folder] : []
    }()

    func evaluate(
        _ folder: URL, _ more: [String] = ["--suite", "builtin", "--tasks", "0"], videos: Int = 0,
        environment: [String: String] = [:]
    ) throws -> Command.Outcome {
        try Command(
            ["evaluate", "--policy", "random", "--episodes", "1", "--settling-steps", "0", "--step-limit", "2"]
                + ["--image-size", "16", "--videos", "\(videos)", "-o", folder.path] + more,
            environment: environment
        ).run()
    }

    /// Another libmujoco than the one whose numbers are reproduced: a library that says so stands before the real one.
    @Test func anotherMuJoCoIsRefused() throws {
        let folder = try TemporaryFolder()
        let (source, library) = (folder("version.c"), folder("version.so"))
        try """
        const char *mj_versionString(void) { return "3.2.0"; }
        int mj_version(void) { return 320; }
        """.write(to: source, atomically: true, encoding: .utf8)
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments = ["clang", "-shared", "-fPIC", source.path, "-o", library.path]
        try compiler.run()
        compiler.waitUntilExit()
        try #require(compiler.terminationStatus == 0, "clang belongs to the Swift toolchain")

        let outcome = try evaluate(folder("out"), environment: ["LD_PRELOAD": library.path])
        #expect(outcome.status == 1)
        for words in ["3.2.0", "3.3.7", "Scripts/setup"] { #expect(outcome.messages.contains(words)) }
    }

    /// Without a driver images are refused with what to install; what needs none goes on.
    @Test func withoutOpenGLOnlyImagesAreRefused() throws {
        let folder = try TemporaryFolder()
        let none = ["MUJOCO_GL": "egl", "__EGL_VENDOR_LIBRARY_DIRS": "/nowhere", "__EGL_VENDOR_LIBRARY_FILENAMES": ""]
        let outcome = try evaluate(folder("seen"), videos: 1, environment: none)
        #expect(outcome.status == 1)
        for words in ["OpenGL", "EGL", "apt-get install"] { #expect(outcome.messages.contains(words)) }
        #expect(try evaluate(folder("unseen"), environment: none).status == 0)

        let wrong = try evaluate(folder("wrong"), videos: 1, environment: ["MUJOCO_GL": "vulkan"])
        #expect(wrong.status == 1 && wrong.messages.contains("osmesa") && wrong.messages.contains("vulkan"))
    }

    /// The rules say what the policy was told and whose goal counted; a world without other goals has none to tell.
    @Test func anotherTasksSentenceIsTold() throws {
        let folder = try TemporaryFolder()
        for counted in ["told", "own"] {
            let words = ["--suite", "builtin", "--tasks", "2,7", "--other-instruction", counted]
            #expect(try evaluate(folder(counted), words).status == 0)
            let plan = try String(contentsOf: folder("\(counted)/plan.json"), encoding: .utf8)
            // the next task whose goal can be reached: not the cylinders' in the blocks' scene, not the eighth's own
            for sentence in ["pick up the red block and place it in the tray", "put the yellow block in the tray"] {
                #expect(plan.contains(sentence))
            }
            #expect(plan.contains(#""goalTasks""#) == (counted == "told"))
        }
        let both = try evaluate(
            folder("both"), ["--suite", "builtin", "--instruction", "go", "--other-instruction", "own"])
        #expect(both.status == 64)
    }

    @Test func foldersThatAreNotThereAreNamed() throws {
        let folder = try TemporaryFolder()
        let outcome = try evaluate(folder("out"), ["--suite", "libero_goal", "--libero", "/nowhere/libero"])
        #expect(outcome.status == 1 && outcome.messages.contains("/nowhere/libero"), "\(outcome.messages)")
    }

    /// LIBERO with one file damaged, the others as they are.
    @Test(arguments: folders)
    func damagedFilesAreNamed(original: URL) throws {
        let folder = try TemporaryFolder()
        let task = "pick_up_the_alphabet_soup_and_place_it_in_the_basket"
        let cases = [
            ("libero/libero/init_files/libero_object/\(task).pruned_init", 1000, "pruned_init"),
            ("libero/libero/bddl_files/libero_object/\(task).bddl", 700, "bddl"),
            ("libero/libero/assets/stable_hope_objects/alphabet_soup/alphabet_soup.xml", 300, "alphabet_soup.xml"),
            ("robosuite/models/assets/robots/panda/robot.xml", 900, "robot.xml"),
        ]
        for (index, (path, length, word)) in cases.enumerated() {
            let copy = folder("libero\(index)")
            try link(original, as: copy, replacing: path) { $0.prefix(length) }
            let outcome = try evaluate(
                folder("out\(index)"), ["--suite", "libero_object", "--tasks", "0", "--libero", copy.path])
            #expect(outcome.status == 1 && outcome.messages.contains(word), "\(path): \(outcome.messages)")
            #expect(!outcome.messages.contains("Fatal error"))
        }
    }

    /// A folder of links to another's entries, in which one file is a changed copy.
    private func link(
        _ original: URL, as copy: URL, replacing path: String, by change: (Data) -> Data
    ) throws {
        let manager = FileManager.default
        var (from, to) = (original.standardizedFileURL, copy)
        let parts = path.split(separator: "/")
        for (depth, part) in parts.enumerated() {
            try manager.createDirectory(at: to, withIntermediateDirectories: true)
            for name in try manager.contentsOfDirectory(atPath: from.path) where name != part {
                try manager.createSymbolicLink(
                    at: to.appendingPathComponent(name), withDestinationURL: from.appendingPathComponent(name))
            }
            (from, to) = (from.appendingPathComponent(String(part)), to.appendingPathComponent(String(part)))
            if depth == parts.count - 1 { try change(Data(contentsOf: from)).write(to: to) }
        }
    }
}
