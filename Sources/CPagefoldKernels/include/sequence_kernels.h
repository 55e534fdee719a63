// Kernels of tables and of layers that go through time: part of CPagefoldKernels.h, which includes it where all that it
// needs is declared.
#ifndef PF_SEQUENCE_KERNELS_H
#define PF_SEQUENCE_KERNELS_H

// ---- Embedding ----

typedef struct {
    int32_t rows, length;  // of the table
    int32_t count;         // numbers of x
} pf_embedding;

/// y[i] is the row of w that x[i] names, the nearest one where there is none; every lane has its own.
/// x: [count][16], w: [rows][length], y: [count][length][16].
void pf_embedding_forward(const pf_embedding *embedding, const float *x, const float *w, float *y);
/// Bytes of scratch that the way back needs.
size_t pf_embedding_scratch(const pf_embedding *embedding);
/// dw is added to; squared as in pf_convolution_backward, a row's gradient being that of all its uses. x has none.
void pf_embedding_backward(
    const pf_embedding *embedding, const float *x, const float *dy, float *dw, int32_t squared, void *scratch
);
/// Of one sample. Offsets into the flat vector; scale, one number a row, may be -1 for none.
void pf_single_embedding(
    const pf_embedding *embedding, const pf_paged_weights *w, int64_t weights, int64_t scale, const float *x,
    float *y
);

// ---- Recurrent layers ----

/// RecurrentForm.Cell.
typedef enum { PF_CELL_PLAIN, PF_CELL_LSTM, PF_CELL_GRU, PF_CELL_GRU_RESET_FIRST } pf_cell;

/// x: [moments][features], y: [moments][results · units], w: [gates · units][features + units], bias: [biases · units].
/// What gates, biases and results are, PagefoldCore/Operations/Recurrent.swift says.
typedef struct {
    int32_t moments, features, units;
    int32_t cell;         // pf_cell
    int32_t is_reversed;  // from the last moment to the first
} pf_recurrent;

/// Bytes that the way forward leaves for the way back: the gates of all moments. Behind them the way back leaves the
/// gradient of the first state.
size_t pf_recurrent_kept(const pf_recurrent *recurrent);
/// Where in what is kept the gradient of the first state begins, in floats.
size_t pf_recurrent_state_gradient(const pf_recurrent *recurrent);
/// Bytes of scratch that going forward, and going back, needs.
size_t pf_recurrent_forward_scratch(const pf_recurrent *recurrent);
size_t pf_recurrent_backward_scratch(const pf_recurrent *recurrent);
/// first: [states · units][16], the first state, NULL for zeros; bias may be NULL, and kept where nothing goes back.
void pf_recurrent_forward(
    const pf_recurrent *recurrent, const float *x, const float *first, const float *w, const float *bias,
    float *y, void *kept, void *scratch
);
/// As pf_convolution_backward; squared: a sample's gradient is that of all its moments.
void pf_recurrent_backward(
    const pf_recurrent *recurrent, const float *x, const float *first, const float *w, const float *y,
    void *kept, const float *dy, float *dx, float *dw, float *db, int32_t squared, void *scratch
);

/// Bytes of scratch that pf_single_recurrent needs.
size_t pf_single_recurrent_scratch(const pf_recurrent *recurrent);
/// Of one sample; all weights are read in place. Offsets into the flat vector; scale, one number a row of weights, and bias
/// may be -1 for none.
void pf_single_recurrent(
    const pf_recurrent *recurrent, const pf_paged_weights *w, int64_t weights, int64_t scale, int64_t bias,
    const float *x, const float *first, float *y, void *scratch
);

#endif
