// The few lines of GStreamer that Swift cannot say: macros, GType getters, typed property binding, the decoder's own log.
#pragma once
#include <gst/gst.h>

G_BEGIN_DECLS

/// Initialises GStreamer once; NULL when it worked, else the reason (never freed).
const char *ff_gst_init(void);

/// Parses a launch description; every GError is a failure. NULL on failure, with `*why` (g_free it).
GstElement *ff_gst_parse(const char *description, char **why);

/// Set one property by its declared kind and read it back. NULL when the element now holds exactly this value, else why not (static).
const char *ff_gst_bind_int(GstElement *element, const char *property, gint64 value);
const char *ff_gst_bind_double(GstElement *element, const char *property, double value);
const char *ff_gst_bind_bool(GstElement *element, const char *property, gboolean value);
/// For string properties and, by nick, for enumerations.
const char *ff_gst_bind_string(GstElement *element, const char *property, const char *value);
const char *ff_gst_bind_caps(GstElement *element, const char *property, const char *value);

gboolean ff_gst_is_bin(GstElement *element);
gboolean ff_gst_is_app_source(GstElement *element);
gboolean ff_gst_is_app_sink(GstElement *element);

/// A copy of the caps' `codec_data` bytes, or NULL; `*size` tells how many (g_free it).
guint8 *ff_gst_codec_data(const GstCaps *caps, gsize *size);
/// Where the luma plane of an 8-bit planar picture lies.
typedef struct {
  int width, height, stride;
  gsize offset;
  /// Luma spans 0–255 instead of 16–235.
  gboolean full_range;
} FFLumaPlane;
/// FALSE when the caps are not 8-bit planar video. A GstVideoMeta on the buffer goes before the caps.
gboolean ff_gst_luma_plane(const GstCaps *caps, GstBuffer *buffer, FFLumaPlane *plane);

/// Counts what libav says at warning level or worse. gst-libav conceals damaged slices without a flag or a message; its log is the only witness.
void ff_gst_watch_decoder_log(void);
/// How many such lines since the last call; the newest is copied into `text`.
int ff_gst_take_decoder_log(char *text, gsize size);

G_END_DECLS
