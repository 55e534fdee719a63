// A walk through weights behind a page table: where the next ones lie together in memory. Nothing is computed here.

/// Reads a network's flat vector in runs: up to the end of a page, of an override, of the paged weights.
typedef struct {
    const pf_paged_weights *weights;
    long position;        // in the flat vector
    long page, page_end;  // the page of `position`, and where it ends
    long override, override_start;  // the override that comes next or is met, and where it begins
} pf_cursor;

PF_INLINE long pf_number(const void *numbers, int32_t bytes, long index) {
    return bytes == 2 ? (long)((const uint16_t *)numbers)[index] : (long)((const uint32_t *)numbers)[index];
}

PF_INLINE void pf_find_override(pf_cursor *cursor) {
    const pf_paged_weights *w = cursor->weights;
    cursor->override_start = cursor->override < w->override_count
        ? pf_number(w->override_blocks, w->override_bytes, cursor->override) * w->override_size
        : INT64_MAX;
}

PF_INLINE pf_cursor pf_cursor_at(const pf_paged_weights *weights, long position) {
    pf_cursor cursor = {weights, position, position / weights->page_size, 0, 0, INT64_MAX};
    cursor.page_end = (cursor.page + 1) * weights->page_size;
    if (weights->override_count > 0) {
        // The first override that ends behind the position.
        long low = 0, high = weights->override_count;
        while (low < high) {
            long middle = (low + high) / 2;
            long block = pf_number(weights->override_blocks, weights->override_bytes, middle);
            if ((block + 1) * weights->override_size <= position) low = middle + 1;
            else high = middle;
        }
        cursor.override = low;
        pf_find_override(&cursor);
    }
    return cursor;
}

/// The weights at the cursor: where they lie, and how many together, at most `most`. The cursor is then behind them.
PF_INLINE const float *pf_run(pf_cursor *cursor, long most, long *length) {
    const pf_paged_weights *w = cursor->weights;
    long position = cursor->position;
    if (position >= w->paged) {
        *length = most;
        cursor->position = position + most;
        return w->tail + (position - w->paged);
    }
    if (position >= cursor->page_end) {
        cursor->page++;
        cursor->page_end += w->page_size;
    }
    long end = pf_minimum(pf_minimum(cursor->page_end, w->paged), position + most);
    const float *start;
    if (position >= cursor->override_start) {
        start = w->override_values + cursor->override * w->override_size + (position - cursor->override_start);
        end = pf_minimum(end, cursor->override_start + w->override_size);
        if (end == cursor->override_start + w->override_size || end == w->paged) {
            cursor->override++;
            pf_find_override(cursor);
        }
    } else {
        end = pf_minimum(end, cursor->override_start);
        long entry = pf_number(w->table, w->entry_bytes, cursor->page);
        const float *page = entry < w->frames ? w->pool + entry * w->page_size
                                              : w->exclusive + (entry - w->frames) * w->page_size;
        start = page + (position - cursor->page_end + w->page_size);
    }
    *length = end - position;
    cursor->position = end;
    return start;
}

/// Copies the next `count` weights: for those that must lie together.
PF_INLINE void pf_gather(pf_cursor *cursor, long count, float *to) {
    while (count > 0) {
        long length;
        const float *from = pf_run(cursor, count, &length);
        for (long i = 0; i < length; i++) to[i] = from[i];
        to += length;
        count -= length;
    }
}

/// The next `count` weights, in place if they lie together, else copied to `stage`.
PF_INLINE const float *pf_row_of(pf_cursor *cursor, long count, float *stage) {
    long length;
    const float *from = pf_run(cursor, count, &length);
    if (length == count) return from;
    for (long i = 0; i < length; i++) stage[i] = from[i];
    pf_gather(cursor, count - length, stage + length);
    return stage;
}

/// The next `count` values of a vector that a layer may lack.
PF_INLINE void pf_vector_or(const pf_paged_weights *w, long at, long from, long count, float value, float *to) {
    if (at < 0) {
        for (long i = 0; i < count; i++) to[i] = value;
        return;
    }
    pf_cursor cursor = pf_cursor_at(w, at + from);
    pf_gather(&cursor, count, to);
}
