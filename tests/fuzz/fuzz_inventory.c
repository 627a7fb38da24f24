// SPDX-License-Identifier: GPL-2.0-or-later
/* Any text as an inventory of mesh: hosts that ssh can be given, or one line of error. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "mesh.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void safe(const char *s)
{
	if (!*s || *s == '-')
		abort();
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("._:-%", *s))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mesh_hosts h;
	struct nt_err err = { 0 };
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	size = strlen(text);
	if (mesh_inventory_parse(text, size, size && text[0] == '#' ? "web" : NULL, &h, &err) < 0) {
		if (!err.text[0] || strchr(err.text, '\n'))
			abort();
	} else {
		for (uint32_t i = 0; i < h.n; i++) {
			safe(h.h[i].name);
			safe(h.h[i].host);
			if (h.h[i].user[0])
				safe(h.h[i].user);
		}
	}
	free(text);
	return 0;
}
