/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parsers and the formatter of option values share. */
#ifndef NT_PARSE_H
#define NT_PARSE_H

#include <stdint.h>

#include "span.h"

/* Digits at *s, which moves behind them. 0, -EINVAL (there is none), -ERANGE. */
int nt_parse_digits(const char **s, uint64_t *out);
/* Nanoseconds of "ns", "us", "ms", "s", "m", "h"; 0 for anything else. */
uint64_t nt_unit_ns(const char *unit);
/* The first spelling of choice number index; false when there is none. */
bool nt_choice_name(const char *choices, uint32_t index, struct nt_span *out);

#endif
