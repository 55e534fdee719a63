// Gradient of a convolution's weights: for each weight a vector of 16 per-lane sums over the positions. The
// sums over the lanes are taken at the end (vector.h), which is where a squared gradient differs. It reads
// dz, not dy.

/// sums[m][t] += sum over the piece of dz[m] * x at tap t, for M channels, R rows of taps, K taps in a row.
/// taps[r] is where row r starts in x; the sums of a row follow those of the row before it.
PF_INLINE void pf_weight_sums(
    const int M, const int R, const int K, const int unit, const pf_piece *piece, const float *dz,
    const long *taps, float *sums, long sums_channel, long sums_row
) {
    const long step = unit ? PF_LANES : piece->x_column;
    PF_EACH_PART(part) {
        pf_v s[PF_SUMS];
        PF_UNROLL for (int m = 0; m < M; m++) {
            PF_UNROLL for (int r = 0; r < R; r++) {
                PF_UNROLL for (int k = 0; k < K; k++) {
                    s[(m * R + r) * K + k] =
                        pf_load(sums + m * sums_channel + r * sums_row + k * PF_LANES + part);
                }
            }
        }
        for (long row = 0; row < piece->rows; row++) {
            const float *z = dz + row * piece->dz_row + part, *end = z + piece->columns * PF_LANES;
            const float *x[6];
            PF_UNROLL for (int r = 0; r < R; r++)
                x[r] = piece->x + taps[r] + row * piece->x_row + part;
            for (; z < end; z += PF_LANES) {
                pf_v d[PF_SUMS];
                PF_UNROLL for (int m = 0; m < M; m++)
                    d[m] = pf_load(z + m * piece->dz_channel);
                PF_UNROLL for (int r = 0; r < R; r++) {
                    PF_UNROLL for (int k = 0; k < K; k++) {
                        pf_v value = pf_load(x[r] + k * PF_LANES);
                        PF_UNROLL for (int m = 0; m < M; m++)
                            s[(m * R + r) * K + k] += value * d[m];
                    }
                    x[r] += step;
                    PF_FORGET(x[r]);
                }
            }
        }
        PF_UNROLL for (int m = 0; m < M; m++) {
            PF_UNROLL for (int r = 0; r < R; r++) {
                PF_UNROLL for (int k = 0; k < K; k++) {
                    pf_store(
                        sums + m * sums_channel + r * sums_row + k * PF_LANES + part, s[(m * R + r) * K + k]
                    );
                }
            }
        }
    }
}

typedef void pf_weight_tile(
    const pf_piece *piece, const float *dz, const long *taps, float *sums, long sums_channel, long sums_row
);

#define PF_WEIGHT_TILE(M, R, K)                                                                              \
    PF_OUTLINE void pf_weights_##M##_##R##_##K(                                                              \
        const pf_piece *p, const float *dz, const long *taps, float *s, long channel, long row               \
    ) {                                                                                                      \
        pf_weight_sums(M, R, K, 1, p, dz, taps, s, channel, row);                                            \
    }
#define PF_WEIGHT_TILE_APART(M, R)                                                                           \
    PF_OUTLINE void pf_weights_apart_##M##_##R(                                                              \
        const pf_piece *p, const float *dz, const long *taps, float *s, long channel, long row               \
    ) {                                                                                                      \
        pf_weight_sums(M, R, 1, 0, p, dz, taps, s, channel, row);                                            \
    }

// For each number of taps in a row: tiles for two channels and for one, the largest number of rows first.
#define PF_WEIGHT_TILES(R, K) PF_WEIGHT_TILE(2, R, K) PF_WEIGHT_TILE(1, R, K)
#define PF_WEIGHT_ENTRY(R, K)                                                                                \
    {                                                                                                        \
        R, { pf_weights_1_##R##_##K, pf_weights_2_##R##_##K }                                                \
    }
PF_WEIGHT_TILES(1, 1)
PF_WEIGHT_TILES(2, 1)
PF_WEIGHT_TILES(4, 1)
PF_WEIGHT_TILES(1, 2)
PF_WEIGHT_TILES(2, 2)
PF_WEIGHT_TILES(1, 3)
PF_WEIGHT_TILES(2, 3)
PF_WEIGHT_TILES(1, 4)
PF_WEIGHT_TILES(1, 5)
PF_WEIGHT_TILES(1, 6)
PF_WEIGHT_TILE_APART(1, 1)
PF_WEIGHT_TILE_APART(2, 1)
PF_WEIGHT_TILE_APART(1, 4)
PF_WEIGHT_TILE_APART(2, 4)
#if PF_REGISTERS == 32
PF_WEIGHT_TILES(6, 1)
PF_WEIGHT_TILES(4, 2)
PF_WEIGHT_TILES(3, 3)
PF_WEIGHT_TILES(2, 4)
PF_WEIGHT_TILES(2, 5)
PF_WEIGHT_TILES(2, 6)
PF_WEIGHT_TILES(1, 7)
PF_WEIGHT_TILES(1, 8)
#define PF_WIDEST 8
#else
#define PF_WIDEST 6
#endif

typedef struct {
    long rows;
    pf_weight_tile *by_channels[2];
} pf_weight_tiles;

static const pf_weight_tiles pf_weight_tiles_by_width[PF_WIDEST + 1][4] = {
    {{0, {0}}},
#if PF_REGISTERS == 32
    {PF_WEIGHT_ENTRY(6, 1), PF_WEIGHT_ENTRY(4, 1), PF_WEIGHT_ENTRY(2, 1), PF_WEIGHT_ENTRY(1, 1)},
    {PF_WEIGHT_ENTRY(4, 2), PF_WEIGHT_ENTRY(2, 2), PF_WEIGHT_ENTRY(1, 2)},
    {PF_WEIGHT_ENTRY(3, 3), PF_WEIGHT_ENTRY(2, 3), PF_WEIGHT_ENTRY(1, 3)},
    {PF_WEIGHT_ENTRY(2, 4), PF_WEIGHT_ENTRY(1, 4)},
    {PF_WEIGHT_ENTRY(2, 5), PF_WEIGHT_ENTRY(1, 5)},
    {PF_WEIGHT_ENTRY(2, 6), PF_WEIGHT_ENTRY(1, 6)},
    {PF_WEIGHT_ENTRY(1, 7)},
    {PF_WEIGHT_ENTRY(1, 8)},
#else
    {PF_WEIGHT_ENTRY(4, 1), PF_WEIGHT_ENTRY(2, 1), PF_WEIGHT_ENTRY(1, 1)},
    {PF_WEIGHT_ENTRY(2, 2), PF_WEIGHT_ENTRY(1, 2)},
    {PF_WEIGHT_ENTRY(2, 3), PF_WEIGHT_ENTRY(1, 3)},
    {PF_WEIGHT_ENTRY(1, 4)},
    {PF_WEIGHT_ENTRY(1, 5)},
    {PF_WEIGHT_ENTRY(1, 6)},
#endif
};
static const pf_weight_tiles pf_weight_tiles_apart[2] = {
    {4, {pf_weights_apart_1_4, pf_weights_apart_2_4}}, {1, {pf_weights_apart_1_1, pf_weights_apart_2_1}}
};

/// Adds the piece's share to the per-lane sums [channels][taps][16]; channels is 1 or 2.
static void pf_weight_gradient(
    const pf_geometry *g, const pf_piece *piece, const float *dz, long channels, float *sums
) {
    long sums_channel = g->taps * PF_LANES;
    if (!g->unit) {
        // Any tap by itself: four at a time.
        for (long tap = 0; tap < g->taps;) {
            const pf_weight_tiles *t = &pf_weight_tiles_apart[g->taps - tap < 4];
            long starts[6];
            for (long r = 0; r < t->rows; r++) {
                long kx = (tap + r) % g->kernel_w, rest = (tap + r) / g->kernel_w;
                starts[r] =
                    rest / g->kernel_h * g->x_channel + rest % g->kernel_h * g->tap_row + kx * g->tap_column;
            }
            t->by_channels[channels - 1](piece, dz, starts, sums + tap * PF_LANES, sums_channel, PF_LANES);
            tap += t->rows;
        }
        return;
    }
    long parts = (g->kernel_w + PF_WIDEST - 1) / PF_WIDEST, left = 0;
    for (long i = 0; i < parts; i++) {
        long width = (g->kernel_w - left) / (parts - i);
        const pf_weight_tiles *t = pf_weight_tiles_by_width[width];
        long rows = g->in * g->kernel_h;
        for (long row = 0; row < rows;) {
            while (t->rows > rows - row) t++;
            long starts[6];
            for (long r = 0; r < t->rows; r++) {
                long in = (row + r) / g->kernel_h, ky = (row + r) % g->kernel_h;
                starts[r] = in * g->x_channel + ky * g->tap_row + left * PF_LANES;
            }
            t->by_channels[channels - 1](
                piece, dz, starts, sums + (row * g->kernel_w + left) * PF_LANES, sums_channel,
                g->kernel_w * PF_LANES
            );
            row += t->rows;
        }
        left += width;
    }
}

/// The same for few positions or a 1x1 kernel, straight into dw: x is transposed so that a vector holds 16
/// taps of one sample, and dw[channel][tap] += dz[channel][position, sample] x[position, sample][tap] is a
/// matrix product. No per-lane sums, so no squares. space: d->sums floats.
static void pf_weight_product(
    const pf_geometry *g, const pf_division *d, const pf_piece *piece, long channels, float *dw, float *space
) {
    const long row = d->product_row;
    int32_t *taps = (int32_t *)(space + d->product_rows * g->columns * PF_LANES * row);
    for (long tap = 0; tap < g->taps; tap++) {
        long kx = tap % g->kernel_w, ky = tap / g->kernel_w % g->kernel_h,
             in = tap / g->kernel_w / g->kernel_h;
        taps[tap] = (int32_t)(in * g->x_channel + ky * g->tap_row + kx * g->tap_column);
    }
    for (long start = 0; start < piece->rows; start += d->product_rows) {
        long rows = pf_minimum(d->product_rows, piece->rows - start);
        for (long i = 0; i < rows * piece->columns; i++) {
            const float *x =
                piece->x + (start + i / piece->columns) * piece->x_row + i % piece->columns * piece->x_column;
            float *to = space + i * PF_LANES * row;
            for (long tap = 0; tap < g->taps; tap += PF_LANES) {
                pf_row r[PF_LANES];
                if (tap + PF_LANES <= g->taps) {
                    PF_UNROLL for (int k = 0; k < PF_LANES; k++)
                        r[k] = *(const pf_row *)(x + taps[tap + k]);
                } else {
                    for (int k = 0; k < PF_LANES; k++) {
                        if (tap + k < g->taps) r[k] = *(const pf_row *)(x + taps[tap + k]);
                        else r[k] = (pf_row)0.0f;
                    }
                }
                pf_transpose_rows(r);
                PF_UNROLL for (int k = 0; k < PF_LANES; k++)
                    *(pf_row *)(to + k * row + tap) = r[k];
            }
        }
        pf_add_product(
            channels, g->taps, piece->dz + start * piece->dz_row, piece->dz_channel, piece->dz_row, rows,
            piece->columns * PF_LANES, space, row, dw, g->taps
        );
    }
}
