// Decoding of PNG and JPEG by the system's libpng 1.6 and libjpeg-turbo, which are looked for when the first picture is
// read: nothing of them is needed to build. Sizes are read elsewhere; what a picture means is not known here.
#ifndef CPAGEFOLDPICTURES_H
#define CPAGEFOLDPICTURES_H

#include <stddef.h>
#include <stdint.h>

/// How a call ended.
enum {
    PF_PICTURE_READ = 0,
    /// The library is not installed.
    PF_PICTURE_NO_LIBRARY = 1,
    /// The bytes are damaged, or of another size than was said.
    PF_PICTURE_DAMAGED = 2
};

/// Room for a message of the library, its closing zero included.
enum { PF_PICTURE_MESSAGE = 200 };

/// Whether the library is there.
int32_t pf_has_png(void);
int32_t pf_has_jpeg(void);

/// Writes the samples of a PNG file as they are stored: height × width × channels, each of 1 byte (samples of fewer bits
/// too, unscaled) or of 2 bytes with the higher first; indices of a palette are one channel.
/// - palette: 256 × 3 bytes; written where there is a palette.
/// - message: PF_PICTURE_MESSAGE bytes; written where the picture is damaged.
int32_t pf_read_png(
    const uint8_t *bytes, size_t count, int32_t width, int32_t height, int32_t channels, int32_t sample_bytes,
    uint8_t *target, uint8_t *palette, char *message
);

/// Writes height × width × channels bytes of a JPEG file: three channels (red, green, blue), or one of a grey picture.
int32_t pf_read_jpeg(
    const uint8_t *bytes, size_t count, int32_t width, int32_t height, int32_t channels, uint8_t *target, char *message
);

#endif
