// FFmpeg's libraries: images of video files. Macros that Swift does not import stand here as functions.
#pragma once
#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/imgutils.h>
#include <libswscale/swscale.h>

static inline int cffmpeg_again(void) { return AVERROR(EAGAIN); }
static inline int cffmpeg_end(void) { return AVERROR_EOF; }
static inline int64_t cffmpeg_no_time(void) { return AV_NOPTS_VALUE; }
static inline const int *cffmpeg_coefficients(int colorspace) { return sws_getCoefficients(colorspace); }
