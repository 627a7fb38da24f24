/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Test files in a folder of their own. */
#ifndef NT_TMP_FILE_H
#define NT_TMP_FILE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct tmp_dir {
	char path[64];
};

/* cmocka set-up: *state is the folder, and the working directory. */
static inline int tmp_setup(void **state)
{
	struct tmp_dir *d = malloc(sizeof(*d));

	if (!d)
		return -1;
	strcpy(d->path, "/tmp/nettrace-test-XXXXXX");
	if (!mkdtemp(d->path) || chdir(d->path))
		return -1;
	*state = d;
	return 0;
}

static inline int tmp_teardown(void **state)
{
	struct tmp_dir *d = *state;
	char cmd[128];
	int r;

	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", d->path);
	r = chdir("/") || system(cmd);
	free(d);
	return r;
}

/* The whole file with a NUL, to be freed; NULL if it cannot be read. */
static inline char *tmp_read(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st = { 0 };
	ssize_t n = -1;
	char *p;

	if (fd < 0)
		return NULL;
	p = fstat(fd, &st) ? NULL : malloc((size_t)st.st_size + 1);
	if (p)
		n = read(fd, p, (size_t)st.st_size);
	close(fd);
	if (!p || n != st.st_size) {
		free(p);
		return NULL;
	}
	p[n] = '\0';
	if (size)
		*size = (size_t)n;
	return p;
}

#endif
