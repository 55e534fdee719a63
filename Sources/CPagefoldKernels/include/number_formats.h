// The formats that weights are stored in: one table of what each is (docs/format.md, "Frames"). PagefoldCore has the same
// in Swift, NumberFormat.swift; a test compares them. What kernels do with codes is in widening.h and rounding.h.
#ifndef PF_NUMBER_FORMATS_H
#define PF_NUMBER_FORMATS_H

#include <stdint.h>

/// How a code becomes a number.
typedef enum {
    PF_KIND_FLOAT,  // sign, exponent, fraction, as in IEEE 754
    PF_KIND_FIXED,  // two's complement with some bits behind the point
    PF_KIND_WHOLE,  // (code - (2^bits - 1) / 2) * quantum; each frame has a quantum of its own
} pf_number_kind;

/// The table: row(use, format, number of the format in fold files, name, kind, bits of a code, bits of the fraction,
/// largest number, smallest positive number with all bits of the fraction); of whole numbers with a quantum of 1.
#define PF_NUMBER_FORMATS(row, use)                                                                          \
    row(use, PF_FLOAT32, 0, "float32", PF_KIND_FLOAT, 32, 23, 0x1.fffffep127f, 0x1p-126f)                    \
    row(use, PF_FLOAT16, 1, "float16", PF_KIND_FLOAT, 16, 10, 65504.0f, 0x1p-14f)                            \
    row(use, PF_FIXED16, 2, "fixed16", PF_KIND_FIXED, 16, 8, 127.99609375f, 0x1p-8f)                         \
    row(use, PF_INT8, 3, "int8", PF_KIND_WHOLE, 8, 0, 127.5f, 0.5f)                                          \
    row(use, PF_INT4, 4, "int4", PF_KIND_WHOLE, 4, 0, 7.5f, 0.5f)                                            \
    row(use, PF_INT3, 5, "int3", PF_KIND_WHOLE, 3, 0, 3.5f, 0.5f)                                            \
    row(use, PF_INT2, 6, "int2", PF_KIND_WHOLE, 2, 0, 1.5f, 0.5f)                                            \
    row(use, PF_INT1, 7, "int1", PF_KIND_WHOLE, 1, 0, 0.5f, 0.5f)                                            \
    row(use, PF_FLOAT8, 8, "float8", PF_KIND_FLOAT, 8, 3, 448.0f, 0x1p-6f)

#define PF_FORMAT_NUMBER(use, format, number, name, kind, bits, fraction, largest, smallest) format = number,
/// A format of weights.
typedef enum { PF_NUMBER_FORMATS(PF_FORMAT_NUMBER, ) } pf_number_format;
#undef PF_FORMAT_NUMBER

/// What a format is.
typedef struct {
    const char *name;
    pf_number_kind kind;
    int32_t bits;           // of a code
    int32_t fraction;       // bits of the fraction, or behind the point
    float largest;          // number
    float smallest_normal;  // positive number with all bits of the fraction
} pf_number_traits;

#endif
