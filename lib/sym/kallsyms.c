// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table has 100,000 to 300,000 lines and making it costs the kernel most of
 * the time; the reader adds a search for the line's end and some compares.
 */
#include "kallsyms.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"

/* A line is at most 16 digits, a name of 512 and a module of 56. */
#define CHUNK 131072

static void one_line(const struct nt_ksym_reader *r, const char *s, const char *end)
{
	struct nt_ksym_line l = { .addr = s, .addr_len = 2 * sizeof(void *), .end = end };
	char type;

	/* "ffffffff81000000 T name", 8 digits on 32-bit kernels. */
	if (end - s < (ptrdiff_t)l.addr_len + 4 || s[l.addr_len] != ' ') {
		const char *space = memchr(s, ' ', (size_t)(end - s));

		if (!space || end - space < 4)
			return;
		l.addr_len = (size_t)(space - s);
	}
	/* Upper and lower case of t and w: global and local. */
	type = s[l.addr_len + 1] | 0x20;
	if ((type != 't' && type != 'w') || s[l.addr_len + 2] != ' ')
		return;
	l.name = s + l.addr_len + 3;
	r->line(&l, r->arg);
}

/* Whole lines of buf; returns the bytes that are left over at its end. */
static size_t lines(const struct nt_ksym_reader *r, const char *buf, size_t n)
{
	const char *s = buf, *end;

	while ((end = memchr(s, '\n', n - (size_t)(s - buf)))) {
		one_line(r, s, end);
		s = end + 1;
	}
	if (r->chunk)
		r->chunk(r->arg);
	return n - (size_t)(s - buf);
}

int nt_kallsyms_read(int fd, const struct nt_ksym_reader *r)
{
	NT_FREE char *buf = malloc(CHUNK + NT_KALLSYMS_PAD);
	size_t have = 0, left;
	ssize_t n;

	if (!buf)
		return -ENOMEM;
	memset(buf, 0, CHUNK + NT_KALLSYMS_PAD);
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	for (;;) {
		/* One byte of room for the end that a last line may lack. */
		n = read(fd, buf + have, CHUNK - 1 - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		have += (size_t)n;
		left = lines(r, buf, have);
		if (left == CHUNK - 1)
			return -EBADMSG;
		memmove(buf, buf + have - left, left);
		have = left;
	}
	buf[have++] = '\n';
	lines(r, buf, have);
	return 0;
}

/*
 * Eight digits at once, because every line's are read when addresses are looked
 * up. Only the kernel's own digits come here: '0'-'9' and 'a'-'f'.
 */
static uint64_t hex8(const char *s)
{
	uint64_t v;

	memcpy(&v, s, sizeof(v));
	v = le64toh(v);
	/* Bit 6 is set in letters, whose low four bits count from 1. */
	v = (v & 0x0f0f0f0f0f0f0f0f) + 9 * (v >> 6 & 0x0101010101010101);
	/* The first digit, the highest, is in the lowest byte: join neighbours. */
	v = (v << 4 | v >> 8) & 0x00ff00ff00ff00ff;
	v = (v << 8 | v >> 16) & 0x0000ffff0000ffff;
	return (v << 16 | v >> 32) & 0xffffffff;
}

uint64_t nt_ksym_line_addr(const struct nt_ksym_line *l)
{
	uint64_t v = 0;
	size_t i;

	if (l->addr_len == 16)
		return hex8(l->addr) << 32 | hex8(l->addr + 8);
	for (i = 0; i < l->addr_len; i++) {
		unsigned char c = (unsigned char)l->addr[i];

		v = v << 4 | ((c & 15U) + 9U * (c >> 6));
	}
	return v;
}

size_t nt_ksym_line_name(const struct nt_ksym_line *l, const char **module, size_t *module_len)
{
	const char *tab = memchr(l->name, '\t', (size_t)(l->end - l->name));

	*module = NULL;
	*module_len = 0;
	if (!tab)
		return (size_t)(l->end - l->name);
	/* "name\t[module]" */
	if (l->end - tab >= 4 && tab[1] == '[' && l->end[-1] == ']') {
		*module = tab + 2;
		*module_len = (size_t)(l->end - tab) - 3;
	}
	return (size_t)(tab - l->name);
}
