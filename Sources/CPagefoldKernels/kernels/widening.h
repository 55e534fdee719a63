// What the codes of weights mean: numbers of a fold file widened to float32, a register at a time (docs/format.md,
// "Frames"). Where they lie is in paged_weights.h.

/// Numbers of one format that follow each other, from the one called `first`.
typedef struct {
    const void *codes;
    long first;
    int32_t format;  // pf_frame_format
    float quantum;      // of formats that have one
} pf_numbers;

/// Bits of a code in formats that have a quantum.
PF_INLINE int pf_code_bits(int32_t format) { return format == PF_INT8 ? 8 : PF_INT1 + 1 - format; }

PF_INLINE float pf_half(uint16_t bits) {
    // Exact for subnormal numbers too: the exponents differ by 112.
    uint32_t magnitude = (uint32_t)(bits & 0x7FFF) << 13;
    float value;
    memcpy(&value, &magnitude, sizeof value);
    return bits & 0x8000 ? -(value * 0x1p112f) : value * 0x1p112f;
}

PF_INLINE int pf_has_quantum(int32_t format) { return format >= PF_INT8 && format <= PF_INT1; }

PF_INLINE float pf_quantum(const pf_frames *frames, long frame) {
    return pf_has_quantum(frames->format) ? pf_half(((const uint16_t *)frames->quanta)[frame]) : 1;
}

PF_INLINE pf_v pf_load_halves(const uint16_t *p) {
    pf_h halves;
    memcpy(&halves, p, sizeof halves);
    pf_i bits = __builtin_convertvector(halves, pf_i);
    pf_v magnitude = (pf_v)((bits & 0x7FFF) << 13) * 0x1p112f;
    return (pf_v)((pf_i)magnitude | ((bits & 0x8000) << 16));
}

PF_INLINE pf_v pf_load_fixed(const int16_t *p) {
    typedef int16_t words __attribute__((ext_vector_type(PF_WIDTH)));
    words codes;
    memcpy(&codes, p, sizeof codes);
    return __builtin_convertvector(codes, pf_v) * 0x1p-8f;
}

PF_INLINE pf_i pf_load_bytes(const uint8_t *p) {
    pf_b codes;
    memcpy(&codes, p, sizeof codes);
    return __builtin_convertvector(codes, pf_i);
}

/// As pf_half: the exponents of float8 and float32 differ by 120.
PF_INLINE float pf_eighth(uint8_t bits) {
    uint32_t magnitude = (uint32_t)(bits & 0x7F) << 20;
    float value;
    memcpy(&value, &magnitude, sizeof value);
    return bits & 0x80 ? -(value * 0x1p120f) : value * 0x1p120f;
}

PF_INLINE pf_v pf_load_eighths(const uint8_t *p) {
    pf_i bits = pf_load_bytes(p);
    pf_v magnitude = (pf_v)((bits & 0x7F) << 20) * 0x1p120f;
    return (pf_v)((pf_i)magnitude | ((bits & 0x80) << 24));
}

/// PF_WIDTH codes of 1 to 4 bits from code `index` on. Reads up to eight bytes behind the first.
PF_INLINE pf_i pf_load_codes(const uint8_t *p, long index, const int bits) {
    // So many codes come out of the low half of eight bytes, wherever in the first byte they begin.
    const int many = 32 / bits;
    pf_i codes;
    PF_UNROLL for (int part = 0; part * many < PF_WIDTH; part++) {
        long bit = (index + part * many) * bits;
        uint64_t chunk;
        memcpy(&chunk, p + (bit >> 3), sizeof chunk);
        pf_i word = (pf_i)(int32_t)(uint32_t)(chunk >> (bit & 7));
        pf_i shifts, here;
        PF_UNROLL for (int lane = 0; lane < PF_WIDTH; lane++) {
            int place = lane - part * many;
            int mine = place >= 0 && place < many;
            shifts[lane] = mine ? place * bits : 0;
            here[lane] = mine ? -1 : 0;
        }
        word = (word >> shifts) & here;
        codes = part == 0 ? word : codes | word;
    }
    return codes & ((1 << bits) - 1);
}

/// PF_WIDTH numbers from number i of the run on; `format` is known when this is compiled.
PF_INLINE pf_v pf_load_numbers(const pf_numbers *run, long i, const int32_t format) {
    long index = run->first + i;
    if (format == PF_FLOAT32) return pf_load_unaligned((const float *)run->codes + index);
    if (format == PF_FLOAT16) return pf_load_halves((const uint16_t *)run->codes + index);
    if (format == PF_FIXED16) return pf_load_fixed((const int16_t *)run->codes + index);
    if (format == PF_FLOAT8) return pf_load_eighths((const uint8_t *)run->codes + index);
    const int bits = pf_code_bits(format);
    const uint8_t *p = (const uint8_t *)run->codes;
    pf_i codes = format == PF_INT8 ? pf_load_bytes(p + index) : pf_load_codes(p, index, bits);
    // Exact in whatever order: 20 bits at most.
    return __builtin_convertvector(codes, pf_v) * run->quantum - 0.5f * (float)((1 << bits) - 1) * run->quantum;
}

/// The number i of the run.
PF_INLINE float pf_number_at(const pf_numbers *run, long i) {
    long index = run->first + i;
    switch (run->format) {
    case PF_FLOAT32: return ((const float *)run->codes)[index];
    case PF_FLOAT16: return pf_half(((const uint16_t *)run->codes)[index]);
    case PF_FIXED16: return (float)((const int16_t *)run->codes)[index] * 0x1p-8f;
    case PF_FLOAT8: return pf_eighth(((const uint8_t *)run->codes)[index]);
    default: break;
    }
    int bits = pf_code_bits(run->format);
    long bit = index * bits;
    uint16_t pair;
    memcpy(&pair, (const char *)run->codes + (bit >> 3), sizeof pair);
    int code = (pair >> (bit & 7)) & ((1 << bits) - 1);
    return (float)(2 * code - (1 << bits) + 1) * (0.5f * run->quantum);
}

// One copy of a loop for each format, so that the format is known in it. `call` is made with it.
#define PF_FOR_FORMAT(format, call)                                                                          \
    switch (format) {                                                                                        \
    case PF_FLOAT32: call(PF_FLOAT32); break;                                                                \
    case PF_FLOAT16: call(PF_FLOAT16); break;                                                                \
    case PF_FIXED16: call(PF_FIXED16); break;                                                                \
    case PF_INT8: call(PF_INT8); break;                                                                      \
    case PF_INT4: call(PF_INT4); break;                                                                      \
    case PF_INT3: call(PF_INT3); break;                                                                      \
    case PF_INT2: call(PF_INT2); break;                                                                      \
    case PF_FLOAT8: call(PF_FLOAT8); break;                                                                  \
    default: call(PF_INT1); break;                                                                           \
    }

/// Writes `count` numbers as float32. A last vector that is not full is taken one by one.
PF_OUTLINE void pf_widen(const pf_numbers *run, long count, float *to) {
    long i = 0;
#define PF_WIDEN(format)                                                                                     \
    for (; i + PF_WIDTH <= count; i += PF_WIDTH) pf_store_unaligned(to + i, pf_load_numbers(run, i, format))
    PF_FOR_FORMAT(run->format, PF_WIDEN)
#undef PF_WIDEN
    for (; i < count; i++) to[i] = pf_number_at(run, i);
}
