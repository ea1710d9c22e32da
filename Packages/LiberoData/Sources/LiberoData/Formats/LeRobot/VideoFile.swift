#if Video
    import CFFmpeg
    import Foundation
    import ImageProcessing

    /// A video file, decoded forward from the key frame before the image that is asked for.
    ///
    /// `@unchecked Sendable`: the decoder's state is behind the lock.
    final class VideoFile: @unchecked Sendable {
        /// How far the image's time may be from the one asked for, seconds.
        private static let tolerance = 1e-4

        private let name: String
        private let lock = NSLock()
        private var format: UnsafeMutablePointer<AVFormatContext>?
        private var decoder: UnsafeMutablePointer<AVCodecContext>?
        private var frame: UnsafeMutablePointer<AVFrame>?
        private var packet: UnsafeMutablePointer<AVPacket>?
        private var scaler: OpaquePointer?
        private let stream: Int32
        private let timeBase: Double
        private let codec: String
        /// The time of the frame that was decoded last; nil at the beginning and after its end.
        private var position: Double?

        init(at url: URL, name: String) throws {
            self.name = name
            func failure(_ reason: String) -> LiberoDataError {
                LiberoDataError(.undecodable, level: .episode, file: name, reason)
            }
            // nothing but this file: a playlist could name others
            var options: OpaquePointer?
            av_dict_set(&options, "protocol_whitelist", "file", 0)
            av_dict_set(&options, "format_whitelist", "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm", 0)
            defer { av_dict_free(&options) }
            av_log_set_level(AV_LOG_QUIET)
            var format: UnsafeMutablePointer<AVFormatContext>?
            var decoder: UnsafeMutablePointer<AVCodecContext>?
            var isOpen = false
            defer {
                if !isOpen {
                    avcodec_free_context(&decoder)
                    avformat_close_input(&format)
                }
            }
            guard avformat_open_input(&format, "file:\(url.path)", nil, &options) == 0 else {
                throw failure("it is no video file that can be read")
            }
            guard avformat_find_stream_info(format, nil) >= 0 else { throw failure("its streams cannot be read") }
            var codec: UnsafePointer<AVCodec>?
            stream = av_find_best_stream(format, AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0)
            guard stream >= 0, let codec, let parameters = format!.pointee.streams[Int(stream)] else {
                throw failure("it has no video that can be decoded")
            }
            self.codec = String(cString: codec.pointee.name)
            let base = parameters.pointee.time_base
            guard base.num > 0, base.den > 0 else { throw failure("its times have no unit") }
            timeBase = Double(base.num) / Double(base.den)
            decoder = avcodec_alloc_context3(codec)
            guard avcodec_parameters_to_context(decoder, parameters.pointee.codecpar) >= 0,
                avcodec_open2(decoder, codec, nil) == 0
            else { throw failure("the codec \(self.codec) cannot be opened") }
            (frame, packet) = (av_frame_alloc(), av_packet_alloc())
            (self.format, self.decoder, isOpen) = (format, decoder, true)
        }

        deinit {
            sws_freeContext(scaler)
            av_frame_free(&frame)
            av_packet_free(&packet)
            avcodec_free_context(&decoder)
            avformat_close_input(&format)
        }

        /// The image nearest to a time, which has to be there within the tolerance.
        func image(at time: Double) throws -> RGBImage {
            try lock.withLock {
                // going on is cheaper than seeking, for a second's worth of frames
                if position == nil || time < position! - Self.tolerance || time > position! + 1 {
                    // a tick early: the time of a frame may be rounded up
                    let target = Int64((time / timeBase).rounded(.down)) - 1
                    guard av_seek_frame(format, stream, max(target, 0), AVSEEK_FLAG_BACKWARD) >= 0 else {
                        throw failure(time, "seeking failed")
                    }
                    avcodec_flush_buffers(decoder)
                    position = nil
                }
                while position == nil || position! < time - Self.tolerance {
                    guard let next = try decodeNext(time) else { throw failure(time, "the video ends before") }
                    position = next
                }
                guard abs(position! - time) <= Self.tolerance else {
                    throw failure(time, "the nearest frame is shown at \(position!)")
                }
                return try converted(time)
            }
        }

        private func failure(_ time: Double, _ reason: String) -> LiberoDataError {
            LiberoDataError(.undecodable, level: .frame, file: name, "\(codec) video at \(time) s: \(reason)")
        }

        /// Decodes one frame; its time, nil at the end.
        private func decodeNext(_ time: Double) throws -> Double? {
            while true {
                let status = avcodec_receive_frame(decoder, frame)
                if status == 0 {
                    let ticks = frame!.pointee.best_effort_timestamp
                    guard ticks != cffmpeg_no_time() else { throw failure(time, "a frame has no time") }
                    return Double(ticks) * timeBase
                }
                if status == cffmpeg_end() { return nil }
                guard status == cffmpeg_again() else { throw failure(time, "a frame cannot be decoded") }
                // feed the decoder; at the end of the file it gives what it still holds
                let read = av_read_frame(format, packet)
                if read < 0 {
                    avcodec_send_packet(decoder, nil)
                    continue
                }
                defer { av_packet_unref(packet) }
                if packet!.pointee.stream_index == stream { avcodec_send_packet(decoder, packet) }
            }
        }

        /// The decoded frame as RGB, by the matrix and range that the stream is marked with.
        private func converted(_ time: Double) throws -> RGBImage {
            let (width, height) = (frame!.pointee.width, frame!.pointee.height)
            guard width > 0, height > 0, Int(width) * Int(height) <= 1 << 26 else {
                throw failure(time, "a frame of \(width) × \(height)")
            }
            let source = AVPixelFormat(frame!.pointee.format)
            scaler = sws_getCachedContext(
                scaler, width, height, source, width, height, AV_PIX_FMT_RGB24,
                SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, nil, nil, nil)
            guard scaler != nil else { throw failure(time, "its pixels cannot be converted") }
            let isFullRange: Int32 = frame!.pointee.color_range == AVCOL_RANGE_JPEG ? 1 : 0
            let matrix = frame!.pointee.colorspace == AVCOL_SPC_BT709 ? SWS_CS_ITU709 : SWS_CS_ITU601
            let coefficients = cffmpeg_coefficients(Int32(matrix))
            sws_setColorspaceDetails(scaler, coefficients, isFullRange, coefficients, 1, 0, 1 << 16, 1 << 16)
            let pixels = [UInt8](unsafeUninitializedCapacity: Int(width) * Int(height) * 3) { buffer, count in
                withUnsafePointer(to: &frame!.pointee.data) { data in
                    data.withMemoryRebound(to: UnsafePointer<UInt8>?.self, capacity: 8) { planes in
                        withUnsafePointer(to: &frame!.pointee.linesize) { sizes in
                            sizes.withMemoryRebound(to: Int32.self, capacity: 8) { strides in
                                var target: UnsafeMutablePointer<UInt8>? = buffer.baseAddress
                                var stride = width * 3
                                sws_scale(scaler, planes, strides, 0, height, &target, &stride)
                            }
                        }
                    }
                }
                count = buffer.count
            }
            return RGBImage(width: Int(width), height: Int(height), pixels: pixels)
        }
    }
#endif
