// Dense layer, forward beside backward, and the small matrix product behind its weight gradient. Weights are read in
// place, row-major; only one block of x is ever transposed.

/// y[o] = activation(bias[o] + sum over i of w[o][i] x[i]) for M outputs.
PF_INLINE void pf_dense_sums(const int M, const pf_dense *d, const float *x, const float *w, const float *bias, float *y) {
    PF_EACH_PART(part) {
        pf_v sums[M];
        PF_UNROLL for (int m = 0; m < M; m++) sums[m] = pf_splat(bias ? bias[m] : 0);
        const long in = d->features_in;
        for (long i = 0; i < in; i++) {
            pf_v value = pf_load(x + i * PF_LANES + part);
            PF_UNROLL for (int m = 0; m < M; m++) sums[m] += value * w[m * in + i];
        }
        PF_UNROLL for (int m = 0; m < M; m++) {
            pf_store(y + m * PF_LANES + part, pf_activate(d->activation, d->alpha, sums[m]));
        }
    }
}

/// dx[i] = sum over o of w[o][i] dz[o] for M inputs.
PF_INLINE void pf_dense_inputs(const int M, const pf_dense *d, const float *dz, const float *w, float *dx) {
    PF_EACH_PART(part) {
        pf_v sums[M];
        PF_UNROLL for (int m = 0; m < M; m++) sums[m] = pf_splat(0);
        const float *row = w;
        for (long o = 0; o < d->features_out; o++, row += d->features_in) {
            pf_v value = pf_load(dz + o * PF_LANES + part);
            PF_UNROLL for (int m = 0; m < M; m++) sums[m] += value * row[m];
        }
        PF_UNROLL for (int m = 0; m < M; m++) pf_store(dx + m * PF_LANES + part, sums[m]);
    }
}

/// c[m][n] += sum over rows r and k < depth of a[m][r][k] * b[r][k][n], for M rows of c and N vectors of columns.
/// b is contiguous, its rows `b_row` floats apart; a and c need no alignment.
PF_INLINE void pf_product_tile(
    const int M, const int N, const float *a, long a_m, long a_row, long rows, long depth, const float *b,
    long b_row, float *c, long c_row
) {
    pf_v sums[M * N];
    PF_UNROLL for (int m = 0; m < M; m++) {
        PF_UNROLL for (int n = 0; n < N; n++) {
            sums[m * N + n] = pf_load_unaligned(c + m * c_row + n * PF_WIDTH);
        }
    }
    for (long r = 0; r < rows; r++) {
        for (long k = 0; k < depth; k++, b += b_row) {
            pf_v values[N];
            PF_UNROLL for (int n = 0; n < N; n++) values[n] = pf_load(b + n * PF_WIDTH);
            PF_UNROLL for (int m = 0; m < M; m++) {
                pf_v scalar = pf_splat(a[m * a_m + r * a_row + k]);
                PF_UNROLL for (int n = 0; n < N; n++) sums[m * N + n] += values[n] * scalar;
            }
        }
    }
    PF_UNROLL for (int m = 0; m < M; m++) {
        PF_UNROLL for (int n = 0; n < N; n++) {
            pf_store_unaligned(c + m * c_row + n * PF_WIDTH, sums[m * N + n]);
        }
    }
}

#if PF_REGISTERS == 32
#define PF_PRODUCT_ROWS 4
#define PF_PRODUCT_COLUMNS 6
#else
#define PF_PRODUCT_ROWS 2
#define PF_PRODUCT_COLUMNS 4
#endif

#define PF_PRODUCT_TILE(M, N)                                                                                  \
    PF_OUTLINE void pf_product_##M##_##N(                                                                      \
        const float *a, long a_m, long a_row, long rows, long depth, const float *b, long b_row, float *c,     \
        long c_row) {                                                                                          \
        pf_product_tile(M, N, a, a_m, a_row, rows, depth, b, b_row, c, c_row);                                 \
    }
#define PF_PRODUCT_TILES(N) PF_PRODUCT_TILE(PF_PRODUCT_ROWS, N) PF_PRODUCT_TILE(1, N)
#if PF_REGISTERS == 32
#define PF_PRODUCT_ENTRY(N) {pf_product_4_##N, pf_product_1_##N}
PF_PRODUCT_TILE(4, 1)
PF_PRODUCT_TILE(4, 2)
PF_PRODUCT_TILE(4, 3)
PF_PRODUCT_TILE(4, 4)
PF_PRODUCT_TILE(4, 5)
PF_PRODUCT_TILE(4, 6)
PF_PRODUCT_TILE(1, 5)
PF_PRODUCT_TILE(1, 6)
#else
#define PF_PRODUCT_ENTRY(N) {pf_product_2_##N, pf_product_1_##N}
PF_PRODUCT_TILE(2, 1)
PF_PRODUCT_TILE(2, 2)
PF_PRODUCT_TILE(2, 3)
PF_PRODUCT_TILE(2, 4)
#endif
PF_PRODUCT_TILE(1, 1)
PF_PRODUCT_TILE(1, 2)
PF_PRODUCT_TILE(1, 3)
PF_PRODUCT_TILE(1, 4)

typedef void pf_product(
    const float *a, long a_m, long a_row, long rows, long depth, const float *b, long b_row, float *c, long c_row);
static pf_product *const pf_products[PF_PRODUCT_COLUMNS + 1][2] = {
    {0}, PF_PRODUCT_ENTRY(1), PF_PRODUCT_ENTRY(2), PF_PRODUCT_ENTRY(3), PF_PRODUCT_ENTRY(4),
#if PF_REGISTERS == 32
    PF_PRODUCT_ENTRY(5), PF_PRODUCT_ENTRY(6),
#endif
};

/// c[m][n] += a b for any m and n; see pf_product_tile. b has its columns padded to a multiple of 16.
static void pf_add_product(
    long m, long n, const float *a, long a_m, long a_row, long rows, long depth, const float *b, long b_row,
    float *c, long c_row
) {
    for (long column = 0; column < n;) {
        long vectors = (n - column) / PF_WIDTH;
        if (vectors == 0) {
            // The last columns are fewer than a register holds: through a small buffer.
            for (long i = 0; i < m; i++) {
                float last[PF_WIDTH] = {0};
                float *target = c + i * c_row + column;
                memcpy(last, target, sizeof(float) * (size_t)(n - column));
                pf_products[1][1](a + i * a_m, a_m, a_row, rows, depth, b + column, b_row, last, 0);
                memcpy(target, last, sizeof(float) * (size_t)(n - column));
            }
            return;
        }
        if (vectors > PF_PRODUCT_COLUMNS) {
            vectors = vectors < 2 * PF_PRODUCT_COLUMNS ? (vectors + 1) / 2 : PF_PRODUCT_COLUMNS;
        }
        for (long i = 0; i < m;) {
            int single = m - i < PF_PRODUCT_ROWS;
            pf_products[vectors][single](
                a + i * a_m, a_m, a_row, rows, depth, b + column, b_row, c + i * c_row + column, c_row);
            i += single ? 1 : PF_PRODUCT_ROWS;
        }
        column += vectors * PF_WIDTH;
    }
}

#define PF_DENSE_TILE(M)                                                                                       \
    PF_OUTLINE void pf_dense_sums_##M(                                                                         \
        const pf_dense *d, const float *x, const float *w, const float *bias, float *y) {                      \
        pf_dense_sums(M, d, x, w, bias, y);                                                                    \
    }                                                                                                          \
    PF_OUTLINE void pf_dense_inputs_##M(const pf_dense *d, const float *dz, const float *w, float *dx) {       \
        pf_dense_inputs(M, d, dz, w, dx);                                                                      \
    }
#if PF_REGISTERS == 32
#define PF_DENSE_MOST 16
PF_DENSE_TILE(16)
#else
#define PF_DENSE_MOST 8
#endif
PF_DENSE_TILE(8)
PF_DENSE_TILE(4)
PF_DENSE_TILE(2)
PF_DENSE_TILE(1)

typedef void pf_dense_sums_tile(const pf_dense *d, const float *x, const float *w, const float *bias, float *y);
typedef void pf_dense_inputs_tile(const pf_dense *d, const float *dz, const float *w, float *dx);
static const struct {
    long count;
    pf_dense_sums_tile *sums;
    pf_dense_inputs_tile *inputs;
} pf_dense_tiles[] = {
#if PF_REGISTERS == 32
    {16, pf_dense_sums_16, pf_dense_inputs_16},
#endif
    {8, pf_dense_sums_8, pf_dense_inputs_8},
    {4, pf_dense_sums_4, pf_dense_inputs_4},
    {2, pf_dense_sums_2, pf_dense_inputs_2},
    {1, pf_dense_sums_1, pf_dense_inputs_1},
};

static void pf_set_dense_forward(
    const pf_dense *d, const float *x, const float *w, const float *bias, float *y, void *scratch
) {
    (void)scratch;
    long out = 0;
    for (int kind = 0; out < d->features_out; kind++) {
        for (; out + pf_dense_tiles[kind].count <= d->features_out; out += pf_dense_tiles[kind].count) {
            pf_dense_tiles[kind].sums(
                d, x, w + out * d->features_in, bias ? bias + out : 0, y + out * PF_LANES);
        }
    }
}

/// Transposes `vectors` vectors of 16 (at `from`) into 16 rows, `row` floats apart; columns to a multiple of 16 are 0.
static void pf_transpose_vectors(const float *from, long vectors, float *to, long row, int squared) {
    for (long i = 0; i < vectors; i += PF_LANES) {
        pf_row r[PF_LANES];
        for (long k = 0; k < PF_LANES; k++) {
            if (i + k < vectors) r[k] = *(const pf_row *)(from + (i + k) * PF_LANES);
            else r[k] = (pf_row)0.0f;
        }
        pf_transpose_rows(r);
        PF_UNROLL for (long k = 0; k < PF_LANES; k++) *(pf_row *)(to + k * row + i) = squared ? r[k] * r[k] : r[k];
    }
}

static void pf_set_dense_backward(
    const pf_dense *d, const float *x, const float *w, const float *y, const float *dy, float *dx, float *dw,
    float *db, int32_t squared, void *scratch
) {
    float *dz = scratch, *transposed = dz + (long)d->features_out * PF_LANES;
    for (long i = 0; i < (long)d->features_out * PF_LANES; i += PF_WIDTH) {
        pf_store(dz + i, pf_activate_backward(d->activation, d->alpha, pf_load(y + i), pf_load(dy + i)));
    }
    if (db) pf_add_lane_sums(dz, d->features_out, squared, db);
    if (dx) {
        long in = 0;
        for (int kind = 0; in < d->features_in; kind++) {
            for (; in + pf_dense_tiles[kind].count <= d->features_in; in += pf_dense_tiles[kind].count) {
                pf_dense_tiles[kind].inputs(d, dz, w + in, dx + in * PF_LANES);
            }
        }
    }
    // One position, so the square of a lane's gradient is the product of the squares.
    if (squared) {
        for (long i = 0; i < (long)d->features_out * PF_LANES; i += PF_WIDTH) {
            pf_store(dz + i, pf_load(dz + i) * pf_load(dz + i));
        }
    }
    long row = pf_round_up(d->features_in);
    pf_transpose_vectors(x, d->features_in, transposed, row, squared);
    pf_add_product(
        d->features_out, d->features_in, dz, PF_LANES, 0, 1, PF_LANES, transposed, row, dw, d->features_in);
}

static size_t pf_set_dense_scratch(const pf_dense *d) {
    return sizeof(float) * (size_t)((d->features_out + pf_round_up(d->features_in)) * (long)PF_LANES) + 64;
}
