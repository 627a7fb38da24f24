// SPDX-License-Identifier: GPL-2.0-or-later
/* Type information files: whatever the validator accepts, libbpf must survive. */
#include "../unit/btf_sample.h"
#include "validate.h"

#include <bpf/libbpf.h>

static int quiet(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	libbpf_set_print(quiet);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[160];
	/* Of the exact size, aligned: reading behind the end is seen. */
	void *copy = malloc(size ? size : 1);

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	if (!nt_btf_validate(copy, size, why, sizeof(why)))
		btf_exercise(copy, size);
	free(copy);
	return 0;
}
