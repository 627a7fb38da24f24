// SPDX-License-Identifier: GPL-2.0-or-later
#include "btf_elf.h"
#include "validate.h"

#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static void end_elf(Elf **elf)
{
	if (*elf)
		elf_end(*elf);
}

/* Open a regular file and read its first bytes. The descriptor or -errno. */
static int open_file(const char *path, uint8_t head[4], const struct nt_btf_why *why)
{
	/* Not to hang on a FIFO before we know what it is. */
	NT_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	int keep;

	if (fd < 0 || fstat(fd, &st) < 0)
		return nt_btf_why(why, errno, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return nt_btf_why(why, EINVAL, "not a regular file");
	if (pread(fd, head, 4, 0) != 4)
		return nt_btf_why(why, EINVAL, "neither BTF nor an ELF file");
	keep = fd;
	fd = -1;
	return keep;
}

static bool is_elf(const uint8_t head[4])
{
	return !memcmp(head, ELFMAG, SELFMAG);
}

static bool is_raw(const uint8_t head[4])
{
	uint16_t magic = (uint16_t)(head[0] | head[1] << 8);

	return magic == BTF_MAGIC || magic == __builtin_bswap16(BTF_MAGIC);
}

static Elf_Scn *find_section(Elf *elf, const char *name)
{
	Elf_Scn *scn = NULL;
	size_t strs;

	if (elf_getshdrstrndx(elf, &strs))
		return NULL;
	while ((scn = elf_nextscn(elf, scn))) {
		GElf_Shdr sh;
		const char *s;

		if (!gelf_getshdr(scn, &sh) || sh.sh_type == SHT_NOBITS)
			continue;
		s = elf_strptr(elf, strs, sh.sh_name);
		if (s && !strcmp(s, name))
			return scn;
	}
	return NULL;
}

static int copy_section(Elf *elf, const char *name, struct nt_btf_blob *out,
			const struct nt_btf_why *why)
{
	Elf_Scn *scn = find_section(elf, name);
	Elf_Data *d;
	GElf_Shdr sh;

	if (!scn)
		return -ENOENT;
	if (!gelf_getshdr(scn, &sh) || sh.sh_flags & SHF_COMPRESSED)
		return nt_btf_why(why, EINVAL, "section %s is compressed", name);
	if (sh.sh_size > NT_BTF_MAX_SIZE)
		return nt_btf_why(why, EFBIG, "section %s over %zu MiB", name,
				  NT_BTF_MAX_SIZE >> 20);
	d = elf_rawdata(scn, NULL);
	if (!d || !d->d_buf || !d->d_size)
		return nt_btf_why(why, EINVAL, "section %s unreadable", name);
	out->data = malloc(d->d_size);
	if (!out->data)
		return nt_btf_why(why, ENOMEM, "out of memory");
	memcpy(out->data, d->d_buf, d->d_size);
	out->size = d->d_size;
	return 0;
}

int nt_btf_elf_copy(const void *image, size_t image_size, const char *name, struct nt_btf_blob *out,
		    const struct nt_btf_why *why)
{
	NT_CLEANUP(end_elf) Elf *elf = NULL;

	elf_version(EV_CURRENT);
	/* libelf's prototype is not const; a read-only image is not written. */
	elf = elf_memory((char *)image, image_size);
	if (!elf || elf_kind(elf) != ELF_K_ELF)
		return nt_btf_why(why, EINVAL, "not an ELF file");
	return copy_section(elf, name, out, why);
}

static int elf_on(int fd, Elf **elf, const struct nt_btf_why *why)
{
	elf_version(EV_CURRENT);
	*elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!*elf || elf_kind(*elf) != ELF_K_ELF)
		return nt_btf_why(why, EINVAL, "damaged ELF file");
	return 0;
}

int nt_btf_probe_file(const char *path, struct nt_btf_file_kind *kind, const struct nt_btf_why *why)
{
	NT_CLEANUP(end_elf) Elf *elf = NULL;
	uint8_t head[4] = { 0 };
	NT_CLOSE int fd = open_file(path, head, why);
	int r;

	memset(kind, 0, sizeof(*kind));
	if (fd < 0)
		return fd;
	kind->raw = is_raw(head);
	kind->elf = is_elf(head);
	if (!kind->elf)
		return kind->raw ? 0 : nt_btf_why(why, EINVAL, "neither BTF nor an ELF file");
	r = elf_on(fd, &elf, why);
	if (r < 0)
		return r;
	kind->btf = find_section(elf, ".BTF");
	kind->distilled = find_section(elf, ".BTF.base");
	kind->dwarf = find_section(elf, ".debug_info") || find_section(elf, ".zdebug_info");
	return 0;
}

/* sysfs files have a size, /proc/self/fd ones too; trust only what is read. */
static int read_all(int fd, void **data, size_t *size, const struct nt_btf_why *why)
{
	size_t cap = 1 << 16, n = 0;
	NT_FREE char *buf = NULL;
	struct stat st;

	if (!fstat(fd, &st) && st.st_size > 0 && (uint64_t)st.st_size < NT_BTF_MAX_SIZE)
		cap = (size_t)st.st_size + 1;
	for (;;) {
		char *bigger = buf && n < cap ? buf : realloc(buf, buf ? cap *= 2 : cap);
		ssize_t got;

		if (!bigger)
			return nt_btf_why(why, ENOMEM, "out of memory");
		buf = bigger;
		got = read(fd, buf + n, cap - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return nt_btf_why(why, errno, "%s", strerror(errno));
		if (!got)
			break;
		n += (size_t)got;
		if (n > NT_BTF_MAX_SIZE)
			return nt_btf_why(why, EFBIG, "over %zu MiB", NT_BTF_MAX_SIZE >> 20);
	}
	*data = buf;
	*size = n;
	buf = NULL;
	return 0;
}

int nt_btf_read_file(const char *path, void **data, size_t *size, char *why_buf, size_t why_len)
{
	const struct nt_btf_why why = { why_buf, why_len };
	NT_CLEANUP(end_elf) Elf *elf = NULL;
	struct nt_btf_blob btf = { NULL, 0 };
	uint8_t head[4] = { 0 };
	NT_CLOSE int fd = open_file(path, head, &why);
	int r;

	*data = NULL;
	*size = 0;
	if (fd < 0)
		return fd;
	if (is_raw(head))
		return read_all(fd, data, size, &why);
	if (!is_elf(head))
		return nt_btf_why(&why, EINVAL, "neither BTF nor an ELF file");
	r = elf_on(fd, &elf, &why);
	if (r < 0)
		return r;
	r = copy_section(elf, ".BTF", &btf, &why);
	if (r == -ENOENT)
		return nt_btf_why(&why, EINVAL, "ELF file without a .BTF section");
	*data = btf.data;
	*size = btf.size;
	return r;
}

int nt_btf_memory_fd(const void *data, size_t size)
{
	NT_CLOSE int fd = memfd_create("nettrace-btf", MFD_CLOEXEC);
	const char *p = data;
	int keep;

	if (fd < 0)
		return -errno;
	while (size) {
		ssize_t n = write(fd, p, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		size -= (size_t)n;
	}
	keep = fd;
	fd = -1;
	return keep;
}

int nt_btf_checked_fd(const char *path, struct nt_err *err)
{
	NT_FREE void *data = NULL;
	char why[160];
	size_t size;
	int r = nt_btf_read_file(path, &data, &size, why, sizeof(why));

	if (!r)
		r = nt_btf_validate(data, size, why, sizeof(why));
	if (r < 0)
		return nt_errf(err, NT_EXIT_IMPOSSIBLE, -r,
			       "type information file %s: %s; make one for this kernel with "
			       "'nettrace btf build'",
			       path, why);
	r = nt_btf_memory_fd(data, size);
	if (r < 0)
		return nt_errf(err, NT_EXIT_RUNTIME, -r, "type information file %s: no memory: %s",
			       path, strerror(-r));
	return r;
}
