// The vector of one instruction set, and the few moves on it that every kernel shares. Included once per set.
// Not a maths library: exp, log and their kin are in elementary.h.
#include <string.h>

// Lanes of a block, the width of a vector register in floats and the number of registers.
#define PF_LANES 16
#ifndef PF_WIDTH
#error "PF_WIDTH (4, 8 or 16) and PF_REGISTERS (16 or 32) are set by the including file"
#endif

typedef float pf_v __attribute__((ext_vector_type(PF_WIDTH), may_alias));
typedef int32_t pf_i __attribute__((ext_vector_type(PF_WIDTH), may_alias));
typedef uint8_t pf_b __attribute__((ext_vector_type(PF_WIDTH), may_alias));
typedef uint16_t pf_h __attribute__((ext_vector_type(PF_WIDTH), may_alias));

#define PF_INLINE static inline __attribute__((always_inline))
#define PF_OUTLINE static __attribute__((noinline))
#define PF_UNROLL _Pragma("clang loop unroll(full)")
// The most sums that a tile holds: what it uses stays in registers, the rest of the array vanishes.
#define PF_SUMS 24
// One pass for each register-wide part of the 16 lanes.
#define PF_EACH_PART(part) for (long part = 0; part < PF_LANES; part += PF_WIDTH)

// Hides from the compiler where a pointer came from. Without it clang sees that this step's second value is
// the next step's first, carries it over in a register, and spills the sums.
#define PF_FORGET(pointer) __asm__("" : "+r"(pointer))

PF_INLINE pf_v pf_load(const float *p) { return *(const pf_v *)p; }
PF_INLINE void pf_store(float *p, pf_v v) { *(pf_v *)p = v; }
PF_INLINE pf_v pf_load_unaligned(const float *p) {
    pf_v v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
}
PF_INLINE void pf_store_unaligned(float *p, pf_v v) { __builtin_memcpy(p, &v, sizeof v); }
PF_INLINE pf_v pf_splat(float f) { return (pf_v)f; }
PF_INLINE pf_v pf_select(pf_i mask, pf_v yes, pf_v no) { return mask ? yes : no; }
PF_INLINE pf_v pf_max(pf_v a, pf_v b) { return a > b ? a : b; }
PF_INLINE pf_v pf_min(pf_v a, pf_v b) { return a < b ? a : b; }
PF_INLINE long pf_minimum(long a, long b) { return a < b ? a : b; }
PF_INLINE long pf_maximum(long a, long b) { return a > b ? a : b; }

// Every second lane of two vectors that lie behind each other.
#if PF_WIDTH == 16
PF_INLINE pf_v pf_evens(pf_v a, pf_v b) {
    return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}
PF_INLINE pf_v pf_odds(pf_v a, pf_v b) {
    return __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}
#elif PF_WIDTH == 8
PF_INLINE pf_v pf_evens(pf_v a, pf_v b) { return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14); }
PF_INLINE pf_v pf_odds(pf_v a, pf_v b) { return __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15); }
#else
PF_INLINE pf_v pf_evens(pf_v a, pf_v b) { return __builtin_shufflevector(a, b, 0, 2, 4, 6); }
PF_INLINE pf_v pf_odds(pf_v a, pf_v b) { return __builtin_shufflevector(a, b, 1, 3, 5, 7); }
#endif

/// To a multiple of 16.
PF_INLINE long pf_round_up(long n) { return (n + PF_LANES - 1) / PF_LANES * PF_LANES; }

/// Sums over the 16 lanes of one vector in memory, squaring each lane first if asked.
PF_INLINE float pf_sum_lanes(const float *p, int squared) {
    float sum = 0;
    for (int lane = 0; lane < PF_LANES; lane++) sum += squared ? p[lane] * p[lane] : p[lane];
    return sum;
}

// Folds PF_WIDTH vectors into one: lane i of the result is the sum over the lanes of vector i. Each step
// folds pairs, so that 16 sums take 30 shuffles and 15 additions; `order` names the inputs so that the sums
// come out in order.
#if PF_WIDTH == 16
#define PF_HALVES(a, b, x, y)                                                                                \
    __builtin_shufflevector(                                                                                 \
        a, b, x, x + 1, x + 2, x + 3, y, y + 1, y + 2, y + 3, 16 + x, 17 + x, 18 + x, 19 + x, 16 + y,        \
        17 + y, 18 + y, 19 + y                                                                               \
    )
#define PF_WITHIN(a, b, i, j)                                                                                \
    __builtin_shufflevector(                                                                                 \
        a, b, i, j, 16 + i, 16 + j, 4 + i, 4 + j, 20 + i, 20 + j, 8 + i, 8 + j, 24 + i, 24 + j, 12 + i,      \
        12 + j, 28 + i, 28 + j                                                                               \
    )
PF_INLINE pf_v pf_fold(const pf_v *v) {
    static const int order[16] = {0, 2, 1, 3, 8, 10, 9, 11, 4, 6, 5, 7, 12, 14, 13, 15};
    pf_v t[8], u[4], s[2];
    PF_UNROLL for (int i = 0; i < 8; i++) {
        pf_v a = v[order[i]], b = v[order[i + 8]];
        t[i] = PF_HALVES(a, b, 0, 4) + PF_HALVES(a, b, 8, 12);
    }
    PF_UNROLL for (int i = 0; i < 4; i++) {
        u[i] = PF_HALVES(t[i], t[i + 4], 0, 8) + PF_HALVES(t[i], t[i + 4], 4, 12);
    }
    PF_UNROLL for (int i = 0; i < 2; i++) {
        s[i] = PF_WITHIN(u[i], u[i + 2], 0, 1) + PF_WITHIN(u[i], u[i + 2], 2, 3);
    }
    return PF_WITHIN(s[0], s[1], 0, 2) + PF_WITHIN(s[0], s[1], 1, 3);
}
#elif PF_WIDTH == 8
#define PF_WITHIN(a, b, i, j) __builtin_shufflevector(a, b, i, j, 8 + i, 8 + j, 4 + i, 4 + j, 12 + i, 12 + j)
PF_INLINE pf_v pf_fold(const pf_v *v) {
    static const int order[8] = {0, 2, 1, 3, 4, 6, 5, 7};
    pf_v u[4], s[2];
    PF_UNROLL for (int i = 0; i < 4; i++) {
        pf_v a = v[order[i]], b = v[order[i + 4]];
        u[i] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11)
            + __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
    }
    PF_UNROLL for (int i = 0; i < 2; i++) {
        s[i] = PF_WITHIN(u[i], u[i + 2], 0, 1) + PF_WITHIN(u[i], u[i + 2], 2, 3);
    }
    return PF_WITHIN(s[0], s[1], 0, 2) + PF_WITHIN(s[0], s[1], 1, 3);
}
#else
#define PF_WITHIN(a, b, i, j) __builtin_shufflevector(a, b, i, j, 4 + i, 4 + j)
PF_INLINE pf_v pf_fold(const pf_v *v) {
    pf_v a = PF_WITHIN(v[0], v[1], 0, 1) + PF_WITHIN(v[0], v[1], 2, 3);
    pf_v b = PF_WITHIN(v[2], v[3], 0, 1) + PF_WITHIN(v[2], v[3], 2, 3);
    return PF_WITHIN(a, b, 0, 2) + PF_WITHIN(a, b, 1, 3);
}
#endif

/// out[i] += the sum over the lanes of vector i (each lane squared first if asked), for `count` vectors.
PF_OUTLINE void pf_add_lane_sums(const float *vectors, long count, int squared, float *out) {
    long i = 0;
    for (; i + PF_WIDTH <= count; i += PF_WIDTH) {
        pf_v v[PF_WIDTH];
        PF_UNROLL for (int k = 0; k < PF_WIDTH; k++) {
            const float *p = vectors + (i + k) * PF_LANES;
            pf_v sum = pf_load(p);
            if (squared) sum *= sum;
            PF_UNROLL for (int part = PF_WIDTH; part < PF_LANES; part += PF_WIDTH) {
                pf_v more = pf_load(p + part);
                sum += squared ? more * more : more;
            }
            v[k] = sum;
        }
        pf_store_unaligned(out + i, pf_load_unaligned(out + i) + pf_fold(v));
    }
    for (; i < count; i++) out[i] += pf_sum_lanes(vectors + i * PF_LANES, squared);
}

// 16x16 transpose, always on vectors of 16: the compiler splits them where registers are narrower.
typedef float pf_row __attribute__((ext_vector_type(16), may_alias, aligned(4)));

#define PF_INTERLEAVE(a, b, o)                                                                               \
    __builtin_shufflevector(                                                                                 \
        a, b, 0 + o, 16 + o, 1 + o, 17 + o, 4 + o, 20 + o, 5 + o, 21 + o, 8 + o, 24 + o, 9 + o, 25 + o,      \
        12 + o, 28 + o, 13 + o, 29 + o                                                                       \
    )
#define PF_PAIRS(a, b, o)                                                                                    \
    __builtin_shufflevector(                                                                                 \
        a, b, 0 + o, 1 + o, 16 + o, 17 + o, 4 + o, 5 + o, 20 + o, 21 + o, 8 + o, 9 + o, 24 + o, 25 + o,      \
        12 + o, 13 + o, 28 + o, 29 + o                                                                       \
    )
#define PF_QUARTERS(a, b, x, y)                                                                              \
    __builtin_shufflevector(                                                                                 \
        a, b, x, x + 1, x + 2, x + 3, y, y + 1, y + 2, y + 3, 16 + x, 17 + x, 18 + x, 19 + x, 16 + y,        \
        17 + y, 18 + y, 19 + y                                                                               \
    )

/// r[i][j] becomes r[j][i].
PF_INLINE void pf_transpose_rows(pf_row *r) {
    pf_row t[16];
    PF_UNROLL for (int i = 0; i < 16; i += 2) {
        t[i] = PF_INTERLEAVE(r[i], r[i + 1], 0);
        t[i + 1] = PF_INTERLEAVE(r[i], r[i + 1], 2);
    }
    // Now each quarter of t[4g + ...] holds pieces of four rows; pair them up.
    pf_row u[16];
    PF_UNROLL for (int i = 0; i < 16; i += 4) {
        u[i] = PF_PAIRS(t[i], t[i + 2], 0);
        u[i + 1] = PF_PAIRS(t[i], t[i + 2], 2);
        u[i + 2] = PF_PAIRS(t[i + 1], t[i + 3], 0);
        u[i + 3] = PF_PAIRS(t[i + 1], t[i + 3], 2);
    }
    PF_UNROLL for (int i = 0; i < 4; i++) {
        pf_row a = PF_QUARTERS(u[i], u[4 + i], 0, 8), b = PF_QUARTERS(u[i], u[4 + i], 4, 12);
        pf_row c = PF_QUARTERS(u[8 + i], u[12 + i], 0, 8), d = PF_QUARTERS(u[8 + i], u[12 + i], 4, 12);
        r[i] = PF_QUARTERS(a, c, 0, 8);
        r[8 + i] = PF_QUARTERS(a, c, 4, 12);
        r[4 + i] = PF_QUARTERS(b, d, 0, 8);
        r[12 + i] = PF_QUARTERS(b, d, 4, 12);
    }
}
