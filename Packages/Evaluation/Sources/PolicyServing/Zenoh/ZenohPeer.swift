import Logging
import NIOCore
import NIOPosix

/// One client of a Zenoh server: handshake, leases, sequence numbers, fragments, and queries answered in turn.
///
/// Source: eclipse-zenoh 1.10.2, protocol version 9, as one TCP connection of a peer without scouting.
///
/// `@unchecked Sendable`: used on its channel's event loop only.
final class ZenohPeer: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let lease: TimeAmount = .seconds(10)
    private static let keepAlive: TimeAmount = .milliseconds(2500)
    /// Queries that wait for their answers; a genuine client has one.
    private static let queryLimit = 8
    /// Keys and tokens that a client may declare.
    private static let declarationLimit = 4096

    private enum Phase { case waitingForInit, waitingForOpen(cookie: [UInt8]), open, closed }

    private let service: ZenohService
    private let identifier: [UInt8]
    private let limits: ServingLimits
    private let threads: NIOThreadPool
    private let logger: Logger
    private let statistics: ServerStatistics

    private var phase = Phase.waitingForInit
    private var received = ByteBuffer()
    /// Bytes of a batch, its length not counted.
    private var batchSize = 65_533
    private var nextNumber: UInt64 = 1
    private var expectedNumber: UInt64 = 0
    private var reassembler: ZenohReassembler
    private var clientKeys: [UInt64: String] = [:]
    private var tokens: [UInt64: String] = [:]
    private var queries: [(id: UInt64, key: String, payload: [UInt8])] = []
    private var isAnswering = false
    private var lastRead = NIODeadline.now()
    private var lastWrite = NIODeadline.now()
    private var unwritableSince: NIODeadline?
    private var watch: RepeatedTask?

    init(
        _ service: ZenohService, identifier: [UInt8], limits: ServingLimits, threads: NIOThreadPool, logger: Logger,
        statistics: ServerStatistics
    ) {
        (self.service, self.identifier, self.limits) = (service, identifier, limits)
        (self.threads, self.logger, self.statistics) = (threads, logger, statistics)
        reassembler = ZenohReassembler(limits: limits)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let start = NIODeadline.now()
        let handshakeTimeout = TimeAmount(limits.handshakeTimeout)
        let writeTimeout = TimeAmount(limits.writeTimeout)
        nonisolated(unsafe) let context = context
        watch = context.eventLoop.scheduleRepeatedTask(
            initialDelay: .milliseconds(500), delay: .milliseconds(500)
        ) { [weak self] _ in
            guard let self else { return }
            let now = NIODeadline.now()
            if let unwritableSince, now - unwritableSince > writeTimeout { return context.close(promise: nil) }
            guard case .open = phase else {
                if now - start > handshakeTimeout { context.close(promise: nil) }
                return
            }
            if now - lastRead > Self.lease { return close(reason: 6, context) }
            if now - lastWrite > Self.keepAlive { write(.keepAlive, context) }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    private func end() {
        watch?.cancel()
        watch = nil
        phase = .closed
        queries = []
        for key in tokens.values { service.presence(key, false) }
        tokens = [:]
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        unwritableSince = context.channel.isWritable ? nil : .now()
        context.fireChannelWritabilityChanged()
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastRead = .now()
        var buffer = unwrapInboundIn(data)
        received.writeBuffer(&buffer)
        while case .some = watch,
            let length = received.getInteger(
                at: received.readerIndex, endianness: .little, as: UInt16.self),
            received.readableBytes >= 2 + Int(length)
        {
            received.moveReaderIndex(forwardBy: 2)
            let bytes = received.readBytes(length: Int(length)) ?? []
            do {
                try receive(ZenohBatch(decoding: bytes[...]), context)
            } catch {
                logger.info("Zenoh peer closed", metadata: ["reason": "\(error)"])
                statistics.countError("zenoh")
                return close(reason: 2, context)
            }
        }
        received.discardReadBytes()
    }

    private func receive(_ batch: ZenohBatch, _ context: ChannelHandlerContext) throws(ZenohError) {
        switch (batch, phase) {
        case (_, .closed): break
        case (.initialize(let isAnswer, _, _, let resolution, let size, _), .waitingForInit):
            guard !isAnswer else { throw ZenohError(reason: "an answer where the first message is expected") }
            let wanted = Int(size ?? 65_535)
            guard wanted >= 64 else { throw ZenohError(reason: "batches of \(wanted) bytes") }
            // the size counts the two bytes of the length
            batchSize = wanted - 2
            let cookie = (0..<16).map { _ in UInt8.random(in: 0...255) }
            phase = .waitingForOpen(cookie: cookie)
            write(
                .initialize(
                    isAnswer: true, identifier: identifier, role: 1, resolution: resolution ?? 0x0A,
                    batchSize: UInt16(wanted), cookie: cookie), context)
        case (.open(let isAnswer, _, let first, let cookie), .waitingForOpen(let expected)):
            guard !isAnswer, let cookie, isEqualInConstantTime(cookie, expected) else {
                throw ZenohError(reason: "a cookie that is not the one that was sent")
            }
            (phase, expectedNumber) = (.open, first & 0xFFFF_FFFF)
            write(
                .open(
                    isAnswer: true, leaseSeconds: UInt64(Self.lease.nanoseconds / 1_000_000_000),
                    firstNumber: nextNumber, cookie: nil), context)
            declare(context)
        case (.close, _): context.close(promise: nil)
        case (.keepAlive, .open): break
        case (.frame(_, let number, let messages), .open):
            try take(number)
            for message in messages { try receive(message, context) }
        case (.fragment(_, let hasMore, let number, let slice), .open):
            try take(number)
            if let message = try reassembler.append(slice, hasMore: hasMore) { try receive(message, context) }
        default: throw ZenohError(reason: "a message that does not belong here")
        }
    }

    /// Numbers rise modulo 2³²; gaps are the genuine sender's, steps back are not.
    private func take(_ number: UInt64) throws(ZenohError) {
        guard number <= 0xFFFF_FFFF, (number &- expectedNumber) & 0xFFFF_FFFF < 1 << 31 else {
            throw ZenohError(reason: "number \(number) where \(expectedNumber) is expected")
        }
        expectedNumber = (number + 1) & 0xFFFF_FFFF
    }

    private func receive(_ message: ZenohMessage, _ context: ChannelHandlerContext) throws(ZenohError) {
        switch message {
        case .declare(_, let declaration): try receive(declaration)
        case .request(let id, let key, let payload):
            guard queries.count < Self.queryLimit else { throw ZenohError(reason: "too many queries at a time") }
            queries.append((id, try name(of: key), payload))
            answerNext(context)
        // a peer without subscribers gets publications it has no use for
        case .push, .response, .errorResponse, .responseFinal: break
        }
    }

    private func receive(_ declaration: ZenohDeclaration) throws(ZenohError) {
        guard clientKeys.count + tokens.count < Self.declarationLimit else {
            throw ZenohError(reason: "more than \(Self.declarationLimit) declarations")
        }
        switch declaration {
        case .key(let number, let key): clientKeys[number] = try name(of: key)
        case .forgetKey(let number): clientKeys[number] = nil
        case .token(let number, let key):
            let key = try name(of: key)
            if let old = tokens.updateValue(key, forKey: number), old != key { service.presence(old, false) }
            service.presence(key, true)
        case .endToken(let number):
            if let key = tokens.removeValue(forKey: number) { service.presence(key, false) }
        case .subscriber, .endSubscriber, .queryable, .endQueryable, .final: break
        }
    }

    /// The whole key.
    private func name(of key: ZenohKey) throws(ZenohError) -> String {
        guard key.scope != 0 else { return key.suffix }
        let prefix: String?
        if key.isSenders {
            prefix = clientKeys[key.scope]
        } else {
            prefix = Int(exactly: key.scope).flatMap {
                service.keys.indices.contains($0 - 1) ? service.keys[$0 - 1] : nil
            }
        }
        guard let prefix else { throw ZenohError(reason: "key \(key.scope) was not declared") }
        guard prefix.utf8.count + key.suffix.utf8.count <= limits.textSize else {
            throw ZenohError(reason: "a key of more than \(limits.textSize) bytes")
        }
        return prefix + key.suffix
    }

    // MARK: Answering

    private func answerNext(_ context: ChannelHandlerContext) {
        guard !isAnswering, !queries.isEmpty else { return }
        isAnswering = true
        let query = queries.removeFirst()
        statistics.countRequest()
        nonisolated(unsafe) let context = context
        threads.runIfActive(eventLoop: context.eventLoop) { [service] in
            service.answer(query.key, query.payload)
        }.assumeIsolated().whenComplete { [self] result in
            isAnswering = false
            guard case .open = phase else { return }
            if case .success(let payload) = result {
                send(.response(id: query.id, ZenohKey(suffix: query.key), payload: payload), context)
                statistics.countAnswer()
            }
            send(.responseFinal(id: query.id), context)
            answerNext(context)
        }
    }

    // MARK: Writing

    private func declare(_ context: ChannelHandlerContext) {
        var messages: [ZenohMessage] = []
        for (index, key) in service.keys.enumerated() {
            messages.append(.declare(interest: nil, .key(UInt64(index + 1), ZenohKey(suffix: key))))
        }
        var number: UInt64 = 0
        for queryable in service.queryables {
            number += 1
            let key = ZenohKey(scope: queryable.key, suffix: queryable.suffix)
            messages.append(.declare(interest: nil, .queryable(number, key, isComplete: true)))
        }
        for token in service.tokens {
            number += 1
            messages.append(.declare(interest: nil, .token(number, ZenohKey(scope: token, suffix: ""))))
        }
        messages.append(.declare(interest: 0, .final))
        write(.frame(isReliable: true, number: takeNumber(), messages), context)
    }

    private func takeNumber() -> UInt64 {
        defer { nextNumber = (nextNumber + 1) & 0xFFFF_FFFF }
        return nextNumber
    }

    /// One frame, or fragments where the message is larger than a batch.
    private func send(_ message: ZenohMessage, _ context: ChannelHandlerContext) {
        var writer = ZenohWriter()
        message.write(to: &writer)
        // header and number take at most six bytes
        let room = batchSize - 6
        guard writer.bytes.count > room else {
            return write(.frame(isReliable: true, number: takeNumber(), [message]), context)
        }
        for start in stride(from: 0, to: writer.bytes.count, by: room) {
            let end = min(start + room, writer.bytes.count)
            write(
                .fragment(
                    isReliable: true, hasMore: end < writer.bytes.count, number: takeNumber(),
                    slice: Array(writer.bytes[start..<end])), context)
        }
    }

    private func write(_ batch: ZenohBatch, _ context: ChannelHandlerContext) {
        let bytes = batch.encoded()
        var buffer = context.channel.allocator.buffer(capacity: bytes.count + 2)
        buffer.writeInteger(UInt16(bytes.count), endianness: .little)
        buffer.writeBytes(bytes)
        lastWrite = .now()
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    private func close(reason: UInt8, _ context: ChannelHandlerContext) {
        guard watch != nil else { return }
        write(.close(isSession: false, reason: reason), context)
        end()
        nonisolated(unsafe) let context = context
        context.channel.close(mode: .output, promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(500)) { context.close(promise: nil) }
    }
}
