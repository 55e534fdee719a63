// The matrix product behind the weight gradients of dense layers and of convolutions with few positions, and
// the transposition of its operand. Not a general GEMM: c is added to, b is small and padded.

/// c[m][n] += sum over rows r and k < depth of a[m][r][k] * b[r][k][n], for M rows of c and N vectors of
/// columns. b is contiguous, its rows `b_row` floats apart; a and c need no alignment.
PF_INLINE void pf_product_tile(
    const int M, const int N, const float *a, long a_m, long a_row, long rows, long depth, const float *b,
    long b_row, float *c, long c_row
) {
    pf_v sums[PF_SUMS];
    PF_UNROLL for (int m = 0; m < M; m++) {
        PF_UNROLL for (int n = 0; n < N; n++) {
            sums[m * N + n] = pf_load_unaligned(c + m * c_row + n * PF_WIDTH);
        }
    }
    for (long r = 0; r < rows; r++) {
        for (long k = 0; k < depth; k++, b += b_row) {
            pf_v values[PF_SUMS];
            PF_UNROLL for (int n = 0; n < N; n++)
                values[n] = pf_load(b + n * PF_WIDTH);
            PF_UNROLL for (int m = 0; m < M; m++) {
                pf_v scalar = pf_splat(a[m * a_m + r * a_row + k]);
                PF_UNROLL for (int n = 0; n < N; n++)
                    sums[m * N + n] += values[n] * scalar;
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

#define PF_PRODUCT_TILE(M, N)                                                                                \
    PF_OUTLINE void pf_product_##M##_##N(                                                                    \
        const float *a, long a_m, long a_row, long rows, long depth, const float *b, long b_row, float *c,   \
        long c_row                                                                                           \
    ) {                                                                                                      \
        pf_product_tile(M, N, a, a_m, a_row, rows, depth, b, b_row, c, c_row);                               \
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
    const float *a, long a_m, long a_row, long rows, long depth, const float *b, long b_row, float *c,
    long c_row
);
static pf_product *const pf_products[PF_PRODUCT_COLUMNS + 1][2] = {
    {0},
    PF_PRODUCT_ENTRY(1),
    PF_PRODUCT_ENTRY(2),
    PF_PRODUCT_ENTRY(3),
    PF_PRODUCT_ENTRY(4),
#if PF_REGISTERS == 32
    PF_PRODUCT_ENTRY(5),
    PF_PRODUCT_ENTRY(6),
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
                a + i * a_m, a_m, a_row, rows, depth, b + column, b_row, c + i * c_row + column, c_row
            );
            i += single ? 1 : PF_PRODUCT_ROWS;
        }
        column += vectors * PF_WIDTH;
    }
}

/// Transposes `vectors` vectors of 16 (at `from`) into 16 rows, `row` floats apart; columns to a multiple of
/// 16 are 0.
static void pf_transpose_vectors(const float *from, long vectors, float *to, long row, int squared) {
    for (long i = 0; i < vectors; i += PF_LANES) {
        pf_row r[PF_LANES];
        for (long k = 0; k < PF_LANES; k++) {
            if (i + k < vectors) r[k] = *(const pf_row *)(from + (i + k) * PF_LANES);
            else r[k] = (pf_row)0.0f;
        }
        pf_transpose_rows(r);
        PF_UNROLL for (long k = 0; k < PF_LANES; k++)
            *(pf_row *)(to + k * row + i) = squared ? r[k] * r[k] : r[k];
    }
}
