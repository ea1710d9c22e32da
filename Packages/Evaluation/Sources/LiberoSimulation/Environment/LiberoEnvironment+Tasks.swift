extension LiberoEnvironment {
    /// Divides tasks into those whose files and scenes can be read and the others, with the reason.
    ///
    /// One bad task of a suite does not stop the others: those that cannot be run are listed and are in no denominator.
    public func usableTasks(_ tasks: [Int]) -> (usable: [Int], unusable: [(task: Int, reason: String)]) {
        var (usable, unusable) = ([Int](), [(task: Int, reason: String)]())
        for task in tasks {
            do {
                try check(task: task)
                usable.append(task)
            } catch {
                unusable.append((task, "\(error)"))
            }
        }
        return (usable, unusable)
    }
}
