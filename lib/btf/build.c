// SPDX-License-Identifier: GPL-2.0-or-later
#include "build.h"

#include "btf_elf.h"
#include "cleanup.h"
#include "merge.h"
#include "pahole.h"
#include "validate.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* One run: what is asked for, what has been done. */
struct job {
	const struct nt_btf_build *b;
	struct nt_btf_built *out;
	struct nt_btf_merge merge;
	struct nt_err *err;
	bool dwarf;    /* encode all inputs from DWARF */
	bool own_base; /* vmlinux's types are the kernel's own, modules' rest on them */
};

/* Bytes of BTF and their structure. */
struct input {
	struct nt_btf_blob blob;
	struct nt_btf_raw raw;
};

static void input_done(struct input *in)
{
	nt_btf_raw_done(&in->raw);
	free(in->blob.data);
}

static void end_btf(struct btf **btf)
{
	btf__free(*btf);
}

static void tell(const struct nt_btf_build *b, const char *what, const char *path)
{
	char line[512];

	if (!b->step)
		return;
	snprintf(line, sizeof(line), "%s %s", what, path);
	b->step(b->arg, line);
}

static int encode(const struct job *j, const char *path, struct nt_btf_blob *blob,
		  const struct nt_btf_why *why)
{
	char *version = j->out->pahole;
	int r = 0;

	if (!version[0])
		r = nt_btf_pahole_version(version, sizeof(j->out->pahole), why);
	if (r < 0)
		return r;
	tell(j->b, "encoding DWARF of", path);
	return nt_btf_pahole_encode(path, &blob->data, &blob->size, why);
}

/*
 * Two encoders, or two versions of one, write the same struct differently, and
 * then it is kept twice. So either all inputs are encoded here, or .BTF is used
 * wherever there is one.
 */
static bool all_have_dwarf(const struct nt_btf_build *b)
{
	struct nt_btf_file_kind kind;

	if (!b->n_modules || nt_btf_probe_file(b->vmlinux, &kind, NULL) || !kind.dwarf)
		return false;
	for (size_t i = 0; i < b->n_modules; i++)
		if (nt_btf_probe_file(b->modules[i], &kind, NULL) || !kind.dwarf)
			return false;
	return true;
}

static int read_input(struct job *j, const char *path, bool module, struct nt_btf_blob *blob,
		      const struct nt_btf_why *why)
{
	struct nt_btf_file_kind kind;
	int r = nt_btf_probe_file(path, &kind, why);
	bool usable;

	if (r < 0)
		return r;
	usable = kind.raw || (kind.btf && !kind.distilled);
	if (usable && !j->dwarf) {
		tell(j->b, "reading", path);
		j->own_base |= !module;
		return nt_btf_read_file(path, &blob->data, &blob->size, why->buf, why->len);
	}
	if (kind.dwarf)
		return encode(j, path, blob, why);
	if (kind.distilled)
		return nt_btf_why(why, EINVAL,
				  "its types rest on .BTF.base; give its debug file "
				  "or /sys/kernel/btf/<module>");
	return nt_btf_why(why, EINVAL,
			  "neither DWARF nor .BTF; the file of the kernel's debug "
			  "package is needed");
}

/* Stand-alone BTF is checked at once, split BTF when it is merged. */
static int parse_input(struct input *in, const struct nt_btf_raw *base,
		       const struct nt_btf_why *why)
{
	const struct nt_btf_blob *blob = &in->blob;
	int r = nt_btf_validate(blob->data, blob->size, why->buf, why->len);

	if (!r)
		return nt_btf_raw_parse(blob->data, blob->size, NULL, &in->raw, why);
	if (!base || r != -EINVAL)
		return r;
	if (nt_btf_raw_parse(blob->data, blob->size, base, &in->raw, NULL) < 0 ||
	    !in->raw.strs_len || !in->raw.strs[0])
		return r; /* damaged rather than split: keep the reason */
	return 0;
}

static int add_input(struct job *j, const char *path, struct input *in,
		     const struct nt_btf_raw *base)
{
	char text[200];
	const struct nt_btf_why why = { text, sizeof(text) };
	int r = read_input(j, path, base, &in->blob, &why);

	if (!r)
		r = parse_input(in, j->own_base ? base : NULL, &why);
	if (!r)
		r = nt_btf_merge_add(&j->merge, &in->raw, &why);
	if (r < 0)
		return nt_errf(j->err, NT_EXIT_IMPOSSIBLE, -r, "cannot use %s: %s", path, text);
	return 0;
}

/* All inputs, one behind the other. */
static int merge_inputs(struct job *j, struct nt_btf_blob *joined)
{
	NT_CLEANUP(input_done) struct input vmlinux = { .raw = { .n = 0 } };
	const struct nt_btf_merge *m = &j->merge;
	int r;

	j->dwarf = all_have_dwarf(j->b);
	r = add_input(j, j->b->vmlinux, &vmlinux, NULL);
	for (size_t i = 0; i < j->b->n_modules && !r; i++) {
		NT_CLEANUP(input_done) struct input module = { .raw = { .n = 0 } };

		r = add_input(j, j->b->modules[i], &module, &vmlinux.raw);
	}
	if (r < 0)
		return r;
	r = nt_btf_raw_join(m->types, m->types_len, m->strs, m->strs_len, joined);
	if (r < 0)
		return nt_errf(j->err, NT_EXIT_RUNTIME, -r, "cannot merge types: %s", strerror(-r));
	return 0;
}

/* Check, then let libbpf drop repeated types and unused strings. */
static int dedup(const struct nt_btf_blob *blob, struct btf **out, struct nt_err *err)
{
	char why[200];
	int r = nt_btf_validate(blob->data, blob->size, why, sizeof(why));

	if (r < 0)
		return nt_errf(err, NT_EXIT_IMPOSSIBLE, -r, "the inputs do not fit together: %s",
			       why);
	*out = btf__new(blob->data, (uint32_t)blob->size);
	if (!*out)
		return nt_errf(err, NT_EXIT_RUNTIME, errno, "libbpf refuses the merged types: %s",
			       strerror(errno));
	r = btf__dedup(*out, NULL);
	if (r < 0)
		return nt_errf(err, NT_EXIT_RUNTIME, -r, "cannot deduplicate types: %s",
			       strerror(-r));
	return 0;
}

static int reduce(const struct btf *all, const struct nt_btf_roots *roots, struct btf **out,
		  struct nt_err *err)
{
	struct nt_btf_raw raw = { .n = 0 };
	NT_CLEANUP(nt_btf_reduced_done) struct nt_btf_reduced kept = { .n = 0 };
	char text[200] = "out of memory";
	const struct nt_btf_why why = { text, sizeof(text) };
	uint32_t len = 0;
	void *data = (void *)btf__raw_data(all, &len);
	int r = data ? nt_btf_raw_parse(data, len, NULL, &raw, &why) : -ENOMEM;

	if (!r)
		r = nt_btf_reduce(&raw, roots, &kept);
	nt_btf_raw_done(&raw);
	if (r < 0)
		return nt_errf(err, NT_EXIT_RUNTIME, -r, "cannot reduce types: %s", text);
	return dedup(&kept.blob, out, err);
}

static int write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		p += done;
		n -= (size_t)done;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

/* Under another name first: a reader never sees half a file. */
static int write_file(const char *path, const void *data, size_t size, struct nt_err *err)
{
	NT_FREE char *tmp = NULL;
	NT_CLOSE int fd = -1;
	int r;

	if (asprintf(&tmp, "%s.%ld.new", path, (long)getpid()) < 0) {
		tmp = NULL;
		return nt_errf(err, NT_EXIT_RUNTIME, ENOMEM, "out of memory");
	}
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	r = fd < 0 ? -errno : write_all(fd, data, size);
	if (!r && rename(tmp, path) < 0)
		r = -errno;
	if (r < 0) {
		if (fd >= 0)
			unlink(tmp);
		return nt_errf(err, NT_EXIT_RUNTIME, -r, "cannot write %s: %s", path, strerror(-r));
	}
	return 0;
}

static int finish(const struct job *j, const struct btf *btf)
{
	uint32_t len = 0;
	const void *data = btf__raw_data(btf, &len);
	char why[200] = "out of memory";

	if (!data || nt_btf_validate(data, len, why, sizeof(why)))
		return nt_errf(j->err, NT_EXIT_RUNTIME, EINVAL, "the merged types are damaged: %s",
			       why);
	j->out->types = btf__type_cnt(btf) - 1;
	j->out->bytes = len;
	return write_file(j->b->output, data, len, j->err);
}

int nt_btf_build(const struct nt_btf_build *b, struct nt_btf_built *out, struct nt_err *err)
{
	struct job j = { .b = b, .out = out, .err = err };
	struct nt_btf_blob joined = { NULL, 0 };
	NT_CLEANUP(end_btf) struct btf *all = NULL;
	NT_CLEANUP(end_btf) struct btf *kept = NULL;
	struct stat st;
	int r;

	/* It is replaced, which a device must not be, nor a link to one. */
	if (!lstat(b->output, &st) && !S_ISREG(st.st_mode))
		return nt_errf(err, NT_EXIT_USAGE, EINVAL, "%s: not a regular file; name a new one",
			       b->output);
	memset(out, 0, sizeof(*out));
	r = merge_inputs(&j, &joined);
	nt_btf_merge_done(&j.merge);
	if (r < 0)
		return r;
	tell(b, "merging into", b->output);
	r = dedup(&joined, &all, err);
	free(joined.data);
	if (r < 0)
		return r;
	out->merged_types = btf__type_cnt(all) - 1;
	if (b->roots && b->roots->n) {
		nt_btf_roots_sort(b->roots);
		r = reduce(all, b->roots, &kept, err);
		if (r < 0)
			return r;
	}
	return finish(&j, kept ? kept : all);
}
