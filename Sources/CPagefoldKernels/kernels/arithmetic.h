// Operations of two operands whose sides of 1 are repeated, forward beside backward.

PF_INLINE pf_v pf_raise(pf_v x, pf_v y);

PF_INLINE pf_v pf_combine(const int kind, pf_v a, pf_v b) {
    switch (kind) {
    case PF_ADD: return a + b;
    case PF_SUBTRACT: return a - b;
    case PF_MULTIPLY: return a * b;
    case PF_DIVIDE: return a / b;
    // What is no number stays none, on either side.
    case PF_MAXIMUM: return pf_select((a >= b) | (a != a), a, b);
    case PF_MINIMUM: return pf_select((a <= b) | (a != a), a, b);
    case PF_POWER: return pf_raise(a, b);
    case PF_LESS: return pf_select(a < b, pf_splat(1), pf_splat(0));
    case PF_MASK: return pf_select(b != pf_splat(0), a, pf_splat(0));
    default: return pf_select(a == b, pf_splat(1), pf_splat(0));
    }
}

/// dy times the derivative of the result by the first operand.
PF_INLINE pf_v pf_combine_backward(const int kind, pf_v a, pf_v b, pf_v dy) {
    const pf_v zero = pf_splat(0);
    switch (kind) {
    case PF_ADD:
    case PF_SUBTRACT: return dy;
    case PF_MULTIPLY: return dy * b;
    case PF_DIVIDE: return dy / b;
    case PF_MAXIMUM: return pf_select(a >= b, dy, zero);
    case PF_MINIMUM: return pf_select(a <= b, dy, zero);
    // The power of 0 is 1 everywhere, at 0 too, where the formula has 0 times infinity.
    case PF_POWER: return pf_select(b == zero, zero, dy * b * pf_raise(a, b - 1.0f));
    case PF_MASK: return pf_select(b != zero, dy, zero);
    default: return zero;
    }
}

/// The same by the second operand.
PF_INLINE pf_v pf_combine_backward_second(const int kind, pf_v a, pf_v b, pf_v dy) {
    const pf_v zero = pf_splat(0);
    switch (kind) {
    case PF_ADD: return dy;
    case PF_SUBTRACT: return -dy;
    case PF_MULTIPLY: return dy * a;
    case PF_DIVIDE: return -dy * a / (b * b);
    case PF_MAXIMUM: return pf_select(a >= b, zero, dy);
    case PF_MINIMUM: return pf_select(a <= b, zero, dy);
    case PF_POWER: return pf_select(a > zero, dy * pf_raise(a, b) * pf_log(pf_max(a, pf_splat(0x1p-126f))), zero);
    default: return zero;
    }
}

PF_INLINE void pf_combine_blocks(const pf_arithmetic *f, const int kind, const float *x, const float *second, float *y) {
    for (long c = 0; c < f->size[0]; c++) {
        for (long row = 0; row < f->size[1]; row++) {
            const float *a = x + (c * f->x_step[0] + row * f->x_step[1]) * PF_LANES;
            const float *b = second + (c * f->second_step[0] + row * f->second_step[1]) * PF_LANES;
            for (long i = 0; i < f->size[2]; i++, y += PF_LANES) {
                PF_EACH_PART(part) {
                    pf_v u = pf_load(a + i * f->x_step[2] * PF_LANES + part);
                    pf_v v = pf_load(b + i * f->second_step[2] * PF_LANES + part);
                    pf_store(y + part, pf_combine(kind, u, v));
                }
            }
        }
    }
}

PF_INLINE void pf_combine_sample(const pf_arithmetic *f, const int kind, const float *x, const float *second, float *y) {
    const int moves_x = f->x_step[2] != 0, moves_second = f->second_step[2] != 0;
    const long width = f->size[2];
    for (long c = 0; c < f->size[0]; c++) {
        for (long row = 0; row < f->size[1]; row++, y += width) {
            const float *a = x + c * f->x_step[0] + row * f->x_step[1];
            const float *b = second + c * f->second_step[0] + row * f->second_step[1];
            long i = 0;
            for (; i + PF_WIDTH <= width; i += PF_WIDTH) {
                pf_v u = moves_x ? pf_load_unaligned(a + i) : pf_splat(*a);
                pf_v v = moves_second ? pf_load_unaligned(b + i) : pf_splat(*b);
                pf_store_unaligned(y + i, pf_combine(kind, u, v));
            }
            for (; i < width; i++) {
                y[i] = pf_combine(kind, pf_splat(a[moves_x ? i : 0]), pf_splat(b[moves_second ? i : 0]))[0];
            }
        }
    }
}

#define PF_FOR_KIND(kind, body)                                                                              \
    switch (kind) {                                                                                          \
    case PF_ADD: body(PF_ADD); break;                                                                        \
    case PF_SUBTRACT: body(PF_SUBTRACT); break;                                                              \
    case PF_MULTIPLY: body(PF_MULTIPLY); break;                                                              \
    case PF_DIVIDE: body(PF_DIVIDE); break;                                                                  \
    case PF_MAXIMUM: body(PF_MAXIMUM); break;                                                                \
    case PF_MINIMUM: body(PF_MINIMUM); break;                                                                \
    case PF_POWER: body(PF_POWER); break;                                                                    \
    case PF_MASK: body(PF_MASK); break;                                                                      \
    case PF_LESS: body(PF_LESS); break;                                                                      \
    default: body(PF_EQUAL); break;                                                                          \
    }

static void pf_set_arithmetic_forward(
    const pf_arithmetic *f, int64_t unit, const float *x, const float *second, float *y
) {
    if (unit == PF_LANES) {
#define PF_BODY(kind) pf_combine_blocks(f, kind, x, second, y)
        PF_FOR_KIND(f->kind, PF_BODY)
#undef PF_BODY
    } else {
#define PF_BODY(kind) pf_combine_sample(f, kind, x, second, y)
        PF_FOR_KIND(f->kind, PF_BODY)
#undef PF_BODY
    }
}

PF_INLINE void pf_combine_blocks_backward(
    const pf_arithmetic *f, const int kind, const int to_second, const float *x, const float *second, const float *dy,
    float *dx
) {
    const int64_t *step = to_second ? f->second_step : f->x_step;
    for (long c = 0; c < f->size[0]; c++) {
        for (long row = 0; row < f->size[1]; row++) {
            const float *a = x + (c * f->x_step[0] + row * f->x_step[1]) * PF_LANES;
            const float *b = second + (c * f->second_step[0] + row * f->second_step[1]) * PF_LANES;
            float *to = dx + (c * step[0] + row * step[1]) * PF_LANES;
            for (long i = 0; i < f->size[2]; i++, dy += PF_LANES) {
                PF_EACH_PART(part) {
                    pf_v u = pf_load(a + i * f->x_step[2] * PF_LANES + part);
                    pf_v v = pf_load(b + i * f->second_step[2] * PF_LANES + part);
                    pf_v d = pf_load(dy + part);
                    float *p = to + i * step[2] * PF_LANES + part;
                    d = to_second ? pf_combine_backward_second(kind, u, v, d) : pf_combine_backward(kind, u, v, d);
                    pf_store(p, pf_load(p) + d);
                }
            }
        }
    }
}

static void pf_set_arithmetic_backward(
    const pf_arithmetic *f, int32_t to_second, const float *x, const float *second, const float *dy, float *dx
) {
    const int64_t *step = to_second ? f->second_step : f->x_step;
    size_t places = 1;
    for (int i = 0; i < 3; i++) places *= step[i] ? (size_t)f->size[i] : 1;
    memset(dx, 0, sizeof(float) * places * PF_LANES);
#define PF_BODY(kind)                                                                                        \
    if (to_second) pf_combine_blocks_backward(f, kind, 1, x, second, dy, dx);                                \
    else pf_combine_blocks_backward(f, kind, 0, x, second, dy, dx)
    PF_FOR_KIND(f->kind, PF_BODY)
#undef PF_BODY
}
