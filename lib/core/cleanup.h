/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One release path per resource: cleanup attributes for local variables. */
#ifndef NT_CLEANUP_H
#define NT_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NT_CLEANUP(fn) __attribute__((cleanup(fn)))
#define NT_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static inline void nt_cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void nt_cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define NT_FREE NT_CLEANUP(nt_cleanup_free)
#define NT_CLOSE NT_CLEANUP(nt_cleanup_close)

#endif
