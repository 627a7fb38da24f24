// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as two recordings, a 0 byte between them, through the reader, the join and the
 * verdict of path merge: every packet that was read is judged once, or counted as not judged.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "path_merge.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Few, so that there is no room at times. */
#define PENDING 16

static int in[2];
static struct nt_out *outs[2];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct nt_out_opts o = { .path = "/dev/null" };
	struct nt_err err;

	(void)argc;
	(void)argv;
	for (int i = 0; i < 2; i++) {
		in[i] = memfd_create("in", MFD_CLOEXEC);
		o.json = i;
		if (in[i] < 0 || nt_out_open(&o, &outs[i], &err) < 0)
			abort();
	}
	return 0;
}

static void put(int fd, const uint8_t *p, size_t n)
{
	if (ftruncate(fd, 0) < 0 || pwrite(fd, p, n, 0) != (ssize_t)n)
		abort();
}

/* 1: to its end. */
static int read_all(struct merge_recording *r, struct merge_join *j)
{
	struct merge_event ev[2];
	struct nt_err err;
	bool have[2];
	int rc = 1;

	for (int i = 0; i < 2; i++) {
		rc = merge_next(&r[i], &ev[i], &err);
		if (rc < 0)
			return rc;
		have[i] = rc;
	}
	r[1].proto = r[0].proto; /* the caller refuses others */
	while (have[0] || have[1]) {
		unsigned int s = have[0] && have[1] ? merge_join_behind(j) : !have[0];

		if (merge_join_add(j, s, &ev[s]) < 0)
			abort();
		rc = merge_next(&r[s], &ev[s], &err);
		if (rc < 0)
			return rc;
		have[s] = rc;
	}
	return 1;
}

static uint64_t judged(const struct merge_tally *t)
{
	uint64_t n = 0;

	for (int rev = 0; rev < 2; rev++)
		for (int w = 0; w < MERGE_WHERES; w++)
			n += t->n[rev][w];
	return n;
}

static void check(const struct merge_recording *r, const struct merge_joined *d)
{
	uint64_t all = r[0].events + r[1].events - d->pairs - d->evicted;

	for (int a = 0; a < 2 && r[0].proto != MERGE_UDP; a++)
		if (judged(&d->tally[a]) != all)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *cut = size ? memchr(data, 0, size) : NULL;
	size_t n = cut ? (size_t)(cut - data) : size;
	struct merge_recording *r = calloc(2, sizeof(*r));
	struct merge_result m = { .rec = r };
	struct merge_join *j;
	struct nt_err err;
	char path[64];

	put(in[0], data, n);
	put(in[1], data + n, size - n);
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", in[i]);
		if (!r || merge_open(&r[i], path, &err) < 0)
			abort();
		r[i].path = i ? "far" : "near";
	}
	if (cut)
		lseek(r[1].fd, 1, SEEK_SET);
	j = merge_join_new(r, PENDING);
	if (!j)
		abort();
	m.joined = merge_join_result(j);
	if (read_all(r, j) == 1) {
		merge_join_end(j);
		check(r, m.joined);
		for (int i = 0; i < 4; i++) {
			m.a = i & 1;
			merge_print(outs[i / 2], &m);
		}
	}
	merge_join_free(j);
	merge_close(&r[0]);
	merge_close(&r[1]);
	free(r);
	return 0;
}
