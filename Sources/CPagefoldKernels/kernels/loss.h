// Softmax, and cross-entropy on logits with an optional teacher; lane-wise, each with the largest logit taken
// off first.

PF_INLINE pf_v pf_largest(long classes, const float *x) {
    pf_v largest = pf_load(x);
    for (long i = 1; i < classes; i++) largest = pf_max(largest, pf_load(x + i * PF_LANES));
    return largest;
}

static void pf_set_softmax_forward(int32_t classes, const float *x, float *y) {
    PF_EACH_PART(part) {
        pf_v largest = pf_largest(classes, x + part), sum = pf_splat(0);
        for (long i = 0; i < classes; i++) {
            pf_v e = pf_exp(pf_load(x + i * PF_LANES + part) - largest);
            sum += e;
            pf_store(y + i * PF_LANES + part, e);
        }
        pf_v inverse = 1.0f / sum;
        for (long i = 0; i < classes; i++) {
            float *p = y + i * PF_LANES + part;
            pf_store(p, pf_load(p) * inverse);
        }
    }
}

/// log(sum over classes of exp(scale * (x - largest))).
PF_INLINE pf_v pf_log_sum(long classes, const float *x, pf_v largest, float scale) {
    pf_v sum = pf_splat(0);
    for (long i = 0; i < classes; i++) sum += pf_exp((pf_load(x + i * PF_LANES) - largest) * scale);
    return pf_log(sum);
}

static void pf_set_cross_entropy(
    int32_t classes, int32_t lanes, const float *logits, const int32_t *labels, const float *teacher_logits,
    float temperature, float label_weight, float teacher_weight, float scale, float *dlogits, float *loss
) {
    PF_EACH_PART(part) {
        const float *x = logits + part;
        pf_i lane, label;
        for (int i = 0; i < PF_WIDTH; i++) {
            lane[i] = (int32_t)part + i;
            label[i] = labels ? labels[part + i] : -1;
        }
        pf_v zero = pf_splat(0);
        pf_i valid = lane < lanes;
        pf_v largest = pf_largest(classes, x), total = pf_log_sum(classes, x, largest, 1), value = zero;
        pf_i labelled = valid & (label >= 0) & (label < classes);
        for (long i = 0; i < classes; i++) {
            pf_v log_p = pf_load(x + i * PF_LANES) - largest - total;
            pf_i here = labelled & (label == (int32_t)i);
            value -= pf_select(here, log_p * label_weight, zero);
            pf_v d = pf_select(here, pf_exp(log_p) - 1.0f, pf_exp(log_p)) * (label_weight * scale);
            pf_store(dlogits + i * PF_LANES + part, pf_select(labelled, d, zero));
        }
        // A sample without a label gives its share to the teacher, whatever its neighbours have.
        pf_v weight = pf_select(labelled, pf_splat(teacher_weight), pf_splat(teacher_weight + label_weight));
        if (teacher_logits) {
            const float *t = teacher_logits + part;
            const float inverse = 1.0f / temperature;
            pf_v t_largest = pf_largest(classes, t), t_total = pf_log_sum(classes, t, t_largest, inverse);
            pf_v x_total = pf_log_sum(classes, x, largest, inverse);
            for (long i = 0; i < classes; i++) {
                pf_v log_q = (pf_load(t + i * PF_LANES) - t_largest) * inverse - t_total;
                pf_v log_p = (pf_load(x + i * PF_LANES) - largest) * inverse - x_total;
                pf_v q = pf_exp(log_q), p = pf_exp(log_p);
                pf_v share = q * (log_q - log_p) * weight * (temperature * temperature);
                value += pf_select(valid, share, zero);
                // d(T^2 KL)/dlogit = T (p - q).
                float *to = dlogits + i * PF_LANES + part;
                pf_store(
                    to, pf_load(to) + pf_select(valid, (p - q) * weight * (temperature * scale), zero)
                );
            }
        }
        pf_store(loss + part, value);
    }
}
