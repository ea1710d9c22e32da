import Foundation

/// Temporary files of writers that were killed.
enum StaleFiles {
    /// Removes `.<name>.<process>-<number>.tmp` below a folder where the process is gone.
    static func remove(below folder: URL) {
        let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects ?? []
        for file in found.compactMap({ $0 as? URL }) {
            guard let process = process(of: file.lastPathComponent), process != getpid(), kill(process, 0) != 0,
                errno == ESRCH
            else { continue }
            unlink(file.path)
        }
    }

    /// The process in a temporary file's name; nil for other files.
    static func process(of name: String) -> pid_t? {
        guard name.hasPrefix("."), name.hasSuffix(".tmp"), let part = name.split(separator: ".").dropLast().last else {
            return nil
        }
        let numbers = part.split(separator: "-")
        guard numbers.count == 2, Int(numbers[1]) != nil, let process = pid_t(numbers[0]), process > 0 else {
            return nil
        }
        return process
    }
}
