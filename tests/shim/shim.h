/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel is to the BPF side's code when it is compiled natively: memory
 * that may be read, maps, clock and processor. Nothing but what was registered
 * is read; every other read fails, as in the kernel, and is counted, because a
 * right program never tries. Atomic additions are the processor's own, so that
 * threads stand for CPUs.
 */
#ifndef NT_SHIM_H
#define NT_SHIM_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* "#pragma unroll" is for clang. */
#pragma GCC diagnostic ignored "-Wunknown-pragmas"

#define SHIM_REGIONS 16
#define SHIM_MAPS 8

struct shim_region {
	const char *p;
	size_t n;
};

struct shim_map {
	const void *map;
	char *values; /* owned */
	size_t size;
	__u32 entries;
	bool percpu; /* entry of the processor, whatever the key */
};

static struct {
	struct shim_region region[SHIM_REGIONS];
	struct shim_map map[SHIM_MAPS];
	unsigned int regions, maps;
	unsigned int wild; /* reads outside of all regions */
} shim;

static _Thread_local __u64 shim_now __attribute__((unused));
static _Thread_local __u32 shim_cpu __attribute__((unused));

static inline void shim_memory(const void *p, size_t n)
{
	if (shim.regions == SHIM_REGIONS)
		abort();
	shim.region[shim.regions++] = (struct shim_region){ p, n };
}

static inline void shim_forget_memory(void)
{
	shim.regions = 0;
	shim.wild = 0;
}

/* The values of a map, zeroed, to be freed by shim_forget_maps(). */
static inline void *shim_map_new(const void *map, size_t size, __u32 entries, bool percpu)
{
	struct shim_map *m = &shim.map[shim.maps];

	if (shim.maps == SHIM_MAPS)
		abort();
	*m = (struct shim_map){ map, calloc(entries, size), size, entries, percpu };
	if (!m->values)
		abort();
	shim.maps++;
	return m->values;
}

static inline void shim_forget_maps(void)
{
	while (shim.maps)
		free(shim.map[--shim.maps].values);
}

static inline void *shim_lookup(const void *map, __u32 key)
{
	unsigned int i;

	for (i = 0; i < shim.maps; i++) {
		const struct shim_map *m = &shim.map[i];

		if (m->map != map)
			continue;
		if (m->percpu)
			key = shim_cpu;
		return key < m->entries ? m->values + (size_t)key * m->size : NULL;
	}
	return NULL;
}

static inline long shim_read(void *dst, size_t n, const void *src)
{
	const char *p = src;
	unsigned int i;

	for (i = 0; i < shim.regions; i++) {
		const struct shim_region *r = &shim.region[i];

		if (p < r->p || p > r->p + r->n || n > (size_t)(r->p + r->n - p))
			continue;
		memcpy(dst, src, n);
		return 0;
	}
	shim.wild++;
	memset(dst, 0, n);
	return -14; /* EFAULT */
}

#endif
