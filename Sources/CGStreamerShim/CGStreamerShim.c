#include "CGStreamerShim.h"

#include <gst/gst.h>
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>
#include <malloc.h>
#include <string.h>

const char *ff_gst_init(void) {
  static gsize once = 0;
  static const char *reason = NULL;
  if (g_once_init_enter(&once)) {
    GError *error = NULL;
    if (!gst_init_check(NULL, NULL, &error)) reason = error ? error->message : "gst_init failed";
    g_once_init_leave(&once, 1);
  }
  return reason;
}

void *ff_gst_parse(const char *description, char **why) {
  GError *error = NULL;
  GstElement *element = gst_parse_launch_full(description, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &error);
  if (error != NULL) {
    *why = g_strdup(error->message);
    g_error_free(error);
    if (element != NULL) gst_object_unref(element);
    return NULL;
  }
  if (element == NULL) *why = g_strdup("nothing was made");
  return element;
}

static GParamSpec *writable_property(void *element, const char *property) {
  GParamSpec *spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element), property);
  if (spec == NULL || !(spec->flags & G_PARAM_WRITABLE) || !(spec->flags & G_PARAM_READABLE)) return NULL;
  return spec;
}

// Takes over `value`. g_object_set_property clamps silently, so the value is validated before and compared after.
static const char *set_and_read_back(void *element, GParamSpec *spec, GValue *value) {
  const char *why = NULL;
  if (g_param_value_validate(spec, value)) {
    why = "value out of range";
  } else {
    GValue held = G_VALUE_INIT;
    g_object_set_property(G_OBJECT(element), spec->name, value);
    g_value_init(&held, spec->value_type);
    g_object_get_property(G_OBJECT(element), spec->name, &held);
    if (spec->value_type == GST_TYPE_CAPS) {
      const GstCaps *a = gst_value_get_caps(value), *b = gst_value_get_caps(&held);
      if (a == NULL || b == NULL || !gst_caps_is_equal(a, b)) why = "value was not kept";
    } else if (g_param_values_cmp(spec, value, &held) != 0) {
      why = "value was not kept";
    }
    g_value_unset(&held);
  }
  g_value_unset(value);
  return why;
}

const char *ff_gst_bind_int(void *element, const char *property, int64_t number) {
  GParamSpec *spec = writable_property(element, property);
  if (spec == NULL) return "no such property";
  GValue value = G_VALUE_INIT;
  g_value_init(&value, spec->value_type);
  switch (G_TYPE_FUNDAMENTAL(spec->value_type)) {
    case G_TYPE_INT:
      if (number < G_MININT || number > G_MAXINT) return "value out of range";
      g_value_set_int(&value, (gint)number);
      break;
    case G_TYPE_UINT:
      if (number < 0 || number > G_MAXUINT) return "value out of range";
      g_value_set_uint(&value, (guint)number);
      break;
    case G_TYPE_INT64:
      g_value_set_int64(&value, number);
      break;
    case G_TYPE_UINT64:
      if (number < 0) return "value out of range";
      g_value_set_uint64(&value, (guint64)number);
      break;
    default:
      return "not an integer property";
  }
  return set_and_read_back(element, spec, &value);
}

const char *ff_gst_bind_double(void *element, const char *property, double number) {
  GParamSpec *spec = writable_property(element, property);
  if (spec == NULL) return "no such property";
  GValue value = G_VALUE_INIT;
  g_value_init(&value, spec->value_type);
  switch (G_TYPE_FUNDAMENTAL(spec->value_type)) {
    case G_TYPE_DOUBLE:
      g_value_set_double(&value, number);
      break;
    case G_TYPE_FLOAT:
      g_value_set_float(&value, (gfloat)number);
      break;
    default:
      return "not a floating-point property";
  }
  return set_and_read_back(element, spec, &value);
}

const char *ff_gst_bind_bool(void *element, const char *property, int truth) {
  GParamSpec *spec = writable_property(element, property);
  if (spec == NULL) return "no such property";
  if (spec->value_type != G_TYPE_BOOLEAN) return "not a boolean property";
  GValue value = G_VALUE_INIT;
  g_value_init(&value, G_TYPE_BOOLEAN);
  g_value_set_boolean(&value, truth);
  return set_and_read_back(element, spec, &value);
}

const char *ff_gst_bind_string(void *element, const char *property, const char *text) {
  GParamSpec *spec = writable_property(element, property);
  if (spec == NULL) return "no such property";
  GValue value = G_VALUE_INIT;
  if (spec->value_type == G_TYPE_STRING) {
    g_value_init(&value, G_TYPE_STRING);
    g_value_set_string(&value, text);
  } else if (G_TYPE_IS_ENUM(spec->value_type)) {
    GEnumClass *names = G_PARAM_SPEC_ENUM(spec)->enum_class;
    GEnumValue *found = g_enum_get_value_by_nick(names, text);
    if (found == NULL) return "no such enumeration value";
    g_value_init(&value, spec->value_type);
    g_value_set_enum(&value, found->value);
  } else {
    return "not a string property";
  }
  return set_and_read_back(element, spec, &value);
}

const char *ff_gst_bind_caps(void *element, const char *property, const char *text) {
  GParamSpec *spec = writable_property(element, property);
  if (spec == NULL) return "no such property";
  if (spec->value_type != GST_TYPE_CAPS) return "not a caps property";
  GstCaps *caps = gst_caps_from_string(text);
  if (caps == NULL) return "not caps";
  GValue value = G_VALUE_INIT;
  g_value_init(&value, GST_TYPE_CAPS);
  gst_value_set_caps(&value, caps);
  gst_caps_unref(caps);
  return set_and_read_back(element, spec, &value);
}

int ff_gst_is_bin(void *element) { return GST_IS_BIN(element); }
int ff_gst_is_app_source(void *element) { return GST_IS_APP_SRC(element); }
int ff_gst_is_app_sink(void *element) { return GST_IS_APP_SINK(element); }

uint8_t *ff_gst_codec_data(const void *caps, size_t *size) {
  *size = 0;
  if (caps == NULL || gst_caps_get_size(caps) == 0) return NULL;
  const GValue *value = gst_structure_get_value(gst_caps_get_structure(caps, 0), "codec_data");
  if (value == NULL || !GST_VALUE_HOLDS_BUFFER(value)) return NULL;
  GstBuffer *buffer = gst_value_get_buffer(value);
  GstMapInfo map;
  if (buffer == NULL || !gst_buffer_map(buffer, &map, GST_MAP_READ)) return NULL;
  guint8 *copy = g_memdup2(map.data, map.size);
  *size = map.size;
  gst_buffer_unmap(buffer, &map);
  return copy;
}

int ff_gst_luma_plane(const void *caps, void *buffer, FFLumaPlane *plane) {
  GstVideoInfo info;
  if (caps == NULL || !gst_video_info_from_caps(&info, caps)) return FALSE;
  if (!GST_VIDEO_INFO_IS_YUV(&info) || GST_VIDEO_INFO_COMP_DEPTH(&info, 0) != 8 || GST_VIDEO_INFO_COMP_PSTRIDE(&info, 0) != 1) return FALSE;
  plane->width = GST_VIDEO_INFO_WIDTH(&info);
  plane->height = GST_VIDEO_INFO_HEIGHT(&info);
  plane->stride = GST_VIDEO_INFO_PLANE_STRIDE(&info, 0);
  plane->offset = GST_VIDEO_INFO_PLANE_OFFSET(&info, 0);
  plane->full_range = info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
  GstVideoMeta *meta = gst_buffer_get_video_meta(buffer);
  if (meta != NULL) {
    plane->stride = meta->stride[0];
    plane->offset = meta->offset[0];
  }
  return TRUE;
}

int ff_gst_sound_format(const void *caps, FFSoundFormat *format) {
  const GstStructure *structure = caps != NULL && !gst_caps_is_empty(caps) ? gst_caps_get_structure(caps, 0) : NULL;
  if (structure == NULL || g_strcmp0(gst_structure_get_string(structure, "format"), "F32LE") != 0) return FALSE;
  const gchar *layout = gst_structure_get_string(structure, "layout");
  if (layout != NULL && strcmp(layout, "interleaved") != 0) return FALSE;
  return gst_structure_get_int(structure, "rate", &format->rate) && gst_structure_get_int(structure, "channels", &format->channels);
}

static GMutex decoder_log_lock;
static int decoder_log_count = 0;
static char decoder_log_text[256];

// What says nothing about the picture: sloppy metadata of healthy cameras.
static gboolean is_harmless(const gchar *text) {
  static const char *const beginnings[] = {"SEI type", "Overread VUI", "illegal num_reorder_frames", "Truncating likely oversized"};
  for (gsize i = 0; i < G_N_ELEMENTS(beginnings); i++)
    if (g_str_has_prefix(text, beginnings[i])) return TRUE;
  return FALSE;
}

// Concealment itself is logged at level INFO ("concealing 240 DC, 240 AC, 240 MV errors").
static void note_decoder_log(GstDebugCategory *category, GstDebugLevel level, const gchar *file, const gchar *function, gint line,
                             GObject *object, GstDebugMessage *message, gpointer data) {
  if (level > GST_LEVEL_INFO || strcmp(gst_debug_category_get_name(category), "libav") != 0) return;
  const gchar *text = gst_debug_message_get(message);
  if (text == NULL || is_harmless(text) || (level > GST_LEVEL_WARNING && strstr(text, "concealing") == NULL)) return;
  g_mutex_lock(&decoder_log_lock);
  decoder_log_count += 1;
  g_strlcpy(decoder_log_text, text, sizeof decoder_log_text);
  g_mutex_unlock(&decoder_log_lock);
}

void ff_gst_watch_decoder_log(void) {
  static gsize once = 0;
  if (g_once_init_enter(&once)) {
    gst_debug_set_active(TRUE);
    gst_debug_remove_log_function(gst_debug_log_default);
    gst_debug_set_threshold_for_name("libav", GST_LEVEL_INFO);
    gst_debug_add_log_function(note_decoder_log, NULL, NULL);
    g_once_init_leave(&once, 1);
  }
}

int ff_gst_drain_decoder_log(char *text, size_t size) {
  g_mutex_lock(&decoder_log_lock);
  int count = decoder_log_count;
  g_strlcpy(text, count > 0 ? decoder_log_text : "", size);
  decoder_log_count = 0;
  g_mutex_unlock(&decoder_log_lock);
  return count;
}

void ff_gst_paint_new_memory(int pattern) { mallopt(M_PERTURB, pattern); }

// 32 MiB is the most that glibc takes as the limit from which on memory is mapped by itself.
int ff_gst_keep_freed_memory(int bytes) {
  return mallopt(M_ARENA_MAX, 1) && mallopt(M_MMAP_THRESHOLD, bytes < 32 << 20 ? bytes : 32 << 20) && mallopt(M_TRIM_THRESHOLD, bytes);
}
