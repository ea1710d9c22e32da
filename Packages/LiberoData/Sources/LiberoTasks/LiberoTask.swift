/// One LIBERO task: a scene, its objects, a goal and the sentence that asks for it.
public struct LiberoTask: Hashable, Sendable {
    /// The folder it lies in, such as `libero_goal`.
    public let suite: String
    /// The name of its files without suffix, such as `KITCHEN_SCENE10_close_the_top_drawer_of_the_cabinet`.
    public let name: String

    public init(suite: String, name: String) {
        self.suite = suite
        self.name = name
    }

    /// What a policy is told to do: the name with spaces, without the scene in front.
    ///
    /// The `:language` text of the BDDL file is not it; that differs in 29 of the 130 tasks. A name that begins with a
    /// capital letter loses everything through `SCENE<number>_`.
    public var instruction: String {
        let text = sceneEnd.map { name[$0...].drop { $0 == "_" } } ?? name[...]
        return text.split(separator: "_", omittingEmptySubsequences: false).joined(separator: " ")
    }

    /// The scene in front of the name, such as `KITCHEN_SCENE10`; nil in the suites of ten tasks in one scene.
    public var scene: String? { sceneEnd.map { String(name[..<$0]) } }

    /// Where the number behind `SCENE` ends.
    private var sceneEnd: String.Index? {
        guard name.first?.isUppercase == true, let word = name.firstRange(of: "SCENE") else { return nil }
        return name[word.upperBound...].firstIndex { !("0"..."9" ~= $0) } ?? name.endIndex
    }
}
