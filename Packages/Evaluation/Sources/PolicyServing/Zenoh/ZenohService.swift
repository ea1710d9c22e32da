/// What a Zenoh server offers: queries that it answers, and what it is told of its clients' presence.
struct ZenohService: Sendable {
    /// A key of its own, declared to every client under the number of its place, from 1.
    var keys: [String]
    /// Queries below these are answered: the number of a key and what follows it, such as `/**`.
    var queryables: [(key: UInt64, suffix: String)]
    /// Numbers of the keys that say that the server lives.
    var tokens: [UInt64]
    /// Answers a query; called on a thread that may wait, for one query of a connection at a time.
    var answer: @Sendable (_ key: String, _ payload: [UInt8]) -> [UInt8]
    /// A client says that it lives, or does so no more; the end of its connection counts as well.
    var presence: @Sendable (_ key: String, _ isThere: Bool) -> Void
}
