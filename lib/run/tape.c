// SPDX-License-Identifier: GPL-2.0-or-later
#include "tape.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "counters.h"
#include "hist.h"
#include "session.h"

#define MAGIC "nettrace tape 2\n"

struct header {
	char magic[16];
	char command[48];
	uint32_t layout[4]; /* byte order, and the sizes of what the kernel side fills */
};

static const uint32_t layout[4] = { 0x01020304, sizeof(struct nt_sess), sizeof(struct nt_hist),
				    sizeof(struct nt_counters) };

struct entry {
	uint32_t kind, id, size;
};

struct nt_tape {
	FILE *f;     /* read from; written to, at first into memory */
	FILE *later; /* the file, untouched, before nt_tape_begin() */
	char *early; /* the memory */
	size_t early_size;
	struct entry next; /* read ahead */
	bool have_next;
	int error; /* of the first failed write, positive */
};

static int put(struct nt_tape *t, const void *data, size_t size)
{
	if (t->error)
		return -t->error;
	errno = 0;
	if (!size || fwrite(data, size, 1, t->f) == 1)
		return 0;
	t->error = errno ? errno : EIO;
	return -t->error;
}

/* As fopen(), but what is in the file stays for now. 0 or -1 with errno. */
static int open_later(struct nt_tape *t, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	if (fd < 0)
		return -1;
	t->later = fdopen(fd, "w");
	if (!t->later) {
		close(fd);
		return -1;
	}
	t->f = open_memstream(&t->early, &t->early_size);
	return t->f ? 0 : -1;
}

int nt_tape_create(const char *path, const char *command, struct nt_tape **out, struct nt_err *err)
{
	struct header h = { .magic = MAGIC };
	struct nt_tape *t;
	struct stat st;
	int r;

	/* Not a pipe: whoever does not read would hold up the tracing. */
	if (!stat(path, &st) && !S_ISREG(st.st_mode))
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "--record %s: not a regular file; name a new one", path);
	t = calloc(1, sizeof(*t));
	if (!t || open_later(t, path) < 0) {
		r = nt_errf(err, NT_EXIT_RUNTIME, errno, "cannot write the recording '%s': %s",
			    path, strerror(errno));
		nt_tape_close(t);
		return r;
	}
	snprintf(h.command, sizeof(h.command), "%s", command);
	memcpy(h.layout, layout, sizeof(layout));
	put(t, &h, sizeof(h));
	*out = t;
	return 0;
}

int nt_tape_begin(struct nt_tape *t)
{
	int r = fclose(t->f) || ftruncate(fileno(t->later), 0) ? errno : 0;

	t->f = t->later;
	t->later = NULL;
	if (r && !t->error)
		t->error = r;
	r = put(t, t->early, t->early_size);
	free(t->early);
	t->early = NULL;
	return r;
}

static int check_header(const struct header *h, const char *path, const char *command,
			struct nt_err *err)
{
	if (memcmp(h->magic, MAGIC, sizeof(h->magic)) || !memchr(h->command, 0, sizeof(h->command)))
		return nt_errf(err, NT_EXIT_RUNTIME, EBADMSG,
			       "%s: not a recording of this nettrace", path);
	if (strcmp(h->command, command))
		return nt_errf(err, NT_EXIT_USAGE, EINVAL, "%s: a recording of '%s', not of '%s'",
			       path, h->command, command);
	if (memcmp(h->layout, layout, sizeof(layout)))
		return nt_errf(err, NT_EXIT_RUNTIME, EBADMSG,
			       "%s: a recording of another nettrace; use that one", path);
	return 0;
}

int nt_tape_open(const char *path, const char *command, struct nt_tape **out, struct nt_err *err)
{
	struct nt_tape *t = calloc(1, sizeof(*t));
	struct header h = { 0 };
	int r;

	if (t)
		t->f = fopen(path, "re");
	if (!t || !t->f) {
		r = nt_errf(err, NT_EXIT_RUNTIME, errno, "cannot read the recording '%s': %s", path,
			    strerror(errno));
		free(t);
		return r;
	}
	if (fread(&h, sizeof(h), 1, t->f) != 1)
		memset(&h, 0, sizeof(h));
	r = check_header(&h, path, command, err);
	if (r < 0)
		nt_tape_close(t);
	else
		*out = t;
	return r;
}

int nt_tape_close(struct nt_tape *t)
{
	int r;

	if (!t)
		return 0;
	r = t->f && fclose(t->f) ? -errno : 0;
	if (t->later)
		fclose(t->later); /* nothing was written to it */
	free(t->early);
	if (t->error)
		r = -t->error;
	free(t);
	return r;
}

int nt_tape_write(struct nt_tape *t, enum nt_tape_kind kind, uint32_t id, const void *data,
		  size_t size)
{
	struct entry e = { kind, id, (uint32_t)size };
	int r;

	/* Who records does not ask each time: told at the end. */
	if (size > NT_TAPE_MAX_ENTRY && !t->error)
		t->error = E2BIG;
	r = put(t, &e, sizeof(e));
	return r ? r : put(t, data, size);
}

/* 0, -ENODATA at the end, -EBADMSG in the middle of an entry's head. */
static int read_ahead(struct nt_tape *t)
{
	size_t n;

	if (t->have_next)
		return 0;
	n = fread(&t->next, 1, sizeof(t->next), t->f);
	if (n != sizeof(t->next))
		return n || ferror(t->f) ? -EBADMSG : -ENODATA;
	t->have_next = true;
	return 0;
}

bool nt_tape_next_is(struct nt_tape *t, enum nt_tape_kind kind)
{
	return read_ahead(t) == 0 && t->next.kind == (uint32_t)kind;
}

int nt_tape_read(struct nt_tape *t, enum nt_tape_kind kind, uint32_t *id, void *buf, size_t room)
{
	int r = read_ahead(t);

	if (r < 0)
		return r;
	if (t->next.kind != (uint32_t)kind)
		return -ENOMSG;
	if (t->next.size > room || t->next.size > NT_TAPE_MAX_ENTRY)
		return -EBADMSG;
	if (t->next.size && fread(buf, t->next.size, 1, t->f) != 1)
		return -EBADMSG;
	if (id)
		*id = t->next.id;
	t->have_next = false;
	return (int)t->next.size;
}

bool nt_tape_is_text(const char *s, size_t size)
{
	size_t i;

	for (i = 0; i < size && s[i]; i++)
		if (s[i] < ' ' || s[i] > '~')
			return false;
	return i < size;
}
