// JPEG by libjpeg-turbo's TurboJPEG functions, with exact arithmetic and smooth chroma, as most programs decode.
// The few functions that are used are declared here, so that no header is needed.
#include "CPagefoldPictures.h"
#include "library.h"

#include <pthread.h>
#include <string.h>

typedef void *tj_handle;

// Of turbojpeg.h: pixel formats, a flag.
enum { TJ_RGB = 0, TJ_GREY = 6, TJ_ACCURATE = 4096 };

static struct {
    tj_handle (*create)(void);
    int (*header)(
        tj_handle, const unsigned char *, unsigned long, int *width, int *height, int *subsampling, int *colours
    );
    int (*read)(
        tj_handle, const unsigned char *, unsigned long, unsigned char *target, int width, int pitch, int height,
        int format, int flags
    );
    char *(*message)(tj_handle);
    int (*destroy)(tj_handle);
    int found;
} tj;

static void load(void) {
    static const char *const names[] = {
        "libturbojpeg.so.0", "libturbojpeg.so", "libturbojpeg.0.dylib", "/opt/homebrew/lib/libturbojpeg.dylib",
        "/opt/homebrew/opt/jpeg-turbo/lib/libturbojpeg.dylib", "/usr/local/lib/libturbojpeg.dylib",
        "/usr/local/opt/jpeg-turbo/lib/libturbojpeg.dylib", NULL,
    };
    void *library = pf_open_library(names);
    if (!library) return;
    tj.found = pf_find(library, "tjInitDecompress", &tj.create)
        && pf_find(library, "tjDecompressHeader3", &tj.header) && pf_find(library, "tjDecompress2", &tj.read)
        && pf_find(library, "tjGetErrorStr2", &tj.message) && pf_find(library, "tjDestroy", &tj.destroy);
}

int32_t pf_has_jpeg(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return tj.found;
}

// Bytes between segments are left there by cameras; the picture is whole.
static int has_stray_bytes(tj_handle reader) { return strstr(tj.message(reader), "extraneous bytes before marker") != NULL; }

// Whether the end of the picture is there: libjpeg tells its first warning only, so that stray bytes hide a cut. Within the
// data of a scan no marker but RST can be seen.
static int has_end(const uint8_t *bytes, size_t count) {
    size_t scan = 0, end = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        if (bytes[i] != 0xFF) continue;
        if (bytes[i + 1] == 0xDA) scan = i;
        if (bytes[i + 1] == 0xD9) end = i;
    }
    return end > scan;
}

int32_t pf_read_jpeg(
    const uint8_t *bytes, size_t count, int32_t width, int32_t height, int32_t channels, uint8_t *target, char *message
) {
    memset(message, 0, PF_PICTURE_MESSAGE);
    if (!pf_has_jpeg()) return PF_PICTURE_NO_LIBRARY;
    tj_handle reader = tj.create();
    if (!reader) return PF_PICTURE_DAMAGED;
    int real_width = 0, real_height = 0, subsampling = 0, colours = 0;
    int status = tj.header(reader, bytes, (unsigned long)count, &real_width, &real_height, &subsampling, &colours);
    if (status != 0 && has_stray_bytes(reader)) status = 0;
    if (status == 0 && (real_width != width || real_height != height)) {
        tj.destroy(reader);
        strncpy(message, "its header is not what its first bytes say", PF_PICTURE_MESSAGE - 1);
        return PF_PICTURE_DAMAGED;
    }
    if (status == 0) {
        status = tj.read(
            reader, bytes, (unsigned long)count, target, width, width * channels, height,
            channels == 1 ? TJ_GREY : TJ_RGB, TJ_ACCURATE
        );
    }
    if (status != 0) {
        strncpy(message, tj.message(reader), PF_PICTURE_MESSAGE - 1);
        if (has_stray_bytes(reader)) {
            status = has_end(bytes, count) ? 0 : -1;
            if (status != 0) strncpy(message, "Premature end of JPEG file", PF_PICTURE_MESSAGE - 1);
        }
    }
    tj.destroy(reader);
    return status == 0 ? PF_PICTURE_READ : PF_PICTURE_DAMAGED;
}
