// Convolution of one sample. A vector is PF_WIDTH neighbouring positions of one output channel, so that a weight is one
// number for all of them and rows of weights are read as they lie. One tap (input channel, kernel row and column) is
// one shift of the input plane: with the input's own row stride, all positions of a channel are one long vector whose
// last few columns of each row are thrown away.

// Channels of a tile: with three vectors each, all sums stay in registers.
#define PF_ROWS (PF_REGISTERS == 32 ? 8 : 4)
#define PF_ROW_VECTORS 3

typedef enum {
    PF_FLAT,    // all rows of the input as one vector
    PF_EACH,    // each output row begins a vector
    PF_COLUMNS  // a copy for each tap, without the columns that would be thrown away: for small planes
} pf_single_mode;

typedef struct {
    pf_single_mode mode;
    int copies;                   // the input is padded, or taken apart by its strides
    long plane_h, plane_w;        // of a plane that taps shift over
    long inputs, outputs, taps;   // of a group
    long vectors;                 // of one output channel
    long row_vectors;             // PF_EACH: of one output row
    long stride;                  // between output rows as computed
    // Scratch, in floats.
    long offsets, planes, columns, stage, sums, rest, total;
} pf_single_geometry;

PF_INLINE long pf_vectors(long count) { return (count + PF_WIDTH - 1) / PF_WIDTH; }

static pf_single_geometry pf_single_geometry_of(const pf_convolution *c) {
    pf_single_geometry g = {0};
    long kernel_h = (long)(c->kernel_h - 1) * c->dilation_h, kernel_w = (long)(c->kernel_w - 1) * c->dilation_w;
    g.copies = c->stride_h != 1 || c->stride_w != 1 || c->pad_top != 0 || c->pad_left != 0
        || c->height_out + kernel_h > c->height_in || c->width_out + kernel_w > c->width_in;
    g.plane_h = g.copies ? c->height_out + kernel_h / c->stride_h : c->height_in;
    g.plane_w = g.copies ? c->width_out + kernel_w / c->stride_w : c->width_in;
    g.inputs = c->channels_in / c->groups;
    g.outputs = c->channels_out / c->groups;
    g.taps = g.inputs * c->kernel_h * c->kernel_w;

    long flat = pf_vectors((c->height_out - 1) * g.plane_w + c->width_out);
    long each = c->height_out * pf_vectors(c->width_out);
    long packed = pf_vectors((long)c->height_out * c->width_out);
    // Multiply-adds of vectors; a row that is copied costs about four of them.
    double flat_cost = (double)flat * g.outputs, each_cost = 1.05 * each * g.outputs;
    double packed_cost = (double)packed * g.outputs + 4.0 * each;
    if (packed_cost < flat_cost && packed_cost < each_cost && packed * PF_WIDTH * g.taps <= 1 << 16) {
        g.mode = PF_COLUMNS;
        g.vectors = packed;
        g.stride = c->width_out;
    } else if (each_cost < flat_cost) {
        g.mode = PF_EACH;
        g.vectors = each;
        g.row_vectors = pf_vectors(c->width_out);
        g.stride = g.row_vectors * PF_WIDTH;
    } else {
        g.mode = PF_FLAT;
        g.vectors = flat;
        g.stride = g.plane_w;
    }
    long plane_count = g.copies ? (long)c->channels_in * c->stride_h * c->stride_w : 0;
    g.offsets = 0;
    g.planes = pf_round_up(g.taps);
    g.columns = g.planes + pf_round_up(plane_count * g.plane_h * g.plane_w + PF_SINGLE_SLACK);
    g.stage = g.columns + (g.mode == PF_COLUMNS ? g.taps * packed * PF_WIDTH + PF_LANES : 0);
    g.stage = pf_round_up(g.stage);
    g.sums = g.stage + pf_round_up(PF_ROWS * g.taps);
    // A pooled row reads two vectors at a time, from two rows.
    g.rest = g.sums + PF_ROWS * pf_round_up(g.vectors * PF_WIDTH) + 2 * PF_LANES;
    g.total = g.rest + pf_round_up((long)c->height_out * c->width_out + PF_LANES);
    return g;
}

/// Sums of `rows` output channels at `count` neighbouring vectors, times their scales, plus their biases.
PF_INLINE void pf_single_tile(
    int rows, int count, const float *const *w, const int32_t *offsets, long taps, const float *x,
    const float *scale, const float *bias, float *sums, long stride
) {
    pf_v sum[8][PF_ROW_VECTORS];
    const float *row[8];
    PF_UNROLL for (int r = 0; r < rows; r++) {
        row[r] = w[r];
        PF_UNROLL for (int v = 0; v < count; v++) sum[r][v] = pf_splat(0);
    }
    for (long k = 0; k < taps; k++) {
        const float *at = x + offsets[k];
        pf_v value[PF_ROW_VECTORS];
        PF_UNROLL for (int v = 0; v < count; v++) value[v] = pf_load_unaligned(at + v * PF_WIDTH);
        PF_UNROLL for (int r = 0; r < rows; r++) {
            pf_v weight = pf_splat(row[r][k]);
            PF_UNROLL for (int v = 0; v < count; v++) sum[r][v] += value[v] * weight;
        }
    }
    PF_UNROLL for (int r = 0; r < rows; r++) {
        pf_v factor = pf_splat(scale[r]), offset = pf_splat(bias[r]);
        PF_UNROLL for (int v = 0; v < count; v++) {
            pf_store_unaligned(sums + r * stride + v * PF_WIDTH, sum[r][v] * factor + offset);
        }
    }
}

#define PF_SINGLE_TILE(rows, count)                                                                                 \
    PF_OUTLINE void pf_single_tile_##rows##_##count(                                                         \
        const float *const *w, const int32_t *offsets, long taps, const float *x, const float *scale,        \
        const float *bias, float *sums, long stride                                                          \
    ) {                                                                                                      \
        pf_single_tile(rows, count, w, offsets, taps, x, scale, bias, sums, stride);                         \
    }
#if PF_REGISTERS == 32
PF_SINGLE_TILE(8, 1)
PF_SINGLE_TILE(8, 2)
PF_SINGLE_TILE(8, 3)
#endif
PF_SINGLE_TILE(4, 1)
PF_SINGLE_TILE(4, 2)
PF_SINGLE_TILE(4, 3)
PF_SINGLE_TILE(2, 1)
PF_SINGLE_TILE(2, 2)
PF_SINGLE_TILE(2, 3)
PF_SINGLE_TILE(1, 1)
PF_SINGLE_TILE(1, 2)
PF_SINGLE_TILE(1, 3)

typedef void (*pf_tile)(
    const float *const *w, const int32_t *offsets, long taps, const float *x, const float *scale,
    const float *bias, float *sums, long stride
);

/// By 8, 4, 2 or 1 channels, and vectors.
static const pf_tile pf_tiles[4][PF_ROW_VECTORS] = {
#if PF_REGISTERS == 32
    {pf_single_tile_8_1, pf_single_tile_8_2, pf_single_tile_8_3},
#else
    {0, 0, 0},
#endif
    {pf_single_tile_4_1, pf_single_tile_4_2, pf_single_tile_4_3},
    {pf_single_tile_2_1, pf_single_tile_2_2, pf_single_tile_2_3},
    {pf_single_tile_1_1, pf_single_tile_1_2, pf_single_tile_1_3},
};

/// Copies the input into zero-padded planes, one for each phase of the strides, so that every tap is a shift.
static void pf_single_planes(const pf_convolution *c, const pf_single_geometry *g, const float *x, float *planes) {
    for (long channel = 0; channel < c->channels_in; channel++) {
        for (long phase = 0; phase < (long)c->stride_h * c->stride_w; phase++) {
            for (long row = 0; row < g->plane_h; row++) {
                long y = row * c->stride_h + phase / c->stride_w - c->pad_top;
                const float *from = x + (channel * c->height_in + y) * c->width_in;
                for (long column = 0; column < g->plane_w; column++) {
                    long at = column * c->stride_w + phase % c->stride_w - c->pad_left;
                    int inside = y >= 0 && y < c->height_in && at >= 0 && at < c->width_in;
                    *planes++ = inside ? from[at] : 0;
                }
            }
        }
    }
}

/// Where each tap of a group's first channel begins in the planes.
static void pf_single_offsets(const pf_convolution *c, const pf_single_geometry *g, int32_t *offsets) {
    long size = g->plane_h * g->plane_w, window = (long)c->kernel_h * c->kernel_w;
    int32_t *first = offsets;
    for (long ky = 0; ky < c->kernel_h; ky++) {
        long y = ky * c->dilation_h, row = y, phase_row = 0;
        // Divisions are slow and seldom needed.
        if (c->stride_h > 1) {
            row = y / c->stride_h;
            phase_row = y % c->stride_h * c->stride_w;
        }
        for (long kx = 0; kx < c->kernel_w; kx++) {
            long at = kx * c->dilation_w, column = at, phase = phase_row;
            if (c->stride_w > 1) {
                column = at / c->stride_w;
                phase += at % c->stride_w;
            }
            *offsets++ = (int32_t)(phase * size + row * g->plane_w + column);
        }
    }
    long channel_size = (long)c->stride_h * c->stride_w * size;
    for (long channel = 1; channel < g->inputs; channel++) {
        int32_t start = (int32_t)(channel * channel_size);
        for (long k = 0; k < window; k++) *offsets++ = first[k] + start;
    }
}

/// Copies output rows together, `step` floats at a time. A row's last piece may write into what comes next, which is
/// written later.
PF_INLINE void pf_single_rows(const pf_convolution *c, long step, const float *from, long stride, float *to) {
    for (long row = 0; row < c->height_out; row++, from += stride, to += c->width_out) {
        for (long i = 0; i < c->width_out; i += step) __builtin_memcpy(to + i, from + i, step * sizeof(float));
    }
}

/// Copies the output positions of each tap together. `offsets` then say where.
static void pf_single_columns(
    const pf_convolution *c, const pf_single_geometry *g, const float *x, int32_t *offsets, float *columns
) {
    long size = g->vectors * PF_WIDTH;
    for (long k = 0; k < g->taps; k++) {
        const float *from = x + offsets[k];
        // Narrow pieces for narrow rows: a store that reaches into another cache line takes several times as long.
        if (c->width_out <= 4) pf_single_rows(c, 4, from, g->plane_w, columns + k * size);
        else if (c->width_out <= 8) pf_single_rows(c, 8, from, g->plane_w, columns + k * size);
        else pf_single_rows(c, 16, from, g->plane_w, columns + k * size);
        offsets[k] = (int32_t)(k * size);
    }
}

/// Pools and activates one channel. Writes up to a vector too much.
PF_INLINE void pf_single_finish_as(
    const pf_convolution *c, int activation, const float *sums, long stride, float *y
) {
    float alpha = c->alpha, beta = c->beta;
    if (!c->pool) {
        for (long row = 0; row < c->height_out; row++) {
            for (long i = 0; i < c->width_out; i += PF_WIDTH) {
                pf_v value = pf_load_unaligned(sums + row * stride + i);
                pf_store_unaligned(y + row * c->width_out + i, pf_activate(activation, alpha, beta, value));
            }
        }
        return;
    }
    long width = c->width_out / 2;
    for (long row = 0; row < c->height_out / 2; row++) {
        const float *a = sums + 2 * row * stride, *b = a + stride;
        for (long i = 0; i < width; i += PF_WIDTH, a += 2 * PF_WIDTH, b += 2 * PF_WIDTH) {
            pf_v low = pf_max(pf_load_unaligned(a), pf_load_unaligned(b));
            pf_v high = pf_max(pf_load_unaligned(a + PF_WIDTH), pf_load_unaligned(b + PF_WIDTH));
            pf_v value = pf_max(pf_evens(low, high), pf_odds(low, high));
            pf_store_unaligned(y + row * width + i, pf_activate(activation, alpha, beta, value));
        }
    }
}

PF_OUTLINE void pf_single_finish(const pf_convolution *c, const float *sums, long stride, float *y) {
    switch (c->activation) {
    case PF_NONE: return pf_single_finish_as(c, PF_NONE, sums, stride, y);
    case PF_RELU: return pf_single_finish_as(c, PF_RELU, sums, stride, y);
    case PF_LEAKY_RELU: return pf_single_finish_as(c, PF_LEAKY_RELU, sums, stride, y);
    case PF_CLIP: return pf_single_finish_as(c, PF_CLIP, sums, stride, y);
    default: return pf_single_finish_as(c, c->activation, sums, stride, y);
    }
}

/// All output positions of some channels of a group.
static void pf_single_channels(
    const pf_convolution *c, const pf_single_geometry *g, const pf_tile *tiles, const float *const *w,
    const int32_t *offsets, const float *x, const float *scale, const float *bias, float *sums
) {
    long size = pf_round_up(g->vectors * PF_WIDTH);
    long rows = g->mode == PF_EACH ? c->height_out : 1;
    long vectors = g->mode == PF_EACH ? g->row_vectors : g->vectors;
    for (long row = 0; row < rows; row++) {
        const float *from = x + row * g->plane_w;
        for (long v = 0, count; v < vectors; v += count) {
            long left = vectors - v;
            // Two and two are faster than three and one.
            count = left == 4 ? 2 : pf_minimum(left, PF_ROW_VECTORS);
            tiles[count - 1](
                w, offsets, g->taps, from + v * PF_WIDTH, scale, bias,
                sums + (row * vectors + v) * PF_WIDTH, size
            );
        }
    }
}

static size_t pf_set_single_convolution_scratch(const pf_convolution *c) {
    return (size_t)pf_single_geometry_of(c).total * sizeof(float);
}

static void pf_set_single_convolution(
    const pf_convolution *c, const pf_paged_weights *w, int64_t weights, int64_t scale, int64_t bias,
    const float *x, float *y, void *scratch
) {
    pf_single_geometry g = pf_single_geometry_of(c);
    float *floats = scratch;
    int32_t *offsets = (int32_t *)(void *)(floats + g.offsets);
    if (g.copies) {
        pf_single_planes(c, &g, x, floats + g.planes);
        x = floats + g.planes;
    }
    long group_size = g.inputs * (g.copies ? (long)c->stride_h * c->stride_w : 1) * g.plane_h * g.plane_w;
    long count = c->pool ? (long)(c->height_out / 2) * (c->width_out / 2) : (long)c->height_out * c->width_out;
    long size = pf_round_up(g.vectors * PF_WIDTH);
    pf_cursor cursor = pf_cursor_at(w, weights);
    if (g.mode != PF_COLUMNS) pf_single_offsets(c, &g, offsets);
    for (long group = 0; group < c->groups; group++) {
        const float *input = x + group * group_size;
        if (g.mode == PF_COLUMNS) {
            pf_single_offsets(c, &g, offsets);
            pf_single_columns(c, &g, input, offsets, floats + g.columns);
            input = floats + g.columns;
        }
        for (long done = 0; done < g.outputs;) {
            long left = g.outputs - done, rows = PF_ROWS, kind = PF_ROWS == 8 ? 0 : 1;
            while (rows > left) {
                rows /= 2;
                kind++;
            }
            const float *row[8];
            float scales[8], biases[8];
            for (long r = 0; r < rows; r++) row[r] = pf_row_of(&cursor, g.taps, floats + g.stage + r * g.taps);
            long channel = group * g.outputs + done;
            pf_vector_or(w, scale, channel, rows, 1, scales);
            pf_vector_or(w, bias, channel, rows, 0, biases);
            pf_single_channels(c, &g, pf_tiles[kind], row, offsets, input, scales, biases, floats + g.sums);
            for (long r = 0; r < rows; r++, channel++) {
                const float *sums = floats + g.sums + r * size;
                float *to = y + channel * count;
                if ((c->channels_out - channel - 1) * count >= PF_WIDTH) {
                    pf_single_finish(c, sums, g.stride, to);
                } else {
                    // What comes behind the last channel is not ours to write.
                    pf_single_finish(c, sums, g.stride, floats + g.rest);
                    memcpy(to, floats + g.rest, (size_t)count * sizeof(float));
                }
            }
            done += rows;
        }
    }
}
