#include "CMediaMath.h"

#include <string.h>

// Neighbours are mostly alike, and adding to one count twice in a row waits for the first to be stored: four tables take turns.
void ff_luma_histogram(const uint8_t *rows, size_t width, size_t height, size_t stride, int64_t *counts) {
  int64_t part[4][256] = {{0}};
  for (size_t row = 0; row < height; row++) {
    const uint8_t *luma = rows + row * stride;
    size_t column = 0;
    for (; column + 4 <= width; column += 4) {
      part[0][luma[column]] += 1;
      part[1][luma[column + 1]] += 1;
      part[2][luma[column + 2]] += 1;
      part[3][luma[column + 3]] += 1;
    }
    for (; column < width; column++) part[0][luma[column]] += 1;
  }
  for (size_t value = 0; value < 256; value++) counts[value] += part[0][value] + part[1][value] + part[2][value] + part[3][value];
}

void ff_luma_thumbnail(const uint8_t *rows, size_t width, size_t height, size_t stride, int full_range, uint8_t *cells) {
  const double floor = full_range ? 0 : 16, range = full_range ? 255 : 219;
  for (size_t y = 0; y < FF_THUMBNAIL_HEIGHT; y++) {
    size_t top = y * height / FF_THUMBNAIL_HEIGHT, bottom = (y + 1) * height / FF_THUMBNAIL_HEIGHT;
    if (bottom <= top) bottom = top + 1;
    for (size_t x = 0; x < FF_THUMBNAIL_WIDTH; x++) {
      size_t left = x * width / FF_THUMBNAIL_WIDTH, right = (x + 1) * width / FF_THUMBNAIL_WIDTH;
      if (right <= left) right = left + 1;
      uint64_t sum = 0;
      for (size_t row = top; row < bottom; row++)
        for (size_t column = left; column < right; column++) sum += rows[row * stride + column];
      double mean = ((double)sum / (double)((bottom - top) * (right - left)) - floor) * 255 / range;
      cells[y * FF_THUMBNAIL_WIDTH + x] = mean <= 0 ? 0 : mean >= 255 ? 255 : (uint8_t)(mean + 0.5);
    }
  }
}

void ff_loudness(const uint8_t *samples, size_t count, float limit, FFLoudness *found) {
  found->peak = 0;
  found->first = found->last = -1;
  for (size_t index = 0; index < count; index++) {
    float value;
    memcpy(&value, samples + index * sizeof value, sizeof value);
    float magnitude = value < 0 ? -value : value;
    if (magnitude > found->peak) found->peak = magnitude;
    if (magnitude >= limit) {
      if (found->first < 0) found->first = (int64_t)index;
      found->last = (int64_t)index;
    }
  }
}
