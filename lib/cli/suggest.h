/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The known word that is nearest to a mistyped one. */
#ifndef NT_SUGGEST_H
#define NT_SUGGEST_H

#include "span.h"

/* Set typed, zero the rest, try each known word, then ask for best.s. */
struct nt_nearest {
	struct nt_span typed;
	struct nt_span best; /* .s == NULL: none is near */
	size_t distance;
};

void nt_nearest_try(struct nt_nearest *n, struct nt_span known);

#endif
