// The few lines of GStreamer that Swift cannot say: macros, GType getters, typed property binding, the decoder's own log.
// No GStreamer header here: its types would then belong to two modules at once, and Swift's member imports would hang on which was read first.
// Elements, caps and buffers are plain pointers.
#ifndef FIRSTFRAME_CGSTREAMERSHIM_H
#define FIRSTFRAME_CGSTREAMERSHIM_H

#include <stddef.h>
#include <stdint.h>

/// Initialises GStreamer once; NULL when it worked, else the reason (never freed).
const char *ff_gst_init(void);

/// Parses a launch description; every GError is a failure. NULL on failure, with `*why` (free with g_free).
void *ff_gst_parse(const char *description, char **why);

/// Set one property by its declared kind and read it back. NULL when the element now holds exactly this value, else why not (static).
const char *ff_gst_bind_int(void *element, const char *property, int64_t value);
const char *ff_gst_bind_double(void *element, const char *property, double value);
const char *ff_gst_bind_bool(void *element, const char *property, int value);
/// For string properties and, by nick, for enumerations.
const char *ff_gst_bind_string(void *element, const char *property, const char *value);
const char *ff_gst_bind_caps(void *element, const char *property, const char *value);

int ff_gst_is_bin(void *element);
int ff_gst_is_app_source(void *element);
int ff_gst_is_app_sink(void *element);

/// A copy of the caps' `codec_data` bytes, or NULL; their number in `*size` (free with g_free).
uint8_t *ff_gst_codec_data(const void *caps, size_t *size);

/// Where the luma plane of an 8-bit planar picture lies.
typedef struct {
  int width, height, stride;
  size_t offset;
  /// Luma spans 0–255 instead of 16–235.
  int full_range;
} FFLumaPlane;
/// 0 when the caps are not 8-bit planar video. A GstVideoMeta on the buffer goes before the caps.
int ff_gst_luma_plane(const void *caps, void *buffer, FFLumaPlane *plane);

/// Samples a second, and samples side by side.
typedef struct {
  int rate, channels;
} FFSoundFormat;
/// 0 when the caps are not interleaved 32-bit floating-point sound.
int ff_gst_sound_format(const void *caps, FFSoundFormat *format);

/// From now on counts libav's warnings and errors, and silences GStreamer's own log. gst-libav conceals damaged slices without a flag or a
/// message; its log is the only witness.
void ff_gst_watch_decoder_log(void);
/// How many such lines since the last call, which are then forgotten; the newest is copied into `text`.
int ff_gst_drain_decoder_log(char *text, size_t size);

/// Memory that is allocated from now on begins filled with the complement of `pattern`'s low byte; 0 ends that. For the whole process.
void ff_gst_paint_new_memory(int pattern);
/// From now on one heap for all threads, which keeps up to so many freed bytes at its end instead of giving them back. 0 when glibc refused.
int ff_gst_keep_freed_memory(int bytes);

#endif
