// The table of number_formats.h as constants: a row is known when a format is, so that kernels are compiled for it.
#ifndef PF_NUMBER_TABLE_H
#define PF_NUMBER_TABLE_H

#include "number_formats.h"

#define PF_FORMAT_ROW(use, format, number, name, kind, bits, fraction, largest, smallest)                    \
    [format] = {name, kind, bits, fraction, largest, smallest},
static const pf_number_traits pf_number_table[] = {PF_NUMBER_FORMATS(PF_FORMAT_ROW, )};
#undef PF_FORMAT_ROW

// One copy of a loop for each format, so that the format is known in it. `call` is made with it.
#define PF_FORMAT_CASE(call, format, number, name, kind, bits, fraction, largest, smallest)                  \
    case format: call(format); break;
#define PF_FOR_FORMAT(format, call)                                                                          \
    switch ((pf_number_format)(format)) { PF_NUMBER_FORMATS(PF_FORMAT_CASE, call) }

#endif
