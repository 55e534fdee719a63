// Convolution forward: register tiles of channels x outputs, the 2x2 max-pool taken in registers. No im2col.

/// What one tile needs besides its position.
typedef struct {
    const pf_geometry *g;
    const float *bias;
    float *y;
    uint8_t *argmax;
    long y_row, y_channel;  // in vectors
    int activation;
    float alpha, beta;
} pf_forward_job;

/// Sums M channels x R rows x C columns of outputs; x and w point at the tile's first input and first weight.
PF_INLINE void pf_forward_sums(
    const int M, const int R, const int C, const int unit, const pf_geometry *g, const float *x,
    const float *w, const float *bias, pf_v *sums
) {
    const long tap = unit ? PF_LANES : g->tap_column, step = unit ? PF_LANES : g->step_column;
    PF_UNROLL for (int m = 0; m < M; m++) {
        pf_v start = pf_splat(bias ? bias[m] : 0);
        PF_UNROLL for (int i = 0; i < R * C; i++)
            sums[m * R * C + i] = start;
    }
    for (long in = 0; in < g->in; in++, x += g->x_channel) {
        const float *row = x;
        for (long ky = 0; ky < g->kernel_h; ky++, row += g->tap_row) {
            const float *p = row;
            for (long kx = 0; kx < g->kernel_w; kx++, p += tap, w++) {
                if (M > 1) PF_FORGET(p);
                // The shorter side of the tile stays in registers, the longer one passes through.
                if (M <= R * C) {
                    pf_v weights[PF_SUMS];
                    PF_UNROLL for (int m = 0; m < M; m++)
                        weights[m] = pf_splat(w[m * g->taps]);
                    PF_UNROLL for (int r = 0; r < R; r++) {
                        PF_UNROLL for (int i = 0; i < C; i++) {
                            pf_v value = pf_load(p + r * g->step_row + i * step);
                            PF_UNROLL for (int m = 0; m < M; m++) {
                                sums[(m * R + r) * C + i] += value * weights[m];
                            }
                        }
                    }
                } else {
                    pf_v values[PF_SUMS];
                    PF_UNROLL for (int r = 0; r < R; r++) {
                        PF_UNROLL for (int i = 0; i < C; i++) {
                            values[r * C + i] = pf_load(p + r * g->step_row + i * step);
                        }
                    }
                    PF_UNROLL for (int m = 0; m < M; m++) {
                        pf_v weight = pf_splat(w[m * g->taps]);
                        PF_UNROLL for (int i = 0; i < R * C; i++)
                            sums[m * R * C + i] += values[i] * weight;
                    }
                }
            }
        }
    }
}

PF_INLINE void pf_forward_plain(
    const int M, const int C, const int unit, const pf_forward_job *job, const float *x, const float *w,
    long out, long row, long column
) {
    PF_EACH_PART(part) {
        pf_v sums[PF_SUMS];
        pf_forward_sums(M, 1, C, unit, job->g, x + part, w, job->bias ? job->bias + out : 0, sums);
        PF_UNROLL for (int m = 0; m < M; m++) {
            float *y = job->y + ((out + m) * job->y_channel + row * job->y_row + column) * PF_LANES + part;
            PF_UNROLL for (int i = 0; i < C; i++) {
                pf_store(y + i * PF_LANES, pf_activate(job->activation, job->alpha, job->beta, sums[m * C + i]));
            }
        }
    }
}

/// C pooled columns: 2 rows x 2C columns are summed, their maxima activated (activations do not decrease).
PF_INLINE void pf_forward_pooled(
    const int M, const int C, const int unit, const pf_forward_job *job, const float *x, const float *w,
    long out, long row, long column
) {
    PF_EACH_PART(part) {
        pf_v sums[PF_SUMS];
        pf_forward_sums(M, 2, 2 * C, unit, job->g, x + part, w, job->bias ? job->bias + out : 0, sums);
        PF_UNROLL for (int m = 0; m < M; m++) {
            long at = ((out + m) * job->y_channel + row * job->y_row + column) * PF_LANES + part;
            PF_UNROLL for (int i = 0; i < C; i++) {
                const pf_v *s = sums + m * C * 4 + 2 * i;
                pf_v a = s[0], b = s[1], c = s[2 * C], d = s[2 * C + 1];
                pf_i second = b > a, fourth = d > c;
                pf_v upper = pf_select(second, b, a), lower = pf_select(fourth, d, c);
                pf_i down = lower > upper;
                pf_v best = pf_select(down, lower, upper);
                pf_store(job->y + at + i * PF_LANES, pf_activate(job->activation, job->alpha, job->beta, best));
                if (job->argmax) {
                    pf_i index = down ? (pf_i)2 - fourth : (pf_i)0 - second;
                    *(pf_b *)(job->argmax + at + i * PF_LANES) = __builtin_convertvector(index, pf_b);
                }
            }
        }
    }
}

typedef void pf_forward_tile(
    const pf_forward_job *job, const float *x, const float *w, long out, long row, long column
);

#define PF_TILE(kind, M, C)                                                                                  \
    PF_OUTLINE void pf_##kind##_##M##_##C(                                                                   \
        const pf_forward_job *j, const float *x, const float *w, long o, long r, long c                      \
    ) {                                                                                                      \
        pf_forward_##kind(M, C, 1, j, x, w, o, r, c);                                                        \
    }
#define PF_TILE_APART(kind, M, C)                                                                            \
    PF_OUTLINE void pf_##kind##_apart_##M##_##C(                                                             \
        const pf_forward_job *j, const float *x, const float *w, long o, long r, long c                      \
    ) {                                                                                                      \
        pf_forward_##kind(M, C, 0, j, x, w, o, r, c);                                                        \
    }

// Tiles by width, then by channels: a sum each in 24 of 32 (or 12 of 16) registers at most.
PF_TILE(pooled, 1, 1)
PF_TILE(pooled, 2, 1)
PF_TILE(pooled, 1, 2)
PF_TILE(pooled, 1, 3)
PF_TILE(plain, 1, 1)
PF_TILE(plain, 1, 2)
PF_TILE(plain, 1, 3)
PF_TILE(plain, 4, 1)
PF_TILE(plain, 4, 2)
PF_TILE(plain, 4, 3)
PF_TILE_APART(pooled, 1, 1)
PF_TILE_APART(pooled, 2, 1)
PF_TILE_APART(plain, 1, 1)
PF_TILE_APART(plain, 1, 3)
PF_TILE_APART(plain, 4, 1)
PF_TILE_APART(plain, 4, 3)
#if PF_REGISTERS == 16
PF_TILE(pooled, 3, 1)
#else
PF_TILE(pooled, 4, 1)
PF_TILE(pooled, 6, 1)
PF_TILE(pooled, 2, 2)
PF_TILE(pooled, 3, 2)
PF_TILE(pooled, 2, 3)
PF_TILE(plain, 1, 4)
PF_TILE(plain, 1, 5)
PF_TILE(plain, 1, 6)
PF_TILE(plain, 4, 4)
PF_TILE(plain, 4, 5)
PF_TILE(plain, 4, 6)
#endif

/// The tiles of one width: the largest number of channels first.
typedef struct {
    long columns;
    struct {
        long channels;
        pf_forward_tile *tile;
    } by_channels[5];
} pf_forward_tiles;

static const pf_forward_tiles pf_pooled_tiles[] = {
#if PF_REGISTERS == 32
    {3, {{2, pf_pooled_2_3}, {1, pf_pooled_1_3}}},
    {2, {{3, pf_pooled_3_2}, {2, pf_pooled_2_2}, {1, pf_pooled_1_2}}},
    {1, {{6, pf_pooled_6_1}, {4, pf_pooled_4_1}, {2, pf_pooled_2_1}, {1, pf_pooled_1_1}}},
#else
    {3, {{1, pf_pooled_1_3}}},
    {2, {{1, pf_pooled_1_2}}},
    {1, {{3, pf_pooled_3_1}, {2, pf_pooled_2_1}, {1, pf_pooled_1_1}}},
#endif
};
static const pf_forward_tiles pf_plain_tiles[] = {
#if PF_REGISTERS == 32
    {6, {{4, pf_plain_4_6}, {1, pf_plain_1_6}}}, {5, {{4, pf_plain_4_5}, {1, pf_plain_1_5}}},
    {4, {{4, pf_plain_4_4}, {1, pf_plain_1_4}}},
#endif
    {3, {{4, pf_plain_4_3}, {1, pf_plain_1_3}}}, {2, {{4, pf_plain_4_2}, {1, pf_plain_1_2}}},
    {1, {{4, pf_plain_4_1}, {1, pf_plain_1_1}}},
};
static const pf_forward_tiles pf_pooled_tiles_apart[] = {
    {1, {{2, pf_pooled_apart_2_1}, {1, pf_pooled_apart_1_1}}}
};
static const pf_forward_tiles pf_plain_tiles_apart[] = {
    {3, {{4, pf_plain_apart_4_3}, {1, pf_plain_apart_1_3}}},
    {1, {{4, pf_plain_apart_4_1}, {1, pf_plain_apart_1_1}}},
};

/// The tile for the columns that are left: the widest, but never so that one column remains of a wide rest.
PF_INLINE const pf_forward_tiles *pf_tiles_for(const pf_forward_tiles *tiles, long left) {
    if (left == tiles->columns + 1 && tiles->columns > 2) left = (left + 1) / 2;
    while (tiles->columns > left) tiles++;
    return tiles;
}

static size_t pf_set_convolution_forward_scratch(const pf_convolution *c) {
    pf_geometry g = pf_geometry_of(c);
    return g.padded ? sizeof(float) * (size_t)(c->channels_in * g.x_channel) : 0;
}

static void pf_set_convolution_forward(
    const pf_convolution *c, const float *x, const float *w, const float *bias, float *y, uint8_t *argmax,
    void *scratch
) {
    pf_geometry g = pf_geometry_of(c);
    if (g.padded) {
        pf_pad(c, &g, x, scratch);
        x = scratch;
    }
    long size = c->pool ? 2 : 1;
    long rows = g.rows / size, columns = g.columns / size;
    pf_forward_job job = {&g, bias, y, argmax, columns, rows * columns, c->activation, c->alpha, c->beta};
    const pf_forward_tiles *tiles = c->pool ? (g.unit ? pf_pooled_tiles : pf_pooled_tiles_apart)
                                            : (g.unit ? pf_plain_tiles : pf_plain_tiles_apart);
    for (long group = 0; group < g.groups; group++, x += g.in * g.x_channel) {
        for (long row = 0; row < rows; row++) {
            long columns_done = 0;
            while (columns_done < columns) {
                const pf_forward_tiles *t = pf_tiles_for(tiles, columns - columns_done);
                const float *corner = x + row * size * g.step_row + columns_done * size * g.step_column;
                long out = 0;
                for (int kind = 0; out < g.out; kind++) {
                    long channels = t->by_channels[kind].channels;
                    // Four channels are better two and two than three and one.
                    for (; out + channels <= g.out && !(channels == 3 && out + 4 == g.out); out += channels) {
                        long channel = group * g.out + out;
                        t->by_channels[kind].tile(
                            &job, corner, w + channel * g.taps, channel, row, columns_done
                        );
                    }
                }
                columns_done += t->columns;
            }
        }
    }
}
