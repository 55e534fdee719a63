// PNG by libpng 1.6: stored samples, no conversion but the unpacking of 1, 2 and 4 bits to bytes.
// The few functions that are used are declared here, so that no header is needed.
#include "CPagefoldPictures.h"
#include "library.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

typedef struct png_struct_def png_struct;
typedef struct png_info_def png_info;
typedef struct {
    uint8_t red, green, blue;
} png_color;
typedef void png_error_function(png_struct *, const char *);
typedef void png_read_function(png_struct *, uint8_t *, size_t);

static struct {
    const char *(*version)(const png_struct *);
    png_struct *(*create)(const char *, void *, png_error_function *, png_error_function *);
    png_info *(*create_info)(const png_struct *);
    void (*destroy)(png_struct **, png_info **, png_info **);
    void *(*error_place)(const png_struct *);
    void *(*read_place)(const png_struct *);
    void (*set_read)(png_struct *, void *, png_read_function *);
    void (*read_info)(png_struct *, png_info *);
    uint32_t (*width)(const png_struct *, const png_info *);
    uint32_t (*height)(const png_struct *, const png_info *);
    uint32_t (*palette)(const png_struct *, png_info *, png_color **, int *);
    void (*unpack)(png_struct *);
    int (*interlace)(png_struct *);
    void (*update)(png_struct *, png_info *);
    size_t (*row_bytes)(const png_struct *, const png_info *);
    void (*read_image)(png_struct *, uint8_t **);
    void (*read_end)(png_struct *, png_info *);
    int found;
} png;

static void load(void) {
    static const char *const names[] = {
        "libpng16.so.16", "libpng16.so", "libpng16.16.dylib", "/opt/homebrew/lib/libpng16.dylib",
        "/usr/local/lib/libpng16.dylib", NULL,
    };
    void *library = pf_open_library(names);
    if (!library) return;
    png.found = pf_find(library, "png_get_libpng_ver", &png.version)
        && pf_find(library, "png_create_read_struct", &png.create)
        && pf_find(library, "png_create_info_struct", &png.create_info)
        && pf_find(library, "png_destroy_read_struct", &png.destroy)
        && pf_find(library, "png_get_error_ptr", &png.error_place)
        && pf_find(library, "png_get_io_ptr", &png.read_place)
        && pf_find(library, "png_set_read_fn", &png.set_read)
        && pf_find(library, "png_read_info", &png.read_info)
        && pf_find(library, "png_get_image_width", &png.width)
        && pf_find(library, "png_get_image_height", &png.height)
        && pf_find(library, "png_get_PLTE", &png.palette) && pf_find(library, "png_set_packing", &png.unpack)
        && pf_find(library, "png_set_interlace_handling", &png.interlace)
        && pf_find(library, "png_read_update_info", &png.update)
        && pf_find(library, "png_get_rowbytes", &png.row_bytes)
        && pf_find(library, "png_read_image", &png.read_image) && pf_find(library, "png_read_end", &png.read_end);
}

int32_t pf_has_png(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return png.found;
}

/// What is left of the file, and the way back when the library gives up.
typedef struct {
    const uint8_t *bytes;
    size_t left;
    char *message;
    jmp_buf back;
} pf_png_source;

static void give_up(png_struct *reader, const char *text) {
    pf_png_source *source = png.error_place(reader);
    strncpy(source->message, text, PF_PICTURE_MESSAGE - 1);
    longjmp(source->back, 1);
}

/// What libpng warns of does not change the samples.
static void pass_over(png_struct *reader, const char *text) {
    (void)reader;
    (void)text;
}

static void read_bytes(png_struct *reader, uint8_t *target, size_t count) {
    pf_png_source *source = png.read_place(reader);
    if (count > source->left) give_up(reader, "the file ends too early");
    memcpy(target, source->bytes, count);
    source->bytes += count;
    source->left -= count;
}

int32_t pf_read_png(
    const uint8_t *bytes, size_t count, int32_t width, int32_t height, int32_t channels, int32_t sample_bytes,
    uint8_t *target, uint8_t *palette, char *message
) {
    memset(message, 0, PF_PICTURE_MESSAGE);
    if (!pf_has_png()) return PF_PICTURE_NO_LIBRARY;
    pf_png_source source = {bytes, count, message, {{0}}};
    size_t row_bytes = (size_t)width * (size_t)channels * (size_t)sample_bytes;
    uint8_t **rows = malloc((size_t)height * sizeof *rows);
    png_struct *volatile reader = png.create(png.version(NULL), &source, give_up, pass_over);
    png_info *volatile info = reader ? png.create_info(reader) : NULL;
    volatile int32_t result = PF_PICTURE_DAMAGED;
    if (rows && info && setjmp(source.back) == 0) {
        png.set_read(reader, &source, read_bytes);
        png.read_info(reader, info);
        png_color *colours = NULL;
        int colour_count = 0;
        png.palette(reader, info, &colours, &colour_count);
        for (int i = 0; i < colour_count && i < 256; i++) memcpy(palette + 3 * i, &colours[i], 3);
        png.unpack(reader);
        png.interlace(reader);
        png.update(reader, info);
        if (png.width(reader, info) != (uint32_t)width || png.height(reader, info) != (uint32_t)height
            || png.row_bytes(reader, info) != row_bytes) {
            give_up(reader, "its header is not what its first bytes say");
        }
        for (int32_t row = 0; row < height; row++) rows[row] = target + (size_t)row * row_bytes;
        png.read_image(reader, rows);
        png.read_end(reader, NULL);
        result = PF_PICTURE_READ;
    }
    png_struct *last = reader;
    png_info *last_info = info;
    if (last) png.destroy(&last, last_info ? &last_info : NULL, NULL);
    free(rows);
    return result;
}
