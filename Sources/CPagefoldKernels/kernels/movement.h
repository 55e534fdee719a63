// Transpose, slice, resize and reduce along an axis, forward beside backward. Lengths are floats: of a block, whose places
// have 16, or of one sample.

/// A vector from p on, or its first number alone in every lane: so the rest of a run that is no multiple of a register's
/// width takes the same arithmetic.
PF_INLINE pf_v pf_take(const float *p, const int whole) {
    return whole ? pf_load_unaligned(p) : pf_splat(*p);
}
PF_INLINE void pf_put(float *p, pf_v v, const int whole) {
    if (whole) pf_store_unaligned(p, v);
    else *p = v[0];
}
/// Calls body(j, whole) for each vector of a run of floats and for each number of its rest.
#define PF_ALONG(count, body)                                                                                \
    do {                                                                                                     \
        long j_ = 0;                                                                                         \
        for (; j_ + PF_WIDTH <= (count); j_ += PF_WIDTH) body(j_, 1);                                        \
        for (; j_ < (count); j_++) body(j_, 0);                                                              \
    } while (0)

/// y += x · factor over `count` floats.
PF_INLINE void pf_add_share(long count, float factor, const float *x, float *y) {
#define PF_BODY(j, whole) pf_put(y + (j), pf_take(y + (j), whole) + pf_take(x + (j), whole) * factor, whole)
    PF_ALONG(count, PF_BODY);
#undef PF_BODY
}

static void pf_set_transpose_axes(const pf_axis_order *order, int64_t unit, const float *x, float *y) {
    const long columns = order->size[2], step = order->step[2];
    for (long c = 0; c < order->size[0]; c++) {
        for (long row = 0; row < order->size[1]; row++, y += columns * unit) {
            const float *from = x + (c * order->step[0] + row * order->step[1]) * unit;
            if (step == 1) {
                memcpy(y, from, sizeof(float) * (size_t)(columns * unit));
            } else if (unit == PF_LANES) {
                for (long i = 0; i < columns; i++) {
                    PF_EACH_PART(part) {
                        pf_store(y + i * PF_LANES + part, pf_load(from + i * step * PF_LANES + part));
                    }
                }
            } else {
                for (long i = 0; i < columns; i++) y[i] = from[i * step];
            }
        }
    }
}

/// The place of x that stands for place i of y; below zero for none.
PF_INLINE long pf_slice_place(const pf_slice *s, long i) {
    long place = s->start + i * s->stride, last = s->length - 1;
    if (place >= 0 && place <= last) return place;
    switch (s->border) {
    case PF_BORDER_REFLECT: return pf_minimum(pf_maximum(place < 0 ? -place : 2 * last - place, 0), last);
    case PF_BORDER_EDGE: return place < 0 ? 0 : last;
    case PF_BORDER_WRAP: return (place % s->length + s->length) % s->length;
    default: return -1;
    }
}

static void pf_set_slice_forward(const pf_slice *s, const float *x, float *y) {
    for (long line = 0; line < s->outer; line++, x += s->length * s->pace) {
        for (long i = 0; i < s->places; i++, y += s->pace) {
            long place = pf_slice_place(s, i);
            if (place >= 0) {
                memcpy(y, x + place * s->pace, sizeof(float) * (size_t)s->pace);
            } else {
                for (long j = 0; j < s->pace; j++) y[j] = s->number;
            }
        }
    }
}

static void pf_set_slice_backward(const pf_slice *s, const float *dy, float *dx) {
    memset(dx, 0, sizeof(float) * (size_t)(s->outer * s->length * s->pace));
    for (long line = 0; line < s->outer; line++, dx += s->length * s->pace) {
        for (long i = 0; i < s->places; i++, dy += s->pace) {
            long place = pf_slice_place(s, i);
            if (place >= 0) pf_set_add_into((size_t)s->pace, dx + place * s->pace, dy);
        }
    }
}

/// Which places of x a place of y lies between.
typedef struct {
    long low, high;
    float share;  // of the higher one
} pf_between;

PF_INLINE pf_between pf_resized_place(const pf_resize *r, long i) {
    // In double precision, where the product is exact. Bounds come first: then cutting off rounds down.
    double place = (double)r->factor * (double)i + (double)r->first, last = (double)(r->length - 1);
    place = place > 0 ? place < last ? place : last : 0;
    long low = (long)place;
    float share = (float)(place - (double)low);
    switch (r->interpolation) {
    case 1: return (pf_between){low, low, 0};
    case 2: low += share > 0; return (pf_between){low, low, 0};
    default: return (pf_between){low, pf_minimum(low + 1, r->length - 1), share};
    }
}

static void pf_set_resize_forward(const pf_resize *r, const float *x, float *y) {
    for (long i = 0; i < r->places; i++) {
        const pf_between between = pf_resized_place(r, i);
        for (long line = 0; line < r->outer; line++) {
            const float *low = x + (line * r->length + between.low) * r->pace;
            const float *high = x + (line * r->length + between.high) * r->pace;
            float *to = y + (line * r->places + i) * r->pace;
            if (between.share == 0) {
                memcpy(to, low, sizeof(float) * (size_t)r->pace);
                continue;
            }
#define PF_BODY(j, whole)                                                                                    \
    pf_put(                                                                                                  \
        to + (j),                                                                                            \
        pf_take(low + (j), whole) + (pf_take(high + (j), whole) - pf_take(low + (j), whole)) * between.share,  \
        whole                                                                                                \
    )
            PF_ALONG(r->pace, PF_BODY);
#undef PF_BODY
        }
    }
}

static void pf_set_resize_backward(const pf_resize *r, const float *dy, float *dx) {
    memset(dx, 0, sizeof(float) * (size_t)(r->outer * r->length * r->pace));
    for (long i = 0; i < r->places; i++) {
        const pf_between between = pf_resized_place(r, i);
        for (long line = 0; line < r->outer; line++) {
            const float *from = dy + (line * r->places + i) * r->pace;
            float *low = dx + (line * r->length + between.low) * r->pace;
            float *high = dx + (line * r->length + between.high) * r->pace;
            pf_add_share(r->pace, 1 - between.share, from, low);
            if (between.share > 0) pf_add_share(r->pace, between.share, from, high);
        }
    }
}

/// Of the lines whose first places are a vector from x on.
PF_INLINE void pf_reduce_lines(const pf_reduction *r, const float *x, float *y, const int whole) {
    const long length = r->length, pace = r->pace;
    pf_v result = pf_take(x, whole), best = pf_splat(0);
#define PF_EACH_REST for (long i = 1; i < length; i++)
#define PF_REST pf_take(x + i * pace, whole)
    switch (r->kind) {
    case PF_REDUCE_SUM: PF_EACH_REST result += PF_REST; break;
    case PF_REDUCE_MEAN:
        PF_EACH_REST result += PF_REST;
        result /= (float)length;
        break;
    case PF_REDUCE_MAXIMUM: PF_EACH_REST result = pf_max(PF_REST, result); break;
    case PF_REDUCE_MINIMUM: PF_EACH_REST result = pf_min(PF_REST, result); break;
    case PF_REDUCE_PRODUCT: PF_EACH_REST result *= PF_REST; break;
    default: {
        PF_EACH_REST {
            pf_v value = PF_REST;
            pf_i better = r->kind == PF_REDUCE_ARG_MAX ? value > result : value < result;
            result = pf_select(better, value, result);
            best = pf_select(better, pf_splat((float)i), best);
        }
        result = best;
    }
    }
    pf_put(y, result, whole);
#undef PF_REST
#undef PF_EACH_REST
}

static void pf_set_reduce_axis_forward(const pf_reduction *r, const float *x, float *y) {
    for (long line = 0; line < r->outer; line++, x += r->length * r->pace, y += r->pace) {
#define PF_BODY(j, whole) pf_reduce_lines(r, x + (j), y + (j), whole)
        PF_ALONG(r->pace, PF_BODY);
#undef PF_BODY
    }
}

PF_INLINE void pf_reduce_lines_backward(
    const pf_reduction *r, const float *x, const float *y, const float *dy, float *dx, const int whole
) {
    const long length = r->length, pace = r->pace;
    pf_v gradient = pf_take(dy, whole), zero = pf_splat(0);
    switch (r->kind) {
    case PF_REDUCE_MEAN:
    case PF_REDUCE_SUM:
        if (r->kind == PF_REDUCE_MEAN) gradient /= (float)length;
        for (long i = 0; i < length; i++) pf_put(dx + i * pace, gradient, whole);
        break;
    case PF_REDUCE_MAXIMUM:
    case PF_REDUCE_MINIMUM: {
        pf_v result = pf_take(y, whole);
        pf_i open = (pf_i)0 - 1;
        for (long i = 0; i < length; i++) {
            pf_i hit = (pf_take(x + i * pace, whole) == result) & open;
            pf_put(dx + i * pace, pf_select(hit, gradient, zero), whole);
            open &= ~hit;
        }
        break;
    }
    case PF_REDUCE_PRODUCT: {
        // The product of all before, then that times the product of all behind: nothing is divided by a factor.
        pf_v product = pf_splat(1);
        for (long i = 0; i < length; i++) {
            pf_put(dx + i * pace, product, whole);
            product *= pf_take(x + i * pace, whole);
        }
        for (long i = length - 1; i >= 0; i--) {
            pf_put(dx + i * pace, pf_take(dx + i * pace, whole) * gradient, whole);
            gradient *= pf_take(x + i * pace, whole);
        }
        break;
    }
    default:
        for (long i = 0; i < length; i++) pf_put(dx + i * pace, zero, whole);
    }
}

static void pf_set_reduce_axis_backward(
    const pf_reduction *r, const float *x, const float *y, const float *dy, float *dx
) {
    for (long line = 0; line < r->outer; line++) {
#define PF_BODY(j, whole) pf_reduce_lines_backward(r, x + (j), y + (j), dy + (j), dx + (j), whole)
        PF_ALONG(r->pace, PF_BODY);
#undef PF_BODY
        x += r->length * r->pace, dx += r->length * r->pace;
        y += r->pace, dy += r->pace;
    }
}
